//! Detectors at work. Those that look at the same rows of the same subjects, and keep the same of them, share one state:
//! they differ in how they judge. What selects the same rows is asked once.

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, IntoParallelRefMutIterator, ParallelIterator};

use crate::batch::{Batch, NO_ID, Table};
use crate::detector::{Detector, Matcher, Watch};
use crate::dictionary::{Dictionary, Domain, Moved};
use crate::patterns::{Moves, Rows, State};
use crate::subjects::Subjects;

use super::Scan;

/// All detectors of a run.
#[derive(Clone, Debug)]
pub(super) struct Watchers {
    matchers: Vec<Matcher>,
    all: Vec<Watcher>,
    /// By detector: the place of its watcher.
    of_detector: Vec<usize>,
}

/// What one or several detectors keep of rows.
#[derive(Clone, Debug)]
pub(super) struct Watcher {
    watch: Watch,
    /// Which subjects.
    pub(super) kind: usize,
    matcher: usize,
    /// The table whose rows are nobody's.
    looks_up_in: Option<Table>,
    /// Nothing that it could keep would be told.
    is_moot: bool,
    pub(super) state: State,
}

/// Which rows of a batch are looked at, and whose they are; each made when somebody asks.
struct Chosen {
    by_matcher: Vec<Option<Vec<u32>>>,
    subjects: Vec<Option<Vec<u32>>>,
}

impl Watchers {
    /// Detectors that have seen nothing; subjects that are not known yet are added to the list.
    pub(super) fn new(scan: &Scan<'_>, subjects: &mut Vec<Subjects>) -> Self {
        let mut watchers = Self { matchers: Vec::new(), all: Vec::new(), of_detector: Vec::new() };
        for detector in scan.detectors {
            let Detector { id, watch, .. } = detector;
            let known = watchers.all.iter().position(|known| known.watch.keeps_what(watch));
            let place = known.unwrap_or_else(|| {
                let state = watch.pattern.start(&|limit| scan.values.get(id, limit), &scan.lists);
                // The next run may have another register.
                let is_moot = scan.memory.is_none() && watch.pattern.is_moot(scan.register);
                watchers.add(*watch, subjects, state, is_moot);
                watchers.all.len() - 1
            });
            watchers.of_detector.push(place);
        }
        watchers
    }

    fn add(&mut self, watch: Watch, subjects: &mut Vec<Subjects>, state: State, is_moot: bool) {
        let kind = subjects.iter().position(|known| known.roles == watch.subject).unwrap_or_else(|| {
            subjects.push(Subjects::new(watch.subject));
            subjects.len() - 1
        });
        let matcher = self.matchers.iter().position(|known| known.asks(&watch.matching)).unwrap_or_else(|| {
            self.matchers.push(Matcher::new(watch.matching));
            self.matchers.len() - 1
        });
        self.all.push(Watcher { watch, kind, matcher, looks_up_in: watch.pattern.looks_up_in(), is_moot, state });
    }

    /// Shows a batch to all of them.
    pub(super) fn observe(&mut self, batch: &Batch, dictionary: &Dictionary, subjects: &mut [Subjects]) {
        let mut chosen = Chosen { by_matcher: vec![None; self.matchers.len()], subjects: vec![None; subjects.len()] };
        let mut with_subject = Vec::new();
        let looks = |watcher: &&mut Watcher| !watcher.is_moot && watcher.watch.tables.contains(&batch.table);
        for watcher in self.all.iter_mut().filter(looks) {
            let selected = chosen.by_matcher[watcher.matcher]
                .get_or_insert_with(|| self.matchers[watcher.matcher].select(batch, dictionary));
            if selected.is_empty() {
                continue;
            }
            let of_rows = chosen.subjects[watcher.kind].get_or_insert_with(|| subjects[watcher.kind].of_rows(batch));
            let mut selected: &[u32] = selected;
            // Only subjects of one role may be unknown.
            if watcher.watch.subject.len() == 1 && watcher.looks_up_in != Some(batch.table) {
                with_subject.clear();
                with_subject.extend(selected.iter().filter(|row| of_rows[**row as usize] != NO_ID));
                selected = &with_subject;
            }
            watcher.state.observe(&Rows { batch, dictionary, selected, subjects: of_rows });
        }
    }

    /// Takes in what others have learned; `subjects` says by kind what theirs are here.
    pub(super) fn merge(&mut self, other: Self, strings: &Moved, subjects: &[Vec<u32>]) {
        self.all.par_iter_mut().zip(other.all.into_par_iter()).for_each(|(own, other)| {
            own.state.merge(other.state, &Moves { strings, subjects: &subjects[own.kind] });
        });
    }

    /// Takes over what is known under other names of apps, by watchers that have seen nothing themselves. Where nothing
    /// speaks of apps, nothing moves.
    pub(super) fn take_over(&mut self, other: Self, strings: &Moved, subjects: &[Vec<u32>]) {
        self.all.par_iter_mut().zip(other.all.into_par_iter()).for_each(|(own, other)| {
            if own.watch.speaks_of(Domain::App) {
                own.state.merge(other.state, &Moves { strings, subjects: &subjects[own.kind] });
            } else {
                own.state = other.state;
            }
        });
    }

    /// The watcher of a detector, by its place among the detectors.
    pub(super) fn of(&self, detector: usize) -> &Watcher {
        &self.all[self.of_detector[detector]]
    }

    /// See [`Watchers::of`].
    pub(super) fn of_mut(&mut self, detector: usize) -> &mut Watcher {
        &mut self.all[self.of_detector[detector]]
    }

    /// What each detector judges: its kind of subject, and a state of its own.
    pub(super) fn into_states(self) -> Vec<(usize, State)> {
        let Self { all, of_detector, .. } = self;
        let kinds: Vec<usize> = all.iter().map(|watcher| watcher.kind).collect();
        let mut states: Vec<Option<State>> = all.into_iter().map(|watcher| Some(watcher.state)).collect();
        let mut users = vec![0; states.len()];
        for place in &of_detector {
            users[*place] += 1;
        }
        let of_detector = of_detector.into_iter().map(|place| {
            users[place] -= 1;
            let state = if users[place] == 0 { states[place].take() } else { states[place].clone() };
            (kinds[place], state.expect("the last user alone takes it"))
        });
        of_detector.collect()
    }
}
