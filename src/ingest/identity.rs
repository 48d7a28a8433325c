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

/// Buckets as many as a power of two; what finds no room in its own lies in the next that has some.
#[derive(Clone)]
struct Part {
    buckets: Vec<Bucket>,
    used: usize,
}

/// A line of the cache, looked at as a whole: there is nothing to guess about. Zeros behind what it holds.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Bucket([u64; Bucket::SLOTS]);

impl Identities {
    pub(super) fn new() -> Self {
        Self { parts: vec![Part { buckets: vec![Bucket::default()], used: 0 }; 1 << PART_BITS] }
    }

    /// Takes identities in; says for each whether it is new. First all buckets are touched, so that the memory can answer
    /// many questions at a time.
    pub(super) fn insert_all(&mut self, identities: &[u128]) -> Vec<bool> {
        touch(identities.iter().map(|identity| {
            let part = &self.parts[part(*identity)];
            part.buckets[part.home(last_bits(*identity))].0[0]
        }));
        identities.iter().map(|identity| self.parts[part(*identity)].insert(last_bits(*identity))).collect()
    }
}

impl Part {
    fn insert(&mut self, bits: u64) -> bool {
        if self.used * 4 >= self.buckets.len() * Bucket::SLOTS * 3 {
            let doubled = vec![Bucket::default(); self.buckets.len() * 2];
            let old = std::mem::replace(&mut self.buckets, doubled);
            old.iter().flat_map(Bucket::held).for_each(|bits| _ = self.put(*bits));
        }
        let new = self.put(bits);
        self.used += usize::from(new);
        new
    }

    fn put(&mut self, bits: u64) -> bool {
        let mut at = self.home(bits);
        loop {
            let bucket = &mut self.buckets[at];
            if bucket.has(bits) {
                return false;
            }
            let count = bucket.count();
            if let Some(free) = bucket.0.get_mut(count) {
                *free = bits;
                return true;
            }
            at = (at + 1) & (self.buckets.len() - 1);
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "only the lowest bits count")]
    fn home(&self, bits: u64) -> usize {
        bits as usize & (self.buckets.len() - 1)
    }
}

impl Bucket {
    const SLOTS: usize = 8;

    #[inline]
    fn has(&self, bits: u64) -> bool {
        self.0.iter().fold(0, |has, slot| has | u8::from(*slot == bits)) != 0
    }

    #[inline]
    fn count(&self) -> usize {
        self.0.iter().map(|slot| usize::from(*slot != 0)).sum()
    }

    fn held(&self) -> &[u64] {
        &self.0[..self.count()]
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
