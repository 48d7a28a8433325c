//! What a format writes, field by field: the one table that emitters, the kits for SIEMs and the tests share.

/// A field of a record.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name, as written.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Where the value comes from, for people.
    pub from: &'static str,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Whole,
    /// A time in RFC 3339, UTC.
    Time,
    /// An IP address.
    Address,
    /// A list of texts.
    Texts,
    /// An object, or a list of objects.
    Object,
}

impl Kind {
    /// The kind in a word or two.
    pub fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Whole => "whole number",
            Self::Time => "time",
            Self::Address => "address",
            Self::Texts => "list of texts",
            Self::Object => "object",
        }
    }
}

/// A field, in the order in which tables are read.
pub(super) const fn field(name: &'static str, kind: Kind, from: &'static str) -> Field {
    Field { name, kind, from }
}
