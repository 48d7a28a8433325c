//! Which columns of an export in columns are read, and whether they can be.

use arrow::datatypes::{DataType, SchemaRef};

use crate::ingest::Demand;
use crate::ingest::sniff::{Plan, Refusal, plan_of_columns, unknown_schema};
use crate::ingest::split::Framing;
use crate::schema::Schemas;

/// The plan of an export with these columns, and which of those that somebody reads cannot be read. `table` is that of
/// a converted export.
pub(super) fn plan<'s>(
    columns: &SchemaRef,
    table: Option<&str>,
    schemas: &'s Schemas,
    demand: &Demand,
) -> Result<(Plan<'s>, Vec<Refusal>), Refusal> {
    let names: Vec<String> = columns.fields().iter().map(|field| field.name().clone()).collect();
    let schema = match table {
        Some(table) => schemas.of_table(table).ok_or_else(|| {
            let hint = "it was converted by another version: convert the exports again".to_owned();
            (format!("holds the table {table:?}, which is not known"), Some(hint))
        })?,
        None => schemas.sniff(&names).ok_or_else(|| unknown_schema(&names, schemas))?,
    };
    if table.is_some() && demand.keeps_event_ids() {
        let hint = "give the exports that it was made from".to_owned();
        return Err(("is converted already".to_owned(), Some(hint)));
    }
    let mut plan = plan_of_columns(&names, schema, schemas, Framing::Columns, demand)?;
    let mut unreadable = Vec::new();
    let mut taken = vec![false; plan.present.len()];
    for (field, wanted) in columns.fields().iter().zip(&mut plan.wanted) {
        let Some(place) = *wanted else { continue };
        if is_readable(field.data_type()) {
            // The first column stays, should its name come twice.
            if std::mem::replace(&mut taken[place], true) {
                *wanted = None;
            }
            continue;
        }
        *wanted = None;
        let what = format!("the column {} has the type {}, which is not read", field.name(), field.data_type());
        let hint = Some("write it as text, number or timestamp".to_owned());
        if schema.columns[plan.present[place]].required {
            return Err((what, hint));
        }
        unreadable.push((what, hint));
    }
    if table.is_some() {
        plan.identity = names.iter().position(|name| name == IDENTITY);
        if plan.identity.is_none_or(|column| *columns.field(column).data_type() != DataType::FixedSizeBinary(16)) {
            let hint = "it was converted by another version, or changed: convert the exports again".to_owned();
            return Err((format!("is a converted export without the column {IDENTITY}"), Some(hint)));
        }
    }
    Ok((plan, unreadable))
}

/// The columns that say where a row of a converted export comes from: export, hash, record, offset.
pub(super) const ORIGIN: [&str; 4] = ["export", "export_sha256", "record", "offset"];

/// The column that says which rows are the same event, in converted exports.
const IDENTITY: &str = "identity";

fn is_readable(data_type: &DataType) -> bool {
    let is_plain = data_type.is_integer()
        || matches!(data_type, DataType::Float16 | DataType::Float32 | DataType::Float64)
        || matches!(data_type, DataType::Decimal128(..) | DataType::Decimal256(..))
        || matches!(data_type, DataType::Boolean | DataType::Timestamp(..) | DataType::Date32 | DataType::Null);
    is_plain || is_text(data_type)
}

/// Strings of any kind, in a dictionary or not.
pub(super) fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

impl Plan<'_> {
    /// The columns of the export that are read, in their order.
    pub(super) fn read_columns(&self) -> Vec<usize> {
        (0..self.wanted.len())
            .filter(|column| self.wanted[*column].is_some() || self.identity == Some(*column))
            .collect()
    }
}
