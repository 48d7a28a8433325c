//! What makes each row the same event as another: an identifier, or the values of what identifies it.

use std::sync::Arc;

use super::Shaper;
use super::records::Block;
use crate::batch::{Batch, Column, NO_NUMBER, Role};
use crate::ingest::cells::Cells;
use crate::ingest::identity::{self, event_identity};
use crate::value::id;

impl Shaper<'_> {
    /// What makes each row the same event as another: its event identifier, else the values of the identifying roles.
    pub(super) fn identify(&mut self, batch: &mut Batch, block: &mut Block<'_, '_>, cells: &Cells) {
        if let Some(known) = cells.arrays().filter(|arrays| !arrays.identities.is_empty()) {
            batch.identities.clone_from(&known.identities);
            return;
        }
        let plan = Arc::clone(&block.task.plan);
        let schema = plan.schema;
        let seed = identity::seed(&schema.event_type);
        let event_ids: Vec<usize> = plan.columns_of(Role::EventId).collect();
        let texts = cells.texts(block.bytes, &event_ids, &mut Vec::new());
        let mut nameless = Vec::new();
        if event_ids.is_empty() {
            nameless.extend(0..cells.rows());
            batch.identities.resize(cells.rows(), 0);
        }
        for row in 0..texts.rows() {
            let cell = texts.get(row);
            if cell.is_empty() {
                nameless.push(row);
            }
            let canonical = if cell.len() == 15 { id::canonical(cell) } else { None };
            let cell = canonical.as_deref().map_or(cell, str::as_bytes);
            batch.identities.push(event_identity(seed, cell));
        }
        if nameless.is_empty() {
            return;
        }
        let mut scratch = Vec::new();
        let mut identifying: Vec<(Role, Column)> = Vec::new();
        for &role in &schema.identity {
            let known = batch.column(role);
            let column = if matches!(known, Column::Absent) { self.column(role, block, cells) } else { known.clone() };
            identifying.push((role, column));
        }
        for row in nameless {
            scratch.clear();
            for (role, column) in &identifying {
                scratch.push(0);
                match column {
                    Column::Absent => {}
                    Column::Numbers(numbers) if numbers[row] == NO_NUMBER => {}
                    Column::Numbers(numbers) => scratch.extend_from_slice(&numbers[row].to_le_bytes()),
                    Column::Ids(ids) => {
                        scratch.extend_from_slice(self.dictionary.text(role.domain(), ids[row]).as_bytes());
                    }
                }
            }
            batch.identities[row] = event_identity(seed, &scratch);
        }
    }
}
