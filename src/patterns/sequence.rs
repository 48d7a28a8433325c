//! Sequence: first a row that satisfies one condition, then, within a time, one of the same subject that satisfies
//! another. What a subject has done on most of its days before is its habit, and stays silent.
//!
//! ```text
//! ──first──────then──┼──first────────first──then──      within: from a first to the then after it
//! ```

use std::collections::BTreeSet;

use super::by_subject::BySubject;
use super::remembered::{Note, Remembered, by_day, note};
use super::{Finish, Mark, Match, Moves, Past, Rows, fact};
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
    /// In microseconds.
    within: i64,
    /// Days that were begun: 1 in all, and one more if something was completed.
    remembered: Remembered,
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
    pub(super) fn new(conditions: [Matching; 2], same: Role, tell: Role, limits: &dyn Fn(&str) -> i64) -> Self {
        let [first, then] = conditions.map(Matcher::new);
        let within = limits("within").saturating_mul(SECOND);
        Self { first, then, same, tell, steps: BySubject::default(), within, remembered: Remembered::default() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        let [first, then] = [&mut self.first, &mut self.then].map(|one| one.mask(rows.batch, rows.dictionary));
        for (row, subject, time) in rows.iter() {
            let (is_first, is_then) = (first.holds(row), then.holds(row));
            if is_first || is_then {
                let (same, tell) = (rows.batch.id(self.same, row), rows.batch.id(self.tell, row));
                self.steps.of(subject).push(Step { mark: rows.mark(row, time), is_first, is_then, same, tell });
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        for (subject, steps) in other.steps.into_all() {
            for step in steps {
                let (same, tell) = (moves.value(other.same, step.same), moves.value(other.tell, step.tell));
                self.steps.of(moves.subject(subject)).push(Step { same, tell, ..step });
            }
        }
        self.remembered.merge(other.remembered, moves);
    }

    /// What the next run has to know: on which days something was begun, and whether something was completed.
    pub(super) fn past(&self) -> Past {
        let mut past = Past::default();
        for (subject, steps) in self.steps.iter() {
            let mut steps = steps.clone();
            steps.sort_unstable_by_key(|step| step.mark);
            for (day, steps) in by_day(&steps, |step| step.mark) {
                let is_completed = !completed(steps, self.within).is_empty();
                let span = (steps[0].mark.time, steps[steps.len() - 1].mark.time);
                if is_completed || steps.iter().any(|step| step.is_first) {
                    past.sums.push(note(subject, day, 1 + i64::from(is_completed), span));
                }
            }
        }
        past
    }

    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        self.remembered.recall(past, moves);
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let (tell, within, remembered) = (self.tell, self.within, self.remembered);
        let subjects = self.steps.into_all();
        let judge = |(subject, mut steps): (u32, Vec<Step>)| {
            // Marks are all different, so that ids settle nothing.
            steps.sort_unstable_by_key(|step| step.mark);
            let all = completed(&steps, within);
            let past = Habit::of(&steps, &all, remembered.of(subject), finish);
            let now: Vec<_> = all.into_iter().filter(|(_, then)| then.mark.time >= finish.since.0).collect();
            if now.is_empty() || past.is_one(finish) { None } else { describe(subject, &now, &past, tell, finish) }
        };
        subjects.filter_map(judge).collect()
    }
}

/// What steps complete, with the step that it began with.
fn completed(steps: &[Step], within: i64) -> Vec<(Step, Step)> {
    let firsts: Vec<Step> = steps.iter().filter(|step| step.is_first).copied().collect();
    let thens = steps.iter().filter(|step| step.is_then);
    thens.filter_map(|then| Some((latest_first(&firsts, then, within)?, *then))).collect()
}

/// On how many days before the window something was begun, and something completed.
struct Habit {
    begun: i64,
    done: i64,
}

impl Habit {
    fn of(steps: &[Step], all: &[(Step, Step)], remembered: &[Note], finish: &Finish<'_>) -> Self {
        let count = |days: &mut dyn Iterator<Item = i32>| {
            let days: BTreeSet<i32> = days.filter(|day| *day < finish.since.day()).collect();
            i64::try_from(days.len()).unwrap_or(i64::MAX)
        };
        let day = |step: &Step| Time(step.mark.time).day();
        let noted = |least: i64| remembered.iter().filter(move |note| note.total >= least).map(|note| note.day);
        let begun = steps.iter().filter(|step| step.is_first).map(day);
        Self {
            begun: count(&mut begun.chain(noted(1))),
            done: count(&mut all.iter().map(|(_, then)| day(then)).chain(noted(2))),
        }
    }

    fn is_one(&self, finish: &Finish<'_>) -> bool {
        self.done >= finish.limit("habit-days") && self.done * 100 >= self.begun * finish.limit("habit")
    }
}

fn describe(subject: u32, now: &[(Step, Step)], past: &Habit, tell: Role, finish: &Finish<'_>) -> Option<Match> {
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
            fact("days begun before", past.begun),
            fact("days completed before", past.done),
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
