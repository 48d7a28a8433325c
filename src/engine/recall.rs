//! Between a run and the memory: what it takes from it before it judges, and what it leaves there.

use std::collections::BTreeMap;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::{Partial, Scan};
use crate::memory::{About, Habit, Memory};
use crate::patterns::Moves;
use crate::value::Time;

impl Partial {
    /// What the next run has to know. `hashes` are those of the exports, in their order.
    pub(super) fn past(&self, scan: &Scan<'_>, hashes: &[String]) -> Memory {
        let remembering = scan.detectors.par_iter().enumerate();
        let habits = remembering.filter_map(|(place, detector)| {
            let watcher = self.watchers.of(place);
            let subjects = self.subjects[watcher.kind].clone();
            Some(Habit { detector, subjects, past: watcher.state.past()? })
        });
        let mut memory = Memory::of(&self.dictionary, habits.collect());
        if let Some(pairs) = &self.pairs {
            let pairs = pairs.clone().finish(&self.dictionary).into_iter();
            memory.apps = pairs.map(|(id, name, _)| (id.to_owned(), name.to_owned())).collect();
        }
        memory.interactive = self.interactive.past(&self.dictionary);
        let now = self.now(scan);
        let exports = scan.exports.iter().zip(hashes);
        let exports: BTreeMap<_, _> =
            exports.map(|(export, sha256)| (sha256.clone(), (file_name(&export.name), now))).collect();
        memory.about = About {
            org: scan.org.map(str::to_owned),
            newest: self.spans.values().map(|span| Time(span.1)).max(),
            exports,
            ..About::default()
        };
        memory
    }

    /// Takes in what earlier runs have learned of the time up to "now".
    pub(super) fn recall(&mut self, memory: &Memory, scan: &Scan<'_>) {
        let now = self.now(scan);
        let strings = self.dictionary.absorb(&memory.dictionary);
        for habit in &memory.habits {
            let place = scan.detectors.iter().position(|detector| detector.id == habit.detector.id);
            let Some(watcher) = place.map(|place| self.watchers.of_mut(place)) else { continue };
            let mut past = habit.past.clone();
            past.up_to(now.0);
            let subjects = self.subjects[watcher.kind].absorb(&habit.subjects, &strings);
            watcher.state.recall(&past, &Moves { strings: &strings, subjects: &subjects });
        }
        self.interactive.recall(&memory.interactive, now, &mut self.dictionary);
        if let Some(pairs) = &mut self.pairs {
            for (id, name) in &memory.apps {
                pairs.recall(id, name, &mut self.dictionary);
            }
        }
    }

    /// What counts as now: the newest event, unless somebody says.
    pub(super) fn now(&self, scan: &Scan<'_>) -> Time {
        let newest = self.spans.values().map(|span| Time(span.1)).max();
        scan.as_of.or(newest).unwrap_or(Time::EARLIEST)
    }
}

/// Folders move; a file's own name is what its bytes are remembered by.
fn file_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}
