//! Any bytes, given to every reader there is: what must hold whatever they are.
//!
//! [`every_reader`] is what the fuzz target (`fuzz/`) calls, and what the tests beside this file call on chosen bytes:
//! no panic, nothing lost, the same outcome in other blocks and by more workers, rows that can be read back, and no more
//! given back than the input and the limits allow.

use std::sync::LazyLock;

use tempfile::TempDir;
use tokentrail::ingest::Limits;

use super::packed::{gzip, zipped, zstd};
use super::reading::{Read, Reader};

/// How text exports of several kinds begin, what a record looks like, what stands between records, how they end.
pub(crate) const FORMS: [[&str; 4]; 9] = [
    [CSV, ROW, "", ""],
    ["received,sub,iat,jti,assertion\n", "2025-08-17T11:11:55Z,mia,1755429110,j-1,a.b.c\n", "", ""],
    [
        "AppName,UserId,CreatedDate,UseCount,DeleteToken\n",
        "Drift,0055j000000utlP,2025-08-17T11:11:55Z,7,FAKE-1\n",
        "",
        "",
    ],
    [
        "REQUEST_ID,EVENT_TYPE,TIMESTAMP_DERIVED,USER_ID,URI\n",
        "1,Login,2025-08-17T11:11:55Z,0055j000000utlP,/\n1,RestApi,2025-08-17T11:11:55Z,,\"/x\"\n",
        "",
        "",
    ],
    [
        "",
        "{\"request_id_s\":\"1\",\"event_type_s\":\"URI\",\"timestamp_s\":\"1755429115\"}\n{\"event_type_s\":\"Login\"}",
        "\n",
        "",
    ],
    ["", OBJECT, "\n", "\n"],
    ["[", OBJECT, ",\n", "]"],
    ["{\"done\":true,\"records\":[", OBJECT, ", ", "]}"],
    ["{\"status\":0,\"result\":{\"records\":[\n", OBJECT, ",", "]},\"warnings\":[]}"],
];
/// The same for listings of event log files, whose bodies are small.
pub(crate) const LISTINGS: [[&str; 4]; 2] =
    [["Id,EventType,Sequence,LogFile\n", LISTED_ROW, "", ""], ["{\"records\":[", LISTED_OBJECT, ",", "]}"]];
const CSV: &str = "EventIdentifier,EventDate,UserId,SourceIp,RowsReturned,UserAgent\n";
const ROW: &str = "1,2025-08-17T11:11:55Z,0055j000000utlPAAQ,192.0.2.17,1,\"x \"\"y\"\"\nz\"\n";
/// Rows of `EventLogFile`; the bodies are `TIMESTAMP_DERIVED,USER_ID` and a row.
const LISTED_ROW: &str =
    "0ATA00000000001OAA,Login,1,VElNRVNUQU1QX0RFUklWRUQsVVNFUl9JRAoyMDI1LTA4LTE3VDExOjExOjU1WiwwMDU1ajAwMDAwMHV0bFAK\n";
const LISTED_OBJECT: &str = r#"{"Id":"0ATA00000000001OAA","EventType":"Login","LogFile":"VElNRVNUQU1QX0RFUklWRUQsVVNFUl9JRAoyMDI1LTA4LTE3VDExOjExOjU1WiwwMDU1ajAwMDAwMHV0bFAK"}"#;
const OBJECT: &str = r#"{"EventIdentifier":"1","EventDate":"2025-08-17T11:11:55Z","UserId":"0055j000000utlPAAQ","SourceIp":"192.0.2.17","RowsReturned":1,"UserAgent":"\"{[x"}"#;

/// What the readers of packed exports and of those in columns look for at the beginning, and at the end.
const MAGIC: [[&[u8]; 2]; 7] = [
    [b"PAR1", b"PAR1"],
    [b"ARROW1\0\0", b"ARROW1"],
    [b"\xff\xff\xff\xff", b"\xff\xff\xff\xff\0\0\0\0"],
    [b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b""],
    [b"\x28\xb5\x2f\xfd", b""],
    [b"PK\x03\x04", b""],
    [b"PK\x05\x06", b""],
];

/// What is compressed or in columns may unpack to so many bytes, or rows.
const UNPACKED: u64 = 1 << 16;
/// Blocks as small as these hold a record or two.
const SMALL_BLOCK: usize = 300;

/// Gives these bytes to every reader: as they are, packed, and behind what each reader looks for at the beginning.
///
/// # Panics
/// If a reader does not keep what it promises.
pub(crate) fn every_reader(bytes: &[u8]) {
    let plain = read(bytes);
    for packed in [gzip(bytes), zstd(bytes), zipped(&[("export.csv", bytes)])] {
        let unpacked = read(&packed);
        if bytes.len() as u64 <= UNPACKED && is_text(bytes) {
            same(&plain, &unpacked, "packed");
        }
    }
    for [begin, ..] in FORMS.into_iter().chain(LISTINGS) {
        read(&[begin.as_bytes(), bytes].concat());
    }
    for [begin, end] in MAGIC {
        read(&[begin, bytes, end].concat());
    }
    for head in LONG_HEADS.iter() {
        read(&[head, bytes].concat());
    }
}

thread_local! {
    /// One for all inputs of a thread: making and deleting files would take longer than reading them.
    static FOLDER: TempDir = tempfile::tempdir().unwrap();
}

/// Reads the bytes by one worker and by two in smaller blocks, and holds the outcomes against each other and the bounds.
fn read(bytes: &[u8]) -> Read {
    let path = FOLDER.with(|folder| folder.path().join("export.csv"));
    std::fs::write(&path, bytes).unwrap();
    let paths = [path];
    let limits = Limits { decompressed_bytes: UNPACKED, ..Limits::default() };
    let usual = Reader { limits, ..Reader::default() };
    let in_parts = Reader { limits: Limits { block_bytes: SMALL_BLOCK, ..limits }, threads: 2, ..usual };
    let whole = usual.paths(&paths);
    same(&whole, &in_parts.paths(&paths), "in small blocks");
    whole.can_be_read_back();
    bounded(&whole, bytes);
    whole
}

/// Neither packed itself nor a listing, whose bodies are not looked for in what is packed.
fn is_text(bytes: &[u8]) -> bool {
    let is_listing = bytes.windows(7).take(8 << 10).any(|word| word.eq_ignore_ascii_case(b"logfile"));
    !is_listing && !MAGIC.iter().any(|[begin, _]| bytes.starts_with(&begin[..begin.len().min(2)]))
}

/// Two readings of the same records come to the same, whatever the files were called.
#[track_caller]
pub(crate) fn same(whole: &Read, parts: &Read, how: &str) {
    let rows =
        |read: &Read| read.rows.iter().map(|row| (row.record, row.offset, row.cells.clone())).collect::<Vec<_>>();
    first_difference(&rows(whole), &rows(parts), how);
    let bad = |read: &Read| {
        let bad = read.quarantined.iter();
        bad.map(|row| (row.record, row.offset, row.column.clone(), row.reason, row.raw.clone())).collect::<Vec<_>>()
    };
    first_difference(&bad(whole), &bad(parts), how);
    let problems =
        |read: &Read| read.problems.iter().map(|problem| (problem.offset, problem.what.clone())).collect::<Vec<_>>();
    first_difference(&problems(whole), &problems(parts), how);
    assert_eq!(whole.sums(), parts.sums(), "{how}");
}

#[track_caller]
fn first_difference<T: PartialEq + std::fmt::Debug>(whole: &[T], parts: &[T], how: &str) {
    let at = whole.iter().zip(parts).take_while(|(whole, parts)| whole == parts).count();
    assert!(
        at == whole.len().max(parts.len()),
        "number {at} of {} is {:#?},\nbut {how} (of {}) {:#?}",
        whole.len(),
        whole.get(at),
        parts.len(),
        parts.get(at)
    );
}

/// What is given back grows with the bytes that are read and with nothing else.
fn bounded(read: &Read, bytes: &[u8]) {
    let held = (bytes.len() as u64).max(UNPACKED);
    let (rows, used, ..) = read.sums();
    assert!(rows <= held, "{rows} rows of {held} bytes");
    // Some texts are derived from others: networks, fingerprints of queries, references to secrets.
    let most = 4 * held + 1024 * used;
    assert!(read.text_bytes as u64 <= most, "{} bytes of texts in {used} rows of {held} bytes", read.text_bytes);
    for row in &read.quarantined {
        let shown = row.raw.len() + row.value.as_ref().map_or(0, String::len);
        assert!(shown <= 3 * 4096 + 1024, "{shown} bytes of record {}", row.record);
    }
    for problem in &read.problems {
        assert!(problem.what.len() <= 4096, "{} bytes: {}", problem.what.len(), problem.what);
    }
}

/// Heads that fill the first block, which is one whatever the size asked for: what stands behind them is cut.
static LONG_HEADS: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    let padding = "x".repeat(8000);
    let csv = |number| format!("p{number},2025-08-17T11:11:55Z,0055j000000utlPAAQ,192.0.2.17,1,{padding}\n");
    let object = |number| {
        format!(
            "{{\"EventIdentifier\":\"p{number}\",\"EventDate\":\"2025-08-17T11:11:55Z\",\"Padding\":\"{padding}\"}}"
        )
    };
    let heads = [
        format!("{},Padding\n{}", &CSV[..CSV.rfind(',').unwrap_or_default()], (0..34).map(csv).collect::<String>()),
        (0..34).map(|number| object(number) + "\n").collect(),
        "[".to_owned() + &(0..34).map(|number| object(number) + ",").collect::<String>(),
    ];
    heads.map(String::into_bytes)
});
