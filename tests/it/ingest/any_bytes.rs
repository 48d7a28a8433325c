//! Any bytes whatever give an outcome: never a panic, never a row that is not counted, whatever the block size.
//!
//! `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for more and for others; by default every run tries the same.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::Reader;
use super::every_reader::{FORMS, LISTINGS, every_reader, same};
use super::packed::{gzip, zstd};
use crate::run::Run;

/// Fixed, so that a run that passes here passes elsewhere.
pub(super) fn config(share: u32) -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    config.cases = (config.cases / share).max(1);
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(20_250_817);
    }
    config
}

/// Bytes that mean something to somebody.
fn telling() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<Vec<u8>> = [
        "\"",
        "\"\"",
        "\n",
        "\r\n",
        "\r",
        ",",
        ";",
        "\t",
        "{",
        "}",
        "[",
        "]",
        ":",
        "\\",
        "\\\"",
        "\\u12",
        "\0",
        "null",
        "Login",
        "EVENT_TYPE",
        "\u{feff}",
        "e",
        "-",
        "2025-08-17T11:11:55Z",
        "{\"records\":[",
        "\"result\"",
        "\x1f\u{8b}",
        "'",
        "=",
        "1e999",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .chain([vec![0xff], vec![0xc3], vec![0xed, 0xa0, 0x80], vec![0xf0, 0x9f], vec![b'"'; 3], vec![b'\n'; 3]])
    .collect();
    prop_oneof![4 => prop::sample::select(known), 1 => prop::collection::vec(any::<u8>(), 1..5)]
}

/// One thing that happens to a file: so many bytes at a place give way to others.
fn accident() -> impl Strategy<Value = (prop::sample::Index, usize, Vec<u8>)> {
    (any::<prop::sample::Index>(), prop_oneof![3 => Just(0_usize), 3 => 1..4_usize, 1 => 1..200_usize], telling())
}

/// An export that something has happened to.
fn spoilt_export() -> impl Strategy<Value = Vec<u8>> {
    let form = prop::sample::select([&FORMS[..], &LISTINGS].concat());
    (form, 1..8_usize, prop::collection::vec(accident(), 0..6)).prop_map(
        |([begin, record, between, end], count, accidents)| {
            let records: Vec<String> =
                (0..count).map(|number| record.replacen('1', &format!("1{number}"), 1)).collect();
            spoil(format!("{begin}{}{end}", records.join(between)).into_bytes(), accidents)
        },
    )
}

fn spoil(mut bytes: Vec<u8>, accidents: Vec<(prop::sample::Index, usize, Vec<u8>)>) -> Vec<u8> {
    for (place, length, others) in accidents {
        let start = place.index(bytes.len() + 1);
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, others);
    }
    bytes
}

proptest! {
    #![proptest_config(config(8))]

    #[test]
    fn bytes_of_chance(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        every_reader(&bytes);
    }

    #[test]
    fn bytes_that_mean_something(parts in prop::collection::vec(telling(), 0..80)) {
        every_reader(&parts.concat());
    }

    #[test]
    fn exports_that_something_has_happened_to(bytes in spoilt_export()) {
        every_reader(&bytes);
    }

    #[test]
    fn compressed_exports_that_something_has_happened_to(
        bytes in spoilt_export(),
        accidents in prop::collection::vec(accident(), 1..4),
        by_gzip in any::<bool>(),
    ) {
        let compressed = if by_gzip { gzip(&bytes) } else { zstd(&bytes) };
        every_reader(&spoil(compressed, accidents));
    }
}

proptest! {
    #![proptest_config(config(2))]

    /// The head of an export is one block whatever the size asked for: padding pushes the spoilt part behind it.
    #[test]
    fn blocks_of_any_size_give_the_same_outcome(
        form in prop::sample::select(FORMS.to_vec()),
        accidents in prop::collection::vec(accident(), 0..6),
        small in 1..600_usize,
    ) {
        let [begin, record, between, end] = form;
        let long = if begin.contains(',') { "x".repeat(4000) } else { format!("\"Query\":\"{}\",", "x".repeat(4000)) };
        let padding = |number: usize| {
            let record = record.replacen('1', &format!("1{number}"), 1);
            if record.starts_with('{') { record.replacen('{', &format!("{{{long}"), 1) } else { record.replacen("11:55Z", &format!("11:55Z{long}"), 1) }
        };
        let head: Vec<String> = (0..70).map(padding).collect();
        let tail: Vec<String> = (0..8).map(|number| record.replacen('1', &format!("2{number}"), 1)).collect();
        let mut bytes = format!("{begin}{}{between}", head.join(between)).into_bytes();
        bytes.extend(spoil(format!("{}{end}", tail.join(between)).into_bytes(), accidents));
        prop_assert!(bytes.len() > 270_000);
        let whole = Reader::default().texts(&[("export.csv", &bytes)]);
        for block_bytes in [1, small] {
            let parts = Reader::in_blocks_of(block_bytes).texts(&[("export.csv", &bytes)]);
            same(&whole, &parts, &format!("in blocks of {block_bytes}"));
        }
    }
}

proptest! {
    #![proptest_config(config(8))]

    /// The whole way: detectors, evidence, two workers.
    #[test]
    fn scans_of_spoilt_exports(first in spoilt_export(), second in spoilt_export()) {
        let ran = Run::default().scan_texts(&[("a.csv", &first), ("b.json", &second)]);
        for counts in ran.outcome.counts.values() {
            let quarantined: u64 = counts.quarantined.values().sum();
            prop_assert_eq!(counts.read, counts.used + quarantined + counts.repeated);
        }
        let unread = ran.outcome.problems.iter().find(|problem| problem.what.contains("read back"));
        prop_assert!(unread.is_none(), "{unread:?}");
    }
}
