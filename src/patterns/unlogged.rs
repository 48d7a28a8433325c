//! Unlogged: a listing says when a subject's thing was used last, and no log tells of it.
//!
//! ```text
//! used by the listing  ───────────────u──────
//! the subject's rows   ──l──l──l─┄┄┄┄┄┄┄┄┄──l     none on the days about u
//! rows of the log      ──x──x──x──x──x──x──x     on all of those days
//! ```
//! Days are of UTC. It should be there if the log has rows on all those days, and tells of the subject on other ones.

use std::collections::BTreeSet;

use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::batch::{Role, Table};
use crate::finding::{FactValue, Finding};
use crate::folded::{Folded, Part, packed};
use crate::value::Time;

pub(super) const LIMITS: &[&str] = &["margin-days"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    used: Role,
    logged_in: Table,
    /// When the listing says that things were used, and how often.
    uses: Vec<Use>,
    active: Folded<ActiveDay>,
    /// The days that the log has rows of.
    days: BTreeSet<i32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    subject: u32,
    mark: Mark,
    count: i64,
}

/// A day on which a subject was active.
#[derive(Clone, Copy, Debug)]
struct ActiveDay {
    subject: u32,
    number: i32,
    /// Whether the log tells of the subject on that day.
    is_logged: bool,
}

impl State {
    pub(super) fn new(used: Role, logged_in: Table) -> Self {
        Self { used, logged_in, uses: Vec::new(), active: Folded::default(), days: BTreeSet::new() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        if rows.batch.table.is_inventory() {
            for row in rows.selected.iter().map(|row| *row as usize) {
                if let Some(time) = rows.batch.number(self.used, row) {
                    let count = rows.batch.number(Role::UseCount, row).unwrap_or(-1);
                    self.uses.push(Use { subject: rows.subjects[row], mark: rows.mark(row, time), count });
                }
            }
            return;
        }
        let is_logged = rows.batch.table == self.logged_in;
        let mut last = None;
        for (_, subject, time) in rows.iter() {
            let number = Time(time).day();
            self.active.add(ActiveDay { subject, number, is_logged });
            if is_logged && last.replace(number) != Some(number) {
                self.days.insert(number);
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        self.uses.extend(other.uses.into_iter().map(|used| Use { subject: moves.subject(used.subject), ..used }));
        let active = other.active.into_parts().into_iter();
        self.active.extend(active.map(|day| ActiveDay { subject: moves.subject(day.subject), ..day }));
        self.days.extend(other.days);
    }

    pub(super) fn finish(mut self, finish: &Finish<'_>) -> Vec<Match> {
        let margin = i32::try_from(finish.limit("margin-days").max(0)).unwrap_or(i32::MAX);
        let active = self.active.into_whole();
        self.uses.sort_unstable();
        let mut matches = Vec::new();
        for uses in self.uses.chunk_by(|one, next| one.subject == next.subject) {
            let subject = uses[0].subject;
            let own = active.partition_point(|day| day.subject < subject)
                ..active.partition_point(|day| day.subject <= subject);
            let own = &active[own];
            let is_unlogged = |used: &&Use| {
                let day = Time(used.mark.time).day();
                let about = day.saturating_sub(margin)..=day.saturating_add(margin);
                let is_covered = about.clone().all(|day| self.days.contains(&day));
                is_covered
                    && own.iter().all(|day| !about.contains(&day.number))
                    && (finish.since..=finish.as_of).contains(&Time(used.mark.time))
            };
            let is_logged = own.iter().any(|day| day.is_logged);
            let unlogged: Vec<Use> = uses.iter().filter(|used| is_logged && is_unlogged(used)).copied().collect();
            if !unlogged.is_empty() {
                matches.push(describe(subject, &unlogged, margin, finish));
            }
        }
        matches
    }
}

impl Part for ActiveDay {
    type Key = u64;

    fn subject(&self) -> u32 {
        self.subject
    }

    fn key(&self) -> Self::Key {
        packed(self.subject, self.number)
    }

    fn absorb(&mut self, other: &Self) {
        self.is_logged |= other.is_logged;
    }
}

fn describe(subject: u32, unlogged: &[Use], margin: i32, finish: &Finish<'_>) -> Match {
    let marks: Vec<Mark> = unlogged.iter().map(|used| used.mark).collect();
    let (first, last) = (marks[0].time, marks[marks.len() - 1].time);
    let times: BTreeSet<i64> = marks.iter().map(|mark| mark.time).collect();
    let most = unlogged.iter().map(|used| used.count).max().filter(|count| *count >= 0);
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (first, last),
        count: times.len() as u64,
        seen: vec![
            fact("last used", Time(last)),
            fact("times", times.len()),
            fact("use count", most.map_or(FactValue::Words("unknown"), FactValue::Number)),
        ],
        judged_by: vec![fact("margin days", i64::from(margin)), fact("window start", finish.since)],
        marks_total: marks.len() as u64,
        marks: marks.into_iter().take(Finding::EVIDENCE_KEPT).collect(),
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}
