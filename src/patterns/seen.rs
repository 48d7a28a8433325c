//! Which values subjects showed: when first and last, how often, and the first rows. The memory of "seen before".

use std::collections::HashMap;
use std::collections::hash_map;

use foldhash::fast::FixedState;

use super::{FirstMarks, Mark, Moves};
use crate::batch::{NO_ID, Role};

/// Subjects and the values of one role that they showed.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    entries: HashMap<(u32, u32), Entry, FixedState>,
}

/// One value of one subject.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// A coarser value that this one lies in.
    pub(super) within: u32,
    pub(super) count: u32,
    pub(super) last: i64,
    pub(super) sum: i64,
    marks: FirstMarks,
}

impl Seen {
    pub(super) fn observe(&mut self, subject: u32, value: u32, within: u32, mark: Mark, sum: i64) {
        match self.entries.entry((subject, value)) {
            hash_map::Entry::Vacant(vacant) => {
                vacant.insert(Entry { within, count: 1, last: mark.time, sum, marks: FirstMarks::one(mark) });
            }
            hash_map::Entry::Occupied(mut known) => {
                let entry = known.get_mut();
                entry.count = entry.count.saturating_add(1);
                entry.last = entry.last.max(mark.time);
                entry.sum = entry.sum.saturating_add(sum);
                entry.marks.add(mark);
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, of: Role, within: Option<Role>, moves: &Moves<'_>) {
        #[expect(clippy::iter_over_hash_type, reason = "merging is commutative")]
        for ((subject, value), theirs) in other.entries {
            let key = (moves.subject(subject), moves.value(of, value));
            let coarser = within.map_or(NO_ID, |role| moves.value(role, theirs.within));
            let theirs = Entry { within: coarser, ..theirs };
            match self.entries.entry(key) {
                hash_map::Entry::Vacant(vacant) => drop(vacant.insert(theirs)),
                hash_map::Entry::Occupied(mut ours) => ours.get_mut().absorb(&theirs),
            }
        }
    }

    /// All entries, sorted by their first rows.
    pub(super) fn into_sorted(self) -> Vec<((u32, u32), Entry)> {
        let mut entries: Vec<_> = self.entries.into_iter().collect();
        // Two values of one row (there is none today) would tie; the key settles it for a run.
        entries.sort_unstable_by(|(key, left), (other, right)| (&left.marks, key).cmp(&(&right.marks, other)));
        entries
    }
}

impl Entry {
    /// The first rows, in order; at least one.
    pub(super) fn marks(&self) -> &[Mark] {
        self.marks.as_slice()
    }

    /// Event time of the first row.
    pub(super) fn first(&self) -> i64 {
        self.marks.first().time
    }

    fn absorb(&mut self, other: &Self) {
        self.last = self.last.max(other.last);
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum);
        for mark in other.marks.as_slice() {
            self.marks.add(*mark);
        }
    }
}
