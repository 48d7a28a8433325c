//! What the program says: a finding, who it is about, and the rows behind it.
//!
//! Findings are plain data. Patterns and detectors make them, emitters write them; nothing here reads or formats.

use std::fmt;

use serde::Serialize;

use crate::value::Time;

/// A reported match: one behaviour of one subject, with the numbers it was judged by and the rows behind it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// `UUIDv5` of detector, its major version, organisation, subject and first evidence: the same on every run.
    #[serde(serialize_with = "as_text")]
    pub id: uuid::Uuid,
    /// The detector's id, for example `app-new-network`.
    pub detector: &'static str,
    /// The detector's major version; a new one gives new finding ids.
    pub detector_version: u32,
    /// One line that names the behaviour, the same for all findings of a detector.
    pub title: &'static str,
    /// How soon somebody should look.
    pub severity: Severity,
    /// The same judgement as a number from 1 to 100, with its parts.
    pub score: Score,
    /// MITRE ATT&CK technique ids, for example `T1550.001`.
    pub techniques: &'static [&'static str],
    /// Whose behaviour was judged.
    pub subject: Subject,
    /// Event time of the first and of the last event that belongs to the match.
    pub first: Time,
    /// See `first`.
    pub last: Time,
    /// How many events belong to the match.
    pub count: u64,
    /// What was seen, for example `network` = `208.68.36.0/24`.
    pub seen: Vec<Fact>,
    /// The numbers and limits that it was judged by, for example `baseline events` = `412`.
    pub judged_by: Vec<Fact>,
    /// One plain sentence that an administrator understands.
    pub sentence: String,
    /// What to do next, one sentence.
    pub next_step: String,
    /// The rows behind it, first ones first, at most [`Finding::EVIDENCE_KEPT`].
    pub evidence: Vec<Evidence>,
    /// How many rows stand behind it in all.
    pub evidence_total: u64,
}

impl Finding {
    /// The most rows of evidence that a finding carries; `evidence_total` counts all.
    pub const EVIDENCE_KEPT: usize = 20;
}

fn as_text<S: serde::Serializer>(id: &uuid::Uuid, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

/// How soon somebody should look; ordered from `Info` to `Critical`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Context for other findings; nobody needs to act.
    Info,
    /// Worth a look when there is time.
    Low,
    /// To be explained this week.
    Medium,
    /// To be explained today.
    High,
    /// To be acted on now.
    Critical,
}

impl Severity {
    /// All severities, lowest first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The lower-case word used in settings and records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A finding's weight, 1 to 100, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Score {
    /// The sum of the parts, held within 1 and 100.
    pub total: u8,
    /// What added or took away how much.
    pub parts: Vec<ScorePart>,
}

/// One reason for a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScorePart {
    /// The reason in a few words.
    pub reason: String,
    /// The points it adds (or takes away).
    pub points: i16,
}

/// Whose behaviour was judged. Absent parts are unknown or do not belong to the subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Subject {
    /// Organisation id (`00D…`), when known.
    pub org: Option<String>,
    /// The connected app.
    pub app: Option<Named>,
    /// The user.
    pub user: Option<Named>,
    /// A session key.
    pub session: Option<String>,
    /// A token's reference: a hash, never the token.
    pub token: Option<String>,
    /// A source address.
    pub address: Option<String>,
    /// A JWT assertion's `jti` or its claims, for detectors that judge single assertions.
    pub assertion: Option<String>,
}

/// Something with an id, a name, or both. At least one is present.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
pub struct Named {
    /// Its Salesforce id, 18 characters, when known.
    pub id: Option<String>,
    /// Its name as the exports give it, when known. Attackers choose names: hostile text.
    pub name: Option<String>,
}

/// A name and a value, for people and machines alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// Lower case words with spaces, for example `baseline events`.
    pub name: &'static str,
    /// The value.
    pub value: FactValue,
}

/// What a fact says. It becomes text where it is written: numbers in plain decimals, times in RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactValue {
    /// Words of our own.
    Words(&'static str),
    /// Text from an export: hostile.
    Text(Box<str>),
    /// A whole number.
    Number(i64),
    /// A point in time.
    Time(Time),
}

impl fmt::Display for FactValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => out.write_str(words),
            Self::Text(text) => out.write_str(text),
            Self::Number(number) => number.fmt(out),
            Self::Time(time) => time.fmt(out),
        }
    }
}

impl Serialize for FactValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Words(words) => serializer.serialize_str(words),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(_) | Self::Time(_) => serializer.collect_str(self),
        }
    }
}

impl From<&str> for FactValue {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for FactValue {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Time> for FactValue {
    fn from(time: Time) -> Self {
        Self::Time(time)
    }
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for FactValue {
            fn from(number: $number) -> Self {
                Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )*};
}
whole_numbers!(i64, u32, u64, usize);

/// One row behind a finding, so that anybody can read it back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Evidence {
    /// Event time of the row.
    pub time: Time,
    /// The export's path as it was given.
    pub export: String,
    /// SHA-256 of the export's bytes, hexadecimal.
    pub sha256: String,
    /// The record's number in the export: the first record after the header is 1.
    pub record: u64,
    /// Where the record starts, in bytes of the decompressed export.
    pub offset: u64,
    /// The event's own identifier, when the export has one.
    pub event_id: Option<String>,
}
