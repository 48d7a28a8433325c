//! What a run leaves to the next: the past of subjects, as far as detectors need it.
//!
//! A memory is a lattice (see `patterns/past.rs`): joining it with what a run has learned gives the same whatever the
//! order of runs, and nothing new where the run had nothing new. It holds the strings that it speaks of and no others, in
//! their order, so that equal memories are equal bytes. Secrets never reach it: tokens are references already.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::batch::{NO_ID, Role};
use crate::detector::Detector;
use crate::dictionary::{Dictionary, Domain, Moved, Spoken};
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
    /// When users logged in interactively, first and last.
    pub(crate) interactive: BTreeMap<String, (Time, Time)>,
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

impl Memory {
    /// A memory of habits whose ids are those of a dictionary, with no more strings and subjects than they speak of.
    pub(crate) fn of(dictionary: &Dictionary, habits: Vec<Habit>) -> Self {
        let mut spoken = Spoken::none_of(dictionary);
        for habit in &habits {
            habit.note(&mut spoken);
        }
        let (dictionary, strings) = dictionary.only(&spoken);
        let mut habits: Vec<Habit> = habits.into_par_iter().map(|habit| habit.renumbered(&strings)).collect();
        habits.retain(|habit| !habit.past.is_empty());
        habits.sort_by_key(|habit| habit.detector.id);
        Self { dictionary, habits, ..Self::default() }
    }

    /// Both together.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        let mut dictionary = self.dictionary.clone();
        let strings = dictionary.absorb(&other.dictionary);
        let mut theirs: BTreeMap<&str, &Habit> = other.habits.iter().map(|habit| (habit.detector.id, habit)).collect();
        let pairs = self.habits.iter().cloned().map(|habit| {
            let theirs = theirs.remove(habit.detector.id);
            (habit, theirs)
        });
        let mut pairs: Vec<(Habit, Option<&Habit>)> = pairs.collect();
        pairs.extend(theirs.into_values().map(|habit| (Habit::nothing(habit.detector), Some(habit))));
        let joined = pairs.into_par_iter().map(|(mut own, theirs)| {
            if let Some(theirs) = theirs {
                own.take_in(theirs, &strings);
            }
            own
        });
        let habits = joined.collect();
        let about = self.about.join(&other.about);
        let apps = self.apps.union(&other.apps).cloned().collect();
        let mut interactive = self.interactive.clone();
        for (user, (first, last)) in &other.interactive {
            let known = interactive.entry(user.clone()).or_insert((*first, *last));
            *known = (known.0.min(*first), known.1.max(*last));
        }
        let mut joined = Self { dictionary, habits, apps, interactive, about }.compact();
        if joined.about.excluded.is_empty() {
            return joined;
        }
        for (from, to) in joined.about.excluded.clone().into_keys() {
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
        let forgotten: usize = self.habits.iter_mut().map(|habit| habit.past.forget_before(time.0)).sum();
        self.about.exports.retain(|_, (_, read)| *read >= time);
        self.interactive.retain(|_, (_, last)| *last >= time);
        if forgotten > 0 { self.compact() } else { self }
    }

    /// The same without subjects that have this app, user, address or other part: a text, or an id of 15 or 18.
    #[must_use]
    pub fn forgetting(mut self, text: &str) -> Self {
        let id = id::canonical(text.as_bytes());
        let text = id.as_deref().unwrap_or(text);
        self.interactive.remove(text);
        for habit in &mut self.habits {
            let roles = habit.subjects.roles;
            let is_it = |subject: u32| {
                let part =
                    |role: &Role| Some(self.dictionary.text(role.domain(), habit.subjects.part(subject, *role)?));
                roles.iter().any(|role| part(role) == Some(text))
            };
            habit.past.retain_subjects(|subject| !is_it(subject));
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
            let subjects: BTreeSet<u32> = habit.past.subjects().collect();
            (habit.detector.id, [subjects.len(), shown.len(), active.len(), sums.len()])
        };
        self.habits.iter().map(size).collect()
    }

    fn leave_out(&mut self, span: &Range<i64>) {
        self.habits.iter_mut().for_each(|habit| habit.past.leave_out(span));
        self.interactive.retain(|_, (first, last)| !span.contains(&first.0) || !span.contains(&last.0));
    }

    /// The same without strings and subjects that nothing speaks of any more.
    fn compact(self) -> Self {
        let Self { dictionary, habits, apps, interactive, about } = self;
        Self { apps, interactive, about, ..Self::of(&dictionary, habits) }
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
            && self.interactive == other.interactive
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
    fn nothing(detector: &'static Detector) -> Self {
        Self { detector, subjects: Subjects::new(detector.watch.subject), past: Past::default() }
    }

    /// Takes in another habit of the detector, whose strings are in our dictionary already.
    fn take_in(&mut self, other: &Self, strings: &Moved) {
        let subjects = self.subjects.absorb(&other.subjects, strings);
        let mut past = other.past.clone();
        past.renumber(|subject| subjects[subject as usize], self.moves(strings));
        self.past.extend(past);
    }

    /// Notes the strings that it speaks of.
    fn note(&self, spoken: &mut Spoken) {
        let (value, within) = self.detector.watch.pattern.remembered();
        for subject in self.subjects_spoken_of() {
            for role in self.subjects.roles {
                spoken.note(role.domain(), self.subjects.part(subject, *role).unwrap_or(NO_ID));
            }
        }
        for shown in &self.past.shown {
            for (role, id) in [(value, shown.value), (within, shown.within)] {
                if let Some(role) = role {
                    spoken.note(role.domain(), id);
                }
            }
        }
        self.past.sums.iter().for_each(|sum| spoken.note(Role::Log.domain(), sum.log));
    }

    /// Each once, in their order.
    fn subjects_spoken_of(&self) -> Vec<u32> {
        let most = self.past.subjects().max().map_or(0, |subject| subject as usize + 1);
        let mut is_spoken_of = vec![false; most];
        self.past.subjects().for_each(|subject| is_spoken_of[subject as usize] = true);
        (0..).zip(is_spoken_of).filter(|(_, is)| *is).map(|(subject, _)| subject).collect()
    }

    /// The same with other numbers for strings, and with subjects in the order of those, none of which is superfluous.
    fn renumbered(mut self, strings: &Moved) -> Self {
        let roles = self.subjects.roles;
        let moves = self.moves(strings);
        if let [role] = roles {
            self.past.renumber(|subject| strings.id(role.domain(), subject), moves);
        } else {
            let key = |subject: u32| -> Key {
                let mut key = self.subjects.keys()[subject as usize];
                key.iter_mut().zip(roles).for_each(|(part, role)| *part = strings.id(role.domain(), *part));
                key
            };
            let mut keys: Vec<(Key, u32)> =
                self.subjects_spoken_of().into_iter().map(|subject| (key(subject), subject)).collect();
            keys.sort_unstable();
            let mut places = vec![NO_ID; self.subjects.keys().len()];
            for (place, (_, subject)) in (0..).zip(&keys) {
                places[*subject as usize] = place;
            }
            let keys: Vec<Key> = keys.into_iter().map(|(key, _)| key).collect();
            self.subjects = Subjects::of_keys(roles, &keys);
            self.past.renumber(|subject| places[subject as usize], moves);
        }
        self.past.settle();
        self
    }

    /// What the numbers of its values, of what those lie within, and of logs are now.
    fn moves<'m>(&self, strings: &'m Moved) -> [Box<dyn Fn(u32) -> u32 + 'm>; 3] {
        let (value, within) = self.detector.watch.pattern.remembered();
        [value, within, Some(Role::Log)].map(|role| -> Box<dyn Fn(u32) -> u32 + 'm> {
            Box::new(move |id| role.map_or(NO_ID, |role| strings.id(role.domain(), id)))
        })
    }
}
