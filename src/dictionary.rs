//! Strings as small numbers: each distinct value is kept once, normalised once, and derived from once.
//!
//! Every worker has a dictionary of its own; [`Dictionary::absorb`] joins two and says how ids moved. Ids depend on the
//! order of arrival, so nothing that leaves the program may depend on them.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::hash::{BuildHasher, Hasher};

use crate::batch::{NO_ID, Role};

/// A set of strings that share ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Connected apps.
    App,
    /// Users.
    User,
    /// Source addresses.
    Address,
    /// Session keys, login keys, token references, assertion ids: many, and each seen a few times.
    Session,
    /// Everything else.
    Text,
    /// Long texts, most of them met once: queries, sentences.
    Query,
}

impl Domain {
    const ALL: [Self; 6] = [Self::App, Self::User, Self::Address, Self::Session, Self::Text, Self::Query];
}

/// The strings of all domains.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    domains: [Strings; Domain::ALL.len()],
}

/// How the ids of an absorbed dictionary read in the one that took it in.
#[derive(Debug)]
pub struct Moved {
    domains: [Vec<u32>; Domain::ALL.len()],
}

impl Dictionary {
    /// The id of a string, which is taken in if it is new.
    pub fn id(&mut self, domain: Domain, text: &str) -> u32 {
        self.domains[domain as usize].id(text)
    }

    /// The id of a string that is already known.
    pub fn find(&self, domain: Domain, text: &str) -> Option<u32> {
        self.domains[domain as usize].find(text.as_bytes())
    }

    /// The id of these bytes, if they are a string that is already known.
    pub fn find_bytes(&self, domain: Domain, text: &[u8]) -> Option<u32> {
        self.domains[domain as usize].find(text)
    }

    /// For each of many strings, the id that it most likely has, or [`NO_ID`]: [`Dictionary::is`] tells whether it does.
    ///
    /// Looking up many at a time lets the memory answer many questions at a time.
    pub fn likely_ids<'t>(&self, domain: Domain, texts: impl Iterator<Item = &'t [u8]>, ids: &mut Vec<u32>) {
        ids.clear();
        ids.extend(texts.map(hash));
        let strings = &self.domains[domain as usize];
        for id in ids.iter_mut() {
            let found = strings.table.find(spread(*id), |slot| slot.hash == *id);
            *id = found.map_or(NO_ID, |slot| slot.id);
        }
    }

    /// Whether the string of an id is these bytes.
    pub fn is(&self, domain: Domain, id: u32, text: &[u8]) -> bool {
        id != NO_ID && self.domains[domain as usize].bytes(id as usize) == text
    }

    /// The string of an id; empty for [`NO_ID`].
    pub fn text(&self, domain: Domain, id: u32) -> &str {
        if id == NO_ID { "" } else { self.domains[domain as usize].text(id as usize) }
    }

    /// The string of an id in a role's domain; nothing for [`NO_ID`].
    pub fn role_text(&self, role: Role, id: u32) -> Option<&str> {
        (id != NO_ID).then(|| self.text(role.domain(), id))
    }

    /// How many distinct strings a domain has; their ids are `0..count`.
    pub fn count(&self, domain: Domain) -> usize {
        self.domains[domain as usize].len()
    }

    /// The strings of a domain in the order of their ids.
    pub fn values(&self, domain: Domain) -> impl Iterator<Item = &str> {
        let strings = &self.domains[domain as usize];
        (0..strings.len()).map(|id| strings.text(id))
    }

    /// Takes in all strings of another dictionary.
    pub fn absorb(&mut self, other: &Self) -> Moved {
        self.absorb_renamed(other, Domain::App, &|_| None)
    }

    /// The same, with strings of one domain in another spelling, where there is one.
    pub(crate) fn absorb_renamed<'t>(
        &mut self,
        other: &'t Self,
        domain: Domain,
        rename: &(dyn Fn(&'t str) -> Option<&'t str> + Sync),
    ) -> Moved {
        let pairs: Vec<_> = self.domains.iter_mut().zip(&other.domains).enumerate().collect();
        let moved: Vec<Vec<u32>> = pairs
            .into_par_iter()
            .map(|(number, (own, other))| {
                let is_renamed = number == domain as usize;
                let spelled = |text: &'t str| rename(text).filter(|_| is_renamed).unwrap_or(text);
                (0..other.len()).map(|id| own.id(spelled(other.text(id)))).collect()
            })
            .collect();
        Moved { domains: moved.try_into().unwrap_or_default() }
    }
}

impl Moved {
    /// What an id of the absorbed dictionary is now.
    pub fn id(&self, domain: Domain, id: u32) -> u32 {
        if id == NO_ID { NO_ID } else { self.domains[domain as usize][id as usize] }
    }
}

/// Strings by id, and ids by string. Short strings lie where their id points, so that a look-up touches two places in
/// memory: the table's and the string's.
#[derive(Clone, Debug, Default)]
struct Strings {
    values: Vec<Value>,
    /// Strings that are too long to lie in their place.
    long: Vec<u8>,
    table: HashTable<Slot>,
}

/// A string of up to 23 bytes, its length in the last byte; or where a longer one lies in `long`.
#[derive(Clone, Copy, Debug)]
struct Value([u8; 24]);

/// An id, and half of its string's hash: enough to pass over most others and to grow without reading strings.
#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    id: u32,
}

const IS_LONG: u8 = u8::MAX;

impl Strings {
    fn id(&mut self, text: &str) -> u32 {
        let hash = hash(text.as_bytes());
        if let Some(id) = self.find_hashed(hash, text.as_bytes()) {
            return id;
        }
        let id = u32::try_from(self.values.len()).unwrap_or(NO_ID);
        assert!(id != NO_ID, "a run holds fewer than 2^32 distinct strings of a kind");
        let value = self.value(text.as_bytes());
        self.values.push(value);
        self.table.insert_unique(spread(hash), Slot { hash, id }, |slot| spread(slot.hash));
        id
    }

    fn find(&self, text: &[u8]) -> Option<u32> {
        self.find_hashed(hash(text), text)
    }

    fn find_hashed(&self, hash: u32, text: &[u8]) -> Option<u32> {
        let found = self.table.find(spread(hash), |slot| slot.hash == hash && self.bytes(slot.id as usize) == text);
        found.map(|slot| slot.id)
    }

    fn value(&mut self, text: &[u8]) -> Value {
        let mut value = [0; 24];
        if text.len() < value.len() {
            value[..text.len()].copy_from_slice(text);
            value[23] = u8::try_from(text.len()).unwrap_or(IS_LONG);
        } else {
            value[..8].copy_from_slice(&(self.long.len() as u64).to_le_bytes());
            value[8..16].copy_from_slice(&(text.len() as u64).to_le_bytes());
            value[23] = IS_LONG;
            self.long.extend_from_slice(text);
        }
        Value(value)
    }

    fn bytes(&self, index: usize) -> &[u8] {
        let Value(value) = &self.values[index];
        if value[23] != IS_LONG {
            return &value[..usize::from(value[23])];
        }
        let number =
            |at: usize| value[at..at + 8].iter().rev().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
        let (start, length) = (number(0), number(8));
        &self.long[start..start + length]
    }

    fn text(&self, index: usize) -> &str {
        std::str::from_utf8(self.bytes(index)).unwrap_or_default()
    }

    fn len(&self) -> usize {
        self.values.len()
    }
}

/// The seed is fixed: results never depend on it, and runs can be compared.
#[expect(clippy::cast_possible_truncation, reason = "half of the hash is kept")]
fn hash(text: &[u8]) -> u32 {
    let mut hasher = FixedState::with_seed(0x746f_6b65_6e74_7261).build_hasher();
    hasher.write(text);
    hasher.finish() as u32
}

/// Half a hash as a whole one, for the table, which looks at its upper and its lower bits.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
