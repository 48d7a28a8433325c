//! What subjects showed, with lists taken apart: `Account, Contact` shows `Account` and `Contact`. Rows hold lists as one
//! string, and there are few distinct ones, so that they are taken apart when all rows have been seen.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use super::{Entry, Finish, Seen};
use crate::batch::Role;
use crate::patterns::Pattern;

/// Which values are of interest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Among {
    pub(super) interest: fn(&str) -> bool,
    /// Whether a subject is of none once it has shown such a value before the window.
    pub(super) first_ever: bool,
}

impl Among {
    /// Those of the detector that judges, if it asks for some only.
    pub(super) fn of(finish: &Finish<'_>) -> Option<Self> {
        match finish.detector.watch.pattern {
            Pattern::FirstSeenAmong { interest, first_ever, .. } => Some(Self { interest, first_ever }),
            _ => None,
        }
    }
}

/// What subjects showed.
pub(super) struct Shown<'a> {
    of: Role,
    entries: Cow<'a, [Entry]>,
    in_parts: Option<Parts<'a>>,
}

/// The values that lists are made of; entries have their places here for values.
struct Parts<'a> {
    texts: Vec<&'a str>,
    /// By place: whether it is of interest.
    interest: Vec<bool>,
    /// Subjects that are of none, whatever they show.
    settled: HashSet<u32, FixedState>,
}

impl<'a> Shown<'a> {
    /// One value in each row.
    pub(super) fn as_it_is(seen: &'a Seen, of: Role) -> Self {
        Self { of, entries: Cow::Borrowed(seen.entries()), in_parts: None }
    }

    /// A list of values in each row.
    pub(super) fn in_parts(seen: &Seen, of: Role, among: Among, finish: &'a Finish<'_>) -> Self {
        let mut texts = Vec::new();
        let mut places: HashMap<&str, u32, FixedState> = HashMap::default();
        let mut lists: HashMap<u32, Vec<u32>, FixedState> = HashMap::default();
        let mut apart = Seen::default();
        for entry in seen.entries() {
            let list = lists.entry(entry.value).or_insert_with(|| {
                let mut list: Vec<u32> = parts(finish.text(of, entry.value))
                    .map(|part| {
                        *places.entry(part).or_insert_with(|| {
                            texts.push(part);
                            u32::try_from(texts.len() - 1).unwrap_or(u32::MAX)
                        })
                    })
                    .collect();
                list.sort_unstable();
                list.dedup();
                list
            });
            // A part may come again in the lists behind, and each of them is added on its own.
            for value in list {
                apart.add(&[Entry { value: *value, ..*entry }]);
            }
        }
        let interest: Vec<bool> = texts.iter().map(|text| (among.interest)(text)).collect();
        let is_old = |entry: &&Entry| entry.first.time < finish.since.0 && interest[entry.value as usize];
        let old = apart.entries().iter().filter(|_| among.first_ever).filter(is_old);
        let settled = old.map(|entry| entry.subject).collect();
        let entries = Cow::Owned(apart.entries().to_vec());
        Self { of, entries, in_parts: Some(Parts { texts, interest, settled }) }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The value of an entry.
    pub(super) fn text<'t>(&'t self, entry: &Entry, finish: &'t Finish<'_>) -> &'t str {
        match &self.in_parts {
            Some(parts) => parts.texts[entry.value as usize],
            None => finish.text(self.of, entry.value),
        }
    }

    pub(super) fn is_of_interest(&self, entry: &Entry) -> bool {
        let Some(parts) = &self.in_parts else { return true };
        parts.interest[entry.value as usize] && !parts.settled.contains(&entry.subject)
    }
}

fn parts(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ';']).map(str::trim).filter(|part| !part.is_empty())
}
