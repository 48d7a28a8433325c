//! Findings that an earlier scan has written, by the records that they rest on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::detector::Family;
use crate::detectors;
use crate::error::Error;
use crate::finding::{Finding, Severity, Subject};
use crate::value::Time;

/// Findings by the exports and records of their evidence.
#[derive(Clone, Debug, Default)]
pub struct Told {
    by_place: BTreeMap<String, BTreeMap<u64, Vec<ToldFinding>>>,
    /// All of them, in the order of their file.
    pub all: Vec<ToldFinding>,
}

/// What is used of a finding, as it was written. What it rests on is not written again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldFinding {
    /// The finding's id.
    pub id: String,
    /// The detector's or check's id.
    pub detector: String,
    /// What it names.
    #[serde(default)]
    pub title: String,
    /// How soon somebody should look.
    pub severity: Severity,
    /// ATT&CK techniques.
    #[serde(default, skip_serializing)]
    pub techniques: Vec<String>,
    /// What was seen, in a sentence.
    pub sentence: String,
    /// What to do next.
    #[serde(default, skip_serializing)]
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
    /// How many rows it rests on, those that are not written included.
    #[serde(default)]
    pub evidence_total: u64,
    /// What was seen.
    #[serde(default, skip_serializing)]
    pub seen: Vec<ToldFact>,
    /// The rows that it rests on.
    #[serde(default, skip_serializing)]
    pub evidence: Vec<ToldEvidence>,
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldFact {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// The points of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldScore {
    /// 1 to 100.
    pub total: u8,
}

/// A row of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl ToldFinding {
    /// The networks that the finding is about because something came from there that does not belong there. The address
    /// of a finding of another kind is where it was done from, which may be the usual place.
    pub fn foreign_networks(&self) -> impl Iterator<Item = IpNet> {
        let is_of_network = detectors::find(&self.detector).is_some_and(|detector| detector.family == Family::Network);
        let named = self.seen.iter().filter(move |fact| is_of_network && matches!(&*fact.name, "network" | "address"));
        named.filter_map(|fact| {
            fact.value.parse::<IpNet>().ok().or_else(|| fact.value.parse::<IpAddr>().ok().map(IpNet::from))
        })
    }
}

impl Told {
    /// What is used of findings that a scan has just made.
    ///
    /// # Errors
    /// If a finding cannot be written and read back, which is a defect.
    pub fn from_findings(findings: &[Finding]) -> Result<Self, Error> {
        let mut told = Self::default();
        for finding in findings {
            let written = serde_json::to_value(finding).and_then(serde_json::from_value);
            told.add(written.map_err(|error| Error::Setting(format!("a finding cannot be read back: {error}")))?);
        }
        Ok(told)
    }

    fn add(&mut self, finding: ToldFinding) {
        for row in &finding.evidence {
            let records = self.by_place.entry(row.export.clone()).or_default();
            records.entry(row.record).or_default().push(finding.clone());
        }
        self.all.push(finding);
    }

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
            told.add(finding);
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
