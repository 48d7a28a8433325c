//! Exports to blocks, handed out in order; and the turn at which each block gets its record numbers and loses its
//! repeated rows, in the same order. Between the two, workers scan blocks in parallel.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::Export;
use super::columnar::{Columns, Rows};
use super::identity::Identities;
use super::problem::{Problem, Quarantine, QuarantinedRow, Reason};
use super::shape::{Demand, Rejected, Shaper};
use super::sniff::Plan;
use super::source::{self, Source};
use super::split::{Content, Framing};
use crate::batch::Batch;
use crate::schema::Schemas;

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
    exports: &'s [Export],
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
}

/// A scanned block that waits for its turn.
pub struct Shaped<'s> {
    task: Task<'s>,
    batch: Batch,
    rejected: Vec<Rejected>,
    read: u64,
    /// Why rows could not be read.
    failure: Option<String>,
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
        let (batch, rejected, read) = shaper.shape(&task, buffer);
        task.rows = None;
        Some(Shaped { task, batch, rejected, read, failure })
    }

    /// What was wrong with exports as a whole, in their order.
    pub fn problems(&self) -> Vec<Problem> {
        std::mem::take(&mut lock(&self.state).problems)
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
                return Some((Task { sequence, export, plan, content, offset, rows: None }, rows));
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

/// The turns of blocks, in the order in which they were handed out.
pub struct Turns<'q> {
    state: Mutex<Turn<'q>>,
    next: Condvar,
}

struct Turn<'q> {
    next: u64,
    identities: Identities,
    /// Records read and records usable, by export.
    records: BTreeMap<u32, (u64, u64)>,
    counts: BTreeMap<String, Counts>,
    /// Rows that could not be read.
    problems: Vec<Problem>,
    quarantine: &'q mut dyn Quarantine,
}

impl<'q> Turns<'q> {
    /// No block has had its turn yet. Rows that cannot be used go to the quarantine.
    pub fn new(quarantine: &'q mut dyn Quarantine) -> Self {
        let (identities, records, counts) = (Identities::new(), BTreeMap::new(), BTreeMap::new());
        let turn = Turn { next: 0, identities, records, counts, problems: Vec::new(), quarantine };
        Self { state: Mutex::new(turn), next: Condvar::new() }
    }

    /// Waits for the block's turn; gives its rows their record numbers and leaves out those seen before.
    pub fn take(&self, shaped: Shaped<'_>, exports: &[Export]) -> Batch {
        let mut state = lock(&self.state);
        while state.next != shaped.task.sequence {
            state = self.next.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let batch = state.take(shaped, exports);
        state.next += 1;
        drop(state);
        self.next.notify_all();
        batch
    }

    /// What became of the rows, by event type, and the exports that gave no row.
    pub fn finish(self, feed: &Feed<'_>) -> (BTreeMap<String, Counts>, Vec<Problem>) {
        let Turn { mut counts, records, problems: mut barren, .. } =
            self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (export, event_type) in feed.event_types() {
            counts.entry(event_type.to_owned()).or_default().exports += 1;
            let what = match records.get(&export) {
                None | Some((0, _)) => format!("is {event_type} and has no rows"),
                Some((read, 0)) => format!("is {event_type}, and none of its {read} rows can be used"),
                Some(_) => continue,
            };
            let hint = Some("see quarantine.ndjson, or look at its columns with: tokentrail schemas".to_owned());
            barren.push(Problem { export: feed.exports[export as usize].name.clone(), offset: None, what, hint });
        }
        (counts, barren)
    }
}

impl Turn<'_> {
    fn take(&mut self, shaped: Shaped<'_>, exports: &[Export]) -> Batch {
        let Shaped { task, mut batch, rejected, read, failure } = shaped;
        let (before, usable_before) = self.records.entry(task.export).or_insert((0, 0));
        let first = if task.plan.framing == Framing::Columns { task.offset } else { *before + 1 };
        if let Some(failure) = failure {
            self.problems.push(Problem {
                export: exports[task.export as usize].name.clone(),
                offset: None,
                what: failure,
                hint: Some("the other rows were used; export it again for these".to_owned()),
            });
        }
        *before += read;
        *usable_before += batch.rows() as u64;
        for record in &mut batch.records {
            *record += first;
        }
        let usable = batch.rows() as u64;
        let identities = &mut self.identities;
        batch.retain(|batch, row| identities.insert(batch.identities[row]));
        let schema = task.plan.schema;
        if !self.counts.contains_key(&schema.event_type) {
            self.counts.insert(schema.event_type.clone(), Counts::default());
        }
        let counts = self.counts.entry(schema.event_type.clone()).or_default();
        counts.read += read;
        counts.used += batch.rows() as u64;
        counts.repeated += usable - batch.rows() as u64;
        if task.offset == 0 || first == 1 {
            counts.unknown_columns.extend(task.plan.unknown.iter().cloned());
        }
        for rejected in rejected {
            *counts.quarantined.entry(rejected.fault.reason).or_default() += 1;
            self.quarantine.take(QuarantinedRow {
                export: exports[task.export as usize].name.clone(),
                record: first + rejected.place,
                offset: rejected.offset,
                column: rejected.fault.column,
                reason: rejected.fault.reason,
                value: rejected.fault.value,
                raw: rejected.raw,
            });
        }
        batch
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A poisoned lock means that another worker has panicked; the panic itself will end the run.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
