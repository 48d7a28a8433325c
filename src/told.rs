//! Findings that an earlier scan has written, by the records that they rest on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::Error;
use crate::finding::{Severity, Subject};
use crate::value::Time;

/// Findings by the exports and records of their evidence.
#[derive(Clone, Debug, Default)]
pub struct Told {
    by_place: BTreeMap<String, BTreeMap<u64, Vec<ToldFinding>>>,
    /// All of them, in the order of their file.
    pub all: Vec<ToldFinding>,
}

/// What is used of a finding.
#[derive(Clone, Debug, Deserialize)]
pub struct ToldFinding {
    /// The finding's id.
    pub id: String,
    /// The detector's id.
    pub detector: String,
    /// How soon somebody should look.
    pub severity: Severity,
    /// ATT&CK techniques.
    #[serde(default)]
    pub techniques: Vec<String>,
    /// What was seen, in a sentence.
    pub sentence: String,
    /// What to do next.
    #[serde(default)]
    pub next_step: String,
    /// Whose behaviour was judged.
    pub subject: Subject,
    /// When the first event happened that belongs to it; see `last`.
    #[serde(deserialize_with = "time")]
    pub first: Time,
    /// When the last one did.
    #[serde(deserialize_with = "time")]
    pub last: Time,
    /// Points, 1 to 100.
    pub score: ToldScore,
    /// How many events belong to it.
    pub count: u64,
    /// The rows that it rests on.
    #[serde(default)]
    pub evidence: Vec<ToldEvidence>,
}

/// The points of a finding.
#[derive(Clone, Debug, Deserialize)]
pub struct ToldScore {
    /// 1 to 100.
    pub total: u8,
}

/// A row of evidence.
#[derive(Clone, Debug, Deserialize)]
pub struct ToldEvidence {
    /// The export's path as it was given to the scan.
    pub export: String,
    /// The record's number.
    pub record: u64,
}

fn time<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    Time::parse(text.as_bytes(), None).map_err(|_| serde::de::Error::custom(format!("not a time: {text:?}")))
}

impl Told {
    /// Reads `findings.ndjson`, or the one in a folder.
    ///
    /// # Errors
    /// If it cannot be read, or a line of it is no finding.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let path: PathBuf = if path.is_dir() { path.join("findings.ndjson") } else { path.to_owned() };
        let text = fs::read_to_string(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
        let mut told = Self::default();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let finding: ToldFinding = serde_json::from_str(line).map_err(|error| {
                Error::Setting(format!(
                    "{}: line {number} is no finding: {error}\n\nhint: scan with --format ndjson --out FOLDER",
                    path.display()
                ))
            })?;
            for row in &finding.evidence {
                let records = told.by_place.entry(row.export.clone()).or_default();
                records.entry(row.record).or_default().push(finding.clone());
            }
            told.all.push(finding);
        }
        Ok(told)
    }

    /// The findings that rest on a record of an export.
    pub fn of(&self, (export, record): (&str, u64)) -> &[ToldFinding] {
        self.by_place.get(export).and_then(|records| records.get(&record)).map_or(&[], Vec::as_slice)
    }

    /// The records that findings rest on, by export.
    pub fn records(&self) -> BTreeMap<String, BTreeSet<u64>> {
        let of = |records: &BTreeMap<u64, Vec<ToldFinding>>| records.keys().copied().collect();
        self.by_place.iter().map(|(export, records)| (export.clone(), of(records))).collect()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}
