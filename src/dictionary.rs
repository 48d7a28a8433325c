//! Strings as small numbers: each distinct value is kept once, normalised once, and derived from once.
//!
//! Every worker has a dictionary of its own; [`Dictionary::absorb`] joins two and says how ids moved. Ids depend on the
//! order of arrival, so nothing that leaves the program may depend on them.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

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
}

impl Domain {
    const ALL: [Self; 5] = [Self::App, Self::User, Self::Address, Self::Session, Self::Text];
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
        self.domains[domain as usize].find(text)
    }

    /// The string of an id; empty for [`NO_ID`].
    pub fn text(&self, domain: Domain, id: u32) -> &str {
        if id == NO_ID { "" } else { self.domains[domain as usize].text(id) }
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
        (0..strings.len()).map(|id| strings.at(id))
    }

    /// Takes in all strings of another dictionary.
    pub fn absorb(&mut self, other: &Self) -> Moved {
        let domains = Domain::ALL.map(|domain| {
            other.values(domain).map(|text| self.id(domain, text)).collect()
        });
        Moved { domains }
    }
}

impl Moved {
    /// What an id of the absorbed dictionary is now.
    pub fn id(&self, domain: Domain, id: u32) -> u32 {
        if id == NO_ID { NO_ID } else { self.domains[domain as usize][id as usize] }
    }
}

/// An arena of strings and a table of their hashes.
#[derive(Clone, Debug, Default)]
struct Strings {
    arena: String,
    ends: Vec<usize>,
    table: HashTable<u32>,
}

impl Strings {
    fn id(&mut self, text: &str) -> u32 {
        let hash = hash(text);
        let (arena, ends) = (&self.arena, &self.ends);
        if let Some(id) = self.table.find(hash, |id| slice(arena, ends, *id as usize) == text) {
            return *id;
        }
        let id = u32::try_from(self.ends.len()).unwrap_or(NO_ID);
        assert!(id != NO_ID, "a run holds fewer than 2^32 distinct strings of a kind");
        self.arena.push_str(text);
        self.ends.push(self.arena.len());
        let (arena, ends) = (&self.arena, &self.ends);
        self.table.insert_unique(hash, id, |id| self::hash(slice(arena, ends, *id as usize)));
        id
    }

    fn find(&self, text: &str) -> Option<u32> {
        self.table.find(hash(text), |id| self.text(*id) == text).copied()
    }

    fn text(&self, id: u32) -> &str {
        self.at(id as usize)
    }

    fn at(&self, index: usize) -> &str {
        slice(&self.arena, &self.ends, index)
    }

    fn len(&self) -> usize {
        self.ends.len()
    }
}

fn slice<'a>(arena: &'a str, ends: &[usize], index: usize) -> &'a str {
    let start = if index == 0 { 0 } else { ends[index - 1] };
    &arena[start..ends[index]]
}

/// The seed is fixed: results never depend on it, and runs can be compared.
fn hash(text: &str) -> u64 {
    FixedState::with_seed(0x746f_6b65_6e74_7261).hash_one(text)
}
