//! Where rows of converted exports come from, as their own columns say.

use std::collections::HashMap;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use foldhash::fast::FixedState;

use super::parquet::Parquet;
use super::{Form, guarded, plan};
use crate::ingest::{Export, Limits};

/// The origins of rows.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    /// Exports with their hashes.
    pub(crate) exports: Vec<(String, String)>,
    /// Of each row its export, by the place in `exports`, the record's number and where it starts.
    pub(crate) rows: Vec<(u32, u64, u64)>,
}

/// The origins of an export's rows by their numbers, which are sorted; nothing if it was not converted.
pub(crate) fn origins(export: &Export, numbers: &[u64]) -> Result<Option<Origins>, String> {
    if !matches!(Form::of(export), Ok(Some(Form::Parquet))) {
        return Ok(None);
    }
    guarded(|| read(export, numbers)).and_then(|origins| origins)
}

/// The table that was converted into an export; nothing if none was, or it cannot be read.
pub(crate) fn converted_table(export: &Export) -> Option<String> {
    if !matches!(Form::of(export), Ok(Some(Form::Parquet))) {
        return None;
    }
    guarded(|| Parquet::open(export, &Limits::default())).and_then(|file| file).ok()?.table().map(str::to_owned)
}

fn read(export: &Export, numbers: &[u64]) -> Result<Option<Origins>, String> {
    let file = Parquet::open(export, &Limits::default())?;
    if file.table().is_none() {
        return Ok(None);
    }
    let mut origins = Origins::default();
    let mut places: HashMap<(String, String), u32, FixedState> = HashMap::default();
    for rows in file.project_by_name(&plan::ORIGIN).rows_at(numbers)? {
        let column = |name: &str, data_type: &DataType| {
            let column =
                rows.column_by_name(name).ok_or_else(|| format!("a converted export without the column {name}"))?;
            cast(column, data_type).map_err(|error| error.to_string())
        };
        let [export, sha256, record, offset] = plan::ORIGIN;
        let (export, sha256) = (column(export, &DataType::Utf8)?, column(sha256, &DataType::Utf8)?);
        let (export, sha256) = (export.as_string::<i32>(), sha256.as_string::<i32>());
        let (record, offset) = (column(record, &DataType::Int64)?, column(offset, &DataType::Int64)?);
        let (record, offset) = (record.as_primitive::<Int64Type>(), offset.as_primitive::<Int64Type>());
        let mut last: Option<(&str, &str, u32)> = None;
        for row in 0..export.len() {
            let (name, hash) = (export.value(row), sha256.value(row));
            let place = match last {
                Some((before, with, place)) if before == name && with == hash => place,
                _ => *places.entry((name.to_owned(), hash.to_owned())).or_insert_with_key(|(name, hash)| {
                    origins.exports.push((name.clone(), hash.clone()));
                    u32::try_from(origins.exports.len() - 1).unwrap_or(u32::MAX)
                }),
            };
            last = Some((name, hash, place));
            let number = |number: i64| u64::try_from(number).unwrap_or_default();
            origins.rows.push((place, number(record.value(row)), number(offset.value(row))));
        }
    }
    if origins.rows.len() != numbers.len() {
        return Err("has changed while it was read".to_owned());
    }
    Ok(Some(origins))
}
