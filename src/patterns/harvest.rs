//! Harvest: many rows of one subject within a short time, and much in them, by an app and user for whom that is new.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::FixedState;

use super::remembered::{Note, Remembered, by_day, note};
use super::stretch::{Window, is_habit, stretches};
use super::{Finish, Mark, Match, Moves, Past, Rows, fact};
use crate::batch::{NO_ID, Role};
use crate::finding::Finding;
use crate::value::time::SECOND;

pub(super) const LIMITS: &[&str] = &["at-least", "within", "sum-at-least", "quiet-days"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    sum: Role,
    /// Rows and their numbers, by subject and log: several logs may tell of one call.
    rows: HashMap<(u32, u32), Vec<(Mark, i64)>, FixedState>,
    at_least: i64,
    sum_at_least: i64,
    /// In microseconds.
    within: i64,
    /// Days with harvests.
    remembered: Remembered,
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

/// The harvests that one log tells of: the one that tells of the most counts, and of equal ones the first by name.
#[derive(Clone)]
struct Harvests<'f> {
    /// The sum, and how many rows it is of.
    amount: (i128, usize),
    log: &'f str,
    all: Vec<Vec<(Mark, i64)>>,
}

impl State {
    pub(super) fn new(sum: Role, limits: &dyn Fn(&str) -> i64) -> Self {
        Self {
            sum,
            rows: HashMap::default(),
            at_least: limits("at-least").max(1),
            sum_at_least: limits("sum-at-least"),
            within: limits("within").saturating_mul(SECOND),
            remembered: Remembered::default(),
        }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            // Less than nothing is how exports say that they do not know.
            let number = rows.batch.number(self.sum, row).unwrap_or(0).max(0);
            let log = rows.batch.id(Role::Log, row);
            self.rows.entry((subject, log)).or_default().push((rows.mark(row, time), number));
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        #[expect(clippy::iter_over_hash_type, reason = "rows are sorted before they are judged")]
        for ((subject, log), rows) in other.rows {
            let key = (moves.subject(subject), moves.value(Role::Log, log));
            self.rows.entry(key).or_default().extend(rows);
        }
        self.remembered.merge(other.remembered, moves);
    }

    /// What the next run has to know: days with harvests, and when those ended.
    pub(super) fn past(&self) -> Past {
        let mut past = Past::default();
        #[expect(clippy::iter_over_hash_type, reason = "a past is sorted when it is settled")]
        for ((subject, _), rows) in &self.rows {
            let mut rows = rows.clone();
            rows.sort_unstable();
            for (day, rows) in by_day(&rows, |(mark, _)| *mark) {
                let ends = self.harvests(rows).into_iter().map(|harvest| rows[harvest.end - 1].0.time);
                let (first, last) = (ends.clone().min(), ends.max());
                past.sums.extend(first.zip(last).map(|span| note(*subject, day, 1, span)));
            }
        }
        past
    }

    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        self.remembered.recall(past, moves);
    }

    pub(super) fn finish(mut self, finish: &Finish<'_>) -> Vec<Match> {
        // A session is new every time: whether harvests are a habit is asked of who has the session.
        let part = |subject: u32, role: Role| finish.subjects.part(subject, role);
        let holder = |subject: u32| (part(subject, Role::App), part(subject, Role::User));
        let mut ends: HashMap<_, Vec<i64>, FixedState> = HashMap::default();
        for subject in self.remembered.subjects() {
            let remembered = self.remembered.of(subject).iter().flat_map(Note::ends);
            ends.entry(holder(subject)).or_default().extend(remembered);
        }
        let mut fullest: HashMap<u32, Harvests<'_>, FixedState> = HashMap::default();
        #[expect(clippy::iter_over_hash_type, reason = "matches come in any order")]
        for ((subject, log), mut rows) in std::mem::take(&mut self.rows) {
            rows.sort_unstable();
            let all: Vec<_> = self.harvests(&rows).into_iter().map(|harvest| rows[harvest].to_vec()).collect();
            ends.entry(holder(subject)).or_default().extend(all.iter().filter_map(|rows| Some(rows.last()?.0.time)));
            let log = if log == NO_ID { "" } else { finish.text(Role::Log, log) };
            let sum = all.iter().flatten().map(|(_, number)| i128::from(*number)).sum();
            let own = Harvests { amount: (sum, all.iter().map(Vec::len).sum()), log, all };
            fullest
                .entry(subject)
                .and_modify(|known| {
                    if (own.amount, known.log) > (known.amount, own.log) {
                        known.clone_from(&own);
                    }
                })
                .or_insert(own);
        }
        let new = fullest.into_iter().filter(|(subject, _)| !is_habit(ends[&holder(*subject)].iter().copied(), finish));
        new.flat_map(|(subject, own)| own.all.into_iter().map(move |rows| (subject, rows)))
            .map(|(subject, rows)| describe(subject, &rows, finish))
            .collect()
    }

    fn harvests(&self, rows: &[(Mark, i64)]) -> Vec<Range<usize>> {
        let window = Held { rows: 0, sum: 0, at_least: self.at_least, sum_at_least: self.sum_at_least };
        stretches(rows, |(mark, _)| *mark, self.within, window)
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
        principal: finish.principal(subject, None),
        severity: finish.milder_for_people(subject),
        weights: Vec::new(),
    }
}
