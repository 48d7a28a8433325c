//! Burst: many rows of one subject within a short time. Windows slide and are half-open, `[t, t + within)`; windows that
//! overlap are one match.

use std::collections::BTreeMap;

use super::stretch::{Window, stretches};
use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::finding::Finding;
use crate::value::time::SECOND;

pub(super) const LIMITS: &[&str] = &["at-least", "within"];

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    marks: BTreeMap<u32, Vec<Mark>>,
}

/// How many marks are in the window.
struct Held {
    marks: i64,
    at_least: i64,
}

impl Window<Mark> for Held {
    fn enter(&mut self, _: &Mark) {
        self.marks += 1;
    }

    fn leave(&mut self, _: &Mark) {
        self.marks -= 1;
    }

    fn is_full(&self) -> bool {
        self.marks >= self.at_least
    }
}

impl State {
    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            self.marks.entry(subject).or_default().push(rows.mark(row, time));
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        for (subject, marks) in other.marks {
            self.marks.entry(moves.subject(subject)).or_default().extend(marks);
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let within = finish.limit("within").saturating_mul(SECOND);
        let mut matches = Vec::new();
        for (subject, mut marks) in self.marks {
            marks.sort_unstable();
            let window = Held { marks: 0, at_least: finish.limit("at-least").max(1) };
            let bursts = stretches(&marks, |mark| *mark, within, window);
            matches.extend(bursts.into_iter().map(|burst| describe(subject, &marks[burst], finish)));
        }
        matches
    }
}

fn describe(subject: u32, marks: &[Mark], finish: &Finish<'_>) -> Match {
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (marks[0].time, marks[marks.len() - 1].time),
        count: marks.len() as u64,
        seen: vec![fact("events", marks.len())],
        judged_by: vec![fact("at least", finish.limit("at-least")), fact("within seconds", finish.limit("within"))],
        marks: marks.iter().copied().take(Finding::EVIDENCE_KEPT).collect(),
        marks_total: marks.len() as u64,
        principal: None,
        severity: None,
        weights: Vec::new(),
    }
}
