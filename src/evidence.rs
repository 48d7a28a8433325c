//! From marks to evidence: which export (and its hash), which record, which event.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use sha2::{Digest, Sha256};

use crate::engine::Scan;
use crate::finding::Evidence;
use crate::ingest::{Demand, Export, Origin, Problem, ReadBack, read_back};
use crate::patterns::Mark;
use crate::value::{Time, secret::hexadecimal};

/// The records that marks point at, read again.
pub(crate) struct Records {
    records: BTreeMap<(u32, u64), ReadBack>,
    /// Exports that could not be read again.
    pub(crate) problems: Vec<Problem>,
}

impl Records {
    /// Reads the records behind all marks, each export once.
    pub(crate) fn read<'m>(marks: impl Iterator<Item = &'m Mark>, scan: &Scan<'_>, demand: &Demand) -> Self {
        let mut wanted: BTreeMap<u32, BTreeSet<u64>> = BTreeMap::new();
        for mark in marks {
            wanted.entry(mark.export).or_default().insert(mark.offset);
        }
        let read = |(export, offsets): (u32, BTreeSet<u64>)| {
            let offsets: Vec<u64> = offsets.into_iter().collect();
            let known = &scan.exports[export as usize];
            let records = read_back(known, &offsets, scan.schemas, demand, scan.register, scan.zone);
            (export, records)
        };
        let results: Vec<_> = wanted.into_iter().collect::<Vec<_>>().into_par_iter().map(read).collect();
        let problem = |export: u32, what: String, hint: &str| {
            let export = scan.exports[export as usize].name.clone();
            Problem { export, offset: None, what, hint: Some(hint.to_owned()) }
        };
        let mut all = Self { records: BTreeMap::new(), problems: Vec::new() };
        for (export, result) in results {
            match result {
                Ok(records) => {
                    let lost = records.iter().find_map(|record| record.origin.as_ref()?.as_ref().err());
                    all.problems.extend(lost.map(|error| {
                        let what = format!("where its rows come from cannot be read: {error}");
                        problem(export, what, "evidence names the rows of this file: convert the exports again")
                    }));
                    all.records.extend(records.into_iter().map(|record| ((export, record.offset), record)));
                }
                Err(error) => {
                    let what = format!("evidence cannot be read back: {error}");
                    all.problems.push(problem(export, what, "the export must not change while it is being scanned"));
                }
            }
        }
        all
    }

    /// A mark as evidence.
    pub(crate) fn evidence(&self, mark: &Mark, scan: &Scan<'_>, hashes: &[String]) -> Evidence {
        let record = self.records.get(&(mark.export, mark.offset));
        let event_id = record.and_then(|record| record.event_id.clone());
        let time = Time(mark.time);
        if let Some(Ok(Origin { export, sha256, record, offset })) = record.and_then(|record| record.origin.clone()) {
            return Evidence { time, export, sha256, record, offset, event_id };
        }
        Evidence {
            time,
            export: scan.exports[mark.export as usize].name.clone(),
            sha256: hashes.get(mark.export as usize).cloned().unwrap_or_default(),
            record: u64::from(mark.record),
            offset: mark.offset,
            event_id,
        }
    }

    /// The address that the event at a mark came from.
    pub(crate) fn address(&self, mark: &Mark) -> Option<&str> {
        self.records.get(&(mark.export, mark.offset))?.address.as_deref()
    }

    /// What makes the event at a mark the same in every export that holds it.
    pub(crate) fn identity(&self, mark: &Mark) -> String {
        let known = self.records.get(&(mark.export, mark.offset));
        known.map_or_else(|| format!("record {}", mark.record), |record| format!("{:032x}", record.identity))
    }
}

/// The SHA-256 of each export's file, in their order; empty where the file cannot be read. Members of an archive have
/// the archive's.
pub(crate) fn hashes(exports: &[Export]) -> Vec<String> {
    let files: BTreeSet<&Path> = exports.iter().map(|export| export.path.as_path()).collect();
    let files: Vec<&Path> = files.into_iter().collect();
    let hashes: Vec<String> = files.par_iter().map(|path| sha256(path).unwrap_or_default()).collect();
    let hashes: BTreeMap<&Path, String> = files.into_iter().zip(hashes).collect();
    exports.iter().map(|export| hashes.get(export.path.as_path()).cloned().unwrap_or_default()).collect()
}

/// The SHA-256 of a file as it lies on the disk, in hexadecimal.
pub(crate) fn sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hexadecimal(&hasher.finalize())),
            length => hasher.update(&buffer[..length]),
        }
    }
}
