//! Revival: a subject with a past that was silent for long, and then is active again in the window.
//!
//! ```text
//! ──a──a──b──a──────────── idle ────────────┼───a──
//! ```
//! Silence counts only where the logs that knew the subject have rows of others: days without an export are no pause.

use super::activity::{Activity, Histories};
use super::daily::{Daily, Day, Found, Logs};
use super::{Finish, Match, Moves, Past, Rows, fact};
use crate::finding::Severity;
use crate::value::Time;
use crate::value::time::DAY;

pub(super) const LIMITS: &[&str] = &["idle-days", "baseline-days", "covered", "known-pauses"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    daily: Daily,
    /// With what earlier runs have seen, once that is recalled.
    activity: Option<Activity>,
}

impl State {
    pub(super) fn new() -> Self {
        Self { daily: Daily::new(None), activity: None }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        self.daily.observe(rows);
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        if self.activity.is_some() || other.activity.is_some() {
            let theirs = other.activity.unwrap_or_else(|| other.daily.activity());
            self.activity.get_or_insert_with(|| self.daily.activity()).merge(theirs, moves);
        }
        self.daily.merge(other.daily, moves);
    }

    pub(super) fn past(&self) -> Past {
        Past { active: self.daily.activity().past(), ..self.daily.past() }
    }

    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        let mut activity = self.daily.activity();
        activity.recall(past, moves);
        self.activity = Some(activity);
        self.daily.recall(past, moves);
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let Self { daily, activity } = self;
        let activity = activity.unwrap_or_else(|| daily.activity());
        let histories = activity.histories();
        let found = daily.finish(finish);
        let judge = |(subject, logs): (u32, Logs<'_>)| {
            let pause = Pause::of(&logs, &found, finish)?;
            Some(pause.describe(subject, &histories, finish))
        };
        found.subjects().filter_map(judge).collect()
    }
}

/// The last pause that ended in the window.
struct Pause {
    last_used: i64,
    back: Vec<Day>,
    active_days: i64,
    earlier_pauses: i64,
}

impl Pause {
    fn of(logs: &Logs<'_>, found: &Found, finish: &Finish<'_>) -> Option<Self> {
        let idle = finish.limit("idle-days").saturating_mul(DAY);
        let mut all: Vec<&Day> = logs.iter().flat_map(|(_, days)| *days).collect();
        all.sort_by_key(|day| day.number);
        let days = all.chunk_by(|one, next| one.number == next.number);
        let days: Vec<(i64, i64, &[&Day])> = days.map(|rows| (first(rows), last(rows), rows)).collect();
        let pauses = (1..days.len()).filter(|place| days[*place].0 - days[*place - 1].1 >= idle);
        let pauses: Vec<usize> = pauses.collect();
        let place = *pauses.last().filter(|place| days[**place].0 >= finish.since.0)?;
        let (last_used, back) = (days[place - 1].1, days[place].0);
        let knew = logs.iter().filter(|(_, days)| days.iter().any(|day| day.first.time <= last_used));
        let gap = Time(last_used).day() + 1..Time(back).day();
        let is_covered = |log: u32| {
            found.covered(log, gap.clone()).saturating_mul(100)
                >= i64::from(gap.end - gap.start) * finish.limit("covered")
        };
        let active_days = i64::try_from(place).unwrap_or(i64::MAX);
        let is_one = active_days >= finish.limit("baseline-days") && knew.into_iter().all(|(log, _)| is_covered(*log));
        is_one.then(|| Self {
            last_used,
            back: days[place..].iter().flat_map(|(_, _, rows)| rows.iter().map(|day| **day)).collect(),
            active_days,
            earlier_pauses: i64::try_from(pauses.len() - 1).unwrap_or(i64::MAX),
        })
    }

    fn describe(&self, subject: u32, histories: &Histories, finish: &Finish<'_>) -> Match {
        let back = self.back.iter().map(|day| day.span().0).min().unwrap_or(self.last_used);
        let end = self.back.iter().map(|day| day.last.time).max().unwrap_or(back);
        let events = self.back.iter().map(|day| u64::from(day.events)).sum();
        let first = self.back.iter().map(|day| day.first).min();
        let last = self.back.iter().map(|day| day.last).max().filter(|last| Some(*last) != first);
        let known = finish.limit("known-pauses");
        let is_habit = known > 0 && self.earlier_pauses >= known;
        Match {
            subject,
            further: Vec::new(),
            anchor: None,
            span: (back, end),
            count: events,
            seen: vec![
                fact("idle days", (back - self.last_used) / DAY),
                fact("last used", Time(self.last_used)),
                fact("events", events),
            ],
            judged_by: vec![
                fact("baseline active days", self.active_days),
                fact("earlier pauses", self.earlier_pauses),
            ],
            marks: first.into_iter().chain(last).collect(),
            marks_total: events,
            principal: finish.principal(subject, histories.before(subject, finish.since.day()).principal),
            severity: is_habit.then_some(Severity::Low),
            weights: Vec::new(),
        }
    }
}

fn first(rows: &[&Day]) -> i64 {
    rows.iter().map(|day| day.span().0).min().unwrap_or(i64::MAX)
}

fn last(rows: &[&Day]) -> i64 {
    rows.iter().map(|day| day.last.time).max().unwrap_or(i64::MIN)
}
