//! Cells to typed columns by role. One shaper a worker; it keeps the worker's dictionary and what it has learned of the
//! values that come again.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cells::{Cells, Texts};
use super::feed::Task;
use super::{csv, json};

use super::problem::{Reason, shortened};
use super::sniff::Plan;
use crate::apps::Register;
use crate::batch::{Batch, Column, Kind, NO_ID, NO_NUMBER, Role, Table};
use crate::dictionary::{Dictionary, Domain};
use crate::engine::Names;
use crate::networks::Networks;
use crate::schema::{CellType, ColumnSchema, Schema};
use crate::value::{Zone, jwt, secret};

mod arrays;
mod changed;
mod choice;
mod demand;
mod derive;
mod identify;
mod located;
mod mixed;
mod named;
mod queries;
mod records;
mod respelled;
mod survey;
mod values;

pub(crate) use choice::Choice;
pub use demand::Demand;
pub(super) use mixed::Part;
pub(super) use records::Rejected;
use records::{Block, Fault, scan};
use respelled::Respelled;
pub(crate) use survey::{RemarkKind, Survey};
use values::{is_respelled, millionths, new_id, seconds_to_micros, time, whole_number};

/// Turns blocks into batches.
#[derive(Debug)]
pub struct Shaper<'s> {
    /// The strings of all batches that this shaper has made.
    pub dictionary: Dictionary,
    demand: &'s Demand,
    register: &'s Register,
    zone: Option<Zone>,
    /// Where cells are not spelled as they are kept: what each of them stands for, by role.
    respelled: BTreeMap<Role, Respelled>,
    /// Strings of exports in columns that the next rows may share.
    shared: BTreeMap<(Role, usize), arrays::Shared>,
    derived: derive::Derived,
    located: located::Located,
    queries: queries::Queries,
    /// Usernames by user, from all rows that can be used, repeated or not.
    pub names: Names,
    /// What cells say beyond batches, if somebody asks.
    pub(crate) survey: Option<Survey>,
    /// Who says which rows may be wanted, if not all are.
    pub(crate) choice: Option<Box<dyn Choice + 's>>,
    /// Which rows of the block at hand may be wanted; nothing if all are.
    wanted: Option<Vec<bool>>,
    cells: Cells,
    csv_scanner: csv::Scanner,
    json_scanner: json::Scanner,
}

impl<'s> Shaper<'s> {
    /// A shaper with nothing learned yet.
    pub fn new(demand: &'s Demand, register: &'s Register, zone: Option<Zone>) -> Self {
        Self {
            dictionary: Dictionary::default(),
            demand,
            register,
            zone,
            respelled: BTreeMap::new(),
            shared: BTreeMap::new(),
            derived: derive::Derived::default(),
            located: located::Located::default(),
            queries: queries::Queries::default(),
            names: Names::default(),
            survey: None,
            choice: None,
            wanted: None,
            cells: Cells::default(),
            csv_scanner: csv::Scanner::default(),
            json_scanner: json::Scanner::default(),
        }
    }

    /// The same, with what is known of networks.
    #[must_use]
    pub fn with_networks(mut self, networks: &Arc<Networks>) -> Self {
        self.located.networks = Arc::clone(networks);
        self
    }

    /// The rows of a block, by event type; most blocks have one. Record numbers count from the block's first record until
    /// [`super::Turns`] sets them right.
    pub(super) fn shape<'t>(&mut self, task: &Task<'t>, bytes: &[u8]) -> Vec<Part<'t>> {
        let mut cells = std::mem::take(&mut self.cells);
        let scanners = (&mut self.csv_scanner, &mut self.json_scanner);
        let (mut block, mut rejected, read) = scan(task, bytes, scanners, &mut cells);
        if mixed::is_mixed(&block, &cells) {
            return self.shape_mixed(&block, rejected, cells);
        }
        let mut batch = Batch::new(task.plan.schema.table, task.export);
        batch.event_type = Arc::clone(&task.plan.event_type);
        batch.records = block.records.iter().map(|(place, _, _)| task.place(*place)).collect();
        batch.offsets = block.records.iter().map(|(place, start, _)| task.offset_of(*place, *start)).collect();
        self.fill(&mut batch, &mut block, &cells);
        self.identify(&mut batch, &mut block, &cells);
        let any_fault = !block.faults.is_empty();
        for (row, fault) in std::mem::take(&mut block.faults) {
            let (place, start, end) = block.records[row];
            rejected.push(Rejected::new(task, place, start, fault, &block.raw(row, start..end, &cells)));
            batch.records[row] = REJECTED;
        }
        self.name_users(&batch, &block, &cells);
        // Behind the identities, which must not depend on what is read besides.
        self.fill_from_queries(&mut batch, &block, &cells);
        if let Some(survey) = &mut self.survey {
            survey.look(&block, &cells, &batch, &self.dictionary, |row| batch.records[row] != REJECTED);
        }
        if any_fault {
            batch.retain(|batch, row| batch.records[row] != REJECTED);
        }
        self.derived.derive(&mut batch, self.demand, &mut self.dictionary);
        changed::name_apps(&mut batch, self.demand, self.register, &mut self.dictionary);
        self.located.derive(&mut batch, self.demand, &mut self.dictionary);
        (self.cells, self.wanted) = (cells, None);
        vec![Part { plan: Some(Arc::clone(&task.plan)), batch, rejected, read }]
    }

    /// The roles that somebody reads, column by column, and what stands in for those that are absent.
    fn fill(&mut self, batch: &mut Batch, block: &mut Block<'_, '_>, cells: &Cells) {
        let table = batch.table;
        let always = [Role::Time, Role::LastUsed, Role::Created, Role::User];
        let mut first = self.read_first(&block.task.plan);
        if !first.is_empty() {
            first.extend(always);
            for &role in Role::ALL.iter().filter(|role| first.contains(role)) {
                *batch.column_mut(role) = self.column(role, block, cells);
            }
            self.choose(batch, block.task.plan.schema);
        }
        for &role in Role::ALL.iter().filter(|role| !first.contains(role)) {
            if self.demand.has(table, role) || always.contains(&role) {
                *batch.column_mut(role) = self.column(role, block, cells);
            }
        }
        if let Some(column) = block.task.plan.assertion() {
            self.fill_from_assertions(column, batch, block, cells);
        }
        self.fill_what_stands_in(batch, block, cells);
        self.fill_what_is_implied(batch, block.task.plan.schema);
        if !table.is_inventory() {
            let column = block.task.plan.schema.columns.iter().find(|column| column.role == Some(Role::Time));
            for row in 0..batch.rows() {
                if batch.number(Role::Time, row).is_none() {
                    block.fault(row, Fault::of(Reason::Missing, column, None));
                }
            }
        }
    }

    /// One role's column: of several cells that may give it, the first that says something.
    fn column(&mut self, role: Role, block: &mut Block<'_, '_>, cells: &Cells) -> Column {
        let columns: Vec<usize> = block.task.plan.columns_of(role).collect();
        if columns.is_empty() || (role.kind() == Kind::Key && !self.demand.keeps_event_ids()) {
            return Column::Absent;
        }
        if cells.arrays().is_some()
            && let Some(column) = self.column_of_arrays(role, &columns, block, cells)
        {
            return column;
        }
        let mut from = Vec::new();
        let texts = cells.texts(block.bytes, &columns, &mut from);
        let column_of = |row: usize| columns[usize::from(from.get(row).copied().unwrap_or(0))];
        if matches!(role.kind(), Kind::Text | Kind::Key) {
            self.ids(role, block, &texts, column_of)
        } else {
            self.numbers(role, block, &texts, column_of)
        }
    }

    /// Texts as ids of the strings that are kept. Most are known as they stand, or from an earlier block.
    fn ids(
        &mut self,
        role: Role,
        block: &mut Block<'_, '_>,
        texts: &Texts<'_>,
        column_of: impl Fn(usize) -> usize,
    ) -> Column {
        let plan = Arc::clone(&block.task.plan);
        if let Some(wanted) = self.wanted.take() {
            let ids = self.ids_of_wanted(role, &plan, texts, column_of, &wanted);
            self.wanted = Some(wanted);
            return ids;
        }
        let mut ids = self.find_all(role, &plan, texts);
        for (row, id) in ids.iter_mut().enumerate() {
            if *id == NO_ID && !texts.is_empty(row) {
                let (column, cell) = (column_of(row), texts.get(row));
                match self.id(role, plan.column(column), cell) {
                    Some(known) => *id = known,
                    None => block.fault(row, plan.fault(Reason::NotUtf8, column, cell)),
                }
            }
        }
        Column::Ids(ids)
    }

    /// The ids of the texts that are known; [`NO_ID`] for the others, and for secrets.
    fn find_all(&mut self, role: Role, plan: &Plan<'_>, texts: &Texts<'_>) -> Vec<u32> {
        let mut ids = Vec::new();
        if plan.columns_of(role).any(|column| plan.column(column).secret) {
            ids.resize(texts.rows(), NO_ID);
        } else if is_respelled(role) {
            self.respelled.entry(role).or_default().find_all(texts, &mut ids);
        } else {
            self.dictionary.find_all(role.domain(), texts, &mut ids);
        }
        ids
    }

    /// The id of a cell's string in the spelling that is kept; nothing if the bytes are no text.
    fn id(&mut self, role: Role, column: &ColumnSchema, cell: &[u8]) -> Option<u32> {
        if column.secret {
            return Some(self.dictionary.id(role.domain(), &secret::reference(cell)));
        }
        let text = match std::str::from_utf8(cell) {
            Ok(text) => text,
            // Identifiers are kept only where evidence is read back, and may not cost a row there that was used before.
            Err(_) if role.kind() == Kind::Key => &String::from_utf8_lossy(cell),
            Err(_) => return None,
        };
        if column.cell == CellType::Text && role != Role::App && !is_respelled(role) {
            return Some(self.dictionary.id(role.domain(), text));
        }
        if !is_respelled(role)
            && let Some(id) = self.dictionary.find(role.domain(), text)
        {
            return Some(id);
        }
        let respelled = self.respelled.entry(role).or_default();
        // Paths hold ids, so that there may be as many as records.
        respelled.keep_at_most(RESPELLED_KEPT);
        if let Some(id) = respelled.find(text) {
            return Some(id);
        }
        let id = new_id(&mut self.dictionary, self.register, role, column.cell, text);
        // What is found as it stands need not be remembered a second time.
        if is_respelled(role) || !self.dictionary.is(role.domain(), id, text) {
            respelled.add(text, id);
        }
        Some(id)
    }

    fn numbers(
        &self,
        role: Role,
        block: &mut Block<'_, '_>,
        texts: &Texts<'_>,
        column_of: impl Fn(usize) -> usize,
    ) -> Column {
        let zone = self.zone;
        let plan = Arc::clone(&block.task.plan);
        let read = |row: usize, cell: &[u8]| match plan.column(column_of(row)).cell {
            _ if role.kind() == Kind::Time => time(cell, zone),
            CellType::Fraction => millionths(cell),
            _ => whole_number(cell),
        };
        let numbers = (0..texts.rows()).map(|row| {
            if texts.is_empty(row) {
                return NO_NUMBER;
            }
            read(row, texts.get(row)).unwrap_or_else(|reason| {
                block.fault(row, plan.fault(reason, column_of(row), texts.get(row)));
                NO_NUMBER
            })
        });
        Column::Numbers(numbers.collect())
    }

    /// What queries ask for, where somebody reads that.
    fn fill_from_queries(&mut self, batch: &mut Batch, block: &Block<'_, '_>, cells: &Cells) {
        let columns: Vec<usize> = block.task.plan.columns_of(Role::Query).collect();
        if !columns.is_empty() && queries::MADE.iter().any(|role| self.demand.has(batch.table, *role)) {
            let texts = cells.texts(block.bytes, &columns, &mut Vec::new());
            self.queries.fill(batch, &texts, self.demand, self.wanted.as_deref(), &mut self.dictionary);
        }
    }

    /// The claims of a raw assertion fill what the export has no columns for. The assertion goes no further.
    fn fill_from_assertions(&mut self, column: usize, batch: &mut Batch, block: &mut Block<'_, '_>, cells: &Cells) {
        for row in 0..cells.rows() {
            let cell = cells.get(block.bytes, column, row);
            if cell.is_empty() {
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

    /// What the event type says and no column does.
    fn fill_what_is_implied(&mut self, batch: &mut Batch, schema: &Schema) {
        for (&role, text) in schema.implies.iter().filter(|(role, _)| self.demand.has(schema.table, **role)) {
            let id = self.dictionary.id(role.domain(), text);
            for row in 0..batch.rows() {
                batch.set_id_if_absent(role, row, id);
            }
        }
    }

    /// A username stands in for a missing user id; a token's own facts for a missing handle; its last use for its time.
    fn fill_what_stands_in(&mut self, batch: &mut Batch, block: &mut Block<'_, '_>, cells: &Cells) {
        let plan = &block.task.plan;
        if let Some(column) = plan.columns_of(Role::Username).next() {
            for row in (0..cells.rows()).filter(|row| batch.id(Role::User, *row) == NO_ID).collect::<Vec<_>>() {
                let cell = cells.get(block.bytes, column, row);
                if let Ok(text) = std::str::from_utf8(cell)
                    && !text.is_empty()
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
                let id = self.dictionary.id(Domain::Token, &secret::reference(facts.as_bytes()));
                batch.set_id_if_absent(Role::Token, row, id);
            }
        }
    }

    /// The username of every user, from the first row that has it in order of exports and offsets: what comes behind it
    /// says nothing new.
    fn name_users(&mut self, batch: &Batch, block: &Block<'_, '_>, cells: &Cells) {
        let Some(column) = block.task.plan.columns_of(Role::Username).next() else { return };
        for row in 0..cells.rows() {
            let user = batch.id(Role::User, row);
            let place = (batch.export, batch.offsets[row]);
            if batch.records[row] == REJECTED || user == NO_ID || self.names.is_known_before(user, place) {
                continue;
            }
            let cell = cells.get(block.bytes, column, row);
            if let (false, Ok(text)) = (cell.is_empty(), std::str::from_utf8(cell)) {
                let name = self.dictionary.id(Domain::Text, text);
                self.names.add(user, name, place);
            }
        }
    }
}

/// So many spellings of a role's strings are remembered at a time.
const RESPELLED_KEPT: usize = 1 << 16;

/// The place of a row that turned out to be none.
const REJECTED: u64 = u64::MAX;

impl Plan<'_> {
    /// The schema's column that a column of the cells is.
    fn column(&self, column: usize) -> &ColumnSchema {
        &self.schema.columns[self.present[column]]
    }

    /// The columns of the cells that have a role, best first.
    fn columns_of(&self, role: Role) -> impl Iterator<Item = usize> {
        (0..self.present.len()).filter(move |column| self.column(*column).means(role))
    }

    fn assertion(&self) -> Option<usize> {
        (0..self.present.len()).find(|column| self.column(*column).cell == CellType::Assertion)
    }

    fn fault(&self, reason: Reason, column: usize, cell: &[u8]) -> Fault {
        let column = self.column(column);
        Fault::of(reason, Some(column), (!self.secretive).then(|| shortened(cell, 200)))
    }
}
