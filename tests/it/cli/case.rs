//! `tokentrail case`: an investigation that another person can repeat.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::{Told, program, refused, tokentrail, told};

/// A case of the staged attack, and copies of its inputs beside it.
struct Case {
    folder: TempDir,
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

impl Case {
    /// Opened.
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(Path::new("sample-data/staged/api"), &folder.path().join("exports/api"));
        copy(Path::new("sample-data/staged/logins"), &folder.path().join("exports/logins"));
        copy(Path::new("sample-records"), &folder.path().join("records"));
        fs::copy("sample-data/apps.toml", folder.path().join("apps.toml")).unwrap();
        let case = Self { folder };
        let (exports, apps) = (case.path("exports"), case.path("apps.toml"));
        let told = case.case("open", &[&exports, "--apps", &apps, "--as-of", "2025-08-18", "--opened", "Monday, nine"]);
        assert_eq!(told.code, 0, "{}", told.err);
        case
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn case(&self, what: &str, more: &[&str]) -> Told {
        tokentrail(&[&["case", what, &self.path("case")], more].concat())
    }

    fn manifest(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("case/case.json")).unwrap()).unwrap()
    }

    /// All files of the case's folder, with their bytes.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let entries = walkdir::WalkDir::new(self.path("case")).sort_by_file_name().into_iter().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path);
        files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }
}

#[test]
fn what_was_run_is_kept_and_comes_out_again() {
    let case = Case::open();
    let told = case.case("run", &["scan", "--out", "records", "--fail-on", "high"]);
    assert_eq!(told.code, 1, "the command's own exit code: {}", told.err);
    assert!(told.err.contains("findings written into records"), "{}", told.err);
    let told = case.case("run", &["coverage", "--json"]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert_eq!(told.out, fs::read_to_string(case.path("case/results/02-coverage/stdout.txt")).unwrap());
    let manifest = case.manifest();
    assert_eq!(manifest["runs"][0]["folder"], "01-scan");
    assert_eq!(manifest["runs"][0]["exit_code"], 1);
    assert_eq!(manifest["runs"][1]["command"], serde_json::json!(["coverage", "--json"]));
    // The case's options were in force: by the register, the app has a scope that it was not granted.
    let findings = fs::read_to_string(case.path("case/results/01-scan/records/findings.ndjson")).unwrap();
    assert!(findings.contains("\"export\":\"inputs/exports/logins/LoginHistory-drift.csv\""), "{findings}");
    let told = case.case("verify", &[]);
    assert_eq!((told.code, told.err.as_str()), (0, ""), "{}", told.out);
    assert!(told.out.contains("same     01-scan again (6 files the same)"), "{}", told.out);
    assert!(!told.out.contains("differs"));
}

/// Results are the same wherever the case and its inputs lie, and name no place of the machine.
#[test]
fn another_person_gets_the_same_bytes() {
    let (here, there) = (Case::open(), Case::open());
    for case in [&here, &there] {
        assert_eq!(case.case("run", &["scan", "--out", "records"]).code, 0);
    }
    let results = |case: &Case| -> Vec<(String, Vec<u8>)> {
        let root = case.path("case/results");
        let files = case.files().into_iter().filter(|(path, _)| path.starts_with(&root));
        files.map(|(path, bytes)| (path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), bytes)).collect()
    };
    assert!(results(&here).len() == 6 && results(&here) == results(&there));
    assert_eq!(here.manifest()["contents"], there.manifest()["contents"]);
    assert_eq!(here.manifest()["sha256"], there.manifest()["sha256"]);
    let place = here.folder.path().to_str().unwrap();
    for (name, bytes) in results(&here) {
        assert!(!String::from_utf8_lossy(&bytes).contains(place), "{name}");
    }
    // Handed over: the case alone, and inputs under other names in another folder.
    let other = tempfile::tempdir().unwrap();
    copy(Path::new(&here.path("case")), &other.path().join("case"));
    let moved = other.path().join("moved");
    fs::create_dir(&moved).unwrap();
    let inputs = walkdir::WalkDir::new(here.path("exports")).into_iter().map(Result::unwrap);
    for (number, input) in inputs.filter(|entry| entry.file_type().is_file()).enumerate() {
        fs::rename(input.path(), moved.join(format!("{number}.bin"))).unwrap();
    }
    let case = other.path().join("case");
    let verify = |more: &[&str]| tokentrail(&[&["case", "verify", case.to_str().unwrap()], more].concat());
    let told = verify(&[]);
    assert!(told.code == 1 && told.out.contains("missing") && told.out.contains("not run"), "{}", told.out);
    let told = verify(&["--inputs", moved.to_str().unwrap()]);
    assert_eq!(told.code, 0, "{} {}", told.out, told.err);
}

#[test]
fn what_differs_is_named() {
    let case = Case::open();
    assert_eq!(case.case("run", &["scan", "--out", "records"]).code, 0);
    let differs = |file: &str, part: &str| {
        let path = case.path(file);
        let before = fs::read(&path).unwrap();
        fs::write(&path, [&before[..], b"\n"].concat()).unwrap();
        let told = case.case("verify", &[]);
        assert!(told.code == 1 && told.out.contains(&format!("differs  {part}")), "{file}: {}", told.out);
        let json = case.case("verify", &["--json"]);
        assert!(json.code == 1 && serde_json::from_str::<Value>(&json.out).unwrap().is_array());
        assert!(case.case("verify", &["--csv"]).out.contains(",differs"));
        fs::write(&path, before).unwrap();
        assert_eq!(case.case("verify", &[]).code, 0, "{file} is what it was");
    };
    differs("exports/api/ApiEvent-drift.csv", "inputs");
    differs("case/settings/apps.toml", "settings");
    differs("case/results/01-scan/records/findings.ndjson", "results of 01-scan");
    // A result that was changed together with its hash is found by running the command again.
    let findings = case.path("case/results/01-scan/records/findings.ndjson");
    let before = fs::read_to_string(&findings).unwrap();
    let manifest = case.manifest();
    let noted = &manifest["runs"][0]["results"][1];
    assert_eq!(noted["path"], "records/findings.ndjson");
    fs::write(&findings, before.replacen("high", "info", 1)).unwrap();
    let output = program(&["case", "open", &case.path("other"), &findings]).output().unwrap();
    assert_eq!(told(output).code, 0);
    let other: Value = serde_json::from_slice(&fs::read(case.path("other/case.json")).unwrap()).unwrap();
    let text = fs::read_to_string(case.path("case/case.json")).unwrap();
    let (old, new) = (noted["sha256"].as_str().unwrap(), other["contents"]["inputs"][0]["sha256"].as_str().unwrap());
    fs::write(case.path("case/case.json"), text.replace(old, new)).unwrap();
    let told = case.case("verify", &[]);
    assert!(told.code == 1 && told.out.contains("differs  01-scan again"), "{}", told.out);
    assert!(
        told.out.contains("records/findings.ndjson changed") && told.out.contains("same     results of"),
        "{}",
        told.out
    );
    // And the manifest itself.
    fs::write(case.path("case/case.json"), text.replace("2025-08-18", "2025-08-19")).unwrap();
    assert!(case.case("verify", &[]).out.contains("differs  manifest"));
}

/// What did not come to its end leaves nothing.
#[test]
fn a_run_that_fails_leaves_the_case_as_it_was() {
    let case = Case::open();
    assert_eq!(case.case("run", &["apps", "--json"]).code, 0);
    let before = case.files();
    for (command, what) in [
        (&["scan", "--no-such-option"][..], "--no-such-option"),
        (&["scan", "--only", "no-such-detector"], "no detector is called"),
        (&["scan", "--state", "memory"], "reaches out of the case"),
        (&["scan", "--out", "../elsewhere"], "leads out of the case"),
        (&["secrets", "--ids-from", "no-such-file"], "no such file"),
        (&["case", "show", "x"], "a case cannot run"),
        (&["detectors"], "a case cannot run"),
    ] {
        let told = case.case("run", command);
        assert!(told.code == 2 && told.err.contains(what), "{command:?}: {}", told.err);
        assert!(case.files() == before, "{command:?}");
    }
    fs::write(case.path("exports/api/ApiEvent-drift.csv"), "changed").unwrap();
    let told = case.case("run", &["scan"]);
    assert!(told.code == 2 && told.err.contains("exports/api/ApiEvent-drift.csv"), "{}", told.err);
    assert!(case.files() == before);
}

/// Killed after its results were in place, and before they were noted.
#[test]
fn results_that_nobody_noted_are_written_over() {
    let case = Case::open();
    fs::create_dir_all(case.path("case/results/01-apps")).unwrap();
    fs::write(case.path("case/results/01-apps/half.txt"), "half").unwrap();
    fs::create_dir_all(case.path("case/.run-killed/inputs")).unwrap();
    assert_eq!(case.case("run", &["apps", "--json"]).code, 0);
    assert!(!Path::new(&case.path("case/results/01-apps/half.txt")).exists());
    assert!(!Path::new(&case.path("case/.run-killed")).exists());
    assert_eq!(case.case("verify", &[]).code, 0);
}

/// A file that a command is given becomes part of the case.
#[test]
fn files_of_commands_are_copied() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::copy("sample-records/taken.csv", at("taken.csv")).unwrap();
    assert_eq!(tokentrail(&["case", "open", &at("case"), "sample-records/Case.csv"]).code, 0);
    let told = tokentrail(&["case", "run", &at("case"), "secrets", "--csv", "--ids-from", &at("taken.csv")]);
    assert!(told.code == 0 && told.out.contains("inputs/Case.csv,1,"), "{} {}", told.out, told.err);
    assert!(!told.out.contains(",2,"), "{}", told.out);
    fs::remove_file(at("taken.csv")).unwrap();
    assert_eq!(tokentrail(&["case", "verify", &at("case")]).code, 0);
    fs::write(at("case/settings/01-secrets/taken.csv"), "Id\n500Tr00000aBB2x\n").unwrap();
    let told = tokentrail(&["case", "verify", &at("case")]);
    assert!(told.code == 1 && told.out.contains("differs  settings"), "{}", told.out);
}

#[test]
fn a_case_tells_who_hands_on_what() {
    let case = Case::open();
    assert_eq!(case.case("run", &["apps", "--csv"]).code, 0);
    let text = case.case("show", &[]).out;
    assert!(text.contains("opened        Monday, nine") && text.contains("as-of         2025-08-18"), "{text}");
    assert!(text.contains("01-apps       apps --csv (exit code 0)"), "{text}");
    let markdown = case.case("show", &["--markdown"]).out;
    assert!(markdown.contains("| part | file | size | SHA-256 | handed over by |"), "{markdown}");
    let csv = case.case("show", &["--csv"]).out;
    let inputs = csv.lines().filter(|line| line.starts_with("input,")).count();
    assert_eq!(inputs, case.manifest()["contents"]["inputs"].as_array().unwrap().len());
    assert_eq!(serde_json::from_str::<Value>(&case.case("show", &["--json"]).out).unwrap(), case.manifest());
}

#[test]
fn wrong_usage_says_what_to_do() {
    let case = Case::open();
    let (folder, empty) = (case.path("case"), case.path("empty"));
    fs::create_dir(&empty).unwrap();
    refused(&["case", "open", &folder, "sample-records"], "is a case already", "folder of its own");
    refused(&["case", "show", &empty], "no case.json", "case open");
    refused(&["case", "open", &case.path("new"), &empty], "no input files", "exports");
    refused(&["case", "open", &case.path("new"), "-"], "cannot read -", "as a file");
    // Names in a manifest lead nowhere else.
    let text = fs::read_to_string(case.path("case/case.json")).unwrap();
    fs::write(case.path("case/case.json"), text.replace("exports/api/ApiEvent-drift.csv", "../../ApiEvent-drift.csv"))
        .unwrap();
    let told = case.case("verify", &[]);
    assert!(told.code == 2 && told.err.contains("outside of the case"), "{}", told.err);
}
