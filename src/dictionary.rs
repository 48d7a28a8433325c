//! Strings as small numbers: each distinct value is kept once, normalised once, and derived from once.
//!
//! Every worker has a dictionary of its own; [`Dictionary::absorb`] joins two and says how ids moved. Ids depend on the
//! order of arrival, so nothing that leaves the program may depend on them.

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;

use crate::batch::{NO_ID, Role};
use crate::ingest::Texts;
use crate::places::{Places, fold, half_hash, touch, upper};

/// A set of strings that share ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Connected apps.
    App,
    /// Users.
    User,
    /// Source addresses.
    Address,
    /// Session keys, login keys, ids of requests: many, and each seen a few times.
    Session,
    /// References to tokens, and what tells assertions apart.
    Token,
    /// Everything else.
    Text,
    /// Long texts, most of them met once: queries, sentences.
    Query,
}

impl Domain {
    /// All domains.
    pub(crate) const ALL: [Self; 7] =
        [Self::App, Self::User, Self::Address, Self::Session, Self::Token, Self::Text, Self::Query];
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

    /// Whether the string of an id is this one.
    pub fn is(&self, domain: Domain, id: u32, text: &str) -> bool {
        id != NO_ID && self.text(domain, id) == text
    }

    /// The ids of many texts; [`NO_ID`] where there is none or it is not known.
    ///
    /// Looking up many at a time lets the memory answer many questions at a time.
    pub(crate) fn find_all(&self, domain: Domain, texts: &Texts<'_>, ids: &mut Vec<u32>) {
        self.domains[domain as usize].find_all(texts, ids);
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

    /// The strings that somebody speaks of, in their order, and what their ids are there.
    pub(crate) fn only(&self, spoken: &Spoken) -> (Self, Moved) {
        let mut only = Self::default();
        let moved = Domain::ALL.map(|domain| {
            let spoken = (0..).zip(&spoken.domains[domain as usize]).filter(|(_, is)| **is);
            let mut ids: Vec<u32> = spoken.map(|(id, _)| id).collect();
            ids.sort_unstable_by_key(|id| self.text(domain, *id));
            let mut moved = vec![NO_ID; self.count(domain)];
            for id in ids {
                moved[id as usize] = only.id(domain, self.text(domain, id));
            }
            moved
        });
        (only, Moved { domains: moved })
    }

    /// Takes in all strings of another dictionary.
    pub fn absorb(&mut self, other: &Self) -> Moved {
        let pairs: Vec<_> = self.domains.iter_mut().zip(&other.domains).collect();
        let moved: Vec<Vec<u32>> = pairs.into_par_iter().map(|(own, other)| own.absorb(other)).collect();
        Moved { domains: moved.try_into().unwrap_or_default() }
    }

    /// The same, but for the strings of one domain: nobody may ask what their ids are here.
    pub(crate) fn absorb_but(&mut self, domain: Domain, other: &Self) -> Moved {
        let pairs = Domain::ALL.into_iter().zip(self.domains.iter_mut().zip(&other.domains)).collect::<Vec<_>>();
        let moved =
            pairs.into_par_iter().map(|(of, (own, other))| if of == domain { Vec::new() } else { own.absorb(other) });
        Moved { domains: moved.collect::<Vec<Vec<u32>>>().try_into().unwrap_or_default() }
    }

    /// Spells strings of one domain in another way, where there is one. The others stay as they are.
    pub(crate) fn rename(&mut self, domain: Domain, spelled: &dyn Fn(&str) -> Option<String>) -> Moved {
        let old = std::mem::take(&mut self.domains[domain as usize]);
        let moved = Domain::ALL.map(|other| (0..).take(self.count(other)).collect());
        let mut moved = Moved { domains: moved };
        let new = &mut self.domains[domain as usize];
        let renamed = (0..old.len()).map(|id| {
            let text = old.text(id);
            new.id(spelled(text).as_deref().unwrap_or(text))
        });
        moved.domains[domain as usize] = renamed.collect();
        moved
    }
}

/// Which strings of a dictionary somebody speaks of.
#[derive(Debug)]
pub(crate) struct Spoken {
    domains: [Vec<bool>; Domain::ALL.len()],
}

impl Spoken {
    pub(crate) fn none_of(dictionary: &Dictionary) -> Self {
        Self { domains: Domain::ALL.map(|domain| vec![false; dictionary.count(domain)]) }
    }

    /// Somebody speaks of this one; of none, if it is [`NO_ID`].
    pub(crate) fn note(&mut self, domain: Domain, id: u32) {
        if id != NO_ID {
            self.domains[domain as usize][id as usize] = true;
        }
    }
}

impl Moved {
    /// What all ids of a domain of the absorbed dictionary are now.
    pub(crate) fn ids(&self, domain: Domain) -> &[u32] {
        &self.domains[domain as usize]
    }

    /// What an id of the absorbed dictionary is now.
    pub fn id(&self, domain: Domain, id: u32) -> u32 {
        if id == NO_ID { NO_ID } else { self.domains[domain as usize][id as usize] }
    }
}

/// Strings by id, and ids by string. Short strings lie where their id points, so that a look-up touches two places in
/// memory: the table's and the string's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Strings {
    values: Vec<Value>,
    /// Strings that are too long to lie in their place.
    long: Vec<u8>,
    places: Places,
}

/// A string of up to 23 bytes with zeros behind it and its length in the last byte; or where a longer one lies in `long`,
/// and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(8))]
struct Value([u8; 24]);

const IN_PLACE: usize = 23;
const IS_LONG: u8 = u8::MAX;

impl Strings {
    pub(crate) fn id(&mut self, text: &str) -> u32 {
        let hash = hash(text.as_bytes());
        if let Some(id) = self.find_hashed(hash, text.as_bytes()) {
            return id;
        }
        self.insert(hash, text.as_bytes())
    }

    pub(crate) fn find(&self, text: &[u8]) -> Option<u32> {
        self.find_hashed(hash(text), text)
    }

    fn find_hashed(&self, hash: u32, text: &[u8]) -> Option<u32> {
        self.places.find(hash, |id| self.bytes(id as usize) == text)
    }

    /// In three rounds, each of which asks the memory for many places that do not depend on each other: hashes, the ids
    /// that they most likely stand for, and whether they do.
    pub(crate) fn find_all(&self, texts: &Texts<'_>, ids: &mut Vec<u32>) {
        let values: Vec<Value> = (0..texts.rows()).map(|row| Value::of_row(texts, row).unwrap_or(LONG)).collect();
        let hashes = (0..).zip(&values);
        let hashes: Vec<u32> =
            hashes.map(|(row, value)| if *value == LONG { half_hash(texts.get(row)) } else { value.hash() }).collect();
        *ids = self.places.find_all(&hashes);
        self.touch(ids);
        for (row, (id, value)) in ids.iter_mut().zip(values).enumerate() {
            let Some(known) = self.values.get(*id as usize) else { continue };
            if *known != value || texts.is_empty(row) {
                // Another string with half the same hash, a long one, or none.
                *id = if texts.is_empty(row) { NO_ID } else { self.find(texts.get(row)).unwrap_or(NO_ID) };
            }
        }
    }

    fn touch(&self, ids: &[u32]) {
        if let Some(last) = self.values.len().checked_sub(1) {
            touch(ids.iter().map(|id| self.values[last.min(*id as usize)].words()[0]));
        }
    }

    /// Takes in all strings of another set; what each of its ids is here. In rounds, as in [`Strings::find_all`].
    fn absorb(&mut self, other: &Self) -> Vec<u32> {
        let hash = |id: usize| {
            let value = &other.values[id];
            if value.0[IN_PLACE] == IS_LONG { half_hash(other.bytes(id)) } else { value.hash() }
        };
        let hashes: Vec<u32> = (0..other.len()).into_par_iter().map(hash).collect();
        let found = hashes.par_chunks(LOOKED_UP_TOGETHER).map(|hashes| {
            let ids = self.places.find_all(hashes);
            self.touch(&ids);
            ids
        });
        let mut ids = found.collect::<Vec<_>>().concat();
        let is_here = |own: u32, theirs: usize| {
            let value = &other.values[theirs];
            value.0[IN_PLACE] != IS_LONG && self.values.get(own as usize) == Some(value)
        };
        let unknown: Vec<u32> = (0..)
            .zip(&ids)
            .filter(|(theirs, own)| !is_here(**own, *theirs as usize))
            .map(|(theirs, _)| theirs)
            .collect();
        let new = unknown.iter().filter(|theirs| ids[**theirs as usize] == NO_ID).count();
        self.values.reserve_exact(new);
        self.places.reserve(new);
        for theirs in unknown {
            let (theirs, hash) = (theirs as usize, hashes[theirs as usize]);
            ids[theirs] = match ids[theirs] {
                // Strings of one set are all different: what the table does not know is new.
                NO_ID => self.insert(hash, other.bytes(theirs)),
                _ => self
                    .find_hashed(hash, other.bytes(theirs))
                    .unwrap_or_else(|| self.insert(hash, other.bytes(theirs))),
            };
        }
        ids
    }

    fn insert(&mut self, hash: u32, text: &[u8]) -> u32 {
        let id = u32::try_from(self.values.len()).unwrap_or(NO_ID);
        assert!(id != NO_ID, "a run holds fewer than 2^32 distinct strings of a kind");
        let value = Value::of(text).unwrap_or_else(|| self.put_aside(text));
        self.values.push(value);
        self.places.insert(hash, id);
        id
    }

    fn put_aside(&mut self, text: &[u8]) -> Value {
        let mut value = LONG;
        value.0[..8].copy_from_slice(&(self.long.len() as u64).to_le_bytes());
        value.0[8..16].copy_from_slice(&(text.len() as u64).to_le_bytes());
        self.long.extend_from_slice(text);
        value
    }

    fn bytes(&self, index: usize) -> &[u8] {
        let value = &self.values[index];
        if value.0[IN_PLACE] != IS_LONG {
            return &value.0[..usize::from(value.0[IN_PLACE])];
        }
        let [start, length, _] = value.words().map(|word| usize::try_from(word).unwrap_or(0));
        &self.long[start..start + length]
    }

    fn text(&self, index: usize) -> &str {
        std::str::from_utf8(self.bytes(index)).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }
}

/// So many strings of another set one thread looks up at a time.
const LOOKED_UP_TOGETHER: usize = 1 << 14;

/// What no string in its place looks like.
const LONG: Value = Value([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, IS_LONG]);

impl Value {
    /// The string in its place, if it fits.
    fn of(text: &[u8]) -> Option<Self> {
        let mut value = Self([0; 24]);
        value.0[..IN_PLACE].get_mut(..text.len())?.copy_from_slice(text);
        value.0[IN_PLACE] = u8::try_from(text.len()).unwrap_or(IS_LONG);
        Some(value)
    }

    /// The same of a text that stands among others, read in one go.
    #[inline]
    fn of_row(texts: &Texts<'_>, row: usize) -> Option<Self> {
        let Some((bytes, length)) = texts.with_more::<24>(row) else { return Self::of(texts.get(row)) };
        if length > IN_PLACE {
            return None;
        }
        let mut words = Self(*bytes).words();
        for (word, from) in words.iter_mut().zip([0, 8, 16]) {
            // All bits of the bytes that belong to the text.
            let kept = u32::try_from(length.saturating_sub(from).min(8)).unwrap_or(0) * 8;
            *word &= u64::MAX.checked_shr(64 - kept).unwrap_or(0);
        }
        words[2] |= (length as u64) << 56;
        let mut value = Self([0; 24]);
        for (eight, word) in value.0.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *eight = word.to_le_bytes();
        }
        Some(value)
    }

    #[inline]
    fn words(&self) -> [u64; 3] {
        let (words, _) = self.0.as_chunks::<8>();
        [words[0], words[1], words[2]].map(u64::from_le_bytes)
    }

    #[inline]
    fn hash(&self) -> u32 {
        let [first, second, third] = self.words();
        let folded = fold(first ^ 0x746f_6b65_6e74_7261, second ^ 0x243f_6a88_85a3_08d3);
        upper(fold(folded ^ third, 0x9e37_79b9_7f4a_7c15))
    }
}

fn hash(text: &[u8]) -> u32 {
    Value::of(text).map_or_else(|| half_hash(text), |value| value.hash())
}
