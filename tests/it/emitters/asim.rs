//! Sentinel's rows against the columns, types, and words of the ASIM schema `AlertEvent` 0.1, written down here a
//! second time, apart from the emitter.

use std::net::IpAddr;

use serde_json::Value;

use super::{GENERATED, by_name, findings, records};

/// What a column holds.
enum Kind {
    Text,
    Word(&'static [&'static str]),
    Address,
    Time,
    Whole(i64, i64),
    Dynamic,
}
use Kind::{Address, Dynamic, Text, Time, Whole, Word};

/// Column, whether it must be there, what it holds.
const COLUMNS: &[(&str, bool, Kind)] = &[
    ("TimeGenerated", true, Time),
    ("EventCount", true, Whole(1, 1)),
    ("EventStartTime", true, Time),
    ("EventEndTime", true, Time),
    ("EventType", true, Word(&["Alert"])),
    ("EventUid", true, Text),
    ("EventProduct", true, Text),
    ("EventVendor", true, Text),
    ("EventSchema", true, Word(&["AlertEvent"])),
    ("EventSchemaVersion", true, Word(&["0.1"])),
    ("EventSubType", false, Word(&["Threat", "Suspicious Activity", "Anomaly", "Compliance Violation"])),
    ("EventSeverity", true, Word(&["Informational", "Low", "Medium", "High"])),
    ("EventOriginalSeverity", true, Word(&["info", "low", "medium", "high", "critical"])),
    ("EventMessage", true, Text),
    ("AlertName", true, Text),
    ("AlertStatus", false, Word(&["Active", "Closed"])),
    ("RuleName", true, Text),
    ("AttackTechniques", false, Text),
    ("AttackRemediationSteps", false, Text),
    ("ThreatRiskLevel", false, Whole(0, 100)),
    (
        "IndicatorType",
        false,
        Word(&[
            "Ip",
            "User",
            "Process",
            "Registry",
            "Url",
            "Host",
            "Cloud Resource",
            "Application",
            "File",
            "Email",
            "Mailbox",
            "Logon Session",
        ]),
    ),
    ("UserId", false, Text),
    ("UserIdType", false, Word(&["GUID", "SID", "Email", "Username", "Phone", "Other"])),
    ("Username", false, Text),
    ("UsernameType", false, Word(&["UPN", "Windows", "DN", "Simple", "AWSId"])),
    ("UserScopeId", false, Text),
    ("UserSessionId", false, Text),
    ("DvcIpAddr", false, Address),
    ("AdditionalFields", true, Dynamic),
];
const RESERVED: [&str; 7] = ["_ResourceId", "id", "_SubscriptionId", "TenantId", "Type", "UniqueId", "Title"];
const ALIASES: [&str; 6] = ["AlertId", "AlertDescription", "Hostname", "IpAddr", "User", "Rule"];

#[test]
fn rows_have_the_schemas_columns_types_and_words() {
    for row in rows() {
        for (key, value) in row.as_object().unwrap() {
            let (_, _, kind) =
                COLUMNS.iter().find(|(column, ..)| column == key).unwrap_or_else(|| panic!("no such column: {key}"));
            assert!(fits(value, kind), "{key}: {value}");
        }
    }
}

#[test]
fn mandatory_columns_are_always_there() {
    for row in rows() {
        for (column, ..) in COLUMNS.iter().filter(|(_, is_mandatory, _)| *is_mandatory) {
            assert!(row.get(column).is_some(), "{column}: {row}");
        }
        assert_eq!(row.get("UserId").is_some(), row.get("UserIdType").is_some());
        assert_eq!(row.get("Username").is_some(), row.get("UsernameType").is_some());
    }
}

#[test]
fn no_column_has_a_reserved_name_or_is_an_alias() {
    for row in rows() {
        for key in row.as_object().unwrap().keys() {
            assert!(!RESERVED.contains(&key.as_str()) && !ALIASES.contains(&key.as_str()), "{key}");
            assert!(key.len() <= 45 && key.starts_with(|c: char| c.is_ascii_alphabetic()), "{key}");
            assert!(key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{key}");
        }
    }
}

#[test]
fn every_column_of_the_table_is_used_by_some_row() {
    let rows = rows();
    for (column, ..) in COLUMNS {
        assert!(rows.iter().any(|row| row.get(column).is_some()), "{column}");
    }
}

#[test]
fn a_row_is_dated_by_the_caller_and_its_events_keep_their_times() {
    for (row, finding) in rows().iter().zip(findings()) {
        assert_eq!(row["TimeGenerated"], GENERATED.to_string());
        assert_eq!(row["EventStartTime"], finding.first.to_string());
        assert_eq!(row["EventEndTime"], finding.last.to_string());
    }
}

#[test]
fn rows_can_be_joined_with_the_tables_of_the_exports() {
    let additional = rows().swap_remove(0)["AdditionalFields"].take();
    assert_eq!(additional["UserId"], "0055e000001UserAAA");
    assert_eq!(additional["ConnectedAppId"], "0H45e000000AppXCAW");
    assert_eq!(additional["SrcIpAddr"], "203.0.113.7");
    assert_eq!(additional["EventIdentifiers"], serde_json::json!(["e1f0a2b4-0001"]));
    assert_eq!(additional["Evidence"][1]["Record"], 902);
    assert_eq!(additional["MatchedEvents"], 412);
}

#[test]
fn both_shapes_hold_the_same_rows() {
    assert_eq!(rows(), records(by_name("sentinel-ndjson").as_ref(), &findings()));
}

fn rows() -> Vec<Value> {
    records(by_name("sentinel").as_ref(), &findings())
}

fn fits(value: &Value, kind: &Kind) -> bool {
    match kind {
        Text => value.is_string(),
        Word(words) => value.as_str().is_some_and(|text| words.contains(&text)),
        Address => value.as_str().is_some_and(|text| text.parse::<IpAddr>().is_ok()),
        Time => value.as_str().is_some_and(is_time),
        Whole(least, most) => value.as_i64().is_some_and(|number| (*least..=*most).contains(&number)),
        Dynamic => value.is_object(),
    }
}

fn is_time(text: &str) -> bool {
    tokentrail::value::Time::parse(text.as_bytes(), None).is_ok() && text.ends_with('Z')
}
