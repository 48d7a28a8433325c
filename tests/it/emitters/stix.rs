//! What the standard asks of a bundle as a whole, and what must never be handed to others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};
use tokentrail::batch::Role;
use tokentrail::detectors;
use tokentrail::finding::{Evidence, Fact, Finding, Named, Subject};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;

use super::{by_name, files, findings};

#[test]
fn each_object_is_there_once_and_whatever_is_referred_to_is_there() {
    let all = [findings(), hostile()].concat();
    let objects = objects(&all);
    let ids: BTreeSet<&str> = objects.iter().map(|object| object["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), objects.len());
    let mut referred = 0;
    for object in &objects {
        let id = object["id"].as_str().unwrap();
        assert!(id.starts_with(&format!("{}--", object["type"].as_str().unwrap())), "{id}");
        for (key, value) in object.as_object().unwrap() {
            let refs: Vec<&Value> = match value {
                Value::Array(refs) if key.ends_with("_refs") => refs.iter().collect(),
                one if key.ends_with("_ref") => vec![one],
                _ => continue,
            };
            assert!(!refs.is_empty(), "{id}: {key}");
            referred += refs.len();
            assert!(refs.iter().all(|one| ids.contains(one.as_str().unwrap())), "{id}: {key}: {refs:?}");
        }
    }
    assert!(referred > all.len() * 2, "{referred}");
    assert_eq!(of_type(&objects, "note").len(), all.len(), "each finding is told");
    let times = objects.iter().flat_map(|object| {
        let is_time = |key: &str| key.ends_with("_from") || key.ends_with("ed") || key.ends_with("_seen");
        object.as_object().unwrap().iter().filter(move |(key, value)| is_time(key) && value.is_string())
    });
    for (key, time) in times {
        let time = time.as_str().unwrap();
        assert_eq!((time.len(), &time[19..20], &time[23..]), (24, ".", "Z"), "{key}: {time}");
    }
}

#[test]
fn a_bundle_is_the_same_in_whatever_order_findings_come() {
    let mut all = [findings(), hostile()].concat();
    let first = bundle(&all);
    for _ in 0..all.len() {
        all.rotate_left(1);
        assert_eq!(bundle(&all), first);
        all.reverse();
        assert_eq!(bundle(&all), first);
    }
    assert_eq!(bundle(&[]).matches("\"type\"").count(), 2, "a bundle must hold something: the identity");
}

/// The ids that the library `stix2` 3.0.2 gives to the same.
#[test]
fn observables_have_the_ids_that_the_standard_gives_them() {
    let mut finding = findings().swap_remove(0);
    finding.subject = Subject {
        app: Some(Named { id: None, name: Some("a".to_owned()) }),
        user: Some(Named { id: Some("b".to_owned()), name: Some("a".to_owned()) }),
        ..Subject::default()
    };
    finding.seen = vec![Fact { name: "network", value: "203.0.113.0/24, nowhere".into() }];
    let objects = objects(&[finding]);
    let refs: Vec<&str> = of_type(&objects, "observed-data")[0]["object_refs"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let ids = [
        "ipv4-addr--a0895f10-d89d-56ad-a4a4-dc873ee08b8c",
        "software--0bdfffc2-d6e5-5347-b3d4-7511e49cb982",
        "user-account--642cd8e9-79f9-5eeb-9cd0-b7ae71ec23f3",
    ];
    assert_eq!(refs, ids);
}

#[test]
fn ids_are_the_same_in_every_run_and_changes_are_later() {
    let late = |generated: Time| {
        let emitters = tokentrail::emit::all(generated);
        let stix = emitters.iter().find(|emitter| emitter.name() == "stix").unwrap();
        let bytes = files(stix.as_ref(), &findings()).into_values().next().unwrap();
        let bundle: Value = serde_json::from_slice(&bytes).unwrap();
        bundle["objects"].as_array().unwrap().clone()
    };
    let (one, two) = (late(super::GENERATED), late(Time(super::GENERATED.0 + 86_400_000_000)));
    for (one, two) in one.iter().zip(&two) {
        assert_eq!((&one["id"], &one["created"]), (&two["id"], &two["created"]));
        assert!(one["modified"].as_str() <= two["modified"].as_str());
        assert!(one["created"].as_str() <= one["modified"].as_str());
    }
    let moved = one.iter().zip(&two).filter(|(one, two)| one["modified"] != two["modified"]).count();
    assert!(moved > findings().len(), "{moved}");
}

#[test]
fn what_only_its_owner_meets_is_no_indicator() {
    let own = [
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.7.7",
        "127.0.0.1",
        "169.254.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fd00::7",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "Salesforce.com IP",
        "",
        "203.0.113.0/24",
        "203.0.113.7, 203.0.113.8",
        "' OR ipv4-addr:value = '1.1.1.1",
    ];
    for text in own {
        assert!(patterns(&[naming("address-listed", text)]).is_empty(), "{text}");
    }
    for text in ["203.0.113.7", "172.32.0.1", "100.128.0.1", "2001:db8::7", "8.8.8.8"] {
        let kind = if text.contains(':') { "ipv6" } else { "ipv4" };
        assert_eq!(patterns(&[naming("address-listed", text)]), [format!("[{kind}-addr:value = '{text}']")]);
    }
    let mut of_old = naming("address-listed", "203.0.113.7");
    of_old.seen.push(Fact { name: "confidence", value: "of old".into() });
    assert!(patterns(&[of_old]).is_empty(), "addresses change hands");
}

#[test]
fn the_findings_that_name_something_new_or_listed_are_those_of_such_patterns() {
    let mut naming_ones = 0;
    for detector in detectors::ALL {
        let names_address = match detector.watch.pattern {
            Pattern::Listed { of, .. } | Pattern::FirstSeen { of, .. } => of == Role::SourceIp,
            Pattern::Newcomer { .. } => detector.watch.subject == [Role::SourceIp],
            _ => false,
        };
        let names_client = matches!(detector.watch.pattern, Pattern::Listed { of: Role::Client, .. });
        let mut finding = naming(detector.id, "203.0.113.7");
        finding.seen.push(Fact { name: "client", value: "x/1".into() });
        let expected = match (names_address, names_client) {
            (true, _) => vec!["[ipv4-addr:value = '203.0.113.7']"],
            (_, true) => vec!["[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'x/1']"],
            _ => vec![],
        };
        naming_ones += expected.len();
        assert_eq!(patterns(&[finding]), expected, "{}", detector.id);
    }
    assert_eq!(naming_ones, 5);
}

#[test]
fn an_indicator_holds_what_all_findings_say_of_it() {
    let (listed, mut newer) = (naming("address-listed", "203.0.113.7"), naming("app-new-address", "203.0.113.7"));
    newer.id = uuid::Uuid::from_u128(99);
    newer.first = Time(listed.first.0 - 1_000_000);
    newer.techniques = &["T1528", "T1550.001"];
    let objects = objects(&[listed, newer]);
    let indicators = of_type(&objects, "indicator");
    assert_eq!(indicators.len(), 1);
    assert_eq!(indicators[0]["indicator_types"], json!(["anomalous-activity", "malicious-activity"]));
    assert_eq!(indicators[0]["valid_from"], json!("2025-11-22T08:09:59.000Z"));
    let indicated: BTreeSet<&str> = of_type(&objects, "relationship")
        .into_iter()
        .map(|relationship| relationship["target_ref"].as_str().unwrap())
        .collect();
    let techniques: BTreeSet<&str> =
        of_type(&objects, "attack-pattern").into_iter().map(|technique| technique["id"].as_str().unwrap()).collect();
    assert_eq!((indicated.len(), indicated), (3, techniques));
    let sightings = of_type(&objects, "sighting");
    assert_eq!(sightings.len(), 2, "one of each finding");
    assert!(sightings.iter().all(|sighting| sighting["sighting_of_ref"] == indicators[0]["id"]));
}

#[test]
fn a_check_that_fails_is_told_and_nothing_was_sighted() {
    let mut check = findings().swap_remove(1);
    assert_eq!(of_type(&objects(&[check.clone()]), "sighting").len(), 1, "of its technique");
    let file = Evidence {
        time: check.first,
        export: "a.xml".into(),
        sha256: "00".into(),
        record: 0,
        offset: 0,
        event_id: None,
    };
    check.evidence = vec![file];
    let objects = objects(&[check]);
    assert_eq!(of_type(&objects, "sighting").len(), 0);
    assert_eq!(of_type(&objects, "observed-data").len(), 1);
    assert_eq!(of_type(&objects, "attack-pattern").len(), 1);
}

/// Read by the makers' own parser of patterns in `tests/receivers/formats.py`, too.
#[test]
fn hostile_user_agents_stay_within_their_patterns() {
    let written = bundle(&hostile());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/hostile.stix.json");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &written).unwrap();
    }
    assert_eq!(written, fs::read_to_string(&path).unwrap(), "UPDATE=1 rewrites it");
    let told: BTreeSet<String> = hostile().iter().map(|finding| finding.seen[0].value.to_string()).collect();
    assert_eq!(patterns(&hostile()).iter().map(|pattern| value(pattern)).collect::<BTreeSet<_>>(), told);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn any_user_agent_stays_within_its_pattern(text in "(\\PC|['\\\\\\[\\]\n\u{0}\u{202e}]){1,40}") {
        let finding = Finding { seen: vec![Fact { name: "client", value: text.as_str().into() }], ..naming("client-listed", "") };
        let patterns = patterns(&[finding]);
        prop_assert_eq!(patterns.iter().map(|pattern| value(pattern)).collect::<Vec<_>>(), [text]);
    }
}

/// The value in a pattern, read as the standard's grammar reads it: a quote ends it unless a backslash is before it.
fn value(pattern: &str) -> String {
    let start = "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = '";
    let mut rest = pattern.strip_prefix(start).unwrap().chars();
    let mut value = String::new();
    loop {
        match rest.next().unwrap() {
            '\'' => break,
            '\\' => {
                let escaped = rest.next().unwrap();
                assert!(matches!(escaped, '\'' | '\\'), "{pattern}");
                value.push(escaped);
            }
            plain => value.push(plain),
        }
    }
    assert_eq!(rest.as_str(), "]", "{pattern}");
    value
}

/// Findings of listed user agents that are made to break out.
fn hostile() -> Vec<Finding> {
    let agents = [
        "x' OR ipv4-addr:value = '1.1.1.1",
        "x\\' OR ipv4-addr:value = \\'1.1.1.1",
        "\\",
        "']",
        "a\r\nb\u{0}\t\u{2028}\u{202e}",
        "<script>\"&\u{1f469}\u{200d}\u{1f4bb}",
    ];
    let number = |agent: &'static str, number: u128| Finding {
        id: uuid::Uuid::from_u128(0x7b0f_3f62_0000_5000_8000_0000_0000_1000 + number),
        seen: vec![Fact { name: "client", value: agent.into() }],
        ..naming("client-listed", "10.0.0.1")
    };
    agents.into_iter().zip(0..).map(|(agent, at)| number(agent, at)).collect()
}

fn naming(detector: &'static str, address: &str) -> Finding {
    let mut finding = findings().swap_remove(0);
    finding.detector = detector;
    finding.subject.address = Some(address.to_owned());
    finding.seen = vec![Fact { name: "address", value: address.into() }];
    finding
}

fn patterns(findings: &[Finding]) -> Vec<String> {
    let objects = objects(findings);
    of_type(&objects, "indicator").iter().map(|object| object["pattern"].as_str().unwrap().to_owned()).collect()
}

fn of_type<'o>(objects: &'o [Value], kind: &str) -> Vec<&'o Value> {
    objects.iter().filter(|object| object["type"] == kind).collect()
}

fn objects(findings: &[Finding]) -> Vec<Value> {
    let bundle: BTreeMap<String, Value> = serde_json::from_str(&bundle(findings)).unwrap();
    assert_eq!(bundle["type"], "bundle");
    bundle["objects"].as_array().unwrap().clone()
}

fn bundle(findings: &[Finding]) -> String {
    String::from_utf8(files(by_name("stix").as_ref(), findings).remove("findings.stix.json").unwrap()).unwrap()
}
