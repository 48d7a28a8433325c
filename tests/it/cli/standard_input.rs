//! An export from standard input: kept aside, read, told as `<stdin>`, and gone afterwards.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Told, program, told};
use crate::ingest::{gzip, zipped, zstd};

/// Runs the program with this on its standard input, and temporary files in this folder.
fn piped(arguments: &[&str], input: &[u8], temporary: &Path) -> Told {
    let mut command = program(arguments);
    command.env("TMPDIR", temporary).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // Who does not read to the end breaks the pipe.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let told = told(child.wait_with_output().unwrap());
    writer.join().unwrap();
    told
}

const EXPORT: &str = "sample-data/staged/logins/LoginHistory-drift.csv";

fn export() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(EXPORT)).unwrap()
}

#[test]
fn findings_are_those_of_the_file() {
    let temporary = tempfile::tempdir().unwrap();
    let text = export();
    let run = |arguments: &[&str], input: &[u8]| piped(arguments, input, temporary.path());
    let usual = run(&["scan", "--quiet", "sample-data"], b"");
    assert_eq!(usual.code, 0, "{}", usual.err);
    for (input, name) in [
        (text.clone(), "<stdin>"),
        (gzip(&text), "<stdin>"),
        (zstd(&text), "<stdin>"),
        (zipped(&[("logins.csv", &text)]), "<stdin>!logins.csv"),
    ] {
        let out = tempfile::tempdir().unwrap();
        let told = run(&["scan", "-", "--out", out.path().to_str().unwrap()], &input);
        assert_eq!(told.code, 0, "{}", told.err);
        assert!(told.err.contains("LoginHistory: "), "{}", told.err);
        let records = fs::read_to_string(out.path().join("findings.ndjson")).unwrap();
        for line in records.lines() {
            let finding: Value = serde_json::from_str(line).unwrap();
            for evidence in finding["evidence"].as_array().unwrap() {
                assert_eq!(evidence["export"], name);
                let hash = tokentrail::value::secret::hexadecimal(&Sha256::digest(&input));
                assert_eq!(evidence["sha256"], hash, "the hash of what came in");
            }
        }
    }
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0, "nothing stays behind");
}

#[test]
fn evidence_is_read_back() {
    let temporary = tempfile::tempdir().unwrap();
    let text = export();
    let whole = piped(&["scan", EXPORT], b"", temporary.path());
    let told = piped(&["scan", "-", "-"], &text, temporary.path());
    assert_eq!(told.out, whole.out.replace(EXPORT, "<stdin>"));
    assert!(!told.err.contains("problem"), "{}", told.err);
}

#[test]
fn nothing_and_nonsense_are_told() {
    let temporary = tempfile::tempdir().unwrap();
    let told = piped(&["scan", "-"], b"", temporary.path());
    assert_eq!(told.code, 3, "{}", told.err);
    assert!(told.err.contains("<stdin>: is empty"), "{}", told.err);
    let told = piped(&["scan", "-"], b"Name,Phone\nMia,1\n", temporary.path());
    assert!(told.code == 3 && told.err.contains("<stdin>: no schema fits"), "{}", told.err);
}

#[cfg(unix)]
#[test]
fn a_place_that_takes_nothing_is_told_with_a_hint() {
    let gone = tempfile::tempdir().unwrap().path().join("gone");
    let told = piped(&["scan", "-"], &export(), &gone);
    assert_eq!(told.code, 2, "{}", told.err);
    assert!(told.err.contains("cannot keep standard input") && told.err.contains("hint: "), "{}", told.err);
}
