//! What a scan writes into its folder: which files, the same bytes every time, nothing of an earlier run.

use std::fs;
use std::path::Path;

use super::{files, folder, path, tokentrail};

const ALL_FORMATS: &str =
    "splunk,splunk-file,sentinel,sentinel-ndjson,ocsf,ecs,datadog,cef,leef,ndjson,csv,parquet,stix";

#[test]
fn a_scan_that_finds_nothing_says_so() {
    let folder = folder();
    let told = tokentrail(&["scan", &path(&folder, "good")]);
    assert_eq!(told.out, "No findings from 2025-08-11T00:00:00.000Z to 2025-08-17T11:11:55.000Z.\n");
    assert!(told.err.contains("ApiEvent: 1 row in 1 export, 1 used + 0 quarantined + 0 repeated"), "{}", told.err);
    let out = path(&folder, "out");
    let told = tokentrail(&["scan", &path(&folder, "good"), "--out", &out, "--format", "ndjson,csv,sentinel,splunk"]);
    assert!(told.out.is_empty() && told.err.contains("0 findings written"), "{}", told.err);
    let files = files(Path::new(&out));
    assert_eq!(files["findings.ndjson"], b"");
    assert_eq!(serde_json::from_slice::<Vec<String>>(&files["findings.sentinel-0001.json"]).unwrap(), [""; 0]);
}

#[test]
fn formats_write_their_files_and_no_others() {
    let names = |format: &str| -> Vec<String> {
        let out = tempfile::tempdir().unwrap();
        let told = tokentrail(&["scan", "sample-data", "--out", out.path().to_str().unwrap(), "--format", format]);
        assert_eq!((told.code, told.out.as_str()), (0, ""), "{}", told.err);
        files(out.path()).into_keys().filter(|name| name != "quarantine.ndjson").collect()
    };
    assert_eq!(names("ndjson"), ["excepted.ndjson", "findings.ndjson", "incidents.ndjson"]);
    assert_eq!(names("csv"), ["findings.csv"]);
    assert_eq!(names("splunk"), ["findings.splunk.ndjson"]);
    assert_eq!(names("ocsf,ecs"), ["findings.ecs.ndjson", "findings.ocsf.ndjson"]);
    assert_eq!(names("datadog"), ["findings.datadog-0001.json"]);
    assert_eq!(names("parquet"), ["findings.parquet"]);
    assert_eq!(names("stix"), ["findings.stix.json"]);
    assert_eq!(names("cef,leef"), ["findings.cef", "findings.leef"]);
    assert_eq!(names("splunk-file"), ["findings.splunk-file.ndjson"]);
    assert_eq!(names("sentinel"), ["findings.sentinel-0001.json"]);
    assert_eq!(names("sentinel-ndjson,csv,csv"), ["findings.csv", "findings.sentinel.ndjson"]);
}

#[test]
fn a_second_run_leaves_the_same_bytes_and_nothing_of_an_earlier_one() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("deep/out");
    let run = |more: &[&str]| {
        let arguments = ["scan", "sample-data", "--out", out.to_str().unwrap(), "--format", ALL_FORMATS];
        assert_eq!(tokentrail(&[&arguments[..], more].concat()).code, 0);
        files(&out)
    };
    let first = run(&[]);
    assert_eq!(first.len(), 16);
    let older = ["findings.sentinel-0002.json", "findings.sentinel-0017.json"];
    for name in older {
        fs::write(out.join(name), "[]").unwrap();
    }
    fs::write(out.join("findings.sentinel-notes.json"), "mine").unwrap();
    let mut second = run(&[]);
    assert_eq!(second.remove("findings.sentinel-notes.json").as_deref(), Some(&b"mine"[..]), "other files stay");
    assert!(first == second);
    fs::remove_file(out.join("findings.sentinel-notes.json")).unwrap();
}

/// Often, because what four workers do depends on who comes first.
#[test]
fn any_number_of_workers_writes_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let run = |threads: &str| {
        let out = folder.path().to_str().unwrap();
        let told = tokentrail(&["scan", "sample-data", "--out", out, "--format", ALL_FORMATS, "--threads", threads]);
        assert_eq!(told.code, 0, "{}", told.err);
        files(folder.path())
    };
    let one = run("1");
    for threads in ["2", "3", "4", "4", "4", "8"] {
        assert!(one == run(threads), "{threads} workers");
    }
}

/// Who writes records beside the exports gets the same findings tomorrow.
#[test]
fn records_written_into_a_scanned_folder_are_not_read_as_exports() {
    let folder = folder();
    let (good, out) = (path(&folder, "good"), path(&folder, "good/out"));
    let run = || tokentrail(&["scan", &good, "--out", &out, "--format", ALL_FORMATS]);
    let (first, second) = (run(), run());
    assert_eq!(first.code, 0, "{}", first.err);
    assert_eq!(second.code, 0, "{}", second.err);
}

#[test]
fn only_runs_the_detectors_that_are_asked_for() {
    let out = tempfile::tempdir().unwrap();
    let told =
        tokentrail(&["scan", "sample-data", "--only", "token-idle,jwt-replay", "--out", out.path().to_str().unwrap()]);
    assert_eq!(told.code, 0);
    let text = fs::read_to_string(out.path().join("findings.ndjson")).unwrap();
    let mut ids: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["detector"].as_str().unwrap().to_owned())
        .collect();
    ids.dedup();
    ids.sort();
    ids.dedup();
    assert_eq!(ids, ["jwt-replay", "token-idle"]);
}
