//! The records of any text export, whatever its columns: for those who look for text and not for events.
//!
//! CSV with a header, JSON as query results or lines. No schema, and nothing is turned away: a record with too few or too
//! many cells is a record, and so is what is no JSON. Blocks are those of [`Splitter`], so that memory does not grow with
//! the export.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use csv::{ByteRecord, ReaderBuilder};
use serde_json::{Map, Value};

use super::discover::Export;
use super::json;
use super::open::open;
use super::sniff::{header_cells, header_end, json_framing, refuse_other_encodings};
use super::split::{Content, Framing, Splitter};
use super::{Limits, Problem};

/// So much of an export is looked at to tell its form.
const HEAD: u64 = 256 << 10;

/// An export, cut into blocks of whole records.
pub(crate) struct AnyExport {
    splitter: Splitter,
    form: AnyForm,
}

/// What a block needs to be read by itself.
#[derive(Clone, Debug)]
pub(crate) struct AnyForm {
    framing: Framing,
    delimiter: u8,
    /// The columns of CSV.
    pub(crate) columns: Vec<String>,
}

/// Whole records, or what is left of one.
pub(crate) struct AnyBlock {
    bytes: Vec<u8>,
    offset: u64,
    /// The export ends within the last record, or its quote is never closed.
    pub(crate) is_cut: bool,
}

/// A record, or a record inside of one, which has an id of its own.
pub(crate) struct AnyRecord<'a> {
    /// Its number in the block, from 0.
    pub(crate) number: u64,
    /// Where it starts in the decompressed export.
    pub(crate) offset: u64,
    /// What its column `Id` says.
    pub(crate) id: Option<&'a [u8]>,
    /// What `attributes` says that it is.
    pub(crate) object: Option<&'a str>,
    /// Its cells, and their columns where those are known.
    pub(crate) cells: &'a ByteRecord,
    pub(crate) columns: &'a [String],
}

impl AnyExport {
    /// Opens an export and tells its form.
    ///
    /// # Errors
    /// If it cannot be read, or is no text of records; the problem repeats nothing of what is in it.
    pub(crate) fn open(export: &Export, limits: &Limits, taken: &Arc<AtomicU64>) -> Result<Self, Problem> {
        let problem =
            |what: String, hint: Option<String>| Problem { export: export.name.clone(), offset: None, what, hint };
        let opened = open(export, limits, taken);
        let mut reader = opened.map_err(|error| problem(format!("cannot be read: {error}"), None))?.reader;
        let mut head = Vec::new();
        let failure = reader.by_ref().take(HEAD).read_to_end(&mut head).err();
        if let Some(failure) = failure.filter(|_| head.is_empty()) {
            return Err(problem(format!("cannot be read: {failure}"), None));
        }
        refuse_other_encodings(&head).map_err(|(what, hint)| problem(what, hint))?;
        let bom = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let (form, start) = match head[bom..].trim_ascii_start() {
            [] => return Err(problem("is empty".to_owned(), None)),
            [b'{' | b'[', ..] => {
                let (framing, start) = json_framing(&head, bom);
                (AnyForm { framing, delimiter: 0, columns: Vec::new() }, start)
            }
            _ => csv_form(&head, bom),
        };
        let pending = head.split_off(start);
        Ok(Self { splitter: Splitter::new(reader, form.framing, limits.block_bytes, pending, start as u64), form })
    }

    /// How its blocks are read.
    pub(crate) fn form(&self) -> AnyForm {
        self.form.clone()
    }

    /// The next block, until there are no more.
    pub(crate) fn next_block(&mut self) -> Option<AnyBlock> {
        let mut bytes = Vec::new();
        let (content, offset) = self.splitter.next(&mut bytes)?;
        Some(AnyBlock { bytes, offset, is_cut: matches!(content, Content::OpenQuote | Content::CutOff) })
    }

    /// What reading ended with, if not with the export's end.
    pub(crate) fn failure(&self) -> Option<&io::Error> {
        self.splitter.failure.as_ref()
    }
}

/// The delimiter that makes the most of the first line.
fn csv_form(head: &[u8], bom: usize) -> (AnyForm, usize) {
    let start = bom + head[bom..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let end = header_end(head, start);
    let cells = |delimiter: u8| header_cells(&head[start..end], delimiter);
    let of = |delimiter: u8| AnyForm { framing: Framing::Csv, delimiter, columns: cells(delimiter) };
    let forms = [of(b','), of(b';'), of(b'\t')];
    // Of equally many the first.
    let best = forms.into_iter().rev().max_by_key(|form| form.columns.len());
    (best.unwrap_or_else(|| of(b',')), end)
}

impl AnyBlock {
    /// Shows each record, in order; says how many there were.
    pub(crate) fn records(&self, form: &AnyForm, see: &mut dyn FnMut(&AnyRecord<'_>)) -> u64 {
        if form.framing == Framing::Csv { self.csv(form, see) } else { self.json(form, see) }
    }

    fn csv(&self, form: &AnyForm, see: &mut dyn FnMut(&AnyRecord<'_>)) -> u64 {
        let id = id_column(form.columns.iter().map(String::as_str));
        let mut reader = ReaderBuilder::new();
        let mut reader =
            reader.has_headers(false).flexible(true).delimiter(form.delimiter).from_reader(&self.bytes[..]);
        let (mut cells, mut number) = (ByteRecord::new(), 0);
        while reader.read_byte_record(&mut cells).unwrap_or(false) {
            let offset = self.offset + cells.position().map_or(0, csv::Position::byte);
            let id = id.and_then(|id| cells.get(id));
            see(&AnyRecord { number, offset, id, object: None, cells: &cells, columns: &form.columns });
            number += 1;
        }
        number
    }

    fn json(&self, form: &AnyForm, see: &mut dyn FnMut(&AnyRecord<'_>)) -> u64 {
        let mut number = 0;
        for (start, end) in json::objects(&self.bytes, form.framing == Framing::Lines) {
            let (object, offset) = (&self.bytes[start..end], self.offset + start as u64);
            if let Ok(Value::Object(object)) = serde_json::from_slice(object) {
                Nested { number, offset, see }.object(&object, None);
            } else {
                let cells = ByteRecord::from(vec![object]);
                see(&AnyRecord { number, offset, id: None, object: None, cells: &cells, columns: &[] });
            }
            number += 1;
        }
        number
    }
}

/// The column that holds the record's id.
fn id_column<'c>(columns: impl Iterator<Item = &'c str>) -> Option<usize> {
    let names: Vec<String> = columns.map(crate::schema::match_key).collect();
    ["id", "recordid", "caseid"].iter().find_map(|wanted| names.iter().position(|name| name == wanted))
}

/// Takes a JSON record apart.
struct Nested<'s> {
    number: u64,
    offset: u64,
    see: &'s mut dyn FnMut(&AnyRecord<'_>),
}

/// What is gathered for one id.
#[derive(Default)]
struct Gathered {
    cells: ByteRecord,
    columns: Vec<String>,
}

impl Nested<'_> {
    /// An object with an id is a record; what has none belongs to the one around it.
    fn object(&mut self, object: &Map<String, Value>, outer: Option<(&str, Option<&str>)>) {
        let own = object.iter().find(|(key, _)| key.eq_ignore_ascii_case("id")).and_then(|(_, value)| value.as_str());
        let kind = object.get("attributes").and_then(|attributes| attributes.get("type")).and_then(Value::as_str);
        let known = own.map(|id| (id, kind)).or(outer);
        let mut gathered = Gathered::default();
        self.gather(object, "", known, &mut gathered);
        let (id, object) = known.map_or((None, kind), |(id, kind)| (Some(id.as_bytes()), kind));
        let Gathered { cells, columns } = &gathered;
        (self.see)(&AnyRecord { number: self.number, offset: self.offset, id, object, cells, columns });
    }

    fn gather(
        &mut self,
        object: &Map<String, Value>,
        path: &str,
        known: Option<(&str, Option<&str>)>,
        gathered: &mut Gathered,
    ) {
        for (key, value) in object.iter().filter(|(key, _)| *key != "attributes") {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            self.value(value, &path, known, gathered);
        }
    }

    fn value(&mut self, value: &Value, path: &str, known: Option<(&str, Option<&str>)>, gathered: &mut Gathered) {
        let mut cell = |text: &[u8]| {
            gathered.cells.push_field(text);
            gathered.columns.push(path.to_owned());
        };
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => cell(number.to_string().as_bytes()),
            Value::String(text) => cell(text.as_bytes()),
            Value::Array(items) => {
                for item in items {
                    self.value(item, path, known, gathered);
                }
            }
            Value::Object(object) if object.keys().any(|key| key.eq_ignore_ascii_case("id")) => {
                self.object(object, known);
            }
            Value::Object(object) => self.gather(object, path, known, gathered),
        }
    }
}
