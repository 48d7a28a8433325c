//! Where keyed things are: a table from keys to places in a list, which holds half hashes and places only.
//!
//! Half a hash is enough to pass over most other keys and to grow without reading keys. What counts in a scan is waiting
//! for memory: [`Places::find_all`] first touches all slots that it will need, which asks the memory for many of them at
//! a time, and looks at them then. Seeds are fixed: results never depend on them, and runs can be compared.

use std::hash::{BuildHasher, Hash};
use std::hint::black_box;

use foldhash::fast::FixedState;

use crate::batch::NO_ID;

/// Places by half hash. Open addressing by the upper bits, so that growing moves everything in order. Half of the slots
/// stay empty: most keys are found where they are looked for first, and the processor guesses right.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// Half hash and place; [`EMPTY`] where there is none. As many as a power of two.
    slots: Vec<u64>,
    used: usize,
}

const EMPTY: u64 = u64::MAX;

impl Places {
    /// The place of the key with this hash for which `is_it` says yes.
    #[inline]
    pub(crate) fn find(&self, hash: u32, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mut at = self.home(hash);
        loop {
            let slot = self.slots[at];
            if slot == EMPTY {
                return None;
            }
            if upper(slot) == hash && is_it(lower(slot)) {
                return Some(lower(slot));
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// For each of many hashes, the place of the first key that has it; [`NO_ID`] where none has. The caller sees whether
    /// it is the right key.
    pub(crate) fn find_all(&self, hashes: &[u32]) -> Vec<u32> {
        if self.slots.is_empty() {
            return vec![NO_ID; hashes.len()];
        }
        touch(hashes.iter().map(|hash| self.slots[self.home(*hash)]));
        hashes.iter().map(|hash| self.find(*hash, |_| true).unwrap_or(NO_ID)).collect()
    }

    /// Takes in a key that is not there yet.
    pub(crate) fn insert(&mut self, hash: u32, place: u32) {
        debug_assert!(place != NO_ID, "the last place is none");
        if (self.used + 1) * 2 > self.slots.len() {
            self.grow((self.slots.len() * 2).max(16));
        }
        self.put(u64::from(hash) << 32 | u64::from(place));
        self.used += 1;
    }

    /// Makes room for so many more.
    pub(crate) fn reserve(&mut self, more: usize) {
        let needed = ((self.used + more) * 2).next_power_of_two();
        if needed > self.slots.len() {
            self.grow(needed);
        }
    }

    fn grow(&mut self, slots: usize) {
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; slots]);
        old.into_iter().filter(|slot| *slot != EMPTY).for_each(|slot| self.put(slot));
    }

    #[inline]
    fn put(&mut self, slot: u64) {
        let mut at = self.home(upper(slot));
        while self.slots[at] != EMPTY {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = slot;
    }

    /// The slot where a hash is looked for first.
    #[inline]
    fn home(&self, hash: u32) -> usize {
        let bits = self.slots.len().trailing_zeros();
        (u64::from(hash) << bits >> 32) as usize
    }
}

/// Half of a key's hash.
#[inline]
pub(crate) fn half_hash(key: impl Hash) -> u32 {
    upper(FixedState::with_seed(0x746f_6b65_6e74_7261).hash_one(key))
}

/// Reads values for nothing but having them near.
#[inline]
pub(crate) fn touch(values: impl Iterator<Item = u64>) {
    black_box(values.fold(0, |all, value| all ^ value));
}

/// All bits of a product, folded into half as many.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the other half is what it is folded with")]
pub(crate) fn fold(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    (product as u64) ^ (product >> 64) as u64
}

/// The upper half of a hash, which is the better one.
#[inline]
pub(crate) fn upper(hash: u64) -> u32 {
    (hash >> 32) as u32
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "half of it is left")]
fn lower(slot: u64) -> u32 {
    slot as u32
}
