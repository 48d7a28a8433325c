//! What the exports at hand cover, so that nobody reads silence as safety: rows, hours and gaps, what cells leave open,
//! and which detectors can run on it.
//!
//! Reads as a scan does, with every column, and shows the rows to no detector. One pass; what it holds grows with hours,
//! exports and distinct values, and with the identities that tell repeated rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::apps::{AmbiguousName, Pairs, Resolution};
use crate::batch::{Role, Table};
use crate::dictionary::{Dictionary, Domain};
use crate::engine::{Scan, demand_of};
use crate::ingest::{Demand, Feed, Problem, Quarantine, QuarantinedRow, ReadAll, Reason, Shaper, Survey, Turns};
use crate::value::Time;

mod ability;

mod covered;
pub mod heat;
mod hours;
mod late;
mod tally;

pub use ability::{Ability, Verdict};
pub use covered::{ColumnTexts, Covered, ExportCovered, TextCount, Without};
pub use hours::{ByHour, Gap, Hours};
pub use late::Late;
use tally::Tally;

/// What the exports at hand cover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The detection window that a scan would have.
    pub since: Time,
    /// See `since`.
    pub as_of: Time,
    /// Rows that are later than a given `as_of`, which a scan would not look at.
    pub rows_after: u64,
    /// By organisation and event type.
    pub covered: Vec<Covered>,
    /// Names of connected apps, and what each app goes by, as the exports themselves tell.
    pub joined_apps: BTreeMap<String, String>,
    /// Names that several connected apps go by; those apps are judged apart.
    pub ambiguous_apps: Vec<AmbiguousName>,
    /// Which detectors can run.
    pub detectors: Vec<Ability>,
    /// Exports that could not be used, or not to their end.
    pub problems: Vec<Problem>,
}

/// Reads all exports and says what they cover. Of the scan's detectors it says which can run.
pub fn cover(scan: &Scan<'_>) -> Coverage {
    let mut demand = demand_of_all(scan);
    demand.add_unread_columns();
    read(scan, &demand)
}

/// The same without what columns say that nobody reads: rows, spans, hours and gaps by organisation and event type.
pub fn cover_hours(scan: &Scan<'_>) -> Coverage {
    read(scan, &demand_of_all(scan))
}

fn read(scan: &Scan<'_>, demand: &Demand) -> Coverage {
    let mut rejections = Rejections::default();
    let mut feed = Feed::new(scan.exports, scan.schemas, demand, scan.limits);
    feed.taken = Arc::clone(&scan.taken);
    let work = |turns: &Turns<'_>| work(scan, demand, &feed, turns);
    let ReadAll { made, mut problems, .. } = feed.read_all(scan.threads, &mut rejections, work);
    problems.sort();
    let Counted { tally, apps, dictionary } = made.into_iter().reduce(Counted::merge).unwrap_or_default();
    let resolution = apps.map_or_else(Resolution::default, |mut pairs| {
        Resolution::of(pairs.finish(&dictionary), dictionary.values(Domain::App), scan.register)
    });
    let as_of = scan.as_of.unwrap_or_else(|| tally.newest.map_or(Time::EARLIEST, Time));
    let since = scan.window.start(as_of);
    let detectors = ability::of(scan, &tally, &resolution, since, as_of);
    let rows_after = tally.rows_after;
    let covered = covered::covered(scan, &feed.read_exports(), tally, &rejections.by_export);
    let (joined_apps, ambiguous_apps) = (resolution.joined().clone(), resolution.ambiguous);
    Coverage { since, as_of, rows_after, covered, joined_apps, ambiguous_apps, detectors, problems }
}

fn demand_of_all(scan: &Scan<'_>) -> Demand {
    let mut demand = demand_of(scan);
    demand.add(&Table::ALL, [Role::Org, Role::App]);
    demand
}

fn work(scan: &Scan<'_>, demand: &Demand, feed: &Feed<'_>, turns: &Turns<'_>) -> Counted {
    let mut shaper = Shaper::new(demand, scan.register, scan.zone).with_networks(&scan.networks);
    shaper.survey = Some(Survey::default());
    let mut tally = Tally::default();
    let mut apps = scan.resolve_apps.then(|| Pairs::new(scan.schemas));
    let mut buffer = Vec::new();
    while let Some(shaped) = feed.next(&mut shaper, &mut buffer) {
        for batch in turns.take(shaped, scan.exports) {
            if let Some(survey) = &mut shaper.survey {
                tally.observe(&batch, survey, &shaper.dictionary, scan.as_of);
            }
            if let Some(apps) = &mut apps {
                apps.observe(&batch, &shaper.dictionary);
            }
        }
    }
    Counted { tally, apps, dictionary: shaper.dictionary }
}

/// What a worker has counted, and the strings that ids stand for.
#[derive(Debug, Default)]
struct Counted {
    tally: Tally,
    apps: Option<Pairs>,
    dictionary: Dictionary,
}

impl Counted {
    fn merge(mut self, other: Self) -> Self {
        let strings = self.dictionary.absorb(&other.dictionary);
        if let (Some(own), Some(theirs)) = (&mut self.apps, other.apps) {
            own.merge(theirs, &strings);
        }
        Self { tally: self.tally.merge(other.tally), ..self }
    }
}

/// Counts the rows that cannot be used, by export and reason.
#[derive(Debug, Default)]
struct Rejections {
    by_export: BTreeMap<String, BTreeMap<Reason, u64>>,
}

impl Quarantine for Rejections {
    fn take(&mut self, row: QuarantinedRow) {
        *self.by_export.entry(row.export).or_default().entry(row.reason).or_default() += 1;
    }
}
