//! The same rows in other files: formats, compression, names, sizes of blocks, numbers of workers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tokentrail::batch::{Role, Table};
use tokentrail::finding::{Evidence, Finding};

use super::export::{Compression, Format};
use super::world::{NETWORKS, REGISTER, World};
use super::{Heard, all_detectors, all_told, told};
use crate::oracle::grant::register_of;
use crate::oracle::random::Random;
use crate::oracle::rows::{LISTS, Row, Stage, place_at_random};
use crate::run::Run;

/// Rows of one table in one file, by the name that the file sorts by.
pub(super) type Files<'r> = Vec<(String, Vec<&'r Row>)>;

#[test]
fn neither_workers_nor_blocks_matter() {
    let mut heard = Heard::default();
    for case in 0..2 {
        let rows = rows(case);
        let folder = written(&in_files(&rows, 3, "part"), Format::Csv, Compression::None);
        let paths = [folder.path().to_owned()];
        let usual = scanned(&run(), &paths);
        heard.note(&usual);
        for threads in [1, 2, 4] {
            for block_bytes in [64, 333, 4096, 1 << 16, 1 << 20] {
                let found = scanned(&Run { threads, block_bytes, ..run() }, &paths);
                assert_eq!(all_told(&found), all_told(&usual), "{threads} threads, blocks of {block_bytes} bytes");
            }
        }
    }
}

#[test]
fn neither_format_nor_compression_matters() {
    let mut heard = Heard::default();
    for case in 10..12 {
        formats_and_compressions(case, &mut heard);
    }
}

fn formats_and_compressions(case: u64, heard: &mut Heard) {
    let rows = rows(case);
    let files = in_files(&rows, 2, "part");
    let mut usual = Vec::new();
    for format in Format::ALL {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd, Compression::Zip] {
            if compression != Compression::None && !format.is_text() {
                continue;
            }
            let folder = written(&files, format, compression);
            for (threads, block_bytes) in [(1, 1 << 20), (4, 700)] {
                let found = scanned(&Run { threads, block_bytes, ..run() }, &[folder.path().to_owned()]);
                heard.note(&found);
                let found = without(&found, |evidence| evidence.record);
                if usual.is_empty() {
                    usual.clone_from(&found);
                }
                assert_eq!(found, usual, "{format:?} {compression:?}, blocks of {block_bytes} bytes");
            }
        }
    }
}

#[test]
fn neither_names_nor_the_order_of_arguments_matter() {
    let mut heard = Heard::default();
    let rows = rows(20);
    let first = written(&in_files(&rows, 3, "a"), Format::Csv, Compression::None);
    let second = written(&in_files(&rows, 3, "another name, "), Format::Csv, Compression::None);
    let usual = scanned(&run(), &[first.path().to_owned()]);
    heard.note(&usual);
    let renamed = scanned(&run(), &[second.path().to_owned()]);
    assert_eq!(without(&renamed, |evidence| evidence.record), without(&usual, |evidence| evidence.record));
    let mut one_by_one: Vec<PathBuf> =
        std::fs::read_dir(first.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    for case in 0..4 {
        Random::of_case("arguments", case).shuffle(&mut one_by_one);
        assert_eq!(all_told(&scanned(&run(), &one_by_one)), all_told(&usual));
    }
}

#[test]
fn how_rows_are_divided_into_files_does_not_matter() {
    let mut heard = Heard::default();
    for case in 30..32 {
        let rows = rows(case);
        let usual = scan_of(&in_files(&rows, 1, "part"));
        heard.note(&usual);
        for parts in [2, 5, 20] {
            let mut files = in_files(&rows, parts, "part");
            assert_eq!(without(&scan_of(&files), |_| 0), without(&usual, |_| 0), "{parts} parts");
            // Another order of files and, within them, of rows.
            let names: Vec<String> = files.iter().rev().map(|(name, _)| name.clone()).collect();
            for ((name, rows), other) in files.iter_mut().zip(names) {
                *name = other;
                rows.reverse();
            }
            assert_eq!(without(&scan_of(&files), |_| 0), without(&usual, |_| 0), "{parts} parts, backwards");
            // Every row twice: a copy is no event.
            files.extend(in_files(&rows, 1, "copy"));
            assert_eq!(without(&scan_of(&files), |_| 0), without(&usual, |_| 0), "{parts} parts and a copy");
        }
    }
}

#[test]
fn files_say_what_their_rows_say() {
    let mut heard = Heard::default();
    for case in 40..44 {
        let mut rows = rows(case);
        let found = scan_of(&in_files(&rows, 2, "part"));
        heard.note(&found);
        let mut random = Random::of_case("rows without files", case);
        place_at_random(&mut rows, &mut random);
        let (detectors, register) = (all_detectors(), register_of(REGISTER));
        let stage = Stage { detectors: &detectors, register: &register, since: None, as_of: None, midnight: None };
        let learned = stage.findings(&[rows], &mut random);
        assert_eq!(judgements(&found), judgements(&learned), "files (left), rows (right), case {case}");
    }
}

#[test]
fn a_detector_finds_alone_what_it_finds_in_company() {
    let mut heard = Heard::default();
    for case in 50..53 {
        let rows = rows(case);
        let folder = written(&in_files(&rows, 1, "part"), Format::Csv, Compression::None);
        let paths = [folder.path().to_owned()];
        let together = scanned(&run(), &paths);
        heard.note(&together);
        for detector in all_detectors() {
            let own: Vec<Finding> =
                together.iter().filter(|finding| finding.detector == detector.id).cloned().collect();
            let alone = scanned(&Run { detectors: vec![detector], ..run() }, &paths);
            assert_eq!(all_told(&alone), all_told(&own), "{}", detector.id);
        }
    }
}

fn rows(case: u64) -> Vec<Row> {
    World { ties: false, ..World::OURS }.rows(&mut Random::of_case("files", case))
}

pub(super) fn run() -> Run {
    let named = |name: &str, text: &str| vec![(name.to_owned(), text.to_owned())];
    let (lists, networks) = (named("lists.csv", LISTS), named("networks.csv", NETWORKS));
    let schemas = Some(SCHEMAS.clone());
    Run { detectors: all_detectors(), apps: REGISTER.to_owned(), schemas, lists, networks, ..Run::default() }
}

/// A folder with a schema of `ApiEvent` that has columns for the resource and for refusals, which only event log files have.
static SCHEMAS: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemas-of-laws");
    std::fs::create_dir_all(&folder).unwrap();
    let known = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/ApiEvent.toml")).unwrap();
    let (columns, _) = known.rsplit_once(']').unwrap();
    let endpoint = "    { name = \"Uri\", type = \"text\", role = \"endpoint\" },\n";
    let refusal = "    { name = \"Refused\", type = \"text\", role = \"refusal\" },\n";
    std::fs::write(folder.join("ApiEvent.toml"), format!("{columns}{endpoint}{refusal}]\n")).unwrap();
    folder
});

/// Each log in so many files.
pub(super) fn in_files<'r>(rows: &'r [Row], parts: usize, name: &str) -> Files<'r> {
    // Logins with places are of an event type of their own.
    let mut logs: BTreeMap<(Table, &str, bool), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let log = row.text(Role::Log).unwrap_or_default();
        logs.entry((row.table, log, row.has(Role::Latitude))).or_default().push(row);
    }
    let mut files = Vec::new();
    for ((_, log, has_place), rows) in logs {
        let log = if has_place { "places" } else { log };
        let chunks = rows.chunks(rows.len().div_ceil(parts).max(1));
        files.extend(chunks.enumerate().map(|(part, rows)| (format!("{name}-{part:02}-{log}"), rows.to_vec())));
    }
    files
}

pub(super) fn written(files: &Files<'_>, format: Format, compression: Compression) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, rows) in files {
        let path = folder.path().join(Path::new(&format!("{name}.{}", format.ending(compression))));
        std::fs::write(path, format.bytes(rows, compression)).unwrap();
    }
    folder
}

fn scan_of(files: &Files<'_>) -> Vec<Finding> {
    let folder = written(files, Format::Csv, Compression::None);
    scanned(&run(), &[folder.path().to_owned()])
}

/// The findings of a run in which every row is used or is a copy.
fn scanned(run: &Run, paths: &[PathBuf]) -> Vec<Finding> {
    let ran = run.scan(paths);
    assert!(ran.quarantined.is_empty(), "{:?}", ran.quarantined);
    assert!(ran.outcome.problems.is_empty(), "{:?}", ran.outcome.problems);
    ran.outcome.findings
}

/// What follows from the rows alone: names, ids and evidence come from files.
fn judgements(findings: &[Finding]) -> Vec<String> {
    let judgement = |finding: &Finding| {
        let Finding { detector, first, last, count, severity, seen, judged_by, evidence_total, .. } = finding;
        // Ids of 18 characters and references are made where files are read.
        let made = ["user", "target", "token", "through"];
        let facts = seen.iter().chain(judged_by).filter(|fact| !made.contains(&fact.name));
        let facts: Vec<String> = facts.map(|fact| format!("{}={}", fact.name, fact.value)).collect();
        let score = finding.score.total;
        format!("{detector} {first}..{last} x{count}/{evidence_total} {severity:?} {score} {}", facts.join("; "))
    };
    let mut lines: Vec<String> = findings.iter().map(judgement).collect();
    lines.sort();
    lines
}

/// All that findings say, except in which bytes of which file their evidence stands.
fn without(findings: &[Finding], record: fn(&Evidence) -> u64) -> Vec<String> {
    let without_place = |evidence: &Evidence| Evidence {
        export: String::new(),
        sha256: String::new(),
        offset: 0,
        record: record(evidence),
        ..evidence.clone()
    };
    let finding = |finding: &Finding| {
        let evidence = finding.evidence.iter().map(without_place).collect();
        told(&Finding { evidence, ..finding.clone() })
    };
    findings.iter().map(finding).collect()
}
