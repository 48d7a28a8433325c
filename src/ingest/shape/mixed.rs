//! Blocks whose rows are of several event types: sorted, and the rows of each type read as if they were a block of
//! their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::records::{Block, Fault, Rejected, withheld};
use super::{Batch, Cells, Plan, Reason, Role, Shaper, Task, shortened};
use crate::ingest::split::Content;

/// The rows of one event type in a block.
pub(in crate::ingest) struct Part<'s> {
    /// How they were read; nothing for rows of event types that no schema is called by.
    pub(in crate::ingest) plan: Option<Arc<Plan<'s>>>,
    pub(in crate::ingest) batch: Batch,
    pub(in crate::ingest) rejected: Vec<Rejected>,
    /// How many records there were.
    pub(in crate::ingest) read: u64,
}

/// Whether a row says that it is of another event type than the export's usual one.
pub(super) fn is_mixed(block: &Block<'_, '_>, cells: &Cells) -> bool {
    let plan = &block.task.plan;
    let (Some(kinds), Some(column)) = (&plan.kinds, plan.columns_of(Role::EventType).next()) else { return false };
    (0..cells.rows()).any(|row| !kinds.is_usual(cells.get(block.bytes, column, row)))
}

impl Shaper<'_> {
    /// The rows of such a block. Records that are broken count to the usual type.
    pub(super) fn shape_mixed<'t>(
        &mut self,
        block: &Block<'_, 't>,
        broken: Vec<Rejected>,
        cells: Cells,
    ) -> Vec<Part<'t>> {
        let Block { task, bytes, .. } = block;
        let (Some(kinds), Some(column)) = (&task.plan.kinds, task.plan.columns_of(Role::EventType).next()) else {
            return Vec::new();
        };
        let mut words: BTreeMap<&[u8], Option<Arc<Plan<'t>>>> = BTreeMap::new();
        let mut rows_of: BTreeMap<&str, (Arc<Plan<'t>>, Vec<usize>)> = BTreeMap::new();
        let mut unknown = Vec::new();
        for row in 0..cells.rows() {
            let said = cells.get(bytes, column, row);
            let said = if kinds.is_usual(said) { kinds.usual() } else { said };
            match words.entry(said).or_insert_with(|| kinds.plan(said, self.demand)) {
                // By event type, and not by word: an event type may have several.
                Some(plan) => {
                    let event_type = plan.schema.event_type.as_str();
                    rows_of.entry(event_type).or_insert_with(|| (Arc::clone(plan), Vec::new())).1.push(row);
                }
                None => unknown.push(of_unknown_type(row, said, column, block)),
            }
        }
        let blocks: Vec<_> = rows_of.into_values().map(|(plan, rows)| block_of(&rows, block, &plan)).collect();
        let mut parts = Vec::new();
        for (plan, rejected) in [(Some(Arc::clone(&task.plan)), broken), (None, unknown)] {
            if !rejected.is_empty() {
                let read = rejected.len() as u64;
                parts.push(Part { plan, batch: Batch::new(task.plan.schema.table, task.export), rejected, read });
            }
        }
        self.cells = cells;
        for (task, bytes) in blocks {
            parts.extend(self.shape(&task, &bytes));
        }
        parts
    }
}

/// Some rows of a block as a block of their own, which remembers where its records stood.
fn block_of<'t>(rows: &[usize], block: &Block<'_, 't>, plan: &Arc<Plan<'t>>) -> (Task<'t>, Vec<u8>) {
    let mut bytes = Vec::new();
    let mut picked = Vec::with_capacity(rows.len());
    for &row in rows {
        let (place, start, end) = block.records[row];
        picked.push((block.task.place(place), block.task.offset_of(place, start)));
        bytes.extend_from_slice(&block.bytes[start..end]);
        if !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
    }
    let Task { export, offset, .. } = *block.task;
    (Task { picked, ..Task::new(export, plan, Content::Records, offset) }, bytes)
}

fn of_unknown_type(row: usize, said: &[u8], column: usize, block: &Block<'_, '_>) -> Rejected {
    let (place, start, end) = block.records[row];
    let (plan, record) = (&block.task.plan, &block.bytes[start..end]);
    let value = (!plan.secretive).then(|| shortened(said, 200));
    let fault = Fault::of(Reason::UnknownEventType, Some(plan.column(column)), value);
    let mut rejected = Rejected::new(block.task, place, start, fault, record);
    // Of what nobody knows, only the names of keys tell whether it may be shown.
    if plan.kinds.as_ref().is_some_and(|kinds| kinds.has_secrets(record)) {
        rejected.raw = withheld(record);
    }
    rejected
}
