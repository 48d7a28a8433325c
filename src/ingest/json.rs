//! JSON exports: REST query results, `sf data query --json`, several of them in a file, arrays, one object a line, and
//! the events of streams in their wrappers.
//!
//! An object is found by its braces first, so that a broken one spoils itself only, and read into cells then. Nested
//! objects give paths (`User.Username`), as the command-line exports write them.

use std::collections::HashMap;
use std::ops::Range;

use super::cells::Cells;
use super::sniff::Plan;
use crate::schema::{Schema, match_key};

mod envelope;
mod layout;
mod library;
mod quick;
mod scanner;
mod structure;

pub(super) use envelope::{Ahead, SAMPLE, WRAPPERS, first_objects, inside, records_ahead};
pub(super) use scanner::Scanner;

/// Finds the ends of the objects in an array, over pieces of a stream.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    at: usize,
    depth: usize,
    in_string: bool,
    object_end: usize,
    /// The array has ended: what follows are no records.
    pub(super) done: bool,
}

impl Cutter {
    /// The end of the last whole object among the bytes, which are the pending ones of last time and perhaps more.
    pub(super) fn last_object_end(&mut self, bytes: &[u8]) -> Option<usize> {
        while !self.done && self.at < bytes.len() {
            if self.in_string {
                let Some(length) = memchr::memchr2(b'"', b'\\', &bytes[self.at..]) else {
                    self.at = bytes.len();
                    break;
                };
                let escaped = bytes[self.at + length] == b'\\';
                if escaped && self.at + length + 1 >= bytes.len() {
                    self.at += length;
                    break;
                }
                self.at += length + 1 + usize::from(escaped);
                self.in_string = escaped;
                continue;
            }
            // Between objects only braces and the array's end mean something.
            match (self.depth, bytes[self.at]) {
                (0, b'{') => self.depth = 1,
                (0, b']') => {
                    self.done = true;
                    break;
                }
                (0, _) => {}
                (_, b'"') => self.in_string = true,
                (_, b'{' | b'[') => self.depth += 1,
                (_, b'}' | b']') => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        self.object_end = self.at + 1;
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
        (self.object_end > 0).then_some(self.object_end)
    }

    /// Where the array ends, once it has.
    pub(super) fn array_end(&self) -> usize {
        self.at
    }

    /// So many bytes were taken from the front.
    pub(super) fn taken(&mut self, bytes: usize) {
        self.at = self.at.saturating_sub(bytes);
        self.object_end = 0;
        if self.at == 0 {
            self.depth = 0;
            self.in_string = false;
        }
    }
}

/// The objects of a block: where each starts and ends. What is not between braces is passed over if it is blank or a
/// comma, and given out as a (broken) record of its line otherwise.
pub(super) fn objects(block: &[u8], a_line_each: bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = next_start(block, at) {
        at = record_end(block, start, a_line_each);
        found.push((start, at));
    }
    found
}

/// Where the next record starts.
fn next_start(block: &[u8], from: usize) -> Option<usize> {
    let gap = block[from..].iter().position(|byte| !byte.is_ascii_whitespace() && *byte != b',')?;
    Some(from + gap)
}

/// Where the record ends that starts here.
fn record_end(block: &[u8], start: usize, a_line_each: bool) -> usize {
    let rest = &block[start..];
    let length = if a_line_each {
        memchr::memchr(b'\n', rest)
    } else if block[start] == b'{' {
        first_object_end(rest)
    } else {
        memchr::memchr2(b'\n', b'{', rest)
    };
    start + length.unwrap_or(rest.len()).max(1)
}

pub(super) fn first_object_end(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at += string_length(&bytes[at..])?,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// From an opening quote to the closing one.
fn string_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// Which key means which column of the cells. Remembers keys as they come, so that a known one costs one comparison.
#[derive(Debug)]
pub(super) struct Keys<'p> {
    schema: &'p Schema,
    present: &'p [usize],
    wrapper: &'static str,
    known: HashMap<String, Option<usize>>,
    leading: HashMap<String, bool>,
    /// The top-level keys of the last record in their order: the next record most likely has the same.
    order: Vec<(String, Option<usize>)>,
    /// The same, as the quick way knows them.
    expected: Vec<quick::Expected>,
}

impl<'p> Keys<'p> {
    pub(super) fn new(plan: &'p Plan<'_>) -> Self {
        Self { wrapper: plan.wrapper, ..Self::of(plan.schema, &plan.present) }
    }

    fn of(schema: &'p Schema, present: &'p [usize]) -> Self {
        let (known, leading, order, expected) = (HashMap::new(), HashMap::new(), Vec::new(), Vec::new());
        Self { schema, present, wrapper: "", known, leading, order, expected }
    }

    fn column(&mut self, path: &str) -> Option<usize> {
        if let Some(column) = self.known.get(path) {
            return *column;
        }
        let name = path.strip_prefix(self.wrapper).unwrap_or(path);
        let column = self.schema.column(name).or_else(|| self.schema.column(envelope::without_union(name)));
        let column = column.and_then(|column| self.present.iter().position(|present| *present == column));
        self.known.insert(path.to_owned(), column);
        column
    }

    /// Whether a column may be inside of an object that has this key.
    fn leads_on(&mut self, path: &str) -> bool {
        if let Some(leads_on) = self.leading.get(path) {
            return *leads_on;
        }
        let inside = format!("{path}.");
        let within = match_key(inside.strip_prefix(self.wrapper).unwrap_or(&inside));
        let mut named = self.present.iter().flat_map(|column| self.schema.columns[*column].names());
        let is_wrapper = self.wrapper.starts_with(&inside);
        let leads_on = is_wrapper || named.any(|name| match_key(name).starts_with(&within));
        self.leading.insert(path.to_owned(), leads_on);
        leads_on
    }

    fn column_at(&mut self, place: usize, key: &str) -> Option<usize> {
        if let Some((known, column)) = self.order.get(place)
            && known == key
        {
            return *column;
        }
        let column = self.column(key);
        self.order.truncate(place);
        if self.order.len() == place {
            self.order.push((key.to_owned(), column));
        }
        column
    }
}

/// The cells of an object for all columns of a schema, in their order, read quickly or by the library parser: for tests
/// and fuzzing, which hold them against each other. Nothing where the quick way hands over, or the object is none.
pub fn json_cells(object: &[u8], schema: &Schema, quickly: bool) -> Option<Vec<Vec<u8>>> {
    let columns: Vec<usize> = (0..schema.columns.len()).collect();
    let (mut keys, mut cells) = (Keys::of(schema, &columns), Cells::default());
    cells.clear(columns.len());
    if quickly {
        cells.begin_row();
        quick::read(object, 0, object.len(), &mut keys, &mut cells)?;
    } else {
        library::read(object, &mut keys, &mut cells).ok()?;
    }
    Some(columns.iter().map(|column| cells.get(object, *column, 0).to_vec()).collect())
}

/// A record of a block: where it starts and ends, and its cells as they are handed on, if it is a JSON object.
pub type JsonRecord = (Range<usize>, Option<Vec<Vec<u8>>>);

/// The records of a block of JSON with the cells for all columns of a schema, as they are read in a scan, or by the
/// library parser one by one: for tests and fuzzing. And how many of them were read by their layout.
pub fn json_records(block: &[u8], schema: &Schema, a_line_each: bool, quickly: bool) -> (Vec<JsonRecord>, usize) {
    let columns: Vec<usize> = (0..schema.columns.len()).collect();
    let (mut keys, mut cells, mut scanner) = (Keys::of(schema, &columns), Cells::default(), Scanner::default());
    let mut found: Vec<(Range<usize>, bool)> = Vec::new();
    cells.clear(columns.len());
    if quickly {
        scanner.scan(block, a_line_each, &mut keys, &mut cells, |place, wrong| found.push((place, wrong.is_none())));
    } else {
        for (start, end) in objects(block, a_line_each) {
            let is_object = library::read(&block[start..end], &mut keys, &mut cells).is_ok();
            found.push((start..end, is_object));
        }
        cells.unwrap(block);
    }
    let mut rows = 0..;
    let cells_of = |row| columns.iter().map(|column| cells.get(block, *column, row).to_vec()).collect();
    let records = found.into_iter().map(|(place, good)| (place, good.then(|| rows.next().map(cells_of)).flatten()));
    (records.collect(), scanner.laid_out)
}

/// Reads the object at `start..end` of a block into a row of cells of its own; it has none if it is no JSON object.
///
/// # Errors
/// If the bytes are no JSON object.
fn read(
    block: &[u8],
    (start, end): (usize, usize),
    keys: &mut Keys<'_>,
    cells: &mut Cells,
) -> Result<(), serde_json::Error> {
    cells.begin_row();
    if quick::read(block, start, end, keys, cells).is_none() {
        // What the quick way has left behind goes away with the row.
        cells.drop_row();
        library::read(&block[start..end], keys, cells)?;
    }
    cells.unwrap_row(block);
    Ok(())
}

/// The keys that an object has, as paths, for sniffing.
pub(super) fn key_paths(object: &[u8]) -> Vec<String> {
    fn collect(value: &serde_json::Value, path: &str, paths: &mut Vec<String>) {
        let Some(object) = value.as_object() else { return };
        for (key, value) in object {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            match value {
                // What the API says about a record itself: its event type, and where it is to be had.
                serde_json::Value::Object(about) if key == "attributes" => {
                    paths.extend(about.contains_key("type").then(|| format!("{path}.type")));
                }
                serde_json::Value::Object(_) => collect(value, &path, paths),
                _ => paths.push(path),
            }
        }
    }
    let mut paths = Vec::new();
    if let Ok(value) = serde_json::from_slice(object) {
        collect(&value, "", &mut paths);
    }
    paths
}

/// The text of a key of an object, or of a key of an object in it (`attributes.type`).
pub(super) fn text_at(object: &[u8], path: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(object).ok()?;
    let found = path.split('.').try_fold(&value, |value, key| value.get(key))?;
    found.as_str().map(str::to_owned)
}
