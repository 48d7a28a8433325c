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
    /// How many turns were given out.
    turns: u64,
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

impl<'s> Task<'s> {
    pub(super) fn new(export: u32, plan: &Arc<Plan<'s>>, content: Content, offset: u64) -> Self {
        Self { export, plan: Arc::clone(plan), content, offset, rows: None, picked: Vec::new() }
    }

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

/// Scanned blocks that wait for their turn: one, or all of a small export.
pub struct Shaped<'s> {
    pub(super) turn: u64,
    pub(super) pieces: Vec<Piece<'s>>,
}

/// A scanned block.
pub(super) struct Piece<'s> {
    pub(super) task: Task<'s>,
    pub(super) parts: Vec<Part<'s>>,
    pub(super) failure: Option<Failure>,
}

/// Why rows could not be read, from the task's first one to this one.
pub(super) struct Failure {
    pub(super) last: u64,
    pub(super) error: String,
}

impl<'s> Feed<'s> {
    /// A feed of all exports, in their order.
    pub fn new(exports: &'s [Export], schemas: &'s Schemas, demand: &'s Demand, limits: Limits) -> Self {
        Self { exports, schemas, demand, limits, taken: Arc::default(), state: Mutex::default() }
    }

    /// Takes the next block into `buffer` and shapes its rows; nothing when all exports are read.
    ///
    /// A large export is opened by one worker and cut under a lock, block by block. A small one is read by one worker
    /// from its start to its end, so that many of them are opened and decompressed at the same time.
    pub fn next(&self, shaper: &mut Shaper<'_>, buffer: &mut Vec<u8>) -> Option<Shaped<'s>> {
        if let Some(survey) = &mut shaper.survey {
            survey.begin();
        }
        Some(match self.next_work(buffer)? {
            Work::Block { turn, task, rows } => Shaped { turn, pieces: shaped(task, rows, shaper, buffer) },
            Work::Whole { turn, export } => Shaped { turn, pieces: self.whole(export, shaper, buffer) },
        })
    }

    /// All blocks of a small export.
    fn whole(&self, index: u32, shaper: &mut Shaper<'_>, buffer: &mut Vec<u8>) -> Vec<Piece<'s>> {
        let (plan, mut source, problems) = match self.open(index) {
            Ok(opened) => opened,
            Err(problems) => {
                lock(&self.state).problems.extend(problems);
                return Vec::new();
            }
        };
        let mut pieces = Vec::new();
        while let Some((content, offset, rows)) = source.next(buffer) {
            pieces.extend(shaped(Task::new(index, &plan, content, offset), rows, shaper, buffer));
        }
        let failure = self.failure(index, &mut source);
        let mut state = lock(&self.state);
        state.problems.extend(problems.into_iter().chain(failure));
        state.plans.push((index, plan));
        pieces
    }

    /// What was wrong with exports as a whole, in their order.
    pub fn problems(&self) -> Vec<Problem> {
        std::mem::take(&mut lock(&self.state).problems)
    }

    /// The exports that could be read, in their order.
    pub fn read_exports(&self) -> Vec<ReadExport<'s>> {
        let mut state = lock(&self.state);
        state.plans.sort_by_key(|(export, _)| *export);
        let read = state.plans.iter().map(|(export, plan)| ReadExport {
            export: *export,
            schema: plan.schema,
            unknown_columns: plan.unknown.clone(),
        });
        read.collect()
    }

    /// The event type of each export that could be read.
    pub(crate) fn event_types(&self) -> Vec<(u32, &'s str)> {
        let mut state = lock(&self.state);
        state.plans.sort_by_key(|(export, _)| *export);
        state.plans.iter().map(|(export, plan)| (*export, plan.schema.event_type.as_str())).collect()
    }

    fn next_work(&self, buffer: &mut Vec<u8>) -> Option<Work<'s>> {
        let mut state = lock(&self.state);
        loop {
            let turn = state.turns;
            if let Some((export, plan, source)) = state.open.as_mut() {
                if let Some((content, offset, rows)) = source.next(buffer) {
                    let task = Task::new(*export, plan, content, offset);
                    state.turns += 1;
                    return Some(Work::Block { turn, task, rows });
                }
                self.close(&mut state);
            }
            let next = self.exports.get(state.next_export)?;
            let export = u32::try_from(state.next_export).ok()?;
            state.next_export += 1;
            if next.size <= self.limits.block_bytes as u64 / SMALL {
                state.turns += 1;
                return Some(Work::Whole { turn, export });
            }
            match self.open(export) {
                Ok((plan, source, problems)) => {
                    state.problems.extend(problems);
                    state.plans.push((export, Arc::clone(&plan)));
                    state.open = Some((export, plan, source));
                }
                Err(problems) => state.problems.extend(problems),
            }
        }
    }

    /// Opens an export. One that cannot be read is a problem, and so are columns that cannot.
    fn open(&self, index: u32) -> Opened<'s> {
        let export = &self.exports[index as usize];
        let refuse = |(what, hint)| Problem { export: export.name.clone(), offset: None, what, hint };
        let (plan, source, unreadable) = Source::open(export, self.schemas, self.demand, &self.limits, &self.taken)
            .map_err(|refusal| vec![refuse(refusal)])?;
        Ok((Arc::new(plan), source, unreadable.into_iter().map(refuse).collect()))
    }

    fn close(&self, state: &mut Feeding<'s>) {
        let Some((export, _, mut source)) = state.open.take() else { return };
        state.problems.extend(self.failure(export, &mut source));
    }

    /// What an export that has been read died of.
    fn failure(&self, export: u32, source: &mut Source) -> Option<Problem> {
        let (what, offset) = source.failure()?;
        let hint = Some("what stands before was used; export it again for the rest".to_owned());
        Some(Problem { export: self.exports[export as usize].name.clone(), offset, what, hint })
    }
}

/// An open export and what of it cannot be read; or why it cannot be read at all.
type Opened<'s> = Result<(Arc<Plan<'s>>, Source, Vec<Problem>), Vec<Problem>>;

/// An export is small if it takes no more than this part of a block, compressed if it is.
const SMALL: u64 = 4;

/// What a worker is given to do.
enum Work<'s> {
    Block { turn: u64, task: Task<'s>, rows: Option<Rows> },
    Whole { turn: u64, export: u32 },
}

fn shaped<'s>(task: Task<'s>, rows: Option<Rows>, shaper: &mut Shaper<'_>, bytes: &[u8]) -> Vec<Piece<'s>> {
    let Some(rows) = rows else {
        let parts = shaper.shape(&task, bytes);
        return vec![Piece { task, parts, failure: None }];
    };
    let mut pieces: Vec<Piece<'s>> = Vec::new();
    let mut next = task.offset;
    for (count, batch) in rows {
        let mut task = Task::new(task.export, &task.plan, task.content, next);
        next += count as u64;
        match batch.and_then(|batch| source::columns(&batch, &task.plan)) {
            Ok(columns) => {
                task.rows = Some(columns);
                let parts = shaper.shape(&task, bytes);
                task.rows = None;
                pieces.push(Piece { task, parts, failure: None });
            }
            Err(error) => match pieces.last_mut().and_then(|piece| piece.failure.as_mut()) {
                Some(before) if before.error == error => before.last = next - 1,
                _ => {
                    let failure = Some(Failure { last: next - 1, error });
                    pieces.push(Piece { task, parts: Vec::new(), failure });
                }
            },
        }
    }
    pieces
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A poisoned lock means that another worker has panicked; the panic itself will end the run.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
