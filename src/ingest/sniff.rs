//! What an export is, by its first bytes: format, schema, and which of its columns are read.

use std::io::Read;

use serde::de::IgnoredAny;

use super::columnar::Form;
use super::json::{self, Ahead};
use super::shape::Demand;
use super::split::Framing;
use crate::schema::{Schema, Schemas};

/// An export that can be read.
#[derive(Debug)]
pub(super) struct Plan<'s> {
    pub(super) schema: &'s Schema,
    pub(super) framing: Framing,
    pub(super) delimiter: u8,
    /// CSV: for each column of the header, its place among `present`, if it is there.
    pub(super) wanted: Vec<Option<usize>>,
    /// The schema's columns that this export has and somebody reads.
    pub(super) present: Vec<usize>,
    /// JSON: the path that all records are wrapped in, with a dot at its end; empty if they are not.
    pub(super) wrapper: &'static str,
    /// Converted exports: the column that holds the identity of each row.
    pub(super) identity: Option<usize>,
    /// Columns that the schema does not know.
    pub(super) unknown: Vec<String>,
    /// Some column holds secrets, so that no record of this export may be shown.
    pub(super) secretive: bool,
}

/// A plan, and the bytes behind the header that were read on the way, with the offset of the first.
pub(super) struct Sniffed<'s> {
    pub(super) plan: Plan<'s>,
    pub(super) pending: Vec<u8>,
    pub(super) offset: u64,
}

/// Why an export cannot be read: what is wrong, and a hint.
pub(super) type Refusal = (String, Option<String>);

const HEAD: u64 = 256 << 10;

/// Reads the head of an export and decides.
pub(super) fn sniff<'s>(reader: &mut dyn Read, schemas: &'s Schemas, demand: &Demand) -> Result<Sniffed<'s>, Refusal> {
    let mut head = Vec::new();
    let failure = reader.take(HEAD).read_to_end(&mut head).err();
    if let Some(failure) = failure.filter(|_| head.is_empty()) {
        return Err((format!("cannot be read: {failure}"), None));
    }
    refuse_other_encodings(&head)?;
    let bom = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    match head[bom..].trim_ascii_start() {
        [] => Err(("is empty".to_owned(), None)),
        [b'{' | b'[', ..] => sniff_json(&head, bom, schemas, demand),
        _ => sniff_csv(&head, bom, schemas, demand),
    }
}

fn refuse_other_encodings(head: &[u8]) -> Result<(), Refusal> {
    let hint = |text: &str| Some(text.to_owned());
    match head {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            Err(("is UTF-16".to_owned(), hint("save it as UTF-8, for example with iconv -f UTF-16 -t UTF-8")))
        }
        [b'P', b'K', 3, 4, ..] => Err((
            "is a zip archive".to_owned(),
            hint("archives inside archives and compressed ones are not read: unpack it"),
        )),
        _ if Form::by_magic(head).is_some() => {
            let what = Form::by_magic(head).map_or("", Form::name);
            let hint = hint("it is read as it is, but not inside an archive or compressed once more: unpack it");
            Err((format!("is {what} inside another file"), hint))
        }
        _ if is_full_of_nuls(&head[..head.len().min(1024)]) => {
            Err(("is binary or UTF-16, not text".to_owned(), hint("exports are UTF-8 text")))
        }
        _ => Ok(()),
    }
}

/// As UTF-16 and binary files are; a NUL in a cell is that row's misfortune.
fn is_full_of_nuls(head: &[u8]) -> bool {
    memchr::memchr_iter(0, head).count() * 8 > head.len()
}

fn sniff_csv<'s>(head: &[u8], bom: usize, schemas: &'s Schemas, demand: &Demand) -> Result<Sniffed<'s>, Refusal> {
    let start = bom + head[bom..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let end = header_end(head, start);
    if end == head.len() && head.len() as u64 == HEAD {
        return Err(("has no line end in its first 256 KiB".to_owned(), None));
    }
    let headers = [b',', b';', b'\t'].map(|delimiter| (delimiter, header_cells(&head[start..end], delimiter)));
    let known = headers.iter().find_map(|(delimiter, header)| Some((*delimiter, header, schemas.sniff(header)?)));
    let Some((delimiter, header, schema)) = known else {
        return Err(unknown_schema(&headers[0].1, schemas));
    };
    let plan = Plan { delimiter, ..plan_of_columns(header, schema, schemas, Framing::Csv, demand)? };
    Ok(Sniffed { plan, pending: head[end..].to_vec(), offset: end as u64 })
}

/// The plan of an export that has these columns in all records, in this order.
pub(super) fn plan_of_columns<'s>(
    header: &[String],
    schema: &'s Schema,
    schemas: &Schemas,
    framing: Framing,
    demand: &Demand,
) -> Result<Plan<'s>, Refusal> {
    let columns = schema.columns_of(header);
    refuse_missing(schema, &columns)?;
    let unknown = header.iter().zip(&columns).filter(|(_, column)| column.is_none());
    let unknown = unknown.map(|(name, _)| name.clone()).collect();
    let wanted: Vec<Option<usize>> =
        columns.into_iter().map(|column| column.filter(|column| demand.reads(schema, *column))).collect();
    let present = present(wanted.iter().copied().flatten());
    let place = |column: usize| present.iter().position(|known| *known == column);
    let wanted = wanted.into_iter().map(|column| column.and_then(place)).collect();
    let secretive = header.iter().any(|name| schemas.knows(name).1);
    let (delimiter, wrapper, identity) = (b',', "", None);
    Ok(Plan { schema, framing, delimiter, wanted, present, wrapper, identity, unknown, secretive })
}

fn sniff_json<'s>(head: &[u8], bom: usize, schemas: &'s Schemas, demand: &Demand) -> Result<Sniffed<'s>, Refusal> {
    let (framing, start) = json_framing(head, bom);
    let text = &head[start..];
    let objects = match framing {
        Framing::Lines => json::objects(text, true),
        _ => json::first_objects(text, (head.len() as u64) < HEAD),
    };
    let mut names: Vec<String> = Vec::new();
    for (from, to) in objects.into_iter().take(json::SAMPLE) {
        for path in json::key_paths(&text[from..to]) {
            if !names.contains(&path) {
                names.push(path);
            }
        }
    }
    if names.is_empty() {
        let what = "has no records that are JSON objects".to_owned();
        return Err((what, Some("exports are arrays, query results or lines of JSON objects".to_owned())));
    }
    let (wrapper, names, schema) = json::unwrapped(&names, schemas).ok_or_else(|| unknown_schema(&names, schemas))?;
    let columns = schema.columns_of(&names);
    refuse_missing(schema, &columns)?;
    let unknown = names.iter().filter(|name| !is_known(schema, name)).cloned().collect();
    // A later record may have what the first ones lack, so every column that somebody reads counts as present.
    let read = (0..schema.columns.len()).filter(|column| demand.reads(schema, *column));
    let plan = Plan {
        schema,
        framing,
        delimiter: b',',
        wanted: Vec::new(),
        present: present(read),
        wrapper,
        identity: None,
        unknown,
        // A later record may have a column that the first ones lack.
        secretive: schema.columns.iter().any(|column| column.secret) || names.iter().any(|name| schemas.knows(name).1),
    };
    Ok(Sniffed { plan, pending: head[start..].to_vec(), offset: start as u64 })
}

/// Whether a path or what it is part of is a column (`Records.totalSize` is part of `Records`), or says which object it
/// is that a record is of.
fn is_known(schema: &Schema, path: &str) -> bool {
    let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
    let parents: Vec<String> = ends.map(|end| path[..end].to_owned()).collect();
    path.ends_with("attributes.type") || schema.columns_of(&parents).iter().any(Option::is_some)
}

/// Lines of objects, or a document: an array, objects one after another, query results.
fn json_framing(head: &[u8], bom: usize) -> (Framing, usize) {
    let start = bom + head[bom..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let is_envelope =
        || matches!(json::records_ahead(&head[start..], 0, true), Ahead::Records { depth, .. } if depth > 0);
    if head[start] == b'[' || is_envelope() {
        return (Framing::Objects, start);
    }
    // The first line may be cut off, as when a log was rotated: any line that is a whole object tells.
    let is_object = |line: &&[u8]| line.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(line).is_ok();
    let by_line = head[start..].split(|byte| *byte == b'\n').take(100).find(is_object).is_some();
    (if by_line { Framing::Lines } else { Framing::Objects }, start)
}

fn present(columns: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut present: Vec<usize> = columns.collect();
    present.sort_unstable();
    present.dedup();
    present
}

fn header_end(head: &[u8], from: usize) -> usize {
    let mut inside = false;
    for at in memchr::memchr2_iter(b'"', b'\n', &head[from..]) {
        match head[from + at] {
            b'"' => inside = !inside,
            _ if !inside => return from + at + 1,
            _ => {}
        }
    }
    head.len()
}

fn header_cells(header: &[u8], delimiter: u8) -> Vec<String> {
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(header);
    let record = reader.byte_records().next().and_then(Result::ok).unwrap_or_default();
    record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
}

fn refuse_missing(schema: &Schema, columns: &[Option<usize>]) -> Result<(), Refusal> {
    for (index, column) in schema.columns.iter().enumerate() {
        if column.required && !columns.contains(&Some(index)) {
            let what = format!("looks like {}, but has no column {}", schema.event_type, column.name);
            return Err((what, Some(format!("add {} to the query and export again", column.name))));
        }
    }
    Ok(())
}

pub(super) fn unknown_schema(header: &[String], schemas: &Schemas) -> Refusal {
    // A file without a header would show its first row here, secrets and all. A row has times and numbers, a header not.
    let is_header = header.iter().all(|cell| is_a_name(cell));
    let names: Vec<&str> = header.iter().filter(|_| is_header).map(String::as_str).take(6).collect();
    let more = if header.len() > names.len() { ", …" } else { "" };
    let what = match names.as_slice() {
        [] => format!("no schema fits its {} columns, and its first line is no header", header.len()),
        names => format!("no schema fits its {} columns: {}{more}", header.len(), names.join(", ")),
    };
    let hint = schemas.nearest(header).map_or_else(
        || "list the known event types with: tokentrail schemas".to_owned(),
        |schema| format!("nearest is {}; see its columns with: tokentrail schemas {0}", schema.event_type),
    );
    (what, Some(hint))
}

fn is_a_name(text: &str) -> bool {
    text.len() <= 40
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || " _.".contains(letter))
        && text.chars().filter(char::is_ascii_digit).count() < 3
}
