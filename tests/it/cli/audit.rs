//! `apps` and `audit`: what they print, write and end with; and that names out of metadata do nothing.

use std::fs;

use super::{files, tokentrail};

const EXPORTS: [&str; 3] = ["sample-data/quiet", "sample-data/staged", "sample-data/configuration"];

fn on_sample(command: &[&str]) -> super::Told {
    tokentrail(&[command, &EXPORTS, &["--apps", "sample-data/apps.toml"]].concat())
}

#[test]
fn apps_are_listed_with_the_riskiest_first() {
    let told = on_sample(&["apps", "--json", "--max-problems", "9"]);
    assert_eq!(told.code, 0, "{}", told.err);
    let apps: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    let apps = apps.as_array().unwrap();
    let risks: Vec<u64> = apps.iter().map(|app| app["risk"]["total"].as_u64().unwrap()).collect();
    assert!(risks.is_sorted_by(|left, right| left >= right) && risks[0] > 0, "{risks:?}");
    let drift = apps.iter().find(|app| app["app"]["name"] == "Drift").unwrap();
    assert_eq!(drift["owner"], "marketing-ops@alderfinch.example");
    assert_eq!(drift["configured_as"], "connected app");
    assert_eq!(drift["addresses"].as_array().unwrap().len(), 3);
    let table = on_sample(&["apps", "--max-problems", "9"]);
    assert!(table.out.starts_with(" RISK "), "{}", table.out);
    assert_eq!(table.out.lines().count(), apps.len() + 1);
    let csv = on_sample(&["apps", "--csv", "-q", "--max-problems", "9"]);
    assert_eq!(csv.out.lines().count(), apps.len() + 1);
    assert!(csv.out.starts_with("app_id,app_name,risk,") && csv.err.is_empty(), "{}", csv.err);
}

#[test]
fn the_audit_meets_what_logs_show() {
    let told = on_sample(&["audit", "--max-problems", "9"]);
    assert_eq!(told.code, 0, "{}", told.err);
    let (_, drift) = told.out.split_once("Drift: ").unwrap();
    let (drift, _) = drift.split_once(" failed, ").and_then(|(_, rest)| rest.split_once(" failed, ")).unwrap();
    assert!(drift.contains("policy-contradiction") && drift.contains("208.68.36.90"), "{drift}");
    let gate = on_sample(&["audit", "--max-problems", "9", "--fail-on", "critical", "-q"]);
    assert_eq!((gate.code, gate.err.as_str()), (1, ""));
}

#[test]
fn failures_are_findings_with_the_same_ids_on_every_run() {
    let write = |threads: &str| {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().to_str().unwrap();
        let formats = ["--format", "ndjson,csv,splunk,sentinel", "--threads", threads, "--max-problems", "9"];
        let told = on_sample(&[&["audit", "--out", out][..], &formats].concat());
        assert_eq!(told.code, 0, "{}", told.err);
        files(folder.path())
    };
    let (one, other) = (write("1"), write("3"));
    assert!(one == other && one.len() >= 5, "{:?}", one.keys());
    let findings = String::from_utf8(one["findings.ndjson"].clone()).unwrap();
    let first: serde_json::Value = serde_json::from_str(findings.lines().next().unwrap()).unwrap();
    assert_eq!(first["severity"], "critical");
    assert_eq!(first["evidence"][0]["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn metadata_alone_will_do_and_so_will_exports() {
    let metadata = tokentrail(&["audit", "sample-data/configuration-correct"]);
    assert_eq!(metadata.code, 0, "{}", metadata.err);
    assert!(metadata.out.contains("scope") || metadata.out.contains("0 failed"), "{}", metadata.out);
    let exports = tokentrail(&["audit", "sample-data/staged"]);
    assert_eq!(exports.code, 0, "{}", exports.err);
    assert!(exports.out.contains("No app's configuration was found"), "{}", exports.out);
    let apps = tokentrail(&["apps", "sample-data/configuration-correct", "--csv"]);
    assert!(apps.code == 0 && apps.out.lines().count() > 1, "{}", apps.err);
}

/// Who makes an app chooses its label.
#[test]
fn names_of_apps_do_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let label = "=HYPERLINK(&quot;x&quot;)|[a](b)&lt;script&gt;\u{202e}&#27;[31m";
    let xml = format!(
        "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>{label}</label><oauthConfig>\
         <callbackUrl>https://x.example/</callbackUrl><scopes>Full</scopes></oauthConfig></ConnectedApp>"
    );
    fs::write(folder.path().join("Evil.connectedApp-meta.xml"), xml).unwrap();
    let path = folder.path().to_str().unwrap();
    let out = |arguments: &[&str]| tokentrail(&[arguments, &[path, "-q", "--max-problems", "9"]].concat()).out;
    for arguments in [&["audit"][..], &["audit", "--print", "markdown"], &["audit", "--print", "csv"], &["apps"]] {
        let told = out(arguments);
        assert!(!told.contains(['\u{202e}', '\u{1b}']), "{arguments:?}: {told}");
    }
    let markdown = out(&["audit", "--print", "markdown"]);
    assert!(!markdown.contains("<script>") && !markdown.contains("[a](b)"), "{markdown}");
    for csv in [out(&["audit", "--print", "csv"]), out(&["apps", "--csv"])] {
        assert!(!csv.contains(",=") && !csv.contains(",\"="), "{csv}");
    }
}

#[test]
fn what_is_expected_is_excepted_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exceptions.toml");
    let exception = |detector: &str, expires: &str| {
        format!(
            "[[exception]]\ndetector = {detector:?}\napp = \"Northwind BI\"\nreason = \"the vendor needs it\"\n\
             owner = \"ana\"\nexpires = {expires:?}\n"
        )
    };
    let answers = |text: &str| {
        fs::write(&file, text).unwrap();
        let out = folder.path().join("out");
        let file = ["--exceptions", file.to_str().unwrap(), "--out", out.to_str().unwrap()];
        let told = on_sample(&[&["audit", "--print", "csv", "--max-problems", "9", "-q"], &file[..]].concat());
        assert_eq!(told.code, 0, "{}", told.err);
        let line = told.out.lines().find(|line| line.contains("Northwind BI,scope-full-granted,")).unwrap().to_owned();
        (line, fs::read_to_string(out.join("findings.ndjson")).unwrap())
    };
    let (line, findings) = answers(&exception("scope-full-granted", "2099-12-31"));
    assert!(line.contains(",excepted,") && line.contains("expected because=the vendor needs it"), "{line}");
    assert!(!findings.contains("scope-full-granted"));
    let (line, findings) = answers(&exception("scope-full-granted", "2020-12-31"));
    assert!(line.contains(",fail,") && findings.contains("exception-expired"), "{line}");
    fs::write(&file, exception("scope-fuller", "2099-12-31")).unwrap();
    let path = file.to_str().unwrap();
    super::refused(&["audit", "sample-data/configuration", "--exceptions", path], "scope-fuller", "tokentrail checks");
}

#[test]
fn rows_that_say_who_has_access_are_no_exports() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "PermissionSetAssignment.csv",
        "Id,AssigneeId,PermissionSetId\n0PaLx0000000001,005Lx00000000A1,0PSLx0000000001\n",
    );
    write(
        "SetupEntityAccess.json",
        "{\"records\":[{\"Id\":\"0J0Lx0000000001\",\"ParentId\":\"0PSLx0000000001\",\"SetupEntityId\":\"0H4Lx0000000001\"}]}",
    );
    let path = folder.path().to_str().unwrap();
    for (command, input) in [("audit", "sample-data/configuration-correct"), ("scan", "sample-data/staged")] {
        let told = tokentrail(&[command, input, path]);
        assert_eq!((told.code, told.err.contains("problem")), (0, false), "{command}: {}", told.err);
    }
}
