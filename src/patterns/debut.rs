//! Debut: a subject that appears for the first time within the window, where the rows of its kind reach back long enough
//! for that to mean something. What exists, and does not happen, appears when it was created.

use std::collections::BTreeMap;

use super::seen::{Entry, Seen};
use super::{Finish, Mark, Match, Moves, Past, Rows, fact};
use crate::batch::{NO_ID, Role};
use crate::value::Time;
use crate::value::time::DAY;

pub(super) const LIMITS: &[&str] = &["history-days"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    created: Option<Role>,
    /// In which logs subjects appeared.
    seen: Seen,
}

/// Where and when a subject appeared first, and how often in all.
#[derive(Clone, Copy, Debug)]
struct Appearance<'f> {
    first: Mark,
    log: &'f str,
    last: i64,
    count: u64,
}

impl State {
    pub(super) fn new(created: Option<Role>) -> Self {
        Self { created, seen: Seen::default() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        let moment = self.created.filter(|_| rows.batch.table.is_inventory()).unwrap_or(Role::Time);
        let shown = rows.selected.iter().map(|row| *row as usize).filter_map(|row| {
            let mark = rows.mark(row, rows.batch.number(moment, row)?);
            Some(Entry::one(rows.subjects[row], rows.batch.id(Role::Log, row), NO_ID, 0, mark))
        });
        self.seen.observe(shown);
    }

    pub(super) fn merge(&mut self, other: &Self, moves: &Moves<'_>) {
        self.seen.merge(&other.seen, Role::Log, None, moves);
    }

    pub(super) fn past(&self) -> Past {
        Past { shown: self.seen.past(), ..Past::default() }
    }

    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        self.seen.recall(past, Role::Log, None, moves);
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let history = finish.limit("history-days") * DAY;
        let mut appearances: BTreeMap<u32, Appearance<'_>> = BTreeMap::new();
        let mut reach: BTreeMap<&str, i64> = BTreeMap::new();
        for entry in self.seen.entries() {
            let log = if entry.value == NO_ID { "" } else { finish.text(Role::Log, entry.value) };
            let appearance =
                Appearance { first: entry.first, log, last: entry.last.time, count: u64::from(entry.count) };
            appearances.entry(entry.subject).and_modify(|known| known.absorb(&appearance)).or_insert(appearance);
            reach.entry(log).and_modify(|known| *known = entry.first.time.min(*known)).or_insert(entry.first.time);
        }
        let is_new = |appearance: &Appearance<'_>| {
            let is_in_window = (finish.since.0..=finish.as_of.0).contains(&appearance.first.time);
            is_in_window && reach[appearance.log] <= finish.since.0 - history
        };
        let new = appearances.iter().filter(|(_, appearance)| is_new(appearance));
        new.map(|(subject, appearance)| describe(*subject, *appearance, finish)).collect()
    }
}

impl Appearance<'_> {
    fn absorb(&mut self, other: &Self) {
        if (other.first, other.log) < (self.first, self.log) {
            (self.first, self.log) = (other.first, other.log);
        }
        self.last = self.last.max(other.last);
        self.count += other.count;
    }
}

fn describe(subject: u32, appearance: Appearance<'_>, finish: &Finish<'_>) -> Match {
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (appearance.first.time, appearance.last),
        count: appearance.count,
        seen: vec![
            fact("first seen", Time(appearance.first.time)),
            fact("first seen in", appearance.log),
            fact("events", i64::try_from(appearance.count).unwrap_or(i64::MAX)),
        ],
        judged_by: vec![fact("history days", finish.limit("history-days")), fact("window start", finish.since)],
        marks: vec![appearance.first],
        marks_total: appearance.count,
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}
