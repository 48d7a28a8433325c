//! Rush: a subject's quarter of an hour with many more rows than the busiest quarter of its usual days before the window.
//! Quarters are those of the clock; quarters in a row are one match.
//!
//! Each row adds one to its quarter, so that nothing is kept of single rows but the first and the last of a quarter.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::remembered::{Note, Remembered, note};
use super::{Finish, Mark, Match, Moves, Past, Rows, fact};
use crate::batch::Role;
use crate::finding::Finding;
use crate::folded::{Folded, Part};
use crate::value::Time;
use crate::value::time::QUARTER;

pub(super) const LIMITS: &[&str] = &["at-least", "times", "history-days", "cold-at-least"];

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    quarters: Folded<Quarter>,
    /// The busiest quarters of days.
    remembered: Remembered,
}

/// A quarter of a subject, as one log tells it: several logs may tell of one call.
#[derive(Clone, Copy, Debug)]
struct Quarter {
    subject: u32,
    log: u32,
    /// Quarters since 1970.
    number: i64,
    events: u64,
    first: Mark,
    last: Mark,
}

/// What a subject's quarters are judged by.
struct Usual {
    /// So many rows had the busiest quarter of a day, by the median of days.
    events: u64,
    days: i64,
}

impl State {
    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let (log, number, mark) = (rows.batch.id(Role::Log, row), time.div_euclid(QUARTER), rows.mark(row, time));
            self.quarters.add(Quarter { subject, log, number, events: 1, first: mark, last: mark });
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        let ours = |quarter: Quarter| Quarter {
            subject: moves.subject(quarter.subject),
            log: moves.value(Role::Log, quarter.log),
            ..quarter
        };
        self.quarters.extend(other.quarters.into_parts().into_iter().map(ours));
        self.remembered.merge(other.remembered, moves);
    }

    /// What the next run has to know: the busiest quarter of each day.
    pub(super) fn past(&self) -> Past {
        let mut past = Past::default();
        for quarters in fullest(self.quarters.clone()).chunk_by(|one, next| one.subject == next.subject) {
            for quarters in quarters.chunk_by(|one, next| one.day() == next.day()) {
                let subject = quarters[0].subject;
                let most = quarters.iter().map(|quarter| quarter.events).max().unwrap_or(0);
                let span = (quarters[0].first.time, quarters[quarters.len() - 1].last.time);
                let most = i64::try_from(most).unwrap_or(i64::MAX);
                past.sums.push(note(subject, quarters[0].day(), most, span));
            }
        }
        past
    }

    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        self.remembered.recall(past, moves);
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let quarters = fullest(self.quarters);
        let subjects = quarters.chunk_by(|one, next| one.subject == next.subject);
        let judge = |quarters: &[Quarter]| {
            let subject = quarters[0].subject;
            judge(subject, quarters, self.remembered.of(subject), finish)
        };
        subjects.flat_map(judge).collect()
    }
}

/// The quarters of each subject, in order: of several logs the one with the most rows tells, and of equal ones the one that
/// begins first.
fn fullest(quarters: Folded<Quarter>) -> Vec<Quarter> {
    let mut quarters = quarters.into_whole();
    let rank = |quarter: &Quarter| (Reverse(quarter.events), quarter.first);
    quarters.dedup_by(|next, fullest| {
        let is_same = (next.subject, next.number) == (fullest.subject, fullest.number);
        if is_same && rank(next) < rank(fullest) {
            *fullest = *next;
        }
        is_same
    });
    quarters
}

impl Part for Quarter {
    type Key = (u32, i64, u32);

    fn subject(&self) -> u32 {
        self.subject
    }

    fn key(&self) -> Self::Key {
        (self.subject, self.number, self.log)
    }

    fn absorb(&mut self, other: &Self) {
        self.events += other.events;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

impl Quarter {
    /// Days since 1970, UTC.
    fn day(&self) -> i32 {
        Time(self.first.time).day()
    }
}

fn judge(subject: u32, quarters: &[Quarter], remembered: &[Note], finish: &Finish<'_>) -> Vec<Match> {
    let window = finish.since.0.div_euclid(QUARTER);
    let (before, within) = quarters.split_at(quarters.partition_point(|quarter| quarter.number < window));
    let usual = usual(before, remembered.iter().filter(|note| note.day < finish.since.day()));
    let limit = |name: &str| u64::try_from(finish.limit(name)).unwrap_or(0);
    let is_rush = |quarter: &Quarter| {
        if usual.days < finish.limit("history-days") {
            return quarter.events >= limit("cold-at-least").max(1);
        }
        quarter.events >= limit("at-least").max(1) && quarter.events > limit("times").saturating_mul(usual.events)
    };
    let rushes: Vec<Quarter> = within.iter().copied().filter(is_rush).collect();
    let in_a_row = rushes.chunk_by(|one, next| one.number + 1 == next.number);
    in_a_row.map(|rush| describe(subject, rush, &usual, finish)).collect()
}

fn usual<'n>(quarters: &[Quarter], remembered: impl Iterator<Item = &'n Note>) -> Usual {
    let mut days: BTreeMap<i32, u64> = BTreeMap::new();
    let noted = remembered.map(|note| (note.day, note.total.unsigned_abs()));
    for (day, events) in quarters.iter().map(|quarter| (quarter.day(), quarter.events)).chain(noted) {
        let most = days.entry(day).or_default();
        *most = events.max(*most);
    }
    let mut busiest: Vec<u64> = days.into_values().collect();
    busiest.sort_unstable();
    // Of two in the middle the lower one.
    let middle = busiest.len().saturating_sub(1) / 2;
    let events = busiest.get(middle).copied().unwrap_or(0);
    Usual { events, days: i64::try_from(busiest.len()).unwrap_or(i64::MAX) }
}

fn describe(subject: u32, rush: &[Quarter], usual: &Usual, finish: &Finish<'_>) -> Match {
    let events = rush.iter().map(|quarter| quarter.events).sum();
    let most = rush.iter().map(|quarter| quarter.events).max().unwrap_or(0);
    let mut marks: Vec<Mark> = rush.iter().flat_map(|quarter| [quarter.first, quarter.last]).collect();
    marks.dedup();
    marks.truncate(Finding::EVIDENCE_KEPT);
    let known = usual.days >= finish.limit("history-days");
    let at_least = finish.limit(if known { "at-least" } else { "cold-at-least" });
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (rush[0].first.time, rush[rush.len() - 1].last.time),
        count: events,
        seen: vec![fact("most in a quarter", most), fact("quarters", rush.len()), fact("events", events)],
        judged_by: vec![
            fact("usual in the busiest quarter", usual.events),
            fact("active days before", usual.days),
            fact("at least", at_least),
            fact("times", finish.limit("times")),
        ],
        marks,
        marks_total: events,
        principal: finish.principal(subject, None),
        severity: None,
        weights: Vec::new(),
    }
}
