//! Elastic Common Schema 9.5, as Elasticsearch's and `OpenSearch`'s `_bulk` takes it: two lines a finding, what to do and
//! the document. `create` with the finding's id makes sending it again harmless: 409 means that it is there.
//!
//! | field | from |
//! |---|---|
//! | action | `{"create":{"_index":"logs-tokentrail.finding-default","_id":<finding id>}}` |
//! | `@timestamp`, `event.start`, `event.end` | last, first and last event time |
//! | `event.created` | when the finding was made, given by the caller |
//! | `event.kind`, `event.category`, `event.type` | `alert`, `intrusion_detection`, `info` |
//! | `event.id`, `event.code`, `event.reason`, `message` | finding id, detector, sentence twice |
//! | `event.severity` | 1, 21, 47, 73, 99, from info to critical |
//! | `event.risk_score`, `event.risk_score_norm` | score |
//! | `rule.id`, `rule.name`, `rule.version` | detector, title, detector version |
//! | `threat.technique.id`, `threat.technique.subtechnique.id` | ATT&CK ids |
//! | `user.id`, `user.name`, `source.ip`, `organization.id` | subject, absent if unknown |
//! | `source.address` | source address as the export has it |
//! | `related.user`, `related.ip` | user's name and id, source address |
//! | `observer`, `data_stream`, `event.dataset`, `event.module`, `event.provider` | who we are |
//! | `tokentrail` | everything else, as `own.rs` says |

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{
    Emitter, VERSION, address,
    json::{self, Record},
    own, stated, write_line,
};
use crate::{
    finding::{Finding, Severity},
    value::Time,
};

/// The format `ecs`.
pub struct Ecs {
    /// When the findings are said to be made.
    pub generated: Time,
}

impl Emitter for Ecs {
    fn name(&self) -> &'static str {
        "ecs"
    }

    fn file_name(&self) -> &'static str {
        "findings.ecs.ndjson"
    }

    fn emit(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let action = json!({ "_index": "logs-tokentrail.finding-default", "_id": finding.id.to_string() });
        write_line(&json!({ "create": action }), out)?;
        write_line(&document(finding, self.generated), out)
    }
}

fn document(finding: &Finding, generated: Time) -> Record {
    let subject = &finding.subject;
    let user_id = subject.user.as_ref().and_then(|user| stated(user.id.as_deref()));
    let user_name = subject.user.as_ref().and_then(|user| stated(user.name.as_deref()));
    let address_text = stated(subject.address.as_deref());
    let users: Vec<&str> = user_name.into_iter().chain(user_id).collect();
    let mut own = own::fields(finding);
    own.retain(|key, _| !["source", "detector_version"].contains(&key.as_str()));
    json::record(json!({
        "@timestamp": finding.last,
        "ecs": { "version": "9.5.0" },
        "data_stream": { "type": "logs", "dataset": "tokentrail.finding", "namespace": "default" },
        "message": finding.sentence,
        "event": event(finding, generated),
        "rule": {
            "id": finding.detector,
            "name": finding.title,
            "version": finding.detector_version.to_string(),
            "ruleset": "tokentrail",
        },
        "threat": threat(finding.techniques),
        "user": json::known(json!({ "id": user_id, "name": user_name })),
        "source": json::known(json!({ "address": address_text, "ip": address(subject) })),
        "related": json::known(json!({
            "user": Some(users).filter(|list| !list.is_empty()),
            "ip": address(subject).map(|ip| [ip]),
        })),
        "organization": stated(subject.org.as_deref()).map(|org| json!({ "id": org })),
        "observer": { "vendor": "tokentrail", "product": "tokentrail", "version": VERSION, "type": "log-analysis" },
        "tokentrail": own,
    }))
}

fn event(finding: &Finding, generated: Time) -> Value {
    json!({
        "kind": "alert",
        "category": ["intrusion_detection"],
        "type": ["info"],
        "id": finding.id.to_string(),
        "code": finding.detector,
        "reason": finding.sentence,
        "severity": severity(finding.severity),
        "risk_score": finding.score.total,
        "risk_score_norm": finding.score.total,
        "start": finding.first,
        "end": finding.last,
        "created": generated,
        "dataset": "tokentrail.finding",
        "module": "tokentrail",
        "provider": "tokentrail",
    })
}

/// ATT&CK ids: a technique's own, and those of subtechniques with the technique that each belongs to.
fn threat(ids: &[&str]) -> Option<Value> {
    let mut techniques: Vec<&str> = ids.iter().map(|id| id.split('.').next().unwrap_or(id)).collect();
    techniques.dedup();
    let subtechniques: Vec<&str> = ids.iter().copied().filter(|id| id.contains('.')).collect();
    let subtechnique = (!subtechniques.is_empty()).then(|| json!({ "id": subtechniques }));
    let technique = json::record(json!({ "id": techniques, "subtechnique": subtechnique }));
    (!ids.is_empty()).then(|| json!({ "framework": "MITRE ATT&CK", "technique": technique }))
}

/// The numbers that Elastic's own rules use.
fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 1,
        Severity::Low => 21,
        Severity::Medium => 47,
        Severity::High => 73,
        Severity::Critical => 99,
    }
}
