//! One scan for all detectors.
//!
//! ```text
//! worker 1:  block → batch → turn → every state observes ┐
//! worker 2:  block → batch → turn → every state observes ┼─ merge ─ finish ─ evidence ─ findings
//! worker n:  …                                           ┘
//! ```
//! A [`Partial`] is all that a worker has learned. Partials merge in any order, and what comes out is the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, IntoParallelRefMutIterator, ParallelIterator};

use crate::apps::{AmbiguousName, Pairs, Register, Resolution};
use crate::batch::{Batch, NO_ID, Role, Table};
use crate::detector::Detector;
use crate::dictionary::{Dictionary, Moved};
use crate::error::Error;
use crate::evidence;
use crate::finding::Finding;
use crate::ingest::{Counts, Demand, Export, Feed, Limits, Problem, Quarantine, ReadAll, Shaper, Turns, joined};
use crate::lists::Lists;
use crate::memory::Memory;
use crate::networks::Networks;
use crate::patterns::{Finish, Match, Pattern, State};
use crate::schema::Schemas;
use crate::settings::Values;
use crate::subjects::Subjects;
use crate::value::{Time, Zone};

mod holdings;
mod interactive;
mod judged;
mod names;
mod recall;
mod report;
mod resolved;
mod watchers;
mod window;

pub(crate) use holdings::{Holding, Holdings};
pub(crate) use interactive::Interactive;
pub use judged::Judged;
pub use names::Names;
pub(crate) use report::score_of;
use watchers::Watchers;
pub use window::Window;

/// What to scan, for what, and how.
#[derive(Clone, Debug)]
pub struct Scan<'a> {
    /// The exports, sorted by name: [`crate::ingest::discover`] does that.
    pub exports: &'a [Export],
    /// The known event types.
    pub schemas: &'a Schemas,
    /// The detectors to run.
    pub detectors: &'a [&'static Detector],
    /// Their limits.
    pub values: &'a Values,
    /// The user's apps.
    pub register: &'a Register,
    /// What is known of addresses, user agents and app names.
    pub lists: Arc<Lists>,
    /// Who runs networks, and in which countries they are.
    pub networks: Arc<Networks>,
    /// Whether what apps are called by is brought together, so that an app's name and id are one subject.
    pub resolve_apps: bool,
    /// The organisation's id, if the user says it.
    pub org: Option<&'a str>,
    /// The zone of local times.
    pub zone: Option<Zone>,
    /// Count idle days from midnight in the zone (or UTC), as SOQL does.
    pub idle_by_date: bool,
    /// The detection window.
    pub window: Window,
    /// "Now"; the newest event if not given. Events after it are not looked at.
    pub as_of: Option<Time>,
    /// Workers.
    pub threads: usize,
    /// How much reading may take.
    pub limits: Limits,
    /// What earlier runs have learned, if there is a memory.
    pub memory: Option<&'a Memory>,
    /// Counts the bytes of files as they are read, for a progress bar.
    pub taken: Arc<AtomicU64>,
}

/// What a scan says.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Findings, by first event, detector and subject.
    pub findings: Vec<Finding>,
    /// Exports that could not be used, or not to their end.
    pub problems: Vec<Problem>,
    /// What became of the rows, by event type.
    pub counts: BTreeMap<String, Counts>,
    /// SHA-256 of each export, by name.
    pub hashes: BTreeMap<String, String>,
    /// The detection window.
    pub since: Time,
    /// See `since`.
    pub as_of: Time,
    /// Rows that are later than a given `as_of`.
    pub rows_after: u64,
    /// Names that several connected apps go by; those apps were judged apart.
    pub ambiguous_apps: Vec<AmbiguousName>,
    /// The memory as it is now, if there is one.
    pub memory: Option<Memory>,
}

/// Reads all exports and runs all detectors on them. Rows that cannot be used go to the quarantine.
///
/// # Errors
/// If a relational step fails, which is a defect. Bad rows and files are no errors: they are in the outcome.
pub fn scan(scan: &Scan<'_>, quarantine: &mut dyn Quarantine) -> Result<Outcome, Error> {
    let (hashes, observed) = std::thread::scope(|threads| {
        let hashes = threads.spawn(|| evidence::hashes(scan.exports));
        let observed = observe(scan, quarantine);
        (joined(hashes), observed)
    });
    let Observed { partial, counts, problems } = observed;
    let memory = scan.memory.map(|memory| memory.join(&partial.past(scan, &hashes)));
    let mut outcome = partial.finish(scan, &hashes)?;
    outcome.memory = memory;
    for (event_type, mut count) in counts {
        count.span = outcome.counts.get(&event_type).and_then(|known| known.span);
        outcome.counts.insert(event_type, count);
    }
    outcome.problems.extend(problems);
    outcome.problems.sort();
    Ok(outcome)
}

/// What was read, before it is judged.
#[derive(Debug)]
pub struct Observed {
    /// What the detectors have learned.
    pub partial: Partial,
    /// What became of the rows, by event type.
    pub counts: BTreeMap<String, Counts>,
    /// Exports that could not be used, or not to their end.
    pub problems: Vec<Problem>,
}

/// The first half of a [`scan`]: reads all exports and shows their rows to all detectors.
pub fn observe(scan: &Scan<'_>, quarantine: &mut dyn Quarantine) -> Observed {
    let demand = demand_of(scan);
    let mut feed = Feed::new(scan.exports, scan.schemas, &demand, scan.limits);
    feed.taken = Arc::clone(&scan.taken);
    let work = |turns: &Turns<'_>| work(scan, &demand, &feed, turns);
    let ReadAll { made, counts, problems } = feed.read_all(scan.threads, quarantine, work);
    let partial = made.into_par_iter().reduce_with(Partial::merge).unwrap_or_else(|| Partial::new(scan));
    Observed { partial, counts, problems }
}

/// The roles that a scan reads.
pub(crate) fn demand_of(scan: &Scan<'_>) -> Demand {
    let mut demand = demand(scan.detectors);
    if scan.resolve_apps {
        Pairs::demand(&mut demand);
    }
    demand
}

/// The roles that detectors read.
pub fn demand(detectors: &[&Detector]) -> Demand {
    let mut demand = Demand::default();
    demand.add(&Table::ALL, [Role::Time, Role::User, Role::SourceIp]);
    demand.add(&[Table::Tokens], [Role::Token, Role::App]);
    demand.add(&[Table::Logins], [Role::App, Role::Status]);
    for detector in detectors {
        let Detector { watch, .. } = detector;
        demand.add(
            watch.tables,
            watch.subject.iter().copied().chain(watch.pattern.roles()).chain(watch.matching.roles()),
        );
    }
    demand
}

fn work(scan: &Scan<'_>, demand: &Demand, feed: &Feed<'_>, turns: &Turns<'_>) -> Partial {
    let mut shaper = Shaper::new(demand, scan.register, scan.zone).with_networks(&scan.networks);
    let mut partial = Partial::new(scan);
    partial.pairs = scan.resolve_apps.then(|| Pairs::new(scan.schemas));
    let mut buffer = Vec::new();
    while let Some(shaped) = feed.next(&mut shaper, &mut buffer) {
        for batch in turns.take(shaped, scan.exports) {
            partial.observe(batch, &shaper.dictionary);
        }
    }
    partial.names.join(&shaper.names);
    partial.dictionary = shaper.dictionary;
    partial
}

/// What has been learned from some of the rows.
#[derive(Clone, Debug)]
pub struct Partial {
    /// The strings that the states' ids stand for; set when the last batch has been observed.
    pub dictionary: Dictionary,
    /// One for each distinct list of subject roles.
    subjects: Vec<Subjects>,
    watchers: Watchers,
    names: Names,
    holdings: Holdings,
    interactive: Interactive,
    /// Ids and names of apps, if they are to be brought together.
    pairs: Option<Pairs>,
    spans: BTreeMap<Table, (i64, i64)>,
    as_of: Option<Time>,
    rows_after: u64,
}

impl Partial {
    /// Nothing learned yet.
    pub fn new(scan: &Scan<'_>) -> Self {
        let mut subjects = Vec::new();
        let watchers = Watchers::new(scan, &mut subjects);
        let (dictionary, names, holdings) = (Dictionary::default(), Names::default(), Holdings::default());
        let (interactive, pairs, spans) = (Interactive::default(), None, BTreeMap::new());
        let as_of = scan.as_of;
        Self { dictionary, subjects, watchers, names, holdings, interactive, pairs, spans, as_of, rows_after: 0 }
    }

    /// Shows a batch to every detector. The dictionary is the one that the batch's ids belong to.
    pub fn observe(&mut self, mut batch: Batch, dictionary: &Dictionary) {
        self.names.observe(&batch);
        self.leave_out_what_is_later(&mut batch);
        self.note_span(&batch);
        self.holdings.observe(&batch);
        self.interactive.observe(&batch, dictionary);
        if let Some(pairs) = &mut self.pairs {
            pairs.observe(&batch, dictionary);
        }
        self.watchers.observe(&batch, dictionary, &mut self.subjects);
    }

    /// Takes in what another one has learned. Commutative and associative, as far as anybody can tell from findings.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        let strings = self.dictionary.absorb(&other.dictionary);
        self.join(other, &strings, Watchers::merge)
    }

    /// Takes in what another one has learned, whose strings are in the dictionary already.
    fn join(
        mut self,
        other: Self,
        strings: &Moved,
        watchers: fn(&mut Watchers, Watchers, &Moved, &[Vec<u32>]),
    ) -> Self {
        let kinds = self.subjects.par_iter_mut().zip(&other.subjects);
        let kinds: Vec<Vec<u32>> = kinds.map(|(own, theirs)| own.absorb(theirs, strings)).collect();
        let of_detectors = || watchers(&mut self.watchers, other.watchers, strings, &kinds);
        let of_all = || {
            self.names.merge(&other.names, strings);
            self.holdings.merge(&other.holdings, strings);
            self.interactive.merge(&other.interactive, strings);
            if let (Some(own), Some(theirs)) = (&mut self.pairs, other.pairs) {
                own.merge(theirs, strings);
            }
        };
        rayon::join(of_detectors, of_all);
        for (table, span) in other.spans {
            self.add_span(table, span);
        }
        self.rows_after += other.rows_after;
        self
    }

    /// Judges, and puts findings together. `hashes` are those of the exports, in their order.
    ///
    /// # Errors
    /// If a relational step fails: a defect.
    pub fn finish(self, scan: &Scan<'_>, hashes: &[String]) -> Result<Outcome, Error> {
        Ok(self.judge(scan)?.report(scan, hashes))
    }

    /// Judges only: the matches, without words and evidence.
    ///
    /// # Errors
    /// If a relational step fails: a defect.
    pub fn judge(mut self, scan: &Scan<'_>) -> Result<Judged, Error> {
        if let Some(memory) = scan.memory {
            self.recall(memory, scan);
        }
        let (this, apps) = self.with_resolved_apps(scan);
        this.judge_subjects(scan, apps)
    }

    fn judge_subjects(self, scan: &Scan<'_>, apps: Resolution) -> Result<Judged, Error> {
        let as_of = self.now(scan);
        let since = scan.window.start(as_of);
        let idle_by_date = scan.idle_by_date.then(|| scan.zone.unwrap_or(Zone::UTC));
        let holdings = self.holdings.by_user();
        let (subjects, dictionary) = (&self.subjects, &self.dictionary);
        let finish_of = |detector: &'_ Detector, kind: usize, state: State| -> Result<Vec<Match>, Error> {
            let finish = Finish {
                detector,
                limits: scan.values,
                dictionary,
                subjects: &subjects[kind],
                register: scan.register,
                holdings: &holdings,
                interactive: &self.interactive,
                since,
                as_of,
                idle_by_date,
            };
            let mut matches = state.finish(&finish)?;
            let any_time = is_of_now(detector.watch.pattern) || scan.values.get(detector.id, "any-time") > 0;
            matches.retain(|found| any_time || found.span.1 >= since.0);
            // Rows of earlier runs are not at hand, and what only those have seen, they have told.
            for found in &mut matches {
                found.marks.retain(|mark| !mark.is_remembered());
            }
            let of_now = is_of_now(detector.watch.pattern);
            matches.retain(|found| of_now || !found.marks.is_empty());
            Ok(matches)
        };
        let states: Vec<_> = scan.detectors.iter().zip(self.watchers.into_states()).collect();
        let matches: Vec<_> = states
            .into_par_iter()
            .map(|(detector, (kind, state))| Ok((detector.id, kind, finish_of(detector, kind, state)?)))
            .collect::<Result<_, Error>>()?;
        let Self { dictionary, subjects, names, spans, rows_after, .. } = self;
        Ok(Judged { matches, dictionary, subjects, names, apps, spans, since, as_of, rows_after })
    }

    fn leave_out_what_is_later(&mut self, batch: &mut Batch) {
        let Some(as_of) = self.as_of.filter(|_| !batch.table.is_inventory()) else { return };
        let before = batch.rows();
        batch.retain(|batch, row| batch.number(Role::Time, row).is_none_or(|time| time <= as_of.0));
        self.rows_after += (before - batch.rows()) as u64;
    }

    fn note_span(&mut self, batch: &Batch) {
        let times = (0..batch.rows()).filter_map(|row| batch.number(Role::Time, row));
        let span = times.fold(None, |span: Option<(i64, i64)>, time| {
            Some(span.map_or((time, time), |(first, last)| (first.min(time), last.max(time))))
        });
        if let Some(span) = span {
            self.add_span(batch.table, span);
        }
    }

    fn add_span(&mut self, table: Table, span: (i64, i64)) {
        let own = self.spans.entry(table).or_insert(span);
        *own = (own.0.min(span.0), own.1.max(span.1));
    }
}

/// What these patterns find holds now, whenever its events were.
pub(crate) fn is_of_now(pattern: Pattern) -> bool {
    matches!(pattern, Pattern::Age { .. } | Pattern::Grant { .. } | Pattern::Holder { .. })
}

/// The spans of tables as those of the event types that fill them.
fn spans_of_event_types(spans: &BTreeMap<Table, (i64, i64)>, schemas: &Schemas) -> BTreeMap<String, Counts> {
    let span_of = |table: Table| Counts { span: spans.get(&table).copied(), ..Counts::default() };
    let known = schemas.iter().filter(|schema| spans.contains_key(&schema.table));
    known.map(|schema| (schema.event_type.clone(), span_of(schema.table))).collect()
}

/// Whether a batch's role has a value in a row.
pub(crate) fn known(batch: &Batch, role: Role, row: usize) -> Option<u32> {
    Some(batch.id(role, row)).filter(|id| *id != NO_ID)
}
