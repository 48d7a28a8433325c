//! Parquet and Arrow: the rows of text exports, whatever their columns are made of; and files that are not what they
//! say.

mod strings;
mod types;

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow::compute::concat_batches;
use arrow::ipc::CompressionType;
use arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use tokentrail::batch::Role;
use tokentrail::ingest::{Limits, Reason};
use tokentrail::value::Time;

use super::{CALLS, NAMES, Read, Reader, all_calls, folder_of};
use crate::run::Run;

/// How rows are stored.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// With at most so many rows in a row group.
    Parquet(usize),
    File,
    Stream,
}

const FORMS: [Form; 4] = [Form::Parquet(1 << 20), Form::Parquet(2), Form::File, Form::Stream];

impl Form {
    fn ending(self) -> &'static str {
        match self {
            Self::Parquet(_) => "parquet",
            Self::File => "feather",
            Self::Stream => "arrow",
        }
    }

    fn bytes(self, batches: &[RecordBatch]) -> Vec<u8> {
        let (schema, mut bytes) = (batches[0].schema(), Vec::new());
        match self {
            Self::Parquet(rows) => return parquet_with(batches, rows, Compression::ZSTD(ZstdLevel::default())),
            Self::File => {
                let mut writer = FileWriter::try_new(&mut bytes, &schema).unwrap();
                for batch in batches {
                    writer.write(batch).unwrap();
                }
                writer.finish().unwrap();
            }
            Self::Stream => {
                let mut writer = StreamWriter::try_new(&mut bytes, &schema).unwrap();
                for batch in batches {
                    writer.write(batch).unwrap();
                }
                writer.finish().unwrap();
            }
        }
        bytes
    }
}

fn parquet_with(batches: &[RecordBatch], rows: usize, compression: Compression) -> Vec<u8> {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(rows)).set_compression(compression);
    written(batches, properties.build())
}

fn written(batches: &[RecordBatch], properties: WriterProperties) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batches[0].schema(), Some(properties)).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.close().unwrap();
    bytes
}

/// A column of strings; empty ones are null.
fn text(values: &[&str]) -> ArrayRef {
    Arc::new(values.iter().map(|value| Some(*value).filter(|value| !value.is_empty())).collect::<StringArray>())
}

fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

fn micros(text: &str) -> i64 {
    Time::parse(text.as_bytes(), None).unwrap().0
}

/// [`CALLS`] with typed times and numbers.
fn calls() -> RecordBatch {
    let column = |place: usize| CALLS.iter().map(|call| call.cells()[place]).collect::<Vec<_>>();
    let times = column(1).into_iter().map(|time| micros(time) / 1000).collect::<Vec<_>>();
    let rows = column(5).into_iter().map(|rows| rows.parse().unwrap()).collect::<Vec<f64>>();
    let array = |place: usize| -> ArrayRef {
        match NAMES[place] {
            "EventDate" => Arc::new(TimestampMillisecondArray::from(times.clone()).with_timezone("UTC")),
            "RowsReturned" => Arc::new(Float64Array::from(rows.clone())),
            _ => text(&column(place)),
        }
    };
    table((0..NAMES.len()).map(|place| (NAMES[place], array(place))).collect())
}

fn read(form: Form, batches: &[RecordBatch]) -> Read {
    Read::of(form.ending(), form.bytes(batches))
}

/// What Parquet's pages may be packed by, besides zstd.
fn codecs() -> [(&'static str, Compression); 4] {
    let gzip = Compression::GZIP(parquet::basic::GzipLevel::default());
    [
        ("plain", Compression::UNCOMPRESSED),
        ("snappy", Compression::SNAPPY),
        ("lz4", Compression::LZ4_RAW),
        ("gzip", gzip),
    ]
}

/// A file of every form and codec, by name.
pub(super) fn small_exports() -> Vec<(String, Vec<u8>)> {
    let calls = calls();
    let of_form =
        |form: Form, name: &str| (format!("{name}.{}", form.ending()), form.bytes(std::slice::from_ref(&calls)));
    let mut files = vec![
        of_form(Form::Parquet(1 << 20), "calls"),
        of_form(Form::Parquet(2), "groups"),
        of_form(Form::File, "calls"),
        of_form(Form::Stream, "calls"),
        ("compressed.feather".to_owned(), compressed(&calls, true)),
        ("compressed.arrow".to_owned(), compressed(&calls, false)),
    ];
    for (name, codec) in codecs() {
        files.push((format!("{name}.parquet"), parquet_with(std::slice::from_ref(&calls), 2, codec)));
    }
    files
}

#[test]
fn rows_are_those_of_text() {
    let calls = calls();
    for form in FORMS {
        all_calls(read(form, std::slice::from_ref(&calls)));
        all_calls(read(form, &[calls.slice(0, 1), calls.slice(0, 0), calls.slice(1, 2)]));
        // Whatever it is called.
        all_calls(Read::of("csv", form.bytes(std::slice::from_ref(&calls))));
    }
    for (_, codec) in codecs() {
        all_calls(Read::of("parquet", parquet_with(std::slice::from_ref(&calls), 2, codec)));
    }
}

/// A row's place is its number.
#[test]
fn rows_are_numbered() {
    for form in FORMS {
        let read = read(form, &[calls()]);
        let places: Vec<_> = read.rows.iter().map(|row| (row.record, row.offset)).collect();
        assert_eq!(places, [(1, 1), (2, 2), (3, 3)], "{form:?}");
    }
}

/// More rows than are read at once, in one row group and in several, with repeated and unusable ones among them.
#[test]
fn many_rows() {
    let numbers = 0..70_000_u32;
    let ids: Vec<String> =
        numbers.clone().map(|number| format!("id {}", number / 10 * 10 + (number % 10).min(8))).collect();
    let times: Vec<Option<i64>> =
        numbers.clone().map(|number| (number % 10 != 3).then_some(1_755_429_115_000 + i64::from(number))).collect();
    let batch = table(vec![
        ("EventIdentifier", text(&ids.iter().map(String::as_str).collect::<Vec<_>>())),
        ("EventDate", Arc::new(TimestampMillisecondArray::from(times))),
        ("RowsReturned", Arc::new(numbers.map(f64::from).collect::<Float64Array>())),
    ]);
    for form in [Form::Parquet(1 << 20), Form::Parquet(40_000), Form::Parquet(1000), Form::File, Form::Stream] {
        let read = read(form, std::slice::from_ref(&batch));
        assert_eq!(read.sums(), (70_000, 56_000, 7_000, 7_000), "{form:?}");
        for row in &read.rows {
            assert_eq!(row.cell(Role::Rows), (row.record - 1).to_string(), "{form:?}");
            assert_eq!(row.record, row.offset);
        }
        let bad = &read.quarantined[1];
        assert_eq!((bad.record, bad.reason, bad.column.as_deref()), (14, Reason::Missing, Some("EventDate")));
        assert_eq!(bad.raw, r#"{"EventIdentifier":"id 13","RowsReturned":"13.0"}"#);
    }
}

/// Evidence of an Arrow or Parquet export names the row, and the row is read again.
#[test]
fn evidence_leads_back() {
    let mut csv = "EventIdentifier,EventDate,UserId,Application,SourceIp,RowsReturned\n".to_owned();
    for number in 0..200 {
        let (day, address) = if number % 50 == 49 { (25, "203.0.113.9") } else { (1 + number % 20, "192.0.2.17") };
        let time = format!("2025-08-{day:02}T10:00:{:02}.000Z", number % 60);
        csv.extend([format!("e{number},{time},005Tr0001aEqx0LIAR,Drift,{address},1\n")]);
    }
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let column = |place: usize| lines[1..].iter().map(|line| line[place]).collect::<Vec<_>>();
    let batch = table((0..6).map(|place| (lines[0][place], text(&column(place)))).collect());
    let batches: Vec<_> = (0..4).map(|part| batch.slice(part * 50, 50)).collect();
    let run = Run::default();
    let of_text = run.scan_texts(&[("export.csv", csv.as_bytes())]).outcome;
    assert!(!of_text.findings.is_empty());
    for form in [Form::Parquet(1 << 20), Form::Parquet(30), Form::File, Form::Stream] {
        let outcome = run.scan_texts(&[(&format!("export.{}", form.ending()), &form.bytes(&batches))]).outcome;
        assert_eq!(outcome.problems, [], "{form:?}");
        assert_eq!(outcome.findings.len(), of_text.findings.len());
        for (finding, other) in outcome.findings.iter().zip(&of_text.findings) {
            assert_eq!((finding.id, &finding.sentence), (other.id, &other.sentence), "{form:?}");
            for (evidence, other) in finding.evidence.iter().zip(&other.evidence) {
                assert_eq!((&evidence.event_id, evidence.record), (&other.event_id, other.record), "{form:?}");
                assert_eq!(evidence.offset, evidence.record, "{form:?}");
                assert!(!evidence.sha256.is_empty());
            }
        }
    }
}

#[track_caller]
fn unusable(name: &str, bytes: &[u8], what: &str) {
    let read = Reader::default().texts(&[(name, bytes)]);
    assert_eq!(read.rows.len(), 0, "{what}");
    let [problem] = &read.problems[..] else { panic!("{what}: {:?}", read.problems) };
    assert!(problem.what.contains(what), "{what}: {problem}");
    assert!(problem.hint.is_some(), "{problem}");
}

#[test]
fn files_that_cannot_be_used_are_named_with_the_reason() {
    let calls = calls();
    for form in FORMS {
        let bytes = form.bytes(std::slice::from_ref(&calls));
        let name = format!("a.{}", form.ending());
        unusable(&name, &form.bytes(&[calls.slice(0, 0)]), "has no rows");
        unusable(&name, &form.bytes(&[table(vec![("Name", text(&["Mia"]))])]), "no schema fits its 1 columns: Name");
        let without_time = calls.project(&[0, 2, 3, 5]).unwrap();
        unusable(&name, &form.bytes(&[without_time]), "no schema fits");
        if matches!(form, Form::Parquet(_)) {
            unusable(&name, &bytes[..bytes.len() / 2], "is a Parquet file that cannot be read");
            unusable(&name, &bytes[..bytes.len() - 1], "is a Parquet file that cannot be read");
        } else {
            unusable(&name, &bytes[..100], "that cannot be read");
        }
        unusable(&format!("{name}.gz"), &super::gzip(&bytes), "inside another file");
        unusable("a.zip", &super::zipped(&[(&name, &bytes)]), "inside another file");
    }
    unusable("a.parquet", b"PAR1", "is a Parquet file that cannot be read");
    unusable("a.arrow", b"ARROW1\0\0", "is an Arrow file that cannot be read");
    unusable("a.arrow", &[0xff; 8], "is an Arrow stream that cannot be read");
}

/// What stands before the break is used.
#[test]
fn a_stream_that_breaks_off_is_used_up_to_there() {
    let bytes = Form::Stream.bytes(&[calls(), calls()]);
    let folder = folder_of(&[("export.arrow", &bytes[..bytes.len() - 300])]);
    let read = Reader::default().paths(&[folder.path().to_owned()]);
    assert_eq!(read.rows.len(), 3);
    read.can_be_read_back();
    let [problem] = &read.problems[..] else { panic!("{:?}", read.problems) };
    assert!(problem.what.contains("breaks off before row 4"), "{problem}");
}

/// A row group that is damaged is told; the others are used, and keep their numbers.
#[test]
fn a_damaged_row_group_spoils_itself_only() {
    let batch = concat_batches(&calls().schema(), &[calls(), calls(), calls()]).unwrap();
    let ids: Vec<String> = (0..9).map(|number| format!("identifier {number}")).collect();
    let mut columns = batch.columns().to_vec();
    columns[0] = text(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let batch = RecordBatch::try_new(batch.schema(), columns).unwrap();
    let mut bytes = parquet_with(&[batch], 3, Compression::ZSTD(ZstdLevel::default()));
    let magic = [0x28, 0xb5, 0x2f, 0xfd];
    let pages: Vec<usize> = (0..bytes.len() - 4).filter(|at| bytes[*at..].starts_with(&magic)).collect();
    let middle = pages[pages.len() / 2];
    bytes[middle] = 0;
    let folder = folder_of(&[("export.parquet", &bytes)]);
    let read = Reader::default().paths(&[folder.path().to_owned()]);
    let records: Vec<u64> = read.rows.iter().map(|row| row.record).collect();
    assert_eq!(records, [1, 2, 3, 7, 8, 9]);
    read.can_be_read_back();
    let [problem] = &read.problems[..] else { panic!("{:?}", read.problems) };
    assert!(problem.what.starts_with("rows 4 to 6 cannot be read"), "{problem}");
}

/// A row group that is read in several goes, of which one column's second page is damaged: what stands in other pages is
/// used, and what cannot be is told once.
#[test]
fn a_damaged_page_is_told_once() {
    let ids: Vec<String> = (0..30_000).map(|number| format!("identifier {number:05}")).collect();
    let batch = table(vec![
        ("EventIdentifier", text(&ids.iter().map(String::as_str).collect::<Vec<_>>())),
        ("EventDate", text(&vec!["2025-08-17T11:11:55.214Z"; ids.len()])),
        ("RowsReturned", text(&vec!["1"; ids.len()])),
    ]);
    let properties = WriterProperties::builder().set_dictionary_enabled(false).set_data_page_row_count_limit(12_000);
    let properties = properties.set_compression(Compression::ZSTD(ZstdLevel::default())).build();
    let mut bytes = written(&[batch], properties);
    let magic = [0x28, 0xb5, 0x2f, 0xfd];
    let second = (0..bytes.len() - 4).filter(|at| bytes[*at..].starts_with(&magic)).nth(1).unwrap();
    bytes[second] = 0;
    let read = Read::of("parquet", bytes);
    let [problem] = &read.problems[..] else { panic!("{:?}", read.problems) };
    let rows = problem.what.strip_prefix("rows ").and_then(|what| what.split(" cannot be read").next()).unwrap();
    let (first, last) = rows.split_once(" to ").unwrap();
    let [first, last] = [first, last].map(|number| number.parse::<u64>().unwrap());
    assert!((2..=12_001).contains(&first) && (24_000..30_000).contains(&last), "{problem}");
    let records: Vec<u64> = read.rows.iter().map(|row| row.record).collect();
    assert_eq!(records, (1..first).chain(last + 1..=30_000).collect::<Vec<_>>());
}

/// Whatever is done to the bytes, nothing is lost without a word, and nothing breaks.
#[test]
fn damaged_bytes_are_told() {
    for form in FORMS {
        let bytes = form.bytes(&[calls(), calls()]);
        for at in (0..bytes.len()).step_by(7) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            let read = Read::of(form.ending(), &damaged);
            let told = !read.problems.is_empty() || !read.quarantined.is_empty();
            assert!(told || read.sums().0 > 0, "{form:?}, byte {at}");
            Read::of(form.ending(), &bytes[..at]);
        }
    }
}

/// Few bytes that say that they are many rows, or many bytes.
#[test]
fn a_bomb_is_stopped() {
    let same = vec!["x"; 1_000_000];
    let batch = table(vec![
        ("EventDate", text(&vec!["2025-08-17T11:11:55Z"; same.len()])),
        ("EventIdentifier", text(&same)),
        ("RowsReturned", text(&same)),
    ]);
    let files = [
        ("bomb.parquet", parquet_with(std::slice::from_ref(&batch), 1 << 22, Compression::ZSTD(ZstdLevel::default()))),
        ("bomb.arrow", compressed(&batch, false)),
        ("bomb.feather", compressed(&batch, true)),
    ];
    for (name, bytes) in files {
        let limits = Limits { decompressed_bytes: 900_000, ..Limits::default() };
        let read = Reader { limits, ..Reader::default() }.texts(&[(name, &bytes)]);
        let [problem] = &read.problems[..] else { panic!("{name}: {:?}", read.problems) };
        assert!(problem.what.contains("bomb would") && read.rows.is_empty(), "{problem}");
    }
}

fn compressed(batch: &RecordBatch, file: bool) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME)).unwrap();
    let mut bytes = Vec::new();
    if file {
        let mut writer = FileWriter::try_new_with_options(&mut bytes, &batch.schema(), options).unwrap();
        writer.write(batch).unwrap();
        writer.finish().unwrap();
    } else {
        let mut writer = StreamWriter::try_new_with_options(&mut bytes, &batch.schema(), options).unwrap();
        writer.write(batch).unwrap();
        writer.finish().unwrap();
    }
    bytes
}

/// As Feather files are. A buffer may say that it unpacks to anything.
#[test]
fn compressed_arrow() {
    for file in [true, false] {
        let bytes = compressed(&calls(), file);
        all_calls(Read::of("arrow", &bytes));
        let frame = [0x04, 0x22, 0x4d, 0x18];
        let frames: Vec<usize> = (0..bytes.len() - 4).filter(|at| bytes[*at..].starts_with(&frame)).collect();
        assert!(!frames.is_empty());
        for size in [1_u64 << 40, 1 << 60, u64::MAX / 2] {
            let mut bomb = bytes.clone();
            bomb[frames[0] - 8..frames[0]].copy_from_slice(&size.to_le_bytes());
            unusable("a.arrow", &bomb, "as a decompression bomb would");
        }
        for at in (0..bytes.len()).step_by(5) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            Read::of("arrow", &damaged);
        }
    }
}
