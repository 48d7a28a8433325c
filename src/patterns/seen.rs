//! Which values subjects showed: when first and last, how often, and the first rows. The memory of "seen before".

use hashbrown::HashTable;

use super::{MARKS_KEPT, Mark, Moves};
use crate::batch::{NO_ID, Role};
use crate::half_hash::{self, spread};

/// Subjects and the values of one role that they showed.
///
/// Entries lie one behind the other and never move; the table holds their places only. Thus growing is cheap, and many
/// look-ups can be under way at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    table: HashTable<Slot>,
    entries: Vec<Entry>,
    /// The marks behind the first one, of entries that were seen more than once.
    further: Vec<[Mark; MARKS_KEPT - 1]>,
}

/// One value of one subject.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) subject: u32,
    pub(super) value: u32,
    /// A coarser value that this one lies in.
    pub(super) within: u32,
    pub(super) count: u32,
    pub(super) last: i64,
    pub(super) sum: i64,
    first: Mark,
    /// Marks from this time on come too late to be among the first.
    full_from: i64,
    /// Where the further marks are, and how many.
    further: u32,
    marks: u32,
}

/// The place of an entry, and half of its key's hash.
#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    entry: u32,
}

/// A row that shows a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight {
    pub(super) subject: u32,
    pub(super) value: u32,
    pub(super) within: u32,
    pub(super) sum: i64,
    pub(super) mark: Mark,
}

impl Seen {
    /// Takes in rows. First all places are looked up, then all entries are changed, so that the memory can answer many
    /// questions at a time.
    pub(super) fn observe(&mut self, sights: &[Sight]) {
        let likely: Vec<(u32, u32)> = sights
            .iter()
            .map(|sight| {
                let hash = hash(sight.subject, sight.value);
                (hash, self.table.find(spread(hash), |slot| slot.hash == hash).map_or(NO_ID, |slot| slot.entry))
            })
            .collect();
        for (sight, (hash, entry)) in sights.iter().zip(likely) {
            let known = self.entries.get(entry as usize).is_some_and(|known| known.is_of(sight));
            match if known { Some(entry) } else { self.find(hash, sight.subject, sight.value) } {
                Some(entry) => self.add(entry as usize, sight),
                None => self.insert(hash, Entry::of(sight)),
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self, of: Role, within: Option<Role>, moves: &Moves<'_>) {
        for theirs in &other.entries {
            let (subject, value) = (moves.subject(theirs.subject), moves.value(of, theirs.value));
            let coarser = within.map_or(NO_ID, |role| moves.value(role, theirs.within));
            let hash = hash(subject, value);
            let place = self.find(hash, subject, value);
            let mut marks = other.marks(theirs);
            if let Some(place) = place {
                let ours = &mut self.entries[place as usize];
                ours.last = ours.last.max(theirs.last);
                ours.count = ours.count.saturating_add(theirs.count);
                ours.sum = ours.sum.saturating_add(theirs.sum);
                marks.for_each(|mark| self.mark(place as usize, mark));
            } else if let Some(first) = marks.next() {
                let new = Entry { subject, value, within: coarser, first, marks: 1, full_from: i64::MAX, ..*theirs };
                self.insert(hash, new);
                let place = self.entries.len() - 1;
                marks.for_each(|mark| self.mark(place, mark));
            }
        }
    }

    /// All entries, in no particular order.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The first rows of an entry, in order; at least one.
    pub(super) fn marks(&self, entry: &Entry) -> impl Iterator<Item = Mark> {
        let further = self.further.get(entry.further as usize).map_or(&[][..], |marks| marks.as_slice());
        std::iter::once(entry.first).chain(further.iter().copied().take(entry.marks as usize - 1))
    }

    fn find(&self, hash: u32, subject: u32, value: u32) -> Option<u32> {
        let is_it = |slot: &Slot| {
            let known = &self.entries[slot.entry as usize];
            slot.hash == hash && known.subject == subject && known.value == value
        };
        self.table.find(spread(hash), is_it).map(|slot| slot.entry)
    }

    fn insert(&mut self, hash: u32, entry: Entry) {
        let place = u32::try_from(self.entries.len()).unwrap_or(NO_ID);
        assert!(place != NO_ID, "subjects show fewer than 2^32 values");
        self.entries.push(entry);
        self.table.insert_unique(spread(hash), Slot { hash, entry: place }, |slot| spread(slot.hash));
    }

    fn add(&mut self, place: usize, sight: &Sight) {
        let entry = &mut self.entries[place];
        entry.count = entry.count.saturating_add(1);
        entry.last = entry.last.max(sight.mark.time);
        entry.sum = entry.sum.saturating_add(sight.sum);
        if sight.mark.time <= entry.full_from {
            self.mark(place, sight.mark);
        }
    }

    /// Takes a mark in if it is one of the first.
    fn mark(&mut self, place: usize, mut mark: Mark) {
        let entry = &mut self.entries[place];
        if mark < entry.first {
            std::mem::swap(&mut mark, &mut entry.first);
        }
        if entry.marks == 1 {
            entry.further = u32::try_from(self.further.len()).unwrap_or(NO_ID);
            self.further.push([mark; MARKS_KEPT - 1]);
            entry.marks = 2;
            return;
        }
        let further = &mut self.further[entry.further as usize];
        let kept = entry.marks as usize - 1;
        let at = further[..kept].iter().take_while(|known| **known < mark).count();
        if at == further.len() {
            return;
        }
        let last = kept.min(further.len() - 1);
        further.copy_within(at..last, at + 1);
        further[at] = mark;
        if kept < further.len() {
            entry.marks += 1;
        }
        if entry.marks as usize == MARKS_KEPT {
            entry.full_from = further[MARKS_KEPT - 2].time;
        }
    }
}

impl Entry {
    fn of(sight: &Sight) -> Self {
        Self {
            subject: sight.subject,
            value: sight.value,
            within: sight.within,
            count: 1,
            last: sight.mark.time,
            sum: sight.sum,
            first: sight.mark,
            full_from: i64::MAX,
            further: NO_ID,
            marks: 1,
        }
    }

    /// The first row.
    pub(super) fn first(&self) -> Mark {
        self.first
    }

    fn is_of(&self, sight: &Sight) -> bool {
        self.subject == sight.subject && self.value == sight.value
    }
}

fn hash(subject: u32, value: u32) -> u32 {
    half_hash::of(u64::from(subject) << 32 | u64::from(value))
}
