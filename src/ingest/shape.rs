//! Cells to typed columns by role. One shaper a worker; it keeps the worker's dictionary and what it has learned of the
//! values that come again.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use xxhash_rust::xxh3::xxh3_128;

use super::cells::Cells;
use super::feed::Task;
use super::problem::{Reason, shortened};
use super::sniff::Plan;
use crate::apps::Register;
use crate::batch::{Batch, Column, Kind, NO_ID, NO_NUMBER, Role, Table};
use crate::dictionary::{Dictionary, Domain};
use crate::engine::Names;
use crate::schema::{CellType, ColumnSchema};
use crate::value::{Zone, id, is_blank, jwt, secret, unwrap_cell};

mod arrays;
mod demand;
mod derive;
mod records;
mod values;

pub use demand::Demand;
pub(super) use records::Rejected;
use records::{Block, Fault, scan};
use values::{is_respelled, new_id, seconds_to_micros, time, whole_number};

/// Turns blocks into batches.
#[derive(Debug)]
pub struct Shaper<'s> {
    /// The strings of all batches that this shaper has made.
    pub dictionary: Dictionary,
    demand: &'s Demand,
    register: &'s Register,
    zone: Option<Zone>,
    /// Where a role spells strings its own way: which id a cell's bytes have got.
    respelled: HashMap<Role, HashMap<Box<[u8]>, u32, FixedState>, FixedState>,
    derived: derive::Derived,
    /// Usernames by user, from all rows that can be used, repeated or not.
    pub names: Names,
    cells: Cells,
}

impl<'s> Shaper<'s> {
    /// A shaper with nothing learned yet.
    pub fn new(demand: &'s Demand, register: &'s Register, zone: Option<Zone>) -> Self {
        Self {
            dictionary: Dictionary::default(),
            demand,
            register,
            zone,
            respelled: HashMap::default(),
            derived: derive::Derived::default(),
            names: Names::default(),
            cells: Cells::default(),
        }
    }

    /// The rows of a block. Record numbers count from the block's first record until [`super::Turns`] sets them right.
    pub(super) fn shape(&mut self, task: &Task<'_>, bytes: &[u8]) -> (Batch, Vec<Rejected>, u64) {
        let mut cells = std::mem::take(&mut self.cells);
        let (mut block, mut rejected, read) = scan(task, bytes, &mut cells);
        let mut batch = Batch::new(task.plan.schema.table, task.export);
        batch.records = block.records.iter().map(|(place, _, _)| *place).collect();
        batch.offsets = block.records.iter().map(|(_, start, _)| task.offset + *start as u64).collect();
        self.fill(&mut batch, &mut block, &cells);
        self.identify(&mut batch, &mut block, &cells);
        for row in 0..block.faults.len() {
            if let Some(fault) = block.faults[row].take() {
                let (place, start, end) = block.records[row];
                rejected.push(Rejected::new(task, place, start, fault, &block.raw(row, start..end, &cells)));
                batch.records[row] = REJECTED;
            }
        }
        self.name_users(&batch, &block, &cells);
        batch.retain(|batch, row| batch.records[row] != REJECTED);
        self.derived.derive(&mut batch, self.demand, &mut self.dictionary);
        self.cells = cells;
        rejected.sort_by_key(|rejected| rejected.place);
        (batch, rejected, read)
    }

    /// The event identifier of the one record in a block, if its export has one.
    pub(super) fn event_id(&mut self, plan: &Plan<'_>, record: &[u8]) -> Option<String> {
        let column = plan.columns_of(Role::EventId).next()?;
        let cell = unwrap_cell(self.cells.get(record, column, 0));
        (!is_blank(cell)).then(|| String::from_utf8_lossy(cell).into_owned())
    }

    /// The roles that somebody reads, column by column, and what stands in for those that are absent.
    fn fill(&mut self, batch: &mut Batch, block: &mut Block<'_>, cells: &Cells) {
        let table = batch.table;
        let always = [Role::Time, Role::LastUsed, Role::Created, Role::User];
        for &role in Role::ALL {
            if self.demand.has(table, role) || always.contains(&role) {
                *batch.column_mut(role) = self.column(role, block, cells);
            }
        }
        if let Some(column) = block.task.plan.assertion() {
            self.fill_from_assertions(column, batch, block, cells);
        }
        self.fill_what_stands_in(batch, block, cells);
        if table != Table::Tokens {
            let column = block.task.plan.schema.columns.iter().find(|column| column.role == Some(Role::Time));
            for row in 0..batch.rows() {
                if batch.number(Role::Time, row).is_none() {
                    block.fault(row, Fault::of(Reason::Missing, column, None));
                }
            }
        }
    }

    /// One role's column: of several cells that may give it, the first that says something.
    fn column(&mut self, role: Role, block: &mut Block<'_>, cells: &Cells) -> Column {
        let columns: Vec<usize> = block.task.plan.columns_of(role).collect();
        let (first, others) = match columns.split_first() {
            Some((first, others)) if role.kind() != Kind::Key || self.demand.keeps_event_ids() => (*first, others),
            _ => return Column::Absent,
        };
        if cells.arrays().is_some()
            && let Some(column) = self.column_of_arrays(role, &columns, block, cells)
        {
            return column;
        }
        let bytes = block.bytes;
        let cell_of = |row: usize| {
            let cell = unwrap_cell(cells.get(bytes, first, row));
            let mut found = (first, cell);
            for &other in others {
                if !is_blank(found.1) {
                    break;
                }
                found = (other, unwrap_cell(cells.get(bytes, other, row)));
            }
            (!is_blank(found.1)).then_some(found)
        };
        match role.kind() {
            Kind::Text | Kind::Key => {
                let mut ids = Vec::with_capacity(cells.rows());
                let texts = (0..cells.rows()).map(|row| cell_of(row).map_or(&b""[..], |(_, cell)| cell));
                self.dictionary.likely_ids(role.domain(), texts, &mut ids);
                let as_it_stands = !is_respelled(role) && !block.task.plan.column(first).secret;
                for (row, id) in ids.iter_mut().enumerate() {
                    let Some((column, cell)) = cell_of(row) else {
                        *id = NO_ID;
                        continue;
                    };
                    if as_it_stands && self.dictionary.is(role.domain(), *id, cell) {
                        continue;
                    }
                    *id = self.id(role, &block.task.plan, column, cell).unwrap_or_else(|| {
                        block.fault(row, block.task.plan.fault(Reason::NotUtf8, column, cell));
                        NO_ID
                    });
                }
                Column::Ids(ids)
            }
            kind => {
                let zone = self.zone;
                let numbers = (0..cells.rows()).map(|row| {
                    let Some((column, cell)) = cell_of(row) else { return NO_NUMBER };
                    let number = if kind == Kind::Time { time(cell, zone) } else { whole_number(cell) };
                    number.unwrap_or_else(|reason| {
                        block.fault(row, block.task.plan.fault(reason, column, cell));
                        NO_NUMBER
                    })
                });
                Column::Numbers(numbers.collect())
            }
        }
    }

    /// The id of a cell's string in the spelling that is kept; nothing if the bytes are no text.
    ///
    /// Apps, users and addresses are found by their cells as they stand, which most often are the spelling that is kept
    /// already (and that stays as it is). In the other domains several roles share strings, so that a role with a
    /// spelling of its own remembers its cells apart.
    fn id(&mut self, role: Role, plan: &Plan<'_>, column: usize, cell: &[u8]) -> Option<u32> {
        let schema_column = plan.column(column);
        if schema_column.secret {
            return Some(self.dictionary.id(role.domain(), &secret::reference(cell)));
        }
        if !is_respelled(role) {
            if let Some(id) = self.dictionary.find_bytes(role.domain(), cell) {
                return Some(id);
            }
            let text = std::str::from_utf8(cell).ok()?;
            return Some(new_id(&mut self.dictionary, self.register, role, schema_column.cell, text));
        }
        let known = self.respelled.entry(role).or_default();
        if let Some(id) = known.get(cell) {
            return Some(*id);
        }
        let text = std::str::from_utf8(cell).ok()?;
        let id = new_id(&mut self.dictionary, self.register, role, schema_column.cell, text);
        known.insert(cell.into(), id);
        Some(id)
    }

    /// The claims of a raw assertion fill what the export has no columns for. The assertion goes no further.
    fn fill_from_assertions(&mut self, column: usize, batch: &mut Batch, block: &mut Block<'_>, cells: &Cells) {
        for row in 0..cells.rows() {
            let cell = unwrap_cell(cells.get(block.bytes, column, row));
            if is_blank(cell) {
                continue;
            }
            let Some(claims) = std::str::from_utf8(cell).ok().and_then(jwt::claims) else {
                block.fault(row, Fault::of(Reason::NotAnAssertion, Some(block.task.plan.column(column)), None));
                continue;
            };
            let audience = claims.aud.as_ref().and_then(jwt::Audience::first);
            let texts = [
                (Role::Issuer, claims.iss.as_deref()),
                (Role::Principal, claims.sub.as_deref()),
                (Role::Audience, audience),
                (Role::AssertionId, claims.jti.as_deref()),
            ];
            for (role, text) in texts {
                if let Some(text) = text {
                    let id = self.dictionary.id(role.domain(), text.trim());
                    batch.set_id_if_absent(role, row, id);
                }
            }
            for (role, seconds) in [(Role::IssuedAt, claims.iat), (Role::ExpiresAt, claims.exp)] {
                if let Some(micros) = seconds.and_then(seconds_to_micros) {
                    batch.set_number_if_absent(role, row, micros);
                }
            }
        }
    }

    /// A username stands in for a missing user id; a token's own facts for a missing handle; its last use for its time.
    fn fill_what_stands_in(&mut self, batch: &mut Batch, block: &mut Block<'_>, cells: &Cells) {
        let plan = &block.task.plan;
        if let Some(column) = plan.columns_of(Role::Username).next() {
            for row in (0..cells.rows()).filter(|row| batch.id(Role::User, *row) == NO_ID).collect::<Vec<_>>() {
                let cell = unwrap_cell(cells.get(block.bytes, column, row));
                if let Ok(text) = std::str::from_utf8(cell)
                    && !is_blank(cell)
                {
                    let id = self.dictionary.id(Domain::User, text);
                    batch.set_id_if_absent(Role::User, row, id);
                }
            }
        }
        if batch.table != Table::Tokens {
            return;
        }
        for row in 0..cells.rows() {
            let newest = batch.number(Role::LastUsed, row).or(batch.number(Role::Created, row));
            batch.set_number_if_absent(Role::Time, row, newest.unwrap_or(NO_NUMBER));
            if batch.id(Role::Token, row) == NO_ID {
                let part = |role: Role| self.dictionary.text(role.domain(), batch.id(role, row));
                let created = batch.number(Role::Created, row);
                let facts = format!("{}\0{}\0{created:?}", part(Role::User), part(Role::App));
                let id = self.dictionary.id(Domain::Session, &secret::reference(facts.as_bytes()));
                batch.set_id_if_absent(Role::Token, row, id);
            }
        }
    }

    /// What makes each row the same event as another: its event identifier, else the values of the identifying roles.
    fn identify(&mut self, batch: &mut Batch, block: &mut Block<'_>, cells: &Cells) {
        if let Some(known) = cells.arrays().filter(|arrays| !arrays.identities.is_empty()) {
            batch.identities.clone_from(&known.identities);
            return;
        }
        let plan = Arc::clone(&block.task.plan);
        let schema = plan.schema;
        let event_id = plan.columns_of(Role::EventId).next();
        let mut scratch = Vec::new();
        let mut nameless = Vec::new();
        for row in 0..cells.rows() {
            let cell = event_id.map_or(&b""[..], |column| unwrap_cell(cells.get(block.bytes, column, row)));
            if is_blank(cell) {
                nameless.push(row);
                batch.identities.push(0);
                continue;
            }
            scratch.clear();
            scratch.extend_from_slice(schema.event_type.as_bytes());
            let canonical = if cell.len() == 15 { id::canonical(cell) } else { None };
            scratch.extend_from_slice(canonical.as_deref().map_or(cell, str::as_bytes));
            batch.identities.push(xxh3_128(&scratch));
        }
        if nameless.is_empty() {
            return;
        }
        let mut identifying: Vec<(Role, Column)> = Vec::new();
        for &role in &schema.identity {
            let known = batch.column(role);
            let column = if matches!(known, Column::Absent) { self.column(role, block, cells) } else { known.clone() };
            identifying.push((role, column));
        }
        for row in nameless {
            scratch.clear();
            scratch.extend_from_slice(schema.event_type.as_bytes());
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
            batch.identities[row] = xxh3_128(&scratch);
        }
    }

    /// The username of every user, from the first row that has it in order of exports and offsets: what comes behind it
    /// says nothing new.
    fn name_users(&mut self, batch: &Batch, block: &Block<'_>, cells: &Cells) {
        let Some(column) = block.task.plan.columns_of(Role::Username).next() else { return };
        for row in 0..cells.rows() {
            let user = batch.id(Role::User, row);
            let place = (batch.export, batch.offsets[row]);
            if batch.records[row] == REJECTED || user == NO_ID || self.names.is_known_before(user, place) {
                continue;
            }
            let cell = unwrap_cell(cells.get(block.bytes, column, row));
            if let (false, Ok(text)) = (is_blank(cell), std::str::from_utf8(cell)) {
                let name = self.dictionary.id(Domain::Text, text);
                self.names.add(user, name, place);
            }
        }
    }
}

/// The place of a row that turned out to be none.
const REJECTED: u64 = u64::MAX;

impl Plan<'_> {
    /// The schema's column that a column of the cells is.
    fn column(&self, column: usize) -> &ColumnSchema {
        &self.schema.columns[self.present[column]]
    }

    /// The columns of the cells that have a role, best first.
    fn columns_of(&self, role: Role) -> impl Iterator<Item = usize> {
        (0..self.present.len()).filter(move |column| self.column(*column).role == Some(role))
    }

    fn assertion(&self) -> Option<usize> {
        (0..self.present.len()).find(|column| self.column(*column).cell == CellType::Assertion)
    }

    fn fault(&self, reason: Reason, column: usize, cell: &[u8]) -> Fault {
        let column = self.column(column);
        Fault::of(reason, Some(column), (!self.secretive).then(|| shortened(cell, 200)))
    }
}
