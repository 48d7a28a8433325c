//! The schemas of converted exports: a column for each role, named after it, and where each row comes from.

use std::collections::BTreeMap;

use super::{CellType, ColumnSchema, Schema};
use crate::batch::{Kind, Role, Table};

/// Roles that are made from others. They are written for those who query the files, and made anew when those are read.
const DERIVED: [Role; 14] = [
    Role::Network,
    Role::Use,
    Role::Claims,
    Role::Fingerprint,
    Role::Columns,
    Role::Provider,
    Role::NetworkClass,
    Role::Origin,
    Role::ClientFamily,
    Role::Probe,
    Role::Shape,
    Role::Selection,
    Role::Hunted,
    Role::Resource,
];

/// The columns that say where a row comes from. `identity` is what makes two rows the same event.
pub(crate) const PROVENANCE: [&str; 6] = ["event_type", "export", "export_sha256", "record", "offset", "identity"];

/// One schema for each table.
pub(super) fn all() -> Vec<Schema> {
    Table::ALL.into_iter().map(of).collect()
}

fn of(table: Table) -> Schema {
    let column = |name: &str, cell: CellType, role: Option<Role>| ColumnSchema {
        name: name.to_owned(),
        also: Vec::new(),
        cell,
        role,
        and_role: None,
        required: false,
        secret: false,
        personal: false,
    };
    let of_role = |role: &Role| {
        let cell = match role.kind() {
            Kind::Time => CellType::Time,
            Kind::Number => CellType::Number,
            _ if *role == Role::SourceIp => CellType::Address,
            _ => CellType::Text,
        };
        column(role.name(), cell, Some(*role).filter(|role| !DERIVED.contains(role)))
    };
    // The original event type is the log that a row comes from.
    let log = |name: &str| Some(Role::Log).filter(|_| name == PROVENANCE[0]);
    let provenance = PROVENANCE.iter().map(|name| column(name, CellType::Text, log(name)));
    Schema {
        event_type: format!("converted {}", table.name()),
        called: Vec::new(),
        title: format!("Rows of the table {}, converted from exports", table.name()),
        source: "tokentrail convert".to_owned(),
        table,
        known_by: Vec::new(),
        unless: Vec::new(),
        identity: Vec::new(),
        implies: BTreeMap::new(),
        // The event type is among what says where a row comes from.
        columns: Role::ALL
            .iter()
            .filter(|role| !matches!(role, Role::EventType | Role::Log))
            .map(of_role)
            .chain(provenance)
            .collect(),
        by_key: std::collections::HashMap::new(),
    }
    .complete()
}
