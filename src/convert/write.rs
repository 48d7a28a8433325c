//! A table as a Parquet file.

use std::collections::HashMap;
use std::hash::Hash;
use std::io::Write;
use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, FixedSizeBinaryArray, Int64Array, StringArray, UInt32Array};
use arrow::datatypes::{Field, Schema, UInt32Type};
use arrow::record_batch::RecordBatch;
use foldhash::fast::FixedState;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::WriterProperties;

use super::{Origin, Place, Tables};
use crate::batch::{Column, Kind, NO_ID, NO_NUMBER, Role, Table, numbers_to_arrow};
use crate::error::Error;
use crate::ingest::TABLE_KEY;
use crate::schema::PROVENANCE;

/// Rows of a row group: enough for a dictionary to pay, few enough for several workers to have something to do.
const GROUP: usize = 1 << 17;

type Columns = Vec<(&'static str, ArrayRef)>;

pub(super) fn table(tables: &Tables, table: Table, out: impl Write + Send) -> Result<(), Error> {
    let order = tables.in_order(table);
    let roles = roles(tables, table);
    let mut writer: Option<ArrowWriter<_>> = None;
    let mut out = Some(out);
    for places in order.chunks(GROUP) {
        let rows = rows(tables, places, &roles)?;
        if let Some(out) = out.take() {
            writer = Some(ArrowWriter::try_new(out, rows.schema(), Some(properties(table))).map_err(failed)?);
        }
        if let Some(writer) = &mut writer {
            writer.write(&rows).map_err(failed)?;
        }
    }
    writer.map_or(Ok(()), |writer| writer.close().map(|_| ()).map_err(failed))
}

fn failed(error: impl std::error::Error) -> Error {
    Error::Table(error.to_string())
}

/// Nothing in here knows the time, the version or the machine.
fn properties(table: Table) -> WriterProperties {
    WriterProperties::builder()
        .set_created_by("tokentrail".to_owned())
        .set_key_value_metadata(Some(vec![KeyValue::new(TABLE_KEY.to_owned(), table.name().to_owned())]))
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(GROUP))
        .set_sorting_columns(Some(vec![SortingColumn { column_idx: 0, descending: false, nulls_first: true }]))
        .build()
}

/// The roles that some row of the table has a value for, and the time.
fn roles(tables: &Tables, table: Table) -> Vec<Role> {
    let has = |role: Role| {
        tables.of(table).any(|(_, batch)| match batch.column(role) {
            Column::Absent => false,
            Column::Numbers(_) => (0..batch.rows()).any(|row| batch.number(role, row).is_some()),
            Column::Ids(ids) => ids.iter().any(|id| *id != NO_ID),
        })
    };
    // The log is the event type, which is written anyway, under the name of what rows say themselves.
    let is_written = |role: Role| !matches!(role, Role::Log | Role::EventType);
    Role::ALL.iter().copied().filter(|role| *role == Role::Time || is_written(*role) && has(*role)).collect()
}

fn rows(tables: &Tables, places: &[Place], roles: &[Role]) -> Result<RecordBatch, Error> {
    let mut columns: Columns = Vec::with_capacity(roles.len() + PROVENANCE.len());
    for &role in roles {
        let array = match role.kind() {
            Kind::Time | Kind::Number => {
                let numbers = places.iter().map(|place| number(tables, role, *place)).collect::<Vec<i64>>();
                numbers_to_arrow(role, &numbers)
            }
            _ => {
                let id = |place: &Place| Some(id(tables, role, *place)).filter(|id| *id != NO_ID);
                strings(places.iter().map(id), |id| tables.dictionary.text(role.domain(), id))?
            }
        };
        columns.push((role.name(), array));
    }
    columns.extend(provenance(tables, places)?);
    let fields = columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true));
    let schema = Schema::new(fields.collect::<Vec<_>>());
    RecordBatch::try_new(Arc::new(schema), columns.into_iter().map(|(_, array)| array).collect()).map_err(failed)
}

fn number(tables: &Tables, role: Role, place: Place) -> i64 {
    let (batch, row) = tables.at(place);
    batch.number(role, row).unwrap_or(NO_NUMBER)
}

fn id(tables: &Tables, role: Role, place: Place) -> u32 {
    let (batch, row) = tables.at(place);
    batch.id(role, row)
}

/// In the order of [`PROVENANCE`].
fn provenance(tables: &Tables, places: &[Place]) -> Result<Columns, Error> {
    let of_export = |text: fn(&Origin) -> &str| {
        let origins = places.iter().map(|place| Some(tables.place(*place).0));
        strings(origins, |origin| text(&tables.origins[origin as usize]))
    };
    let of_row = |number: &dyn Fn(Place) -> u64| -> ArrayRef {
        Arc::new(places.iter().map(|place| i64::try_from(number(*place)).ok()).collect::<Int64Array>())
    };
    let identities = places.iter().map(|place| {
        let (batch, row) = tables.at(*place);
        batch.identities[row].to_be_bytes()
    });
    let arrays: [ArrayRef; PROVENANCE.len()] = [
        strings(places.iter().map(|place| Some(&*tables.at(*place).0.event_type)), |event_type| event_type)?,
        of_export(|origin| &origin.export)?,
        of_export(|origin| &origin.sha256)?,
        of_row(&|place| tables.place(place).1),
        of_row(&|place| tables.place(place).2),
        Arc::new(FixedSizeBinaryArray::try_from_iter(identities).map_err(failed)?),
    ];
    Ok(PROVENANCE.into_iter().zip(arrays).collect())
}

/// Strings by ids, each distinct one once, in the order in which they come: ids mean nothing outside of a run.
fn strings<'t, I: Copy + Eq + Hash>(
    ids: impl Iterator<Item = Option<I>>,
    text: impl Fn(I) -> &'t str,
) -> Result<ArrayRef, Error> {
    let mut places: HashMap<I, u32, FixedState> = HashMap::default();
    let mut values: Vec<&str> = Vec::new();
    let mut place_of = |id: I| {
        *places.entry(id).or_insert_with(|| {
            values.push(text(id));
            u32::try_from(values.len() - 1).unwrap_or(u32::MAX)
        })
    };
    let keys: UInt32Array = ids.map(|id| id.map(&mut place_of)).collect();
    let values = Arc::new(StringArray::from_iter_values(values));
    Ok(Arc::new(DictionaryArray::<UInt32Type>::try_new(keys, values).map_err(failed)?))
}
