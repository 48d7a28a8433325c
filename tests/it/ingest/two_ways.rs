//! The two ways through a block of CSV, held against each other and against the `csv` crate.

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, proptest};
use proptest::{prop_assert, prop_assert_eq, prop_oneof};
use tokentrail::ingest::csv_records;

const COLUMNS: usize = 3;

/// Bytes that mean something to a CSV reader, more often than others.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just(b"\"".to_vec()),
        3 => Just(b",".to_vec()),
        2 => Just(b"\n".to_vec()),
        1 => Just(b"\r\n".to_vec()),
        1 => Just(b"\r".to_vec()),
        1 => Just(b"\"\"".to_vec()),
        1 => Just(b"\",\"".to_vec()),
        1 => Just(b"\"\n\"".to_vec()),
        2 => vec(any::<u8>(), 1..4),
        1 => (1..130_usize).prop_map(|length| vec![b'x'; length]),
    ];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// A file as a writer makes it: cells of any bytes, quoted where they must be and at will.
fn written() -> impl Strategy<Value = (Vec<Vec<Vec<u8>>>, bool, bool)> {
    let cell = prop_oneof![
        Just(b"a\"b".to_vec()),
        Just(b"one\ntwo".to_vec()),
        Just(Vec::new()),
        vec(any::<u8>(), 0..80),
        (60..70_usize).prop_map(|length| vec![b'y'; length]),
    ];
    (vec(vec(cell, COLUMNS), 1..12), any::<bool>(), any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    /// Where the quick way does not hand over, it says exactly what the strict walk says.
    #[test]
    fn on_hostile_bytes_the_quick_way_agrees_or_hands_over(block in hostile()) {
        let strict = csv_records(&block, COLUMNS, false).unwrap();
        if let Some(quick) = csv_records(&block, COLUMNS, true) {
            prop_assert_eq!(quick, strict, "{:?}", String::from_utf8_lossy(&block));
        }
    }

    /// What a writer wrote needs no strict walk, and is read as it was written: by both ways, as by the `csv` crate.
    #[test]
    fn what_a_writer_writes_is_read_quickly_and_exactly((rows, always, windows) in written()) {
        let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let end = if windows { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().quote_style(style).terminator(end).from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let block = writer.into_inner().unwrap();
        let quick = csv_records(&block, COLUMNS, true);
        if cfg!(target_arch = "x86_64") && has_avx2() {
            prop_assert!(quick.is_some(), "a writer's quotes are where they may be");
        }
        let strict = csv_records(&block, COLUMNS, false).unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(block.as_slice());
        let by_crate: Vec<Vec<Vec<u8>>> =
            reader.byte_records().map(|record| record.unwrap().iter().map(unwrapped).collect()).collect();
        for records in quick.iter().chain([&strict]) {
            let cells: Vec<Vec<Vec<u8>>> = records.iter().map(|record| record.cells.clone()).collect();
            prop_assert_eq!(&cells, &by_crate);
            prop_assert!(records.iter().all(|record| record.wrong.is_none()));
        }
    }
}

fn has_avx2() -> bool {
    let flags = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    ["avx2", "bmi1", "popcnt"].iter().all(|flag| flags.contains(flag))
}

/// A cell as it is handed on: without what wraps it, and empty where it says nothing.
fn unwrapped(cell: &[u8]) -> Vec<u8> {
    let inner = tokentrail::value::unwrap_cell(cell);
    if tokentrail::value::is_blank(inner) { Vec::new() } else { inner.to_vec() }
}

/// Quotes, separators and line ends on both sides of every border between two chunks of 64 bytes.
#[test]
fn borders_between_chunks_change_nothing() {
    for pattern in ["\"", "\"\"", "\",\"", "\"\n\"", "\"\r\n\"", ",", "\n", "\r\n", "\r", "x\"y", "\"\"\""] {
        for before in 0..200 {
            for opening in ["", "\""] {
                let block = format!("{opening}{}{pattern}{}{opening}\n", "a".repeat(before), "b".repeat(70));
                let strict = csv_records(block.as_bytes(), 1, false).unwrap();
                if let Some(quick) = csv_records(block.as_bytes(), 1, true) {
                    assert_eq!(quick, strict, "{block:?}");
                }
            }
        }
    }
}
