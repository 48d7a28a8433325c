//! The Parquet file read back: every column with its type, and the same bytes however often it is written.

use std::{fs::File, io::Write};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType},
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Map, Value, json};

use super::{by_name, files, findings, records};
use tokentrail::{emit, finding::Finding};

/// The rows as objects; times are microseconds, what is null is left out.
pub(super) fn rows(bytes: &[u8]) -> Vec<Value> {
    let batches = reader(bytes).build().unwrap().map(Result::unwrap);
    batches.flat_map(|batch| (0..batch.num_rows()).map(move |row| object(&batch, row)).collect::<Vec<_>>()).collect()
}

fn reader(bytes: &[u8]) -> ParquetRecordBatchReaderBuilder<File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    ParquetRecordBatchReaderBuilder::try_new(file).unwrap()
}

fn object(batch: &RecordBatch, row: usize) -> Value {
    let mut object = Map::new();
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        if array.is_valid(row) {
            object.insert(field.name().clone(), value(array, row));
        }
    }
    Value::Object(object)
}

fn value(array: &dyn Array, row: usize) -> Value {
    match array.data_type() {
        DataType::Utf8 => json!(array.as_string::<i32>().value(row)),
        DataType::Int64 => json!(array.as_primitive::<Int64Type>().value(row)),
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) if &**zone == "UTC" => {
            json!(array.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        DataType::List(_) => {
            let texts = array.as_list::<i32>().value(row);
            texts.as_string::<i32>().iter().map(|text| text.unwrap().to_owned()).collect()
        }
        other => panic!("{other} is no type of the table"),
    }
}

#[test]
fn columns_have_their_values_and_types() {
    let row = records(by_name("parquet").as_ref(), &findings()).remove(0);
    let finding = &findings()[0];
    for (column, value) in [
        ("score", json!(72)),
        ("events", json!(412)),
        ("first", json!(finding.first.0)),
        ("last", json!(finding.last.0)),
        ("org", json!("00D5e000000TestEAG")),
        ("techniques", json!(["T1550.001", "T1078.004"])),
        ("seen", json!(["network: 203.0.113.0/24", "client: example-client/2.1 (X11; Linux)"])),
        ("score_parts", json!(["new network: +45", "integration user: +37", "no rows read: -10"])),
        ("evidence_total", json!(412)),
    ] {
        assert_eq!(row[column], value, "{column}");
    }
    assert_eq!(row.get("assertion"), None, "unknown is null");
}

#[test]
fn columns_are_those_of_csv_in_the_same_order() {
    let csv = files(by_name("csv").as_ref(), &[]).into_values().next().unwrap();
    let header = String::from_utf8(csv).unwrap();
    let table = files(by_name("parquet").as_ref(), &[]).into_values().next().unwrap();
    let columns: Vec<String> = reader(&table).schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(columns.join(","), header.trim_end());
}

#[test]
fn many_findings_are_one_file_and_a_single_one_is_written_the_same_way() {
    let many: Vec<Finding> = findings().into_iter().cycle().take(5000).collect();
    let written = files(by_name("parquet").as_ref(), &many);
    assert_eq!(written.keys().collect::<Vec<_>>(), ["findings.parquet"]);
    assert_eq!(rows(&written["findings.parquet"]).len(), 5000);
    assert_eq!(written, files(by_name("parquet").as_ref(), &many), "the same bytes again");
    let mut single = Vec::new();
    let parquet = emit::all(super::GENERATED).into_iter().find(|emitter| emitter.name() == "parquet").unwrap();
    parquet.emit(&many[0], &mut single).unwrap();
    assert_eq!(files(parquet.as_ref(), &many[..1])["findings.parquet"], single);
}
