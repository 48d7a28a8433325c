//! Two runs compared: which findings are new, which are gone, and what has changed in those that stayed.
//!
//! Findings are the same if their ids are: an id rests on detector, organisation, subject and first evidence. Runs are read
//! back from `findings.ndjson`, so that any two runs can be compared, of `scan` or of `audit`, by whichever version.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::finding::{Finding, Severity};
use crate::told::ToldFinding;

/// What a run has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    findings: BTreeMap<String, ToldFinding>,
    /// Findings that were expected, and why.
    excepted: BTreeMap<String, String>,
}

/// What is different about a finding that both runs have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What: `severity`, `score`, `events`, `evidence`, `first`, `last`, `sentence`.
    pub what: &'static str,
    /// In the old run.
    pub from: String,
    /// In the new one.
    pub to: String,
}

/// A finding that both runs have, and that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// As the new run tells it.
    pub finding: ToldFinding,
    /// At least one.
    pub changes: Vec<Change>,
}

/// A finding that only the old run has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gone {
    /// As the old run told it.
    pub finding: ToldFinding,
    /// Why the new run expects it, if that is why it is gone.
    pub excepted: Option<String>,
}

/// Two runs compared. All lists begin with what is gravest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Findings that only the new run has.
    pub new: Vec<ToldFinding>,
    /// Findings that only the old run has.
    pub gone: Vec<Gone>,
    /// Findings that both have, and that are not the same.
    pub changed: Vec<Changed>,
    /// How many findings are the same.
    pub unchanged: usize,
}

impl Run {
    /// Reads what `scan --out` or `audit --out` has left, a folder or a file of findings, or a report as JSON.
    ///
    /// # Errors
    /// If there is no such file, or a line is no finding.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let (findings, excepted) = if path.is_dir() {
            (path.join("findings.ndjson"), Some(path.join("excepted.ndjson")))
        } else {
            (path.to_owned(), None)
        };
        if path.is_dir() && !findings.is_file() {
            let hint =
                "hint: give the folder that `scan --out FOLDER` or `audit --out FOLDER` wrote; --format needs ndjson";
            return Err(Error::Setting(format!("no findings.ndjson in {}\n\n{hint}", path.display())));
        }
        if findings.extension().is_some_and(|extension| extension == "json") {
            return Self::reported(&findings);
        }
        let mut run = Self::default();
        for told in lines::<ToldFinding>(&findings)? {
            run.findings.entry(told.id.clone()).or_insert(told);
        }
        if let Some(excepted) = excepted.filter(|path| path.is_file()) {
            let told = lines::<(ToldFinding, String)>(&excepted)?;
            run.excepted = told.into_iter().map(|(told, reason)| (told.id, reason)).collect();
        }
        Ok(run)
    }

    /// What `report --out FILE.json` has left.
    fn reported(path: &Path) -> Result<Self, Error> {
        let text = fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let reported = serde_json::from_slice::<Reported>(&text).map_err(|error| {
            let hint = "hint: give what `report --out FILE.json` wrote";
            Error::Setting(format!("{} is no report: {error}\n\n{hint}", path.display()))
        })?;
        Ok(reported.into())
    }

    /// What has just been found, as if it had been written and read.
    pub fn of(findings: &[Finding], excepted: &[(Finding, String)]) -> Self {
        let findings = findings.iter().map(ToldFinding::from).collect();
        let excepted = excepted.iter().map(|(finding, reason)| (finding.into(), reason.clone())).collect();
        Reported { findings, excepted }.into()
    }
}

/// What is used of a report as JSON.
#[derive(Deserialize)]
struct Reported {
    findings: Vec<ToldFinding>,
    excepted: Vec<(ToldFinding, String)>,
}

impl From<Reported> for Run {
    fn from(Reported { findings, excepted }: Reported) -> Self {
        Self {
            findings: findings.into_iter().map(|told| (told.id.clone(), told)).collect(),
            excepted: excepted.into_iter().map(|(told, reason)| (told.id, reason)).collect(),
        }
    }
}

fn lines<T: for<'a> Deserialize<'a>>(path: &PathBuf) -> Result<Vec<T>, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::Io { path: path.clone(), source })?;
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let read = lines.map(|(number, line)| {
        serde_json::from_str(line).map_err(|error| {
            let hint = "hint: give findings.ndjson as this program writes it";
            Error::Setting(format!("{}: line {number} is no finding: {error}\n\n{hint}", path.display()))
        })
    });
    read.collect()
}

impl Diff {
    /// Compares two runs.
    pub fn of(old: &Run, new: &Run) -> Self {
        let mut diff = Self::default();
        for (id, told) in &new.findings {
            match old.findings.get(id).map(|before| changes(before, told)) {
                None => diff.new.push(told.clone()),
                Some(changes) if changes.is_empty() => diff.unchanged += 1,
                Some(changes) => diff.changed.push(Changed { finding: told.clone(), changes }),
            }
        }
        for (id, told) in old.findings.iter().filter(|(id, _)| !new.findings.contains_key(*id)) {
            diff.gone.push(Gone { finding: told.clone(), excepted: new.excepted.get(id).cloned() });
        }
        let order = |told: &ToldFinding| {
            let ToldFinding { severity, score, detector, first, id, .. } = told;
            (std::cmp::Reverse((*severity, score.total)), detector.clone(), *first, id.clone())
        };
        diff.new.sort_by_cached_key(order);
        diff.gone.sort_by_cached_key(|gone| order(&gone.finding));
        diff.changed.sort_by_cached_key(|changed| order(&changed.finding));
        diff
    }

    /// How grave the gravest new finding is.
    pub fn worst_new(&self) -> Option<Severity> {
        self.new.iter().map(|told| told.severity).max()
    }
}

/// What differs, in the order in which it matters. A sentence repeats numbers: it is told only if nothing else is.
fn changes(old: &ToldFinding, new: &ToldFinding) -> Vec<Change> {
    let change = |what, from: String, to: String| (from != to).then_some(Change { what, from, to });
    let number = |what, from: u64, to: u64| change(what, from.to_string(), to.to_string());
    let mut changes: Vec<Change> = [
        change("severity", old.severity.word().to_owned(), new.severity.word().to_owned()),
        number("score", old.score.total.into(), new.score.total.into()),
        number("events", old.count, new.count),
        number("evidence", old.evidence_total, new.evidence_total),
        change("first", old.first.to_string(), new.first.to_string()),
        change("last", old.last.to_string(), new.last.to_string()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if changes.is_empty() {
        changes.extend(change("sentence", old.sentence.clone(), new.sentence.clone()));
    }
    changes
}
