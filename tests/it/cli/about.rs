//! What the program says about itself: detectors, schemas, settings, completions, help.

use std::fs;
use std::path::Path;

use tokentrail::checks;
use tokentrail::detectors;
use tokentrail::schema::Schemas;

use super::{folder, path, tokentrail};

#[test]
fn detectors_are_listed() {
    let told = tokentrail(&["detectors"]);
    for detector in detectors::ALL {
        assert!(told.out.contains(detector.id) && told.out.contains(detector.title), "{}", detector.id);
    }
}

#[test]
fn the_readme_lists_the_detectors_there_are() {
    let told = tokentrail(&["detectors", "--markdown"]);
    assert_eq!(told.out.lines().count(), detectors::ALL.len() + 2);
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, table) = readme.split_once("<!-- detectors -->\n").expect("README.md has the marker");
    let (table, _) = table.split_once("<!-- /detectors -->").expect("README.md has the marker");
    assert_eq!(table, told.out, "put in what tokentrail detectors --markdown prints");
}

#[test]
fn the_readme_lists_the_checks_there_are() {
    let told = tokentrail(&["checks", "--markdown"]);
    assert_eq!(told.out.lines().count(), checks::ALL.len() + 2);
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, table) = readme.split_once("<!-- checks -->\n").expect("README.md has the marker");
    let (table, _) = table.split_once("<!-- /checks -->").expect("README.md has the marker");
    assert_eq!(table, told.out, "put in what tokentrail checks --markdown prints");
    let listed = tokentrail(&["checks"]);
    for check in checks::ALL {
        assert!(listed.out.contains(check.id));
        let told = tokentrail(&["explain", check.id]);
        assert_eq!((told.code, told.out.starts_with(&format!("# {} (", check.title))), (0, true), "{}", check.id);
    }
}

#[test]
fn every_detector_is_explained_with_the_limits_in_force() {
    let folder = folder();
    for detector in detectors::ALL {
        let told = tokentrail(&["explain", detector.id]);
        assert_eq!(told.code, 0);
        assert!(told.out.starts_with(&format!("# {}", detector.title)), "{}", detector.id);
        assert!(!told.out.contains("Scenario"), "{}: scenarios are for developers", detector.id);
        for limit in detector.limits {
            assert!(
                told.out.contains(&format!("- {} = {} ", limit.name, limit.value)),
                "{}: {}",
                detector.id,
                limit.name
            );
        }
    }
    let settings = path(&folder, "settings.toml");
    let told = tokentrail(&["explain", "token-idle", "--settings", &settings]);
    assert!(told.out.contains("- more-than = 45 days") && told.out.contains(&settings), "{}", told.out);
}

#[test]
fn every_schema_is_described() {
    let list = tokentrail(&["schemas"]).out;
    for schema in Schemas::embedded().unwrap().iter() {
        assert!(list.contains(&schema.event_type));
        let described = tokentrail(&["schemas", &schema.event_type.to_lowercase()]).out;
        for column in &schema.columns {
            assert!(described.contains(&column.name), "{}: {}", schema.event_type, column.name);
        }
    }
    assert!(tokentrail(&["schemas", "OauthToken"]).out.contains("secret"));
}

#[test]
fn settings_show_what_is_in_force_and_can_be_given_back() {
    let folder = folder();
    let settings = path(&folder, "settings.toml");
    let told = tokentrail(&["settings", "--settings", &settings]);
    assert!(
        told.out.contains("zone = \"America/New_York\"") && told.out.contains("severity = \"critical\""),
        "{}",
        told.out
    );
    let line = told.out.lines().find(|line| line.starts_with("more-than = 45")).expect("the limit is shown");
    assert!(line.contains(&settings), "it says where from: {line}");
    let all = path(&folder, "all.toml");
    fs::write(&all, &told.out).unwrap();
    assert_eq!(tokentrail(&["settings", "--settings", &all]).code, 0, "what it prints is a settings file");
}

#[test]
fn risks_of_scopes_are_settings_by_any_name() {
    let folder = folder();
    let settings = path(&folder, "scopes.toml");
    let with = |text: &str| {
        fs::write(&settings, text).unwrap();
        tokentrail(&["settings", "--settings", &settings])
    };
    let shown = with("[scopes]\n\"Perform requests at any time\" = \"high\"\n").out;
    assert!(shown.contains("\nrefresh_token = \"high\"\n") && shown.contains("\nfull = \"critical\"\n"), "{shown}");
    let wrong = with("[scopes]\nreadonly = \"high\"\n");
    assert_eq!((wrong.code, wrong.out.as_str()), (2, ""));
    assert!(wrong.err.contains("no scope is called \"readonly\"") && wrong.err.contains("\nhint: "), "{}", wrong.err);
}

#[test]
fn completions_and_manual_name_every_command() {
    let commands = ["scan", "detectors", "explain", "schemas", "settings", "policy", "completions", "man"];
    for arguments in [&["completions", "bash"][..], &["completions", "zsh"], &["completions", "fish"], &["man"]] {
        let told = tokentrail(arguments);
        assert_eq!((told.code, told.err.as_str()), (0, ""));
        for command in commands {
            assert!(told.out.contains(command), "{arguments:?}: {command}");
        }
        assert!(told.out.contains("fail-on") || told.out.contains("fail\\-on"), "{arguments:?}");
    }
}

#[test]
fn help_says_what_exit_codes_mean() {
    for arguments in [&["--help"][..], &["-h"], &["help"]] {
        let told = tokentrail(arguments);
        assert_eq!(told.code, 0);
        assert!(told.out.contains("Exit codes:") && told.out.contains("--fail-on"), "{}", told.out);
    }
    assert_eq!(tokentrail(&["scan", "--help"]).code, 0);
    assert!(tokentrail(&["--version"]).out.starts_with("tokentrail "));
}
