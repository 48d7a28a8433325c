//! The sample organisation: what is hidden in it is found, what is quiet stays quiet, and it can be made again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tokentrail::schema::Schemas;
use walkdir::WalkDir;

use crate::cli::tokentrail;

/// The findings of a scan by the program, and the program's account of what it read.
fn scan(arguments: &[&str]) -> (Vec<Value>, String) {
    let out = tempfile::tempdir().unwrap();
    let told = tokentrail(&[&["scan", "--out", out.path().to_str().unwrap()], arguments].concat());
    assert_eq!(told.code, 0, "{}", told.err);
    let text = fs::read_to_string(out.path().join("findings.ndjson")).unwrap();
    (text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), told.err)
}

/// The one finding of a detector about an app (if it matters), and with this fact (if it matters).
#[track_caller]
fn find<'f>(findings: &'f [Value], detector: &str, app: &str, fact: &str) -> &'f Value {
    let fits = |finding: &&Value| {
        finding["detector"] == detector
            && finding["subject"]["app"]["name"] == app
            && finding["seen"].as_array().unwrap().iter().any(|seen| {
                let value = seen["value"].as_str().unwrap();
                fact.is_empty() || value.split(", ").any(|one| one == fact)
            })
    };
    let found: Vec<&Value> = findings.iter().filter(fits).collect();
    assert_eq!(found.len(), 1, "{detector} of {app} with {fact:?}");
    found[0]
}

fn count(findings: &[Value], detector: &str) -> usize {
    findings.iter().filter(|finding| finding["detector"] == detector).count()
}

#[test]
fn attack_day() {
    let (findings, told) = scan(&["sample-data"]);
    for (network, address, events) in [("44.215.108.0/24", "44.215.108.109", 11), ("208.68.36.0/24", "208.68.36.90", 9)]
    {
        let drift = find(&findings, "app-new-network", "Drift", network);
        assert_eq!((&drift["severity"], &drift["count"]), (&Value::from("high"), &Value::from(events)), "{network}");
        assert_eq!(drift["subject"]["user"]["name"], "drift-integration@alderfinch.example");
        let sentence = drift["sentence"].as_str().unwrap();
        for part in ["Drift", network, "drift-integration@alderfinch.example"] {
            assert!(sentence.contains(part), "{sentence}");
        }
        leads_back(drift, address);
    }
    for first_use in ["Bulk Query", "Bulk QueryMore"] {
        find(&findings, "scope-first-use", "Drift", first_use);
    }
    let widget = find(&findings, "scope-outside-grant", "Chatter Widget", "REST Query");
    assert_eq!(widget["count"], 9);
    find(&findings, "scope-full", "Northwind BI", "");
    for detector in ["jwt-clock-drift", "jwt-clock-skew", "jwt-rejected", "jwt-replay"] {
        find(&findings, detector, "Warehouse Sync", "");
    }
    find(&findings, "jwt-two-addresses", "Warehouse Sync", "198.19.88.140");
    find(&findings, "app-new-network", "Warehouse Sync", "198.19.88.0/24");
    assert!(told.contains("5 quarantined + 165 repeated"), "{told}");
    let grave: BTreeSet<&str> = findings
        .iter()
        .filter(|finding| finding["severity"] == "high" || finding["severity"] == "critical")
        .map(|finding| {
            // The log of bulk jobs names no app.
            let named = [&finding["subject"]["app"]["name"], &finding["subject"]["user"]["name"]];
            named.into_iter().find_map(Value::as_str).unwrap()
        })
        .collect();
    let drift = "drift-integration@alderfinch.example";
    assert_eq!(grave, BTreeSet::from(["Drift", "Warehouse Sync", drift]), "nobody else is accused");
    let deleted = findings.iter().find(|finding| finding["detector"] == "bulk-job-deleted").unwrap();
    assert_eq!(deleted["subject"]["user"]["name"], drift);
    find(&findings, "app-row-spike", "Drift", "2025-08-17");
}

/// Every piece of evidence is that row of that export, which came from that address.
#[track_caller]
fn leads_back(finding: &Value, address: &str) {
    let evidence = finding["evidence"].as_array().unwrap();
    assert!(!evidence.is_empty());
    for row in evidence {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(row["export"].as_str().unwrap());
        assert!(path.to_str().unwrap().contains("staged"), "{}", path.display());
        let mut reader = csv::Reader::from_path(&path).unwrap();
        let header = reader.headers().unwrap().clone();
        let place = usize::try_from(row["record"].as_u64().unwrap()).unwrap() - 1;
        let record = reader.records().nth(place).unwrap().unwrap();
        let cell =
            |names: [&str; 2]| record.get(header.iter().position(|name| names.contains(&name)).unwrap()).unwrap();
        assert_eq!(cell(["EventIdentifier", "Id"]), row["event_id"]);
        assert_eq!(cell(["SourceIp", "Source IP"]), address);
    }
}

#[test]
fn quiet_month() {
    let quiet = ["sample-data/quiet", "--apps", "sample-data/apps.toml"];
    let (findings, _) = scan(&quiet);
    not_grave(&findings);
    let tokens = ["token-idle", "token-expiring-idle", "token-never-used"].map(|detector| count(&findings, detector));
    assert_eq!(tokens, [8, 5, 4], "as the sample's README says");
}

/// Nor is it on any other day, the one after the office has moved included.
#[test]
fn quiet_month_on_other_days() {
    for day in ["2025-07-18", "2025-07-25", "2025-07-28", "2025-07-31", "2025-08-06", "2025-08-13"] {
        let (findings, _) = scan(&["sample-data/quiet", "--apps", "sample-data/apps.toml", "--as-of", day]);
        not_grave(&findings);
    }
}

#[track_caller]
fn not_grave(findings: &[Value]) {
    let grave = findings.iter().filter(|finding| finding["severity"] == "high" || finding["severity"] == "critical");
    let grave: Vec<&str> = grave.map(|finding| finding["sentence"].as_str().unwrap()).collect();
    assert!(grave.is_empty(), "{grave:#?}");
}

/// The attack stands out without its register and without the quiet logins, too.
#[test]
fn the_stolen_token_is_found_with_less_to_go_by() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    let (findings, _) = scan(&["sample-data", "--apps", empty.path().to_str().unwrap()]);
    let networks = |findings: &[Value]| {
        let drift = |finding: &&Value| finding["sentence"].as_str().unwrap().contains("drift-integration@");
        let found = findings.iter().filter(drift).filter(|finding| finding["detector"] == "app-new-network");
        found.filter(|finding| finding["severity"] == "high" || finding["severity"] == "medium").count()
    };
    assert!(networks(&findings) >= 2, "without a register");
    let (findings, _) = scan(&["sample-data/quiet/api", "sample-data/staged/api", "--apps", "sample-data/apps.toml"]);
    assert!(networks(&findings) >= 2, "without logins");
}

/// One day of the July export is there twice; its rows count once.
#[test]
fn an_overlap_counts_once() {
    let overlap = "sample-data/quiet/api/ApiEvent-2025-07-21.csv";
    let (both, told) = scan(&["sample-data/quiet/api"]);
    assert!(told.contains(" 5 quarantined + 165 repeated"), "{told}");
    let without: Vec<&str> = ["-07.csv", "-08.csv.gz", "-08b.ndjson.zst"].into_iter().collect();
    let without: Vec<String> = without.iter().map(|end| format!("sample-data/quiet/api/ApiEvent-2025{end}")).collect();
    let (once, told) = scan(&without.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(told.contains(" 5 quarantined + 0 repeated"), "{told}");
    assert_eq!(both.len(), once.len());
    let (_, told) = scan(&[overlap, overlap]);
    assert!(told.contains("165 rows in 1 export, 165 used"), "{told}");
}

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data")
}

/// The files below a folder, by their paths in it; without the README, which is written by hand.
fn files_below(folder: &Path) -> Vec<String> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    let names = files.map(|entry| entry.path().strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/"));
    names.filter(|name| name != "README.md").collect()
}

/// All files but the metadata, which is written by hand: the README names its apps, `configuration/sample.rs` reads it.
fn generated() -> Vec<String> {
    let is_metadata = |name: &String| name.starts_with("configuration/") || name.starts_with("configuration-correct/");
    files_below(&sample()).into_iter().filter(|name| !is_metadata(name)).collect()
}

#[test]
fn the_readme_names_every_file() {
    let readme = fs::read_to_string(sample().join("README.md")).unwrap();
    for name in generated() {
        let below = name.split_once('/').map_or(name.as_str(), |(_, below)| below);
        assert!(readme.contains(&format!("`{below}`")), "{name}");
    }
}

#[test]
fn every_event_type_has_an_export() {
    let (_, told) = scan(&["sample-data"]);
    for schema in Schemas::embedded().unwrap().iter() {
        assert!(told.contains(&format!("{}: ", schema.event_type)), "{}", schema.event_type);
    }
}

/// The generator is an example: `cargo test` builds it beside the program.
#[test]
fn the_generator_makes_it_again() {
    let program = Path::new(env!("CARGO_BIN_EXE_tokentrail"));
    let generator = program.with_file_name("examples").join(format!("generate{}", std::env::consts::EXE_SUFFIX));
    assert!(generator.is_file(), "build it first: cargo build --release --example generate");
    let out = tempfile::tempdir().unwrap();
    let status = std::process::Command::new(generator).args(["sample", "--out"]).arg(out.path()).status().unwrap();
    assert!(status.success());
    assert_eq!(files_below(out.path()), generated());
    for name in files_below(out.path()) {
        let (made, kept) = (fs::read(out.path().join(&name)).unwrap(), fs::read(sample().join(&name)).unwrap());
        assert!(
            made == kept,
            "{name} differs; if the generator is up to date: cargo run --release --example generate -- sample"
        );
    }
}
