//! Rows of exports in columns, read again: by the same code that read them the first time.

use std::io;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use arrow::record_batch::RecordBatch;

use super::parquet::Parquet;
use super::{Columns, Form, guarded, plan, rows_at};
use crate::ingest::read_back::{Origin, ReadBack};
use crate::ingest::shape::{Demand, Shaper};
use crate::ingest::sniff::Plan;
use crate::ingest::split::Content;
use crate::ingest::{Export, Limits, feed::Task};
use crate::schema::Schemas;

/// Reads rows by their numbers, which are sorted.
pub(in crate::ingest) fn read_back(
    export: &Export,
    form: Form,
    numbers: &[u64],
    schemas: &Schemas,
    demand: &Demand,
    shaper: &mut Shaper<'_>,
) -> io::Result<Vec<ReadBack>> {
    let opened = super::open(export, form, schemas, demand, &Limits::default())
        .map_err(|(what, _)| io::Error::other(format!("has changed: {what}")))?;
    let plan = Arc::new(opened.plan);
    let rows = guarded(|| rows_at(export, form, &plan, numbers)).and_then(|rows| rows).map_err(io::Error::other)?;
    let mut records = Vec::with_capacity(numbers.len());
    let mut rest = numbers;
    for rows in rows {
        let (of_these, others) = rest.split_at(rows.num_rows().min(rest.len()));
        records.extend(again(&rows, &plan, of_these, shaper));
        rest = others;
    }
    let found = records.iter().map(|record| Some(record.offset)).chain(std::iter::repeat(None));
    if let Some((number, _)) = numbers.iter().zip(found).find(|(wanted, found)| Some(**wanted) != *found) {
        return Err(io::Error::other(format!("has changed: no usable row {number}")));
    }
    if plan.identity.is_some() {
        add_origins(&mut records, guarded(|| origins(export, numbers)).and_then(|origins| origins));
    }
    Ok(records)
}

/// The rows are what they are, also where it cannot be read where they come from.
fn add_origins(records: &mut [ReadBack], origins: Result<Vec<Origin>, String>) {
    let lost = origins.as_ref().err().cloned().unwrap_or_default();
    let mut origins = origins.unwrap_or_default().into_iter();
    for record in records {
        record.origin = Some(origins.next().ok_or_else(|| lost.clone()));
    }
}

/// Rows with these numbers.
fn again(rows: &RecordBatch, plan: &Arc<Plan<'_>>, numbers: &[u64], shaper: &mut Shaper<'_>) -> Vec<ReadBack> {
    let Ok(columns) = Columns::of(rows, plan) else { return Vec::new() };
    let picked = numbers.iter().map(|number| (0, *number)).collect();
    let task = Task { rows: Some(Arc::new(columns)), picked, ..Task::new(0, plan, Content::Columns, 0) };
    shaper.read_again(&task, &[])
}

/// Where rows of a converted export come from.
fn origins(export: &Export, numbers: &[u64]) -> Result<Vec<Origin>, String> {
    let file = Parquet::open(export, &Limits::default())?;
    let rows = file.project_by_name(&plan::ORIGIN).rows_at(numbers)?;
    rows.iter().flat_map(|rows| (0..rows.num_rows()).map(|row| origin(&rows.slice(row, 1)))).collect()
}

fn origin(row: &RecordBatch) -> Result<Origin, String> {
    let column = |name: &str, data_type: &DataType| {
        let column = row.column_by_name(name).ok_or_else(|| format!("a converted export without the column {name}"))?;
        cast(column, data_type).map_err(|error| error.to_string())
    };
    let text = |name: &str| Ok::<_, String>(column(name, &DataType::Utf8)?.as_string::<i32>().value(0).to_owned());
    let number = |name: &str| {
        let number = column(name, &DataType::Int64)?.as_primitive::<Int64Type>().value(0);
        u64::try_from(number).map_err(|_| format!("{name} is negative"))
    };
    let [export, sha256, record, offset] = plan::ORIGIN;
    Ok(Origin { export: text(export)?, sha256: text(sha256)?, record: number(record)?, offset: number(offset)? })
}
