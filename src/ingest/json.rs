//! JSON exports: REST query results, `sf data query --json`, several of them in a file, arrays, one object a line, and
//! the events of streams in their wrappers.
//!
//! An object is found by its braces first, so that a broken one spoils itself only, and read into cells then. Nested
//! objects give paths (`User.Username`), as the command-line exports write them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::cells::Cells;
use super::sniff::Plan;
use crate::schema::{Schema, match_key};

mod envelope;
mod quick;

pub(super) use envelope::{Ahead, SAMPLE, WRAPPERS, first_objects, inside, records_ahead};

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
    while let Some(gap) = block[at..].iter().position(|byte| !byte.is_ascii_whitespace() && *byte != b',') {
        let start = at + gap;
        let rest = &block[start..];
        let length = if a_line_each {
            memchr::memchr(b'\n', rest)
        } else if block[start] == b'{' {
            first_object_end(rest)
        } else {
            memchr::memchr2(b'\n', b'{', rest)
        };
        let object = start + length.unwrap_or(rest.len());
        found.push((start, object.max(start + 1)));
        at = object.max(start + 1);
    }
    found
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
    /// The top-level keys of the last record in their order: the next record most likely has the same.
    order: Vec<(String, Option<usize>)>,
    /// The same, as the quick way knows them.
    expected: Vec<quick::Expected>,
}

impl<'p> Keys<'p> {
    pub(super) fn new(plan: &'p Plan<'_>) -> Self {
        Self {
            schema: plan.schema,
            present: &plan.present,
            wrapper: plan.wrapper,
            known: HashMap::new(),
            order: Vec::new(),
            expected: Vec::new(),
        }
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
    fn leads_on(&self, path: &str) -> bool {
        let inside = format!("{path}.");
        let mut named = self.present.iter().flat_map(|column| self.schema.columns[*column].names());
        self.wrapper.starts_with(&inside) || named.any(|name| match_key(name).starts_with(&match_key(&inside)))
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
    let (known, order, expected) = (HashMap::new(), Vec::new(), Vec::new());
    let mut keys = Keys { schema, present: &columns, wrapper: "", known, order, expected };
    let mut cells = Cells::default();
    cells.clear(columns.len());
    if quickly {
        cells.begin_row();
        quick::read(object, 0, object.len(), &mut keys, &mut cells)?;
    } else {
        read_by_library(object, &mut keys, &mut cells).ok()?;
    }
    Some(columns.iter().map(|column| cells.get(object, *column, 0).to_vec()).collect())
}

/// Reads the object at `start..end` of a block into a row of cells of its own; it has none if it is no JSON object.
///
/// # Errors
/// If the bytes are no JSON object.
pub(super) fn read(
    block: &[u8],
    (start, end): (usize, usize),
    keys: &mut Keys<'_>,
    cells: &mut Cells,
) -> Result<(), serde_json::Error> {
    cells.begin_row();
    if quick::read(block, start, end, keys, cells).is_some() {
        return Ok(());
    }
    // What the quick way has left behind goes away with the row.
    cells.drop_row();
    read_by_library(&block[start..end], keys, cells)
}

fn read_by_library(object: &[u8], keys: &mut Keys<'_>, cells: &mut Cells) -> Result<(), serde_json::Error> {
    cells.begin_row();
    let read = read_object(object, keys, cells);
    if read.is_err() {
        cells.drop_row();
    }
    read
}

fn read_object(object: &[u8], keys: &mut Keys<'_>, cells: &mut Cells) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(object);
    deserializer.deserialize_map(Object { keys, cells, path: None })?;
    deserializer.end()
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

struct Object<'k, 's> {
    keys: &'k mut Keys<'s>,
    cells: &'k mut Cells,
    path: Option<String>,
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut place = 0;
        while let Some(key) = map.next_key::<Key<'_>>()? {
            let (column, path) = match &self.path {
                None => (self.keys.column_at(place, &key.0), key.0),
                Some(parent) => {
                    let path = format!("{parent}.{}", key.0);
                    (self.keys.column(&path), Cow::Owned(path))
                }
            };
            place += 1;
            map.next_value_seed(Value { column, path, keys: self.keys, cells: self.cells })?;
        }
        Ok(())
    }
}

/// A key, borrowed from the text where it has no escapes.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

struct Value<'k, 's, 'p> {
    column: Option<usize>,
    path: Cow<'p, str>,
    keys: &'k mut Keys<'s>,
    cells: &'k mut Cells,
}

impl Value<'_, '_, '_> {
    fn set(self, text: &[u8]) {
        if let Some(column) = self.column {
            self.cells.copy(column, text);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.set(text.as_bytes());
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.set(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.set(value.to_string().as_bytes());
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.set(value.to_string().as_bytes());
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.set(value.to_string().as_bytes());
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        Object { keys: self.keys, cells: self.cells, path: Some(self.path.into_owned()) }.visit_map(map)
    }
}
