//! Exports as tables: one Parquet file for each table, typed, without repeated rows, sorted by time. Each row says which
//! record of which export it was. A scan of these files gives the findings of a scan of the exports, with the register
//! that they were converted with: what an app goes by is part of what makes two rows the same event.
//!
//! All rows are held in memory until they are sorted, as numbers: 4 bytes for each string, 8 for each time and number,
//! 40 for a row's place and identity. Strings are held once, but for event identifiers, which are all different.
//!
//! What is written depends on the exports alone: not on their order as arguments, on threads, on block sizes, or on when
//! it was done.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use foldhash::fast::FixedState;
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use crate::apps::Register;
use crate::batch::{Batch, Column, NO_NUMBER, Role, Table};
use crate::dictionary::{Dictionary, Moved};
use crate::error::Error;
use crate::evidence;
use crate::history::{Selection, Sieve};
use crate::ingest::{
    Choice, Counts, Demand, Export, Feed, Limits, Problem, Quarantine, ReadAll, Shaper, Turns, converted_table, joined,
    origins,
};
use crate::schema::Schemas;
use crate::value::Zone;

mod row;
mod write;

pub(crate) use row::Row;

/// What to convert, and how.
#[derive(Clone, Debug)]
pub struct Convert<'a> {
    /// The exports, sorted by name: [`crate::ingest::discover`] does that.
    pub exports: &'a [Export],
    /// The known event types.
    pub schemas: &'a Schemas,
    /// The user's apps: an app that goes by several names is written as one.
    pub register: &'a Register,
    /// The zone of local times.
    pub zone: Option<Zone>,
    /// Workers.
    pub threads: usize,
    /// How much reading may take.
    pub limits: Limits,
    /// Counts the bytes of files as they are read, for a progress bar.
    pub taken: Arc<AtomicU64>,
}

/// All rows of the exports, by table.
#[derive(Debug)]
pub struct Tables {
    /// What became of the rows, by event type.
    pub counts: BTreeMap<String, Counts>,
    /// Exports that could not be used, or not to their end.
    pub problems: Vec<Problem>,
    dictionary: Dictionary,
    batches: Vec<Batch>,
    origins: Vec<Origin>,
    /// By batch: where its rows come from, if its export is a converted one.
    came_from: Vec<Option<CameFrom>>,
}

/// Of each row its origin, the record's number and where it starts.
type CameFrom = Vec<(u32, u64, u64)>;

/// What is said of all rows of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Origin {
    export: String,
    sha256: String,
}

/// A row: its batch, and its place there.
pub(crate) type Place = (u32, u32);

/// Which rows are read, and what of them is kept.
pub(crate) struct Reading<'r> {
    /// The tables.
    pub(crate) tables: &'r [Table],
    /// The columns.
    pub(crate) roles: &'r [Role],
    /// Whether events' identifiers are held as text, and exports hashed, so that rows can be told of elsewhere.
    pub(crate) with_origin: bool,
    /// Which rows of those tables are kept; all if nothing is said.
    pub(crate) selection: Option<&'r Selection>,
}

/// Reads all exports. Rows that cannot be used go to the quarantine.
pub fn convert(convert: &Convert<'_>, quarantine: &mut dyn Quarantine) -> Tables {
    let all = Reading { tables: &Table::ALL, roles: Role::ALL, with_origin: true, selection: None };
    convert_some(convert, &all, quarantine)
}

/// The same for some rows and some of their columns, so that less has to be held.
pub(crate) fn convert_some(convert: &Convert<'_>, reading: &Reading<'_>, quarantine: &mut dyn Quarantine) -> Tables {
    let exports = worth_reading(convert, reading);
    let convert = &Convert { exports: &exports, ..convert.clone() };
    let mut demand = Demand::default();
    demand.add(reading.tables, reading.roles.iter().copied());
    if reading.with_origin {
        demand.keep_event_ids();
    }
    let mut feed = Feed::new(convert.exports, convert.schemas, &demand, convert.limits);
    feed.taken = Arc::clone(&convert.taken);
    let (hashes, read) = std::thread::scope(|threads| {
        let hashes = reading.with_origin.then(|| threads.spawn(|| evidence::hashes(convert.exports)));
        let work = |turns: &Turns<'_>| work(convert, reading, &demand, &feed, turns);
        let read = feed.read_all(convert.threads, quarantine, work);
        (hashes.map(joined).unwrap_or_default(), read)
    });
    let ReadAll { made, counts, mut problems } = read;
    problems.sort();
    let (dictionary, batches) = joined_dictionaries(made);
    let hashes = hashes.into_iter().chain(std::iter::repeat_with(String::new));
    let origins: Vec<Origin> = convert
        .exports
        .iter()
        .zip(hashes)
        .map(|(export, sha256)| Origin { export: export.name.clone(), sha256 })
        .collect();
    let mut tables = Tables { counts, problems, dictionary, batches, origins, came_from: Vec::new() };
    tables.trace(convert.exports);
    tables
}

/// The exports but for tables, converted each into one of its own, that nobody asks for.
fn worth_reading(convert: &Convert<'_>, reading: &Reading<'_>) -> Vec<Export> {
    let is_asked = |name: &str| reading.tables.iter().any(|table| table.name() == name);
    let is_worth = |export: &&Export| converted_table(export).is_none_or(|table| is_asked(&table));
    convert.exports.iter().filter(is_worth).cloned().collect()
}

type Read = (Dictionary, Vec<Batch>);

fn work(convert: &Convert<'_>, reading: &Reading<'_>, demand: &Demand, feed: &Feed<'_>, turns: &Turns<'_>) -> Read {
    let mut shaper = Shaper::new(demand, convert.register, convert.zone);
    let mut sieve = reading.selection.map(|selection| Sieve::new(selection, convert.exports));
    shaper.choice =
        reading.selection.map(|selection| Box::new(Sieve::new(selection, convert.exports)) as Box<dyn Choice>);
    let (mut buffer, mut batches) = (Vec::new(), Vec::new());
    while let Some(shaped) = feed.next(&mut shaper, &mut buffer) {
        for mut batch in turns.take(shaped, convert.exports) {
            if !reading.tables.contains(&batch.table) {
                continue;
            }
            if let Some(sieve) = &mut sieve {
                sieve.sift(&mut batch, &shaper.dictionary);
            }
            if batch.rows() > 0 {
                batches.push(batch);
            }
        }
    }
    (shaper.dictionary, batches)
}

/// The batches of all workers with the ids of one dictionary.
fn joined_dictionaries(read: Vec<Read>) -> Read {
    let mut all: Option<Read> = None;
    for (dictionary, batches) in read {
        let Some((known, joined)) = &mut all else {
            all = Some((dictionary, batches));
            continue;
        };
        let moved = known.absorb(&dictionary);
        drop(dictionary);
        let batches: Vec<Batch> = batches.into_par_iter().map(|batch| renumbered(batch, &moved)).collect();
        joined.extend(batches);
    }
    all.unwrap_or_default()
}

fn renumbered(mut batch: Batch, moved: &Moved) -> Batch {
    for &role in Role::ALL {
        if let Column::Ids(ids) = batch.column_mut(role) {
            for id in ids {
                *id = moved.id(role.domain(), *id);
            }
        }
    }
    batch
}

impl Tables {
    /// How many rows a table has.
    pub fn rows(&self, table: Table) -> usize {
        self.of(table).map(|(_, batch)| batch.rows()).sum()
    }

    /// Writes a table as a Parquet file.
    ///
    /// # Errors
    /// If `out` cannot be written to.
    pub fn write(&self, table: Table, out: impl Write + Send) -> Result<(), Error> {
        write::table(self, table, out)
    }

    /// Finds out where rows of converted exports come from.
    fn trace(&mut self, exports: &[Export]) {
        let traced: Vec<_> =
            self.batches.par_iter().map(|batch| origins(&exports[batch.export as usize], &batch.offsets)).collect();
        let mut places: HashMap<(String, String), u32, FixedState> = HashMap::default();
        for (batch, traced) in self.batches.iter().zip(traced) {
            let traced = traced.unwrap_or_else(|what| {
                let export = exports[batch.export as usize].name.clone();
                let what = format!("where its rows come from cannot be read: {what}");
                self.problems.push(Problem { export, offset: None, what, hint: None });
                None
            });
            let came_from = traced.map(|traced| {
                let own: Vec<u32> = traced
                    .exports
                    .into_iter()
                    .map(|origin| {
                        *places.entry(origin).or_insert_with_key(|(export, sha256)| {
                            self.origins.push(Origin { export: export.clone(), sha256: sha256.clone() });
                            u32::try_from(self.origins.len() - 1).unwrap_or(u32::MAX)
                        })
                    })
                    .collect();
                let moved = |(from, record, offset): (u32, u64, u64)| (own[from as usize], record, offset);
                traced.rows.into_iter().map(moved).collect()
            });
            self.came_from.push(came_from);
        }
    }

    /// A row's origin, by its place among all, the number of its record there and where that starts.
    fn place(&self, (batch, row): Place) -> (u32, u64, u64) {
        let row = row as usize;
        if let Some(rows) = &self.came_from[batch as usize] {
            return rows[row];
        }
        let batch = &self.batches[batch as usize];
        (batch.export, batch.records[row], batch.offsets[row])
    }

    fn of(&self, table: Table) -> impl Iterator<Item = (u32, &Batch)> {
        (0..).zip(&self.batches).filter(move |(_, batch)| batch.table == table)
    }

    fn at(&self, (batch, row): Place) -> (&Batch, usize) {
        (&self.batches[batch as usize], row as usize)
    }

    /// The rows of a table by time, export and record.
    pub(crate) fn in_order(&self, table: Table) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::with_capacity(self.rows(table));
        for (number, batch) in self.of(table) {
            places.extend((0..).take(batch.rows()).map(|row| (number, row)));
        }
        places.par_sort_unstable_by_key(|place| {
            let (batch, row) = self.at(*place);
            (batch.number(Role::Time, row).unwrap_or(NO_NUMBER), batch.export, batch.records[row])
        });
        places
    }
}
