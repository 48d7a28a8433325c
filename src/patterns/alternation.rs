//! Alternation: a subject comes from a value that it knows and from a new one in turns, on one day.
//!
//! ```text
//! known  ──a────a─────────a────a──      who moves changes once;
//! new    ─────────b────b─────b────b     who changes to and fro is in two places
//! ```
//! Days are of UTC and in quarters of an hour, and the least number of changes that the quarters tell is counted: what is
//! seen on both sides within one quarter is one change. Who changed as often on any day before is used to it, and stays
//! silent; so does who has no past.

use std::collections::{BTreeMap, BTreeSet};

use super::remembered::{Note, Remembered, note};
use super::{Finish, MARKS_KEPT, Mark, Match, Moves, Past, Rows, fact, past};
use crate::batch::{NO_ID, Role};
use crate::folded::{Folded, Part, packed};
use crate::value::Time;
use crate::value::time::{DAY, QUARTER};

pub(super) const LIMITS: &[&str] = &["at-least", "baseline-days"];

#[derive(Clone, Debug)]
pub(crate) struct State {
    of: Role,
    shown: Folded<Shown>,
    /// How often subjects changed on days that earlier runs have seen.
    changes: Remembered,
    /// When they first showed values in those runs, by subject and value.
    known: BTreeMap<(u32, u32), i64>,
}

/// One value that a subject showed on one day.
#[derive(Clone, Copy, Debug)]
struct Shown {
    subject: u32,
    day: i32,
    value: u32,
    /// The quarters of an hour that it was shown in, as bits; four words would take more room.
    quarters: [u32; 3],
    count: u32,
    first: Mark,
    last: i64,
}

impl State {
    pub(super) fn new(of: Role) -> Self {
        Self { of, shown: Folded::default(), changes: Remembered::default(), known: BTreeMap::new() }
    }

    pub(super) fn observe(&mut self, rows: &Rows<'_>) {
        for (row, subject, time) in rows.iter() {
            let value = rows.batch.id(self.of, row);
            if value != NO_ID {
                self.shown.add(Shown::one(subject, value, rows.mark(row, time)));
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        let ours = |shown: Shown| Shown {
            subject: moves.subject(shown.subject),
            value: moves.value(self.of, shown.value),
            ..shown
        };
        self.shown.extend(other.shown.into_parts().into_iter().map(ours));
        self.changes.merge(other.changes, moves);
        for ((subject, value), first) in other.known {
            self.knows(moves.subject(subject), moves.value(self.of, value), first);
        }
    }

    /// What the next run has to know: values, and how often each day's rows changed between them.
    pub(super) fn past(&self) -> Past {
        let mut past = Past::default();
        for on_day in by_day(&self.shown.clone().into_whole()) {
            let Shown { subject, day, .. } = on_day[0];
            past.shown.extend(on_day.iter().map(|shown| {
                let Shown { value, first, last, .. } = *shown;
                past::Shown { subject, value, within: NO_ID, first: first.time, last }
            }));
            let first = on_day.iter().map(|shown| shown.first.time).min().unwrap_or(0);
            let last = on_day.iter().map(|shown| shown.last).max().unwrap_or(first);
            past.sums.push(note(subject, day, changes_about_the_usual(on_day), (first, last)));
        }
        past
    }

    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        self.changes.recall(past, moves);
        for shown in &past.shown {
            self.knows(moves.subject(shown.subject), moves.value(self.of, shown.value), shown.first);
        }
    }

    pub(super) fn finish(self, finish: &Finish<'_>) -> Vec<Match> {
        let Self { of, shown, changes, known } = self;
        let shown = shown.into_whole();
        let judge = |shown: &[Shown]| {
            let subject = shown[0].subject;
            let known = known.range((subject, 0)..=(subject, NO_ID)).filter(|(_, first)| **first < finish.since.0);
            let known: BTreeSet<u32> = known.map(|((_, value), _)| *value).collect();
            History::of(shown, known, changes.of(subject), finish)?.judge(of, subject, finish)
        };
        shown.chunk_by(|one, next| one.subject == next.subject).filter_map(judge).collect()
    }

    fn knows(&mut self, subject: u32, value: u32, first: i64) {
        self.known.entry((subject, value)).and_modify(|known| *known = first.min(*known)).or_insert(first);
    }
}

impl Part for Shown {
    type Key = (u64, u32);

    fn subject(&self) -> u32 {
        self.subject
    }

    fn key(&self) -> Self::Key {
        (packed(self.subject, self.day), self.value)
    }

    fn absorb(&mut self, other: &Self) {
        for (own, theirs) in self.quarters.iter_mut().zip(other.quarters) {
            *own |= theirs;
        }
        self.count = self.count.saturating_add(other.count);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

impl Shown {
    fn one(subject: u32, value: u32, mark: Mark) -> Self {
        let quarter = usize::try_from(mark.time.rem_euclid(DAY) / QUARTER).unwrap_or(0);
        let mut quarters = [0; 3];
        quarters[quarter / 32] = 1 << (quarter % 32);
        Self { subject, day: Time(mark.time).day(), value, quarters, count: 1, first: mark, last: mark.time }
    }

    /// The quarters as one number.
    fn bits(&self) -> u128 {
        self.quarters.iter().rev().fold(0, |bits, word| bits << 32 | u128::from(*word))
    }
}

/// The rows of each subject's days.
fn by_day(shown: &[Shown]) -> impl Iterator<Item = &[Shown]> {
    shown.chunk_by(|one, next| (one.subject, one.day) == (next.subject, next.day))
}

/// A subject with a past that did not change to and fro.
struct History<'a> {
    /// In order.
    shown: &'a [Shown],
    /// Values that the subject showed before the window.
    known: BTreeSet<u32>,
    active_days: usize,
    /// The most changes on a day before the window.
    habit: i64,
}

impl<'a> History<'a> {
    /// Nothing for a subject that shows nothing new, is cold, or used to it.
    fn of(shown: &'a [Shown], mut known: BTreeSet<u32>, noted: &[Note], finish: &Finish<'_>) -> Option<Self> {
        let since = finish.since.day();
        known.extend(shown.iter().filter(|shown| shown.first.time < finish.since.0).map(|shown| shown.value));
        shown.iter().find(|shown| shown.day >= since && !known.contains(&shown.value))?;
        let noted: Vec<&Note> = noted.iter().filter(|note| note.day < since).collect();
        let before = || by_day(shown).filter(|on_day| on_day[0].day < since);
        let active: BTreeSet<i32> =
            before().map(|on_day| on_day[0].day).chain(noted.iter().map(|note| note.day)).collect();
        let active_days = active.len();
        if i64::try_from(active_days).is_ok_and(|days| days < finish.limit("baseline-days")) {
            return None;
        }
        let habit = before().map(changes_about_the_usual).chain(noted.iter().map(|note| note.total)).max().unwrap_or(0);
        (habit < at_least(finish)).then_some(Self { shown, known, active_days, habit })
    }

    /// The days of the window on which the subject changed often enough, as one match.
    fn judge(self, of: Role, subject: u32, finish: &Finish<'_>) -> Option<Match> {
        let mut most = 0;
        let mut shown: Vec<Shown> = Vec::new();
        for on_day in by_day(self.shown).filter(|on_day| on_day[0].day >= finish.since.day()) {
            let changes = changes(on_day, |value| !self.known.contains(&value));
            if changes >= at_least(finish) {
                most = most.max(changes);
                shown.extend(on_day);
            }
        }
        shown.sort_by_key(|shown| shown.first);
        let (first, last) = (shown.first()?.first, shown.iter().map(|shown| shown.last).max()?);
        let count = shown.iter().map(|shown| u64::from(shown.count)).sum();
        let values = |new: bool| {
            let mut values: Vec<u32> = Vec::new();
            for value in shown.iter().map(|shown| shown.value).filter(|value| self.known.contains(value) != new) {
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            let texts: Vec<&str> = values.iter().take(MARKS_KEPT).map(|value| finish.text(of, *value)).collect();
            texts.join(", ")
        };
        let marks = shown.iter().map(|shown| shown.first);
        Some(Match {
            subject,
            further: Vec::new(),
            anchor: None,
            span: (first.time, last),
            count,
            seen: vec![
                fact(of.name_in_words(), values(true)),
                fact("known before", values(false)),
                fact("changes", most),
                fact("events", count),
            ],
            judged_by: vec![
                fact("at least", at_least(finish)),
                fact("most changes on a day before", self.habit),
                fact("baseline active days", self.active_days),
                fact("window start", finish.since),
            ],
            marks: marks.take(crate::finding::Finding::EVIDENCE_KEPT).collect(),
            marks_total: count,
            principal: finish.principal(subject, None),
            severity: None,
            weights: Vec::new(),
        })
    }
}

/// Fewer than two are no alternation: who moves changes once.
fn at_least(finish: &Finish<'_>) -> i64 {
    finish.limit("at-least").max(2)
}

/// Changes between the value that was shown in most quarters of a day and all others.
fn changes_about_the_usual(shown: &[Shown]) -> i64 {
    let usual = shown.iter().max_by_key(|shown| (shown.bits().count_ones(), std::cmp::Reverse(shown.first)));
    usual.map_or(0, |usual| changes(shown, |value| value != usual.value))
}

/// The least number of changes between values of one side and of the other that the quarters of a day tell.
fn changes(shown: &[Shown], is_other: impl Fn(u32) -> bool) -> i64 {
    let (mut own, mut other) = (0_u128, 0_u128);
    for shown in shown {
        *if is_other(shown.value) { &mut other } else { &mut own } |= shown.bits();
    }
    // The least changes so far, if the last one seen was on this side or on the other.
    let mut least = (0, 0);
    for quarter in (0..96).map(|quarter| 1_u128 << quarter).filter(|quarter| (own | other) & quarter != 0) {
        least = match (own & quarter != 0, other & quarter != 0) {
            (true, false) => (least.0.min(least.1 + 1), i64::MAX / 2),
            (false, true) => (i64::MAX / 2, least.1.min(least.0 + 1)),
            // Both were seen, in one order or the other.
            _ => ((least.1 + 1).min(least.0 + 2), (least.0 + 1).min(least.1 + 2)),
        };
    }
    least.0.min(least.1)
}
