//! Exports as they come: broken, foreign, chosen by an attacker, or full of secrets. Through the program itself.

mod secrets;
mod text;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::{files, tokentrail};

/// What a scan leaves behind.
struct Scanned {
    code: i32,
    out: String,
    err: String,
    /// The files of `--out`, by name.
    files: BTreeMap<String, Vec<u8>>,
}

/// Scans a folder with these files twice: for a person, and into files of every format.
fn scan(exports: &[(&str, &[u8])], more: &[&str]) -> Scanned {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in exports {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    scan_folder(folder.path(), more)
}

fn scan_folder(folder: &Path, more: &[&str]) -> Scanned {
    let (folder, out) = (folder.to_str().unwrap(), tempfile::tempdir().unwrap());
    let told = tokentrail(&[&["scan", folder, "--verbose"], more].concat());
    let formats = "splunk,splunk-file,sentinel,sentinel-ndjson,ocsf,ecs,datadog,cef,leef,ndjson,csv,parquet,stix";
    let written =
        tokentrail(&[&["scan", folder, "--out", out.path().to_str().unwrap(), "--format", formats], more].concat());
    assert_eq!(told.code, written.code);
    Scanned { code: told.code, out: told.out, err: told.err + &written.err, files: files(out.path()) }
}

impl Scanned {
    /// The lines of a file of JSON lines.
    fn lines(&self, name: &str) -> Vec<Value> {
        let text = std::str::from_utf8(&self.files[name]).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}: {line}")))
            .collect()
    }
}

const HEADER: &str = "EventIdentifier,EventDate,UserId,Application,SourceIp,RowsReturned,UserAgent\n";

/// A call that nothing is wrong with.
fn call(number: usize) -> String {
    format!("good-{number},2025-08-17T11:11:{number:02}Z,005Tr0001aEqx0LIAR,Drift,192.0.2.17,1,x\n")
}

fn calls() -> String {
    format!("{HEADER}{}{}", call(1), call(2))
}

/// Beside a good export of two rows stands a bad one: the good one is used, the bad one is named with the reason.
#[track_caller]
fn named(name: &str, bytes: &[u8], what: &str) {
    let scanned = scan(&[("good.csv", calls().as_bytes()), (name, bytes)], &[]);
    assert_eq!(scanned.code, 3, "{what}: {}", scanned.err);
    assert!(scanned.err.contains("2 used"), "{what}: {}", scanned.err);
    let problem = scanned.err.lines().find(|line| line.starts_with("problem: ")).expect("a problem is told");
    assert!(problem.contains(name) && problem.contains(what), "{what}: {problem}");
}

/// An account such as `3 rows in 1 export, 2 used + 1 quarantined + 0 repeated`.
#[track_caller]
fn account(exports: &[(&str, &[u8])], expected: &str) -> Scanned {
    let scanned = scan(exports, &[]);
    assert_eq!(scanned.code, 0, "{}", scanned.err);
    assert!(scanned.err.contains(expected), "{expected}: {}", scanned.err);
    scanned
}

#[test]
fn an_empty_file() {
    named("empty.csv", b"", "is empty");
}

#[test]
fn nothing_but_a_header() {
    named("header.csv", HEADER.as_bytes(), "has no rows");
    named(
        "header.csv",
        "\u{feff}\"LoginTime\",\"UserId\",\"Status\"\r\n".as_bytes(),
        "is LoginHistory and has no rows",
    );
}

#[test]
fn an_event_type_that_nobody_knows() {
    named("accounts.csv", b"AccountName,Phone,City\nA,1,B\n", "no schema fits its 3 columns: AccountName, Phone, City");
    named("notes.txt", b"Dear all,\nthis is no export.\n", "no schema fits");
    named("config.json", b"{\"debug\": true}", "no schema fits");
    named("page.json", b"<html><body>503</body></html>", "no schema fits");
    named(
        "error.json",
        b"[{\"message\":\"Session expired or invalid\",\"errorCode\":\"INVALID_SESSION_ID\"}]",
        "message, errorCode",
    );
}

/// As a download that broke off: what came before is used, and the problem says at which byte it ends.
#[test]
fn a_gzip_file_that_breaks_off() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(calls().as_bytes()).unwrap();
    let whole = encoder.finish().unwrap();
    let scanned = scan(&[("cut.csv.gz", &whole[..whole.len() - 30])], &[]);
    assert!(scanned.err.contains("1 used + 1 quarantined"), "{}", scanned.err);
    assert_eq!(scanned.code, 3, "{}", scanned.err);
    let problem = scanned.err.lines().find(|line| line.starts_with("problem: ")).expect("a problem is told");
    assert!(problem.contains("cut.csv.gz: byte ") && problem.contains("breaks off"), "{problem}");
}

#[test]
fn a_folder_without_exports() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.md"), "nothing").unwrap();
    let told = tokentrail(&["scan", folder.path().to_str().unwrap()]);
    assert_eq!((told.code, told.out.as_str()), (2, ""));
    assert!(told.err.starts_with("error: no exports under ") && told.err.contains("\nhint: "), "{}", told.err);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("good.csv"), calls()).unwrap();
    fs::create_dir(folder.path().join("folder.csv")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("gone.csv")).unwrap();
    let scanned = scan_folder(folder.path(), &[]);
    assert_eq!(scanned.code, 3);
    assert!(scanned.err.contains("2 used"), "{}", scanned.err);
    let problem = scanned.err.lines().find(|line| line.starts_with("problem: ")).expect("a problem is told");
    assert!(problem.contains("gone.csv"), "{problem}");
}

#[test]
fn utf_16() {
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(calls().encode_utf16()).flat_map(u16::to_le_bytes).collect();
    named("excel.csv", &utf16, "is UTF-16");
}

#[test]
fn a_latin_1_cell() {
    let bytes = [calls().as_bytes(), b"bad,2025-08-17T11:11:30Z,005Tr0001aEqx0LIAR,Caf\xe9,192.0.2.17,1,x\n"].concat();
    let scanned = account(&[("latin1.csv", &bytes)], "3 rows in 1 export, 2 used + 1 quarantined + 0 repeated");
    let [row] = &scanned.lines("quarantine.ndjson")[..] else { panic!("one row") };
    assert_eq!(
        (&row["record"], &row["reason"], &row["column"]),
        (&3.into(), &"not-utf8".into(), &"Application".into())
    );
    assert!(scanned.err.contains("record 3: Application is not UTF-8"), "{}", scanned.err);
}

#[test]
fn a_column_that_has_moved() {
    let moved = "SourceIp,RowsReturned,EventDate,UserAgent,UserId,EventIdentifier,Application\n\
                 192.0.2.17,1,2025-08-17T11:11:01Z,x,005Tr0001aEqx0LIAR,good-1,Drift\n";
    account(
        &[("a.csv", calls().as_bytes()), ("moved.csv", moved.as_bytes())],
        "3 rows in 2 exports, 2 used + 0 quarantined + 1 repeated",
    );
}

#[test]
fn two_files_with_the_same_rows() {
    let text = calls();
    account(
        &[("a.csv", text.as_bytes()), ("b.csv", text.as_bytes())],
        "4 rows in 2 exports, 2 used + 0 quarantined + 2 repeated",
    );
}

#[test]
fn a_time_that_is_none() {
    let text = calls() + "bad,yesterday,005Tr0001aEqx0LIAR,Drift,192.0.2.17,1,x\n";
    let scanned = account(&[("a.csv", text.as_bytes())], "2 used + 1 quarantined");
    assert!(scanned.err.contains("record 3: EventDate is not a time: \"yesterday\""), "{}", scanned.err);
    let [row] = &scanned.lines("quarantine.ndjson")[..] else { panic!("one row") };
    assert_eq!((&row["value"], &row["reason"]), (&"yesterday".into(), &"not-a-time".into()));
    assert_eq!(row["raw"], "bad,yesterday,005Tr0001aEqx0LIAR,Drift,192.0.2.17,1,x");
}

/// One bad export among many does not hide what the others show.
#[test]
fn bad_exports_do_not_hide_findings() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("empty.csv"), "").unwrap();
    fs::write(folder.path().join("strange.json"), "{\"a\":1}").unwrap();
    let told = tokentrail(&["scan", "sample-data", folder.path().to_str().unwrap()]);
    assert_eq!(told.code, 3);
    assert!(told.out.contains("44.215.108.0/24") && told.err.matches("problem: ").count() == 2, "{}", told.err);
}
