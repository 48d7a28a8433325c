//! Burst: many rows of one subject within a short time. Windows slide and are half-open, `[t, t + within)`; windows that
//! overlap are one match.

use std::collections::BTreeMap;

use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::finding::Finding;
use crate::value::time::SECOND;

pub(super) const LIMITS: &[&str] = &["at-least", "within"];

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    marks: BTreeMap<u32, Vec<Mark>>,
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
        let at_least = usize::try_from(finish.limit("at-least")).unwrap_or(usize::MAX).max(1);
        let within = finish.limit("within") * SECOND;
        let mut matches = Vec::new();
        for (subject, mut marks) in self.marks {
            marks.sort_unstable();
            for (start, end) in bursts(&marks, at_least, within) {
                matches.push(describe(subject, &marks[start..end], finish));
            }
        }
        matches
    }
}

/// The stretches, as half-open ranges of sorted marks, that are covered by windows with enough marks.
fn bursts(marks: &[Mark], at_least: usize, within: i64) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for start in 0..marks.len() {
        let end = start + marks[start..].partition_point(|mark| mark.time < marks[start].time + within);
        if end - start < at_least {
            continue;
        }
        match found.last_mut() {
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ => found.push((start, end)),
        }
    }
    found
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
