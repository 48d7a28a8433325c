//! Reported: another product's own findings, one for each row, in bands of that product's score.

use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::batch::Role;
use crate::finding::{FactValue, Severity};

pub(super) const LIMITS: &[&str] = &["low-from", "medium-from", "high-from"];
pub(super) const ROLES: &[Role] = &[Role::Score, Role::Action, Role::Reason];

/// Scores are held in millionths.
const ONE: i64 = 1_000_000;

#[derive(Clone, Debug)]
pub(crate) struct State {
    regardless_of_score: fn(&str) -> bool,
    low_from: i64,
    reports: Vec<Report>,
}

/// One row. Score and words may be missing.
#[derive(Clone, Copy, Debug)]
struct Report {
    subject: u32,
    kind: u32,
    words: u32,
    score: Option<i64>,
    /// Whether its kind is worth a look whatever the score.
    regardless: bool,
    mark: Mark,
}

impl State {
    pub(super) fn new(regardless_of_score: fn(&str) -> bool, limits: &dyn Fn(&str) -> i64) -> Self {
        Self { regardless_of_score, low_from: limits("low-from"), reports: Vec::new() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let kind = rows.batch.id(Role::Action, row);
            let score = rows.batch.number(Role::Score, row);
            let regardless = rows.dictionary.role_text(Role::Action, kind).is_some_and(self.regardless_of_score);
            if regardless || score.is_some_and(|score| score >= self.low_from * ONE) {
                let words = rows.batch.id(Role::Reason, row);
                self.reports.push(Report { subject, kind, words, score, regardless, mark: rows.mark(row, time) });
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        self.reports.extend(other.reports.into_iter().map(|report| Report {
            subject: moves.subject(report.subject),
            kind: moves.value(Role::Action, report.kind),
            words: moves.value(Role::Reason, report.words),
            ..report
        }));
    }

    pub(super) fn finish(mut self, finish: &Finish<'_>) -> Vec<Match> {
        self.reports.sort_unstable_by_key(|report| report.mark);
        self.reports.iter().map(|report| describe(report, finish)).collect()
    }
}

fn severity(report: &Report, finish: &Finish<'_>) -> Severity {
    let reaches = |limit: &str| report.score.is_some_and(|score| score >= finish.limit(limit) * ONE);
    if reaches("high-from") {
        Severity::High
    } else if report.regardless || reaches("medium-from") {
        Severity::Medium
    } else {
        Severity::Low
    }
}

fn describe(report: &Report, finish: &Finish<'_>) -> Match {
    let text = |role: Role, id: u32| {
        let text = finish.dictionary.role_text(role, id);
        text.map_or(FactValue::Words("not given"), FactValue::from)
    };
    Match {
        subject: report.subject,
        further: Vec::new(),
        anchor: None,
        span: (report.mark.time, report.mark.time),
        count: 1,
        seen: vec![
            fact("kind", text(Role::Action, report.kind)),
            fact("score", report.score.map_or(FactValue::Words("not given"), |score| FactValue::Number(score / ONE))),
            fact("words", text(Role::Reason, report.words)),
        ],
        judged_by: LIMITS.iter().map(|name| fact(name, finish.limit(name))).collect(),
        marks: vec![report.mark],
        marks_total: 1,
        principal: None,
        severity: Some(severity(report, finish)),
        weights: Vec::new(),
    }
}
