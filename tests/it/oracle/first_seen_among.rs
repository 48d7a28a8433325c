//! First seen among: lists taken apart, and only values of interest reported; the rest is as the other file of first
//! seen says, which is compared there. Here nothing is common, steady or an app's own.

use std::collections::BTreeSet;

use tokentrail::apps::Register;
use tokentrail::batch::{Role, Table};
use tokentrail::detector::{Matching, Watch};
use tokentrail::patterns::Pattern;
use tokentrail::value::Time;
use tokentrail::value::time::DAY;

use super::random::Random;
use super::rows::{Row, by_subject, ends, place_at_random};
use super::verdict::Verdict;
use super::{Case, START, Twin, detector};

const FACTS: &[&str] = &["objects", "events", "rows", "baseline events", "baseline active days"];

#[test]
fn first_seen_among_agrees_with_its_oracle() {
    Twin { name: "first seen among", cases: 3000, register: &Register::default(), facts: FACTS, case, oracle }.agrees();
}

fn is_of_interest(value: &str) -> bool {
    value > "C"
}

fn watch(first_ever: bool) -> Watch {
    Watch {
        tables: &[Table::Calls],
        matching: Matching::All,
        subject: &[Role::User],
        pattern: Pattern::FirstSeenAmong {
            of: Role::Objects,
            interest: is_of_interest,
            first_ever,
            sum: Some(Role::Rows),
        },
    }
}

fn case(random: &mut Random) -> Case {
    let since = START.0 + 6 * DAY;
    let mut rows = Vec::new();
    for user in [Some("u"), Some("v"), None] {
        for _ in 0..random.pick(&[0, 4, 8]) {
            rows.push(row(user, START.0 + random.within(0..=5) * DAY + random.within(0..=9), 3, random));
        }
        for _ in 0..random.within(0..=3) {
            rows.push(row(user, since + random.pick(&[-1, 0, 1, DAY]), 6, random));
        }
    }
    place_at_random(&mut rows, random);
    let limits = [
        ("baseline-days", random.within(0..=4)),
        ("baseline-events", random.within(0..=6)),
        ("common-subjects", 0),
        ("common-days", 0),
        ("steady-values", 0),
    ];
    let as_of = Time(since + random.pick(&[0, 1, 2 * DAY]));
    let detector = detector("first-seen-among", watch(random.chance(50)), &limits);
    Case { detector, rows, since: Time(since), as_of, midnight: None }
}

/// A row that shows up to three of the first few values, some of them twice, in one of the spellings of a list.
fn row(user: Option<&str>, time: i64, most: i64, random: &mut Random) -> Row {
    let values = ["A", "B", "C", "D", "E", "F", "G"];
    let list: Vec<&str> =
        (0..random.within(0..=3)).map(|_| values[usize::try_from(random.within(0..=most)).unwrap()]).collect();
    let list = list.join(random.pick(&[", ", ",", ";", " ; ,"]));
    Row::of(Table::Calls)
        .with(Role::Time, time)
        .with(Role::Rows, random.pick(&[None, Some(3), Some(5)]))
        .with_text(Role::User, user)
        .with_text(Role::Objects, (!list.is_empty()).then_some(list.as_str()))
}

fn values(row: &Row) -> BTreeSet<&str> {
    let list = row.text(Role::Objects).unwrap_or_default();
    list.split([',', ';']).map(str::trim).filter(|value| !value.is_empty()).collect()
}

fn oracle(case: &Case) -> Vec<Verdict> {
    let Pattern::FirstSeenAmong { first_ever, .. } = case.detector.watch.pattern else { unreachable!() };
    let limit = |name: &str| usize::try_from(case.limit(name)).unwrap();
    let rows: Vec<&Row> = case.rows_in_sight().into_iter().filter(|row| !values(row).is_empty()).collect();
    let mut verdicts = Vec::new();
    for (subject, own) in by_subject(&rows, &[Role::User]) {
        // Nobody in particular is no subject.
        let [Some(user)] = subject[..] else { continue };
        let past: Vec<&Row> = own.iter().filter(|row| row.time() < case.since.0).copied().collect();
        let days: BTreeSet<i64> = past.iter().map(|row| row.time().div_euclid(DAY)).collect();
        if days.len() < limit("baseline-days") || past.len() < limit("baseline-events") {
            continue;
        }
        let known: BTreeSet<&str> = past.iter().flat_map(|row| values(row)).collect();
        if first_ever && known.iter().any(|value| is_of_interest(value)) {
            continue;
        }
        let all: BTreeSet<&str> = own.iter().flat_map(|row| values(row)).collect();
        for value in all.difference(&known).filter(|value| is_of_interest(value)) {
            let showing: Vec<&Row> = own.iter().filter(|row| values(row).contains(value)).copied().collect();
            let sum: i64 = showing.iter().filter_map(|row| row.number(Role::Rows)).sum();
            let mut verdict = Verdict::on(&[(Role::User, Some(user))], &showing);
            verdict.records = ends(&showing);
            verdicts.push(verdict.with(&[value, &showing.len(), &sum, &past.len(), &days.len()]));
        }
    }
    case.in_window(verdicts)
}
