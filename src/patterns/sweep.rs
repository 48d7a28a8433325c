//! Sweep: a subject shows several distinct values within a short time, and did not do so before: somebody looks around.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::FixedState;

use super::remembered::{Note, Remembered, by_day, note};
use super::stretch::{Window, is_habit, stretches};
use super::{Finish, Mark, Match, Moves, Past, Rows, fact};
use crate::batch::{NO_ID, Role};
use crate::finding::Finding;
use crate::value::time::SECOND;

pub(super) const LIMITS: &[&str] = &["at-least", "within", "quiet-days"];

/// So many distinct values are shown, in the order of their first rows.
const SHOWN: usize = 10;

#[derive(Clone, Debug)]
pub(crate) struct State {
    of: Role,
    /// Rows that show a value, and the value, by subject.
    shown: HashMap<u32, Vec<(Mark, u32)>, FixedState>,
    at_least: usize,
    /// In microseconds.
    within: i64,
    /// Days with sweeps.
    remembered: Remembered,
}

/// How often each value is in the window.
struct Distinct {
    counts: HashMap<u32, u32, FixedState>,
    at_least: usize,
}

impl Window<(Mark, u32)> for Distinct {
    fn enter(&mut self, (_, value): &(Mark, u32)) {
        *self.counts.entry(*value).or_default() += 1;
    }

    fn leave(&mut self, (_, value): &(Mark, u32)) {
        if let Some(count) = self.counts.get_mut(value) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(value);
            }
        }
    }

    fn is_full(&self) -> bool {
        self.counts.len() >= self.at_least
    }
}

impl State {
    pub(super) fn new(of: Role, limits: &dyn Fn(&str) -> i64) -> Self {
        let at_least = usize::try_from(limits("at-least")).unwrap_or(usize::MAX).max(1);
        let within = limits("within").saturating_mul(SECOND);
        Self { of, shown: HashMap::default(), at_least, within, remembered: Remembered::default() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let value = rows.batch.id(self.of, row);
            if value != NO_ID {
                self.shown.entry(subject).or_default().push((rows.mark(row, time), value));
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        #[expect(clippy::iter_over_hash_type, reason = "rows are sorted before they are judged")]
        for (subject, rows) in other.shown {
            let rows = rows.into_iter().map(|(mark, value)| (mark, moves.value(self.of, value)));
            self.shown.entry(moves.subject(subject)).or_default().extend(rows);
        }
        self.remembered.merge(other.remembered, moves);
    }

    /// What the next run has to know: days with sweeps, and when those ended.
    pub(super) fn past(&self) -> Past {
        let mut past = Past::default();
        #[expect(clippy::iter_over_hash_type, reason = "a past is sorted when it is settled")]
        for (subject, rows) in &self.shown {
            let mut rows = rows.clone();
            rows.sort_unstable_by_key(|(mark, _)| *mark);
            for (day, rows) in by_day(&rows, |(mark, _)| *mark) {
                let ends = self.sweeps(rows).into_iter().map(|sweep| rows[sweep.end - 1].0.time);
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
        let mut matches = Vec::new();
        #[expect(clippy::iter_over_hash_type, reason = "matches come in any order")]
        for (subject, mut rows) in std::mem::take(&mut self.shown) {
            rows.sort_unstable_by_key(|(mark, _)| *mark);
            let sweeps = self.sweeps(&rows);
            let ends = sweeps.iter().map(|sweep| rows[sweep.end - 1].0.time);
            let remembered = self.remembered.of(subject).iter().flat_map(Note::ends);
            if !is_habit(ends.chain(remembered), finish) {
                matches.extend(sweeps.into_iter().map(|sweep| describe(self.of, subject, &rows[sweep], finish)));
            }
        }
        matches
    }

    fn sweeps(&self, rows: &[(Mark, u32)]) -> Vec<Range<usize>> {
        let window = Distinct { counts: HashMap::default(), at_least: self.at_least };
        stretches(rows, |(mark, _)| *mark, self.within, window)
    }
}

fn describe(of: Role, subject: u32, rows: &[(Mark, u32)], finish: &Finish<'_>) -> Match {
    let mut distinct: Vec<u32> = Vec::new();
    let mut known: std::collections::HashSet<u32, FixedState> = std::collections::HashSet::default();
    distinct.extend(rows.iter().map(|(_, value)| *value).filter(|value| known.insert(*value)));
    let shown: Vec<&str> = distinct.iter().take(SHOWN).map(|value| finish.text(of, *value)).collect();
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (rows[0].0.time, rows[rows.len() - 1].0.time),
        count: rows.len() as u64,
        seen: vec![
            fact(of.name_in_words(), shown.join(", ")),
            fact("distinct", distinct.len()),
            fact("events", rows.len()),
        ],
        judged_by: vec![
            fact("at least", finish.limit("at-least")),
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
