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
use crate::finding::{Evidence, Fact, Finding, Severity, Subject};
use crate::value::Time;

/// Findings by the exports and records of their evidence.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Places in `all`.
    by_place: BTreeMap<String, BTreeMap<u64, Vec<u32>>>,
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

impl From<&Finding> for ToldFinding {
    fn from(finding: &Finding) -> Self {
        let fact = |fact: &Fact| ToldFact { name: fact.name.to_owned(), value: fact.value.to_string() };
        let row = |row: &Evidence| ToldEvidence { export: row.export.clone(), record: row.record };
        Self {
            id: finding.id.to_string(),
            detector: finding.detector.to_owned(),
            title: finding.title.to_owned(),
            severity: finding.severity,
            techniques: finding.techniques.iter().map(|technique| (*technique).to_owned()).collect(),
            sentence: finding.sentence.clone(),
            next_step: finding.next_step.clone(),
            subject: finding.subject.clone(),
            first: finding.first,
            last: finding.last,
            score: ToldScore { total: finding.score.total },
            count: finding.count,
            evidence_total: finding.evidence_total,
            seen: finding.seen.iter().map(fact).collect(),
            evidence: finding.evidence.iter().map(row).collect(),
        }
    }
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
    pub fn from_findings(findings: &[Finding]) -> Self {
        let mut told = Self::default();
        for finding in findings {
            told.add(finding.into());
        }
        told
    }

    fn add(&mut self, finding: ToldFinding) {
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        for row in &finding.evidence {
            if !self.by_place.contains_key(&row.export) {
                self.by_place.insert(row.export.clone(), BTreeMap::new());
            }
            if let Some(records) = self.by_place.get_mut(&row.export) {
                records.entry(row.record).or_default().push(number);
            }
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
    pub fn of(&self, (export, record): (&str, u64)) -> impl Iterator<Item = &ToldFinding> {
        let numbers = self.by_place.get(export).and_then(|records| records.get(&record));
        numbers.into_iter().flatten().filter_map(|number| self.all.get(*number as usize))
    }

    /// The records that findings rest on, by export.
    pub fn records(&self) -> BTreeMap<String, BTreeSet<u64>> {
        let of = |records: &BTreeMap<u64, Vec<u32>>| records.keys().copied().collect();
        self.by_place.iter().map(|(export, records)| (export.clone(), of(records))).collect()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::ToldFinding;
    use crate::finding::{Evidence, Fact, Finding, Named, Score, Severity, Subject};
    use crate::value::Time;

    #[test]
    fn what_was_just_made_is_what_was_written() {
        let time = Time::parse(b"2025-08-17T11:12:33.214Z", None).unwrap();
        let app = Named { id: Some("0H4Tr0001PKSuDhKQL".to_owned()), name: Some("Drift \"\u{1f}".to_owned()) };
        let row = Evidence {
            time,
            export: "a.csv".to_owned(),
            sha256: "00".to_owned(),
            record: 7,
            offset: 9,
            event_id: None,
        };
        let finding = Finding {
            id: uuid::Uuid::from_u128(5),
            detector: "app-new-network",
            detector_version: 1,
            title: "New",
            severity: Severity::High,
            score: Score { total: 95, parts: Vec::new() },
            techniques: &["T1550.001"],
            subject: Subject { app: Some(app), address: Some("192.0.2.1".to_owned()), ..Subject::default() },
            first: time,
            last: time,
            count: 3,
            seen: vec![
                Fact { name: "network", value: "192.0.2.0/24".into() },
                Fact { name: "events", value: 3_u32.into() },
            ],
            judged_by: vec![Fact { name: "window start", value: time.into() }],
            sentence: "A sentence.".to_owned(),
            next_step: "Ask.".to_owned(),
            evidence: vec![row],
            evidence_total: 3,
        };
        let read: ToldFinding = serde_json::from_str(&serde_json::to_string(&finding).unwrap()).unwrap();
        assert_eq!(ToldFinding::from(&finding), read);
        assert_eq!(read.foreign_networks().map(|network| network.to_string()).collect::<Vec<_>>(), ["192.0.2.0/24"]);
    }
}
