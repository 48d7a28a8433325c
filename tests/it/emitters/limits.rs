//! The sizes that receivers take, on both sides of each limit.

use serde_json::{Value, json};

use super::{by_name, files, findings, records};
use tokentrail::finding::{Fact, Finding, Named};

const ARRAY: usize = 1_000_000;
const FIELD: usize = 64_000;
const EVENT: usize = 898_000;

#[test]
fn an_array_of_exactly_the_limit_is_one_part() {
    let parts = files(by_name("sentinel").as_ref(), &rows_that_fill(ARRAY));
    assert_eq!(sizes(&parts), [ARRAY]);
    assert_eq!(parts.keys().collect::<Vec<_>>(), ["findings.sentinel-0001.json"]);
}

#[test]
fn one_byte_more_starts_a_second_part() {
    let findings = rows_that_fill(ARRAY + 1);
    let parts = files(by_name("sentinel").as_ref(), &findings);
    assert_eq!(parts.keys().collect::<Vec<_>>(), ["findings.sentinel-0001.json", "findings.sentinel-0002.json"]);
    assert!(sizes(&parts).iter().all(|size| *size <= ARRAY));
    let uids: Vec<Value> = parts
        .values()
        .flat_map(|bytes| serde_json::from_slice::<Vec<Value>>(bytes).unwrap())
        .map(|row| row["AttackRemediationSteps"].clone())
        .collect();
    let expected: Vec<Value> = findings.iter().map(|finding| json!(finding.next_step)).collect();
    assert_eq!(uids, expected, "every row once, in order");
}

#[test]
fn a_field_is_kept_up_to_the_limit_and_cut_and_named_above_it() {
    let row = row(&with_sentence("x".repeat(FIELD)));
    assert_eq!(row["EventMessage"].as_str().unwrap().len(), FIELD);
    assert_eq!(row["AdditionalFields"].get("TruncatedColumns"), None);

    let row = self::row(&with_sentence("é".repeat(FIELD / 2) + "x"));
    assert_eq!(row["EventMessage"], json!("é".repeat(FIELD / 2)));
    assert_eq!(row["AdditionalFields"]["TruncatedColumns"], json!(["EventMessage"]));

    let row = self::row(&with_sentence("x".to_owned() + &"é".repeat(FIELD)));
    let cut = row["EventMessage"].as_str().unwrap();
    assert_eq!(cut, "x".to_owned() + &"é".repeat(FIELD / 2 - 1), "not within a character");
}

#[test]
fn the_worst_row_still_fits_an_array_and_its_fields_fit_too() {
    for text in ["\0".repeat(70_000), "\u{2028}\u{10ffff}\u{e0001}".repeat(4_000)] {
        let parts = files(by_name("sentinel").as_ref(), &vec![worst(&text); 3]);
        assert!(sizes(&parts).iter().all(|size| *size <= ARRAY), "{:?}", sizes(&parts));
        let row = row(&worst(&text));
        for (column, value) in row.as_object().unwrap() {
            let size = value.as_str().map_or_else(|| value.to_string().len(), str::len);
            assert!(size <= FIELD, "{column}: {size}");
        }
        assert_eq!(row["EventUid"], worst(&text).id.to_string());
        assert_eq!(row["AdditionalFields"]["OrganizationId_truncated"], true);
        let evidence = &row["AdditionalFields"]["Evidence"];
        assert_eq!(evidence[0]["Sha256"].as_str().unwrap().len(), 64, "hashes stay whole");
        assert_eq!(evidence[0]["Export_truncated"], true);
    }
}

#[test]
fn additional_fields_are_kept_up_to_their_limit_and_cut_and_marked_above_it() {
    let additional = |assertion: String| {
        let mut finding = with_sentence(String::new());
        finding.subject.assertion = Some(assertion);
        row(&finding)["AdditionalFields"].take()
    };
    let empty = additional(String::new()).to_string().len();
    let whole = additional("x".repeat(FIELD - 2_000 - empty));
    assert_eq!(whole.to_string().len(), FIELD - 2_000);
    assert_eq!(whole.get("Assertion_truncated"), None);
    let cut = additional("x".repeat(FIELD - 2_000 - empty + 1));
    assert_eq!(cut["Assertion_truncated"], true);
}

#[test]
fn a_list_is_marked_when_any_of_its_items_was_cut() {
    let mut finding = with_sentence(String::new());
    let values = ["x".repeat(EVENT), "short".to_owned()];
    finding.seen = values.map(|value| Fact { name: "client", value: value.into() }).to_vec();
    let seen = event(&finding)["seen"].take();
    assert_eq!(seen["client_truncated"], true);
    assert_eq!(seen["client"][1], "short");
}

#[test]
fn an_event_is_kept_up_to_the_limit_and_cut_and_marked_above_it() {
    let empty = event(&with_sentence(String::new())).to_string().len();
    // The sentence stands in an event twice; the next step evens out the odd byte.
    let filled = |size: usize| {
        let mut finding = with_sentence("x".repeat((size - empty) / 2));
        finding.next_step.push_str(&"x".repeat((size - empty) % 2));
        finding
    };
    let whole = event(&filled(EVENT));
    assert_eq!(whole.to_string().len(), EVENT);
    assert_eq!(whole["description"], json!(filled(EVENT).sentence));

    let cut = event(&filled(EVENT + 1));
    assert!(cut.to_string().len() < EVENT);
    assert_eq!(cut["description_truncated"], true);
    assert_eq!(cut["risk_message_truncated"], true);
    assert_eq!(cut.get("next_step_truncated"), None, "short values are left alone");
    assert!(filled(EVENT + 1).sentence.starts_with(cut["description"].as_str().unwrap()));
}

#[test]
fn the_worst_line_stays_within_900_kb() {
    for name in ["splunk", "splunk-file"] {
        let finding = worst(&"\0".repeat(100_000));
        let line = files(by_name(name).as_ref(), &[finding]).into_values().next().unwrap();
        assert!(line.len() <= 900_000, "{name}: {}", line.len());
        let record: Value = serde_json::from_slice(&line).unwrap();
        let event = record.get("event").unwrap_or(&record);
        assert_eq!(event["app_truncated"], true);
        assert_eq!(event["seen"]["client_truncated"], true);
    }
}

#[test]
fn an_array_of_logs_holds_a_thousand_and_no_more() {
    let bare = findings().swap_remove(5);
    let counts = |number: usize| -> Vec<usize> {
        let parts = files(by_name("datadog").as_ref(), &vec![bare.clone(); number]);
        parts.values().map(|bytes| serde_json::from_slice::<Vec<Value>>(bytes).unwrap().len()).collect()
    };
    assert_eq!(counts(1000), [1000]);
    assert_eq!(counts(2001), [1000, 1000, 1]);
}

#[test]
fn the_worst_log_stays_below_1_mb_and_an_array_of_them_below_5_mb() {
    for text in ["\0".repeat(400_000), "\u{2028}\u{10ffff}\u{e0001}".repeat(40_000)] {
        let parts = files(by_name("datadog").as_ref(), &vec![worst(&text); 9]);
        assert!(parts.len() > 1 && sizes(&parts).iter().all(|size| *size <= 4_250_000), "{:?}", sizes(&parts));
        for log in parts.values().flat_map(|bytes| serde_json::from_slice::<Vec<Value>>(bytes).unwrap()) {
            assert_eq!(log["message_truncated"], true);
            assert_eq!(log["tokentrail"]["seen"]["client_truncated"], true);
            assert_eq!(log["finding_id"], worst(&text).id.to_string());
        }
        let one = files(by_name("datadog").as_ref(), &[worst(&text)]);
        assert!(sizes(&one).iter().all(|size| *size <= 1_000_000));
    }
}

/// Twenty findings whose rows make an array of exactly this many bytes.
fn rows_that_fill(size: usize) -> Vec<Finding> {
    let mut findings = vec![findings().swap_remove(0); 20];
    for finding in &mut findings {
        finding.next_step = "x".repeat(40_000);
    }
    let now: usize = files(by_name("sentinel-ndjson").as_ref(), &findings).values().map(Vec::len).sum();
    let (brackets, commas) = ("[\n\n]\n".len(), ",\n".len() * 19);
    let rows = now - 20;
    let missing = size - brackets - commas - rows;
    for finding in &mut findings {
        finding.next_step.push_str(&"x".repeat(missing / 20));
    }
    findings[7].next_step.push_str(&"x".repeat(missing % 20));
    findings
}

/// A finding that has a long text wherever it can, and long lists.
fn worst(text: &str) -> Finding {
    let mut finding = findings().swap_remove(0);
    let subject = &mut finding.subject;
    let named = Some(Named { id: Some(text.to_owned()), name: Some(text.to_owned()) });
    (subject.app, subject.user) = (named.clone(), named);
    for place in [&mut subject.org, &mut subject.session, &mut subject.token, &mut subject.address] {
        *place = Some(text.to_owned());
    }
    (finding.sentence, finding.next_step) = (text.to_owned(), text.to_owned());
    finding.seen = vec![Fact { name: "client", value: text.into() }; 10];
    let lists = ["baseline events", "baseline networks", "limit"]
        .map(|name| std::iter::repeat_n(Fact { name, value: "\0".repeat(64).into() }, 60));
    finding.judged_by = lists.into_iter().flatten().collect();
    text.clone_into(&mut finding.evidence[0].export);
    finding.evidence = vec![finding.evidence[0].clone(); Finding::EVIDENCE_KEPT];
    finding
}

fn with_sentence(sentence: String) -> Finding {
    Finding { sentence, ..findings().swap_remove(0) }
}

fn row(finding: &Finding) -> Value {
    records(by_name("sentinel").as_ref(), std::slice::from_ref(finding)).remove(0)
}

fn event(finding: &Finding) -> Value {
    records(by_name("splunk").as_ref(), std::slice::from_ref(finding)).remove(0)["event"].take()
}

fn sizes(parts: &std::collections::BTreeMap<String, Vec<u8>>) -> Vec<usize> {
    parts.values().map(Vec::len).collect()
}
