//! Subjects that have nothing to do with the others: whatever they do, the findings on the others stay as they are.
//!
//! Three rules look at more than one subject on purpose. `common-subjects` of a first-seen detector asks how many
//! others show a value: strangers who share addresses can turn its findings off. What is new to an app, and how many values it
//! had kept to, depends on all of its users. And a token's finding counts the other tokens of its app and its user.
//! Strangers share neither app nor user, so that only the first rule can tell them.

use tokentrail::batch::{Role, Table};
use tokentrail::detector::Detector;
use tokentrail::finding::Finding;
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::DAY;

use super::world::{DAYS, REGISTER, World};
use super::{Heard, all_detectors, told};
use crate::oracle::START;
use crate::oracle::grant::register_of;
use crate::oracle::random::Random;
use crate::oracle::rows::{Row, Stage, place_at_random};

const MARK: &str = "Other";
const STRANGERS: World = World { mark: MARK, network: 172, ties: true, nameless: false };

#[test]
fn strangers_change_nothing() {
    let mut heard = Heard::default();
    for case in 0..12 {
        let (own, found) = findings(STRANGERS, case, false);
        heard.note(&own);
        assert_eq!(on_own(&found, |_| true), on_own(&own, |_| true), "case {case}");
        assert!(found.len() > own.len(), "strangers have findings of their own");
    }
}

#[test]
fn strangers_at_the_same_addresses_change_only_what_is_common() {
    let looks_at_others = |detector: &Detector| {
        let limit = detector.limits.iter().find(|limit| limit.name == "common-subjects");
        matches!(detector.watch.pattern, Pattern::FirstSeen { .. } | Pattern::FirstSeenAmong { .. })
            && limit.is_some_and(|limit| limit.value > 0)
    };
    let alone: Vec<&str> =
        all_detectors().iter().filter(|detector| !looks_at_others(detector)).map(|detector| detector.id).collect();
    let (mut heard, mut silenced) = (Heard::default(), 0);
    for case in 0..12 {
        let (own, found) = findings(STRANGERS, case, true);
        heard.note(&own);
        let is_alone = |finding: &Finding| alone.contains(&finding.detector);
        assert_eq!(on_own(&found, is_alone), on_own(&own, is_alone), "case {case}");
        let (before, after) = (on_own(&own, |_| true), on_own(&found, |_| true));
        assert!(after.iter().all(|line| before.contains(line)), "what others do only ever silences");
        silenced += before.len() - after.len();
    }
    assert!(silenced > 0);
}

/// The findings without and with strangers.
fn findings(strangers: World, case: u64, at_our_addresses: bool) -> (Vec<Finding>, Vec<Finding>) {
    let (detectors, register) = (all_detectors(), register_of(REGISTER));
    let (since, as_of) = (Some(Time(START.0 + (DAYS - 7) * DAY)), Some(Time(START.0 + DAYS * DAY)));
    let stage = Stage { detectors: &detectors, register: &register, since, as_of, midnight: None };
    let mut random = Random::of_case("strangers", case);
    let mut rows = World::OURS.rows(&mut random);
    place_at_random(&mut rows, &mut random);
    let own = stage.findings(&[rows.clone()], &mut random);
    let mut others = strangers.rows(&mut random);
    if at_our_addresses {
        others.extend(rows.iter().flat_map(visits));
    }
    place_at_random(&mut others, &mut random);
    for row in &mut others {
        row.record += 1_000_000;
    }
    rows.extend(others);
    let parts = random.parts(&rows, 4);
    (own, stage.findings(&parts, &mut random))
}

/// Calls of six strangers from a row's address, long before the window.
fn visits(row: &Row) -> Vec<Row> {
    let visit = |user: u8| {
        Row::of(Table::Calls)
            .with(Role::Time, START.0)
            .with_text(Role::App, format!("{MARK} app").as_str())
            .with_text(Role::User, format!("{MARK} {user}").as_str())
            .with_text(Role::SourceIp, row.text(Role::SourceIp))
            .with_text(Role::Network, row.text(Role::Network))
    };
    (0..6).map(visit).collect()
}

/// What is found on those who are no strangers. Whether the exports cover a session's login, the logins of all tell.
fn on_own(findings: &[Finding], which: impl Fn(&Finding) -> bool) -> Vec<String> {
    let own = findings.iter().filter(|finding| finding.detector != "call-without-login" && which(finding));
    own.map(told).filter(|line| !line.contains(MARK)).collect()
}
