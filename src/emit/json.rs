//! JSON on one line: hidden characters escaped, and records cut to the size that a receiver takes.
//!
//! Knows no receiver. A value read back is the value written, unless a record had to be cut, which it then says.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Serializer, Value, map::Entry, ser::Formatter};

use super::text::head;
use crate::finding::Fact;
use crate::words::is_hidden;

/// A JSON object whose keys stay in the order they were put in.
pub(crate) type Record = Map<String, Value>;

/// Texts are never cut below this, so ids and hashes stay whole; lists may end up empty.
const SHORTEST_TEXT: usize = 64;

/// Writes a value as JSON without a line break anywhere.
pub(crate) fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Visible))?;
    Ok(())
}

/// The bytes that `write` writes.
pub(super) fn bytes(value: &impl Serialize) -> io::Result<Vec<u8>> {
    super::bytes_of(|out| write(value, out))
}

/// The object as a record, without the keys whose value is null: what is unknown is left out.
pub(super) fn record(object: Value) -> Record {
    let Value::Object(mut record) = object else { return Record::new() };
    record.retain(|_, value| !value.is_null());
    record
}

/// The object without the keys whose value is null, unless nothing is left of it.
pub(super) fn known(object: Value) -> Option<Record> {
    Some(record(object)).filter(|record| !record.is_empty())
}

/// Facts by name, with `_` for blanks; a name that occurs more than once has a list of values.
pub(super) fn facts(facts: &[Fact]) -> Value {
    let mut values = Record::new();
    for fact in facts {
        let value = Value::from(fact.value.to_string());
        match values.entry(fact.name.replace(' ', "_")) {
            Entry::Vacant(place) => drop(place.insert(value)),
            Entry::Occupied(mut place) => match place.get_mut() {
                Value::Array(list) => list.push(value),
                first => *first = Value::Array(vec![first.take(), value]),
            },
        }
    }
    Value::Object(values)
}

/// Cuts a record until it takes at most `most` bytes as JSON, the longest texts and lists first.
///
/// Each value that was cut gets a neighbour: `sentence_truncated` = `true` beside `sentence`.
pub(crate) fn fit(record: &mut Record, most: usize) -> io::Result<()> {
    let mut cut_at = most;
    while cut_at > 0 && bytes(record)?.len() > most {
        cut_and_mark(record, cut_at);
        cut_at /= 2;
    }
    Ok(())
}

/// Cuts the texts of a record to `most` bytes and its lists to `most` items, and says which keys were cut.
///
/// Objects within it get their marks themselves.
pub(super) fn cut(record: &mut Record, most: usize) -> Vec<String> {
    let mut keys = Vec::new();
    for (key, value) in record.iter_mut() {
        if cut_value(value, most) {
            keys.push(key.clone());
        }
    }
    keys
}

fn cut_and_mark(record: &mut Record, most: usize) {
    for key in cut(record, most) {
        record.insert(format!("{key}_truncated"), Value::Bool(true));
    }
}

fn cut_value(value: &mut Value, most: usize) -> bool {
    match value {
        Value::String(text) => {
            let kept = head(text, most.max(SHORTEST_TEXT)).len();
            let is_long = kept < text.len();
            text.truncate(kept);
            is_long
        }
        Value::Array(items) => {
            let is_long = items.len() > most;
            items.truncate(most);
            items.iter_mut().fold(is_long, |any_cut, item| cut_value(item, most) || any_cut)
        }
        Value::Object(record) => {
            cut_and_mark(record, most);
            false
        }
        _ => false,
    }
}

/// Escapes hidden characters too, which JSON allows to stand as they are.
struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        // Nearly all text is plain ASCII, in which only control characters are hidden.
        if fragment.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return out.write_all(fragment.as_bytes());
        }
        let mut plain = fragment;
        while let Some((at, hidden)) = plain.char_indices().find(|(_, c)| is_hidden(*c)) {
            out.write_all(&plain.as_bytes()[..at])?;
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            plain = &plain[at + hidden.len_utf8()..];
        }
        out.write_all(plain.as_bytes())
    }
}
