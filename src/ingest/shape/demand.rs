//! Which roles somebody reads.

use super::{derive, queries};
use crate::batch::{Role, Table};
use crate::schema::{CellType, Schema};

/// Which roles somebody reads in which table, so that the other columns need not be touched.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    roles: [u128; Table::ALL.len()],
    unread: bool,
    event_ids: bool,
}

impl Demand {
    /// Asks for roles of tables, and for those that derived ones are made from.
    pub fn add(&mut self, tables: &[Table], roles: impl IntoIterator<Item = Role>) {
        for role in roles {
            let with_sources =
                derive::sources(role).iter().fold(1 << role as u128, |set, source| set | 1 << *source as u128);
            for table in tables {
                self.roles[*table as usize] |= with_sources;
            }
        }
    }

    /// Asks for the cells of columns that nobody reads, too, for a survey of them; but not for secret ones.
    pub(crate) fn add_unread_columns(&mut self) {
        self.unread = true;
    }

    /// Asks for the event identifiers themselves, which are hashed and forgotten otherwise, and for rows as exports have
    /// them: those that were converted already are refused.
    pub fn keep_event_ids(&mut self) {
        self.event_ids = true;
    }

    /// Whether event identifiers are held as text.
    pub(in crate::ingest) fn keeps_event_ids(&self) -> bool {
        self.event_ids
    }

    pub(super) fn has(&self, table: Table, role: Role) -> bool {
        self.roles[table as usize] & (1 << role as u128) != 0
    }

    /// Whether a column of a schema may have to be read: for its role, for what its role stands in for, or to tell a row
    /// from others.
    pub(in crate::ingest) fn reads(&self, schema: &Schema, column: usize) -> bool {
        let column = &schema.columns[column];
        let always = [Role::Time, Role::EventId, Role::EventType, Role::Username, Role::LastUsed, Role::Created];
        let reads =
            |role: Role| self.has(schema.table, role) || always.contains(&role) || schema.identity.contains(&role);
        let tells = column.role == Some(Role::Query) && queries::MADE.iter().any(|role| self.has(schema.table, *role));
        let unread = self.unread && !column.secret;
        tells
            || unread
            || column.cell == CellType::Assertion
            || column.role.is_some_and(reads)
            || column.and_role.is_some_and(reads)
    }
}
