//! `tokentrail diff`: two runs compared.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::{refused, tokentrail};

/// A scan of the sample up to a day, as a folder of records.
fn run(folder: &TempDir, name: &str, as_of: &str) -> String {
    let out = folder.path().join(name).to_str().unwrap().to_owned();
    let told =
        tokentrail(&["scan", "sample-data/staged", "--as-of", as_of, "--since", "2025-08-10", "--out", &out, "-q"]);
    assert_eq!(told.code, 0, "{}", told.err);
    out
}

fn ids(folder: &str) -> Vec<String> {
    let text = fs::read_to_string(Path::new(folder).join("findings.ndjson")).unwrap();
    text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned()).collect()
}

fn diff(arguments: &[&str]) -> Value {
    let told = tokentrail(&[&["diff"], arguments, &["--json"]].concat());
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    serde_json::from_str(&told.out).unwrap()
}

fn ids_of(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[test]
fn what_is_new_gone_and_changed() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (run(&folder, "old", "2025-08-14"), run(&folder, "new", "2025-08-18"));
    let (before, now) = (ids(&old), ids(&new));
    let found = diff(&[&old, &new]);
    let mut expected: Vec<&str> = now.iter().filter(|id| !before.contains(id)).map(String::as_str).collect();
    let mut new_ids = ids_of(&found["new"]);
    expected.sort_unstable();
    new_ids.sort_unstable();
    assert_eq!(new_ids, expected);
    assert!(!expected.is_empty() && !found["changed"].as_array().unwrap().is_empty());
    let gone = before.iter().filter(|id| !now.contains(id)).count();
    assert_eq!(found["gone"].as_array().unwrap().len(), gone);
    let same = usize::try_from(found["unchanged"].as_u64().unwrap()).unwrap();
    assert_eq!(same + found["changed"].as_array().unwrap().len() + expected.len(), now.len());
    // The other way round.
    let back = diff(&[&new, &old]);
    assert_eq!((back["new"].as_array().unwrap().len(), back["gone"].as_array().unwrap().len()), (gone, expected.len()));
    let told = tokentrail(&["diff", &old, &new]);
    assert!(told.out.contains(&format!("{} new", expected.len())) && told.out.contains("\nNew:\n"), "{}", told.out);
    assert!(told.out.contains("events ") && told.out.contains(" → "), "{}", told.out);
}

#[test]
fn a_run_is_the_same_as_itself() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(&folder, "run", "2025-08-18");
    let told = tokentrail(&["diff", &run, &format!("{run}/findings.ndjson"), "--fail-on-new", "info"]);
    let count = ids(&run).len();
    assert_eq!((told.code, told.out), (0, format!("0 new, 0 changed, 0 gone; {count} are the same.\n")));
}

/// What was changed, in words; and hostile words stay words.
#[test]
fn changes_are_named_and_inert() {
    let folder = tempfile::tempdir().unwrap();
    let old = run(&folder, "old", "2025-08-18");
    let text = fs::read_to_string(Path::new(&old).join("findings.ndjson")).unwrap();
    let mut finding: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    finding["severity"] = "info".into();
    finding["score"]["total"] = 3.into();
    finding["count"] = 4711.into();
    finding["last"] = "2025-08-19T00:00:00.000Z".into();
    finding["detector"] = "=cmd\u{1b}[2J\u{202e}".into();
    finding["sentence"] = "<b>=1|2\u{1b}[2J".into();
    let new = folder.path().join("new.ndjson");
    fs::write(&new, format!("{finding}\n")).unwrap();
    let found = diff(&[&old, new.to_str().unwrap()]);
    let changes = found["changed"][0]["changes"].as_array().unwrap();
    let whats: Vec<&str> = changes.iter().map(|change| change["what"].as_str().unwrap()).collect();
    assert_eq!(whats, ["severity", "score", "events", "last"]);
    assert_eq!(changes[2]["to"], "4711");
    for form in [&[][..], &["--csv"], &["--markdown"], &["--json"]] {
        let told = tokentrail(&[&["diff", &old, new.to_str().unwrap()], form].concat());
        assert!(!told.out.contains(['\u{1b}', '\u{202e}']), "{}", told.out);
        assert!(form.contains(&"--json") || told.out.contains("score"), "{}", told.out);
        assert!(!told.out.contains(",=cmd") && (form != ["--markdown"] || !told.out.contains("<b>")), "{}", told.out);
    }
}

/// A time is a time: what is none is told, and does nothing.
#[test]
fn what_is_no_finding_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let old = run(&folder, "old", "2025-08-18");
    let text = fs::read_to_string(Path::new(&old).join("findings.ndjson")).unwrap();
    let mut finding: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    finding["last"] = "=cmd\u{1b}[2J\u{202e}".into();
    let new = folder.path().join("new.ndjson");
    fs::write(&new, format!("{finding}\n")).unwrap();
    let told = tokentrail(&["diff", &old, new.to_str().unwrap()]);
    assert!(told.code == 2 && told.err.contains("line 1 is no finding"), "{}", told.err);
    assert!(!told.err.contains(['\u{1b}', '\u{202e}']), "{}", told.err);
}

#[test]
fn new_findings_fail_from_a_severity_on() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (run(&folder, "old", "2025-08-14"), run(&folder, "new", "2025-08-18"));
    let code = |severity: &str| tokentrail(&["diff", &old, &new, "--fail-on-new", severity]).code;
    assert_eq!((code("low"), code("high"), code("critical")), (1, 1, 0));
    assert_eq!(tokentrail(&["diff", &new, &old, "--fail-on-new", "low"]).code, 0, "what is gone is not new");
}

#[test]
fn a_finding_that_is_expected_now_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let old = run(&folder, "old", "2025-08-18");
    let new = folder.path().join("new");
    fs::create_dir(&new).unwrap();
    let text = fs::read_to_string(Path::new(&old).join("findings.ndjson")).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    fs::write(new.join("findings.ndjson"), rest).unwrap();
    fs::write(new.join("excepted.ndjson"), format!("[{first},\"ticket 4711\"]\n")).unwrap();
    let found = diff(&[&old, new.to_str().unwrap()]);
    assert_eq!(found["gone"][0]["excepted"], "ticket 4711");
    let told = tokentrail(&["diff", &old, new.to_str().unwrap()]);
    assert!(told.out.contains("expected now: ticket 4711"), "{}", told.out);
}

#[test]
fn what_is_no_run_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().to_str().unwrap();
    refused(&["diff", empty, empty], "no findings.ndjson in", "--out FOLDER");
    refused(&["diff", "README.md", "README.md"], "line 1 is no finding", "findings.ndjson");
    assert_eq!(tokentrail(&["diff", empty]).code, 2);
}
