//! Which events have been seen: a set of 128-bit identities that grows in small steps.

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_128;

/// What makes an event the same as another of its type, if it has an event identifier (18 characters if it is an id).
pub(crate) fn event_identity(event_type: &str, event_id: &[u8], scratch: &mut Vec<u8>) -> u128 {
    scratch.clear();
    scratch.extend_from_slice(event_type.as_bytes());
    scratch.extend_from_slice(event_id);
    xxh3_128(scratch)
}

const PARTS: usize = 64;

/// A set of row identities. Split in parts, so that growing never holds two copies of the whole.
pub(super) struct Identities {
    parts: [HashTable<u128>; PARTS],
}

impl Identities {
    pub(super) fn new() -> Self {
        Self { parts: std::array::from_fn(|_| HashTable::new()) }
    }

    /// Takes an identity in; says whether it is new.
    pub(super) fn insert(&mut self, identity: u128) -> bool {
        let part = &mut self.parts[(identity >> 122) as usize];
        let entry = part.entry(low_half(identity), |known| *known == identity, |known| low_half(*known));
        match entry {
            hashbrown::hash_table::Entry::Occupied(_) => false,
            hashbrown::hash_table::Entry::Vacant(vacant) => {
                vacant.insert(identity);
                true
            }
        }
    }
}

/// Identities are hashes already: half of one is a hash.
#[expect(clippy::cast_possible_truncation, reason = "that is the point")]
fn low_half(identity: u128) -> u64 {
    identity as u64
}
