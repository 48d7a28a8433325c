//! What exports cover: a small set with known gaps, repeats, late files, unknown columns and values, counted by hand.

mod columnar;

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokentrail::coverage::{ByHour, Verdict, heat};
use tokentrail::ingest::Reason;
use tokentrail::value::Time;

use crate::cli::tokentrail;
use crate::run::Run;

/// Hourly and daily exports of two organisations, as event log files are.
const SCHEMA: &str = r#"
event_type = "HourlyCalls"
title = "Calls that name their organisation"
source = "made up"
table = "calls"
known_by = [["TIMESTAMP_DERIVED"], ["ORGANIZATION_ID"]]
identity = ["time", "user"]
columns = [
    { name = "TIMESTAMP_DERIVED", type = "time", role = "time", required = true },
    { name = "REQUEST_ID", type = "text", role = "event_id" },
    { name = "ORGANIZATION_ID", type = "id", role = "org" },
    { name = "USER_ID", type = "id", role = "user" },
    { name = "CONNECTED_APP_ID", type = "id", role = "app" },
    { name = "CLIENT_IP", type = "address", role = "source_ip" },
    { name = "API_FAMILY", type = "text", role = "api_family" },
    { name = "ROWS_PROCESSED", type = "number", role = "rows" },
    { name = "API_VERSION", type = "number" },
    { name = "USER_AGENT", type = "text" },
    { name = "SECRET", type = "text", secret = true },
]
"#;

const HEADER: &str = "TIMESTAMP_DERIVED,REQUEST_ID,ORGANIZATION_ID,USER_ID,CONNECTED_APP_ID,CLIENT_IP,API_FAMILY,\
                      ROWS_PROCESSED,API_VERSION,USER_AGENT";
const ORG_A: &str = "00DA0000000000A";
const ORG_B: &str = "00DB0000000000B";
/// Their ids with checksums.
const ORGS: [&str; 2] = ["00DA0000000000AMAQ", "00DB0000000000BMAQ"];

fn row(hour: &str, id: &str, org: &str, rest: &str) -> String {
    format!("2025-08-17T{hour}.000Z,{id},{org},{rest}\n")
}

/// The exports by name; `daily.csv` covers all hours of the first organisation, the others come on top.
fn exports() -> Vec<(&'static str, String)> {
    let plain = "005A0000000000A,0H4A0000000000A,192.0.2.1,REST,9999,58.0,agent";
    let daily = [
        row("00:10:00", "r1", ORG_A, plain),
        row("00:20:00", "r2", ORG_A, "005A0000000000A,,Salesforce.com IP,Bulk,1,9998.0,9999"),
        row("01:00:00", "r3", ORG_A, "005A0000000000A,,192.0.2.300,Purge,1,58.0,N/A"),
        row("02:59:59", "r4", ORG_A, "005A0000000000A,,ip_address_removed,Purge,1,58.0,Unknown"),
        row("05:00:00", "r5", ORG_A, plain),
        row("24:00:00", "r6", ORG_A, plain),
        row("09:30:00", "r7", ORG_A, ",0H4A0000000000A,,SOAP Partner,2,58.0,"),
        row("09:30:00", "r7", ORG_A, ",0H4A0000000000A,,SOAP Partner,2,58.0,"),
    ];
    let first = [row("05:00:00", "r5", ORG_A, plain), "too,short\n".to_owned()];
    let second = [row("05:00:00", "r5", ORG_A, plain), row("05:40:00", "r8", ORG_A, plain)];
    let other = [row("04:00:00", "s1", ORG_B, plain), row("06:00:00", "s2", ORG_B, plain)];
    let file = |rows: &[String]| format!("{HEADER}\n{}", rows.concat());
    let with_unknown_column =
        file(&other).replace("USER_AGENT\n", "USER_AGENT,NEW_COLUMN\n").replace("agent\n", "agent,x\n");
    vec![
        ("daily.csv", file(&daily)),
        ("hourly_05_Sequence1.csv", file(&first)),
        ("hourly_05_Sequence2.csv", file(&second)),
        ("other.csv", with_unknown_column),
        ("stranger.csv", "Name,Phone\nMia,1\n".to_owned()),
    ]
}

/// A folder with the exports and one with the schema.
fn folders() -> (TempDir, TempDir) {
    let (folder, schemas) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (name, text) in exports() {
        fs::write(folder.path().join(name), text).unwrap();
    }
    fs::write(schemas.path().join("HourlyCalls.toml"), SCHEMA).unwrap();
    (folder, schemas)
}

/// What the program says of the exports as JSON, without the folder's name; and its exit code.
fn told(further: &[&str]) -> (Value, i32) {
    let (folder, schemas) = folders();
    let (paths, schemas) = (folder.path().to_str().unwrap(), schemas.path().to_str().unwrap());
    let told = tokentrail(&[&["coverage", paths, "--json", "--schemas", schemas], further].concat());
    let text = told.out.replace(&format!("{paths}/"), "");
    (serde_json::from_str(&text).unwrap(), told.code)
}

#[test]
fn rows_by_organisation_and_event_type() {
    let (told, code) = told(&[]);
    assert_eq!(code, 3, "one export is a stranger");
    let [a, b] = told["covered"].as_array().unwrap().as_slice() else { panic!("{told}") };
    assert_eq!([&a["org"], &b["org"]], ORGS);
    assert_eq!([&a["event_type"], &a["table"]], ["HourlyCalls", "calls"]);
    let counts = |covered: &Value| ["read", "used", "repeated"].map(|key| covered[key].as_u64().unwrap());
    assert_eq!(counts(a), [12, 7, 3]);
    assert_eq!(a["quarantined"], json!({"not-a-time": 1, "ragged": 1}));
    assert_eq!(counts(b), [2, 2, 0]);
    assert_eq!(b["quarantined"], json!({}));
    assert_eq!([&a["first"], &a["last"]], ["2025-08-17T00:10:00.000Z", "2025-08-17T09:30:00.000Z"]);
    let exports: Vec<Value> = a["exports"].as_array().unwrap().clone();
    let line = |export: &Value| {
        let numbers = ["read", "used", "repeated", "quarantined"].map(|key| export[key].as_u64().unwrap());
        (export["export"].as_str().unwrap().to_owned(), numbers)
    };
    assert_eq!(
        exports.iter().map(line).collect::<Vec<_>>(),
        [
            ("daily.csv".to_owned(), [8, 6, 1, 1]),
            ("hourly_05_Sequence1.csv".to_owned(), [2, 0, 1, 1]),
            ("hourly_05_Sequence2.csv".to_owned(), [2, 1, 1, 0]),
        ]
    );
    assert_eq!(told["problems"].as_array().unwrap().len(), 1);
}

#[test]
fn hours_and_gaps() {
    let (told, _) = told(&[]);
    let hour = |hour: u32| format!("2025-08-17T{hour:02}:00:00.000Z");
    let a = &told["covered"][0];
    assert_eq!(
        a["hours"],
        json!({"present": 5, "missing": 5, "gaps": [
            {"from": hour(6), "to": hour(9), "hours": 3},
            {"from": hour(3), "to": hour(5), "hours": 2},
        ]})
    );
    assert_eq!(a["rows_by_hour"], json!({hour(0): 2, hour(1): 1, hour(2): 1, hour(5): 2, hour(9): 1}));
    assert_eq!(a["rows_by_day"], json!({hour(0): 7}));
    let b = &told["covered"][1];
    assert_eq!(b["hours"]["gaps"], json!([{"from": hour(5), "to": hour(6), "hours": 1}]));
}

#[test]
fn late_exports() {
    let (told, _) = told(&[]);
    let late = json!([{
        "export": "hourly_05_Sequence2.csv", "sequence": 2, "from": "2025-08-17T05:00:00.000Z",
        "to": "2025-08-17T06:00:00.000Z", "adds": 1, "repeats": 1,
    }]);
    assert_eq!(told["covered"][0]["late"], late);
    assert_eq!(told["covered"][1]["late"], json!([]));
}

/// The sequence numbers stand in the listing, and the ids are in another order.
#[test]
fn late_exports_of_a_listing() {
    let rest = "005A0000000000A,0H4A0000000000A,192.0.2.1,REST,9999,58.0,agent";
    let (early, late) = (row("05:00:00", "r5", ORG_A, rest), row("05:40:00", "r8", ORG_A, rest));
    let listed = |id: u32, sequence: &str, rows: &str| {
        let body = STANDARD.encode(format!("{HEADER}\n{rows}"));
        format!("0ATA0000000000{id},HourlyCalls,Hourly,{sequence},{body}\n")
    };
    let rows = [listed(1, "2.0", &format!("{early}{late}")), listed(2, "1.0", &early)].concat();
    let (folder, schemas) = folders();
    let listing = folder.path().join("listing.csv");
    fs::write(&listing, format!("Id,EventType,Interval,Sequence,LogFile\n{rows}")).unwrap();
    let arguments = ["coverage", listing.to_str().unwrap(), "--json", "--schemas", schemas.path().to_str().unwrap()];
    let told: Value = serde_json::from_str(&tokentrail(&arguments).out).unwrap();
    let [late] = told["covered"][0]["late"].as_array().unwrap().as_slice() else { panic!("{told}") };
    assert!(late["export"].as_str().unwrap().ends_with("listing.csv!0ATA00000000001OAA"), "{late}");
    assert_eq!([&late["sequence"], &late["adds"]], [2, 2], "{late}");
}

#[test]
fn what_cells_leave_open() {
    let (told, _) = told(&[]);
    let a = &told["covered"][0];
    let column = |column: &str, rows: u64, values: &[(&str, u64)]| {
        let values: Vec<Value> = values.iter().map(|(value, rows)| json!({"value": value, "rows": rows})).collect();
        json!({"column": column, "rows": rows, "values": values, "rows_of_others": 0})
    };
    assert_eq!(
        a["placeholders"],
        json!([
            column("CLIENT_IP", 2, &[("IP_ADDRESS_REMOVED", 1), ("Salesforce.com IP", 1)]),
            column("API_VERSION", 1, &[("9998.0", 1)]),
            column("USER_AGENT", 3, &[("9999", 1), ("N/A", 1), ("Unknown", 1)]),
        ]),
        "9999 rows are rows"
    );
    assert_eq!(a["unreadable_addresses"], json!([column("CLIENT_IP", 1, &[("192.0.2.300", 1)])]));
    assert_eq!(a["unknown_values"], json!([column("API_FAMILY", 2, &[("Purge", 2)])]));
    assert_eq!(a["without"], json!({"app": 3, "address": 4, "user": 1}));
    assert_eq!((&a["unknown_columns"], &told["covered"][1]["unknown_columns"]), (&json!([]), &json!(["NEW_COLUMN"])));
}

/// Where no row names an organisation, the user may; else it is unknown. A snapshot has no hours to miss.
#[test]
fn a_list_of_tokens_has_no_hours() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = "AppName,UserId,CreatedDate,LastUsedDate,UseCount,DeleteToken\n\
                  Drift,0055e000001,2024-01-01T00:00:00Z,2025-08-01T00:00:00Z,3,TOPSECRET\n\
                  ,0055e000001,2024-01-01T00:00:00Z,,0,N/A\n";
    fs::write(folder.path().join("tokens.csv"), tokens).unwrap();
    let path = folder.path().to_str().unwrap();
    let said = tokentrail(&["coverage", path, "--json"]);
    let told: Value = serde_json::from_str(&said.out).unwrap();
    let covered = &told["covered"][0];
    assert_eq!((&covered["org"], &covered["hours"]), (&json!("unknown"), &Value::Null));
    assert_eq!(covered["without"], json!({"app": 1, "address": null, "user": 0}));
    assert_eq!(covered["placeholders"], json!([]), "secret cells are not looked at");
    assert!(!said.out.contains("TOPSECRET"));
    let told = tokentrail(&["coverage", path, "--org", ORG_A]);
    assert!(told.out.contains("n/a") && told.out.contains(ORGS[0]), "{}", told.out);
}

fn verdict<'t>(told: &'t Value, detector: &str) -> (&'t str, &'t str) {
    let all = told["detectors"].as_array().unwrap();
    let found = all.iter().find(|ability| ability["detector"] == detector).unwrap();
    (found["verdict"].as_str().unwrap(), found["reason"].as_str().unwrap())
}

#[test]
fn detectors_that_cannot_run_say_why() {
    let (told, _) = told(&[]);
    let is = |detector: &str, word: &str, part: &str| {
        let (verdict, reason) = verdict(&told, detector);
        assert_eq!(verdict, word, "{detector}: {reason}");
        assert!(reason.contains(part) && reason.ends_with('.'), "{detector}: {reason}");
    };
    is("token-idle", "cannot", "There are no rows of tokens");
    is("jwt-rejected", "cannot", "no rows of assertions");
    is("app-new-network", "cannot", "there are 0 rows on 0 days, and a baseline needs 20 on 5");
    is("scope-full", "cannot", "no register of apps");
}

/// Calls on ten days, of which the last is judged; each day brings four times `rows`: app, address.
fn a_past(rows: &[(&str, &str)], register: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let mut calls =
        "EventDate,EventIdentifier,UserId,ConnectedAppId,SourceIp,ApiType,Operation,RowsReturned\n".to_owned();
    for (day, hour, row) in (1..=10).flat_map(|day| (0..4 * rows.len()).map(move |row| (day, row % 4, row))) {
        let (app, address) = rows[row / 4];
        writeln!(calls, "2025-08-{day:02}T{hour:02}:00:00Z,{day}-{row},005A0000000000A,{app},{address},REST,Query,1")
            .unwrap();
    }
    fs::write(folder.path().join("calls.csv"), calls).unwrap();
    fs::write(folder.path().join("apps.toml"), register).unwrap();
    let arguments = ["coverage", folder.path().to_str().unwrap(), "--json", "--since", "1d"];
    serde_json::from_str(&tokentrail(&arguments).out).unwrap()
}

#[test]
fn detectors_that_run_in_part_say_what_is_missing() {
    let (app, address) = ("0H4A0000000000A", "192.0.2.1");
    let told = a_past(&[("", address)], "");
    let reason = "No row of calls has a value for app; there are no rows of logins.";
    assert_eq!(verdict(&told, "app-new-network"), ("partly", reason));
    assert_eq!(verdict(&told, "scope-first-use"), ("cannot", reason));

    let told = a_past(&[(app, address)], "[[app]]\nname = \"A\"\n");
    let (word, reason) = verdict(&told, "scope-outside-grant");
    assert_eq!((word, reason.contains("gives scopes to no app")), ("cannot", true), "{reason}");
    let told = a_past(&[(app, address)], "[[app]]\nname = \"A\"\nid = \"0H4A0000000000A\"\nscopes = [\"api\"]\n");
    assert_eq!(verdict(&told, "scope-outside-grant"), ("partly", "There are no rows of logins."));
    let (word, reason) = verdict(&told, "app-new-network");
    assert_eq!((word, reason), ("partly", "There are no rows of logins."));

    let mostly_without = [(app, address), (app, "Salesforce.com IP"), (app, ""), (app, "N/A")];
    let told = a_past(&mostly_without, "");
    let (word, reason) = verdict(&told, "app-new-network");
    assert_eq!(
        (word, reason.contains("75 % of the rows of calls have no value for network")),
        ("partly", true),
        "{reason}"
    );
}

/// Nothing that does not matter shows: order of files, workers, blocks.
#[test]
fn the_same_for_any_order_threads_and_blocks() {
    let (folder, schemas) = folders();
    let schemas = Some(schemas.path().to_owned());
    let mut paths: Vec<PathBuf> = exports().iter().map(|(name, _)| folder.path().join(name)).collect();
    let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sample-data/quiet");
    paths.push(sample);
    let plain = Run { schemas: schemas.clone(), ..Run::default() }.cover(&paths);
    assert!(plain.covered.len() > 6, "the hand-made ones, and those of the sample");
    for (threads, block_bytes) in [(1, 1 << 20), (1, 64), (2, 300), (3, 5000), (7, 64)] {
        paths.rotate_left(1);
        let run = Run { schemas: schemas.clone(), threads, block_bytes, ..Run::default() };
        assert_eq!(run.cover(&paths), plain, "{threads} threads, blocks of {block_bytes}");
    }
}

/// Coverage and scan tell the same of the same rows.
#[test]
fn counts_are_those_of_a_scan() {
    let sample = [PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sample-data")];
    let (coverage, ran) = (Run::default().cover(&sample), Run::default().scan(&sample));
    assert_eq!((coverage.since, coverage.as_of), (ran.outcome.since, ran.outcome.as_of));
    assert_eq!(coverage.problems, ran.outcome.problems);
    for covered in &coverage.covered {
        let mut counts = ran.outcome.counts[&covered.event_type].clone();
        // Rows of unknown event types count to the export's usual one; a scan counts them apart.
        if let Some(rows) = covered.quarantined.get(&Reason::UnknownEventType) {
            counts.quarantined.insert(Reason::UnknownEventType, *rows);
            counts.read += rows;
        }
        assert_eq!(
            (covered.read, covered.used, covered.repeated, covered.exports.len() as u64, &covered.quarantined),
            (counts.read, counts.used, counts.repeated, counts.exports, &counts.quarantined),
            "{}",
            covered.event_type
        );
        let quarantined: u64 = covered.quarantined.values().sum();
        assert_eq!(covered.read, covered.used + covered.repeated + quarantined);
    }
    let unknown = ran.outcome.counts.get("unknown event type").map_or(0, |counts| counts.read);
    let counted: u64 =
        coverage.covered.iter().filter_map(|covered| covered.quarantined.get(&Reason::UnknownEventType)).sum();
    assert_eq!((counted, coverage.covered.len() + 1), (unknown, ran.outcome.counts.len()));
}

#[test]
fn what_a_person_reads() {
    let told = tokentrail(&["coverage", "sample-data"]);
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/coverage.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &told.out).unwrap();
    }
    let known = fs::read_to_string(path).unwrap();
    for (line, known) in told.out.lines().zip(known.lines()) {
        assert_eq!(line, known, "UPDATE=1 writes it anew");
    }
    assert_eq!(told.out.len(), known.len(), "UPDATE=1 writes it anew");
    assert_eq!(tokentrail(&["coverage", "sample-data", "--threads", "1"]).out, told.out);
}

/// Values, columns and organisations are foreign text, and there may be any number of them.
#[test]
fn hostile_text_is_made_visible_and_not_kept_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = "EventDate,EventIdentifier,Query,ApiType,SourceIp,\u{1b}[2Jcolumn\n".to_owned();
    for row in 0..3000 {
        writeln!(text, "2025-08-17T10:00:00Z,e{row},q,{row:04}\u{202e}\u{1b}[31m,\u{7}bad,x").unwrap();
    }
    fs::write(folder.path().join("a.csv"), text).unwrap();
    let path = folder.path().to_str().unwrap();
    let said = tokentrail(&["coverage", path]);
    for hidden in ["\u{1b}", "\u{202e}", "\u{7}"] {
        assert!(!said.out.contains(hidden), "{hidden:?}");
    }
    assert!(said.out.contains("0000\\u{202e}\\u{1b}[31m (1)"), "{}", said.out);
    let json = tokentrail(&["coverage", path, "--json"]).out;
    assert!(!json.contains('\u{202e}'));
    let told: Value = serde_json::from_str(&json).unwrap();
    let unknown = &told["covered"][0]["unknown_values"][0];
    assert_eq!(unknown["values"].as_array().unwrap().len(), 1000);
    assert_eq!((&unknown["rows"], &unknown["rows_of_others"]), (&json!(3000), &json!(2000)));
    assert_eq!(unknown["values"][999]["value"], "0999\u{202e}\u{1b}[31m");
}

fn hours(hours: &[(i64, u64)]) -> ByHour {
    let start = Time::parse(b"2025-08-17T00:00:00Z", None).unwrap().hours();
    hours.iter().map(|(hour, rows)| (start + hour, *rows)).collect()
}

#[test]
fn the_strip() {
    let rows = hours(&[(2, 1), (3, 256), (23, 16), (24, 2)]);
    assert_eq!(
        heat::lines(&rows, 80),
        [
            "UTC         0     6     12    18",
            "2025-08-17 |  .@___________________+|       273, 19 h missing",
            "2025-08-18 |:                       |         2",
            "_ no rows  . few  @ up to 256 in an hour",
        ]
    );
    assert_eq!(heat::lines(&rows, 40)[1], "2025-08-17 |  .@___________________+|", "no room for numbers");
    let narrow = heat::lines(&rows, 30);
    assert_eq!(narrow[1], "2025-08-17 | @_________+|");
    assert!(narrow.iter().take(3).all(|line| line.chars().count() <= 30), "{narrow:?}");
    assert!(heat::lines(&ByHour::new(), 80).is_empty());
}

#[test]
fn many_days_are_folded() {
    let rows = hours(&(0..24 * 100).filter(|hour| hour % 24 != 5).map(|hour| (hour, 1)).collect::<Vec<_>>());
    let lines = heat::lines(&rows, 80);
    assert_eq!(lines.len(), 1 + 34 + 2, "three days a line, a scale and a legend");
    assert!(lines.iter().any(|line| line.starts_with("each line is 3 days")));
    assert_eq!(lines[1], "2025-08-17 |@@@@@_@@@@@@@@@@@@@@@@@@|        69, 3 h missing");
    let far = heat::lines(&hours(&[(0, 1), (24 * 365 * 70, 1)]), 80);
    assert!(far.len() <= 44, "{}", far.len());
}

#[test]
fn wrong_usage_is_refused_as_in_a_scan() {
    assert_eq!(tokentrail(&["coverage"]).code, 2);
    assert_eq!(tokentrail(&["coverage", "no/such/folder"]).code, 2);
    assert_eq!(tokentrail(&["coverage", "sample-data", "--since", "lately"]).code, 2);
    let (folder, schemas) = folders();
    let (path, schemas) = (folder.path().to_str().unwrap(), schemas.path().to_str().unwrap());
    let code = |further: &[&str]| tokentrail(&[&["coverage", path, "--schemas", schemas], further].concat()).code;
    assert_eq!((code(&[]), code(&["--max-problems", "1"])), (3, 0));
}

#[test]
fn a_detector_that_is_off_is_told() {
    let run = Run { settings: "[detectors.token-idle]\noff = true\n".to_owned(), ..Run::default() };
    let coverage = run.cover(&[PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sample-data/quiet")]);
    let idle = coverage.detectors.iter().find(|ability| ability.detector == "token-idle").unwrap();
    assert_eq!((idle.verdict, idle.reason.as_str()), (Verdict::Cannot, "The settings turn it off."));
}
