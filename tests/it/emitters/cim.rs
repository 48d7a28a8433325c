//! Splunk's events against the CIM 8.5 data model Alerts and the rules of the HTTP Event Collector, written down here
//! a second time, apart from the emitter.

use serde_json::Value;

use super::{by_name, files, findings, records};
use tokentrail::{finding::Finding, value::Time};

const REQUIRED: [&str; 10] =
    ["app", "description", "dest", "id", "signature", "signature_id", "severity", "src", "type", "user"];
const LISTED: [(&str, &[&str]); 4] = [
    ("severity", &["critical", "high", "medium", "low", "informational"]),
    ("type", &["alarm", "alert", "event", "task", "warning"]),
    ("risk_object_type", &["user", "system", "other"]),
    ("threat_object_type", &["ip_address", "service"]),
];
/// Fields that Splunk fills itself.
const TAKEN: [&str; 7] = ["tag", "host", "source", "sourcetype", "index", "eventtype", "splunk_server"];
const TAKEN_ENDINGS: [&str; 3] = ["_bunit", "_category", "_priority"];

#[test]
fn events_have_what_the_model_asks() {
    for event in events() {
        for field in REQUIRED {
            let value = event[field].as_str();
            assert!(value.is_some_and(|text| !text.is_empty()), "{field}: {event}");
        }
        for (field, words) in LISTED {
            if let Some(value) = event.get(field) {
                assert!(words.contains(&value.as_str().unwrap()), "{field}: {value}");
            }
        }
        let score = event["risk_score"].as_u64().unwrap();
        assert!((1..=100).contains(&score));
        assert_eq!(event.get("risk_object").is_some(), event.get("risk_object_type").is_some());
        assert_eq!(event.get("threat_object").is_some(), event.get("threat_object_type").is_some());
        assert_eq!(event["annotations"]["mitre_attack"], event["mitre_technique_id"]);
    }
}

#[test]
fn events_take_no_field_that_splunk_fills_itself() {
    for event in events() {
        for key in event.as_object().unwrap().keys() {
            assert!(!TAKEN.contains(&key.as_str()), "{key}");
            assert!(!TAKEN_ENDINGS.iter().any(|ending| key.ends_with(ending)), "{key}");
            assert!(!key.starts_with("cim_entity"), "{key}");
        }
    }
}

#[test]
fn an_envelope_has_only_what_the_collector_knows() {
    for envelope in records(by_name("splunk").as_ref(), &findings()) {
        let keys: Vec<&String> = envelope.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["time", "host", "source", "sourcetype", "event", "fields"]);
        assert_eq!(envelope["fields"]["finding_id"], envelope["event"]["id"]);
        for value in envelope["fields"].as_object().unwrap().values() {
            let is_text = |value: &Value| value.is_string();
            assert!(is_text(value) || value.as_array().is_some_and(|list| list.iter().all(is_text)));
        }
    }
}

#[test]
fn the_file_holds_the_same_events_with_the_time_first() {
    let envelopes = records(by_name("splunk").as_ref(), &findings());
    let lines = records(by_name("splunk-file").as_ref(), &findings());
    for (envelope, mut line) in envelopes.into_iter().zip(lines) {
        let (first_key, _) = line.as_object().unwrap().iter().next().unwrap();
        assert_eq!(first_key, "time");
        assert_eq!(line.as_object_mut().unwrap().shift_remove("time").unwrap(), envelope["time"]);
        assert_eq!(line, envelope["event"]);
    }
}

#[test]
fn time_is_the_last_event_as_a_plain_decimal() {
    for (micros, text) in [
        (1_763_800_000_123_000, "1763800000.123"),
        (1_763_800_000_123_456, "1763800000.123456"),
        (1_763_800_000_000_001, "1763800000.000001"),
        (Time::EARLIEST.0, "946684800.000"),
        (Time::LATEST.0, "4102444800.000"),
        (0, "0.000"),
        (-1_500_000, "-1.500"),
        (i64::MIN, "-9223372036854.775808"),
    ] {
        let finding = Finding { last: Time(micros), ..findings().swap_remove(0) };
        let files = files(by_name("splunk").as_ref(), &[finding]);
        let line = str::from_utf8(files.values().next().unwrap()).unwrap();
        assert!(line.starts_with(&format!("{{\"time\":{text},\"host\":")), "{line}");
    }
}

fn events() -> Vec<Value> {
    let envelopes = records(by_name("splunk").as_ref(), &findings());
    envelopes.into_iter().map(|mut envelope| envelope["event"].take()).collect()
}
