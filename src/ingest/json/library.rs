//! An object by the library parser, which is what the other ways are held to.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Keys;
use crate::ingest::cells::Cells;

/// Reads an object into a row of cells of its own; it has none if it is no JSON object.
///
/// # Errors
/// If the bytes are no JSON object.
pub(super) fn read(object: &[u8], keys: &mut Keys<'_>, cells: &mut Cells) -> Result<(), serde_json::Error> {
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
