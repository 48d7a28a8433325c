//! The responder's commands on staged thefts: what they say, in which forms, and that nobody's text does anything in them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::{Told, tokentrail};

const DRIFT: [&str; 3] = ["sample-data/staged/api", "sample-data/staged/logins", "sample-data/apps.toml"];
/// Commands that tell of rows, each with the options that it needs.
const COMMANDS: [&[&str]; 6] = [
    &["timeline"],
    &["investigate", "app", "Drift"],
    &["impact"],
    &["ioc", "sweep"],
    &["changes"],
    &["verify-containment", "--app", "Drift", "--since", "2025-08-14"],
];

fn run(arguments: &[&str]) -> Told {
    let told = tokentrail(arguments);
    assert!(matches!(told.code, 0 | 1), "{arguments:?}: {}", told.err);
    told
}

fn json(arguments: &[&str]) -> Value {
    let told = run(&[arguments, &["--json"]].concat());
    serde_json::from_str(&told.out).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", told.out))
}

fn lines(arguments: &[&str]) -> Vec<Value> {
    let told = run(&[arguments, &["--json"]].concat());
    told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Findings of the whole sample, in a folder.
fn findings() -> TempDir {
    let folder = TempDir::new().unwrap();
    run(&["scan", "sample-data", "--format", "ndjson", "--quiet", "--out", folder.path().to_str().unwrap()]);
    folder
}

#[test]
fn a_timeline_folds_and_loses_nothing() {
    let asked = ["timeline", "sample-data", "--app", "Drift", "--since", "2025-08-12"];
    let (folded, full) = (lines(&asked), lines(&[&asked[..], &["--full"]].concat()));
    let sum = |lines: &[Value], name: &str| lines.iter().filter_map(|line| line[name].as_i64()).sum::<i64>();
    assert_eq!(sum(&folded, "count"), i64::try_from(full.len()).unwrap());
    assert_eq!(sum(&folded, "rows"), sum(&full, "rows"));
    assert!(folded.len() < full.len(), "{} lines of {}", folded.len(), full.len());
    let times: Vec<&str> = folded.iter().map(|line| line["datetime"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "not in order");
    let pages = folded.iter().find(|line| line["message"] == "Bulk QueryMore of Case").unwrap();
    assert_eq!((pages["count"].as_i64(), pages["rows"].as_i64()), (Some(6), Some(53_618)));
    for line in &full {
        for name in ["datetime", "timestamp_desc", "message"] {
            assert!(!line[name].as_str().unwrap().is_empty(), "Timesketch needs {name}: {line}");
        }
    }
}

#[test]
fn a_timeline_marks_what_findings_rest_on() {
    let folder = findings();
    let path = folder.path().to_str().unwrap();
    let asked = ["timeline", "sample-data", "--findings", path, "--severity", "high", "--since", "2025-08-11"];
    let marked = lines(&asked);
    assert!(!marked.is_empty());
    for line in &marked {
        assert_eq!(line["severity"], "high", "{line}");
        assert!(!line["findings"].as_array().unwrap().is_empty());
    }
    let job = marked.iter().filter(|line| line["address"] == "208.68.36.90").count();
    assert!(job > 3, "the thief's rows are among them: {job}");
    let told = tokentrail(&["timeline", "sample-data", "--severity", "high"]);
    assert_eq!(told.code, 2);
    assert!(told.err.contains("needs findings"), "{}", told.err);
}

#[test]
fn filters_hold_for_any_role() {
    let count = |filter: &str| lines(&["timeline", "sample-data/staged", "--full", "--where", filter]).len();
    let all = lines(&["timeline", "sample-data/staged", "--full"]).len();
    assert_eq!(count("ip=208.68.36.90"), count("address=208.68.36.0/24"));
    assert!(count("ip=208.68.36.90") > 0);
    assert_eq!(count("client=PYTHON*"), count("agent=python-requests/2.32.4"));
    assert_eq!(count("objects=case") + count("objects!=case"), all);
    assert_eq!(count("rows>=10000"), 7, "six pages, and the log of the job");
    for (filter, error) in
        [("nonsense", "no comparison"), ("moon=1", "no role"), ("rows=many", "a number"), ("client>=1", "a text")]
    {
        let told = tokentrail(&["timeline", "sample-data/staged", "--where", filter]);
        assert_eq!(told.code, 2, "{filter}");
        assert!(told.err.contains(error) && told.err.contains("hint: "), "{filter}: {}", told.err);
    }
}

/// The rows of exports as plain CSV, read by other code.
fn records(path: &str) -> Vec<BTreeMap<String, String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn an_investigation_counts_what_the_exports_hold() {
    let asked = ["investigate", "app", "Drift", DRIFT[0], DRIFT[1], "--apps", DRIFT[2]];
    let found = json(&asked);
    let part = |name: &str| -> BTreeMap<String, u64> {
        let parts = found["parts"].as_array().unwrap().iter();
        let part = parts.filter(|part| part["name"] == name).flat_map(|part| part["values"].as_array().unwrap());
        part.map(|seen| (seen["value"].as_str().unwrap().to_owned(), seen["events"].as_u64().unwrap())).collect()
    };
    let calls = records("sample-data/staged/api/ApiEvent-drift.csv");
    let logins = records("sample-data/staged/logins/LoginHistory-drift.csv");
    let mut addresses: BTreeMap<String, u64> = BTreeMap::new();
    for row in calls.iter().chain(&logins) {
        *addresses.entry(row["SourceIp"].clone()).or_default() += 1;
    }
    assert_eq!(part("addresses"), addresses);
    let mut sessions: BTreeMap<String, u64> = BTreeMap::new();
    for row in &calls {
        *sessions.entry(row["SessionKey"].clone()).or_default() += 1;
    }
    assert_eq!(part("sessions"), sessions);
    let rows = |seen: &Value| seen["rows"].as_i64().unwrap();
    let of_addresses: i64 = found["parts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|part| part["name"] == "addresses")
        .flat_map(|part| part["values"].as_array().unwrap())
        .map(rows)
        .sum();
    let returned: f64 = calls.iter().map(|row| row["RowsReturned"].parse::<f64>().unwrap()).sum();
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers of rows")]
    let returned = returned as i64;
    assert_eq!(of_addresses, returned);
    assert_eq!(found["first"], "2025-08-12T22:14:08.000Z");
}

#[test]
fn who_is_not_there_is_said_with_who_is() {
    let told = run(&["investigate", "app", "klue", "sample-klue"]);
    assert!(told.out.contains("show nothing of it"), "{}", told.out);
    assert!(told.err.contains("there is Klue Battlecards"), "{}", told.err);
}

#[test]
fn the_theft_of_cases_is_the_whole_object() {
    let impact = json(&["impact", "sample-data", "--app", "Drift", "--since", "2025-08-12"]);
    let case = &impact["objects"][0];
    assert_eq!((&case["object"], &case["least"], &case["most"]), (&"Case".into(), &63_618.into(), &65_618.into()));
    assert_eq!((&case["size"]["rows"], &case["coverage"]), (&63_618.into(), &serde_json::json!([100.0, 100.0])));
    assert_eq!(case["readings"], 2, "the job's pages are one reading");
    let columns: Vec<&str> =
        case["columns"].as_array().unwrap().iter().map(|column| column.as_str().unwrap()).collect();
    assert!(columns.contains(&"description") && columns.contains(&"contactemail"), "{columns:?}");
    let objects: Vec<&str> =
        impact["objects"].as_array().unwrap().iter().map(|object| object["object"].as_str().unwrap()).collect();
    assert!(objects.contains(&"User") && !objects.contains(&"Widget"), "{objects:?}");
}

#[test]
fn kinds_of_data_and_sizes_are_the_users_own() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let classes =
        write("classes.toml", "[[class]]\nname = \"contact data\"\nfields = [\"Case.ContactEmail\", \"*.Phone\"]\n");
    let sizes = write("sizes.csv", "Object,Records\nCase,\"127,236\"\n");
    let asked = ["impact", "sample-data/staged", "--ip", "208.68.36.90", "--classify", &classes, "--sizes", &sizes];
    let case = json(&asked)["objects"][0].clone();
    assert_eq!(case["classes"], serde_json::json!({"contact data": ["contactemail"]}));
    assert_eq!((&case["size"]["rows"], &case["coverage"][0]), (&127_236.into(), &50.0.into()));
    let taken = run(&["impact", "sample-klue", "--ip", "138.226.246.94", "--classify", &classes, "--csv"]).out;
    let case = taken.lines().find(|line| line.starts_with("Case,")).unwrap();
    assert!(case.contains("ContactEmail?"), "fields that FIELDS(STANDARD) may hold: {case}");
    let broken = write("broken.toml", "[[class]]\nname = \"x\"\nfields = [\"Email\"]\n");
    let told = tokentrail(&["impact", "sample-klue", "--classify", &broken]);
    assert!(told.code == 2 && told.err.contains("a field has no object"), "{}", told.err);
}

#[test]
fn a_sweep_never_says_clean() {
    let told = tokentrail(&["ioc", "sweep", "sample-klue"]);
    assert_eq!(told.code, 1, "{}", told.err);
    assert!(told.out.starts_with("Verdict: hit."), "{}", told.out);
    let quiet = tokentrail(&["ioc", "sweep", "sample-data/quiet/logins"]);
    assert_eq!(quiet.code, 0, "{}", quiet.err);
    assert!(quiet.out.starts_with("Verdict: no hit in the covered hours."), "{}", quiet.out);
    assert!(quiet.out.contains("LoginHistory of unknown: 3501 rows"), "it says what it looked at: {}", quiet.out);
    let nothing = tokentrail(&["ioc", "sweep", "sample-klue/tokens"]);
    assert!(nothing.out.contains("nothing can be said"), "{}", nothing.out);
    for said in [&told.out, &quiet.out, &nothing.out] {
        assert!(!said.to_lowercase().contains("clean"), "{said}");
    }
}

#[test]
fn shared_lists_are_brought_into_one_form_and_found_with() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let stix = r#"{"type":"bundle","id":"bundle--1","objects":[
        {"type":"indicator","id":"indicator--a","name":"own","pattern_type":"stix","valid_from":"2025-08-01T00:00:00Z",
         "pattern":"[ipv4-addr:value = '192.0.2.17'] OR [ipv6-addr:value = '2001:db8::9']"},
        {"type":"indicator","id":"indicator--b","pattern_type":"stix","pattern":"[domain-name:value = 'evil.example']"},
        {"type":"indicator","id":"indicator--c","revoked":true,"pattern":"[ipv4-addr:value = '198.18.40.5']"}]}"#;
    let misp = r#"{"Event":{"info":"from MISP","Attribute":[
        {"type":"user-agent","value":"Drift/2.9.1*","to_ids":true,"uuid":"u1"},{"type":"md5","value":"x"}]}}"#;
    let (stix, misp) = (write("stix.json", stix), write("misp.json", misp));
    let list = folder.path().join("list.csv");
    let list = list.to_str().unwrap();
    let told = run(&["ioc", "import", &stix, "--out", list]);
    assert!(told.out.starts_with("2 indicators written") && told.out.contains("2 others left out"), "{}", told.out);
    for lists in [[list, &misp], [&stix, &misp]] {
        let options: Vec<&str> = lists.iter().flat_map(|path| ["--lists", path]).collect();
        let swept = json(&[&["ioc", "sweep", "sample-data/quiet"][..], &options].concat());
        let hits: Vec<&str> =
            swept["hits"].as_array().unwrap().iter().map(|hit| hit["value"].as_str().unwrap()).collect();
        assert_eq!(hits, ["192.0.2.17", "Drift/2.9.1*"], "{swept}");
    }
    let broken = write("broken.json", "{\"a\":1}");
    let told = tokentrail(&["ioc", "import", &broken, "--out", list]);
    assert!(told.code == 2 && told.err.contains("neither a STIX bundle nor a MISP event"), "{}", told.err);
}

#[test]
fn changes_are_told_once_and_marked() {
    let told = lines(&["changes", "sample-data/quiet/setup"]);
    let marked = |sentence: &str| {
        let found: Vec<&Value> =
            told.iter().filter(|change| change["sentence"].as_str().unwrap().contains(sentence)).collect();
        assert_eq!(found.len(), 1, "{sentence}: {found:?}");
        found[0]["persistence"].as_str().map(str::to_owned)
    };
    assert_eq!(marked("Drift IP relaxation").as_deref(), Some("weaker-app"));
    assert_eq!(marked("Installed Connected App Drift").as_deref(), Some("new-app"));
    assert_eq!(marked("Warehouse Sync certificate").as_deref(), Some("app-credentials"));
    assert_eq!(marked("fiscal year"), None);
    let only = lines(&["changes", "sample-data/quiet/setup", "--persistence"]);
    assert!(!only.is_empty() && only.iter().all(|change| change["persistence"].is_string()));
}

#[test]
fn containment_is_said_of_the_hours_that_logs_cover() {
    let verdict = |since: &str| {
        let told =
            tokentrail(&["verify-containment", "sample-klue", "--ip", "138.226.246.94", "--since", since, "--json"]);
        let found: Value = serde_json::from_str(&told.out).unwrap();
        (told.code, found["verdict"].as_str().unwrap().to_owned())
    };
    assert_eq!(verdict("2026-06-13T12:00:00Z"), (1, "still-active".to_owned()));
    assert_eq!(verdict("2026-06-13T15:32:00Z"), (0, "tried-and-refused".to_owned()));
    assert_eq!(verdict("2026-06-14T00:00:00Z"), (0, "nothing-in-covered-hours".to_owned()));
    assert_eq!(verdict("2026-06-20T00:00:00Z"), (0, "cannot-say".to_owned()));
    for arguments in [
        &["verify-containment", "sample-klue", "--since", "2026-06-13"][..],
        &["verify-containment", "sample-klue", "--app", "x"],
    ] {
        let told = tokentrail(arguments);
        assert!(told.code == 2 && told.err.contains("hint: "), "{}", told.err);
    }
}

#[test]
fn pivots_are_what_findings_rest_on() {
    let folder = findings();
    let path = folder.path().to_str().unwrap();
    let words = lines(&["pivot", "sample-data", "--findings", path]);
    let has = |kind: &str, word: &str| words.iter().any(|found| found["kind"] == kind && found["word"] == word);
    assert!(has("address", "208.68.36.90") && has("client", "Salesforce-Multi-Org-Fetcher/1.0") && has("app", "Drift"));
    assert!(!has("client", "Unknown") && !has("address", "198.18.20.10"));
    let grep = run(&["pivot", "sample-data", "--findings", path, "--search", "grep"]).out;
    let hits = records("sample-data/staged/api/ApiEvent-drift.csv")
        .iter()
        .filter(|row| grep.lines().any(|word| row.values().any(|cell| cell.contains(word))))
        .count();
    assert_eq!(hits, records("sample-data/staged/api/ApiEvent-drift.csv").len(), "each of the thief's rows comes up");
    let spl = run(&["pivot", "sample-data", "--findings", path, "--search", "spl"]).out;
    assert!(spl.starts_with("search (\"") && spl.contains(" OR \"208.68.36.90\""), "{spl}");
    let kql = run(&["pivot", "sample-data", "--findings", path, "--search", "kql"]).out;
    assert!(kql.starts_with("search \"") && kql.contains(" or \"208.68.36.90\""), "{kql}");
}

#[test]
fn a_plan_names_what_stops_and_holds_no_secret() {
    let folder = TempDir::new().unwrap();
    let script = folder.path().join("revoke.sh");
    let asked = ["revoke-plan", "sample-klue", "--ip", "138.226.246.94", "--script", script.to_str().unwrap()];
    let plan = json(&asked);
    let steps: Vec<(&str, &str)> = plan["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["action"].as_str().unwrap(), step["app"]["name"].as_str().unwrap()))
        .collect();
    let klue = "Klue Battlecards";
    assert_eq!(steps, [("revoke-token", klue), ("end-sessions", klue), ("block-app", klue)]);
    let stopped = &plan["steps"][2]["stops"];
    assert_eq!(stopped["addresses"], serde_json::json!(["192.0.2.140"]), "without the thief's");
    assert!(stopped["events_a_day"].as_f64().unwrap() > 40.0, "{stopped}");
    assert_eq!(plan["steps"][0]["owner"], "competitive-intelligence@alderfinch.example");
    let text = fs::read_to_string(&script).unwrap();
    assert!(!text.contains("FAKE-") && !plan.to_string().contains("FAKE-"), "no secret is in the plan");
    let told = tokentrail(&["revoke-plan", "sample-klue"]);
    assert!(told.code == 2 && told.err.contains("nobody says what is to be revoked"), "{}", told.err);
}

/// The script runs against a `curl` that writes down what it is told.
#[test]
fn the_script_sends_the_tokens_of_the_plan_and_no_others() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    run(&["revoke-plan", "sample-klue", "--app", "Klue Battlecards", "--script", &path("revoke.sh")]);
    let curl = format!("#!/bin/sh\necho \"$*\" >> {0}\ncat >> {0}\necho >> {0}\n", path("sent"));
    fs::write(path("curl"), curl).unwrap();
    let run = |dry: &str| {
        let shell = format!(
            "chmod +x {folder}/curl && printf 'FAKE-DELETE-TOKEN-0001\\r\\nFAKE-DELETE-TOKEN-K001\\r\\n' | \
             PATH={folder}:$PATH DRY_RUN={dry} sh {folder}/revoke.sh https://x.my.salesforce.com",
            folder = folder.path().display()
        );
        let output = Command::new("sh").arg("-c").arg(shell).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run("1").contains("would revoke tok_593c80b692a2ad9e65f11866"));
    assert!(!folder.path().join("sent").exists(), "nothing is sent");
    let said = run("");
    assert!(
        said.contains("revoked tok_593c80b692a2ad9e65f11866")
            && said.ends_with("1 of 1 tokens of the plan were among the secrets\n"),
        "{said}"
    );
    let sent = fs::read_to_string(path("sent")).unwrap();
    let (arguments, body) = sent.split_once('\n').unwrap();
    assert!(arguments.ends_with("https://x.my.salesforce.com/services/oauth2/revoke"), "{arguments}");
    assert!(!arguments.contains("FAKE") && body.trim() == "FAKE-DELETE-TOKEN-K001", "{sent}");
}

/// Apps, agents, users and queries that try everything.
const HOSTILE: &str = "=cmd|'/c calc'!A1 <script>alert(1)</script> | `x` [l](javascript:a) \u{1b}[2J\u{202e}\u{0} end";

#[test]
fn hostile_text_is_inert_in_every_form() {
    let folder = TempDir::new().unwrap();
    let quoted = HOSTILE.replace('"', "\"\"");
    let header = "EventIdentifier,EventDate,UserId,Username,ApiType,Application,ConnectedAppId,Operation,QueriedEntities,Query,RowsReturned,SourceIp,UserAgent,SessionKey";
    let mut export = format!("{header}\n");
    for day in 10..18 {
        writeln!(
            export,
            "0a4779b0-0da1-4619-a373-0000000000{day},2025-08-{day}T10:00:00.000Z,005Tr0001aEqx0LIAR,\"{quoted}\",REST,\"{quoted}\",,Query,\"{quoted}\",\"SELECT Id FROM {quoted}\",5,208.68.36.90,\"{quoted}\",\"{quoted}\""
        )
        .unwrap();
    }
    fs::write(folder.path().join("ApiEvent.csv"), export).unwrap();
    fs::write(
        folder.path().join("SetupAuditTrail.csv"),
        format!("CreatedDate,CreatedBy.Username,Action,Section,Display,DelegateUser\n2025-08-12T10:00:00.000Z,\"{quoted}\",insertApplication,X,\"{quoted}\",\"{quoted}\"\n"),
    )
    .unwrap();
    let exports = folder.path().to_str().unwrap();
    let mut commands: Vec<Vec<&str>> = COMMANDS.iter().map(|command| command.to_vec()).collect();
    commands[1][2] = HOSTILE.trim_end_matches(|letter| letter != 'd');
    commands[5] = vec!["verify-containment", "--ip", "208.68.36.90", "--since", "2025-08-11"];
    commands.push(vec!["revoke-plan", "--ip", "208.68.36.90"]);
    let without_nul: Vec<Vec<String>> =
        commands.iter().map(|command| command.iter().map(|word| word.replace('\0', "")).collect()).collect();
    for command in &without_nul {
        for form in ["text", "markdown", "json", "csv"] {
            let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
            arguments.extend([exports, "--print", form]);
            let told = run(&arguments);
            inert(&told.out, form, &arguments);
            inert(&told.err, "text", &arguments);
        }
    }
}

/// What is left of Markdown without the characters that a backslash makes plain.
fn unescaped(line: &str) -> String {
    let mut letters = line.chars();
    let mut left = String::new();
    while let Some(letter) = letters.next() {
        if letter == '\\' {
            letters.next();
        } else {
            left.push(letter);
        }
    }
    // A list of things to do has boxes.
    left.replace("[ ]", "")
}

fn inert(text: &str, form: &str, arguments: &[&str]) {
    let hidden =
        text.chars().find(|letter| letter.is_control() && *letter != '\n' && *letter != '\r' || *letter == '\u{202e}');
    // JSON escapes what is hidden; CSV shows it as it is told, without what moves a cursor.
    assert_eq!(hidden, None, "{arguments:?} {form}: {text}");
    match form {
        "markdown" => {
            for line in text.lines() {
                assert!(!unescaped(line).contains(['<', '[', '`']), "{arguments:?}: {line}");
            }
        }
        "csv" => {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            for cell in
                reader.records().flat_map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
            {
                assert!(!cell.starts_with(['=', '@']), "{arguments:?}: a spreadsheet would run {cell}");
            }
        }
        _ => {}
    }
}

#[test]
fn the_same_bytes_whatever_the_order_and_the_workers() {
    for command in COMMANDS {
        for form in ["text", "json"] {
            let paths = [DRIFT[0], DRIFT[1], "sample-data/quiet/setup"];
            let turned: Vec<&str> = paths.iter().rev().copied().collect();
            let said = |paths: &[&str], threads: &str| {
                run(&[command, paths, &["--apps", DRIFT[2], "--print", form, "--threads", threads]].concat()).out
            };
            let one = said(&paths, "1");
            assert_eq!(one, said(&turned, "3"), "{command:?}");
            assert!(one.len() > 20, "{command:?}: {one}");
        }
    }
}

/// What is told of converted exports is told by the exports that they were.
#[test]
fn converted_exports_name_the_originals() {
    let folder = TempDir::new().unwrap();
    let once = folder.path().join("once");
    run(&["convert", "sample-klue", "--out", once.to_str().unwrap(), "--quiet"]);
    let findings = folder.path().join("findings");
    run(&["scan", "sample-klue", "--format", "ndjson", "--quiet", "--out", findings.to_str().unwrap()]);
    let findings = findings.to_str().unwrap();
    let told = |input: &str| -> Vec<Value> {
        let asked = ["timeline", input, "--ip", "138.226.246.94", "--findings", findings, "--full"];
        lines(&[&asked[..], &["--apps", "sample-klue/apps.toml"]].concat())
    };
    let (plain, from_once) = (told("sample-klue"), told(once.to_str().unwrap()));
    let key = |line: &Value| {
        (
            line["datetime"].to_string(),
            line["export"].to_string(),
            line["record"].to_string(),
            line["findings"].to_string(),
        )
    };
    let keys = |lines: &[Value]| lines.iter().map(key).collect::<Vec<_>>();
    assert!(plain.iter().filter(|line| !line["findings"].as_array().unwrap().is_empty()).count() > 20);
    assert_eq!(keys(&plain), keys(&from_once));
    let pivot = |input: &str| run(&["pivot", input, "--findings", findings, "--search", "grep"]).out;
    assert_eq!(pivot("sample-klue"), pivot(once.to_str().unwrap()));
    let words = pivot("sample-klue");
    assert!(
        words.contains("138.226.246.94\n") && !words.contains("192.0.2.140\n"),
        "the vendor's own address: {words}"
    );
}

/// Of converted exports only the rows that may be wanted are read in full: that must not show.
#[test]
fn converted_exports_answer_alike() {
    let folder = TempDir::new().unwrap();
    let converted = folder.path().join("converted");
    let converted = converted.to_str().unwrap();
    let register = ["--apps", "sample-data/apps.toml", "--max-problems", "99"];
    let plain = ["sample-data/quiet", "sample-data/staged"];
    let whole = tokentrail(&[&["convert", "--out", converted, "--quiet"], &plain[..], &register].concat());
    assert!(Path::new(converted).join("calls").is_dir(), "{}", whole.err);
    let questions: [&[&str]; 11] = [
        &["timeline", "--app", "Drift", "--full"],
        &["timeline", "--user", "drift-integration@alderfinch.example", "--full"],
        &["timeline", "--ip", "208.68.36.0/24", "--full"],
        &["timeline", "--where", "objects=Case", "--since", "2025-08-12"],
        &["timeline", "--where", "rows>=2000"],
        &["timeline", "--where", "client!=Unknown", "--where", "status!=Success", "--since", "2025-08-17"],
        &["investigate", "app", "Warehouse Sync"],
        &["investigate", "user", "marco.bellini@alderfinch.example"],
        &["investigate", "ip", "208.68.36.90"],
        &["impact", "--app", "Drift", "--since", "2025-08-12"],
        &["changes"],
    ];
    for question in questions {
        let told = |inputs: &[&str]| run(&[question, inputs, &register, &["--json"]].concat()).out;
        let (from_plain, from_converted) = (told(&plain), told(&[converted]));
        assert!(from_plain.len() > 300, "{question:?} tells little");
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
        let only = |one: &str, other: &str| lines(one).difference(&lines(other)).take(3).cloned().collect::<Vec<_>>();
        assert!(
            from_plain == from_converted,
            "{question:?} differs: {:?} {:?}",
            only(&from_plain, &from_converted),
            only(&from_converted, &from_plain)
        );
    }
    // What was covered is told table by table there.
    let hits = |inputs: &[&str]| json(&[&["ioc", "sweep"], inputs, &register].concat())["hits"].clone();
    assert!(hits(&plain).as_array().unwrap().len() > 2);
    assert_eq!(hits(&plain), hits(&[converted]));
}
