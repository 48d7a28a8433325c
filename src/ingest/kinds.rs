//! Exports whose rows say their event type themselves: event log files, query results, and what a SIEM gives out again,
//! where rows of several types stand in one file.
//!
//! Nearly all exports are of one type, so a row's word is only compared with the usual one. A block with others in it is
//! sorted, and the rows of each type are read as if they were an export of their own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::cells::Cells;
use super::csv;
use super::json;
use super::shape::Demand;
use super::sniff::{Form, Plan, Refusal};
use super::split::Framing;
use crate::batch::Role;
use crate::schema::{Schema, Schemas, match_key};

/// What the first rows of an export say that they are.
#[derive(Debug)]
pub(super) struct Said {
    /// Each event type once, in order of appearance.
    types: Vec<String>,
    /// The column that says so.
    column: String,
    /// Whether that is what a query result says about its records in passing, and no column made for it.
    by_the_way: bool,
}

/// So much of an export's head is looked at for event types; a row of a type that comes later is read all the same.
const LOOKED_AT: usize = 64 << 10;

impl Said {
    /// In the rows below a header; nothing if it has no such column, or no row says anything.
    pub(super) fn in_csv(header: &[String], rows: &[u8], delimiter: u8) -> Option<Self> {
        let place = header.iter().position(|name| is_event_type(name))?;
        let wanted: Vec<Option<usize>> = (0..header.len()).map(|column| (column == place).then_some(0)).collect();
        let rows = &rows[..rows.len().min(LOOKED_AT)];
        let mut cells = Cells::default();
        cells.clear(1);
        let mut records = Vec::new();
        csv::Scanner::default().scan(rows, delimiter, &wanted, &mut cells, |record| records.push(record));
        let mut said = Self { types: Vec::new(), column: header[place].clone(), by_the_way: false };
        for (row, record) in records.iter().filter(|record| record.wrong.is_none()).enumerate() {
            // The last record may be cut off.
            if record.end < rows.len() || rows.ends_with(b"\n") {
                said.add(&String::from_utf8_lossy(cells.get(rows, 0, row)));
            }
        }
        (!said.types.is_empty()).then_some(said)
    }

    /// In objects with these keys.
    pub(super) fn in_json(names: &[String], wrapper: &str, objects: &[&[u8]]) -> Option<Self> {
        let own = names.iter().find(|name| is_event_type(name));
        let path = own.or_else(|| names.iter().find(|name| *name == "attributes.type"))?;
        let mut said = Self { types: Vec::new(), column: path.clone(), by_the_way: own.is_none() };
        for object in objects {
            said.add(&json::text_at(object, &format!("{wrapper}{path}")).unwrap_or_default());
        }
        (!said.types.is_empty()).then_some(said)
    }

    fn add(&mut self, event_type: &str) {
        let event_type = event_type.trim().trim_matches('"');
        if !event_type.is_empty() && !self.types.iter().any(|known| known == event_type) {
            self.types.push(event_type.to_owned());
        }
    }

    /// The schemas of those types that have one.
    pub(super) fn known<'s>(&self, schemas: &'s Schemas) -> impl Iterator<Item = &'s Schema> {
        self.types.iter().filter_map(|event_type| schemas.called(event_type))
    }

    pub(super) fn first_known<'s>(&self, schemas: &'s Schemas) -> Option<&'s Schema> {
        self.known(schemas).next()
    }

    /// Whether the column means the event type in a schema.
    pub(super) fn is_said_in(&self, schema: &Schema) -> bool {
        schema.column(&self.column).is_some_and(|column| schema.columns[column].means(Role::EventType))
    }

    /// Whether the names of columns may still tell what it is.
    pub(super) fn is_by_the_way(&self) -> bool {
        self.by_the_way
    }

    /// Why an export cannot be read that says to be of unknown types only.
    pub(super) fn refusal(&self) -> Refusal {
        let shown: Vec<String> = self.types.iter().take(3).map(|name| format!("{name:?}")).collect();
        let more = if self.types.len() > shown.len() { ", …" } else { "" };
        let what = format!("says to be of the event type {}{more}, which no schema is called by", shown.join(", "));
        (what, Some("list the known event types with: tokentrail schemas".to_owned()))
    }
}

/// `EVENT_TYPE`, `EventType`, `event_type_s`.
fn is_event_type(name: &str) -> bool {
    matches!(match_key(name).as_str(), "eventtype" | "eventtypes")
}

/// The event types of an export's rows, and how each is read.
pub(super) struct Kinds<'s> {
    schemas: &'s Schemas,
    framing: Framing,
    delimiter: u8,
    wrapper: &'static str,
    names: Vec<String>,
    /// How the first rows spell the type of the export's own plan.
    usual: Vec<u8>,
    /// A row that says nothing is of the usual type.
    by_the_way: bool,
    secretive: bool,
    /// The plans of the other types, made as their rows come, by what the rows say; nothing for unknown types.
    plans: Mutex<HashMap<Vec<u8>, Option<Arc<Plan<'s>>>>>,
}

impl<'s> Kinds<'s> {
    pub(super) fn new(schemas: &'s Schemas, form: &Form<'_>, said: &Said, secretive: bool) -> Self {
        let usual = said.types.iter().find(|event_type| schemas.called(event_type).is_some());
        Self {
            schemas,
            framing: form.framing,
            delimiter: form.delimiter,
            wrapper: form.wrapper,
            names: form.names.to_vec(),
            by_the_way: said.by_the_way,
            usual: usual.map(|event_type| event_type.as_bytes().to_vec()).unwrap_or_default(),
            secretive,
            plans: Mutex::default(),
        }
    }

    /// Whether a row that says this is of the export's usual type.
    pub(super) fn is_usual(&self, said: &[u8]) -> bool {
        said == self.usual || self.by_the_way && said.is_empty()
    }

    /// How the first rows of the usual type spell it.
    pub(super) fn usual(&self) -> &[u8] {
        &self.usual
    }

    /// Whether an object has a key that holds secrets in some schema.
    pub(super) fn has_secrets(&self, object: &[u8]) -> bool {
        self.framing != Framing::Csv && json::key_paths(object).iter().any(|path| self.schemas.knows(path).1)
    }

    /// How rows that say this are read; nothing if no schema is called so.
    pub(super) fn plan(&self, said: &[u8], demand: &Demand) -> Option<Arc<Plan<'s>>> {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = plans.get(said) {
            return known.clone();
        }
        let schema = std::str::from_utf8(said).ok().and_then(|said| self.schemas.called(said));
        let Self { framing, delimiter, wrapper, ref names, .. } = *self;
        let form = Form { framing, delimiter, wrapper, names };
        let plan = schema.map(|schema| Arc::new(form.bare_plan(schema, self.secretive, demand)));
        // What rows say is not ours: made-up types must not fill the memory.
        if plan.is_some() {
            plans.insert(said.to_vec(), plan.clone());
        }
        plan
    }
}

impl std::fmt::Debug for Kinds<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Kinds({})", String::from_utf8_lossy(&self.usual))
    }
}
