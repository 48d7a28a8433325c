//! Whose behaviour: tuples of ids as small numbers of their own, so that states need one key and not four. A subject of
//! one role is that role's id.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

use crate::batch::{Batch, NO_ID, Role};
use crate::dictionary::{Dictionary, Moved};

/// The most roles that tell subjects apart.
const MOST: usize = 4;

type Key = [u32; MOST];

/// The subjects of one kind: of one list of roles.
#[derive(Clone, Debug)]
pub(crate) struct Subjects {
    pub(crate) roles: &'static [Role],
    keys: Vec<Key>,
    table: HashTable<(Key, u32)>,
    /// The last one found: rows of a subject come in runs.
    last: Option<(Key, u32)>,
}

impl Subjects {
    pub(crate) fn new(roles: &'static [Role]) -> Self {
        assert!((1..=MOST).contains(&roles.len()), "a subject has one to {MOST} roles");
        Self { roles, keys: Vec::new(), table: HashTable::new(), last: None }
    }

    /// The subject of every row of a batch; [`NO_ID`] where a subject of one role is not known.
    pub(crate) fn of_rows(&mut self, batch: &Batch) -> Vec<u32> {
        let rows = 0..batch.rows();
        if let [role] = self.roles {
            return rows.map(|row| batch.id(*role, row)).collect();
        }
        rows.map(|row| {
            let mut key = [NO_ID; MOST];
            for (part, role) in key.iter_mut().zip(self.roles) {
                *part = batch.id(*role, row);
            }
            self.id(key)
        })
        .collect()
    }

    /// Takes in the subjects of another table; what each of its ids is here.
    pub(crate) fn absorb(&mut self, other: &Self, strings: &Moved, theirs: &Dictionary) -> Vec<u32> {
        if let [role] = self.roles {
            let count = u32::try_from(theirs.count(role.domain())).unwrap_or(NO_ID);
            return (0..count).map(|id| strings.id(role.domain(), id)).collect();
        }
        let moved = |mut key: Key| {
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
        let part = if self.roles.len() == 1 { subject } else { self.keys[subject as usize][place] };
        Some(part).filter(|id| *id != NO_ID)
    }

    fn id(&mut self, key: Key) -> u32 {
        if let Some((last, id)) = self.last
            && last == key
        {
            return id;
        }
        let hash = hash(&key);
        let found = self.table.find(hash, |(known, _)| *known == key).map(|(_, id)| *id);
        let id = found.unwrap_or_else(|| {
            let id = u32::try_from(self.keys.len()).unwrap_or(NO_ID);
            assert!(id != NO_ID, "a run has fewer than 2^32 subjects of a kind");
            self.keys.push(key);
            self.table.insert_unique(hash, (key, id), |(known, _)| self::hash(known));
            id
        });
        self.last = Some((key, id));
        id
    }
}

fn hash(key: &Key) -> u64 {
    FixedState::with_seed(0x7375_626a).hash_one(key)
}
