//! Text that attackers choose: whatever it holds, a finding stays one well-formed record that reads back as it was.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{by_name, files, findings, records};
use tokentrail::{
    emit,
    finding::{Evidence, Fact, Finding, Named, ScorePart, Subject},
};

const NASTY: [&str; 25] = [
    "\"",
    "\\",
    "\r\n",
    "\n",
    "\t",
    "\0",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{202e}",
    "\u{feff}",
    "\u{1b}[2J",
    "\u{1f469}\u{200d}\u{1f4bb}",
    "=cmd|' /C calc'!A0",
    ";=1",
    " +1",
    "-1",
    "@SUM(1)",
    "＝1",
    "＋1",
    "－1",
    "＠A",
    "'",
    " | x: 1",
    "\\u{7c}",
];

#[test]
fn every_nasty_text_alone_and_all_together_read_back() {
    for text in NASTY.iter().map(|text| (*text).to_owned()).chain([NASTY.concat(), NASTY.concat().repeat(900)]) {
        check(&everywhere(&text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn any_text_reads_back(pieces in prop::collection::vec(piece(), 0..12)) {
        check(&everywhere(&pieces.concat()));
    }
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<char>().prop_map(String::from),
        "[a-z ;|=+-]{0,8}",
        prop::sample::select(&NASTY[..]).prop_map(str::to_owned),
    ]
}

/// A finding that has the same text wherever a finding can have text.
fn everywhere(text: &str) -> Finding {
    let known = || Some(text.to_owned());
    let named = || Some(Named { id: known(), name: known() });
    let mut finding = findings().swap_remove(0);
    finding.subject = Subject {
        org: known(),
        app: named(),
        user: named(),
        session: known(),
        token: known(),
        address: known(),
        assertion: known(),
    };
    finding.seen = vec![Fact { name: "client", value: text.into() }];
    finding.score.parts = vec![ScorePart { reason: text.to_owned(), points: -1 }];
    (finding.sentence, finding.next_step) = (text.to_owned(), text.to_owned());
    finding.evidence.truncate(1);
    finding.evidence[0] = Evidence { export: text.to_owned(), event_id: known(), ..finding.evidence[0].clone() };
    finding
}

fn check(finding: &Finding) {
    for emitter in emit::all(super::GENERATED).iter().filter(|emitter| emitter.name() != "parquet") {
        let bytes = files(emitter.as_ref(), std::slice::from_ref(finding)).into_values().next().unwrap();
        let mut body = str::from_utf8(&bytes).unwrap().replace("\r\n", "\n");
        if emitter.name() == "leef" {
            body = body.replace('\t', " "); // what stands between its pairs
        }
        assert!(!body.contains(|c: char| is_disturbing(c) && c != '\n'), "{}: {body:?}", emitter.name());
    }
    assert_eq!(one("ndjson", finding), serde_json::to_value(finding).unwrap());
    check_splunk(finding);
    check_sentinel(finding);
    check_csv(finding);
    check_own(finding);
    check_lines(finding);
    let note = one("stix", finding);
    let content = format!("{0} {0}", finding.sentence);
    assert_eq!(note["content"], json!(if finding.sentence.is_empty() { "" } else { content.as_str() }));
    let row = one("parquet", finding);
    for column in ["sentence", "next_step", "org", "app_name", "user_id", "session", "token", "address", "assertion"] {
        assert_eq!(row[column], json!(finding.sentence), "{column}");
    }
    assert_eq!(row["seen"], json!([format!("client: {}", finding.sentence)]));
}

/// The formats that keep what has no place under our own names.
fn check_own(finding: &Finding) {
    let text = &finding.sentence;
    let ocsf = one("ocsf", finding);
    assert_eq!((&ocsf["message"], &ocsf["finding_info"]["desc"]), (&json!(text), &json!(text)));
    for observable in ocsf["observables"].as_array().into_iter().flatten() {
        let place = format!("/{}", observable["name"].as_str().unwrap().replace("[0]", ".0").replace('.', "/"));
        assert_eq!(ocsf.pointer(&place), Some(&observable["value"]), "{place}");
    }
    let ecs = one("ecs", finding);
    assert_eq!((&ecs["message"], &ecs["event"]["reason"]), (&json!(text), &json!(text)));
    let datadog = one("datadog", finding);
    if text.len() <= 1000 {
        assert_eq!(datadog["message"], json!(text));
        assert_eq!(datadog["tokentrail"]["evidence"], serde_json::to_value(&finding.evidence).unwrap());
    }
    for own in [&ocsf["unmapped"], &ecs["tokentrail"], &datadog["tokentrail"]] {
        if text.len() <= 1000 || own != &datadog["tokentrail"] {
            assert_eq!(own["assertion"], json!(text));
            assert_eq!(own["seen"], json!({ "client": text }));
            assert_eq!(own["score_parts"], json!([{ "reason": text, "points": -1 }]));
        }
    }
    let known = if text.is_empty() { None } else { Some(text.as_str()) };
    let read = |record: &Value, place: &str| record.pointer(place).and_then(Value::as_str).map(str::to_owned);
    for (record, place) in [
        (&ocsf, "/evidences/0/actor/user/name"),
        (&ocsf, "/evidences/0/actor/session/uid"),
        (&ocsf, "/metadata/tenant_uid"),
        (&ocsf, "/remediation/desc"),
        (&ecs, "/user/name"),
        (&ecs, "/organization/id"),
        (&ecs, "/source/address"),
        (&datadog, "/usr/name"),
    ] {
        if text.len() <= 1000 || !std::ptr::eq(record, &raw const datadog) {
            assert_eq!(read(record, place).as_deref(), known, "{place}");
        }
    }
}

/// The formats of lines: what reads back is the text as it is shown.
fn check_lines(finding: &Finding) {
    let shown: String = finding
        .sentence
        .chars()
        .map(|c| if is_disturbing(c) || is_unseen(c) { c.escape_unicode().to_string() } else { c.to_string() })
        .collect::<String>()
        .replace('|', "¦");
    let unquoted = shown.replace('\'', "’").replace('"', "”");
    let (cef, leef) = (one("cef", finding), one("leef", finding));
    for (record, keys, most) in [
        (&cef, &["msg", "reason", "shost", "suid", "suser", "sourceServiceName", "fname", "flexString1"][..], 1023),
        (&cef, &["cs1", "cs2", "cs3", "cs4"][..], 4000),
        (&cef, &["deviceExternalId"][..], 255),
        (&leef, &["sentence", "nextStep", "appId", "userId", "session", "source", "export", "eventId"][..], 1000),
        (&leef, &["usrName", "accountName"][..], 255),
    ] {
        let shown = if std::ptr::eq(record, &raw const leef) { &unquoted } else { &shown };
        for key in keys {
            let value = record.get(*key).map(|value| value.as_str().unwrap());
            let is_address = *key == "shost" && finding.sentence.parse::<std::net::IpAddr>().is_ok();
            if shown.is_empty() || is_address {
                assert_eq!(value, None, "{key}");
            } else if shown.len() <= most {
                assert_eq!(value, Some(shown.as_str()), "{key}");
            } else {
                let kept = value.unwrap().strip_suffix("…[truncated]").unwrap();
                assert!(shown.starts_with(kept) && value.unwrap().len() <= most, "{key}: {value:?}");
            }
        }
    }
}

fn check_splunk(finding: &Finding) {
    let text = &finding.sentence;
    let event = one("splunk", finding)["event"].take();
    if event.as_object().unwrap().keys().any(|key| key.ends_with("_truncated")) {
        assert!(text.len() > 10_000, "cut though it is short");
        return;
    }
    for key in [
        "description",
        "risk_message",
        "vendor_account",
        "app_id",
        "app_name",
        "user_id",
        "user_name",
        "session_id",
        "token_reference",
        "assertion",
        "next_step",
    ] {
        assert_eq!(event[key], json!(text), "{key}");
    }
    let required = if text.is_empty() { "unknown" } else { text };
    for key in ["app", "user", "src", "dest"] {
        assert_eq!(event[key], json!(required), "{key}");
    }
    assert_eq!(event["seen"], json!({ "client": text }));
    assert_eq!(event["score_parts"], json!([{ "reason": text, "points": -1 }]));
    assert_eq!(event["evidence"], serde_json::to_value(&finding.evidence).unwrap());
}

fn check_sentinel(finding: &Finding) {
    let text = &finding.sentence;
    let row = one("sentinel", finding);
    let additional = &row["AdditionalFields"];
    if text.len() > 1000 {
        return;
    }
    assert_eq!(additional.get("TruncatedColumns"), None);
    let known = if text.is_empty() { Value::Null } else { json!(text) };
    for key in ["UserId", "Username", "UserScopeId", "UserSessionId"] {
        assert_eq!(row[key], known, "{key}");
    }
    assert_eq!(row["EventMessage"], json!(text));
    assert_eq!(row["AttackRemediationSteps"], known);
    for key in ["SrcIpAddr", "UserId", "ConnectedAppId", "ConnectedAppName", "OrganizationId", "Assertion"] {
        assert_eq!(additional[key], json!(text), "{key}");
    }
    assert_eq!(additional["Seen"], json!({ "client": text }));
    assert_eq!(additional["Evidence"][0]["Export"], json!(text));
    assert_eq!(additional["EventIdentifiers"], json!([text]));
}

fn check_csv(finding: &Finding) {
    let row = one("csv", finding);
    for (column, cell) in row.as_object().unwrap() {
        let cell = cell.as_str().unwrap();
        for part in cell.split(';') {
            assert!(!part.trim_start().starts_with(['=', '+', '-', '@', '＝']), "{column}: {cell:?}");
        }
        assert!(cell.len() <= 32_000 + "…[truncated]".len());
    }
    let shown = shown(&finding.sentence);
    for column in ["sentence", "next_step", "org", "app_name", "user_id", "session", "token", "address"] {
        assert_eq!(row[column], json!(shown), "{column}");
    }
    let facts = row["seen"].as_str().unwrap();
    assert_eq!(facts.split(" | ").count(), 1, "a value looks like two: {facts:?}");
}

/// The documented change of a text on the way into a cell, done the slow way.
fn shown(text: &str) -> String {
    let mut shown = Vec::new();
    for (number, between) in text.split(';').enumerate() {
        let seen = between.trim_start_matches(|c: char| c.is_whitespace() || is_disturbing(c) || is_unseen(c));
        let is_formula = seen.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
        let is_pushed = number == 0 && between.starts_with(['\t', '\r', '\n']);
        let mut part = if is_formula || is_pushed { "'".to_owned() } else { String::new() };
        for character in between.chars() {
            match character {
                '\n' => part.push_str("\\n"),
                '\r' => part.push_str("\\r"),
                '\t' => part.push_str("\\t"),
                hidden if is_disturbing(hidden) || is_unseen(hidden) => {
                    part.extend(format!("\\u{{{:x}}}", u32::from(hidden)).chars());
                }
                plain => part.push(plain),
            }
        }
        shown.push(part);
    }
    let shown = shown.join(";");
    if shown.len() <= 32_000 {
        return shown;
    }
    let end = (0..=32_000).rev().find(|end| shown.is_char_boundary(*end)).unwrap();
    format!("{}…[truncated]", &shown[..end])
}

/// Control characters, line ends and turns of the writing direction: never to be found in any output.
fn is_disturbing(c: char) -> bool {
    let code = u32::from(c);
    code < 0x20
        || (0x7f..0xa0).contains(&code)
        || (0x2028..=0x202e).contains(&code)
        || (0x2066..=0x2069).contains(&code)
}

/// Characters without any width.
fn is_unseen(c: char) -> bool {
    let code = u32::from(c);
    [0xad, 0x61c, 0x180e, 0xfeff].contains(&code)
        || (0x200b..=0x200f).contains(&code)
        || (0x2060..=0x206f).contains(&code)
        || (0xfff9..=0xfffb).contains(&code)
        || (0xe0000..=0xe007f).contains(&code)
}

/// The one record that a finding becomes.
fn one(name: &str, finding: &Finding) -> Value {
    let mut records = records(by_name(name).as_ref(), std::slice::from_ref(finding));
    assert_eq!(records.len(), 1, "{name}");
    records.remove(0)
}
