//! Microsoft Sentinel: rows of the table `ASimAlertEventLogs`, schema `AlertEvent` 0.1, as the Logs Ingestion API takes
//! them.
//!
//! `sentinel` writes JSON arrays of at most 1000000 bytes, each the body of one call; `sentinel-ndjson` writes a row
//! per line for everything else. `TimeGenerated` is the time that the caller gives, not the event's: Sentinel replaces
//! one that is older than two days. Tactics are left out (they differ between versions of ATT&CK), and so are aliases
//! such as `AlertDescription`, which Sentinel makes itself.
//!
//! The columns are [`Sentinel::COLUMNS`], what stands in `AdditionalFields` is [`Sentinel::ADDITIONAL`].

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{
    Emitter, Field,
    Kind::{Address, Object, Text, Texts, Time as Moment, Whole},
    address,
    field::field,
    json::{self, Record},
    stated,
};
use crate::{
    finding::{Evidence, Finding, Severity, Subject},
    value::Time,
};

/// The formats `sentinel` and `sentinel-ndjson`.
pub struct Sentinel {
    generated: Time,
    shape: Shape,
}

enum Shape {
    Arrays,
    Lines,
}

/// A call takes 1 MB, brackets and commas included, compressed or not.
const PART_LIMIT: usize = 1_000_000;
/// A field takes 64 KB; the API would cut the rest without a word.
const FIELD_LIMIT: usize = 64_000;
/// What `AdditionalFields` takes before the names of cut columns are added.
const ADDITIONAL_LIMIT: usize = FIELD_LIMIT - 2_000;
/// What all columns but `AdditionalFields` take, so that a row fits into an array of its own.
const COLUMNS_LIMIT: usize = PART_LIMIT - FIELD_LIMIT - 1_000;

impl Sentinel {
    /// The columns of a row. Absent ones are unknown.
    pub const COLUMNS: &[Field] = &[
        field("TimeGenerated", Moment, "given by the caller"),
        field("EventVendor", Text, "`Tokentrail`, our own: Microsoft's list has no entry for it"),
        field("EventProduct", Text, "`Tokentrail`"),
        field("EventSchema", Text, "`AlertEvent`"),
        field("EventSchemaVersion", Text, "`0.1`"),
        field("EventType", Text, "`Alert`"),
        field("EventSubType", Text, "`Suspicious Activity`"),
        field("AlertStatus", Text, "`Active`"),
        field("EventCount", Whole, "1: a row is one alert"),
        field("EventUid", Text, "finding id; `summarize arg_max(TimeGenerated, *) by EventUid` leaves each once"),
        field("EventStartTime", Moment, "first event"),
        field("EventEndTime", Moment, "last event"),
        field("EventSeverity", Text, "`Informational` `Low` `Medium` `High` (critical too)"),
        field("EventOriginalSeverity", Text, "our word: `info` `low` `medium` `high` `critical`"),
        field("EventMessage", Text, "sentence"),
        field("AlertName", Text, "title"),
        field("RuleName", Text, "detector"),
        field("AttackTechniques", Text, "ATT&CK ids, with commas"),
        field("AttackRemediationSteps", Text, "what to do next"),
        field("ThreatRiskLevel", Whole, "score, 1 to 100"),
        field(
            "IndicatorType",
            Text,
            "`Application`, else `User`, `Logon Session`, `Ip`: the first that the subject has",
        ),
        field("UserId", Text, "Salesforce user id"),
        field("UserIdType", Text, "`Other` (this schema has no word for Salesforce)"),
        field("Username", Text, "user name"),
        field("UsernameType", Text, "`UPN` with an `@`, else `Simple`"),
        field("UserScopeId", Text, "organisation id"),
        field("UserSessionId", Text, "session"),
        field("DvcIpAddr", Address, "source address, where it is one"),
        field("AdditionalFields", Object, "all that the schema has no column for"),
    ];

    /// What stands in `AdditionalFields`; `…_truncated` is `true` beside a value that was cut.
    pub const ADDITIONAL: &[Field] = &[
        field("SrcIpAddr", Text, "source address as the export has it"),
        field("UserId", Text, "subject, for joins"),
        field("ConnectedAppId", Text, "subject, for joins"),
        field("ConnectedAppName", Text, "subject, for joins"),
        field("OrganizationId", Text, "subject, for joins"),
        field("TokenReference", Text, "subject: a hash of the token"),
        field("Assertion", Text, "subject: the JWT assertion's `jti` or claims"),
        field("EventIdentifiers", Texts, "identifiers of the events in the evidence"),
        field("DetectorVersion", Whole, "version of the detector"),
        field("MatchedEvents", Whole, "events that belong to the finding"),
        field("ScoreParts", Object, "list of `Reason`, `Points`"),
        field("Seen", Object, "what was seen, by name"),
        field("JudgedBy", Object, "numbers and limits it was judged by, by name"),
        field("EvidenceTotal", Whole, "rows behind it, in all"),
        field(
            "Evidence",
            Object,
            "list of `Time`, `Export`, `Sha256`, `Record`, `Offset`, `EventIdentifier`: the first rows",
        ),
        field("TruncatedColumns", Texts, "columns that were cut"),
    ];

    /// JSON arrays, each the body of one call; `generated` becomes `TimeGenerated`.
    pub fn arrays(generated: Time) -> Self {
        Self { generated, shape: Shape::Arrays }
    }

    /// A row per line; `generated` becomes `TimeGenerated`.
    pub fn lines(generated: Time) -> Self {
        Self { generated, shape: Shape::Lines }
    }
}

impl Emitter for Sentinel {
    fn name(&self) -> &'static str {
        match self.shape {
            Shape::Arrays => "sentinel",
            Shape::Lines => "sentinel-ndjson",
        }
    }

    fn file_name(&self) -> &'static str {
        match self.shape {
            Shape::Arrays => "findings.sentinel.json",
            Shape::Lines => "findings.sentinel.ndjson",
        }
    }

    fn part_limit(&self) -> Option<usize> {
        match self.shape {
            Shape::Arrays => Some(PART_LIMIT),
            Shape::Lines => None,
        }
    }

    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.shape {
            Shape::Arrays => out.write_all(b"[\n"),
            Shape::Lines => Ok(()),
        }
    }

    fn emit(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        json::write(&row(finding, self.generated)?, out)?;
        match self.shape {
            Shape::Arrays => Ok(()),
            Shape::Lines => out.write_all(b"\n"),
        }
    }

    fn between(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.shape {
            Shape::Arrays => out.write_all(b",\n"),
            Shape::Lines => Ok(()),
        }
    }

    fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.shape {
            Shape::Arrays => out.write_all(b"\n]\n"),
            Shape::Lines => Ok(()),
        }
    }
}

/// A row within the limits: columns and additional fields cut where they are too long, and marked.
fn row(finding: &Finding, generated: Time) -> io::Result<Record> {
    let mut additional = additional_fields(finding);
    json::fit(&mut additional, ADDITIONAL_LIMIT)?;
    let mut row = columns(finding, generated);
    let mut cut_at = FIELD_LIMIT;
    let mut cut_columns = json::cut(&mut row, cut_at);
    while json::bytes(&row)?.len() > COLUMNS_LIMIT {
        cut_at /= 2;
        cut_columns.extend(json::cut(&mut row, cut_at));
    }
    if !cut_columns.is_empty() {
        cut_columns.sort();
        cut_columns.dedup();
        additional.insert("TruncatedColumns".to_owned(), json!(cut_columns));
    }
    row.insert("AdditionalFields".to_owned(), Value::Object(additional));
    Ok(row)
}

fn columns(finding: &Finding, generated: Time) -> Record {
    let subject = &finding.subject;
    let user_id = subject.user.as_ref().and_then(|user| stated(user.id.as_deref()));
    let username = subject.user.as_ref().and_then(|user| stated(user.name.as_deref()));
    json::record(json!({
        "TimeGenerated": generated,
        "EventVendor": "Tokentrail",
        "EventProduct": "Tokentrail",
        "EventSchema": "AlertEvent",
        "EventSchemaVersion": "0.1",
        "EventType": "Alert",
        "EventSubType": "Suspicious Activity",
        "AlertStatus": "Active",
        "EventCount": 1,
        "EventUid": finding.id.to_string(),
        "EventStartTime": finding.first,
        "EventEndTime": finding.last,
        "EventSeverity": severity(finding.severity),
        "EventOriginalSeverity": finding.severity.word(),
        "EventMessage": finding.sentence,
        "AlertName": finding.title,
        "RuleName": finding.detector,
        "AttackTechniques": stated(Some(&finding.techniques.join(", "))),
        "AttackRemediationSteps": stated(Some(&finding.next_step)),
        "ThreatRiskLevel": finding.score.total,
        "IndicatorType": indicator_type(subject),
        "UserId": user_id,
        "UserIdType": user_id.map(|_| "Other"),
        "Username": username,
        "UsernameType": username.map(|name| if name.contains('@') { "UPN" } else { "Simple" }),
        "UserScopeId": stated(subject.org.as_deref()),
        "UserSessionId": stated(subject.session.as_deref()),
        "DvcIpAddr": address(subject),
    }))
}

fn additional_fields(finding: &Finding) -> Record {
    let subject = &finding.subject;
    let event_ids: Vec<_> = finding.evidence.iter().filter_map(|row| row.event_id.as_deref()).collect();
    json::record(json!({
        "SrcIpAddr": subject.address,
        "UserId": subject.user.as_ref().and_then(|user| user.id.as_deref()),
        "ConnectedAppId": subject.app.as_ref().and_then(|app| app.id.as_deref()),
        "ConnectedAppName": subject.app.as_ref().and_then(|app| app.name.as_deref()),
        "OrganizationId": subject.org,
        "TokenReference": subject.token,
        "Assertion": subject.assertion,
        "EventIdentifiers": event_ids,
        "DetectorVersion": finding.detector_version,
        "MatchedEvents": finding.count,
        "ScoreParts": finding.score.parts.iter()
            .map(|part| json!({ "Reason": part.reason, "Points": part.points }))
            .collect::<Vec<_>>(),
        "Seen": json::facts(&finding.seen),
        "JudgedBy": json::facts(&finding.judged_by),
        "EvidenceTotal": finding.evidence_total,
        "Evidence": finding.evidence.iter().map(evidence).collect::<Vec<_>>(),
    }))
}

fn evidence(row: &Evidence) -> Record {
    json::record(json!({
        "Time": row.time,
        "Export": row.export,
        "Sha256": row.sha256,
        "Record": row.record,
        "Offset": row.offset,
        "EventIdentifier": row.event_id,
    }))
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "Informational",
        Severity::Low => "Low",
        Severity::Medium => "Medium",
        Severity::High | Severity::Critical => "High",
    }
}

fn indicator_type(subject: &Subject) -> Option<&'static str> {
    [
        (subject.app.is_some(), "Application"),
        (subject.user.is_some(), "User"),
        (subject.session.is_some(), "Logon Session"),
        (subject.address.is_some(), "Ip"),
    ]
    .into_iter()
    .find_map(|(is_known, word)| is_known.then_some(word))
}
