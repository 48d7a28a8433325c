//! Microsoft Sentinel: rows of the table `ASimAlertEventLogs`, schema `AlertEvent` 0.1, as the Logs Ingestion API takes
//! them.
//!
//! `sentinel` writes JSON arrays of at most 1000000 bytes, each the body of one call; `sentinel-ndjson` writes a row
//! per line for everything else. `TimeGenerated` is the time that the caller gives, not the event's: Sentinel replaces
//! one that is older than two days. Tactics are left out (they differ between versions of ATT&CK), and so are aliases
//! such as `AlertDescription`, which Sentinel makes itself.
//!
//! | column | from |
//! |---|---|
//! | `TimeGenerated` | given by the caller |
//! | `EventVendor`, `EventProduct` | `Tokentrail`, our own: Microsoft's list has no entry for it |
//! | `EventSchema`, `EventSchemaVersion`, `EventType` | `AlertEvent`, `0.1`, `Alert` |
//! | `EventSubType`, `AlertStatus` | `Suspicious Activity`, `Active` |
//! | `EventCount` | 1: a row is one alert |
//! | `EventUid` | finding id; `summarize arg_max(TimeGenerated, *) by EventUid` leaves each once |
//! | `EventStartTime`, `EventEndTime` | first and last event time |
//! | `EventSeverity`, `EventOriginalSeverity` | `Informational` `Low` `Medium` `High` (critical too), our word |
//! | `EventMessage` | sentence |
//! | `AlertName`, `RuleName` | title, detector |
//! | `AttackTechniques`, `AttackRemediationSteps` | ATT&CK ids, next step |
//! | `ThreatRiskLevel` | score |
//! | `IndicatorType` | `Application`, else `User`, `Logon Session`, `Ip`: the first that the subject has |
//! | `UserId`, `UserIdType` | Salesforce user id, `Other` (this schema has no word for Salesforce) |
//! | `Username`, `UsernameType` | user name, `UPN` with an `@`, else `Simple` |
//! | `UserScopeId`, `UserSessionId` | organisation id, session |
//! | `DvcIpAddr` | source address, where it is one |
//! | `AdditionalFields` | object: |
//! | `….SrcIpAddr` | source address as the export has it |
//! | `….UserId` `….ConnectedAppId` `….ConnectedAppName` `….OrganizationId` | subject, for joins |
//! | `….TokenReference` `….Assertion` | subject |
//! | `….EventIdentifiers` | identifiers of the events in the evidence |
//! | `….DetectorVersion` `….MatchedEvents` `….ScoreParts` `….Seen` `….JudgedBy` | version, events, score, facts |
//! | `….EvidenceTotal` `….Evidence` | rows in all, list of `{Time, Export, Sha256, Record, Offset, EventIdentifier}` |
//! | `….TruncatedColumns` | columns that were cut; in here, `…_truncated` beside the value |

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{
    Emitter, address,
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
