//! The turn at which each block gets its record numbers and loses its repeated rows, in the order in which blocks were
//! cut. What became of all rows is counted here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, PoisonError};

use super::feed::{Counts, Failure, Piece, Shaped, lock};
use super::identity::Identities;
use super::problem::{Problem, Quarantine, QuarantinedRow};
use super::split::Framing;
use super::{Export, Feed};
use crate::batch::Batch;

/// What rows are counted as that say to be of an event type that no schema is called by.
const UNKNOWN: &str = "unknown event type";

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
    /// Exports and the event types found in them besides their usual ones.
    besides: BTreeSet<(u32, String)>,
    /// Rows that could not be read.
    problems: Vec<Problem>,
    quarantine: &'q mut dyn Quarantine,
}

impl<'q> Turns<'q> {
    /// No block has had its turn yet. Rows that cannot be used go to the quarantine.
    pub fn new(quarantine: &'q mut dyn Quarantine) -> Self {
        let (identities, records, counts) = (Identities::new(), BTreeMap::new(), BTreeMap::new());
        let turn =
            Turn { next: 0, identities, records, counts, besides: BTreeSet::new(), problems: Vec::new(), quarantine };
        Self { state: Mutex::new(turn), next: Condvar::new() }
    }

    /// Waits for the block's turn; gives its rows their record numbers and leaves out those seen before. Most blocks are
    /// one batch; those whose rows are of several event types are one for each.
    pub fn take(&self, shaped: Shaped<'_>, exports: &[Export]) -> Vec<Batch> {
        let mut state = lock(&self.state);
        while state.next != shaped.turn {
            state = self.next.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let batches = shaped.pieces.into_iter().flat_map(|piece| state.take(piece, exports)).collect();
        state.next += 1;
        drop(state);
        self.next.notify_all();
        batches
    }

    /// What became of the rows, by event type, and the exports that gave no row.
    pub fn finish(self, feed: &Feed<'_>) -> (BTreeMap<String, Counts>, Vec<Problem>) {
        let turn = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Turn { mut counts, records, besides, problems: mut barren, .. } = turn;
        for (_, event_type) in besides {
            counts.entry(event_type).or_default().exports += 1;
        }
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
    fn take(&mut self, piece: Piece<'_>, exports: &[Export]) -> Vec<Batch> {
        let Piece { task, parts, failure } = piece;
        let (before, usable_before) = self.records.entry(task.export).or_insert((0, 0));
        let first = if task.plan.framing == Framing::Columns { task.offset } else { *before + 1 };
        if let Some(Failure { last, error }) = failure {
            self.problems.push(Problem {
                export: exports[task.export as usize].name.clone(),
                offset: None,
                what: format!("rows {} to {last} cannot be read: {error}", task.offset),
                hint: Some("the other rows were used; export it again for these".to_owned()),
            });
        }
        *before += parts.iter().map(|part| part.read).sum::<u64>();
        *usable_before += parts.iter().map(|part| part.batch.rows() as u64).sum::<u64>();
        let mut batches = Vec::with_capacity(parts.len());
        let mut rejected = Vec::new();
        for part in parts {
            let event_type = part.plan.as_ref().map_or(UNKNOWN, |plan| &plan.schema.event_type);
            if *event_type != task.plan.schema.event_type {
                self.besides.insert((task.export, event_type.to_owned()));
            }
            let counts = self.counts.entry(event_type.to_owned()).or_default();
            counts.read += part.read;
            for rejected in &part.rejected {
                *counts.quarantined.entry(rejected.fault.reason).or_default() += 1;
            }
            rejected.extend(part.rejected);
            batches.push(self.number(part.batch, first, event_type));
        }
        if task.offset == 0 || first == 1 {
            let counts = self.counts.entry(task.plan.schema.event_type.clone()).or_default();
            counts.unknown_columns.extend(task.plan.unknown.iter().cloned());
        }
        rejected.sort_by_key(|rejected| rejected.place);
        for rejected in rejected {
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
        batches
    }

    /// Sets record numbers right, and leaves out rows that were seen before.
    fn number(&mut self, mut batch: Batch, first: u64, event_type: &str) -> Batch {
        for record in &mut batch.records {
            *record += first;
        }
        let usable = batch.rows() as u64;
        let new = self.identities.insert_all(&batch.identities);
        batch.retain(|_, row| new[row]);
        let counts = self.counts.entry(event_type.to_owned()).or_default();
        counts.used += batch.rows() as u64;
        counts.repeated += usable - batch.rows() as u64;
        batch
    }
}
