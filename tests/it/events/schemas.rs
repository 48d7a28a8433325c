//! Events of the sample against what CIM 8.5, ASIM and OCSF ask of them, written down here a second time.

use serde_json::Value;
use tokentrail::convert::Tables;
use tokentrail::events::Format;
use tokentrail::value::Time;

use super::{read, records, sample};

/// Sourcetype, the fields that its model requires.
const CIM: [(&str, &[&str]); 4] = [
    ("tokentrail:login", &["action", "app", "dest", "src", "user"]),
    (
        "tokentrail:api",
        &[
            "action",
            "app",
            "object",
            "object_attrs",
            "object_category",
            "object_id",
            "object_size",
            "dest",
            "src",
            "user_name",
            "user",
            "vendor_account",
            "vendor_product",
        ],
    ),
    ("tokentrail:change", CHANGE),
    ("tokentrail:oauth", CHANGE),
];
const CHANGE: &[&str] = &[
    "action",
    "change_type",
    "command",
    "dest",
    "dvc",
    "object",
    "object_attrs",
    "object_category",
    "object_id",
    "src",
    "status",
    "user",
    "vendor_product",
];
/// What `action` may be.
const ACTIONS: [(&str, &[&str]); 4] = [
    ("tokentrail:login", &["success", "failure", "pending", "error"]),
    ("tokentrail:api", &["accepted", "created", "deleted", "downloaded", "modified", "read"]),
    ("tokentrail:change", &["created", "deleted", "modified"]),
    ("tokentrail:oauth", &["created"]),
];
const TAKEN: [&str; 7] = ["tag", "host", "source", "sourcetype", "index", "eventtype", "splunk_server"];
const TAKEN_ENDINGS: [&str; 3] = ["_bunit", "_priority", "_category"];

const ASIM: [&str; 11] = [
    "TimeGenerated",
    "Dvc",
    "EventCount",
    "EventStartTime",
    "EventEndTime",
    "EventProduct",
    "EventResult",
    "EventSchema",
    "EventSchemaVersion",
    "EventType",
    "EventVendor",
];
const WORDS: [(&str, &[&str]); 10] = [
    ("EventVendor", &["Salesforce"]),
    ("EventProduct", &["Service Cloud"]),
    ("EventResult", &["Success", "Partial", "Failure", "NA"]),
    ("EventSeverity", &["Informational"]),
    ("DvcAction", &["Allowed", "Blocked"]),
    (
        "EventResultDetails",
        &[
            "No such user or password",
            "No such user",
            "Incorrect password",
            "Incorrect key",
            "Account expired",
            "Password expired",
            "User locked",
            "User disabled",
            "Logon violates policy",
            "Session expired",
            "Other",
        ],
    ),
    (
        "LogonMethod",
        &[
            "Managed Identity",
            "Service Principal",
            "Username & Password",
            "Multi factor authentication",
            "Passwordless",
            "PKI",
            "PAM",
            "Other",
        ],
    ),
    ("LogonProtocol", &["OAuth", "SAML", "Basic Auth"]),
    ("TargetUserIdType", &["SalesforceId"]),
    ("ObjectType", &["Cloud Resource", "Configuration Atom", "Policy Rule", "Service", "Other"]),
];
const RESERVED: [&str; 7] = ["_ResourceId", "id", "_SubscriptionId", "TenantId", "Type", "UniqueId", "Title"];

fn tables() -> Tables {
    read(&[sample()], 2, 1 << 20)
}

#[test]
fn cim() {
    let tables = tables();
    let envelopes = records(&tables, Format::Splunk);
    for envelope in &envelopes {
        let keys: Vec<&String> = envelope.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["time", "host", "source", "sourcetype", "event"]);
        let (sourcetype, event) = (&envelope["sourcetype"], &envelope["event"]);
        let of = |list: &[(&str, &'static [&'static str])]| {
            list.iter().find(|(name, _)| sourcetype == name).map(|(_, fields)| *fields).unwrap()
        };
        for field in of(&CIM) {
            assert!(event[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {event}");
        }
        assert!(of(&ACTIONS).contains(&event["action"].as_str().unwrap()), "{event}");
        for (key, value) in event.as_object().unwrap() {
            assert!(!TAKEN.contains(&key.as_str()), "{key}");
            let is_ours = key == "object_category";
            assert!(is_ours || !TAKEN_ENDINGS.iter().any(|ending| key.ends_with(ending)), "{key}");
            let is_of_change = CHANGE.contains(&key.as_str()) && of(&CIM) == CHANGE;
            assert!(!is_of_change || !value.as_str().unwrap().contains('"'), "{key}: {value}");
        }
    }
    for (sourcetype, actions) in ACTIONS.iter().take(1) {
        let has = |action: &&str| {
            envelopes.iter().any(|event| event["sourcetype"] == *sourcetype && event["event"]["action"] == **action)
        };
        assert!(actions[..2].iter().all(has), "{sourcetype}: successes and failures");
    }
}

#[test]
fn asim() {
    let tables = tables();
    for (format, schema, version, event_types, more) in [
        (Format::SentinelAuthentication, "Authentication", "0.1.4", &["Logon", "Logoff", "Elevate"][..], &[][..]),
        (
            Format::SentinelAudit,
            "AuditEvent",
            "0.1.2",
            &["Set", "Read", "Create", "Delete", "Execute", "Install", "Clear", "Enable", "Disable", "Other"],
            &["Object", "ObjectType", "Operation"],
        ),
    ] {
        for row in records(&tables, format) {
            for column in ASIM.iter().chain(more) {
                assert!(row.get(column).is_some(), "{column}: {row}");
            }
            assert_eq!(
                (row["EventSchema"].as_str(), row["EventSchemaVersion"].as_str()),
                (Some(schema), Some(version))
            );
            assert!(event_types.contains(&row["EventType"].as_str().unwrap()), "{row}");
            for (column, words) in WORDS {
                assert!(row.get(column).is_none_or(|word| words.contains(&word.as_str().unwrap())), "{column}: {row}");
            }
            for column in ["TimeGenerated", "EventStartTime", "EventEndTime"] {
                assert!(Time::parse(row[column].as_str().unwrap().as_bytes(), None).is_ok(), "{column}: {row}");
            }
            for (key, value) in row.as_object().unwrap() {
                assert!(!RESERVED.contains(&key.as_str()) && key.len() <= 45, "{key}");
                assert!(key == "AdditionalFields" || !value.is_object(), "{key}");
            }
            assert_eq!(row.get("TargetUserId").is_some(), row.get("TargetUserIdType").is_some());
            assert_eq!(row.get("ActorUsername").is_some(), row.get("ActorUsernameType").is_some());
        }
    }
}

/// The rest is in `tests/receivers/formats.py`, which asks the schema itself.
#[test]
fn ocsf() {
    for event in records(&tables(), Format::Ocsf) {
        let class = event["class_uid"].as_u64().unwrap();
        assert_eq!(event["type_uid"].as_u64().unwrap(), class * 100 + event["activity_id"].as_u64().unwrap());
        assert_eq!((event["metadata"]["version"].as_str(), event["severity_id"].as_u64()), (Some("1.8.0"), Some(1)));
        let required: &[&str] = match class {
            3002 => &["/user", "/service/name"],
            6003 => &["/actor", "/api/operation", "/src_endpoint"],
            other => panic!("another class: {other}"),
        };
        for place in required {
            assert!(event.pointer(place).is_some_and(|value| *value != Value::Null), "{place}: {event}");
        }
        assert!((0..=2).contains(&event["status_id"].as_i64().unwrap()));
    }
}

/// The words of Microsoft's parser for Salesforce, of which the sample has these.
#[test]
fn codes_have_the_words_of_microsofts_parser() {
    let rows = records(&tables(), Format::SentinelAuthentication);
    let word = |column: &str, original: &str, of: &str| -> Vec<String> {
        let rows = rows.iter().filter(|row| row.pointer(original).is_some_and(|word| word == of));
        let mut words: Vec<String> = rows.map(|row| row[column].as_str().unwrap_or("").to_owned()).collect();
        words.dedup();
        words
    };
    assert_eq!(word("EventResult", "/EventOriginalResultDetails", "Success"), ["Success"]);
    assert_eq!(word("EventResultDetails", "/EventOriginalResultDetails", "Success"), [""]);
    assert_eq!(word("EventResultDetails", "/EventOriginalResultDetails", "Failed: Invalid Token"), ["Other"]);
    assert_eq!(word("LogonMethod", "/AdditionalFields/LoginType", "Remote Access 2.0"), ["Other"]);
    assert_eq!(word("LogonProtocol", "/AdditionalFields/LoginSubType", "OAuth Refresh Token"), ["OAuth"]);
}
