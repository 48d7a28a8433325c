//! What a run leaves to the next: the past of subjects, as far as detectors need it.
//!
//! A memory is a lattice (see `patterns/past.rs`): joining it with what a run has learned gives the same whatever the
//! order of runs, and nothing new where the run had nothing new. It holds the strings that it speaks of and no others, in
//! their order, so that equal memories are equal bytes. Secrets never reach it: tokens are references already.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::batch::{NO_ID, Role};
use crate::detector::Detector;
use crate::dictionary::{Dictionary, Domain};
use crate::patterns::Past;
use crate::subjects::{Key, Subjects};
use crate::value::time::DAY;
use crate::value::{Time, id};

mod store;
mod tables;

pub use store::Store;
pub(crate) use store::is_generation;

/// How long things are remembered, and how many of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Days after which what has not been seen again is forgotten.
    pub days: i64,
    /// The most values, days or sums of one detector; beyond, the oldest go first.
    pub most: usize,
}

impl Default for Keep {
    fn default() -> Self {
        Self { days: 90, most: 4_000_000 }
    }
}

/// What earlier runs have learned.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// The strings that ids stand for.
    pub(crate) dictionary: Dictionary,
    /// By detector.
    pub(crate) habits: Vec<Habit>,
    /// Ids and names of apps that were seen together.
    pub(crate) apps: BTreeSet<(String, String)>,
    /// What it was made from.
    pub about: About,
}

/// What a memory was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The organisation, if it was named.
    pub org: Option<String>,
    /// The newest event that was learned from.
    pub newest: Option<Time>,
    /// Exports by SHA-256: their name, and "now" when they were read.
    pub exports: BTreeMap<String, (String, Time)>,
    /// Spans that are not learned from, and why.
    pub excluded: BTreeMap<(Time, Time), String>,
    /// How many things had to go because there were too many.
    pub let_go: u64,
}

/// The past of one detector's subjects.
#[derive(Clone, Debug)]
pub(crate) struct Habit {
    pub(crate) detector: &'static Detector,
    pub(crate) subjects: Subjects,
    pub(crate) past: Past,
}

/// Where a habit comes from: ids are those of its dictionary.
pub(crate) struct Source<'a> {
    pub(crate) dictionary: &'a Dictionary,
    pub(crate) detector: &'static Detector,
    pub(crate) subjects: &'a Subjects,
    pub(crate) past: &'a Past,
}

impl Memory {
    /// One memory of many habits, with no more strings than they need.
    pub(crate) fn of(sources: &[Source<'_>]) -> Self {
        let mut memory = Self { dictionary: strings(sources), ..Self::default() };
        let detectors: BTreeMap<&str, &'static Detector> =
            sources.iter().map(|source| (source.detector.id, source.detector)).collect();
        for detector in detectors.into_values() {
            let own = sources.iter().filter(|source| source.detector.id == detector.id);
            memory.habits.push(Habit::of(detector, own, &memory.dictionary));
        }
        memory.habits.retain(|habit| !habit.past.is_empty());
        memory
    }

    /// Both together.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        let mut sources = self.sources();
        sources.extend(other.sources());
        let mut joined = Self::of(&sources);
        joined.apps = self.apps.union(&other.apps).cloned().collect();
        joined.about = self.about.join(&other.about);
        let excluded: Vec<_> = joined.about.excluded.keys().copied().collect();
        for (from, to) in excluded {
            joined.leave_out(&(from.0..to.0));
        }
        joined.compact()
    }

    /// The same without what lies in a span of time, now and whenever it is learned again.
    #[must_use]
    pub fn excluding(mut self, from: Time, to: Time, reason: &str) -> Self {
        self.about.excluded.insert((from, to), reason.to_owned());
        self.leave_out(&(from.0..to.0));
        self.compact()
    }

    /// The same, without what was last seen before a time.
    #[must_use]
    pub fn forgetting_before(mut self, time: Time) -> Self {
        self.habits.iter_mut().for_each(|habit| habit.past.forget_before(time.0));
        self.about.exports.retain(|_, (_, read)| *read >= time);
        self.compact()
    }

    /// The same without subjects that have this app, user, address or other part: a text, or an id of 15 or 18.
    #[must_use]
    pub fn forgetting(mut self, text: &str) -> Self {
        let id = id::canonical(text.as_bytes());
        let text = id.as_deref().unwrap_or(text);
        for habit in &mut self.habits {
            let roles = habit.subjects.roles;
            let is_it = |subject: u32| {
                let part =
                    |role: &Role| Some(self.dictionary.text(role.domain(), habit.subjects.part(subject, *role)?));
                roles.iter().any(|role| part(role) == Some(text))
            };
            habit.past.shown.retain(|shown| !is_it(shown.subject));
            habit.past.active.retain(|active| !is_it(active.subject));
            habit.past.sums.retain(|sum| !is_it(sum.subject));
        }
        self.compact()
    }

    /// Within what is to be kept.
    #[must_use]
    pub fn within(mut self, keep: Keep) -> Self {
        if let Some(newest) = self.about.newest {
            self = self.forgetting_before(Time(newest.0.saturating_sub(keep.days.saturating_mul(DAY))));
        }
        let over: u64 = self.habits.iter_mut().map(|habit| habit.past.keep_latest(keep.most)).sum();
        self.about.let_go += over;
        if over > 0 { self.compact() } else { self }
    }

    /// By detector: how many values, active days and daily sums are remembered of how many subjects.
    pub fn sizes(&self) -> Vec<(&'static str, [usize; 4])> {
        let size = |habit: &Habit| {
            let Past { shown, active, sums } = &habit.past;
            let subjects = shown.iter().map(|shown| shown.subject);
            let subjects = subjects.chain(active.iter().map(|active| active.subject));
            let subjects: BTreeSet<u32> = subjects.chain(sums.iter().map(|sum| sum.subject)).collect();
            (habit.detector.id, [subjects.len(), shown.len(), active.len(), sums.len()])
        };
        self.habits.iter().map(size).collect()
    }

    fn leave_out(&mut self, span: &Range<i64>) {
        self.habits.iter_mut().for_each(|habit| habit.past.leave_out(span));
    }

    fn sources(&self) -> Vec<Source<'_>> {
        self.habits
            .iter()
            .map(|Habit { detector, subjects, past }| Source { dictionary: &self.dictionary, detector, subjects, past })
            .collect()
    }

    /// The same without strings and subjects that nothing speaks of any more.
    fn compact(self) -> Self {
        let Self { dictionary, habits, .. } = Self::of(&self.sources());
        Self { dictionary, habits, ..self }
    }
}

impl PartialEq for Memory {
    fn eq(&self, other: &Self) -> bool {
        let strings = |memory: &Self| -> Vec<Vec<String>> {
            let all = Domain::ALL.iter().map(|domain| memory.dictionary.values(*domain).map(str::to_owned).collect());
            all.collect()
        };
        let habits = |memory: &Self| -> Vec<_> {
            let habits = memory.habits.iter();
            habits.map(|habit| (habit.detector.id, habit.subjects.keys().to_vec(), habit.past.clone())).collect()
        };
        self.about == other.about
            && self.apps == other.apps
            && habits(self) == habits(other)
            && strings(self) == strings(other)
    }
}

impl About {
    fn join(&self, other: &Self) -> Self {
        let mut exports = self.exports.clone();
        for (sha256, (name, read)) in &other.exports {
            let known = exports.entry(sha256.clone()).or_insert_with(|| (name.clone(), *read));
            // The same bytes under two names go by the first of them.
            *known = (known.0.clone().min(name.clone()), known.1.max(*read));
        }
        Self {
            org: self.org.clone().or_else(|| other.org.clone()),
            newest: self.newest.max(other.newest),
            exports,
            excluded: self.excluded.clone().into_iter().chain(other.excluded.clone()).collect(),
            let_go: self.let_go.max(other.let_go),
        }
    }
}

impl Habit {
    fn of<'s>(
        detector: &'static Detector,
        sources: impl Iterator<Item = &'s Source<'s>>,
        dictionary: &Dictionary,
    ) -> Self {
        let roles = detector.watch.subject;
        let (value, within) = detector.watch.pattern.remembered();
        let moved: Vec<(Past, Vec<Key>)> = sources
            .map(|source| {
                let mut past = source.past.clone();
                let mut keys: Vec<Key> = Vec::new();
                let mut places: BTreeMap<u32, u32> = BTreeMap::new();
                let mut place = |subject: u32| {
                    *places.entry(subject).or_insert_with(|| {
                        keys.push(source.key(subject, dictionary));
                        u32::try_from(keys.len() - 1).unwrap_or(NO_ID)
                    })
                };
                let text = |role: Option<Role>, id: u32| role.map_or(NO_ID, |role| source.string(role, id, dictionary));
                for shown in &mut past.shown {
                    shown.subject = place(shown.subject);
                    (shown.value, shown.within) = (text(value, shown.value), text(within, shown.within));
                }
                past.active.iter_mut().for_each(|active| active.subject = place(active.subject));
                for sum in &mut past.sums {
                    (sum.subject, sum.log) = (place(sum.subject), text(Some(Role::Log), sum.log));
                }
                (past, keys)
            })
            .collect();
        let mut keys: Vec<Key> = moved.iter().flat_map(|(_, keys)| keys).copied().collect();
        keys.sort_unstable();
        keys.dedup();
        let mut habit = Self { detector, subjects: Subjects::of_keys(roles, &keys), past: Past::default() };
        for (mut past, own) in moved {
            let ids: Vec<u32> = match roles {
                [_] => own.iter().map(|key| key[0]).collect(),
                _ => own
                    .iter()
                    .map(|key| u32::try_from(keys.partition_point(|known| known < key)).unwrap_or(NO_ID))
                    .collect(),
            };
            past.shown.iter_mut().for_each(|shown| shown.subject = ids[shown.subject as usize]);
            past.active.iter_mut().for_each(|active| active.subject = ids[active.subject as usize]);
            past.sums.iter_mut().for_each(|sum| sum.subject = ids[sum.subject as usize]);
            habit.past.join(past);
        }
        habit
    }
}

impl Source<'_> {
    /// A subject's parts as ids of another dictionary.
    fn key(&self, subject: u32, dictionary: &Dictionary) -> Key {
        let mut key = [NO_ID; _];
        for (part, role) in key.iter_mut().zip(self.subjects.roles) {
            *part = self.subjects.part(subject, *role).map_or(NO_ID, |id| self.string(*role, id, dictionary));
        }
        key
    }

    fn string(&self, role: Role, id: u32, dictionary: &Dictionary) -> u32 {
        let text = self.dictionary.role_text(role, id);
        text.and_then(|text| dictionary.find(role.domain(), text)).unwrap_or(NO_ID)
    }

    /// All strings that are spoken of.
    fn used(&self) -> impl Iterator<Item = (Domain, &str)> {
        let (value, within) = self.detector.watch.pattern.remembered();
        let subjects = self.past.shown.iter().map(|shown| shown.subject);
        let subjects = subjects.chain(self.past.active.iter().map(|active| active.subject));
        let subjects: BTreeSet<u32> = subjects.chain(self.past.sums.iter().map(|sum| sum.subject)).collect();
        let parts = subjects.into_iter().flat_map(move |subject| {
            self.subjects.roles.iter().filter_map(move |role| Some((*role, self.subjects.part(subject, *role)?)))
        });
        let values = self.past.shown.iter().flat_map(move |shown| {
            [value.map(|role| (role, shown.value)), within.map(|role| (role, shown.within))].into_iter().flatten()
        });
        let logs = self.past.sums.iter().map(|sum| (Role::Log, sum.log));
        parts
            .chain(values)
            .chain(logs)
            .filter_map(|(role, id)| Some((role.domain(), self.dictionary.role_text(role, id)?)))
    }
}

/// The strings that are spoken of, in order.
fn strings(sources: &[Source<'_>]) -> Dictionary {
    let mut used: Vec<(usize, Domain, &str)> =
        sources.iter().flat_map(Source::used).map(|(domain, text)| (domain as usize, domain, text)).collect();
    used.sort_unstable_by_key(|(number, _, text)| (*number, *text));
    used.dedup_by_key(|(number, _, text)| (*number, *text));
    let mut dictionary = Dictionary::default();
    for (_, domain, text) in used {
        dictionary.id(domain, text);
    }
    dictionary
}
