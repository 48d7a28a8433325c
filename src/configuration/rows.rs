//! Rows of `ConnectedApplication`, `SetupEntityAccess` and `PermissionSetAssignment`, as queries give them out: CSV with a header, JSON query
//! results (`records`, `result.records`), arrays, or one object a line.
//!
//! Source of columns: Object Reference, `ConnectedApplication`, `SetupEntityAccess`, `PermissionSetAssignment`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::{Deserializer, Map, Value};

use crate::schema::match_key;

/// Cells by column, as columns are matched; those of a nested object go by its path.
pub(super) type Row = BTreeMap<String, String>;

/// What rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `ConnectedApplication`.
    Apps,
    /// `SetupEntityAccess`.
    Access,
    /// `PermissionSetAssignment`.
    Assignments,
}

/// What the first bytes of a file show that its rows are.
pub(super) fn kind_of(head: &str) -> Option<Kind> {
    let head = head.trim_start_matches('\u{feff}').trim_start();
    let shown = if head.starts_with(['{', '[']) { head } else { head.lines().next()? };
    let has = |column: &str| shown.contains(column);
    if has("SetupEntityId") && has("ParentId") {
        return Some(Kind::Access);
    }
    if has("AssigneeId") && has("PermissionSetId") {
        return Some(Kind::Assignments);
    }
    // Other rows have `ConnectedApplication` as a value, under other keys.
    let names_itself = || {
        let compact: String = head.split_whitespace().collect();
        head.starts_with(['{', '[']) && compact.contains("\"type\":\"ConnectedApplication\"")
    };
    let is_apps =
        has("OptionsAllowAdminApprovedUsersOnly") || has("OptionsRefreshTokenValidityMetric") || names_itself();
    (is_apps && has("Name")).then_some(Kind::Apps)
}

/// Whether a file holds rows that say who has access: configuration alone, and no export to be scanned.
pub(super) fn are_of_access(path: &Path) -> bool {
    let is_text = path.extension().is_some_and(|ending| ending == "csv" || ending == "json");
    let head = || -> std::io::Result<String> {
        let mut head = Vec::new();
        File::open(path)?.take(1024).read_to_end(&mut head)?;
        Ok(String::from_utf8_lossy(&head).into_owned())
    };
    let kind = is_text.then(head).and_then(Result::ok).and_then(|head| kind_of(&head));
    matches!(kind, Some(Kind::Access | Kind::Assignments))
}

/// The rows of a file, or why it does not read.
pub(super) fn read(text: &str) -> Result<Vec<Row>, String> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with(['{', '[']) { json(text) } else { csv(text) }
}

fn csv(text: &str) -> Result<Vec<Row>, String> {
    let header = text.lines().next().unwrap_or_default();
    let delimiter =
        [b',', b';', b'\t'].into_iter().max_by_key(|mark| header.bytes().filter(|byte| byte == mark).count());
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter.unwrap_or(b',')).from_reader(text.as_bytes());
    let columns: Vec<String> = reader.headers().map_err(|error| error.to_string())?.iter().map(match_key).collect();
    let mut rows = Vec::new();
    for (index, record) in reader.records().enumerate() {
        // The error of the library repeats nothing of the record.
        let record =
            record.map_err(|_| format!("record {}: has another number of cells than the header", index + 1))?;
        rows.push(columns.iter().cloned().zip(record.iter().map(|cell| cell.trim().to_owned())).collect());
    }
    Ok(rows)
}

fn json(text: &str) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for value in Deserializer::from_str(text).into_iter::<Value>() {
        gather(value.map_err(|error| format!("is not JSON: line {}", error.line()))?, &mut rows);
    }
    Ok(rows)
}

fn gather(value: Value, rows: &mut Vec<Row>) {
    match value {
        Value::Array(values) => values.into_iter().for_each(|value| gather(value, rows)),
        Value::Object(mut object) => {
            if let Some(inner) = object.remove("result").or_else(|| object.remove("records")) {
                return gather(inner, rows);
            }
            let mut row = Row::new();
            cells(&object, "", &mut row);
            rows.push(row);
        }
        _ => {}
    }
}

fn cells(object: &Map<String, Value>, path: &str, row: &mut Row) {
    for (key, value) in object {
        let column = format!("{path}{}", match_key(key));
        match value {
            Value::Object(inner) => cells(inner, &format!("{column}."), row),
            Value::String(text) => {
                row.insert(column, text.trim().to_owned());
            }
            Value::Bool(_) | Value::Number(_) => {
                row.insert(column, value.to_string());
            }
            _ => {}
        }
    }
}
