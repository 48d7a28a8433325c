//! A listing of `EventLogFile` with the files in it, as tools that query `LogFile` by its contents write it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::formats::{self, CsvForm};
use super::row::{Row, Value};
use crate::ids::record_id_text;

pub(super) const COLUMNS: &str = "Id|EventType|Interval|Sequence|LogDate|CreatedDate|LogFileLength|LogFile";

/// Hourly files of these event types, columns and rows, in this form.
pub(super) fn hourly(logs: &[(&'static str, &'static str, &[Row])], form: CsvForm) -> Vec<Row> {
    let row = |(number, (event_type, columns, rows)): (u64, &(&'static str, &'static str, &[Row]))| {
        let body = formats::csv(rows, columns, form);
        let time = rows.last().map_or(0, |row| row.time);
        Row::new(time)
            .with("Id", record_id_text("0AT", 34_000_000_000 + number))
            .with("EventType", *event_type)
            .with("Interval", "Hourly")
            .with("Sequence", Value::Integer(1))
            .with("LogDate", Value::Time(time))
            .with("CreatedDate", Value::Time(time))
            .with("LogFileLength", Value::Double(i64::try_from(body.len()).unwrap_or_default()))
            .with("LogFile", STANDARD.encode(body))
    };
    (1..).zip(logs).map(row).collect()
}
