//! Whose behaviour: tuples of ids as small numbers of their own, so that states need one key and not four. A subject of
//! one role is that role's id.

use crate::batch::{Batch, NO_ID, Role};
use crate::dictionary::Moved;
use crate::places::{Places, fold, touch, upper};

/// The most roles that tell subjects apart.
const MOST: usize = 4;

/// The ids of a subject's parts, in the order of its roles.
pub(crate) type Key = [u32; MOST];

/// The subjects of one kind: of one list of roles.
#[derive(Clone, Debug)]
pub(crate) struct Subjects {
    pub(crate) roles: &'static [Role],
    keys: Vec<Key>,
    places: Places,
}

impl Subjects {
    pub(crate) fn new(roles: &'static [Role]) -> Self {
        assert!((1..=MOST).contains(&roles.len()), "a subject has one to {MOST} roles");
        Self { roles, keys: Vec::new(), places: Places::default() }
    }

    /// The subjects with these keys, each there once: the first is 0. A subject of one role is that role's id in any case.
    pub(crate) fn of_keys(roles: &'static [Role], keys: &[Key]) -> Self {
        let mut subjects = Self::new(roles);
        if roles.len() > 1 {
            subjects.ids(keys);
        }
        subjects
    }

    /// The keys of subjects of several roles, in the order of their ids.
    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The subject of every row of a batch; [`NO_ID`] where a subject of one role is not known.
    pub(crate) fn of_rows(&mut self, batch: &Batch) -> Vec<u32> {
        let rows = 0..batch.rows();
        if let [role] = self.roles {
            return rows.map(|row| batch.id(*role, row)).collect();
        }
        let keys = rows.map(|row| {
            let mut key = [NO_ID; MOST];
            for (part, role) in key.iter_mut().zip(self.roles) {
                *part = batch.id(*role, row);
            }
            key
        });
        let keys: Vec<Key> = keys.collect();
        self.ids(&keys)
    }

    /// The ids of keys. First all places are looked up, then it is seen whether they hold the keys, so that the memory can
    /// answer many questions at a time.
    fn ids(&mut self, keys: &[Key]) -> Vec<u32> {
        let hashes: Vec<u32> = keys.iter().map(hash).collect();
        let mut ids = self.places.find_all(&hashes);
        if let Some(last) = self.keys.len().checked_sub(1) {
            touch(ids.iter().map(|id| u64::from(self.keys[last.min(*id as usize)][0])));
        }
        for (id, key) in ids.iter_mut().zip(keys) {
            if self.keys.get(*id as usize) != Some(key) {
                *id = self.id(*key);
            }
        }
        ids
    }

    /// Takes in the subjects of another table; what each of its ids is here.
    pub(crate) fn absorb(&mut self, other: &Self, strings: &Moved) -> Vec<u32> {
        if let [role] = self.roles {
            return strings.ids(role.domain()).to_vec();
        }
        let moved = |mut key: Key| {
            for (part, role) in key.iter_mut().zip(other.roles) {
                *part = strings.id(role.domain(), *part);
            }
            key
        };
        let keys: Vec<Key> = other.keys.iter().map(|key| moved(*key)).collect();
        self.ids(&keys)
    }

    /// The id that a subject has in one of its roles; nothing if it has none.
    pub(crate) fn part(&self, subject: u32, role: Role) -> Option<u32> {
        let place = self.roles.iter().position(|known| *known == role)?;
        let part = if self.roles.len() == 1 { subject } else { self.keys[subject as usize][place] };
        Some(part).filter(|id| *id != NO_ID)
    }

    fn id(&mut self, key: Key) -> u32 {
        let hash = hash(&key);
        if let Some(id) = self.places.find(hash, |id| self.keys[id as usize] == key) {
            return id;
        }
        let id = u32::try_from(self.keys.len()).unwrap_or(NO_ID);
        assert!(id != NO_ID, "a run has fewer than 2^32 subjects of a kind");
        self.keys.push(key);
        self.places.insert(hash, id);
        id
    }
}

fn hash(key: &Key) -> u32 {
    let [first, second, third, fourth] = key.map(u64::from);
    upper(fold(first << 32 ^ second ^ 0x746f_6b65_6e74_7261, third << 32 ^ fourth ^ 0x243f_6a88_85a3_08d3))
}
