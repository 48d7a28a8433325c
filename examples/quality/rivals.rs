//! Simple judges over the same rows: fixed numbers of rows, mean and three standard deviations, addresses never seen.
//!
//! They are credited more kindly than the program: an alarm counts for every stage that has rows in it, whatever the
//! stage means, as long as there is none for the same subject and day without the campaign.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::benign::eventful;
use super::calendar::DAY;
use super::campaigns::{self, Campaign};
use super::profile::{CAMPAIGN, HISTORY, MONTH, MONTH_DAYS, Profile, Span};
use super::row::{BROWSER, Cause, Row, What};
use super::world::orgs;

/// A judge: its name, and what it alarms at.
pub(crate) struct Judge {
    pub(crate) name: &'static str,
    alarms: fn(&[Row], Span) -> Alarms,
}

/// The stages that have rows in an alarm, by app, user, and day or address.
type Alarms = BTreeMap<(u32, u32, i64), BTreeSet<u8>>;

pub(crate) const ALL: [Judge; 6] = [
    Judge { name: "10,000 rows in one query", alarms: |rows, span| of_queries(rows, span, 10_000) },
    Judge { name: "10,000 rows a day", alarms: |rows, span| of_days(rows, span, |sum, _| sum >= 10_000) },
    Judge { name: "50,000 rows a day", alarms: |rows, span| of_days(rows, span, |sum, _| sum >= 50_000) },
    Judge { name: "100,000 rows a day", alarms: |rows, span| of_days(rows, span, |sum, _| sum >= 100_000) },
    Judge { name: "mean and three deviations", alarms: |rows, span| of_days(rows, span, is_three_deviations_above) },
    Judge { name: "address never seen", alarms: of_addresses },
];

/// Where the days that are judged begin.
fn judged_from(span: Span) -> i64 {
    span.start + HISTORY * DAY
}

/// Rows that came back, once for each call: `RestApi` says the same again.
fn taken(row: &Row) -> i64 {
    match row.what {
        What::Query { rows, .. } | What::Step { rows, .. } => rows,
        What::Request { .. } | What::Login { .. } => 0,
    }
}

fn stage(row: &Row) -> Option<u8> {
    if let Cause::Stage(stage) = row.cause { Some(stage) } else { None }
}

fn of_queries(rows: &[Row], span: Span, limit: i64) -> Alarms {
    let mut alarms = Alarms::new();
    for row in rows.iter().filter(|row| row.time >= judged_from(span) && taken(row) >= limit) {
        alarms.entry((row.app, row.user, row.time / DAY)).or_default().extend(stage(row));
    }
    alarms
}

/// By day: rows in all, and the stages that have some of them.
type Days = BTreeMap<i64, (i64, BTreeSet<u8>)>;

fn of_days(rows: &[Row], span: Span, is_too_much: fn(i64, &[i64]) -> bool) -> Alarms {
    let mut days: BTreeMap<(u32, u32), Days> = BTreeMap::new();
    for row in rows.iter().filter(|row| taken(row) > 0) {
        let (sum, stages) = days.entry((row.app, row.user)).or_default().entry(row.time / DAY).or_default();
        *sum += taken(row);
        stages.extend(stage(row));
    }
    let mut alarms = Alarms::new();
    for ((app, user), days) in days {
        let mut before = Vec::new();
        for (day, (sum, stages)) in days {
            if day >= judged_from(span) / DAY && is_too_much(sum, &before) {
                alarms.insert((app, user, day), stages);
            }
            before.push(sum);
        }
    }
    alarms
}

/// Of at least five days before.
fn is_three_deviations_above(sum: i64, before: &[i64]) -> bool {
    let count = before.len() as f64;
    let mean = before.iter().sum::<i64>() as f64 / count;
    let variance = before.iter().map(|known| (*known as f64 - mean).powi(2)).sum::<f64>() / count;
    before.len() >= 5 && sum as f64 > mean + 3.0 * variance.sqrt()
}

/// Addresses that an app and its user never came from; browsers left aside. Whatever comes from one later belongs to its
/// alarm.
fn of_addresses(rows: &[Row], span: Span) -> Alarms {
    let mut known = HashSet::new();
    let mut alarms = Alarms::new();
    for row in rows.iter().filter(|row| row.app != BROWSER) {
        let is_new = known.insert((row.app, row.user, row.address)) && row.time >= judged_from(span);
        let key = (row.app, row.user, i64::from(row.address));
        if is_new {
            alarms.insert(key, BTreeSet::new());
        }
        if let Some(stages) = alarms.get_mut(&key) {
            stages.extend(stage(row));
        }
    }
    alarms
}

/// For each judge and campaign: which stages it alarms at.
pub(crate) fn recall(profile: &'static Profile, seed: u64, campaigns: &[&Campaign]) -> Vec<(usize, usize, Vec<bool>)> {
    let orgs = orgs(profile, seed, CAMPAIGN);
    let mut results = Vec::new();
    let clean: Vec<Vec<Alarms>> =
        ALL.iter().map(|judge| orgs.iter().map(|org| (judge.alarms)(&org.rows, org.span)).collect()).collect();
    for (number, campaign) in campaigns.iter().enumerate() {
        for planted in campaigns::plant(campaign, &orgs, seed) {
            // Judges look at one subject at a time.
            let org = &orgs[planted.org];
            let is_theirs = |row: &&Row| (row.app, row.user) == (planted.app, planted.user);
            let mut rows: Vec<Row> = org.rows.iter().filter(is_theirs).chain(&planted.rows).cloned().collect();
            rows.sort_by_key(|row| row.time);
            for (place, judge) in ALL.iter().enumerate() {
                let usual = &clean[place][planted.org];
                let alarms = (judge.alarms)(&rows, org.span);
                let new = alarms.iter().filter(|(key, _)| !usual.contains_key(key));
                let stages: BTreeSet<u8> = new.flat_map(|(_, stages)| stages).copied().collect();
                let found = (0..campaign.stages.len()).map(|stage| stages.contains(&(stage as u8)));
                results.push((place, number, found.collect()));
            }
        }
    }
    results
}

/// For each judge: alarms in the plain and in the eventful month of each organisation.
pub(crate) fn false_alarms(profile: &'static Profile, seed: u64) -> Vec<[usize; 2]> {
    let orgs = orgs(profile, seed, MONTH);
    let mut counts = vec![[0; 2]; ALL.len()];
    let last = judged_from(MONTH) + MONTH_DAYS * DAY;
    for org in &orgs {
        for (place, rows) in [org.rows.clone(), eventful(org, seed)].iter().enumerate() {
            let within = &rows[..rows.partition_point(|row| row.time < last)];
            for (judge, count) in ALL.iter().zip(&mut counts) {
                count[place] += (judge.alarms)(within, org.span).len();
            }
        }
    }
    counts
}
