//! Splunk: events of the CIM 8.5 data model Alerts with risk fields, for the HTTP Event Collector or for a file.
//!
//! `splunk` writes the collector's envelopes, one per line; `splunk-file` writes the events alone with a leading
//! `time`, for a monitored file. Fields that CIM wants stand at the top of the event, so `KV_MODE = json` is enough,
//! and they stand first, since Splunk extracts fields only from the beginning of a very long event.
//!
//! | envelope | from |
//! |---|---|
//! | `time` | last event time, seconds since 1970 as a plain decimal |
//! | `host` | organisation id, else `salesforce` |
//! | `source`, `sourcetype` | `tokentrail:<detector>`, `tokentrail:finding` |
//! | `fields` | indexed: `finding_id`, `mitre_technique_id` |
//!
//! | event | from |
//! |---|---|
//! | `id` | finding id |
//! | `type` | `alert` |
//! | `severity`, `severity_id`, `vendor_severity` | CIM's word (info is `informational`), 1 to 5, our word |
//! | `signature`, `signature_id` | title, detector |
//! | `description` | sentence |
//! | `app` | name of the connected app, else its id, else `unknown` |
//! | `user` | name of the user, else the id, else `unknown` |
//! | `src` | source address, else `unknown` |
//! | `dest` | organisation id, else `unknown` |
//! | `vendor_product`, `vendor_account` | `tokentrail`, organisation id |
//! | `mitre_technique_id`, `annotations.mitre_attack` | lists of ATT&CK ids |
//! | `risk_object`, `risk_object_type` | the first known of user (`user`), app, session, token, assertion (`other`), |
//! | | address (`system`), organisation (`other`) |
//! | `risk_score`, `risk_message` | score, sentence |
//! | `threat_object`, `threat_object_type` | address (`ip_address`) where it is one, else app (`service`) |
//! | `app_id` `app_name` `user_id` `user_name` | subject, absent if unknown |
//! | `session_id` `token_reference` `assertion` | subject, absent if unknown |
//! | `detector_version`, `start_time`, `end_time`, `event_count` | version, first and last event time, events |
//! | `next_step` | what to do next |
//! | `seen`, `judged_by` | facts by name, `_` for blanks |
//! | `score_parts` | list of `{reason, points}` |
//! | `evidence_total`, `evidence` | rows in all, list of `{time, export, sha256, record, offset, event_id}` |
//! | `…_truncated` | `true` beside a value that was cut to keep the event within 898000 bytes |

use std::io::{self, Write};

use serde_json::json;

use super::{
    Emitter, address,
    json::{self, Record},
    label, stated,
    text::head,
};
use crate::{
    finding::{Finding, Severity, Subject},
    value::{Time, time::SECOND},
};

/// The formats `splunk` and `splunk-file`.
pub enum Splunk {
    /// Envelopes of the HTTP Event Collector.
    Collector,
    /// Events for a monitored file.
    File,
}

/// Splunk Cloud takes 1 MB per request. With its envelope, whose texts are all short, a line stays within 900 kB.
const EVENT_LIMIT: usize = 898_000;
/// A real organisation id takes 18 bytes; the whole text is in `vendor_account`.
const HOST_LIMIT: usize = 64;
/// CIM's word for a required field without a value.
const UNKNOWN: &str = "unknown";

impl Emitter for Splunk {
    fn name(&self) -> &'static str {
        match self {
            Self::Collector => "splunk",
            Self::File => "splunk-file",
        }
    }

    fn file_name(&self) -> &'static str {
        match self {
            Self::Collector => "findings.splunk.ndjson",
            Self::File => "findings.splunk-file.ndjson",
        }
    }

    fn emit(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let mut event = event(finding);
        json::fit(&mut event, EVENT_LIMIT)?;
        let record = match self {
            Self::Collector => envelope(finding, &event),
            Self::File => event,
        };
        let record = json::bytes(&record)?;
        write!(out, "{{\"time\":{},", seconds(finding.last))?;
        out.write_all(&record[1..])?;
        out.write_all(b"\n")
    }
}

fn envelope(finding: &Finding, event: &Record) -> Record {
    let host = stated(finding.subject.org.as_deref()).unwrap_or("salesforce");
    let mut fields = json!({ "finding_id": finding.id.to_string() });
    if !finding.techniques.is_empty() {
        fields["mitre_technique_id"] = json!(finding.techniques);
    }
    json::record(json!({
        "host": head(host, HOST_LIMIT),
        "source": format!("tokentrail:{}", finding.detector),
        "sourcetype": "tokentrail:finding",
        "event": event,
        "fields": fields,
    }))
}

fn event(finding: &Finding) -> Record {
    let subject = &finding.subject;
    let (risk_object, risk_object_type) = risk_object(subject).unzip();
    let (threat_object, threat_object_type) = threat_object(subject).unzip();
    let (severity, severity_id) = severity(finding.severity);
    json::record(json!({
        "id": finding.id.to_string(),
        "type": "alert",
        "severity": severity,
        "severity_id": severity_id,
        "vendor_severity": finding.severity.word(),
        "signature": finding.title,
        "signature_id": finding.detector,
        "description": finding.sentence,
        "app": label(subject.app.as_ref()).unwrap_or(UNKNOWN),
        "user": label(subject.user.as_ref()).unwrap_or(UNKNOWN),
        "src": stated(subject.address.as_deref()).unwrap_or(UNKNOWN),
        "dest": stated(subject.org.as_deref()).unwrap_or(UNKNOWN),
        "vendor_product": "tokentrail",
        "vendor_account": subject.org,
        "mitre_technique_id": finding.techniques,
        "annotations": { "mitre_attack": finding.techniques },
        "risk_object": risk_object,
        "risk_object_type": risk_object_type,
        "risk_score": finding.score.total,
        "risk_message": finding.sentence,
        "threat_object": threat_object,
        "threat_object_type": threat_object_type,
        "app_id": subject.app.as_ref().and_then(|app| app.id.as_deref()),
        "app_name": subject.app.as_ref().and_then(|app| app.name.as_deref()),
        "user_id": subject.user.as_ref().and_then(|user| user.id.as_deref()),
        "user_name": subject.user.as_ref().and_then(|user| user.name.as_deref()),
        "session_id": subject.session,
        "token_reference": subject.token,
        "assertion": subject.assertion,
        "detector_version": finding.detector_version,
        "start_time": finding.first,
        "end_time": finding.last,
        "event_count": finding.count,
        "next_step": finding.next_step,
        "seen": json::facts(&finding.seen),
        "judged_by": json::facts(&finding.judged_by),
        "score_parts": finding.score.parts,
        "evidence_total": finding.evidence_total,
        "evidence": finding.evidence,
    }))
}

/// Whom Splunk's risk-based alerting adds the score to.
fn risk_object(subject: &Subject) -> Option<(&str, &'static str)> {
    label(subject.user.as_ref())
        .map(|user| (user, "user"))
        .or(label(subject.app.as_ref()).map(|app| (app, "other")))
        .or(stated(subject.session.as_deref()).map(|session| (session, "other")))
        .or(stated(subject.token.as_deref()).map(|token| (token, "other")))
        .or(stated(subject.assertion.as_deref()).map(|assertion| (assertion, "other")))
        .or(stated(subject.address.as_deref()).map(|address| (address, "system")))
        .or(stated(subject.org.as_deref()).map(|org| (org, "other")))
}

/// What the score is because of.
fn threat_object(subject: &Subject) -> Option<(&str, &'static str)> {
    address(subject).map(|address| (address, "ip_address")).or(label(subject.app.as_ref()).map(|app| (app, "service")))
}

fn severity(severity: Severity) -> (&'static str, u8) {
    match severity {
        Severity::Info => ("informational", 1),
        Severity::Low => ("low", 2),
        Severity::Medium => ("medium", 3),
        Severity::High => ("high", 4),
        Severity::Critical => ("critical", 5),
    }
}

/// Seconds since 1970 with milliseconds, or with microseconds where there are any; never an exponent, which Splunk
/// refuses.
fn seconds(time: Time) -> String {
    let sign = if time.0 < 0 { "-" } else { "" };
    let second = SECOND.unsigned_abs();
    let (whole, micros) = (time.0.unsigned_abs() / second, time.0.unsigned_abs() % second);
    if micros % 1000 == 0 {
        format!("{sign}{whole}.{:03}", micros / 1000)
    } else {
        format!("{sign}{whole}.{micros:06}")
    }
}
