//! Input that could not be used, and why: data, not errors.

use std::fmt;

use serde::Serialize;

/// Something wrong with an export as a whole, or with one place in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The export's path as it was given.
    pub export: String,
    /// The byte of the decompressed export where it shows, when it shows somewhere.
    pub offset: Option<u64>,
    /// What is wrong: lower case, no full stop.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: ", self.export)?;
        if let Some(offset) = self.offset {
            write!(out, "byte {offset}: ")?;
        }
        out.write_str(&self.what)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(out, "\n  hint: {hint}"))
    }
}

/// Why a row cannot be used. The words are stable: they are counted and searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A cell that must hold a time does not.
    NotATime,
    /// A local time, and no zone is set to read it in.
    ZoneNeeded,
    /// A local time that its zone skipped or had twice.
    AmbiguousTime,
    /// A time before 2000 or after 2099.
    TimeOutOfRange,
    /// A cell that must hold a number does not.
    NotANumber,
    /// A raw assertion that cannot be decoded.
    NotAnAssertion,
    /// A column that every row needs is empty.
    Missing,
    /// The row says that it is of an event type that no schema is called by.
    UnknownEventType,
    /// The record has more or fewer cells than the header.
    Ragged,
    /// A quote stands where none may stand.
    StrayQuote,
    /// A quoted cell does not end.
    OpenQuote,
    /// The export ends in the middle of the record.
    CutOff,
    /// The bytes are not UTF-8.
    NotUtf8,
    /// The text is not JSON.
    NotJson,
}

impl Reason {
    /// The reason in words that stand alone, where no column is named.
    pub fn words_alone(self) -> String {
        let words = self.words();
        if words.starts_with("is ") { format!("a cell {words}") } else { words.to_owned() }
    }

    /// The reason in words, to stand after a column's name.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotATime => "is not a time",
            Self::ZoneNeeded => "is a local time, and no --zone says where",
            Self::AmbiguousTime => "is a local time that its zone skipped or had twice",
            Self::TimeOutOfRange => "is a time before 2000 or after 2099",
            Self::NotANumber => "is not a number",
            Self::NotAnAssertion => "is not a JWT",
            Self::Missing => "is missing",
            Self::UnknownEventType => "is an event type that no schema is called by",
            Self::Ragged => "the record has another number of cells than the header",
            Self::StrayQuote => "a quote stands inside an unquoted cell or behind a quoted one",
            Self::OpenQuote => "a quoted cell does not end",
            Self::CutOff => "the export ends in the middle of the record",
            Self::NotUtf8 => "is not UTF-8",
            Self::NotJson => "the record is not a JSON object",
        }
    }
}

/// A row that was read and not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuarantinedRow {
    /// The export's path as it was given.
    pub export: String,
    /// The record's number in the export; the first one after the header is 1.
    pub record: u64,
    /// Where the record starts in the decompressed export.
    pub offset: u64,
    /// The column whose cell is at fault, if one is.
    pub column: Option<String>,
    /// Why.
    pub reason: Reason,
    /// The cell at fault, shortened; nothing for a secret column.
    pub value: Option<String>,
    /// The record as it stands in the export, shortened; withheld where it could show a secret.
    pub raw: String,
}

impl fmt::Display for QuarantinedRow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: record {}: ", self.export, self.record)?;
        if let Some(column) = &self.column {
            write!(out, "{column} ")?;
        }
        out.write_str(self.reason.words())?;
        self.value.as_ref().map_or(Ok(()), |value| write!(out, ": {value:?}"))
    }
}

/// Takes the rows that could not be used, in order of exports and records.
pub trait Quarantine: Send {
    /// Takes one row.
    fn take(&mut self, row: QuarantinedRow);
}

impl Quarantine for Vec<QuarantinedRow> {
    fn take(&mut self, row: QuarantinedRow) {
        self.push(row);
    }
}

/// At most this many bytes of a value or a record, cut between characters; broken UTF-8 shows as `\u{fffd}`.
pub(super) fn shortened(bytes: &[u8], most: usize) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(most)]);
    if bytes.len() <= most {
        return text.into_owned();
    }
    let whole = text.trim_end_matches('\u{fffd}');
    format!("{whole}… ({} bytes)", bytes.len())
}
