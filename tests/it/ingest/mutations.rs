//! The fixed inputs of the fuzz target, as they are and spoilt: a little fuzzing in every run, always the same.
//!
//! `FUZZ_CASES` asks for more or fewer spoilt inputs, or for others (`20000..40000`). `UPDATE=1` makes the inputs that come from the sample anew; those
//! beginning with `failed-` are inputs that something was once found with, and stay.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::every_reader::{FORMS, LISTINGS, every_reader};
use super::packed::{gzip, zipped, zstd};
use crate::convert;
use crate::oracle::random::Random;

const CASES: u64 = 400;
/// What the fixed inputs may come to together.
const MOST_BYTES: usize = 300_000;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn corpus() -> PathBuf {
    repository().join("fuzz/corpus/readers")
}

/// The inputs that are kept in the repository. A fuzzer adds its own to the folder, and calls them by their hashes.
fn inputs() -> Vec<(String, Vec<u8>)> {
    let paths = fs::read_dir(corpus()).unwrap().map(|entry| entry.unwrap().path());
    let named = paths.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path));
    let mut inputs: Vec<_> = named
        .filter(|(name, _)| name.contains(['.', '-']))
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect();
    inputs.sort();
    inputs
}

/// Shows which input it was, where a reader does not keep its promises.
fn try_input(name: &str, bytes: &[u8]) {
    if std::panic::catch_unwind(|| every_reader(bytes)).is_err() {
        let path = std::env::temp_dir().join("tokentrail-failed-input");
        fs::write(&path, bytes).unwrap();
        panic!("{name}: the panic above is about {} bytes, kept in {}", bytes.len(), path.display());
    }
}

#[test]
fn fixed_inputs_keep_the_promises() {
    for (name, bytes) in inputs() {
        try_input(&name, &bytes);
    }
}

#[test]
fn spoilt_inputs_keep_the_promises() {
    let inputs = inputs();
    for case in cases() {
        let mut random = Random::of_case("spoilt inputs", case);
        let (name, bytes) = random.pick(&inputs);
        let (_, other) = random.pick(&inputs);
        let mut bytes = bytes;
        for _ in 0..=random.below(4) {
            spoil(&mut bytes, &other, &mut random);
        }
        try_input(&format!("{name}, case {case}"), &bytes);
    }
}

/// The cases to try, by their numbers.
fn cases() -> Range<u64> {
    let Ok(asked) = std::env::var("FUZZ_CASES") else { return 0..CASES };
    let number = |text: &str| text.parse().expect("FUZZ_CASES is a number, or two with `..` between them");
    asked.split_once("..").map_or_else(|| 0..number(&asked), |(from, to)| number(from)..number(to))
}

/// One thing that happens to bytes: some flip, some are missing, some come twice, some are another input's.
fn spoil(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let slice = |bytes: &[u8], random: &mut Random| {
        let from = random.below(bytes.len() + 1);
        let most = if random.chance(50) { 8 } else { 400 };
        from..(from + random.below(most)).min(bytes.len())
    };
    match random.below(6) {
        0 if !bytes.is_empty() => {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        1 if !bytes.is_empty() => {
            let at = random.below(bytes.len());
            bytes[at] = random.pick(&[0, 1, 0x7f, 0x80, 0xff, b'"', b'\n', b',', b'{', b'}', b'\\']);
        }
        2 => bytes.truncate(random.below(bytes.len() + 1)),
        3 => drop(bytes.drain(slice(bytes, random))),
        4 => {
            let again = bytes[slice(bytes, random)].repeat(1 + random.below(4));
            let at = random.below(bytes.len() + 1);
            bytes.splice(at..at, again);
        }
        _ => {
            let theirs = other[slice(other, random)].to_vec();
            bytes.splice(slice(bytes, random), theirs);
        }
    }
}

/// A small input for every reader and every packing.
#[test]
fn the_corpus_has_every_form() {
    if std::env::var_os("UPDATE").is_some() {
        for (name, bytes) in seeds() {
            fs::write(corpus().join(name), bytes).unwrap();
        }
    }
    let inputs = inputs();
    let total: usize = inputs.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(total < MOST_BYTES, "{total} bytes");
    let missing: Vec<String> =
        seeds().into_iter().map(|(name, _)| name).filter(|name| !inputs.iter().any(|(own, _)| own == name)).collect();
    assert!(missing.is_empty(), "UPDATE=1 makes {missing:?}");
}

/// The heads of the sample's exports and of every form that tests know, plain and packed; some in columns.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let sample = |path: &str| fs::read(repository().join("sample-data").join(path)).unwrap();
    let lines = |path: &str, count: usize| -> Vec<u8> {
        sample(path).split_inclusive(|byte| *byte == b'\n').take(count).flatten().copied().collect()
    };
    let head = |path: &str, bytes: usize| -> Vec<u8> { sample(path).into_iter().take(bytes).collect() };
    let calls = lines("staged/api/ApiEvent-drift.csv", 5);
    let logins = lines("staged/logins/LoginHistory-drift.csv", 4);
    let mut seeds: Vec<(String, Vec<u8>)> = vec![
        ("calls.csv".into(), calls.clone()),
        ("calls.csv.gz".into(), gzip(&calls)),
        ("calls.csv.zst".into(), zstd(&calls)),
        ("calls.zip".into(), zipped(&[("a.csv", &calls), ("b.csv.gz", &gzip(&logins)), ("c.csv.zst", &zstd(&logins))])),
        ("members.csv.gz".into(), [gzip(&calls[..calls.len() / 2]), gzip(&calls[calls.len() / 2..])].concat()),
        ("logins.csv".into(), logins),
        ("assertions.csv".into(), lines("staged/jwt/warehouse-sync.csv", 6)),
        ("assertions.ndjson".into(), lines("quiet/jwt/assertions-raw.ndjson", 4)),
        ("event-log.csv".into(), lines("quiet/elf/2025-08-18_RestApi.csv", 6)),
        ("queries.csv".into(), lines("quiet/elf/2025-08-18_UniqueQuery.csv", 4)),
        ("sentinel.ndjson".into(), lines("quiet/siem/SalesforceServiceCloud_CL.ndjson", 5)),
        ("tokens.json".into(), head("quiet/tokens/OauthToken.json", 3000)),
        ("sessions.json".into(), sample("quiet/logins/AuthSession.json")),
        ("threats.ndjson".into(), lines("quiet/events/threat-detection.ndjson", 3)),
        ("audit-trail.csv".into(), sample("quiet/setup/SetupAuditTrail-download.csv")),
    ];
    for (number, [begin, record, between, end]) in FORMS.iter().chain(&LISTINGS).enumerate() {
        let records: Vec<String> = (0..3).map(|row| record.replacen('1', &format!("1{row}"), 1)).collect();
        let text = format!("{begin}{}{end}", records.join(between));
        seeds.push((format!("form-{number}.txt"), text.into_bytes()));
    }
    seeds.extend(super::columnar::small_exports());
    // Converted exports name the original by its path: a relative one is the same everywhere.
    let paths = ["api/ApiEvent-drift.csv", "logins/LoginHistory-drift.csv"];
    let paths = paths.map(|path| Path::new("sample-data/staged").join(path));
    for (table, bytes) in convert::bytes(&convert::converted(&paths, 1, 1 << 20).0) {
        seeds.push((format!("converted-{table}.parquet"), bytes));
    }
    seeds
}
