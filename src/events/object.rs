//! A JSON object that borrows what it says: events are many, and most of their texts stand in a dictionary already.

use std::borrow::Cow;
use std::io;

use serde::ser::{Serialize, SerializeMap, Serializer};
use uuid::Uuid;

use crate::emit::{self, Record};
use crate::value::Time;

/// Keys in the order they were put in; what is unknown or empty is left out.
#[derive(Default)]
pub(super) struct Object<'a>(Vec<(&'static str, Value<'a>)>);

/// A value of an object.
pub(super) enum Value<'a> {
    Absent,
    Text(Cow<'a, str>),
    Whole(i64),
    Moment(Time),
    Id(Uuid),
    Object(Object<'a>),
    Objects(Vec<Object<'a>>),
}

impl<'a> Object<'a> {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn with(mut self, key: &'static str, value: impl Into<Value<'a>>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.0.push((key, value));
        }
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its JSON, in which everything hidden is escaped. An object that takes more than `most` bytes is cut as findings'
    /// records are: `…_truncated` is `true` beside a value that was cut.
    pub(super) fn write(&self, most: usize, out: &mut Vec<u8>) -> io::Result<()> {
        let start = out.len();
        emit::write_json(self, out)?;
        if out.len() - start > most {
            let mut record: Record = serde_json::from_slice(&out[start..])?;
            out.truncate(start);
            emit::fit(&mut record, most)?;
            emit::write_json(&record, out)?;
        }
        Ok(())
    }
}

impl Value<'_> {
    fn is_empty(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Object(object) => object.is_empty(),
            Self::Objects(objects) => objects.is_empty(),
            _ => false,
        }
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Whole(number) => serializer.serialize_i64(*number),
            Self::Moment(time) => time.serialize(serializer),
            Self::Id(id) => serializer.serialize_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer())),
            Self::Object(object) => object.serialize(serializer),
            Self::Objects(objects) => objects.serialize(serializer),
        }
    }
}

impl<'a, V: Into<Value<'a>>> From<Option<V>> for Value<'a> {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Value<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Self::Whole(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Time> for Value<'_> {
    fn from(time: Time) -> Self {
        Self::Moment(time)
    }
}

impl From<Uuid> for Value<'_> {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl<'a> From<Object<'a>> for Value<'a> {
    fn from(object: Object<'a>) -> Self {
        Self::Object(object)
    }
}

impl<'a> From<Vec<Object<'a>>> for Value<'a> {
    fn from(objects: Vec<Object<'a>>) -> Self {
        Self::Objects(objects)
    }
}
