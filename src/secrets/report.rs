//! What was found, told: each place, and each secret once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::check::Confidence;
use super::rules::Rules;
use crate::finding::Severity;
use crate::ingest::Problem;

/// A secret in a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The export's path as it was given.
    pub export: String,
    /// The record's number; the first one after the header is 1, and 0 is the header.
    pub record: u64,
    /// Where the record starts, in bytes of the decompressed export.
    pub offset: u64,
    /// The record's id, 18 characters, if it has one.
    pub id: Option<String>,
    /// What it is, by its id or by what the export says.
    pub object: Option<String>,
    /// The column's name, or its place where the name could be a secret itself.
    pub column: String,
    /// The kind's id.
    pub kind: String,
    /// How soon it has to be replaced.
    pub severity: Severity,
    /// What speaks for it.
    pub confidence: Confidence,
    /// At most the first four characters, and none of a password.
    pub begins: String,
    /// How many bytes it has.
    pub length: usize,
    /// The same for the same secret, wherever it stands.
    pub reference: String,
}

/// A secret, wherever it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Secret {
    /// See [`Hit`].
    pub reference: String,
    /// The kind's id.
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// How soon it has to be replaced.
    pub severity: Severity,
    /// What speaks for it, the best of all places.
    pub confidence: Confidence,
    /// See [`Hit`].
    pub begins: String,
    /// How many bytes it has.
    pub length: usize,
    /// In how many records it stands.
    pub records: usize,
    /// The first place.
    pub first: Place,
    /// What to do.
    pub rotate: String,
}

/// Where a secret stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// See [`Hit`].
    pub export: String,
    /// See [`Hit`].
    pub record: u64,
    /// See [`Hit`].
    pub id: Option<String>,
    /// See [`Hit`].
    pub object: Option<String>,
    /// See [`Hit`].
    pub column: String,
}

/// What was found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Exports that were read.
    pub exports: u64,
    /// Records that were read.
    pub records: u64,
    /// Records that were looked through; fewer where ids were asked for.
    pub searched: u64,
    /// Records that hold a secret.
    pub with_secrets: usize,
    /// Of the ids asked for, how many no export has.
    pub ids_missing: Option<usize>,
    /// Distinct secrets by kind.
    pub kinds: BTreeMap<String, usize>,
    /// Each secret once, those to be replaced first in front.
    pub secrets: Vec<Secret>,
    /// Every place, in order of exports, records and columns; examples, too.
    pub hits: Vec<Hit>,
    /// Exports that could not be read, or not to their end.
    pub problems: Vec<Problem>,
}

impl Hit {
    /// The record: by its id, or by its place. The same record may stand in several exports.
    fn record(&self) -> (&str, u64) {
        self.id.as_deref().map_or((self.export.as_str(), self.record), |id| (id, 0))
    }

    /// Whether it is one, and does not just stand for one.
    pub fn is_real(&self) -> bool {
        self.confidence > Confidence::Example
    }
}

impl Report {
    /// Sums up the hits.
    pub(super) fn tell_secrets(&mut self, rules: &Rules) {
        let mut places: BTreeMap<&str, Vec<&Hit>> = BTreeMap::new();
        for hit in self.hits.iter().filter(|hit| hit.is_real()) {
            places.entry(&hit.reference).or_default().push(hit);
        }
        let secret = |hits: &Vec<&Hit>| {
            // One text may be of several kinds: it goes by the gravest.
            let gravest = hits.iter().map(|hit| hit.severity).max()?;
            let first = hits.iter().find(|hit| hit.severity == gravest)?;
            let rule = rules.all.iter().find(|rule| rule.id == first.kind)?;
            Some(Secret {
                reference: first.reference.clone(),
                kind: first.kind.clone(),
                title: rule.title.clone(),
                severity: first.severity,
                confidence: hits.iter().map(|hit| hit.confidence).max()?,
                begins: first.begins.clone(),
                length: first.length,
                records: hits.iter().map(|hit| hit.record()).collect::<BTreeSet<_>>().len(),
                first: Place {
                    export: first.export.clone(),
                    record: first.record,
                    id: first.id.clone(),
                    object: first.object.clone(),
                    column: first.column.clone(),
                },
                rotate: rule.rotate.clone(),
            })
        };
        self.secrets = places.values().filter_map(secret).collect();
        self.secrets.sort_by_cached_key(|secret| {
            let Secret { severity, confidence, records, kind, reference, .. } = secret;
            (Reverse((*severity, *confidence, *records)), kind.clone(), reference.clone())
        });
        for secret in &self.secrets {
            *self.kinds.entry(secret.kind.clone()).or_default() += 1;
        }
        self.with_secrets =
            self.hits.iter().filter(|hit| hit.is_real()).map(Hit::record).collect::<BTreeSet<_>>().len();
    }
}
