//! Arrow arrays as cells: numbers and times as they are, everything else as text.

use arrow::array::types::{
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, FixedSizeBinaryArray, Int64Array, PrimitiveArray, StringArray,
    StringViewArray,
};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type, TimeUnit, UInt32Type};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;
use serde_json::{Map, Value};

use crate::batch::NO_NUMBER;
use crate::ingest::sniff::Plan;
use crate::schema::{CellType, ColumnSchema};
use crate::value::time::{DAY, SECOND};

/// The cells of one column.
#[derive(Clone, Debug)]
pub(in crate::ingest) enum Values {
    /// Whole numbers or microseconds; [`NO_NUMBER`] where there is none, [`NOT_HELD`] where it is out of all range.
    Numbers { numbers: Vec<i64>, array: ArrayRef },
    /// Strings, those that are too long for their views in one buffer.
    Text(StringViewArray),
    /// Strings that come again: for each row the place of its string, if it has one.
    Shared { places: ScalarBuffer<u32>, nulls: Option<NullBuffer>, strings: StringArray },
}

/// Stands for a number that 64 bits cannot hold, or that is no number.
pub(in crate::ingest) const NOT_HELD: i64 = i64::MAX;

impl Values {
    /// The column of an export as a schema's column.
    fn of(array: &ArrayRef, column: &ColumnSchema) -> Result<Self, ArrowError> {
        if let Some(numbers) = numbers(array, column.cell)? {
            return Ok(Self::Numbers { numbers, array: array.clone() });
        }
        if matches!(array.data_type(), DataType::Dictionary(..)) {
            let keys = DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::Utf8));
            let array = cast(array, &keys)?;
            let array = array.as_dictionary::<UInt32Type>();
            let (places, nulls) = (array.keys().values().clone(), array.keys().nulls().cloned());
            return Ok(Self::Shared { places, nulls, strings: array.values().as_string::<i32>().clone() });
        }
        let strings = cast(array, &DataType::Utf8View)?;
        let strings = strings.as_string_view();
        let strings = if strings.data_buffers().len() > 1 { strings.gc() } else { strings.clone() };
        if strings.data_buffers().len() > 1 {
            return Err(ArrowError::ComputeError(format!("the column {} has too long strings", column.name)));
        }
        Ok(Self::Text(strings))
    }

    /// A cell's text; empty where there is none, and where it is a number.
    pub(in crate::ingest) fn text(&self, row: usize) -> &[u8] {
        match self {
            Self::Numbers { .. } => b"",
            Self::Text(strings) if strings.is_null(row) => b"",
            Self::Text(strings) => strings.value(row).as_bytes(),
            Self::Shared { nulls: Some(nulls), .. } if nulls.is_null(row) => b"",
            Self::Shared { places, strings, .. } => match places[row] as usize {
                place if strings.is_null(place) => b"",
                place => strings.value(place).as_bytes(),
            },
        }
    }

    /// A cell as people read it; nothing where there is none.
    pub(in crate::ingest) fn shown(&self, row: usize) -> Option<String> {
        match self {
            Self::Numbers { array, .. } if array.is_null(row) => None,
            Self::Numbers { array, .. } => array_value_to_string(array, row).ok(),
            _ => Some(String::from_utf8_lossy(self.text(row)).into_owned()).filter(|text| !text.is_empty()),
        }
    }
}

/// Rows as cells.
#[derive(Debug)]
pub(in crate::ingest) struct Columns {
    /// For each column of the plan, its values, if the export has it.
    pub(in crate::ingest) values: Vec<Option<Values>>,
    /// What makes each row the same event as another, if the export says it itself.
    pub(in crate::ingest) identities: Vec<u128>,
    pub(in crate::ingest) rows: usize,
}

impl Columns {
    /// The rows of a batch, which has the plan's columns only.
    pub(in crate::ingest) fn of(batch: &RecordBatch, plan: &Plan<'_>) -> Result<Self, String> {
        let mut columns =
            Self { values: vec![None; plan.present.len()], identities: Vec::new(), rows: batch.num_rows() };
        for (array, column) in batch.columns().iter().zip(plan.read_columns()) {
            if plan.identity == Some(column) {
                columns.identities = identities(array.as_fixed_size_binary());
            } else if let Some(place) = plan.wanted[column] {
                let values = Values::of(array, &plan.schema.columns[plan.present[place]]);
                columns.values[place] = Some(values.map_err(|error| error.to_string())?);
            }
        }
        Ok(columns)
    }

    /// The cells of a row, as JSON: what stands in for the record where there is no text.
    pub(in crate::ingest) fn shown(&self, plan: &Plan<'_>, row: usize) -> String {
        let cell = |(place, values): (usize, &Option<Values>)| {
            let name = plan.schema.columns[plan.present[place]].name.clone();
            Some((name, Value::String(values.as_ref()?.shown(row)?)))
        };
        Value::Object(self.values.iter().enumerate().filter_map(cell).collect::<Map<_, _>>()).to_string()
    }
}

fn identities(array: &FixedSizeBinaryArray) -> Vec<u128> {
    (0..array.len()).map(|row| array.value(row).try_into().map_or(0, u128::from_be_bytes)).collect()
}

/// Numbers that need not go through text; nothing for all other columns.
fn numbers(array: &ArrayRef, cell: CellType) -> Result<Option<Vec<i64>>, ArrowError> {
    Ok(match (cell, array.data_type()) {
        (CellType::Time, DataType::Timestamp(unit, _)) => Some(match unit {
            TimeUnit::Second => micros::<TimestampSecondType>(array, |time| time.checked_mul(SECOND)),
            TimeUnit::Millisecond => micros::<TimestampMillisecondType>(array, |time| time.checked_mul(1000)),
            TimeUnit::Microsecond => micros::<TimestampMicrosecondType>(array, Some),
            TimeUnit::Nanosecond => micros::<TimestampNanosecondType>(array, |time| Some(time.div_euclid(1000))),
        }),
        (CellType::Time, DataType::Date32) => {
            Some(held(array.as_primitive::<Date32Type>(), |day| i64::from(day).checked_mul(DAY)))
        }
        (CellType::Number, DataType::Float16 | DataType::Float32 | DataType::Float64) => {
            let doubles = cast(array, &DataType::Float64)?;
            // Where a number is missing, tables of doubles hold one that is none.
            let whole = |number: f64| if number.is_nan() { Some(NO_NUMBER) } else { truncated(number) };
            Some(held(doubles.as_primitive::<Float64Type>(), whole))
        }
        (CellType::Number, kind) if kind.is_integer() && *kind != DataType::UInt64 => {
            let numbers = cast(array, &DataType::Int64)?;
            let numbers: &Int64Array = numbers.as_primitive();
            Some(held(numbers, |number| (number != NO_NUMBER).then_some(number)))
        }
        _ => None,
    })
}

fn micros<T: ArrowPrimitiveType<Native = i64>>(array: &ArrayRef, micros: impl Fn(i64) -> Option<i64>) -> Vec<i64> {
    held(array.as_primitive::<T>(), micros)
}

fn held<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, convert: impl Fn(T::Native) -> Option<i64>) -> Vec<i64> {
    let number = |value: T::Native| convert(value).unwrap_or(NOT_HELD);
    match array.nulls() {
        None => array.values().iter().map(|value| number(*value)).collect(),
        Some(_) => array.iter().map(|value| value.map_or(NO_NUMBER, number)).collect(),
    }
}

/// As in text: a fraction is dropped, because counts come as doubles.
fn truncated(number: f64) -> Option<i64> {
    let exact = number.abs() < 9e15;
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2^53 survive the way through a double")]
    exact.then_some(number as i64)
}
