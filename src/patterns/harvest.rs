//! Harvest: many rows of one subject within a short time, and much in them, by an app and user for whom that is new.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::stretch::{Window, is_habit, stretches};
use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::batch::Role;
use crate::finding::Finding;
use crate::value::time::SECOND;

pub(super) const LIMITS: &[&str] = &["at-least", "within", "sum-at-least", "quiet-days"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    sum: Role,
    /// Rows and their numbers, by subject.
    rows: HashMap<u32, Vec<(Mark, i64)>, FixedState>,
}

/// How many rows are in the window, and how much is in them.
struct Held {
    rows: i64,
    sum: i128,
    at_least: i64,
    sum_at_least: i64,
}

impl Window<(Mark, i64)> for Held {
    fn enter(&mut self, (_, number): &(Mark, i64)) {
        self.rows += 1;
        self.sum += i128::from(*number);
    }

    fn leave(&mut self, (_, number): &(Mark, i64)) {
        self.rows -= 1;
        self.sum -= i128::from(*number);
    }

    fn is_full(&self) -> bool {
        self.rows >= self.at_least && self.sum >= i128::from(self.sum_at_least)
    }
}

/// A harvest: its subject and its rows.
type Harvest = (u32, Vec<(Mark, i64)>);

impl State {
    pub(super) fn new(sum: Role) -> Self {
        Self { sum, rows: HashMap::default() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            // Less than nothing is how exports say that they do not know.
            let number = rows.batch.number(self.sum, row).unwrap_or(0).max(0);
            self.rows.entry(subject).or_default().push((rows.mark(row, time), number));
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        #[expect(clippy::iter_over_hash_type, reason = "rows are sorted before they are judged")]
        for (subject, rows) in other.rows {
            self.rows.entry(moves.subject(subject)).or_default().extend(rows);
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        // A session is new every time: whether harvests are a habit is asked of who has the session.
        let mut by_holder: HashMap<_, Vec<Harvest>, FixedState> = HashMap::default();
        let within = finish.limit("within").saturating_mul(SECOND);
        #[expect(clippy::iter_over_hash_type, reason = "matches come in any order")]
        for (subject, mut rows) in self.rows {
            rows.sort_unstable();
            let (at_least, sum_at_least) = (finish.limit("at-least").max(1), finish.limit("sum-at-least"));
            let window = Held { rows: 0, sum: 0, at_least, sum_at_least };
            let part = |role: Role| finish.subjects.part(subject, role);
            for harvest in stretches(&rows, |(mark, _)| *mark, within, window) {
                let holder = (part(Role::App), part(Role::User));
                by_holder.entry(holder).or_default().push((subject, rows[harvest].to_vec()));
            }
        }
        let ends = |harvests: &[Harvest]| -> Vec<i64> {
            harvests.iter().filter_map(|(_, rows)| rows.last().map(|(mark, _)| mark.time)).collect()
        };
        let new = by_holder.into_values().filter(|harvests| !is_habit(ends(harvests).into_iter(), finish));
        new.flatten().map(|(subject, rows)| describe(subject, &rows, finish)).collect()
    }
}

fn describe(subject: u32, rows: &[(Mark, i64)], finish: &Finish<'_>) -> Match {
    let sum = rows.iter().fold(0_i64, |sum, (_, number)| sum.saturating_add(*number));
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (rows[0].0.time, rows[rows.len() - 1].0.time),
        count: rows.len() as u64,
        seen: vec![fact("rows", sum), fact("events", rows.len())],
        judged_by: vec![
            fact("at least", finish.limit("at-least")),
            fact("rows at least", finish.limit("sum-at-least")),
            fact("within seconds", finish.limit("within")),
            fact("quiet days", finish.limit("quiet-days")),
        ],
        marks: rows.iter().map(|(mark, _)| *mark).take(Finding::EVIDENCE_KEPT).collect(),
        marks_total: rows.len() as u64,
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}
