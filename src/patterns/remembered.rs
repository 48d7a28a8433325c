//! What earlier runs have noted of subjects, by UTC day. A day is noted by its own rows: thus it makes no difference
//! whether days were read one by one or together.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::{Mark, Moves, Past, Sum};
use crate::batch::NO_ID;
use crate::value::Time;

/// Notes of earlier runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Remembered {
    notes: HashMap<u32, Vec<Note>, FixedState>,
}

/// What was noted of a subject's day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note {
    pub(super) day: i32,
    /// What it amounts to is up to the pattern.
    pub(super) total: i64,
    /// Event time of the first and of the last thing that was noted.
    pub(super) first: i64,
    pub(super) last: i64,
}

impl Remembered {
    pub(super) fn recall(&mut self, past: &Past, moves: &Moves<'_>) {
        for sum in &past.sums {
            let note = Note { day: sum.day, total: sum.total, first: sum.first, last: sum.last };
            self.notes.entry(moves.subject(sum.subject)).or_default().push(note);
        }
    }

    pub(super) fn merge(&mut self, other: Self, moves: &Moves<'_>) {
        #[expect(clippy::iter_over_hash_type, reason = "the order of notes says nothing")]
        for (subject, notes) in other.notes {
            self.notes.entry(moves.subject(subject)).or_default().extend(notes);
        }
    }

    /// The notes of a subject, in no particular order; a day may have several.
    pub(super) fn of(&self, subject: u32) -> &[Note] {
        self.notes.get(&subject).map_or(&[], Vec::as_slice)
    }

    /// All subjects that have notes, in no particular order.
    pub(super) fn subjects(&self) -> impl Iterator<Item = u32> {
        self.notes.keys().copied()
    }
}

impl Note {
    /// When things that were noted ended, as far as that is known.
    pub(super) fn ends(&self) -> [i64; 2] {
        [self.first, self.last]
    }
}

/// A note for the next run: on a day, with the times of the first and the last thing.
pub(super) fn note(subject: u32, day: i32, total: i64, span: (i64, i64)) -> Sum {
    Sum { subject, log: NO_ID, day, total, events: 1, first: span.0, last: span.1 }
}

/// Rows that are sorted by time, day by day.
pub(super) fn by_day<T>(rows: &[T], mark: impl Fn(&T) -> Mark) -> Vec<(i32, &[T])> {
    let day = |row: &T| Time(mark(row).time).day();
    rows.chunk_by(|one, next| day(one) == day(next)).map(|rows| (day(&rows[0]), rows)).collect()
}
