//! Which events have been seen: a set of row identities that grows in small steps.

use xxhash_rust::xxh3::{xxh3_64, xxh3_128_with_seed};

use crate::places::touch;

/// What makes events of one type the same: the seed of their identities.
pub(crate) fn seed(event_type: &str) -> u64 {
    xxh3_64(event_type.as_bytes())
}

/// What makes an event the same as another of its type: its event identifier (18 characters if it is an id), or what
/// else identifies it.
pub(crate) fn event_identity(seed: u64, identifier: &[u8]) -> u128 {
    xxh3_128_with_seed(identifier, seed)
}

/// A set of row identities, in parts, so that growing never holds two copies of the whole. The part says the first bits
/// of an identity and the table holds the last 64: of twenty million events, two are mistaken for one with a probability
/// of one in a hundred million, and the rest of the 128 bits is memory saved.
pub(super) struct Identities {
    parts: Vec<Part>,
}

const PART_BITS: u32 = 12;

/// Open addressing, as many slots as a power of two; zero where there is nothing.
#[derive(Clone)]
struct Part {
    slots: Vec<u64>,
    used: usize,
}

impl Identities {
    pub(super) fn new() -> Self {
        Self { parts: vec![Part { slots: vec![0; 8], used: 0 }; 1 << PART_BITS] }
    }

    /// Takes identities in; says for each whether it is new. First all slots are touched, so that the memory can answer
    /// many questions at a time.
    pub(super) fn insert_all(&mut self, identities: &[u128]) -> Vec<bool> {
        touch(identities.iter().map(|identity| {
            let part = &self.parts[part(*identity)];
            part.slots[part.home(last_bits(*identity))]
        }));
        identities.iter().map(|identity| self.parts[part(*identity)].insert(last_bits(*identity))).collect()
    }
}

impl Part {
    fn insert(&mut self, bits: u64) -> bool {
        if self.used * 4 >= self.slots.len() * 3 {
            let doubled = vec![0; self.slots.len() * 2];
            let old = std::mem::replace(&mut self.slots, doubled);
            old.into_iter().filter(|slot| *slot != 0).for_each(|slot| _ = self.put(slot));
        }
        let new = self.put(bits);
        self.used += usize::from(new);
        new
    }

    fn put(&mut self, bits: u64) -> bool {
        let mut at = self.home(bits);
        loop {
            match self.slots[at] {
                0 => {
                    self.slots[at] = bits;
                    return true;
                }
                known if known == bits => return false,
                _ => at = (at + 1) & (self.slots.len() - 1),
            }
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "only the lowest bits count")]
    fn home(&self, bits: u64) -> usize {
        bits as usize & (self.slots.len() - 1)
    }
}

fn part(identity: u128) -> usize {
    (identity >> (u128::BITS - PART_BITS)) as usize
}

/// Identities are hashes already: a part of one is a hash. Zero is kept for empty slots.
#[expect(clippy::cast_possible_truncation, reason = "that is the point")]
fn last_bits(identity: u128) -> u64 {
    (identity as u64).max(1)
}
