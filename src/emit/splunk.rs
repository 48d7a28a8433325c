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
//! The event's fields are [`Splunk::FIELDS`]; `…_truncated` is `true` beside a value that was cut to keep the event within
//! 898000 bytes.

use std::io::{self, Write};

use serde_json::json;

use super::{
    Emitter, Field,
    Kind::{Object, Text, Texts, Time as Moment, Whole},
    address,
    field::field,
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

impl Splunk {
    /// The fields of an event, in the order in which they stand in it. Absent ones are unknown.
    pub const FIELDS: &[Field] = &[
        field("id", Text, "finding id, the same in every run that sees its rows"),
        field("type", Text, "`alert`"),
        field("severity", Text, "CIM's word (info is `informational`)"),
        field("severity_id", Whole, "1 to 5"),
        field("vendor_severity", Text, "our word: `info` `low` `medium` `high` `critical`"),
        field("signature", Text, "title"),
        field("signature_id", Text, "detector"),
        field("description", Text, "sentence"),
        field("app", Text, "name of the connected app, else its id, else `unknown`"),
        field("user", Text, "name of the user, else the id, else `unknown`"),
        field("src", Text, "source address, else `unknown`"),
        field("dest", Text, "organisation id, else `unknown`"),
        field("vendor_product", Text, "`tokentrail`"),
        field("vendor_account", Text, "organisation id"),
        field("mitre_technique_id", Texts, "ATT&CK ids"),
        field("annotations", Object, "`mitre_attack`: the same ids, where risk-based alerting looks for them"),
        field("risk_object", Text, "the first known of user, app, session, token, assertion, address, organisation"),
        field("risk_object_type", Text, "`user` for a user, `system` for an address, else `other`"),
        field("risk_score", Whole, "score, 1 to 100"),
        field("risk_message", Text, "sentence"),
        field("threat_object", Text, "address where it is one, else app"),
        field("threat_object_type", Text, "`ip_address` or `service`"),
        field("app_id", Text, "subject"),
        field("app_name", Text, "subject"),
        field("user_id", Text, "subject"),
        field("user_name", Text, "subject"),
        field("session_id", Text, "subject"),
        field("token_reference", Text, "subject: a hash of the token"),
        field("assertion", Text, "subject: the JWT assertion's `jti` or claims"),
        field("detector_version", Whole, "version of the detector"),
        field("start_time", Moment, "first event"),
        field("end_time", Moment, "last event"),
        field("event_count", Whole, "events that belong to the finding"),
        field("next_step", Text, "what to do next"),
        field("seen", Object, "what was seen, by name, `_` for blanks"),
        field("judged_by", Object, "numbers and limits it was judged by, by name"),
        field("score_parts", Object, "list of `reason`, `points`"),
        field("evidence_total", Whole, "rows behind it, in all"),
        field("evidence", Object, "list of `time`, `export`, `sha256`, `record`, `offset`, `event_id`: the first rows"),
    ];
}

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
pub(crate) fn seconds(time: Time) -> String {
    let sign = if time.0 < 0 { "-" } else { "" };
    let second = SECOND.unsigned_abs();
    let (whole, micros) = (time.0.unsigned_abs() / second, time.0.unsigned_abs() % second);
    if micros % 1000 == 0 {
        format!("{sign}{whole}.{:03}", micros / 1000)
    } else {
        format!("{sign}{whole}.{micros:06}")
    }
}
