//! OCSF 1.8.0: events of the class Detection Finding (2004) with the profile `security_control`, one a line.
//!
//! `time` is when the finding was made, which the caller gives; the behaviour's own times are `start_time` and
//! `end_time`. All times are milliseconds since 1970. Nothing is cut. `metadata.uid` leaves each finding once.
//!
//! | attribute | from |
//! |---|---|
//! | `class_uid` `category_uid` `activity_id` `type_uid`, their names | 2004, 2, 1 (Create), 200401 |
//! | `severity_id`, `severity` | 1 to 5, `Informational` `Low` `Medium` `High` `Critical` |
//! | `status_id`, `is_alert`, `action_id`, `disposition_id` | 1 (New), true, 3 (Observed), 19 (Alert) |
//! | `message`, `remediation.desc` | sentence, next step |
//! | `risk_score`, `count` | score, events |
//! | `metadata` | `uid`: finding id; `event_code`: detector; `tenant_uid`: organisation id |
//! | `finding_info` | `uid`: finding id; `title`, `desc`: title, sentence; first and last event time; exports |
//! | `finding_info.analytic` | type 1 (Rule), `uid`, `name`, `version`: detector, title, detector version |
//! | `attacks`, `finding_info.attacks` | the same: `technique.uid`, and `sub_technique.uid` where there is one |
//! | `evidences[0]` | the subject, if it has an actor or an address: `actor` (user, session, app), `src_endpoint.ip` |
//! | `evidences[…]` | a row each: `file` (export, SHA-256), `uid` (event), `data` `{time, record, offset}` |
//! | `observables` | user name and id, token reference, address: `name` is a path within the event |
//! | `unmapped` | what has no place, as `own.rs` says, without what stands above |

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{
    Emitter, VERSION, address,
    json::{self, Record},
    own, stated, write_line,
};
use crate::{
    finding::{Evidence, Finding, Named, Severity, Subject},
    value::Time,
};

/// The format `ocsf`.
pub struct Ocsf {
    /// When the findings are said to be made.
    pub generated: Time,
}

/// What stands elsewhere in the event.
const MAPPED: [&str; 6] = ["detector_version", "events", "next_step", "app", "session", "token_reference"];

impl Emitter for Ocsf {
    fn name(&self) -> &'static str {
        "ocsf"
    }

    fn file_name(&self) -> &'static str {
        "findings.ocsf.ndjson"
    }

    fn emit(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        write_line(&event(finding, self.generated), out)
    }
}

fn event(finding: &Finding, generated: Time) -> Record {
    let (severity_id, severity) = severity(finding.severity);
    let attacks = attacks(finding);
    let subject = subject_evidence(&finding.subject);
    let observables = subject.as_ref().map(observables).filter(|list| !list.is_empty());
    let evidences: Vec<Record> = subject.into_iter().chain(finding.evidence.iter().map(row_evidence)).collect();
    let mut unmapped = own::fields(finding);
    unmapped.retain(|key, _| !MAPPED.contains(&key.as_str()) && key != "evidence");
    json::record(json!({
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "category_uid": 2,
        "category_name": "Findings",
        "activity_id": 1,
        "activity_name": "Create",
        "type_uid": 200_401,
        "type_name": "Detection Finding: Create",
        "time": millis(generated),
        "start_time": millis(finding.first),
        "end_time": millis(finding.last),
        "count": finding.count,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": 1,
        "status": "New",
        "is_alert": true,
        "action_id": 3,
        "action": "Observed",
        "disposition_id": 19,
        "disposition": "Alert",
        "message": finding.sentence,
        "risk_score": finding.score.total,
        "metadata": metadata(finding),
        "finding_info": finding_info(finding, generated, attacks.as_ref()),
        "attacks": attacks,
        "remediation": stated(Some(&finding.next_step)).map(|step| json!({ "desc": step })),
        "evidences": Some(evidences).filter(|list| !list.is_empty()),
        "observables": observables,
        "unmapped": unmapped,
    }))
}

fn metadata(finding: &Finding) -> Record {
    json::record(json!({
        "version": "1.8.0",
        "profiles": ["security_control"],
        "product": { "name": "tokentrail", "vendor_name": "tokentrail", "version": VERSION },
        "uid": finding.id.to_string(),
        "event_code": finding.detector,
        "tenant_uid": stated(finding.subject.org.as_deref()),
    }))
}

fn finding_info(finding: &Finding, generated: Time, attacks: Option<&Value>) -> Record {
    let mut exports: Vec<&str> = finding.evidence.iter().map(|row| row.export.as_str()).collect();
    exports.sort_unstable();
    exports.dedup();
    json::record(json!({
        "uid": finding.id.to_string(),
        "title": finding.title,
        "desc": finding.sentence,
        "created_time": millis(generated),
        "first_seen_time": millis(finding.first),
        "last_seen_time": millis(finding.last),
        "analytic": {
            "type_id": 1,
            "type": "Rule",
            "uid": finding.detector,
            "name": finding.title,
            "version": finding.detector_version.to_string(),
        },
        "attacks": attacks,
        "data_sources": Some(exports).filter(|list| !list.is_empty()),
    }))
}

fn attacks(finding: &Finding) -> Option<Value> {
    let attack = |id: &&str| match id.split_once('.') {
        Some((technique, _)) => json!({ "technique": { "uid": technique }, "sub_technique": { "uid": id } }),
        None => json!({ "technique": { "uid": id } }),
    };
    (!finding.techniques.is_empty()).then(|| finding.techniques.iter().map(attack).collect())
}

/// Who did it and from where, if anything of that is known: an evidence must have one of these objects.
fn subject_evidence(subject: &Subject) -> Option<Record> {
    let id = |named: &Option<Named>| named.as_ref().and_then(|named| stated(named.id.as_deref())).map(str::to_owned);
    let name =
        |named: &Option<Named>| named.as_ref().and_then(|named| stated(named.name.as_deref())).map(str::to_owned);
    let (session, token) = (stated(subject.session.as_deref()), stated(subject.token.as_deref()));
    let actor = json::known(json!({
        "user": json::known(json!({ "uid": id(&subject.user), "name": name(&subject.user) })),
        "session": json::known(json!({ "uid": session, "credential_uid": token })),
        "app_uid": id(&subject.app),
        "app_name": name(&subject.app),
    }));
    let endpoint = address(subject).map(|ip| json!({ "ip": ip }));
    json::known(json!({ "actor": actor, "src_endpoint": endpoint }))
}

fn row_evidence(row: &Evidence) -> Record {
    json::record(json!({
        "uid": row.event_id,
        "file": {
            "name": row.export.rsplit(['/', '\\']).next(),
            "path": row.export,
            "type_id": 1,
            "type": "Regular File",
            "hashes": [{ "algorithm_id": 3, "algorithm": "SHA-256", "value": row.sha256 }],
        },
        "data": { "time": row.time, "record": row.record, "offset": row.offset },
    }))
}

/// Type, its name, and the path within the subject's evidence.
const OBSERVABLES: [(u8, &str, &str); 4] = [
    (4, "User Name", "actor.user.name"),
    (31, "User uid", "actor.user.uid"),
    (19, "User Credential ID", "actor.session.credential_uid"),
    (2, "IP Address", "src_endpoint.ip"),
];

/// What the subject's evidence, the first of all, says.
fn observables(evidence: &Record) -> Vec<Value> {
    let value = |path: &str| {
        let mut keys = path.split('.');
        let first = evidence.get(keys.next()?)?;
        keys.try_fold(first, |value, key| value.get(key))
    };
    let observable = |(type_id, word, path): &(u8, &str, &str)| {
        let value = value(path)?;
        Some(json!({ "type_id": type_id, "type": word, "name": format!("evidences[0].{path}"), "value": value }))
    };
    OBSERVABLES.iter().filter_map(observable).collect()
}

fn severity(severity: Severity) -> (u8, &'static str) {
    match severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

fn millis(time: Time) -> i64 {
    time.0.div_euclid(1000)
}
