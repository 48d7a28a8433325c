//! Datadog: JSON arrays of logs as its API `/api/v2/logs` takes them, at most 4250000 bytes and 1000 logs each.
//!
//! Datadog takes 5 MB and 1 MB a log, and no log older than 18 hours. So no log says its own time: it is dated when it
//! arrives, and the behaviour's times are `tokentrail.first` and `tokentrail.last`. Datadog does not drop a log that
//! comes twice: group by `@finding_id`.
//!
//! | attribute | from |
//! |---|---|
//! | `message` | sentence |
//! | `status` | `info` `notice` `warning` `error` `critical`, from info to critical |
//! | `ddsource`, `service` | `tokentrail` |
//! | `ddtags` | `detector:<detector>,severity:<our word>` |
//! | `finding_id`, `title`, `score`, `techniques` | the same |
//! | `evt.name` | detector |
//! | `usr.id`, `usr.name`, `network.client.ip`, `organization.id` | subject, absent if unknown |
//! | `tokentrail` | `first`, `last`, and everything else as `own.rs` says |
//! | `…_truncated` | `true` beside a value that was cut to keep the log within 990000 bytes |

use std::io::{self, Write};

use serde_json::json;

use super::{
    Emitter, address,
    json::{self, Record},
    own, stated,
};
use crate::finding::{Finding, Severity};

/// The format `datadog`.
pub struct Datadog;

/// A call takes 5 MB before compression.
const PART_LIMIT: usize = 4_250_000;
/// A call takes so many logs.
const PART_RECORDS: usize = 1000;
/// A log takes 1 MB; Datadog would cut the rest without a word.
const LOG_LIMIT: usize = 990_000;

impl Emitter for Datadog {
    fn name(&self) -> &'static str {
        "datadog"
    }

    fn file_name(&self) -> &'static str {
        "findings.datadog.json"
    }

    fn part_limit(&self) -> Option<usize> {
        Some(PART_LIMIT)
    }

    fn part_records(&self) -> Option<usize> {
        Some(PART_RECORDS)
    }

    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"[\n")
    }

    fn emit(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let mut log = log(finding);
        json::fit(&mut log, LOG_LIMIT)?;
        json::write(&log, out)
    }

    fn between(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b",\n")
    }

    fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n]\n")
    }
}

fn log(finding: &Finding) -> Record {
    let subject = &finding.subject;
    let user_id = subject.user.as_ref().and_then(|user| stated(user.id.as_deref()));
    let user_name = subject.user.as_ref().and_then(|user| stated(user.name.as_deref()));
    let mut own = own::fields(finding);
    own.insert("first".to_owned(), json!(finding.first));
    own.insert("last".to_owned(), json!(finding.last));
    json::record(json!({
        "message": finding.sentence,
        "status": status(finding.severity),
        "ddsource": "tokentrail",
        "service": "tokentrail",
        "ddtags": format!("detector:{},severity:{}", finding.detector, finding.severity.word()),
        "finding_id": finding.id.to_string(),
        "title": finding.title,
        "score": finding.score.total,
        "techniques": finding.techniques,
        "evt": { "name": finding.detector },
        "usr": json::known(json!({ "id": user_id, "name": user_name })),
        "network": address(subject).map(|ip| json!({ "client": { "ip": ip } })),
        "organization": stated(subject.org.as_deref()).map(|org| json!({ "id": org })),
        "tokentrail": own,
    }))
}

fn status(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Low => "notice",
        Severity::Medium => "warning",
        Severity::High => "error",
        Severity::Critical => "critical",
    }
}
