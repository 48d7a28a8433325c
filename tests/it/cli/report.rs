//! Reports: their data, what they leave out, and that the same exports give the same bytes.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::tokentrail;

const WHOLE: [&str; 4] =
    ["sample-data/quiet", "sample-data/staged", "sample-data/apps.toml", "sample-data/configuration"];

/// Writes a report and reads it.
fn written(arguments: &[&str], out: &Path) -> String {
    let told = tokentrail(&[&["report", "--quiet", "--out", out.to_str().unwrap()], arguments].concat());
    assert!(matches!(told.code, 0 | 3), "{arguments:?}: {}", told.err);
    fs::read_to_string(out).unwrap()
}

fn report(arguments: &[&str], form: &str) -> String {
    let folder = TempDir::new().unwrap();
    written(arguments, &folder.path().join(format!("report.{form}")))
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&report(arguments, "json")).unwrap()
}

fn array<'v>(value: &'v Value, path: &str) -> &'v Vec<Value> {
    value.pointer(path).and_then(Value::as_array).unwrap_or_else(|| panic!("no list at {path}"))
}

#[test]
fn a_theft_is_told_of_with_what_limits_it() {
    let told = json(&["sample-klue"]);
    assert_eq!(told["verdict"]["sign"], "of-abuse");
    let story = &told["stories"][0];
    assert_eq!((&story["app"]["name"], &story["foreign"][0]), (&"Klue Battlecards".into(), &"138.226.246.0/24".into()));
    let most = |object: &Value| object["most"].as_i64().unwrap();
    let taken: i64 = array(story, "/impact/objects").iter().map(most).sum();
    let drawn: i64 = array(story, "/objects/lanes").iter().map(|lane| lane["total"].as_i64().unwrap()).sum();
    assert!(taken > 100_000 && taken == drawn, "{taken} rows, {drawn} in the figure");
    assert!(array(&told, "/verdict/limits").len() > 1, "nothing limits it");
    assert_eq!(told["plan"]["steps"][0]["action"], "revoke-token");
}

#[test]
fn where_nothing_is_found_nothing_is_called_clean() {
    let told = json(&["sample-klue", "--as-of", "2026-06-10"]);
    assert_eq!(told["verdict"]["sign"], "none-in-covered-hours");
    assert_eq!((array(&told, "/stories").len(), array(&told, "/plan/steps").len()), (0, 0));
    let page = report(&["sample-klue", "--as-of", "2026-06-10"], "html");
    assert!(page.contains("No sign of abuse in the covered hours"), "the verdict is not on the page");
    let tokens = json(&["sample-klue/tokens"]);
    assert_eq!(tokens["verdict"]["sign"], "cannot-say");
}

#[test]
fn what_the_vendor_does_is_not_the_thiefs() {
    let told = json(&["sample-data/quiet", "sample-data/staged", "--apps", "sample-data/apps.toml"]);
    let drift = &told["stories"][0];
    assert_eq!(drift["app"]["name"], "Drift");
    let foreign: Vec<&str> = array(drift, "/foreign").iter().filter_map(Value::as_str).collect();
    assert_eq!(foreign, ["44.215.108.0/24", "208.68.36.0/24"], "192.0.2.0/24 is the vendor's own");
    let blocked = array(&told, "/plan/steps").iter().find(|step| step["action"] == "block-app").unwrap();
    assert_eq!(blocked["stops"]["addresses"], serde_json::json!(["192.0.2.17"]), "the vendor's work stops");
    let unnamed = array(drift, "/lines").iter().filter(|line| line["app"].is_null()).count();
    assert!(unnamed > 0, "rows of bulk jobs name no app, and came from the same network");
}

#[test]
fn every_link_has_its_target_and_every_row_its_file() {
    for (arguments, form) in
        [(&["sample-klue"][..], "html"), (&WHOLE, "html"), (&[&WHOLE[..], &["--weekly"]].concat(), "html")]
    {
        let page = report(arguments, form);
        let mut links = 0;
        for to in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(page.contains(&format!("id=\"{to}\"")), "{arguments:?}: nothing is called {to}");
            links += 1;
        }
        assert!(links > 10, "{arguments:?}: {links} links");
    }
}

#[test]
fn the_same_exports_give_the_same_bytes() {
    for form in ["html", "md", "json"] {
        let one = report(&["sample-data/quiet", "sample-data/staged", "--threads", "1"], form);
        let two = report(&["sample-data/staged", "sample-data/quiet", "--threads", "2"], form);
        assert!(one == two, "{form} differs");
        assert!(one.len() > 10_000, "{form} is short");
    }
}

#[test]
fn the_week_tells_what_to_mend_and_what_is_new() {
    let folder = TempDir::new().unwrap();
    let before = folder.path().join("before.json");
    let asked = [&WHOLE[..], &["--weekly"]].concat();
    written(&[&asked[..], &["--as-of", "2025-08-12"]].concat(), &before);
    let now = json(&[&asked[..], &["--previous", before.to_str().unwrap()]].concat());
    let fixes = array(&now, "/fixes");
    assert!(fixes.iter().any(|fix| fix["setup_path"].as_str().unwrap().starts_with("Setup")), "no Setup path");
    let risks: Vec<u64> = array(&now, "/apps").iter().map(|app| app["risk"]["total"].as_u64().unwrap()).collect();
    assert!(risks.len() > 5 && risks.windows(2).all(|pair| pair[0] >= pair[1]), "{risks:?}");
    let new: Vec<&str> = array(&now, "/since_last/new").iter().filter_map(|told| told["detector"].as_str()).collect();
    assert!(new.contains(&"address-listed"), "{new:?}");
    assert!(!new.contains(&"scope-full-granted"), "the setup is as it was");
    assert!(now["would_be_frozen"].is_null(), "no list of anonymisers was given");
    assert!(array(&now, "/rollout/apps").len() > 3, "no app has the four controls asked of it");
}

#[test]
fn no_report_holds_a_secret() {
    let list = fs::read_to_string("sample-klue/tokens/OauthToken.csv").unwrap();
    assert!(list.contains("FAKE-ACCESS-TOKEN") && list.contains("FAKE-DELETE-TOKEN"), "the sample has no secrets");
    for form in ["html", "md", "json"] {
        let told = report(&[&WHOLE[..], &["sample-klue"]].concat(), form);
        assert!(
            told.contains("Klue Battlecards") && told.replace('\\', "").contains("tok_593c80b6"),
            "{form} tells of no token"
        );
        for secret in ["FAKE-ACCESS-TOKEN", "FAKE-DELETE-TOKEN", "FAKE-REQUEST-TOKEN"] {
            assert!(!told.contains(secret), "a secret stands in {form}");
        }
    }
}

#[test]
fn a_file_of_no_form_is_refused_before_anything_is_read() {
    let told = tokentrail(&["report", "sample-klue", "--out", "report.pdf"]);
    assert_eq!(told.code, 2);
    assert!(told.err.contains("hint: name it FILE.html, FILE.md or FILE.json"), "{}", told.err);
    let told = tokentrail(&["report", "sample-klue", "--weekly", "--app", "X", "--out", "a.html"]);
    assert_eq!(told.code, 2, "{}", told.out);
}
