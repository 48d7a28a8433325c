//! Unlogged: a listing says when a subject's thing was used last, and no log tells of it.
//!
//! ```text
//! used by the listing  ───────────────u──────
//! the subject's rows   ──l──l──l─┄┄┄┄┄┄┄┄┄──l     none on the days about u
//! rows of the log      ──x──x──x──x──x──x──x     on all of those days
//! ```
//! Days are of UTC. It should be there if the log has rows on all those days, and tells of the subject on other ones.

use std::collections::BTreeSet;

use super::by_subject::BySubject;
use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::batch::{Role, Table};
use crate::finding::Finding;
use crate::value::Time;

pub(super) const LIMITS: &[&str] = &["margin-days"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    used: Role,
    logged_in: Table,
    /// By subject.
    subjects: BySubject<Traces>,
    /// The days that the log has rows of.
    days: BTreeSet<i32>,
}

#[derive(Clone, Debug, Default)]
struct Traces {
    /// When the listing says that its things were used.
    used: Vec<(Mark, i64)>,
    /// The days on which it was active, in no order; days in a row once.
    days: Vec<i32>,
    is_logged: bool,
}

impl State {
    pub(super) fn new(used: Role, logged_in: Table) -> Self {
        Self { used, logged_in, subjects: BySubject::default(), days: BTreeSet::new() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        if rows.batch.table.is_inventory() {
            for row in rows.selected.iter().map(|row| *row as usize) {
                if let Some(time) = rows.batch.number(self.used, row) {
                    let count = rows.batch.number(Role::UseCount, row).unwrap_or(-1);
                    self.subjects.of(rows.subjects[row]).used.push((rows.mark(row, time), count));
                }
            }
            return;
        }
        let is_log = rows.batch.table == self.logged_in;
        let mut last = None;
        for (_, subject, time) in rows.iter() {
            let day = Time(time).day();
            let traces = self.subjects.of(subject);
            traces.is_logged |= is_log;
            if traces.days.last() != Some(&day) {
                traces.days.push(day);
            }
            if is_log && last.replace(day) != Some(day) {
                self.days.insert(day);
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        for (subject, theirs) in other.subjects.into_all() {
            if theirs.used.is_empty() && theirs.days.is_empty() {
                continue;
            }
            let own = self.subjects.of(moves.subject(subject));
            own.used.extend(theirs.used);
            own.days.extend(theirs.days);
            own.is_logged |= theirs.is_logged;
        }
        self.days.extend(other.days);
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let margin = i32::try_from(finish.limit("margin-days").max(0)).unwrap_or(i32::MAX);
        let mut matches = Vec::new();
        for (subject, traces) in self.subjects.iter().filter(|(_, traces)| traces.is_logged) {
            let active: BTreeSet<i32> = traces.days.iter().copied().collect();
            let is_unlogged = |(mark, _): &&(Mark, i64)| {
                let day = Time(mark.time).day();
                let about = day.saturating_sub(margin)..=day.saturating_add(margin);
                let is_covered = about.clone().all(|day| self.days.contains(&day));
                is_covered
                    && active.range(about).next().is_none()
                    && (finish.since..=finish.as_of).contains(&Time(mark.time))
            };
            let mut unlogged: Vec<(Mark, i64)> = traces.used.iter().filter(is_unlogged).copied().collect();
            unlogged.sort_unstable();
            if !unlogged.is_empty() {
                matches.push(describe(subject, &unlogged, margin, finish));
            }
        }
        matches
    }
}

fn describe(subject: u32, unlogged: &[(Mark, i64)], margin: i32, finish: &Finish<'_>) -> Match {
    let marks: Vec<Mark> = unlogged.iter().map(|(mark, _)| *mark).collect();
    let (first, last) = (marks[0].time, marks[marks.len() - 1].time);
    let times: BTreeSet<i64> = marks.iter().map(|mark| mark.time).collect();
    let most = unlogged.iter().map(|(_, count)| *count).max().filter(|count| *count >= 0);
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (first, last),
        count: times.len() as u64,
        seen: vec![
            fact("last used", Time(last)),
            fact("times", times.len()),
            fact(
                "use count",
                most.map_or(crate::finding::FactValue::Words("unknown"), crate::finding::FactValue::Number),
            ),
        ],
        judged_by: vec![fact("margin days", i64::from(margin)), fact("window start", finish.since)],
        marks_total: marks.len() as u64,
        marks: marks.into_iter().take(Finding::EVIDENCE_KEPT).collect(),
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}
