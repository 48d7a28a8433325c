//! What a SOQL query or SOSL search asks for, read from the text of a log's `Query` column.
//!
//! The text was chosen by whoever sent it and may be cut off anywhere. Nothing here fails: what can be read is read, in
//! one pass, and the first thing that cannot be is named. This does not check that Salesforce would run the query.

mod frame;
mod keyword;
mod literal;
mod reader;
mod selected;
mod shape;
mod skeleton;
mod token;

use std::fmt;

pub use selected::{Selected, main_object, selected};
pub use skeleton::skeleton;

/// How many objects, and how many relationships, are kept. Salesforce itself allows fewer in one query.
pub const MAX_NAMES: usize = 64;
/// How many string literals are kept.
pub const MAX_LITERALS: usize = 100;
/// How long a kept literal, object or relationship may be, in bytes.
pub const MAX_TEXT: usize = 256;
/// How long [`Query::shape`] may be, in bytes.
pub const MAX_SHAPE: usize = 4096;
/// How deep parentheses may be nested. What follows a deeper one is not read.
pub const MAX_DEPTH: usize = 64;

/// What a SOQL query or SOSL search asks for.
///
/// The *main select list* is that of the outermost `SELECT`; of a search it is all lists after `RETURNING` together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Objects named by `FROM`, semi-joins and `RETURNING`, as written. Each once, whatever its case; main one first.
    pub objects: Vec<String>,
    /// Relationships that sub-selects or dotted `FROM` names go through, without the object or alias before the dot.
    pub relationships: Vec<String>,
    /// Items in the main select list; a function, a sub-select and a `TYPEOF … END` are one item each.
    pub columns: u32,
    /// Whether the main select list holds `COUNT()` or `COUNT(field)`.
    pub counts: bool,
    /// The `FIELDS(…)` of the main select list.
    pub fields: Option<FieldSet>,
    /// The `LIMIT` of the main query in rows; nothing if it is a bind variable or no whole number.
    pub limit: Option<u64>,
    /// The `OFFSET` of the main query in rows; nothing if it is a bind variable or no whole number.
    pub offset: Option<u64>,
    /// Strings that any `WHERE` compares with and what `FIND` looks for, unescaped, in order; capped and cut.
    pub literals: Vec<String>,
    /// Whether the main query, or a list after `RETURNING`, has a `WHERE`.
    pub filtered: bool,
    /// FNV-1a of the whole shape, before it was cut. Equal for queries that differ in literals or layout only.
    pub fingerprint: u64,
    /// The query with its literals as `?`, lists of literals as one, keywords in capitals, names in lower case, single
    /// blanks and no comments. `\u{fffd}` stands for unexpected characters, so it is safe to print. It may be cut.
    pub shape: String,
    /// The first thing that could not be read.
    pub unread: Option<Unread>,
}

/// Which fields `FIELDS(…)` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldSet {
    /// `FIELDS(ALL)`, or both other sets in one list.
    All,
    /// `FIELDS(STANDARD)`.
    Standard,
    /// `FIELDS(CUSTOM)`.
    Custom,
}

/// Something that could not be read, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Unread {
    /// What is wrong.
    pub what: Fault,
    /// Where, in bytes from the start of the text; its length if something is missing at the end.
    pub at: usize,
}

/// What can be wrong with the text of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The text begins neither with `SELECT` nor with `FIND`.
    NotAQuery,
    /// A string has no closing quote.
    UnclosedString,
    /// A comment has no closing `*/`.
    UnclosedComment,
    /// A search term has no closing brace.
    UnclosedBrace,
    /// A parenthesis is not closed; the outermost one is named.
    UnclosedParenthesis,
    /// A parenthesis closes nothing.
    StrayParenthesis,
    /// A character, or what begins with it, has no place where it stands.
    UnexpectedCharacter,
    /// A word, perhaps a keyword, has no place where it stands.
    UnexpectedWord,
    /// A `SELECT` has no `FROM`, or no object is named where one belongs.
    NoObject,
    /// There are more objects or relationships than are kept.
    TooManyObjects,
    /// Parentheses are nested too deep. The rest of the text was not read.
    TooDeep,
    /// The text ends where a name or a value belongs.
    CutOff,
}

impl fmt::Display for Unread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} at byte {}", self.what, self.at)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NotAQuery => "neither a query nor a search",
            Self::UnclosedString => "unclosed string",
            Self::UnclosedComment => "unclosed comment",
            Self::UnclosedBrace => "unclosed brace",
            Self::UnclosedParenthesis => "unclosed parenthesis",
            Self::StrayParenthesis => "stray parenthesis",
            Self::UnexpectedCharacter => "unexpected character",
            Self::UnexpectedWord => "unexpected word",
            Self::NoObject => "no object named",
            Self::TooManyObjects => "too many objects",
            Self::TooDeep => "nested too deep",
            Self::CutOff => "cut off",
        })
    }
}

/// Reads the text of a query, as far as it can be read, in time proportional to its length.
#[must_use]
pub fn read(text: &str) -> Query {
    reader::Reader::new(text).read()
}
