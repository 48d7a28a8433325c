//! One row of a table, for those who write it in another form than Parquet.

use super::{Place, Tables};
use crate::batch::{Batch, Role, Table};
use crate::value::Time;

/// A row and where it comes from.
#[derive(Clone, Copy)]
pub(crate) struct Row<'t> {
    tables: &'t Tables,
    batch: &'t Batch,
    place: Place,
    at: usize,
}

impl<'t> Row<'t> {
    pub(crate) fn of(tables: &'t Tables, place: Place) -> Self {
        let (batch, row) = tables.at(place);
        Self { tables, batch, place, at: row }
    }

    /// The text of a role; nothing where absent or empty.
    pub(crate) fn text(&self, role: Role) -> Option<&'t str> {
        let text = self.tables.dictionary.role_text(role, self.batch.id(role, self.at))?;
        Some(text).filter(|text| !text.is_empty())
    }

    /// The number of a role; nothing where absent.
    pub(crate) fn number(&self, role: Role) -> Option<i64> {
        self.batch.number(role, self.at)
    }

    /// The time of a role; nothing where absent.
    pub(crate) fn time(&self, role: Role) -> Option<Time> {
        self.number(role).map(Time)
    }

    /// The table that the row is of.
    pub(crate) fn table(&self) -> Table {
        self.batch.table
    }

    /// The event type that the row is of.
    pub(crate) fn event_type(&self) -> &'t str {
        &self.batch.event_type
    }

    /// What makes the row the same event as another.
    pub(crate) fn identity(&self) -> u128 {
        self.batch.identities[self.at]
    }

    /// The export's name and the SHA-256 of its file, which is empty where it could not be read. Of a converted row the
    /// export that it came from.
    pub(crate) fn export(&self) -> (&'t str, &'t str) {
        let origin = &self.tables.origins[self.tables.place(self.place).0 as usize];
        (&origin.export, &origin.sha256)
    }

    /// The number of the record there, and where it begins.
    pub(crate) fn record(&self) -> (u64, u64) {
        let (_, record, offset) = self.tables.place(self.place);
        (record, offset)
    }
}
