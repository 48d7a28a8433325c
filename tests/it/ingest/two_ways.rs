//! The two ways through a block of CSV, held against each other and against the `csv` crate; and the two ways through a
//! JSON object.

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, proptest};
use proptest::{prop_assert, prop_assert_eq, prop_oneof};
use tokentrail::ingest::{csv_records, json_cells};
use tokentrail::schema::Schemas;

const COLUMNS: usize = 3;

/// These are quick: sixteen times as many cases as elsewhere, so as many times `PROPTEST_CASES`.
fn config() -> ProptestConfig {
    let usual = super::any_bytes::config(1);
    ProptestConfig { cases: usual.cases.saturating_mul(16), ..usual }
}

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

/// JSON objects with the keys of calls, now and then with something broken in them.
fn objects() -> impl Strategy<Value = Vec<u8>> {
    let key = prop::sample::select(vec![
        "EventDate",
        "UserId",
        "SourceIp",
        "RowsReturned",
        "User",
        "attributes",
        "source_ip",
        "x\\n",
        "\u{e9}",
        "",
    ]);
    let value = prop_oneof![
        4 => "[ -~]{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        2 => any::<i64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| format!("{number:?}")),
        3 => prop::sample::select(vec![
            "null", "true", "-0", "01", "1.50", "-0.0", "-0.50", "0.10", "12.0", "123456789012345.5", "12345678901234.5", "0.000001", "1.", "58.0", "1e3", "nul", "{}", "[1,{\"a\":\"}\"}]", "{\"Username\":\"u\",\"x\":1}", "{\"type\":\"X\"}", "\"\\u00e9\\ud800\"", "\"\\q\"", "\"a\nb\"", "\"\t\"", "\"\\\\\"", "[1,]",
        ]).prop_map(str::to_owned),
    ];
    let blank = prop_oneof![6 => Just(""), 1 => Just(" "), 1 => Just("\r\n"), 1 => Just("\t")];
    let pair =
        (key, value, blank).prop_map(|(key, value, blank)| format!("{blank}\"{key}\"{blank}:{blank}{value}{blank}"));
    (vec(pair, 0..8), vec((any::<prop::sample::Index>(), any::<u8>()), 0..2), 0..8_u8).prop_map(
        |(pairs, broken, breaks)| {
            let mut object = format!("{{{}}}", pairs.join(",")).into_bytes();
            for (place, byte) in broken.into_iter().filter(|_| breaks == 0) {
                let place = place.index(object.len());
                object[place] = byte;
            }
            object
        },
    )
}

proptest! {
    #![proptest_config(config())]

    /// Where the quick way does not hand over, it says exactly what the strict walk says.
    #[test]
    fn on_hostile_bytes_the_quick_way_agrees_or_hands_over(block in hostile()) {
        let strict = csv_records(&block, COLUMNS, false).unwrap();
        if let Some(quick) = csv_records(&block, COLUMNS, true) {
            prop_assert_eq!(quick, strict, "{:?}", String::from_utf8_lossy(&block));
        }
    }

    /// What the quick way says of an object is what the library parser says.
    #[test]
    fn an_object_is_read_alike_or_handed_over(object in objects()) {
        let schemas = Schemas::embedded().unwrap();
        let schema = schemas.called("ApiEvent").unwrap();
        if let Some(quick) = json_cells(&object, schema, true) {
            let by_library = json_cells(&object, schema, false);
            prop_assert_eq!(Some(quick), by_library, "{:?}", String::from_utf8_lossy(&object));
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

pub(super) fn has_avx2() -> bool {
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

/// What exports hold is read the quick way.
#[test]
fn usual_objects_are_not_handed_over() {
    let schemas = Schemas::embedded().unwrap();
    let schema = schemas.called("ApiEvent").unwrap();
    let object = br#"{"attributes":{"type":"ApiEvent","url":"/x"},"EventDate":"2025-08-17T11:11:55.000+0000","RowsReturned":12,
        "ElapsedTime":1.5,"Query":"SELECT Id FROM A WHERE B = \"x\\y\"","SourceIp":null,"Records":"{\"a\":1}","UserId":"0055j000000utlP"}"#;
    let cells = json_cells(object, schema, true).expect("read quickly");
    assert_eq!(Some(cells), json_cells(object, schema, false));
}
