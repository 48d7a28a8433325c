//! Half hashes: what tables keep beside an id or a place. Enough to pass over most others and to grow without reading
//! keys, at half of the memory. Seeds are fixed: results never depend on them, and runs can be compared.

use std::hash::{BuildHasher, Hash};

use foldhash::fast::FixedState;

/// Half of a key's hash.
#[inline]
pub(crate) fn of(key: impl Hash) -> u32 {
    upper(FixedState::with_seed(0x746f_6b65_6e74_7261).hash_one(key))
}

/// The half of a hash that is kept.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "half of it is left")]
pub(crate) fn upper(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Half a hash as a whole one, for a table, which looks at its upper and its lower bits.
#[inline]
pub(crate) fn spread(half: u32) -> u64 {
    u64::from(half).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// All bits of a product, folded into half as many.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the other half is what it is folded with")]
pub(crate) fn fold(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    (product as u64) ^ (product >> 64) as u64
}
