//! Normalised events: golden output, ids, counts, order, and that nothing secret or hidden is in them. What receivers'
//! schemas ask is beside.

mod schemas;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tokentrail::apps::Register;
use tokentrail::batch::Table;
use tokentrail::convert::{Convert, Tables};
use tokentrail::events::{self, Format, Said, TABLES};
use tokentrail::ingest::{Limits, discover};
use tokentrail::schema::Schemas;
use tokentrail::value::Time;

use crate::cli::{files, tokentrail};

/// 2026-03-02T00:00:00Z.
const GENERATED: Time = Time(1_772_409_600_000_000);
const ORG: &str = "00DTr0000008Xq1MAE";
const SECRET: &str = "5Aep861TSESvWeug_a_secret_to_delete_by";

const LOGINS: &str = "\
Id,UserId,LoginTime,LoginType,LoginSubType,SourceIp,Status,Application,Browser,CountryIso
0YaTr0000w1hOpqKAE,005Tr0001aEqxEmIAJ,2025-08-18T15:02:11.000+0000,Remote Access 2.0,OAuth Refresh Token,198.18.77.8,Success,Chatter Widget,Unknown,US
0YaTr0000uwGkSAKA0,005Tr0001aEqxEmIAJ,2025-08-15T15:02:11.500+0000,Application,,Salesforce.com IP,Invalid Password,Browser,Chrome 139,US
0YaTr0000uZnCxjKAF,005Tr0001aEqxEmIAJ,2025-08-14T15:02:11.000+0000,SAML Sfdc Initiated SSO,,2001:db8::7,User is Inactive,,,
";
const CALLS: &str = "\
EventIdentifier,EventDate,UserId,Username,ApiType,Application,ConnectedAppId,LoginHistoryId,LoginKey,SessionKey,Operation,QueriedEntities,Query,RowsProcessed,SourceIp,UserAgent
63c102ba-ca4f-4607-8b9f-82c5fc0a9cbf,2025-08-17T11:15:18.214Z,005Tr0001aEqx0LIAR,drift@alderfinch.example,REST,Drift,0H4Tr0001PKSuDhKQL,0YaTr0000vbcUd2KAE,h6WsNRo8sUykrOCB,UsQGkOhmsqLow4fo,Query,\"Case, Contact\",SELECT Id FROM Case WHERE Name = 'hunter2',63618,208.68.36.90,python-requests/2.32.4
";
const REST: &str = "\
EVENT_TYPE,TIMESTAMP_DERIVED,REQUEST_ID,ORGANIZATION_ID,USER_ID_DERIVED,CLIENT_IP,CONNECTED_APP_ID,URI,METHOD,STATUS_CODE,ROWS_PROCESSED,RESPONSE_SIZE,USER_AGENT
RestApi,2025-08-17T11:20:00.000Z,4exLFFQZ1234xFl1cJNwOV,00DTr0000008Xq1MAE,005Tr0001aEqx0LIAR,208.68.36.90,0H4Tr0001PKSuDhKQL,/services/data/v58.0/sobjects/Account/001Tr0001PKSuDhKQL,DELETE,403,0,120,curl/8.7.1
";
const CHANGES: &str = "\
Id,CreatedDate,CreatedById,CreatedBy.Username,Action,Section,Display,DelegateUser
0YmTr0000b6yXAmKAM,2025-07-11T15:00:00.000Z,005Tr0001aEpFMgIAN,carla@alderfinch.example,insertApplication,Application,\"Created Connected App \"\"Widget\"\"\",
";

fn tokens() -> String {
    format!(
        "Id,AppName,UserId,CreatedDate,LastUsedDate,UseCount,DeleteToken\n\
         0CXTr0000000001AAA,Drift,005Tr0001aEqx0LIAR,2025-01-18T00:16:29.000Z,2025-08-18T23:07:31.000Z,370,{SECRET}\n"
    )
}

/// A folder with these exports.
fn folder(exports: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in exports {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn one_of_each() -> tempfile::TempDir {
    folder(&[("a.csv", LOGINS), ("b.csv", CALLS), ("c.csv", REST), ("d.csv", CHANGES), ("e.csv", &tokens())])
}

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data")
}

fn read(paths: &[PathBuf], threads: usize, block_bytes: usize) -> Tables {
    let (exports, problems) = discover(paths);
    assert_eq!(problems, []);
    let schemas = Schemas::embedded().unwrap();
    let limits = Limits { block_bytes, ..Limits::default() };
    let register = register();
    let (zone, taken) = (None, Arc::default());
    let asked = Convert { exports: &exports, schemas: &schemas, register: &register, zone, threads, limits, taken };
    events::read(&asked, &mut Vec::new())
}

/// One app, which calls name by its id and logins by its name.
fn register() -> Register {
    let folder = folder(&[("apps.toml", "[[app]]\nname = \"Drift\"\nid = \"0H4Tr0001PKSuDhKQL\"\n")]);
    Register::read(&folder.path().join("apps.toml")).unwrap()
}

fn written(tables: &Tables, format: Format) -> String {
    let mut bytes = Vec::new();
    let register = register();
    let said = Said { org: Some(ORG), register: &register, generated: GENERATED };
    let count = events::write(tables, format, &said, &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.lines().count() as u64, count);
    text
}

fn records(tables: &Tables, format: Format) -> Vec<Value> {
    written(tables, format).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn id(record: &Value) -> String {
    let places = ["/event/id", "/EventUid", "/metadata/uid"];
    places.iter().find_map(|place| record.pointer(place)).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn output_is_as_reviewed() {
    let folder = one_of_each();
    let tables = read(&[folder.path().to_owned()], 2, 1 << 20);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden");
    for format in Format::ALL {
        let is = written(&tables, format).replace(folder.path().to_str().unwrap(), "exports");
        let path = golden.join(format.file_name());
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &is).unwrap();
        }
        let should = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for (line, (is, should)) in is.lines().zip(should.lines()).enumerate() {
            assert_eq!(is, should, "{}, line {}; UPDATE=1 rewrites it", path.display(), line + 1);
        }
        assert_eq!(is, should);
    }
}

#[test]
fn threads_blocks_and_the_order_of_paths_leave_the_bytes_as_they_are() {
    let folders: Vec<PathBuf> = ["quiet", "staged"].iter().map(|name| sample().join(name)).collect();
    let one = read(&folders, 1, 1 << 20);
    let three = read(&[folders[1].clone(), folders[0].clone()], 3, 1 << 14);
    for format in Format::ALL {
        assert!(written(&one, format) == written(&three, format), "{format:?}");
    }
}

#[test]
fn every_row_used_is_one_event_with_an_id_of_its_own() {
    let tables = read(&[sample()], 2, 1 << 20);
    let used = |table: Table| tables.rows(table);
    for format in Format::ALL {
        let records = records(&tables, format);
        assert_eq!(records.len(), format.tables().iter().map(|table| used(*table)).sum::<usize>(), "{format:?}");
        let ids: BTreeSet<String> = records.iter().map(id).collect();
        assert_eq!(ids.len(), records.len(), "{format:?}");
    }
    let schemas = Schemas::embedded().unwrap();
    let table_of: BTreeMap<&str, Table> =
        schemas.iter().map(|schema| (schema.event_type.as_str(), schema.table)).collect();
    let of_tables = tables
        .counts
        .iter()
        .filter(|(name, _)| table_of.get(name.as_str()).is_some_and(|table| TABLES.contains(table)));
    let counted: u64 = of_tables.map(|(_, counts)| counts.used).sum();
    assert_eq!(counted, TABLES.map(used).iter().sum::<usize>() as u64);
    assert!(TABLES.iter().all(|table| used(*table) > 0));
}

/// One event has one id in all formats, and keeps it when its export is cut in two, renamed, or read with others.
#[test]
fn ids_stay() {
    let whole = one_of_each();
    let tables = read(&[whole.path().to_owned()], 2, 1 << 20);
    let ids = |format| records(&tables, format).iter().map(id).collect::<Vec<_>>();
    assert_eq!(ids(Format::Splunk)[..5], ids(Format::Ocsf));
    assert_eq!(ids(Format::Splunk)[..3], ids(Format::SentinelAuthentication));
    assert_eq!(ids(Format::Splunk)[5..], ids(Format::SentinelAudit));
    let (header, rows) = LOGINS.split_once('\n').unwrap();
    let mut exports: Vec<(String, String)> =
        rows.lines().enumerate().map(|(at, row)| (format!("{at}.csv"), format!("{header}\n{row}\n"))).collect();
    exports.push(("again.csv".to_owned(), LOGINS.to_owned()));
    let exports: Vec<(&str, &str)> = exports.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let cut = folder(&exports);
    let cut = read(&[cut.path().to_owned()], 1, 1 << 20);
    let told: Vec<String> = records(&cut, Format::SentinelAuthentication).iter().map(id).collect();
    assert_eq!(told, ids(Format::SentinelAuthentication));
}

#[test]
fn nothing_secret_and_no_literal_of_a_query_is_told() {
    let folder = one_of_each();
    let tables = read(&[folder.path().to_owned()], 2, 1 << 20);
    for format in Format::ALL {
        let text = written(&tables, format);
        assert!(!text.contains(SECRET) && !text.contains("hunter2"), "{format:?}");
    }
    assert!(written(&tables, Format::Splunk).contains("\"token_reference\":\"tok_"));
}

#[test]
fn hostile_text_is_escaped_and_long_text_is_cut_visibly() {
    let long = "x".repeat(950_000);
    let text = format!(
        "UserId,LoginTime,LoginType,SourceIp,Status,Application,Browser\n\
         005Tr0001aEqxEmIAJ,2025-08-18T15:02:11Z,Remote Access 2.0,198.18.77.8,Success,\"a\"\"\u{202e}\nb\u{0}\",{long}\n"
    );
    let folder = folder(&[("a.csv", text.as_str())]);
    let tables = read(&[folder.path().to_owned()], 1, 1 << 21);
    for format in [Format::Splunk, Format::SentinelAuthentication, Format::Ocsf] {
        let line = written(&tables, format);
        assert!(line.trim_end().chars().all(|letter| !letter.is_control() && letter != '\u{202e}'), "{format:?}");
        let name = ["/event/app_name", "/ActingAppName", "/actor/app_name"];
        let record: Value = serde_json::from_str(&line).unwrap();
        let name = name.iter().find_map(|place| record.pointer(place)).unwrap().as_str().unwrap();
        assert!(name.starts_with("a\"\u{202e}"), "{format:?}: {name:?}");
        let limit = match format {
            Format::Splunk => 900_000,
            Format::Ocsf => usize::MAX,
            _ => 64_001,
        };
        assert!(line.len() <= limit, "{format:?}: {}", line.len());
        assert_eq!(line.contains("_truncated\":true"), format != Format::Ocsf, "{format:?}");
    }
}

#[test]
fn a_scan_writes_them_beside_findings_or_alone() {
    let names = |more: &[&str]| -> Vec<String> {
        let out = tempfile::tempdir().unwrap();
        let arguments = ["scan", "sample-data/staged", "--out", out.path().to_str().unwrap()];
        let told = tokentrail(&[&arguments[..], more].concat());
        assert_eq!((told.code, told.out.as_str()), (0, ""), "{}", told.err);
        files(out.path()).into_keys().filter(|name| !name.starts_with("quarantine")).collect()
    };
    assert_eq!(names(&["--format", "ocsf"]), ["findings.ocsf.ndjson"]);
    assert_eq!(names(&["--format", "ocsf", "--emit", "events"]), ["events.ocsf.ndjson"]);
    assert_eq!(
        names(&["--format", "splunk,sentinel,csv", "--emit", "findings,events"]),
        [
            "events.sentinel-audit.ndjson",
            "events.sentinel.ndjson",
            "events.splunk.ndjson",
            "findings.csv",
            "findings.sentinel-0001.json",
            "findings.splunk.ndjson"
        ]
    );
}

#[test]
fn what_cannot_be_written_is_refused() {
    for (arguments, error) in [
        (&["--format", "ocsf"][..], "events are written into a folder"),
        (&["--out", "nowhere", "--format", "csv"], "no format of csv has events"),
        (&["--out", "nowhere", "--format", "ocsf", "--state", "none"], "would not be told again"),
    ] {
        let told = tokentrail(&[&["scan", "sample-data", "--emit", "events"][..], arguments].concat());
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{}", told.err);
        assert!(told.err.contains(error) && told.err.contains("\nhint: "), "{}", told.err);
    }
    assert!(!Path::new(env!("CARGO_MANIFEST_DIR")).join("nowhere").exists());
}
