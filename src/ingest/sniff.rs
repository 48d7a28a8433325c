//! What an export is, by its first bytes: format, schema, and which of its columns are read.

use std::io::Read;
use std::sync::Arc;

use serde::de::IgnoredAny;

use super::columnar::Form as ColumnarForm;
use super::json::{self, Ahead};
use super::kinds::{Kinds, Said};
use super::shape::Demand;
use super::split::Framing;
use crate::batch::Role;
use crate::schema::{Schema, Schemas, match_key};

/// An export that can be read.
#[derive(Debug)]
pub(super) struct Plan<'s> {
    pub(super) schema: &'s Schema,
    /// The schema's, to share.
    pub(super) event_type: Arc<str>,
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
    /// What else rows may be, where they say their event type themselves.
    pub(super) kinds: Option<Kinds<'s>>,
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

pub(super) fn refuse_other_encodings(head: &[u8]) -> Result<(), Refusal> {
    let hint = |text: &str| Some(text.to_owned());
    match head {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            Err(("is UTF-16".to_owned(), hint("save it as UTF-8, for example with iconv -f UTF-16 -t UTF-8")))
        }
        [b'P', b'K', 3, 4, ..] => Err((
            "is a zip archive".to_owned(),
            hint("archives inside archives and compressed ones are not read: unpack it"),
        )),
        _ if ColumnarForm::by_magic(head).is_some() => {
            let what = ColumnarForm::by_magic(head).map_or("", ColumnarForm::name);
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
    let header_by = |delimiter: u8| header_cells(&head[start..end], delimiter);
    let known = [b',', b';', b'\t'].into_iter().find_map(|delimiter| {
        let header = header_by(delimiter);
        let said = Said::in_csv(&header, &head[end..], delimiter);
        Some((known_schema(&header, said, schemas)?, delimiter, header))
    });
    let Some((known, delimiter, header)) = known else {
        return Err(unknown_schema(&header_by(b','), schemas));
    };
    let (schema, said) = known?;
    let form = Form { framing: Framing::Csv, delimiter, wrapper: "", names: &header };
    let plan = form.plan(schema, said, schemas, demand)?;
    Ok(Sniffed { plan, pending: head[end..].to_vec(), offset: end as u64 })
}

/// The plan of an export that has these columns in all records, in this order.
pub(super) fn plan_of_columns<'s>(
    header: &[String],
    schema: &'s Schema,
    schemas: &'s Schemas,
    framing: Framing,
    demand: &Demand,
) -> Result<Plan<'s>, Refusal> {
    Form { framing, delimiter: b',', wrapper: "", names: header }.plan(schema, None, schemas, demand)
}

fn sniff_json<'s>(head: &[u8], bom: usize, schemas: &'s Schemas, demand: &Demand) -> Result<Sniffed<'s>, Refusal> {
    let (framing, start) = json_framing(head, bom);
    let text = &head[start..];
    let objects = match framing {
        Framing::Lines => json::objects(text, true),
        _ => json::first_objects(text, (head.len() as u64) < HEAD),
    };
    let objects: Vec<&[u8]> = objects.into_iter().take(json::SAMPLE).map(|(from, to)| &text[from..to]).collect();
    let mut names: Vec<String> = Vec::new();
    for object in &objects {
        for path in json::key_paths(object) {
            if !names.contains(&path) {
                names.push(path);
            }
        }
    }
    if names.is_empty() {
        let what = "has no records that are JSON objects".to_owned();
        return Err((what, Some("exports are arrays, query results or lines of JSON objects".to_owned())));
    }
    let unwrapped = json::WRAPPERS.into_iter().find_map(|wrapper| {
        let inside = json::inside(&names, wrapper);
        let said = Said::in_json(&inside, wrapper, &objects);
        Some((known_schema(&inside, said, schemas)?, inside, wrapper))
    });
    let (known, names, wrapper) = unwrapped.ok_or_else(|| unknown_schema(&names, schemas))?;
    let (schema, said) = known?;
    let form = Form { framing, delimiter: b',', wrapper, names: &names };
    let plan = form.plan(schema, said, schemas, demand)?;
    Ok(Sniffed { plan, pending: head[start..].to_vec(), offset: start as u64 })
}

/// The schema of an export's first rows, by what they say of themselves or else by the names of their columns; nothing
/// if no schema fits.
fn known_schema<'s>(
    names: &[String],
    said: Option<Said>,
    schemas: &'s Schemas,
) -> Option<Result<(&'s Schema, Option<Said>), Refusal>> {
    let by_columns = schemas.sniff(names);
    if (said.is_some() || by_columns.is_none()) && lists_files(names) {
        let what = "lists event log files, and none of their rows can be read here".to_owned();
        let hint =
            "download what the column LogFile of each leads to; if it holds the files themselves, unpack the listing";
        return Some(Err((what, Some(hint.to_owned()))));
    }
    let Some(said) = said else { return Some(Ok((by_columns?, None))) };
    // A signer's log may have event types of its own.
    if let Some(schema) = by_columns.filter(|schema| !said.is_said_in(schema)) {
        return Some(Ok((schema, None)));
    }
    match said.first_known(schemas) {
        Some(schema) => Some(Ok((schema, Some(said)))),
        None if said.is_by_the_way() => Some(Ok((by_columns?, None))),
        None => Some(Err(said.refusal())),
    }
}

/// Whether records are rows of `EventLogFile`, which say of which event type a file is.
fn lists_files(names: &[String]) -> bool {
    let has = |key: &str| names.iter().any(|name| match_key(name) == key);
    has("logfile") || has("logfilelength") || has("logdate") && has("interval")
}

/// How an export's records are written: what all its plans share.
pub(super) struct Form<'n> {
    pub(super) framing: Framing,
    pub(super) delimiter: u8,
    /// JSON: the path that all records are wrapped in, with a dot at its end; empty if they are not.
    pub(super) wrapper: &'static str,
    /// The columns of the header, or the keys of the first objects.
    pub(super) names: &'n [String],
}

impl Form<'_> {
    fn plan<'s>(
        &self,
        schema: &'s Schema,
        said: Option<Said>,
        schemas: &'s Schemas,
        demand: &Demand,
    ) -> Result<Plan<'s>, Refusal> {
        let columns = schema.columns_of(self.names);
        refuse_missing(schema, &columns)?;
        let unknown = |name: &&String| {
            let types = said.iter().flat_map(|said| said.known(schemas));
            !std::iter::once(schema).chain(types).any(|schema| is_known(schema, name))
        };
        let unknown = self.names.iter().filter(unknown).cloned().collect();
        let secretive = self.names.iter().any(|name| schemas.knows(name).1);
        let kinds = said.map(|said| Kinds::new(schemas, self, &said, secretive));
        Ok(Plan { unknown, kinds, ..self.bare_plan(schema, secretive, demand) })
    }

    /// The plan for rows of one event type that need not say so.
    pub(super) fn bare_plan<'s>(&self, schema: &'s Schema, secretive: bool, demand: &Demand) -> Plan<'s> {
        let reads = |column: &usize| demand.reads(schema, *column);
        let columns = schema.columns_of(self.names);
        let has_header = matches!(self.framing, Framing::Csv | Framing::Columns);
        // A later object may have what the first ones lack, so every column that somebody reads counts as present.
        let says_type = |column: &usize| schema.columns[*column].role == Some(Role::EventType);
        let of_objects =
            (0..schema.columns.len()).filter(|column| !says_type(column) || columns.contains(&Some(*column)));
        let present: Vec<usize>;
        let mut wanted = Vec::new();
        if has_header {
            // A column that comes twice, under two of its names, has two places: the first cell that says something counts.
            let of_header = columns.iter().enumerate().filter_map(|(at, column)| Some((column.filter(reads)?, at)));
            let mut read: Vec<(usize, usize)> = of_header.collect();
            read.sort_unstable();
            wanted.resize(columns.len(), None);
            for (place, (_, at)) in read.iter().enumerate() {
                wanted[*at] = Some(place);
            }
            present = read.into_iter().map(|(column, _)| column).collect();
        } else {
            present = of_objects.filter(reads).collect();
        }
        let secretive = secretive || !has_header && schema.columns.iter().any(|column| column.secret);
        Plan {
            schema,
            event_type: schema.event_type.as_str().into(),
            framing: self.framing,
            delimiter: self.delimiter,
            wanted,
            present,
            wrapper: self.wrapper,
            identity: None,
            unknown: Vec::new(),
            secretive,
            kinds: None,
        }
    }
}

/// Whether a path or what it is part of is a column (`Records.totalSize` is part of `Records`), or says which object it
/// is that a record is of.
fn is_known(schema: &Schema, path: &str) -> bool {
    let mut ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
    path.ends_with("attributes.type") || ends.any(|end| schema.column(&path[..end]).is_some())
}

/// Lines of objects, or a document: an array, objects one after another, query results.
pub(super) fn json_framing(head: &[u8], bom: usize) -> (Framing, usize) {
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

pub(super) fn header_end(head: &[u8], from: usize) -> usize {
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

pub(super) fn header_cells(header: &[u8], delimiter: u8) -> Vec<String> {
    plain_header_cells(header, delimiter).unwrap_or_else(|| header_cells_by_library(header, delimiter))
}

/// Cells in quotes or without, where no quotes and no delimiters are inside: there may be a header for every few rows.
fn plain_header_cells(header: &[u8], delimiter: u8) -> Option<Vec<String>> {
    let line = std::str::from_utf8(header).ok()?.trim_end_matches(['\r', '\n']);
    if line.is_empty() {
        return None;
    }
    let cell = |cell: &str| {
        let inner = cell.strip_prefix('"').map_or(Some(cell), |cell| cell.strip_suffix('"'))?;
        (!inner.contains(['"', '\r', '\n'])).then(|| inner.trim().to_owned())
    };
    line.split(char::from(delimiter)).map(cell).collect()
}

fn header_cells_by_library(header: &[u8], delimiter: u8) -> Vec<String> {
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(header);
    let record = reader.byte_records().next().and_then(Result::ok).unwrap_or_default();
    record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
}

fn refuse_missing(schema: &Schema, columns: &[Option<usize>]) -> Result<(), Refusal> {
    let is_there = |index: &Option<usize>, role: Option<Role>| {
        index.is_some_and(|index| schema.columns[index].role.is_some() && schema.columns[index].role == role)
    };
    for (index, column) in schema.columns.iter().enumerate().filter(|(_, column)| column.required) {
        if !columns.contains(&Some(index)) && !columns.iter().any(|other| is_there(other, column.role)) {
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

#[cfg(test)]
mod tests {
    use super::{header_cells, header_cells_by_library, plain_header_cells};

    #[test]
    fn plain_headers_are_as_the_library_reads_them() {
        let parts =
            ["a", "\"b c\"", "\"\"", "", " d ", "\" e \"", "f\"", "\"g", "\"h,i\"", "\"j\"\"k\"", "é", "\"l\nm\""];
        let mut plain = 0;
        for first in parts {
            for second in parts {
                for end in ["", "\n", "\r\n"] {
                    let header = format!("{first},{second}{end}");
                    let by_library = header_cells_by_library(header.as_bytes(), b',');
                    plain += usize::from(plain_header_cells(header.as_bytes(), b',').is_some());
                    assert_eq!(header_cells(header.as_bytes(), b','), by_library, "{header:?}");
                }
            }
        }
        assert!(plain > 100, "{plain} of {} are plain", parts.len() * parts.len() * 3);
        assert_eq!(header_cells(b"", b','), Vec::<String>::new());
    }
}
