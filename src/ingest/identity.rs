//! Which events have been seen: a set of row identities that grows in small steps.

use hashbrown::HashTable;

/// A set of row identities, in parts, so that growing never holds two copies of the whole. The part says the first 12
/// bits of an identity and the table the last 64: of twenty million events, two are mistaken for one with a probability
/// of one in a hundred million, and the rest of the 128 bits is memory saved.
pub(super) struct Identities {
    parts: Vec<HashTable<u64>>,
}

const PART_BITS: u32 = 12;

impl Identities {
    pub(super) fn new() -> Self {
        Self { parts: vec![HashTable::new(); 1 << PART_BITS] }
    }

    /// Takes identities in; says for each whether it is new. First all are looked up, so that the memory can answer many
    /// questions at a time.
    pub(super) fn insert_all(&mut self, identities: &[u128]) -> Vec<bool> {
        let mut new: Vec<bool> = identities.iter().map(|identity| !self.contains(*identity)).collect();
        for (identity, new) in identities.iter().zip(&mut new).filter(|(_, new)| **new) {
            let kept = last_bits(*identity);
            let entry = self.parts[part(*identity)].entry(kept, |known| *known == kept, |known| *known);
            match entry {
                // Twice among these.
                hashbrown::hash_table::Entry::Occupied(_) => *new = false,
                hashbrown::hash_table::Entry::Vacant(vacant) => drop(vacant.insert(kept)),
            }
        }
        new
    }

    fn contains(&self, identity: u128) -> bool {
        let kept = last_bits(identity);
        self.parts[part(identity)].find(kept, |known| *known == kept).is_some()
    }
}

fn part(identity: u128) -> usize {
    (identity >> (u128::BITS - PART_BITS)) as usize
}

/// Identities are hashes already: a part of one is a hash.
#[expect(clippy::cast_possible_truncation, reason = "that is the point")]
fn last_bits(identity: u128) -> u64 {
    identity as u64
}
