//! Beside: a day on which a subject's usual work goes on at the values that it is known by, and much more comes to it at
//! new ones.
//!
//! ```text
//! known  ▆ ▆ ▇ ▆ ▆ ▆ │ ▆ ▇ ▆      who moves takes the work along;
//! new                │   ▆        who has copied a token comes on top
//! ```
//! A theft as large as a usual day is no deviation of the sum. It is more than the usual day left over, and from elsewhere.
//! Of several logs the one that tells of the most counts, day by day.

use std::collections::{BTreeMap, BTreeSet};

use super::daily::{Daily, Day, Logs, alike, count, doubled_median, quarters};
use super::remembered::{Note, Remembered, note};
use super::{Finish, MARKS_KEPT, Mark, Match, Moves, Past, Rows, fact, past};
use crate::apps::Principal;
use crate::batch::{NO_ID, Role};
use crate::finding::{Finding, Severity};
use crate::value::Time;

pub(super) const LIMITS: &[&str] = &["baseline-days", "like-days", "deviations", "at-least", "share", "usual-share"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    of: Role,
    daily: Daily,
    /// What subjects amounted to on days that earlier runs have seen.
    totals: Remembered,
    /// When they first showed values in those runs, by subject and value.
    known: BTreeMap<(u32, u32), i64>,
}

/// A subject's day as its fullest log tells it.
struct Account<'a> {
    number: i32,
    total: i64,
    parts: Vec<&'a Day>,
}

/// What days before the window amounted to, as far as a day is compared with them; in quarters.
struct Usual {
    median_x4: i128,
    deviation_x4: i128,
    days: i64,
}

/// A day with something beside the usual.
struct Found<'a> {
    account: &'a Account<'a>,
    usual: Usual,
    own: i64,
    new: Vec<&'a Day>,
}

impl State {
    pub(super) fn new(of: Role, sum: Role) -> Self {
        Self { of, daily: Daily::by(of, sum), totals: Remembered::default(), known: BTreeMap::new() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        self.daily.observe(rows);
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        self.daily.merge(other.daily, moves);
        self.totals.merge(other.totals, moves);
        for ((subject, value), first) in other.known {
            self.knows(moves.subject(subject), moves.value(self.of, value), first);
        }
    }

    /// What the next run has to know: values, and what each day amounted to.
    pub(super) fn past(&self) -> Past {
        let mut past = Past::default();
        let days = self.daily.clone().into_days();
        past.shown.extend(days.iter().filter(|day| day.value != NO_ID).map(|day| {
            let (first, last) = day.span();
            past::Shown { subject: day.subject, value: day.value, within: NO_ID, first, last }
        }));
        for days in
            days.chunk_by(|one, next| (one.subject, one.number, one.log) == (next.subject, next.number, next.log))
        {
            let first = days.iter().map(|day| day.span().0).min().unwrap_or(0);
            let last = days.iter().map(|day| day.span().1).max().unwrap_or(first);
            // Of several logs the fuller one stays when the past is settled.
            past.sums.push(note(days[0].subject, days[0].number, total(days), (first, last)));
        }
        past
    }

    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        self.totals.recall(past, moves);
        for shown in &past.shown {
            self.knows(moves.subject(shown.subject), moves.value(self.of, shown.value), shown.first);
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let Self { of, daily, totals, known } = self;
        let found = daily.finish(finish);
        let judge = |(subject, logs): (u32, Logs<'_>)| {
            let remembered = known.range((subject, 0)..=(subject, NO_ID)).filter(|(_, first)| **first < finish.since.0);
            let mut known: BTreeSet<u32> = remembered.map(|((_, value), _)| *value).collect();
            let days = logs.iter().flat_map(|(_, days)| *days);
            known.extend(days.clone().filter(|day| day.first.time < finish.since.0).map(|day| day.value));
            known.insert(NO_ID);
            let is_new = |day: &Day| day.number >= finish.since.day() && !known.contains(&day.value);
            if !days.clone().any(is_new) {
                return Vec::new();
            }
            let accounts = accounts(&logs);
            let past = past_totals(&accounts, totals.of(subject), finish.since.day());
            let judged = accounts.iter().filter_map(|account| judge(account, &past, &known, finish));
            judged.map(|found| found.describe(of, subject, finish)).collect()
        };
        found.subjects().flat_map(judge).collect()
    }

    fn knows(&mut self, subject: u32, value: u32, first: i64) {
        self.known.entry((subject, value)).and_modify(|known| *known = first.min(*known)).or_insert(first);
    }
}

fn total(days: &[Day]) -> i64 {
    days.iter().fold(0, |sum, day| sum.saturating_add(day.sum))
}

/// Each day by the log that tells of the most; of equal ones by the first by name.
fn accounts<'a>(logs: &Logs<'a>) -> Vec<Account<'a>> {
    let mut accounts: BTreeMap<i32, Account<'a>> = BTreeMap::new();
    for (_, days) in logs {
        for parts in days.chunk_by(|one, next| one.number == next.number) {
            let (number, total) = (parts[0].number, total(parts));
            if accounts.get(&number).is_none_or(|known| known.total < total) {
                accounts.insert(number, Account { number, total, parts: parts.iter().collect() });
            }
        }
    }
    accounts.into_values().collect()
}

/// What days before the window amounted to, each once: of this run and of earlier ones the fuller account.
fn past_totals(accounts: &[Account<'_>], noted: &[Note], since: i32) -> Vec<(i32, i64)> {
    let mut totals: BTreeMap<i32, i64> = BTreeMap::new();
    let own = accounts.iter().map(|account| (account.number, account.total));
    for (number, total) in own.chain(noted.iter().map(|note| (note.day, note.total))).filter(|(day, _)| *day < since) {
        totals.entry(number).and_modify(|known| *known = total.max(*known)).or_insert(total);
    }
    totals.into_iter().collect()
}

impl Usual {
    /// Nothing for a subject without enough of a past.
    fn of(number: i32, past: &[(i32, i64)], finish: &Finish<'_>) -> Option<Self> {
        if count(past) < finish.limit("baseline-days").max(1) {
            return None;
        }
        let days = alike(past, |(number, _)| *number, number, finish.limit("like-days"));
        let totals: Vec<i128> = days.iter().map(|(_, total)| i128::from(*total)).collect();
        let median_x2 = doubled_median(totals.clone());
        let deviation_x4 = doubled_median(totals.iter().map(|total| (2 * total - median_x2).abs()).collect());
        Some(Self { median_x4: 2 * median_x2, deviation_x4, days: count(&days) })
    }
}

fn judge<'a>(
    account: &'a Account<'a>,
    past: &[(i32, i64)],
    known: &BTreeSet<u32>,
    finish: &Finish<'_>,
) -> Option<Found<'a>> {
    let new: Vec<&Day> = account.parts.iter().copied().filter(|day| !known.contains(&day.value)).collect();
    let foreign: i128 = new.iter().map(|day| i128::from(day.sum)).sum();
    if account.number < finish.since.day() || foreign < i128::from(finish.limit("at-least").max(1)) {
        return None;
    }
    let usual = Usual::of(account.number, past, finish)?;
    let limit = |name: &str| i128::from(finish.limit(name));
    let total_x4 = 4 * i128::from(account.total);
    let own_x4 = total_x4 - 4 * foreign;
    // What the new values brought, as far as the day's usual work does not account for it.
    let surplus_x4 = (total_x4 - usual.median_x4).min(4 * foreign);
    let goes_on = 100 * own_x4 >= limit("usual-share") * usual.median_x4;
    let is_much = surplus_x4 >= 4 * limit("at-least") && 100 * surplus_x4 >= limit("share") * usual.median_x4;
    let is_unusual = total_x4 > usual.median_x4 + limit("deviations") * usual.deviation_x4;
    let own = account.total.saturating_sub(i64::try_from(foreign).unwrap_or(i64::MAX));
    (goes_on && is_much && is_unusual).then_some(Found { account, usual, own, new })
}

impl Found<'_> {
    fn describe(&self, of: Role, subject: u32, finish: &Finish<'_>) -> Match {
        let Self { account, usual, own, new } = self;
        let mut new = new.clone();
        new.sort_unstable_by_key(|day| day.first);
        let values: Vec<&str> = new.iter().take(MARKS_KEPT).map(|day| finish.text(of, day.value)).collect();
        let mut marks: Vec<Mark> = new.iter().flat_map(|day| day.marks()).collect();
        marks.sort_unstable();
        let events = new.iter().map(|day| u64::from(day.events)).sum();
        let rows = new.iter().fold(0_i64, |sum, day| sum.saturating_add(day.sum));
        let day = Time::of_day(account.number).date_text();
        let last = new.iter().map(|day| day.span().1).max().unwrap_or(0);
        let principal = finish.principal(subject, None);
        // People do at home what they did not get done in the office.
        let severity = (principal == Some(Principal::Person)).then(|| finish.detector.severity.min(Severity::Low));
        Match {
            subject,
            further: Vec::new(),
            anchor: Some(day.clone().into()),
            span: (new.first().map_or(last, |day| day.span().0), last),
            count: events,
            seen: vec![
                fact("day", day),
                fact(of.name_in_words(), values.join(", ")),
                fact("rows", rows),
                fact("events", events),
            ],
            judged_by: vec![
                fact("rows at known ones", *own),
                fact("median", quarters(usual.median_x4)),
                fact("deviation", quarters(usual.deviation_x4)),
                fact("baseline days", usual.days),
            ],
            marks: marks.into_iter().take(Finding::EVIDENCE_KEPT).collect(),
            marks_total: events,
            principal,
            severity,
            weights: Vec::new(),
        }
    }
}
