//! What was taken: rows and columns by object, as a range.
//!
//! Logs tell how many rows were sent, not which. The least that was taken of an object is the largest single reading
//! of it: one query with its pages, or one bulk job. The most is all that was sent. Counting queries take nothing, but
//! may tell how many rows there are. Several logs tell of one call; of each object the log that tells of the most counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::FixedState;
use serde::Serialize;

use crate::batch::Role;
use crate::events::Access;
use crate::history::Entry;
use crate::value::soql;
use crate::value::{Time, object};

mod classes;
mod readings;

pub use self::classes::Classes;
use self::readings::Readings;

/// What was taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Impact {
    /// Object by object: those that matter more first, then those of which more was taken.
    pub objects: Vec<ObjectImpact>,
    /// Calls that read, of which no row says the object.
    pub calls_without_object: u64,
    /// Calls that were refused.
    pub refused: u64,
    /// The first and the last call that was looked at.
    pub first: Option<Time>,
    /// See `first`.
    pub last: Option<Time>,
}

/// What was taken of one object.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ObjectImpact {
    /// The object.
    pub object: String,
    /// At least so many different rows.
    pub least: i64,
    /// At most so many, counting each time that rows were sent.
    pub most: i64,
    /// Queries with their pages, and bulk jobs.
    pub readings: u64,
    /// Calls.
    pub calls: u64,
    /// Calls whose rows nobody says; `most` is not the most if there are any.
    pub calls_without_rows: u64,
    /// Bytes that were sent, as far as rows say.
    pub bytes: i64,
    /// The columns that queries named, in lower case, or `fields(ALL)` and the like.
    pub columns: BTreeSet<String>,
    /// Calls whose columns nobody says: bulk downloads, single records.
    pub calls_without_columns: u64,
    /// How many rows the object has, if that is known.
    pub size: Option<Size>,
    /// Which part of it that is, in percent: at least, and at most. Nothing where the size is not known.
    pub coverage: Option<(f64, f64)>,
    /// Kinds of data among the columns, by the classes of the user's file.
    pub classes: BTreeMap<String, BTreeSet<String>>,
    /// By which interfaces.
    pub interfaces: BTreeSet<String>,
    /// The first and the last call.
    pub first: Time,
    /// See `first`.
    pub last: Time,
    /// The log that this is taken from.
    pub log: String,
    /// What other logs tell of the same object: rows that were sent.
    pub other_logs: BTreeMap<String, i64>,
    /// An export and a record to begin with.
    pub export: String,
    /// See `export`.
    pub record: u64,
}

/// How many rows an object has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Size {
    /// Rows.
    pub rows: i64,
    /// When a counting query said so; nothing if the user did.
    pub counted: Option<Time>,
}

/// What one log tells of one object.
#[derive(Clone, Debug)]
struct Tale {
    calls: u64,
    calls_without_rows: u64,
    calls_without_columns: u64,
    bytes: i64,
    columns: BTreeSet<String>,
    interfaces: BTreeSet<String>,
    first: Time,
    last: Time,
    export: String,
    record: u64,
    readings: Readings,
}

/// What calls took, in the order of a history. `sizes` are rows by object, in lower case, as the user knows them.
pub fn impact<'h>(
    entries: impl Iterator<Item = Entry<'h>>,
    sizes: &BTreeMap<String, i64>,
    classes: &Classes,
) -> Impact {
    let mut impact = Impact::default();
    let mut tales: BTreeMap<(String, String), Tale> = BTreeMap::new();
    let mut counted: BTreeMap<String, Size> = BTreeMap::new();
    let mut spelled: BTreeMap<String, String> = BTreeMap::new();
    let mut before: HashMap<u64, &str, FixedState> = HashMap::default();
    for entry in entries {
        impact.first.get_or_insert(entry.time);
        impact.last = Some(entry.time);
        if entry.is_refused() {
            impact.refused += 1;
            continue;
        }
        if entry.access() != Access::Read {
            continue;
        }
        if let Some(probe) = entry.text(Role::Probe).filter(|probe| takes_nothing(probe)) {
            count(&entry, probe, &mut counted);
            continue;
        }
        // A page need not name what it is a page of: the query before it does.
        let of_before = || before.get(&entry.holder()).copied().filter(|_| entry.is_page());
        let Some(object) = entry.object().or_else(of_before) else {
            impact.calls_without_object += 1;
            continue;
        };
        before.insert(entry.holder(), object);
        let folded = object.to_lowercase();
        let known = spelled.entry(folded.clone()).or_insert_with(|| object.to_owned());
        // Capitals tell how Salesforce spells it; queries are typed in lower case by many.
        if object < known.as_str() {
            object.clone_into(known);
        }
        let key = (folded, entry.log().to_owned());
        tales.entry(key).or_insert_with(|| Tale::new(&entry)).take(&entry);
    }
    impact.objects = objects(tales, &spelled, |object| {
        sizes.get(object).map(|rows| Size { rows: *rows, counted: None }).or_else(|| counted.get(object).copied())
    });
    for object in &mut impact.objects {
        object.classes = classes.of(&object.object, &object.columns);
    }
    impact
}

/// Whether what finds something out leaves the rows where they are. To list users is to take them.
fn takes_nothing(probe: &str) -> bool {
    probe.starts_with("count ") || probe.starts_with("describe ") || matches!(probe, "limits" | "list objects")
}

/// A counting query of a whole object tells its size, as the rows that it went through: no row comes back, or the one of
/// its answer.
fn count(entry: &Entry<'_>, probe: &str, counted: &mut BTreeMap<String, Size>) {
    let narrowed = entry.text(Role::Shape).is_none_or(|shape| soql::selected(shape).narrowed);
    let rows = entry.rows().max(entry.number(Role::Processed)).unwrap_or(0);
    if let (Some(object), false) = (probe.strip_prefix("count "), narrowed)
        && rows > 1
    {
        counted.insert(object.to_lowercase(), Size { rows, counted: Some(entry.time) });
    }
}

fn objects(
    tales: BTreeMap<(String, String), Tale>,
    spelled: &BTreeMap<String, String>,
    size: impl Fn(&str) -> Option<Size>,
) -> Vec<ObjectImpact> {
    let mut by_object: BTreeMap<String, Vec<(String, Tale)>> = BTreeMap::new();
    for ((object, log), tale) in tales {
        by_object.entry(object).or_default().push((log, tale));
    }
    let mut objects: Vec<ObjectImpact> = Vec::with_capacity(by_object.len());
    for (object, mut logs) in by_object {
        // Of equal ones the one with more calls, and then the first by name.
        logs.sort_by_key(|(_, tale)| std::cmp::Reverse((tale.readings.most(), tale.calls)));
        let mut logs = logs.into_iter();
        let Some((log, tale)) = logs.next() else { continue };
        let other_logs = logs.map(|(log, tale)| (log, tale.readings.most())).collect();
        let size = size(&object);
        objects.push(tale.told(spelled.get(&object).cloned().unwrap_or(object), log, other_logs, size));
    }
    objects.sort_by(|left, right| {
        let weight = |impact: &ObjectImpact| (object::is_sensitive(&impact.object), impact.most, impact.calls);
        weight(right).cmp(&weight(left)).then_with(|| left.object.cmp(&right.object))
    });
    objects
}

impl Tale {
    fn new(entry: &Entry<'_>) -> Self {
        let (export, record) = entry.place();
        Self {
            calls: 0,
            calls_without_rows: 0,
            calls_without_columns: 0,
            bytes: 0,
            columns: BTreeSet::new(),
            interfaces: BTreeSet::new(),
            first: entry.time,
            last: entry.time,
            export: export.to_owned(),
            record,
            readings: Readings::default(),
        }
    }

    fn take(&mut self, entry: &Entry<'_>) {
        self.calls += 1;
        self.last = entry.time;
        self.bytes = self.bytes.saturating_add(entry.number(Role::Bytes).unwrap_or(0).max(0));
        self.interfaces.extend(entry.text(Role::ApiFamily).map(str::to_owned));
        match entry.text(Role::Shape).map(soql::selected) {
            Some(selected) => self.columns.extend(selected.columns.into_iter().map(str::to_owned)),
            None => self.calls_without_columns += 1,
        }
        match entry.rows() {
            Some(rows) => self.readings.take(entry, rows),
            None => self.calls_without_rows += 1,
        }
    }

    fn told(self, object: String, log: String, other_logs: BTreeMap<String, i64>, size: Option<Size>) -> ObjectImpact {
        let most = self.readings.most();
        // Rows come and go: more may have been read at once than are there now.
        let least = self.readings.least();
        #[expect(clippy::cast_precision_loss, reason = "percent of rows need no more digits")]
        let percent = |rows: i64, size: i64| (rows as f64 * 1000.0 / size as f64).round().min(1000.0) / 10.0;
        let coverage =
            size.filter(|size| size.rows > 0).map(|size| (percent(least, size.rows), percent(most, size.rows)));
        ObjectImpact {
            object,
            least,
            most,
            readings: self.readings.count(),
            calls: self.calls,
            calls_without_rows: self.calls_without_rows,
            bytes: self.bytes,
            columns: self.columns,
            calls_without_columns: self.calls_without_columns,
            size,
            coverage,
            classes: BTreeMap::new(),
            interfaces: self.interfaces,
            first: self.first,
            last: self.last,
            log,
            other_logs,
            export: self.export,
            record: self.record,
        }
    }
}
