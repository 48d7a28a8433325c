//! Arrow to polars, for the relational part of finishing: small tables of ids, numbers and flags.
//!
//! The values are copied. Handing them over in place would take `unsafe` for tables that are small by design.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array, UInt32Array};
use arrow::record_batch::RecordBatch;
use polars::prelude::{Column, DataFrame, NamedFrom, Series};

use crate::error::Error;

/// An Arrow table of equally long columns.
///
/// # Errors
/// If the columns are not equally long: a defect.
pub(crate) fn table(columns: Vec<(&str, ArrayRef)>) -> Result<RecordBatch, Error> {
    RecordBatch::try_from_iter(columns).map_err(|error| Error::Frame(error.to_string()))
}

/// A column of ids.
pub(crate) fn ids(values: Vec<u32>) -> ArrayRef {
    Arc::new(UInt32Array::from(values))
}

/// A column of whole numbers or times in microseconds.
pub(crate) fn numbers(values: Vec<i64>) -> ArrayRef {
    Arc::new(Int64Array::from(values))
}

/// A polars frame with the columns of an Arrow table.
///
/// # Errors
/// If a column has a type that states do not have: a defect.
pub(crate) fn frame(table: &RecordBatch) -> Result<DataFrame, Error> {
    let schema = table.schema();
    let columns = schema.fields().iter().zip(table.columns());
    let columns = columns.map(|(field, array)| column(field.name(), array)).collect::<Result<Vec<_>, _>>()?;
    DataFrame::new(table.num_rows(), columns).map_err(|error| Error::Frame(error.to_string()))
}

fn column(name: &str, array: &ArrayRef) -> Result<Column, Error> {
    let any = array.as_any();
    let series = if let Some(ids) = any.downcast_ref::<UInt32Array>() {
        Series::new(name.into(), ids.values().as_ref())
    } else if let Some(numbers) = any.downcast_ref::<Int64Array>() {
        Series::new(name.into(), numbers.values().as_ref())
    } else if let Some(flags) = any.downcast_ref::<BooleanArray>() {
        Series::new(name.into(), flags.values().iter().collect::<Vec<bool>>())
    } else {
        return Err(Error::Frame(format!("column {name} has the type {}", array.data_type())));
    };
    Ok(series.into())
}
