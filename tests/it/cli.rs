//! The program as people and scripts meet it: exit codes, what goes where, and what is said when something is wrong.

mod about;
mod audit;
mod case;
mod deliver;
mod diff;
mod investigation;
mod memory;
mod plan;
mod records;
mod report;
mod secrets;
mod standard_input;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What the program said and how it ended.
pub(crate) struct Told {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The program, in the repository's folder, with nothing in its environment that it could listen to.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tokentrail"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env_clear().stdin(Stdio::null());
    command
}

/// Runs it. Nobody watches: no terminal.
pub(crate) fn tokentrail(arguments: &[&str]) -> Told {
    told(program(arguments).output().unwrap())
}

fn told(output: Output) -> Told {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program speaks UTF-8");
    let told = Told {
        code: output.status.code().expect("it ends by itself"),
        out: text(output.stdout),
        err: text(output.stderr),
    };
    assert!(!told.err.contains("panicked"), "{}", told.err);
    told
}

/// The files of a folder.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

/// Wrong usage: exit code 2, nothing on standard output, and an error that says what to do.
#[track_caller]
fn refused(arguments: &[&str], error: &str, hint: &str) {
    let told = tokentrail(arguments);
    assert_eq!((told.code, told.out.as_str()), (2, ""), "{arguments:?}: {}", told.err);
    assert!(told.err.starts_with("error: ") && told.err.contains(error), "{arguments:?}: {}", told.err);
    let (_, after) = told.err.split_once("\nhint: ").unwrap_or_else(|| panic!("no hint: {}", told.err));
    assert!(after.contains(hint), "{arguments:?}: {}", told.err);
}

/// Two settings files, an export with one call, an export that nobody knows.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "settings.toml",
        "zone = \"America/New_York\"\n[detectors.token-idle]\nmore-than = 45\nseverity = \"critical\"\n",
    );
    write("wrong.toml", "[detectors.no-such]\nmore-than = 45\n");
    fs::create_dir(folder.path().join("good")).unwrap();
    write("good/a.csv", "EventIdentifier,EventDate,RowsReturned\n1,2025-08-17T11:11:55Z,1\n");
    fs::create_dir(folder.path().join("strange")).unwrap();
    write("strange/a.csv", "Name,Phone\nMia,1\n");
    write("strange/b.csv", "");
    folder
}

fn path(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

#[test]
fn exit_codes_are_as_documented() {
    let folder = folder();
    let (good, strange) = (path(&folder, "good"), path(&folder, "strange"));
    let code = |arguments: &[&str]| tokentrail(arguments).code;
    assert_eq!(code(&["scan", &good]), 0);
    assert_eq!(code(&["scan", "sample-data"]), 0, "findings alone are no failure");
    assert_eq!(code(&["scan", "sample-data", "--fail-on", "high"]), 1);
    assert_eq!(code(&["scan", "sample-data", "--fail-on", "info"]), 1);
    assert_eq!(code(&["scan", "sample-data", "--fail-on", "critical"]), 0);
    assert_eq!(code(&["scan", &strange]), 3);
    assert_eq!(code(&["scan", &strange, &good]), 3);
    assert_eq!(code(&["scan", &strange, "--max-problems", "1"]), 3);
    assert_eq!(code(&["scan", &strange, "--max-problems", "2"]), 0);
    assert_eq!(code(&["scan", "sample-data", &strange, "--fail-on", "high"]), 1, "a finding comes first");
    assert_eq!(code(&["scan", &good, "no-such-file.csv"]), 3);
    assert_eq!(code(&["scan", "no-such-file.csv"]), 2);
    assert_eq!(code(&["scan"]), 2);
    assert_eq!(code(&["no-such-command"]), 2);
    assert_eq!(code(&[]), 2);
}

#[test]
fn what_is_wrong_is_said_with_a_hint() {
    let folder = folder();
    let (good, wrong) = (path(&folder, "good"), path(&folder, "wrong.toml"));
    refused(&["scan", "no/such/folder"], "no exports under no/such/folder", "files or folders");
    refused(&["scan", "schemas"], "no exports under schemas", ".csv");
    refused(
        &["scan", &good, "--only", "app-new-network,nope"],
        "no detector is called \"nope\"",
        "tokentrail detectors",
    );
    refused(&["scan", &good, "--format", "ndjson,xml"], "no format is called \"xml\"", "splunk");
    refused(&["scan", &good, "--fail-on", "grave"], "no severity is called \"grave\"", "medium");
    refused(&["scan", &good, "--zone", "New York"], "no time zone is called \"New York\"", "America/New_York");
    refused(&["scan", &good, "--since", "lately"], "--since is not a time: \"lately\"", "14d");
    refused(&["scan", &good, "--as-of", "2025-02-30"], "--as-of is not a time", "2025-08-17");
    refused(&["scan", &good, "--settings", &wrong], "no detector is called `no-such`", "tokentrail detectors");
    refused(&["explain", "new-network"], "no detector or check is called", "app-new-network");
    refused(&["explain", "nope"], "no detector or check is called", "tokentrail detectors");
    refused(&["schemas", "nope"], "no event type is called", "tokentrail schemas");
}

#[test]
fn errors_without_a_hint_name_what_failed() {
    let folder = folder();
    let good = path(&folder, "good");
    for (arguments, error) in [
        (vec!["scan", &good, "--settings", "no-such.toml"], "no-such.toml"),
        (vec!["scan", &good, "--apps", "no-such.toml"], "no-such.toml"),
        (vec!["scan", &good, "--schemas", "no-such-folder"], "no-such-folder"),
        (vec!["scan", &good, "--out", "Cargo.toml"], "Cargo.toml"),
        (vec!["scan", &good, "--since", "2025-08-18", "--as-of", "2025-08-17"], "--since is later than --as-of"),
        (vec!["scan", &good, "--settings", "README.md"], "README.md"),
    ] {
        let told = tokentrail(&arguments);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{arguments:?}");
        assert!(told.err.starts_with("error: ") && told.err.contains(error), "{}", told.err);
    }
}

/// A problem says what it is, however long the way to the file.
#[test]
fn a_long_path_does_not_push_the_problem_out() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("exports of a large organisation/".repeat(5));
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("ApiEvent.csv"), "").unwrap();
    let told = tokentrail(&["scan", folder.path().to_str().unwrap()]);
    assert_eq!(told.code, 3);
    assert!(told.err.contains("ApiEvent.csv: is empty"), "{}", told.err);
}

/// So many days that there is no such time: an error, or all there is, but no nonsense.
#[test]
fn a_window_of_any_length() {
    let folder = folder();
    let good = path(&folder, "good");
    for days in ["36500d", "999999999d", "9223372036854775807d"] {
        let told = tokentrail(&["scan", &good, "--since", days]);
        let window = told.err.lines().find_map(|line| line.strip_prefix("window ")).unwrap_or_default().to_owned();
        let (since, as_of) = window.split_once(" to ").unwrap_or_default();
        assert!(
            told.code == 2 || (told.code == 0 && since < as_of && since.len() == as_of.len()),
            "{days}: {window} {}",
            told.err
        );
    }
}

#[test]
fn data_goes_to_standard_output_and_the_rest_does_not() {
    let told = tokentrail(&["scan", "sample-data"]);
    assert!(told.out.contains("app-new-network") && !told.out.contains("quarantined"));
    assert!(told.err.contains("quarantined") && !told.err.contains("app-new-network"));
    let quiet = tokentrail(&["scan", "sample-data", "--quiet"]);
    assert_eq!((quiet.out, quiet.err.as_str()), (told.out.clone(), ""));
    let verbose = tokentrail(&["scan", "sample-data", "--verbose"]);
    assert!(verbose.out.len() > told.out.len() && verbose.err.contains("not used: "));
}

#[test]
fn settings_change_findings() {
    let folder = folder();
    let settings = path(&folder, "settings.toml");
    let told =
        tokentrail(&["scan", "sample-data", "--settings", &settings, "--fail-on", "critical", "--only", "token-idle"]);
    assert_eq!(told.code, 1);
    let found = |more: &[&str]| {
        let arguments = ["scan", "sample-data", "--only", "token-idle", "--verbose"];
        tokentrail(&[&arguments[..], more].concat()).out.matches("(token-idle;").count()
    };
    assert!(found(&["--settings", &settings]) < found(&[]), "45 days instead of 30");
}

/// `tokentrail … | head -1`: whoever reads has seen enough.
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let commands: [&[&str]; 8] = [
        &["scan", "sample-data", "--verbose", "--quiet"],
        &["detectors"],
        &["explain", "token-idle"],
        &["schemas", "ApiEvent"],
        &["settings"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
    ];
    for arguments in commands {
        let mut child = program(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let told = told(child.wait_with_output().unwrap());
        assert!(told.code == 0 && !told.err.contains("error"), "{arguments:?}: {}", told.err);
    }
}

#[test]
fn colour_is_for_those_who_want_it() {
    let escapes = |command: &mut Command| told(command.output().unwrap()).out.contains('\u{1b}');
    let scan = ["scan", "sample-data", "--quiet"];
    let always = [&scan[..], &["--color", "always"]].concat();
    let never = [&scan[..], &["--color", "never"]].concat();
    assert!(!escapes(&mut program(&scan)), "nobody watches");
    assert!(escapes(&mut program(&always)));
    assert!(!escapes(&mut program(&never)));
    assert!(!escapes(program(&scan).env("NO_COLOR", "1").env("CLICOLOR_FORCE", "0")));
    assert!(!escapes(program(&never).env("CLICOLOR_FORCE", "1")), "the option is nearer than the environment");
}

/// Without a register in a scanned folder, one can be named; with both, the named one counts.
#[test]
fn the_register_is_found_or_named() {
    let apps = |arguments: &[&str]| tokentrail(&[&["scan", "--only", "scope-full", "--quiet"], arguments].concat()).out;
    assert!(apps(&["sample-data"]).contains("Northwind BI"));
    assert!(apps(&["sample-data/quiet"]).starts_with("No findings"));
    assert!(apps(&["sample-data/quiet", "--apps", "sample-data/apps.toml"]).contains("Northwind BI"));
    let empty = tempfile::NamedTempFile::new().unwrap();
    assert!(apps(&["sample-data", "--apps", empty.path().to_str().unwrap()]).starts_with("No findings"));
}

/// The newest event is now, unless somebody says otherwise; what is later is counted and not judged.
#[test]
fn now_can_be_set() {
    let told = tokentrail(&["scan", "sample-data", "--as-of", "2025-08-13", "--since", "3d"]);
    assert!(told.err.contains("window 2025-08-11T00:00:00.000Z to 2025-08-13T23:59:59.999Z"), "{}", told.err);
    assert!(told.err.contains("later than that were not looked at"), "{}", told.err);
    assert!(told.out.contains("44.215.108.0/24") && !told.out.contains("208.68.36.0/24"));
}
