//! Skew: two times of one row that lie too far apart, or in the wrong order. Rows beyond a limit that follow each other
//! without a quiet day are one match, as severe as the worst of them.

use std::collections::BTreeMap;

use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::batch::Role;
use crate::finding::{Finding, Severity};
use crate::value::time::{DAY, SECOND};

pub(super) const LIMITS: &[&str] = &["warn-above", "fail-above", "hard-above", "ahead-by"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    from: Role,
    to: Role,
    /// Rows within these bounds (microseconds) are of no interest.
    above: i64,
    below: i64,
    beyond: BTreeMap<u32, Vec<(Mark, i64)>>,
}

impl State {
    pub(super) fn new(from: Role, to: Role, limits: &dyn Fn(&str) -> i64) -> Self {
        let (above, below) = (limits("warn-above") * SECOND, -limits("ahead-by") * SECOND);
        Self { from, to, above, below, beyond: BTreeMap::new() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let (Some(from), Some(to)) = (rows.batch.number(self.from, row), rows.batch.number(self.to, row)) else {
                continue;
            };
            let skew = to - from;
            if skew > self.above || skew < self.below {
                self.beyond.entry(subject).or_default().push((rows.mark(row, time), skew));
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        for (subject, rows) in other.beyond {
            self.beyond.entry(moves.subject(subject)).or_default().extend(rows);
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let mut matches = Vec::new();
        for (subject, mut rows) in self.beyond {
            rows.sort_unstable();
            for episode in rows.chunk_by(|(earlier, _), (later, _)| later.time - earlier.time <= DAY) {
                matches.push(describe(subject, episode, finish));
            }
        }
        matches
    }
}

fn describe(subject: u32, episode: &[(Mark, i64)], finish: &Finish<'_>) -> Match {
    let worst_above = episode.iter().map(|(_, skew)| *skew).max().unwrap_or(0);
    let worst_below = episode.iter().map(|(_, skew)| *skew).min().unwrap_or(0);
    let beyond = |name: &str| worst_above > finish.limit(name) * SECOND;
    let is_ahead = worst_below < -finish.limit("ahead-by") * SECOND;
    let (severity, points) = match () {
        () if beyond("hard-above") => (Severity::High, 20),
        () if beyond("fail-above") || is_ahead => (Severity::Medium, 10),
        () => (Severity::Low, 0),
    };
    let mut weights = Vec::new();
    if points > 0 {
        weights.push(("past the limit at which assertions fail".to_owned(), points));
    }
    let worst = if worst_above >= -worst_below { worst_above } else { worst_below };
    Match {
        subject,
        further: Vec::new(),
        anchor: None,
        span: (episode[0].0.time, episode[episode.len() - 1].0.time),
        count: episode.len() as u64,
        seen: vec![
            fact("worst seconds", seconds(worst)),
            fact("first seconds", seconds(episode[0].1)),
            fact("last seconds", seconds(episode[episode.len() - 1].1)),
            fact("assertions", episode.len()),
        ],
        judged_by: LIMITS.iter().map(|name| fact(name, finish.limit(name))).collect(),
        marks: episode.iter().map(|(mark, _)| *mark).take(Finding::EVIDENCE_KEPT).collect(),
        marks_total: episode.len() as u64,
        principal: None,
        severity: Some(severity),
        weights,
    }
}

/// Microseconds as seconds with one decimal, towards zero.
pub(super) fn seconds(micros: i64) -> String {
    let tenths = micros / (SECOND / 10);
    format!("{}{}.{}", if tenths < 0 { "-" } else { "" }, tenths.abs() / 10, tenths.abs() % 10)
}
