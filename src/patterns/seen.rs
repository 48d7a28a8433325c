//! Which values subjects showed: when first and last, how often, and the rows that say so. The memory of "seen before".

use super::{Mark, Moves, Past, Shown};
use crate::batch::{NO_ID, Role};
use crate::places::{Places, half_hash, touch};

/// Subjects and the values of one role that they showed.
///
/// Entries lie one behind the other and never move; a table holds their places. Thus growing is cheap, and many look-ups
/// can be under way at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    places: Places,
    entries: Vec<Entry>,
}

/// One value of one subject.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) subject: u32,
    pub(super) value: u32,
    /// A coarser value that this one lies in.
    pub(super) within: u32,
    pub(super) count: u32,
    pub(super) sum: i64,
    pub(super) first: Mark,
    pub(super) last: Mark,
}

impl Entry {
    /// What one row shows.
    pub(super) fn one(subject: u32, value: u32, within: u32, sum: i64, mark: Mark) -> Self {
        Self { subject, value, within, count: 1, sum, first: mark, last: mark }
    }

    /// The first row and, if that is another one, the last; as far as they are at hand.
    pub(super) fn marks(&self) -> impl Iterator<Item = Mark> {
        let last = Some(self.last).filter(|last| *last != self.first);
        std::iter::once(self.first).chain(last).filter(|mark| !mark.is_remembered())
    }

    #[inline]
    fn absorb(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum);
        if other.first < self.first {
            self.first = other.first;
        }
        // Of two marks of one time, a row that is at hand counts.
        let counts = !other.last.is_remembered() || other.last.time > self.last.time;
        if counts && other.last > self.last {
            self.last = other.last;
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.subject, self.value) == (other.subject, other.value)
    }

    fn hash(&self) -> u32 {
        half_hash(u64::from(self.subject) << 32 | u64::from(self.value))
    }
}

/// So many entries are at hand while rows are gone through: a power of two.
const AT_HAND: usize = 256;

impl Seen {
    /// Takes in what rows have shown. The same few subjects do the same again and again: what comes again soon is put
    /// together at once, for each look-up saved is a place in memory that nobody has to wait for.
    pub(super) fn observe(&mut self, shown: impl IntoIterator<Item = Entry>) {
        let mut gathered: Vec<Entry> = Vec::new();
        let mut at_hand = [NO_ID; AT_HAND];
        for entry in shown {
            let place = &mut at_hand[entry.subject.wrapping_mul(31).wrapping_add(entry.value) as usize % AT_HAND];
            match gathered.get_mut(*place as usize) {
                Some(known) if known.is_same(&entry) => known.absorb(&entry),
                _ => {
                    *place = u32::try_from(gathered.len()).unwrap_or(NO_ID);
                    gathered.push(entry);
                }
            }
        }
        self.add(&gathered);
    }

    /// Takes in what others have shown. First all entries are looked up, then they are changed, so that the
    /// memory can answer many questions at a time.
    pub(super) fn add(&mut self, shown: &[Entry]) {
        let hashes: Vec<u32> = shown.iter().map(Entry::hash).collect();
        let likely = self.places.find_all(&hashes);
        if let Some(last) = self.entries.len().checked_sub(1) {
            // Two lines of the cache.
            touch(likely.iter().map(|place| {
                let entry = &self.entries[last.min(*place as usize)];
                u64::from(entry.subject) ^ entry.last.offset
            }));
        }
        for ((new, hash), place) in shown.iter().zip(hashes).zip(likely) {
            let is_it = self.entries.get(place as usize).is_some_and(|known| known.is_same(new));
            let find = || self.places.find(hash, |place| self.entries[place as usize].is_same(new));
            match if is_it { Some(place) } else { find() } {
                Some(place) => self.entries[place as usize].absorb(new),
                None => self.insert(hash, *new),
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self, of: Role, within: Option<Role>, moves: &Moves<'_>) {
        let ours = |entry: &Entry| Entry {
            subject: moves.subject(entry.subject),
            value: moves.value(of, entry.value),
            within: within.map_or(NO_ID, |role| moves.value(role, entry.within)),
            ..*entry
        };
        for entries in other.entries.chunks(4096) {
            self.add(&entries.iter().map(ours).collect::<Vec<_>>());
        }
    }

    /// What the next run has to know.
    pub(super) fn past(&self) -> Vec<Shown> {
        let shown = |entry: &Entry| {
            let Entry { subject, value, within, first, last, .. } = *entry;
            Shown { subject, value, within, first: first.time, last: last.time }
        };
        self.entries.iter().map(shown).collect()
    }

    /// Takes in what earlier runs have seen. What is counted are the rows at hand.
    pub(super) fn recall(&mut self, past: &Past, of: Role, within: Option<Role>, moves: &Moves<'_>) {
        for shown in &past.shown {
            let remembered = Entry {
                subject: moves.subject(shown.subject),
                value: moves.value(of, shown.value),
                within: within.map_or(NO_ID, |role| moves.value(role, shown.within)),
                count: 0,
                sum: 0,
                first: Mark::remembered(shown.first),
                last: Mark::remembered(shown.last),
            };
            let hash = remembered.hash();
            match self.places.find(hash, |place| self.entries[place as usize].is_same(&remembered)) {
                Some(place) => self.entries[place as usize].absorb(&remembered),
                None => self.insert(hash, remembered),
            }
        }
    }

    /// All entries, in no particular order.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn insert(&mut self, hash: u32, entry: Entry) {
        let place = u32::try_from(self.entries.len()).unwrap_or(NO_ID);
        assert!(place != NO_ID, "subjects show fewer than 2^32 values");
        self.entries.push(entry);
        self.places.insert(hash, place);
    }
}
