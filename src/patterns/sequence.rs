//! Sequence: first a row that satisfies one condition, then, within a time, one of the same subject that satisfies
//! another. What a subject has done on most of its days before is its habit, and stays silent.
//!
//! ```text
//! ──first──────then──┼──first────────first──then──      within: from a first to the then after it
//! ```

use std::collections::BTreeSet;

use super::by_subject::BySubject;
use super::{Finish, Mark, Match, Moves, Rows, fact};
use crate::batch::{NO_ID, Role};
use crate::detector::{Matcher, Matching};
use crate::finding::Finding;
use crate::value::Time;
use crate::value::time::SECOND;

pub(super) const LIMITS: &[&str] = &["within", "habit", "habit-days"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    first: Matcher,
    then: Matcher,
    same: Role,
    tell: Role,
    steps: BySubject<Vec<Step>>,
}

/// A row that satisfies one of the conditions, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    mark: Mark,
    is_first: bool,
    is_then: bool,
    /// What both rows must share, where both have it.
    same: u32,
    tell: u32,
}

impl State {
    pub(super) fn new(first: Matching, then: Matching, same: Role, tell: Role) -> Self {
        Self { first: Matcher::new(first), then: Matcher::new(then), same, tell, steps: BySubject::default() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let is_first = self.first.is_satisfied(rows.batch, row, rows.dictionary);
            let is_then = self.then.is_satisfied(rows.batch, row, rows.dictionary);
            if is_first || is_then {
                let (same, tell) = (rows.batch.id(self.same, row), rows.batch.id(self.tell, row));
                self.steps.of(subject).push(Step { mark: rows.mark(row, time), is_first, is_then, same, tell });
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        let id = |role: Role, id: u32| if id == NO_ID { NO_ID } else { moves.value(role, id) };
        for (subject, steps) in other.steps.into_all() {
            for step in steps {
                let (same, tell) = (id(other.same, step.same), id(other.tell, step.tell));
                self.steps.of(moves.subject(subject)).push(Step { same, tell, ..step });
            }
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let tell = self.tell;
        let subjects = self.steps.into_all();
        subjects.filter_map(|(subject, steps)| judge(subject, steps, tell, finish)).collect()
    }
}

fn judge(subject: u32, mut steps: Vec<Step>, tell: Role, finish: &Finish<'_>) -> Option<Match> {
    // Marks are all different, so that ids settle nothing.
    steps.sort_unstable_by_key(|step| step.mark);
    let within = finish.limit("within").saturating_mul(SECOND);
    let firsts: Vec<Step> = steps.iter().filter(|step| step.is_first).copied().collect();
    let thens = steps.iter().filter(|step| step.is_then);
    let all = thens.filter_map(|then| Some((latest_first(&firsts, then, within)?, *then)));
    let (past, now): (Vec<_>, Vec<_>) = all.partition(|(_, then)| then.mark.time < finish.since.0);
    let days = |steps: &mut dyn Iterator<Item = &Step>| {
        steps.map(|step| Time(step.mark.time).day()).filter(|day| *day < finish.since.day()).collect::<BTreeSet<_>>()
    };
    let begun = days(&mut firsts.iter()).len();
    let done = days(&mut past.iter().map(|(_, then)| then)).len();
    let (done, begun) = (i64::try_from(done).unwrap_or(i64::MAX), i64::try_from(begun).unwrap_or(i64::MAX));
    let is_habit = done >= finish.limit("habit-days") && done * 100 >= begun * finish.limit("habit");
    if now.is_empty() || is_habit {
        return None;
    }
    let marks: BTreeSet<Mark> = now.iter().flat_map(|(first, then)| [first.mark, then.mark]).collect();
    let gaps = now.iter().map(|(first, then)| then.mark.time - first.mark.time);
    let told = now.iter().flat_map(|(first, then)| [then.tell, first.tell]).find(|id| *id != NO_ID);
    let span = (marks.first()?.time, marks.last()?.time);
    Some(Match {
        subject,
        further: told.map(|id| (tell, id)).into_iter().collect(),
        anchor: None,
        span,
        count: marks.len() as u64,
        seen: vec![fact("times", now.len()), fact("shortest seconds", gaps.min()? / SECOND)],
        judged_by: vec![
            fact("within seconds", finish.limit("within")),
            fact("days begun before", begun),
            fact("days completed before", done),
        ],
        marks: marks.iter().copied().take(Finding::EVIDENCE_KEPT).collect(),
        marks_total: marks.len() as u64,
        principal: None,
        severity: None,
        weights: Vec::new(),
    })
}

/// The latest first step that a step completes, if it completes any.
fn latest_first(firsts: &[Step], then: &Step, within: i64) -> Option<Step> {
    let earliest = then.mark.time.saturating_sub(within);
    // A step of the very same time may stand behind.
    let end = firsts.partition_point(|first| first.mark.time <= then.mark.time);
    let mut near = firsts[..end].iter().rev().take_while(|first| first.mark.time >= earliest);
    let shares = |first: &Step| first.same == then.same || first.same == NO_ID || then.same == NO_ID;
    near.find(|first| first.mark != then.mark && shares(first)).copied()
}
