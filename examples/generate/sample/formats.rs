//! The export forms: CSV in its variants, REST query results, NDJSON, gzip.
//!
//! Knows nothing of events. Every form is a list of columns, a text such as `Source IP=SourceIp|Status`:
//! a header, and the field below it where the two differ.

use std::io::Write;

use serde_json::{Map, Value as Json, json};

use super::row::{Row, Value};
use crate::calendar::iso_text;

/// What differs between the tools that write CSV.
#[derive(Clone, Copy)]
pub(super) struct CsvForm {
    pub byte_order_mark: bool,
    pub line_end: &'static str,
    pub quote_everything: bool,
    pub upper_case: bool,
    /// Times end in `Z` and doubles in `.0`; otherwise `+0000`, and whole doubles as integers.
    pub java_style: bool,
}

/// Data Loader on Windows.
pub(super) const DATA_LOADER: CsvForm =
    CsvForm { byte_order_mark: true, line_end: "\r\n", quote_everything: true, upper_case: false, java_style: true };

/// `sf data query --result-format csv` on Linux.
pub(super) const SF_CLI: CsvForm =
    CsvForm { byte_order_mark: false, line_end: "\n", quote_everything: false, upper_case: false, java_style: false };

/// Header and field name of each column.
pub(super) struct Columns(Vec<(&'static str, &'static str)>);

impl Columns {
    pub(super) fn new(list: &'static str) -> Columns {
        let parts = list.split('|').map(|part| part.split_once('=').unwrap_or((part, part)));
        Columns(parts.collect())
    }
}

pub(super) fn csv(rows: &[Row], columns: &'static str, form: CsvForm) -> Vec<u8> {
    let columns = Columns::new(columns);
    let header =
        columns.0.iter().map(|(header, _)| if form.upper_case { header.to_uppercase() } else { (*header).to_owned() });
    let mut text = if form.byte_order_mark { "\u{FEFF}".to_owned() } else { String::new() };
    push_line(&mut text, header, form);
    for row in rows {
        let fields = columns.0.iter().map(|(_, field)| plain(row.get(field), form.java_style));
        push_line(&mut text, fields, form);
    }
    text.into_bytes()
}

/// The same table with five rows among the first that no reader can use: two whose time is none, one
/// too short, one too long, one with nothing in it but a note.
pub(super) fn with_broken_rows(table: Vec<u8>, columns: &Columns) -> Vec<u8> {
    let mut text = String::from_utf8_lossy(&table).into_owned();
    let width = columns.0.len();
    let row = |time: &str, fields: usize| {
        let mut fields = vec!["x"; fields];
        (fields[0], fields[1]) = ("00000000-0000-4000-8000-00000badda7e", time);
        format!("\"{}\"\r\n", fields.join("\",\""))
    };
    let broken = [
        row("yesterday, about noon", width),
        row("2025-07-32T25:61:00.000Z", width),
        row("2025-07-30T12:00:00.000Z", width - 9),
        row("2025-07-30T12:00:01.000Z", width + 4),
        "\"--- copied together by hand, July ---\"\r\n".to_owned(),
    ];
    // After the header; a quoted line break would end in a bare LF, so CRLF is always a row end.
    let mut place = 0;
    for row in broken {
        place += text[place..].find("\r\n").map_or(0, |end| end + 2);
        text.insert_str(place, &row);
        place += row.len();
    }
    text.into_bytes()
}

/// A REST query result: `{"totalSize":…,"done":true,"records":[…]}`.
pub(super) fn rest_result(rows: &[Row], columns: &'static str, object: &str) -> Json {
    let columns = Columns::new(columns);
    let records: Vec<Json> = rows.iter().map(|row| record(row, &columns, object)).collect();
    json!({ "totalSize": records.len(), "done": true, "records": records })
}

/// What `sf data query --json` prints around such a result.
pub(super) fn sf_json(result: Json) -> Vec<u8> {
    format!("{:#}\n", json!({ "status": 0, "result": result })).into_bytes()
}

/// One object a line, under the field names.
pub(super) fn ndjson(rows: &[Row], columns: &'static str) -> Vec<u8> {
    let columns = Columns::new(columns);
    let mut text = String::new();
    for row in rows {
        let object: Map<String, Json> =
            columns.0.iter().map(|(header, field)| ((*header).to_owned(), typed(row.get(field)))).collect();
        text.push_str(&Json::Object(object).to_string());
        text.push('\n');
    }
    text.into_bytes()
}

/// Records of several objects, one a line, each saying in its `attributes` of which object it is.
pub(super) fn lines_of_objects(parts: &[(&'static str, &'static str, Vec<Row>)]) -> Vec<u8> {
    let mut lines: Vec<(i64, String)> = Vec::new();
    for (object, columns, rows) in parts {
        let columns = Columns::new(columns);
        lines.extend(rows.iter().map(|row| (row.time, record(row, &columns, object).to_string())));
    }
    lines.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    lines.into_iter().flat_map(|(_, line)| [line, "\n".to_owned()]).collect::<String>().into_bytes()
}

/// Rows of several event types as a Sentinel table gives them out: names in small letters that end in the type of the
/// value, empty values left out, everything in one table.
pub(super) fn sentinel(parts: &[(&'static str, Vec<Row>)]) -> Vec<u8> {
    let mut lines: Vec<(i64, String)> = Vec::new();
    for (columns, rows) in parts {
        let columns = Columns::new(columns);
        for row in rows {
            let mut object = Map::new();
            object.insert("TenantId".into(), json!("00000000-0000-4000-8000-000000000000"));
            object.insert("TimeGenerated".into(), json!(iso_text(row.time)));
            for (header, field) in &columns.0 {
                let (suffix, value) = match row.get(field) {
                    None => continue,
                    Some(Value::Text(text)) if text.is_empty() => continue,
                    Some(value @ (Value::Integer(_) | Value::Double(_))) => ("d", typed(Some(value))),
                    Some(value) if *header == "TIMESTAMP_DERIVED" => ("t", typed(Some(value))),
                    Some(value) => ("s", typed(Some(value))),
                };
                object.insert(format!("{}_{suffix}", header.to_lowercase()), value);
            }
            object.insert("Type".into(), json!("SalesforceServiceCloud_CL"));
            lines.push((row.time, Json::Object(object).to_string()));
        }
    }
    lines.sort();
    lines.into_iter().flat_map(|(_, line)| [line, "\n".to_owned()]).collect::<String>().into_bytes()
}

/// Without a file name and a time, so that the bytes stay the same.
pub(super) fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn push_line(text: &mut String, fields: impl Iterator<Item = String>, form: CsvForm) {
    for (place, field) in fields.enumerate() {
        if place > 0 {
            text.push(',');
        }
        if form.quote_everything || field.contains(['"', ',', '\n', '\r']) {
            text.push('"');
            text.push_str(&field.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&field);
        }
    }
    text.push_str(form.line_end);
}

fn plain(value: Option<&Value>, java_style: bool) -> String {
    match value {
        None => String::new(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Integer(number)) => number.to_string(),
        Some(Value::Double(number)) if java_style => format!("{number}.0"),
        Some(Value::Double(number)) => number.to_string(),
        Some(Value::Time(time)) if java_style => iso_text(*time),
        Some(Value::Time(time)) => rest_time(*time),
    }
}

fn typed(value: Option<&Value>) -> Json {
    match value {
        None => Json::Null,
        Some(Value::Text(text)) if text.is_empty() => Json::Null,
        Some(Value::Text(text)) => json!(text),
        Some(Value::Integer(number)) => json!(number),
        Some(Value::Double(number)) => json!(*number as f64),
        Some(Value::Time(time)) => json!(rest_time(*time)),
    }
}

/// A record with its `attributes`; a column `User.Username` becomes an object in the object.
fn record(row: &Row, columns: &Columns, object: &str) -> Json {
    let url = format!("/services/data/v64.0/sobjects/{object}/{}", row.text("Id"));
    let mut record = Map::new();
    record.insert("attributes".into(), json!({ "type": object, "url": url }));
    for (header, field) in &columns.0 {
        let value = typed(row.get(field));
        match header.split_once('.') {
            None => record.insert((*header).to_owned(), value),
            Some((parent, child)) => {
                let url = format!("/services/data/v64.0/sobjects/{parent}/{}", row.text("UserId"));
                let attributes = json!({ "type": parent, "url": url });
                record.insert(parent.to_owned(), json!({ "attributes": attributes, child: value }))
            }
        };
    }
    Json::Object(record)
}

/// `2025-08-17T11:11:23.000+0000`.
fn rest_time(time: i64) -> String {
    iso_text(time).replace('Z', "+0000")
}
