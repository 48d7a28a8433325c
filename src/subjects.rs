//! Whose behaviour: tuples of ids as small numbers of their own, so that states need one key and not four.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

use crate::batch::{Batch, NO_ID, Role};
use crate::dictionary::Moved;

/// The most roles that tell subjects apart.
const MOST: usize = 4;

/// The subjects of one kind: of one list of roles.
#[derive(Clone, Debug)]
pub(crate) struct Subjects {
    pub(crate) roles: &'static [Role],
    keys: Vec<[u32; MOST]>,
    table: HashTable<u32>,
    /// The last one found: rows of a subject come in runs.
    last: Option<([u32; MOST], u32)>,
}

impl Subjects {
    pub(crate) fn new(roles: &'static [Role]) -> Self {
        assert!(roles.len() <= MOST, "a subject has at most {MOST} roles");
        Self { roles, keys: Vec::new(), table: HashTable::new(), last: None }
    }

    /// The subject of every row of a batch.
    pub(crate) fn of_rows(&mut self, batch: &Batch, subjects: &mut Vec<u32>) {
        subjects.clear();
        for row in 0..batch.rows() {
            let mut key = [NO_ID; MOST];
            for (part, role) in key.iter_mut().zip(self.roles) {
                *part = batch.id(*role, row);
            }
            subjects.push(self.id(key));
        }
    }

    /// Takes in the subjects of another table; what each of its ids is here.
    pub(crate) fn absorb(&mut self, other: &Self, strings: &Moved) -> Vec<u32> {
        let moved = |mut key: [u32; MOST]| {
            for (part, role) in key.iter_mut().zip(other.roles) {
                *part = strings.id(role.domain(), *part);
            }
            key
        };
        other.keys.iter().map(|key| self.id(moved(*key))).collect()
    }

    /// The id that a subject has in one of its roles; nothing if it has none.
    pub(crate) fn part(&self, subject: u32, role: Role) -> Option<u32> {
        let place = self.roles.iter().position(|known| *known == role)?;
        Some(self.keys[subject as usize][place]).filter(|id| *id != NO_ID)
    }

    fn id(&mut self, key: [u32; MOST]) -> u32 {
        if let Some((last, id)) = self.last
            && last == key
        {
            return id;
        }
        let hash = hash(key);
        let found = self.table.find(hash, |id| self.keys[*id as usize] == key).copied();
        let id = found.unwrap_or_else(|| {
            let id = u32::try_from(self.keys.len()).unwrap_or(NO_ID);
            assert!(id != NO_ID, "a run has fewer than 2^32 subjects of a kind");
            self.keys.push(key);
            let keys = &self.keys;
            self.table.insert_unique(hash, id, |id| self::hash(keys[*id as usize]));
            id
        });
        self.last = Some((key, id));
        id
    }
}

fn hash(key: [u32; MOST]) -> u64 {
    FixedState::with_seed(0x7375_626a).hash_one(key)
}
