//! What the exports of one event type and organisation cover.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::hours::{ByHour, Hours};
use super::late::{Late, late};
use super::tally::{Part, Tally, Texts, WITHOUT};
use crate::batch::{Role, Table};
use crate::engine::Scan;
use crate::ingest::{ReadExport, Reason, RemarkKind};
use crate::schema::Schema;
use crate::value::{Time, id};

/// What the exports of one event type and organisation cover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Covered {
    /// The organisation: as rows name it, else as the user does, else `unknown`.
    pub org: String,
    /// The event type's name at Salesforce.
    pub event_type: String,
    /// The table that its rows belong to.
    pub table: &'static str,
    /// Rows read: those used, quarantined and repeated.
    pub read: u64,
    /// Rows that count.
    pub used: u64,
    /// Copies of rows read before.
    pub repeated: u64,
    /// Rows that could not be used, by reason.
    pub quarantined: BTreeMap<Reason, u64>,
    /// Event time of the first used row.
    pub first: Option<Time>,
    /// Event time of the last used row.
    pub last: Option<Time>,
    /// Hours with and without rows; nothing where silence is normal, as for a list of tokens.
    pub hours: Option<Hours>,
    /// Used rows by UTC hour, where `hours` is known.
    #[serde(serialize_with = "by_time")]
    pub rows_by_hour: ByHour,
    /// Used rows by UTC day, where `hours` is known.
    #[serde(serialize_with = "by_time")]
    pub rows_by_day: ByHour,
    /// The exports, by name.
    pub exports: Vec<ExportCovered>,
    /// Exports that bring rows for hours that others had covered.
    pub late: Vec<Late>,
    /// Columns that the schema does not know.
    pub unknown_columns: BTreeSet<String>,
    /// Codes that nobody knows, by column.
    pub unknown_values: Vec<ColumnTexts>,
    /// Cells that say in some way that they say nothing, by column.
    pub placeholders: Vec<ColumnTexts>,
    /// Addresses that are none, by column. Their rows count as rows without an address.
    pub unreadable_addresses: Vec<ColumnTexts>,
    /// Used rows that do not tell who and where.
    pub without: Without,
}

/// What one export gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExportCovered {
    /// Its path as it was given.
    pub export: String,
    /// Rows read: those used, quarantined and repeated.
    pub read: u64,
    /// Rows that count.
    pub used: u64,
    /// Copies of rows read before, in this export or an earlier one.
    pub repeated: u64,
    /// Rows that could not be used.
    pub quarantined: u64,
    /// Event time of the first used row.
    pub first: Option<Time>,
    /// Event time of the last used row.
    pub last: Option<Time>,
}

/// Texts of a column, counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnTexts {
    /// The column's name in the schema.
    pub column: String,
    /// Used rows with such a text.
    pub rows: u64,
    /// The texts, most frequent first.
    pub values: Vec<TextCount>,
    /// Rows with further texts, of which there were too many to keep.
    pub rows_of_others: u64,
}

/// A text and how many rows have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextCount {
    /// As it stands in the export, shortened. Hostile text.
    pub value: String,
    /// Used rows.
    pub rows: u64,
}

/// Used rows without a value; nothing where the event type has no such column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Without {
    /// Rows that name no connected app.
    pub app: Option<u64>,
    /// Rows without an address: none given, a placeholder, or unreadable.
    pub address: Option<u64>,
    /// Rows that name no user.
    pub user: Option<u64>,
}

/// The parts of one event type and organisation.
struct Group<'s> {
    schema: &'s Schema,
    exports: Vec<(u32, Part)>,
    quarantined: BTreeMap<u32, BTreeMap<Reason, u64>>,
    unknown_columns: BTreeSet<String>,
}

/// The parts of organisations, by export and event type.
type ByType = BTreeMap<(u32, Arc<str>), Vec<(String, Part)>>;

/// All that is covered, by organisation and event type.
pub(super) fn covered(
    scan: &Scan<'_>,
    exports: &[ReadExport<'_>],
    tally: Tally,
    rejections: &BTreeMap<String, BTreeMap<Reason, u64>>,
) -> Vec<Covered> {
    let given = scan.org.map(|org| id::canonical(org.as_bytes()).unwrap_or_else(|| org.to_owned()));
    let fallback = given.unwrap_or_else(|| "unknown".to_owned());
    let mut parts = ByType::new();
    for ((export, event_type, org), part) in tally.parts {
        let of_export = parts.entry((export, event_type)).or_default();
        let org = org.unwrap_or_else(|| fallback.clone());
        // The rows that name no organisation may be those of one that others name.
        match of_export.iter_mut().find(|(known, _)| *known == org) {
            Some((_, known)) => known.merge(part),
            None => of_export.push((org, part)),
        }
    }
    let mut groups: BTreeMap<(String, String), Group<'_>> = BTreeMap::new();
    for read in exports {
        let mut of_export = parts.remove(&(read.export, read.schema.event_type.as_str().into())).unwrap_or_default();
        // A row that could not be used belongs to the organisation of its export, if that has one only.
        let home = if let [(org, _)] = of_export.as_slice() { org.clone() } else { fallback.clone() };
        let rejected = rejections.get(&scan.exports[read.export as usize].name);
        if of_export.is_empty() || (rejected.is_some() && of_export.iter().all(|(org, _)| *org != home)) {
            of_export.push((home.clone(), Part::default()));
        }
        for (org, part) in of_export {
            let key = (org.clone(), read.schema.event_type.clone());
            let group = groups.entry(key).or_insert_with(|| Group::new(read.schema));
            group.exports.push((read.export, part));
            group.unknown_columns.extend(read.unknown_columns.iter().cloned());
            if let Some(rejected) = rejected.filter(|_| org == home) {
                group.quarantined.insert(read.export, rejected.clone());
            }
        }
    }
    // What is left is of event types that their exports hold besides.
    for ((export, event_type), of_export) in parts {
        let Some(schema) = scan.schemas.called(&event_type) else { continue };
        for (org, part) in of_export {
            let group = groups.entry((org, event_type.to_string())).or_insert_with(|| Group::new(schema));
            group.exports.push((export, part));
        }
    }
    groups.into_iter().map(|((org, _), group)| group.covered(scan, org)).collect()
}

impl<'s> Group<'s> {
    fn new(schema: &'s Schema) -> Self {
        Self { schema, exports: Vec::new(), quarantined: BTreeMap::new(), unknown_columns: BTreeSet::new() }
    }

    fn covered(self, scan: &Scan<'_>, org: String) -> Covered {
        let Self { schema, exports: parts, quarantined: by_export, unknown_columns } = self;
        let exports: Vec<ExportCovered> = parts
            .iter()
            .map(|(export, part)| {
                let rejected = by_export.get(export).map_or(0, |reasons| reasons.values().sum());
                export_covered(scan.exports[*export as usize].name.clone(), part, rejected)
            })
            .collect();
        let mut quarantined: BTreeMap<Reason, u64> = BTreeMap::new();
        for (reason, rows) in by_export.values().flatten() {
            *quarantined.entry(*reason).or_default() += rows;
        }
        let late = if is_steady(schema.table) { late(&parts, &exports, scan.exports) } else { Vec::new() };
        let mut all = Part::default();
        for (_, part) in parts {
            all.merge(part);
        }
        let rows_by_hour = if is_steady(schema.table) { all.used.clone() } else { ByHour::new() };
        let sum = |count: fn(&ExportCovered) -> u64| exports.iter().map(count).sum();
        Covered {
            org,
            event_type: schema.event_type.clone(),
            table: schema.table.name(),
            read: sum(|export| export.read),
            used: sum(|export| export.used),
            repeated: sum(|export| export.repeated),
            quarantined,
            first: all.span.map(|span| Time(span.0)),
            last: all.span.map(|span| Time(span.1)),
            hours: is_steady(schema.table).then(|| Hours::of(&rows_by_hour)),
            rows_by_day: by_day(&rows_by_hour),
            rows_by_hour,
            late,
            unknown_columns,
            unknown_values: texts(schema, &all, RemarkKind::UnknownCode),
            placeholders: texts(schema, &all, RemarkKind::Placeholder),
            unreadable_addresses: texts(schema, &all, RemarkKind::NoAddress),
            without: without(schema, &all),
            exports,
        }
    }
}

/// Whether rows come at all hours, so that an hour without any deserves a question.
fn is_steady(table: Table) -> bool {
    match table {
        Table::Calls | Table::Logins | Table::Assertions | Table::Pages | Table::Sessions | Table::Callouts => true,
        Table::Tokens | Table::SetupChanges | Table::Anomalies | Table::Places | Table::Apps | Table::Users => false,
    }
}

fn export_covered(export: String, part: &Part, quarantined: u64) -> ExportCovered {
    let (usable, used) = (part.usable.values().sum::<u64>(), part.used.values().sum::<u64>());
    ExportCovered {
        export,
        read: usable + quarantined,
        used,
        repeated: usable - used,
        quarantined,
        first: part.span.map(|span| Time(span.0)),
        last: part.span.map(|span| Time(span.1)),
    }
}

fn by_day(rows: &ByHour) -> ByHour {
    let mut days = ByHour::new();
    for (hour, rows) in rows {
        *days.entry(hour.div_euclid(24) * 24).or_default() += rows;
    }
    days
}

fn texts(schema: &Schema, part: &Part, kind: RemarkKind) -> Vec<ColumnTexts> {
    let of_kind = part.remarks.iter().filter(|((_, known), _)| *known == kind);
    let column = |((column, _), texts): (&(usize, RemarkKind), &Texts)| {
        let mut values: Vec<TextCount> =
            texts.kept.iter().map(|(value, rows)| TextCount { value: value.clone(), rows: *rows }).collect();
        values.sort_by_key(|text| Reverse(text.rows));
        let rows_of_others = texts.let_go();
        ColumnTexts { column: schema.columns[*column].name.clone(), rows: texts.rows, values, rows_of_others }
    };
    of_kind.map(column).collect()
}

fn without(schema: &Schema, part: &Part) -> Without {
    let has = |role: Role| schema.columns.iter().any(|column| column.role == Some(role));
    // A username stands in for a user.
    let has = |role: Role| has(role) || (role == Role::User && has(Role::Username));
    let [app, address, user] = [0, 1, 2].map(|place| has(WITHOUT[place]).then_some(part.without[place]));
    Without { app, address, user }
}

/// Hours by the time they begin, as the keys of an object.
fn by_time<S: Serializer>(rows: &ByHour, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(rows.iter().map(|(hour, rows)| (Time::of_hours(*hour).to_string(), rows)))
}
