//! Cells to typed columns by role. One shaper a worker; it keeps the worker's dictionary and what it has learned of the
//! values that come again.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use xxhash_rust::xxh3::xxh3_128;

use super::cells::Cells;
use super::feed::Task;
use super::problem::{Reason, shortened};
use super::sniff::Plan;
use super::split::{Content, Framing};
use super::{csv, json};
use crate::apps::Register;
use crate::batch::{Batch, Column, Kind, NO_ID, NO_NUMBER, Role, Table};
use crate::dictionary::{Dictionary, Domain};
use crate::schema::{CellType, Schema};
use crate::value::time::NoTime;
use crate::value::{Address, Time, Zone, codes, id, is_blank, jwt, secret, unwrap_cell};

mod derive;

/// Which roles somebody reads, so that the other columns need not be touched.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    roles: u64,
}

impl Demand {
    /// Asks for roles, and for those that derived ones are made from.
    pub fn add(&mut self, roles: impl IntoIterator<Item = Role>) {
        for role in roles {
            self.roles |= 1 << role as u32;
            for source in derive::sources(role) {
                self.roles |= 1 << *source as u32;
            }
        }
    }

    fn has(&self, role: Role) -> bool {
        self.roles & (1 << role as u32) != 0
    }

    /// Whether a column of a schema has to be read: for its role, for the row's identity, or for what stands in for it.
    pub(super) fn reads(&self, schema: &Schema, column: usize) -> bool {
        let column = &schema.columns[column];
        let always = [Role::Time, Role::EventId, Role::Username, Role::LastUsed, Role::Created];
        column.cell == CellType::Assertion
            || column.role.is_some_and(|role| self.has(role) || always.contains(&role) || schema.identity.contains(&role))
    }
}

/// A record that could not be used, before it has its number.
#[derive(Debug)]
pub struct Rejected {
    /// Its place among the block's records, from 0.
    pub(super) place: u64,
    pub(super) offset: u64,
    pub(super) fault: Fault,
    pub(super) raw: String,
}

/// What is wrong with a record.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) reason: Reason,
    pub(super) column: Option<String>,
    pub(super) value: Option<String>,
}

/// Turns blocks into batches.
#[derive(Debug)]
pub struct Shaper<'s> {
    /// The strings of all batches that this shaper has made.
    pub dictionary: Dictionary,
    demand: &'s Demand,
    register: &'s Register,
    zone: Option<Zone>,
    memos: HashMap<(Table, Role), Memo, FixedState>,
    derived: derive::Derived,
    cells: Cells,
    identity: Vec<u8>,
}

/// Which id a cell's bytes have got: normalised once, found again by the bytes as they stand.
#[derive(Debug, Default)]
struct Memo {
    last: Vec<u8>,
    last_id: Option<u32>,
    ids: HashMap<Box<[u8]>, u32, FixedState>,
}

/// A role that a table's rows get, and the export's columns that it may come from, best first.
struct Fill {
    role: Role,
    columns: Vec<usize>,
}

impl<'s> Shaper<'s> {
    /// A shaper with nothing learned yet.
    pub fn new(demand: &'s Demand, register: &'s Register, zone: Option<Zone>) -> Self {
        Self {
            dictionary: Dictionary::default(),
            demand,
            register,
            zone,
            memos: HashMap::default(),
            derived: derive::Derived::default(),
            cells: Cells::default(),
            identity: Vec::new(),
        }
    }

    /// The rows of a block. Record numbers count from the block's first record until [`super::Turns`] sets them right.
    pub(super) fn shape(&mut self, task: &Task<'_>, block: &[u8]) -> (Batch, Vec<Rejected>, u64) {
        let mut rows = Rows::new(task);
        let mut rejected = Vec::new();
        let mut read = 0;
        let mut take = |shaper: &mut Self, start: usize, end: usize, wrong: Option<Reason>| {
            let result = match wrong {
                Some(reason) => Err(Fault { reason, column: None, value: None }),
                None => shaper.row(task.plan.schema, &mut rows, block, read, task.offset + start as u64),
            };
            if let Err(fault) = result {
                let raw = raw_text(task.plan.schema, &block[start..end]);
                rejected.push(Rejected { place: read, offset: task.offset + start as u64, fault, raw });
            }
            read += 1;
        };
        match task.content {
            Content::OpenQuote => take(self, 0, block.len(), Some(Reason::OpenQuote)),
            Content::CutOff => take(self, 0, block.len(), Some(Reason::CutOff)),
            Content::Records if task.plan.framing == Framing::Csv => {
                let mut records = csv::Records::new(block, task.plan.delimiter, &task.plan.wanted);
                loop {
                    self.cells.clear(task.plan.schema.columns.len());
                    let Some(passed) = records.next(&mut self.cells) else { break };
                    take(self, passed.start, passed.end, passed.wrong);
                }
            }
            Content::Records => {
                let mut keys = json::Keys::new(task.plan.schema);
                for (start, end) in json::objects(block, task.plan.framing == Framing::Lines) {
                    self.cells.clear(task.plan.schema.columns.len());
                    let object = json::read(&block[start..end], &mut keys, &mut self.cells);
                    let wrong = object.err().map(|_| Reason::NotJson);
                    take(self, start, end, wrong);
                }
            }
        }
        let mut batch = rows.batch;
        self.derived.derive(&mut batch, self.demand, &mut self.dictionary);
        (batch, rejected, read)
    }

    /// The event identifier of the one record in a block, if its export has one.
    pub(super) fn event_id(&mut self, plan: &Plan<'_>, record: &[u8]) -> Option<String> {
        let is_event_id = |column: &usize| plan.schema.columns[*column].role == Some(Role::EventId);
        let column = plan.present.iter().copied().find(is_event_id)?;
        self.cells.clear(plan.schema.columns.len());
        if plan.framing == Framing::Csv {
            csv::Records::new(record, plan.delimiter, &plan.wanted).next(&mut self.cells)?;
        } else {
            let (start, end) = *json::objects(record, plan.framing == Framing::Lines).first()?;
            json::read(&record[start..end], &mut json::Keys::new(plan.schema), &mut self.cells).ok()?;
        }
        let cell = unwrap_cell(self.cells.get(record, column));
        (!is_blank(cell)).then(|| String::from_utf8_lossy(cell).into_owned())
    }

    /// Reads one record's cells into the rows; the rows stay as they were if something is wrong with it.
    fn row(&mut self, schema: &Schema, rows: &mut Rows, block: &[u8], place: u64, offset: u64) -> Result<(), Fault> {
        let cells = std::mem::take(&mut self.cells);
        let result = self.fill(schema, rows, block, &cells);
        let identity = result.is_ok().then(|| self.identity_of(schema, rows, block, &cells));
        self.cells = cells;
        result?;
        rows.push(place, offset, identity.unwrap_or_default());
        Ok(())
    }

    fn fill(&mut self, schema: &Schema, rows: &mut Rows, block: &[u8], cells: &Cells) -> Result<(), Fault> {
        rows.values.clear();
        for fill in &rows.fills {
            let mut value = None;
            for &column in &fill.columns {
                let cell = unwrap_cell(cells.get(block, column));
                if !is_blank(cell) {
                    value = self.value(schema, column, fill.role, cell)?;
                }
                if value.is_some() {
                    break;
                }
            }
            rows.values.push(value);
        }
        if let Some(column) = rows.assertion {
            let cell = unwrap_cell(cells.get(block, column));
            if !is_blank(cell) {
                self.fill_from_assertion(schema, column, rows, cell)?;
            }
        }
        self.fill_what_stands_in(rows);
        if rows.value(Role::Time).is_none() && rows.batch.table != Table::Tokens {
            let column = schema.columns.iter().find(|column| column.role == Some(Role::Time));
            return Err(Fault { reason: Reason::Missing, column: column.map(|column| column.name.clone()), value: None });
        }
        Ok(())
    }

    /// One cell's value, times and numbers as they are and strings as ids; nothing for a placeholder.
    fn value(&mut self, schema: &Schema, column: usize, role: Role, cell: &[u8]) -> Result<Option<i64>, Fault> {
        let column = &schema.columns[column];
        let fault = |reason| Fault {
            reason,
            column: Some(column.name.clone()),
            value: (!column.secret).then(|| shortened(cell, 200)),
        };
        match role.kind() {
            Kind::Key => Ok(None),
            Kind::Time => match Time::parse(cell, self.zone) {
                Ok(time) => Ok(Some(time.0)),
                Err(NoTime::Malformed) => Err(fault(Reason::NotATime)),
                Err(NoTime::ZoneNeeded) => Err(fault(Reason::ZoneNeeded)),
                Err(NoTime::Ambiguous) => Err(fault(Reason::AmbiguousTime)),
                Err(NoTime::OutOfRange) => Err(fault(Reason::TimeOutOfRange)),
            },
            Kind::Number => whole_number(cell).map(Some).ok_or_else(|| fault(Reason::NotANumber)),
            Kind::Text => {
                let key = (schema.table, role);
                let id = if role.domain() == Domain::Session {
                    self.session_id(column.secret, cell)
                } else {
                    self.text_id(key, column.cell, cell)
                };
                let id = id.ok_or_else(|| fault(Reason::NotUtf8))?;
                Ok((id != NO_ID).then_some(i64::from(id)))
            }
        }
    }

    /// Values that hardly come again are not remembered by their bytes.
    fn session_id(&mut self, is_secret: bool, cell: &[u8]) -> Option<u32> {
        if is_secret {
            return Some(self.dictionary.id(Domain::Session, &secret::reference(cell)));
        }
        Some(self.dictionary.id(Domain::Session, std::str::from_utf8(cell).ok()?))
    }

    /// Apps, users and addresses are found by their cells as they stand, which most often are the spelling that is kept:
    /// a spelling that is kept stays as it is. Elsewhere a domain holds the strings of several roles, and a role's cells
    /// are remembered apart.
    fn text_id(&mut self, key: (Table, Role), cell_type: CellType, cell: &[u8]) -> Option<u32> {
        if key.1.domain() != Domain::Text {
            if let Some(id) = self.dictionary.find_bytes(key.1.domain(), cell) {
                return Some(id);
            }
            let text = std::str::from_utf8(cell).ok()?;
            return Some(new_id(&mut self.dictionary, self.register, key.1, cell_type, text));
        }
        let memo = self.memos.entry(key).or_default();
        if memo.last_id.is_some() && memo.last == cell {
            return memo.last_id;
        }
        let id = match memo.ids.get(cell) {
            Some(id) => *id,
            None => {
                let text = std::str::from_utf8(cell).ok()?;
                let id = new_id(&mut self.dictionary, self.register, key.1, cell_type, text);
                memo.ids.insert(cell.into(), id);
                id
            }
        };
        memo.last.clear();
        memo.last.extend_from_slice(cell);
        memo.last_id = Some(id);
        Some(id)
    }

    /// The claims of a raw assertion fill what the export has no columns for. The assertion goes no further.
    fn fill_from_assertion(&mut self, schema: &Schema, column: usize, rows: &mut Rows, cell: &[u8]) -> Result<(), Fault> {
        let fault = || Fault { reason: Reason::NotAnAssertion, column: Some(schema.columns[column].name.clone()), value: None };
        let claims = std::str::from_utf8(cell).ok().and_then(jwt::claims).ok_or_else(fault)?;
        let audience = claims.aud.as_ref().and_then(jwt::Audience::first);
        let texts = [
            (Role::Issuer, claims.iss.as_deref()),
            (Role::Principal, claims.sub.as_deref()),
            (Role::Audience, audience),
            (Role::AssertionId, claims.jti.as_deref()),
        ];
        for (role, text) in texts {
            let id = text.map(|text| i64::from(self.dictionary.id(role.domain(), text.trim())));
            rows.set_if_absent(role, id);
        }
        for (role, seconds) in [(Role::IssuedAt, claims.iat), (Role::ExpiresAt, claims.exp)] {
            rows.set_if_absent(role, seconds.and_then(seconds_to_micros));
        }
        Ok(())
    }

    /// A username stands in for a missing user id; a token's own facts for a missing handle; its last use for its time.
    fn fill_what_stands_in(&mut self, rows: &mut Rows) {
        if rows.value(Role::User).is_none()
            && let Some(name) = rows.id(Role::Username)
        {
            let username = self.dictionary.text(Domain::Text, name).to_owned();
            let id = self.dictionary.id(Domain::User, &username);
            rows.set_if_absent(Role::User, Some(i64::from(id)));
        }
        if rows.batch.table != Table::Tokens {
            return;
        }
        rows.set_if_absent(Role::Time, rows.value(Role::LastUsed).or(rows.value(Role::Created)));
        if rows.value(Role::Token).is_none() {
            let part = |role: Role| rows.id(role).map_or("", |id| self.dictionary.text(role.domain(), id));
            let facts = format!("{}\0{}\0{:?}", part(Role::User), part(Role::App), rows.value(Role::Created));
            let id = self.dictionary.id(Domain::Session, &secret::reference(facts.as_bytes()));
            rows.set_if_absent(Role::Token, Some(i64::from(id)));
        }
    }

    fn identity_of(&mut self, schema: &Schema, rows: &Rows, block: &[u8], cells: &Cells) -> u128 {
        self.identity.clear();
        self.identity.extend_from_slice(schema.event_type.as_bytes());
        let event_id = rows.event_id.map(|column| unwrap_cell(cells.get(block, column))).filter(|id| !is_blank(id));
        if let Some(event_id) = event_id {
            let canonical = if event_id.len() == 15 { id::canonical(event_id) } else { None };
            self.identity.extend_from_slice(canonical.as_deref().map_or(event_id, str::as_bytes));
            return xxh3_128(&self.identity);
        }
        for role in &schema.identity {
            self.identity.push(0);
            match (rows.value(*role), role.kind()) {
                (None, _) => {}
                (Some(_), Kind::Text) => {
                    let text = self.dictionary.text(role.domain(), rows.id(*role).unwrap_or(NO_ID));
                    self.identity.extend_from_slice(text.as_bytes());
                }
                (Some(number), _) => self.identity.extend_from_slice(&number.to_le_bytes()),
            }
        }
        xxh3_128(&self.identity)
    }
}

/// The rows of a batch while they are being filled.
struct Rows {
    batch: Batch,
    fills: Vec<Fill>,
    /// The values of the row at hand, one for each fill.
    values: Vec<Option<i64>>,
    /// For each role, its place among the fills.
    places: [Option<u8>; Role::ALL.len()],
    event_id: Option<usize>,
    assertion: Option<usize>,
}

impl Rows {
    fn new(task: &Task<'_>) -> Self {
        let Plan { schema, present, .. } = &*task.plan;
        let columns_of = |role: Role| {
            let has_role = |column: &&usize| schema.columns[**column].role == Some(role);
            present.iter().filter(has_role).copied().collect::<Vec<_>>()
        };
        let assertion = present.iter().copied().find(|column| schema.columns[*column].cell == CellType::Assertion);
        let by_claims = [Role::Issuer, Role::Principal, Role::Audience, Role::AssertionId, Role::IssuedAt, Role::ExpiresAt];
        let mut fills = Vec::new();
        for &role in Role::ALL {
            let columns = columns_of(role);
            let stands_in = match role {
                Role::Time | Role::Token => schema.table == Table::Tokens,
                Role::User => !columns_of(Role::Username).is_empty(),
                _ => assertion.is_some() && by_claims.contains(&role),
            };
            if role.kind() != Kind::Key && (stands_in || !columns.is_empty()) {
                fills.push(Fill { role, columns });
            }
        }
        let mut batch = Batch::new(schema.table, task.export);
        let mut places = [None; Role::ALL.len()];
        for (place, fill) in fills.iter().enumerate() {
            places[fill.role as usize] = u8::try_from(place).ok();
            *batch.column_mut(fill.role) = match fill.role.kind() {
                Kind::Text => Column::Ids(Vec::new()),
                _ => Column::Numbers(Vec::new()),
            };
        }
        let event_id = columns_of(Role::EventId).first().copied();
        Self { batch, values: Vec::with_capacity(fills.len()), fills, places, event_id, assertion }
    }

    fn value(&self, role: Role) -> Option<i64> {
        self.places[role as usize].and_then(|place| self.values[usize::from(place)])
    }

    fn id(&self, role: Role) -> Option<u32> {
        self.value(role).and_then(|id| u32::try_from(id).ok())
    }

    fn set_if_absent(&mut self, role: Role, value: Option<i64>) {
        if let Some(place) = self.places[role as usize] {
            let slot = &mut self.values[usize::from(place)];
            *slot = slot.or(value);
        }
    }

    fn push(&mut self, place: u64, offset: u64, identity: u128) {
        for (fill, value) in self.fills.iter().zip(&self.values) {
            match self.batch.column_mut(fill.role) {
                Column::Absent => {}
                Column::Numbers(numbers) => numbers.push(value.unwrap_or(NO_NUMBER)),
                Column::Ids(ids) => ids.push(value.and_then(|id| u32::try_from(id).ok()).unwrap_or(NO_ID)),
            }
        }
        self.batch.records.push(place);
        self.batch.offsets.push(offset);
        self.batch.identities.push(identity);
    }
}

/// The id of a string that has not been met before, in the spelling that is kept.
fn new_id(dictionary: &mut Dictionary, register: &Register, role: Role, cell: CellType, text: &str) -> u32 {
    match (cell, role) {
        (CellType::Address, _) => match Address::parse(text) {
            Ok(address) => dictionary.id(role.domain(), &address.to_string()),
            Err(_) => NO_ID,
        },
        (_, Role::App) => {
            let canonical = id::canonical(text.as_bytes());
            dictionary.id(role.domain(), register.key(canonical.as_deref().unwrap_or(text)))
        }
        (CellType::Id, _) => {
            let canonical = id::canonical(text.as_bytes());
            dictionary.id(role.domain(), canonical.as_deref().unwrap_or(text))
        }
        (_, Role::ApiFamily) => dictionary.id(role.domain(), codes::api_family(text)),
        (_, Role::LoginSubtype) => dictionary.id(role.domain(), codes::login_subtype(text)),
        (_, Role::LoginType) => dictionary.id(role.domain(), codes::login_type(text)),
        _ => dictionary.id(role.domain(), text),
    }
}

/// `58`, `58.0`, `-1` or `1.9103758e+07`; a fraction is dropped, because counts come as doubles.
fn whole_number(cell: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(cell).ok()?;
    if let Ok(number) = text.parse() {
        return Some(number).filter(|number| *number != NO_NUMBER);
    }
    let number: f64 = text.parse().ok()?;
    let exact = number.is_finite() && number.abs() < 9e15;
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2^53 survive the way through a double")]
    exact.then_some(number as i64)
}

fn seconds_to_micros(seconds: f64) -> Option<i64> {
    let micros = (seconds * 1e6).round();
    let exact = (Time::EARLIEST.0 as f64..Time::LATEST.0 as f64).contains(&micros);
    #[expect(clippy::cast_possible_truncation, reason = "held within a century by the line above")]
    exact.then_some(micros as i64)
}

/// What of a bad record may be shown: nothing where a secret could stand in any of its cells.
fn raw_text(schema: &Schema, record: &[u8]) -> String {
    if schema.columns.iter().any(|column| column.secret) {
        return format!("withheld: {} has secret columns ({} bytes)", schema.event_type, record.len());
    }
    shortened(record.trim_ascii_end(), 4096)
}
