//! Exports to blocks, handed out in order. Workers scan them in parallel, and then they wait for their turns.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::Export;
use super::columnar::{Columns, Rows};
use super::problem::{Problem, Reason};
use super::shape::{Demand, Part, Shaper};
use super::sniff::Plan;
use super::source::{self, Source};
use super::split::Content;
use crate::schema::{Schema, Schemas};

/// How much reading may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a block; results never depend on it.
    pub block_bytes: usize,
    /// A compressed export may not grow beyond this many bytes …
    pub decompressed_bytes: u64,
    /// … nor, past the first 64 MiB, beyond this many times its compressed size.
    pub decompression_ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { block_bytes: 1 << 20, decompressed_bytes: 1 << 40, decompression_ratio: 1000 }
    }
}

/// What became of the rows of an event type. `read = used + quarantined + repeated`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Exports of this event type.
    pub exports: u64,
    /// Records read.
    pub read: u64,
    /// Rows that detectors saw.
    pub used: u64,
    /// Rows that are copies of rows seen before.
    pub repeated: u64,
    /// Rows that could not be used, by reason.
    pub quarantined: BTreeMap<Reason, u64>,
    /// Event time of the first and last used row, in microseconds.
    pub span: Option<(i64, i64)>,
    /// Columns that the schema does not know.
    pub unknown_columns: std::collections::BTreeSet<String>,
}

/// Hands out blocks.
pub struct Feed<'s> {
    pub(super) exports: &'s [Export],
    schemas: &'s Schemas,
    demand: &'s Demand,
    limits: Limits,
    /// Bytes of files read so far, for a progress bar.
    pub taken: Arc<AtomicU64>,
    state: Mutex<Feeding<'s>>,
}

#[derive(Default)]
struct Feeding<'s> {
    next_export: usize,
    open: Option<(u32, Arc<Plan<'s>>, Source)>,
    sequence: u64,
    problems: Vec<Problem>,
    plans: Vec<(u32, Arc<Plan<'s>>)>,
}

/// An export that could be read.
#[derive(Clone, Debug)]
pub struct ReadExport<'s> {
    /// Its index in the run's sorted list.
    pub export: u32,
    /// What it is an export of.
    pub schema: &'s Schema,
    /// Columns that the schema does not know, in the order of the export.
    pub unknown_columns: Vec<String>,
}

/// A block to be scanned.
pub(super) struct Task<'s> {
    pub(super) sequence: u64,
    pub(super) export: u32,
    pub(super) plan: Arc<Plan<'s>>,
    pub(super) content: Content,
    /// Where it starts: a byte, or the number of the first row where the export is in columns.
    pub(super) offset: u64,
    /// The rows, where the export is in columns.
    pub(super) rows: Option<Arc<Columns>>,
    /// Where the records stood, by number and offset, if they were picked out of a block of several event types.
    pub(super) picked: Vec<(u64, u64)>,
}

impl Task<'_> {
    /// A record's place among the records of the block that was cut.
    pub(super) fn place(&self, record: u64) -> u64 {
        self.picked_at(record).map_or(record, |(place, _)| place)
    }

    /// Where a record that starts here in the block's bytes starts in the export.
    pub(super) fn offset_of(&self, record: u64, start: usize) -> u64 {
        self.picked_at(record).map_or(self.offset + start as u64, |(_, offset)| offset)
    }

    fn picked_at(&self, record: u64) -> Option<(u64, u64)> {
        self.picked.get(usize::try_from(record).ok()?).copied()
    }
}

/// A scanned block that waits for its turn.
pub struct Shaped<'s> {
    pub(super) task: Task<'s>,
    pub(super) parts: Vec<Part<'s>>,
    /// Why rows could not be read.
    pub(super) failure: Option<String>,
}

impl<'s> Feed<'s> {
    /// A feed of all exports, in their order.
    pub fn new(exports: &'s [Export], schemas: &'s Schemas, demand: &'s Demand, limits: Limits) -> Self {
        Self { exports, schemas, demand, limits, taken: Arc::default(), state: Mutex::default() }
    }

    /// Takes the next block into `buffer` and shapes its rows; nothing when all exports are read.
    pub fn next(&self, shaper: &mut Shaper<'_>, buffer: &mut Vec<u8>) -> Option<Shaped<'s>> {
        let (mut task, rows) = self.next_task(buffer)?;
        let (count, mut failure) = (rows.as_ref().map_or(0, Rows::count), None);
        match rows.map(|rows| source::columns(rows, &task.plan)).transpose() {
            Ok(rows) => task.rows = rows,
            Err(error) => {
                let last = task.offset + count as u64 - 1;
                failure = Some(format!("rows {} to {last} cannot be read: {error}", task.offset));
            }
        }
        if let Some(survey) = &mut shaper.survey {
            survey.begin_block();
        }
        let parts = shaper.shape(&task, buffer);
        task.rows = None;
        Some(Shaped { task, parts, failure })
    }

    /// What was wrong with exports as a whole, in their order.
    pub fn problems(&self) -> Vec<Problem> {
        std::mem::take(&mut lock(&self.state).problems)
    }

    /// The exports that could be read, in their order.
    pub fn read_exports(&self) -> Vec<ReadExport<'s>> {
        let state = lock(&self.state);
        let read = state.plans.iter().map(|(export, plan)| ReadExport {
            export: *export,
            schema: plan.schema,
            unknown_columns: plan.unknown.clone(),
        });
        read.collect()
    }

    /// The event type of each export that could be read.
    pub(crate) fn event_types(&self) -> Vec<(u32, &'s str)> {
        lock(&self.state).plans.iter().map(|(export, plan)| (*export, plan.schema.event_type.as_str())).collect()
    }

    fn next_task(&self, buffer: &mut Vec<u8>) -> Option<(Task<'s>, Option<Rows>)> {
        let mut state = lock(&self.state);
        loop {
            if state.open.is_none() {
                self.open_next(&mut state)?;
            }
            let Some((export, plan, source)) = state.open.as_mut() else { continue };
            if let Some((content, offset, rows)) = source.next(buffer) {
                let (export, plan) = (*export, Arc::clone(plan));
                let sequence = state.sequence;
                state.sequence += 1;
                let (rows_of_task, picked) = (None, Vec::new());
                return Some((Task { sequence, export, plan, content, offset, rows: rows_of_task, picked }, rows));
            }
            self.close(&mut state);
        }
    }

    /// Opens the next export; nothing when there is none. An export that cannot be read becomes a problem.
    fn open_next(&self, state: &mut Feeding<'s>) -> Option<()> {
        let export = self.exports.get(state.next_export)?;
        let index = u32::try_from(state.next_export).ok()?;
        state.next_export += 1;
        let refuse = |what, hint| Problem { export: export.name.clone(), offset: None, what, hint };
        match Source::open(export, self.schemas, self.demand, &self.limits, &self.taken) {
            Ok((plan, source, unreadable)) => {
                let plan = Arc::new(plan);
                state.problems.extend(unreadable.into_iter().map(|(what, hint)| refuse(what, hint)));
                state.plans.push((index, Arc::clone(&plan)));
                state.open = Some((index, plan, source));
            }
            Err((what, hint)) => state.problems.push(refuse(what, hint)),
        }
        Some(())
    }

    fn close(&self, state: &mut Feeding<'s>) {
        let Some((export, _, mut source)) = state.open.take() else { return };
        if let Some((failure, offset)) = source.failure() {
            state.problems.push(Problem {
                export: self.exports[export as usize].name.clone(),
                offset,
                what: failure,
                hint: Some("what stands before was used; export it again for the rest".to_owned()),
            });
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A poisoned lock means that another worker has panicked; the panic itself will end the run.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
