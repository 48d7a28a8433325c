//! Converted exports: what is in them, that the same exports give the same bytes, and that a scan of them finds what a
//! scan of the exports finds.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::KeyValue;
use tokentrail::apps::Register;
use tokentrail::batch::Table;
use tokentrail::convert::{Convert, Tables, convert};
use tokentrail::ingest::{Limits, QuarantinedRow, discover};
use tokentrail::schema::Schemas;

use crate::cli::{files, tokentrail};
use crate::ingest::gzip;
use crate::run::Run;

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data")
}

pub(crate) fn converted(paths: &[PathBuf], threads: usize, block_bytes: usize) -> (Tables, Vec<QuarantinedRow>) {
    converted_with(&Register::default(), paths, threads, block_bytes)
}

fn converted_with(
    register: &Register,
    paths: &[PathBuf],
    threads: usize,
    block_bytes: usize,
) -> (Tables, Vec<QuarantinedRow>) {
    let (exports, problems) = discover(paths);
    assert_eq!(problems, []);
    let schemas = Schemas::embedded().unwrap();
    let mut quarantined = Vec::new();
    let limits = Limits { block_bytes, ..Limits::default() };
    let asked =
        Convert { exports: &exports, schemas: &schemas, register, zone: None, threads, limits, taken: Arc::default() };
    let tables = convert(&asked, &mut quarantined);
    (tables, quarantined)
}

/// The files by table.
pub(crate) fn bytes(tables: &Tables) -> BTreeMap<&'static str, Vec<u8>> {
    let mut files = BTreeMap::new();
    for table in Table::ALL.into_iter().filter(|table| tables.rows(*table) > 0) {
        let mut bytes = Vec::new();
        tables.write(table, &mut bytes).unwrap();
        files.insert(table.name(), bytes);
    }
    files
}

fn written(tables: &Tables) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in bytes(tables) {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join(format!("{name}.parquet")), bytes).unwrap();
    }
    folder
}

/// The rows of a converted file, and what its metadata says.
fn rows(path: &Path) -> (Vec<RecordBatch>, BTreeMap<String, String>) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let metadata = reader.metadata().file_metadata();
    let mut said: BTreeMap<String, String> = metadata
        .key_value_metadata()
        .into_iter()
        .flatten()
        .map(|pair| (pair.key.clone(), pair.value.clone().unwrap_or_default()))
        .collect();
    said.insert("created_by".to_owned(), metadata.created_by().unwrap().to_owned());
    (reader.build().unwrap().map(Result::unwrap).collect(), said)
}

fn texts(batch: &RecordBatch, name: &str) -> StringArray {
    cast(batch.column_by_name(name).unwrap(), &DataType::Utf8).unwrap().as_string::<i32>().clone()
}

/// Findings, sentences, scores, evidence: all is as in a scan of the exports.
#[test]
fn a_scan_finds_the_same() {
    let registered = fs::read_to_string(sample().join("apps.toml")).unwrap();
    // Logins without an identifier, of an app that goes by two names.
    let downloads = tempfile::tempdir().unwrap();
    for (name, app) in [("a.csv", "Drift"), ("b.csv", "Drift Email")] {
        let row = |day: usize, hour: usize, address: &str| {
            format!("2025-08-{day:02} {hour:02}:00:00,mia@example.com,{address},{app},Remote Access 2.0,Success\n")
        };
        let rows: String = (8..12)
            .flat_map(|hour| (1..12).map(move |day| row(day, hour, "192.0.2.17")))
            .chain([row(17, 10, "198.18.7.9")])
            .collect();
        let header = "Login Time,Username,Source IP,Application,Login Type,Status\n";
        fs::write(downloads.path().join(name), format!("{header}{rows}")).unwrap();
    }
    let paths = [sample(), downloads.path().to_owned()];
    for (threads, apps) in [(1, registered), (3, String::new())] {
        let run = Run { apps, threads, ..Run::default() };
        let (tables, _) = converted_with(&run.register(), &paths, 2, 1 << 20);
        let folder = written(&tables);
        let usual = run.scan(&paths).outcome;
        let found = run.scan(&[folder.path().to_owned()]).outcome;
        assert_eq!(found.problems, []);
        assert!(usual.findings.len() > 20);
        let told = |findings: &[tokentrail::finding::Finding]| {
            findings.iter().map(|finding| serde_json::to_string(finding).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(told(&found.findings), told(&usual.findings));
        assert_eq!((found.since, found.as_of), (usual.since, usual.as_of));
        let used = |counts: &BTreeMap<String, tokentrail::ingest::Counts>| {
            counts.values().map(|counts| counts.used).sum::<u64>()
        };
        assert_eq!(used(&found.counts), used(&usual.counts));
        let together = run.scan(&[&paths[..], &[folder.path().to_owned()]].concat()).outcome;
        assert_eq!(used(&together.counts), used(&usual.counts), "a converted row is a copy");
        assert!(
            usual
                .findings
                .iter()
                .any(|finding| finding.evidence[0].export.starts_with(downloads.path().to_str().unwrap()))
        );
        assert_eq!(together.findings.len(), usual.findings.len());
    }
}

/// Whatever the order of files, the number of workers and the size of blocks.
#[test]
fn the_same_exports_give_the_same_bytes() {
    let usual = bytes(&converted(&[sample()], 1, 1 << 20).0);
    assert!(usual.len() >= 4);
    for (threads, block_bytes) in [(1, 1000), (2, 1 << 20), (4, 4096)] {
        assert!(bytes(&converted(&[sample()], threads, block_bytes).0) == usual, "{threads} threads, {block_bytes}");
    }
    let (exports, _) = discover(&[sample()]);
    let mut paths: Vec<PathBuf> = exports.into_iter().map(|export| export.path).collect();
    paths.reverse();
    assert!(bytes(&converted(&paths, 2, 1 << 20).0) == usual, "another order of arguments");
}

#[test]
fn columns_are_typed_and_rows_sorted() {
    let (tables, quarantined) = converted(&[sample()], 2, 1 << 20);
    let folder = written(&tables);
    let used: u64 = tables.counts.values().map(|counts| counts.used).sum();
    let mut count = 0;
    for table in Table::ALL.into_iter().filter(|table| tables.rows(*table) > 0) {
        let path = folder.path().join(table.name()).join(format!("{}.parquet", table.name()));
        let (batches, said) = rows(&path);
        assert_eq!(said["tokentrail.table"], table.name());
        assert_eq!(said["created_by"], "tokentrail");
        let mut last = None;
        for batch in &batches {
            count += batch.num_rows() as u64;
            let schema = batch.schema();
            let names: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
            let distinct: std::collections::BTreeSet<&String> = names.iter().copied().collect();
            assert_eq!(names.len(), distinct.len(), "{}: a column's name stands twice: {names:?}", table.name());
            for (name, column) in batch.schema().fields().iter().map(|field| field.name()).zip(batch.columns()) {
                let is_expected = match column.data_type() {
                    DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) => &**zone == "UTC",
                    DataType::Dictionary(_, values) => **values == DataType::Utf8,
                    DataType::Int64 => true,
                    DataType::FixedSizeBinary(16) => name == "identity",
                    _ => false,
                };
                assert!(is_expected, "{name}: {}", column.data_type());
                // Lists such as that of apps have no times.
                let has_values =
                    |batch: &RecordBatch| batch.column_by_name(name).unwrap().null_count() < batch.num_rows();
                assert!(name == "time" || batches.iter().any(has_values), "{name}");
            }
            let times = batch.column_by_name("time").unwrap().as_primitive::<TimestampMicrosecondType>();
            let records = batch.column_by_name("record").unwrap().as_primitive::<Int64Type>();
            let exports = texts(batch, "export");
            for row in 0..batch.num_rows() {
                let key =
                    (times.is_valid(row).then(|| times.value(row)), exports.value(row).to_owned(), records.value(row));
                assert!(last.as_ref().is_none_or(|last| *last < key), "{last:?} then {key:?}");
                last = Some(key);
            }
        }
    }
    assert_eq!((count, quarantined.is_empty()), (used, false));
}

/// The place of a row in its export, and its hash, are those that evidence has.
#[test]
fn rows_say_where_they_come_from() {
    let folder = tempfile::tempdir().unwrap();
    let text = "EventIdentifier,EventDate,RowsReturned,Username\n\
        b,2025-08-17T11:11:56Z,2,mia\nbad,soon,1,\na,2025-08-17T11:11:55Z,1,\nb,2025-08-17T11:11:56Z,2,mia\n";
    fs::write(folder.path().join("calls.csv.gz"), gzip(text.as_bytes())).unwrap();
    let (tables, quarantined) = converted(&[folder.path().to_owned()], 1, 1 << 20);
    assert_eq!((tables.rows(Table::Calls), quarantined.len()), (2, 1));
    let out = written(&tables);
    let (batches, _) = rows(&out.path().join("calls/calls.parquet"));
    let batch = &batches[0];
    let strings = |name: &str| texts(batch, name).iter().map(|text| text.unwrap_or("").to_owned()).collect::<Vec<_>>();
    let numbers = |name: &str| batch.column_by_name(name).unwrap().as_primitive::<Int64Type>().values().to_vec();
    assert_eq!(strings("event_id"), ["a", "b"]);
    assert_eq!(strings("username"), ["", "mia"]);
    assert_eq!(strings("event_type"), ["ApiEvent", "ApiEvent"]);
    assert_eq!(numbers("record"), [3, 1]);
    assert_eq!(numbers("offset"), [89, 48]);
    assert_eq!(&text[89..92], "a,2");
    assert!(strings("export").iter().all(|name| name.ends_with("calls.csv.gz")));
    let hash = tokentrail::value::secret::hexadecimal(&<sha2::Sha256 as sha2::Digest>::digest(gzip(text.as_bytes())));
    assert_eq!(strings("export_sha256"), [hash.clone(), hash]);
    assert!(batch.column_by_name("session").is_none(), "roles without a value have no column");
}

#[test]
fn no_secret_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "5Aep861TSESvWeug_secret";
    let text = format!(
        "AppName,UserId,CreatedDate,LastUsedDate,UseCount,AccessToken,DeleteToken,RequestToken\n\
         Drift,005Tr0001aEqx0LIAR,2025-01-01T00:00:00Z,2025-01-02T00:00:00Z,3,{secret}1,{secret}2,{secret}3\n"
    );
    fs::write(folder.path().join("tokens.csv"), text).unwrap();
    let (tables, _) = converted(&[folder.path().to_owned()], 1, 1 << 20);
    let out = written(&tables);
    let (batches, _) = rows(&out.path().join("tokens/tokens.parquet"));
    assert_eq!(batches[0].num_rows(), 1);
    let shown = format!("{batches:?}");
    assert!(shown.contains("Drift") && !shown.contains(secret), "{shown}");
    assert!(!texts(&batches[0], "token").value(0).is_empty());
}

/// A file that says that it was converted is believed only as far as it makes sense.
#[test]
fn a_file_that_was_changed_is_refused() {
    let out = written(&converted(&[sample()], 1, 1 << 20).0);
    let (batches, _) = rows(&out.path().join("tokens/tokens.parquet"));
    let batch = &batches[0];
    let rewritten = |batch: &RecordBatch, table: &str| {
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
        writer.append_key_value_metadata(KeyValue::new("tokentrail.table".to_owned(), table.to_owned()));
        writer.write(batch).unwrap();
        writer.close().unwrap();
        bytes
    };
    let told = |bytes: &[u8]| {
        let outcome = Run::default().scan_texts(&[("a.parquet", bytes)]).outcome;
        outcome.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(told(&rewritten(batch, "tokens")), "");
    assert!(told(&rewritten(batch, "nonsense")).contains("the table \"nonsense\", which is not known"));
    let place = batch.schema().index_of("identity").unwrap();
    let others: Vec<usize> = (0..batch.num_columns()).filter(|column| *column != place).collect();
    assert!(told(&rewritten(&batch.project(&others).unwrap(), "tokens")).contains("without the column identity"));
}

#[test]
fn the_command_writes_a_folder() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("tables");
    let folder_name = folder.to_str().unwrap();
    let told = tokentrail(&["convert", "sample-data", "--out", folder_name]);
    assert_eq!((told.code, told.out.as_str()), (0, ""), "{}", told.err);
    assert!(told.err.contains("ApiEvent: 6250 rows") && told.err.contains("rows written into"), "{}", told.err);
    assert!(fs::metadata(folder.join("quarantine.ndjson")).unwrap().len() > 0);
    assert_eq!(files(&folder.join("calls")).into_keys().collect::<Vec<_>>(), ["calls.parquet"]);
    let of_exports = tokentrail(&["scan", "sample-data", "--apps", "sample-data/apps.toml"]);
    let of_tables = tokentrail(&["scan", folder_name, "--apps", "sample-data/apps.toml"]);
    assert_eq!((of_tables.code, &of_tables.out), (0, &of_exports.out), "{}", of_tables.err);
    assert!(of_tables.err.contains("converted calls: "), "{}", of_tables.err);
    // What is converted already is not converted once more; what an earlier run wrote goes away.
    let again = out.path().join("again");
    let told = tokentrail(&["convert", folder_name, "--out", again.to_str().unwrap()]);
    assert!(told.code == 3 && told.err.contains("is converted already"), "{}", told.err);
    fs::write(out.path().join("a.csv"), "EventIdentifier,EventDate,RowsReturned\n1,2025-08-17T11:11:55Z,1\n").unwrap();
    let told = tokentrail(&["convert", out.path().join("a.csv").to_str().unwrap(), "--out", folder_name, "--quiet"]);
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    assert!(files(&folder.join("tokens")).is_empty(), "the tokens of the earlier run are gone");
    assert_eq!(tokentrail(&["convert", "sample-data"]).code, 2, "--out is needed");
}
