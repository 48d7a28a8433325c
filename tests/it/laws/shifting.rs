//! The same events some whole days earlier or later: the same findings, as many days earlier or later. To what knows
//! weekends, only whole weeks are the same.

use chrono::{Days, NaiveDate};
use tokentrail::batch::{Kind, Role};
use tokentrail::detectors;
use tokentrail::finding::Finding;
use tokentrail::patterns::Pattern;
use tokentrail::value::time::DAY;

use super::world::{REGISTER, World};
use super::{Heard, all_detectors, told};
use crate::oracle::grant::register_of;
use crate::oracle::random::Random;
use crate::oracle::rows::{Row, Stage, place_at_random};

#[test]
fn the_day_does_not_matter() {
    let (detectors, register) = (all_detectors(), register_of(REGISTER));
    let stage = Stage { detectors: &detectors, register: &register, since: None, as_of: None, midnight: None };
    let mut heard = Heard::default();
    for case in 0..12 {
        let mut random = Random::of_case("shifting", case);
        let mut rows = World::OURS.rows(&mut random);
        place_at_random(&mut rows, &mut random);
        let here = stage.findings(&[rows.clone()], &mut random);
        heard.note(&here);
        for days in [1, 3, 28, 29, 365, 1461, 10_000] {
            let later: Vec<Row> = rows.iter().map(|row| shifted(row, days)).collect();
            let there = stage.findings(&[later], &mut random);
            let (there, here) = (same(&there, days), same(&here, days));
            assert_eq!(without_days(&there, days), without_days(&here, 0), "case {case}, {days} days later");
        }
    }
}

/// The findings to which so many days make no difference.
fn same(findings: &[Finding], days: i64) -> Vec<Finding> {
    let pattern = |finding: &&Finding| detectors::find(finding.detector).map(|detector| detector.watch.pattern);
    let knows_weekends = |finding: &&Finding| matches!(pattern(finding), Some(Pattern::RareHour));
    findings.iter().filter(|finding| days % 7 == 0 || !knows_weekends(finding)).cloned().collect()
}

fn shifted(row: &Row, days: i64) -> Row {
    let mut later = row.clone();
    for role in Role::ALL.iter().filter(|role| role.kind() == Kind::Time && row.number(**role).is_some()) {
        later = later.with(*role, row.number(*role).map(|time| time + days * DAY));
    }
    match row.text(Role::Claims) {
        Some(claims) => later.with_text(Role::Claims, dates_before(claims, -days).as_str()),
        None => later,
    }
}

/// All that the findings say, with dates so many days earlier. Ids and order depend on the dates that they are made of.
fn without_days(findings: &[Finding], days: i64) -> Vec<String> {
    let told_without = |finding: &Finding| {
        let finding = Finding { id: uuid::Uuid::nil(), ..finding.clone() };
        dates_before(&told(&finding), days)
    };
    let mut lines: Vec<String> = findings.iter().map(told_without).collect();
    lines.sort();
    lines
}

/// A text with every date so many days earlier.
fn dates_before(text: &str, days: i64) -> String {
    let mut shifted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let date = rest.get(..10).and_then(|date| NaiveDate::parse_from_str(date, "%Y-%m-%d").ok());
        let date = date.filter(|_| rest.as_bytes()[4] == b'-' && rest.as_bytes()[7] == b'-');
        if let Some(date) = date {
            let moved =
                if days < 0 { date + Days::new(days.unsigned_abs()) } else { date - Days::new(days.unsigned_abs()) };
            shifted.push_str(&moved.format("%Y-%m-%d").to_string());
            rest = &rest[10..];
        } else {
            shifted.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    shifted
}
