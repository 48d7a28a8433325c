//! Which values subjects showed: when first and last, how often, and the first rows. The memory of "seen before".

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::{Mark, Moves, keep_first};
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
    /// Event time of the first and last row.
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) count: u64,
    pub(super) sum: i64,
    pub(super) marks: Vec<Mark>,
}

impl Seen {
    pub(super) fn observe(&mut self, subject: u32, value: u32, within: u32, mark: Mark, sum: i64) {
        let entry = self.entries.entry((subject, value)).or_insert_with(|| Entry {
            within,
            first: mark.time,
            last: mark.time,
            count: 0,
            sum: 0,
            marks: Vec::new(),
        });
        entry.first = entry.first.min(mark.time);
        entry.last = entry.last.max(mark.time);
        entry.count += 1;
        entry.sum = entry.sum.saturating_add(sum);
        keep_first(&mut entry.marks, mark);
    }

    pub(super) fn merge(&mut self, other: Self, of: Role, within: Option<Role>, moves: &Moves<'_>) {
        #[expect(clippy::iter_over_hash_type, reason = "merging is commutative")]
        for ((subject, value), theirs) in other.entries {
            let key = (moves.subject(subject), moves.value(of, value));
            let coarser = within.map_or(NO_ID, |role| moves.value(role, theirs.within));
            let theirs = Entry { within: coarser, ..theirs };
            match self.entries.entry(key) {
                std::collections::hash_map::Entry::Vacant(vacant) => drop(vacant.insert(theirs)),
                std::collections::hash_map::Entry::Occupied(mut ours) => ours.get_mut().absorb(theirs),
            }
        }
    }

    /// All entries, sorted by the time of their first row.
    pub(super) fn into_sorted(self) -> Vec<((u32, u32), Entry)> {
        let mut entries: Vec<_> = self.entries.into_iter().collect();
        entries.sort_by(|(_, left), (_, right)| (left.first, &left.marks).cmp(&(right.first, &right.marks)));
        entries
    }
}

impl Entry {
    fn absorb(&mut self, other: Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.count += other.count;
        self.sum = self.sum.saturating_add(other.sum);
        for mark in other.marks {
            keep_first(&mut self.marks, mark);
        }
    }
}
