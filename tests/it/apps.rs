//! Names and ids of connected apps meet: by rows that have both, and by logins. A name that several apps bear is nobody's.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::{Just, Strategy, any, proptest};
use serde_json::Value;
use tempfile::TempDir;
use tokentrail::apps::{Register, Resolution};
use tokentrail::detectors;
use tokentrail::finding::Finding;

use crate::cli::tokentrail;
use crate::run::{Ran, Run};

/// Two apps' ids, and the same with checksums.
const IDS: [&str; 2] = ["0H4A0000000000A", "0H4B0000000000B"];
const WHOLE: [&str; 2] = ["0H4A0000000000AKAQ", "0H4B0000000000BKAQ"];

const CALLS: &str = "EventDate,EventIdentifier,UserId,ConnectedAppId,Application,SourceIp,ApiType,Operation,RowsReturned,\
                     LoginHistoryId,LoginKey\n";
const LOGINS: &str = "Id,LoginTime,UserId,SourceIp,Application,LoginType,Status\n";

/// Event types that the program does not bring along, or reads with fewer columns.
const SCHEMAS: [&str; 2] = [
    r#"
event_type = "CallsOfApps"
title = "Calls with the app's id and name"
source = "made up"
table = "calls"
known_by = [["AppId"], ["AppName"], ["Timestamp"]]
identity = ["time", "user", "app", "app_name"]
columns = [
    { name = "Timestamp", type = "time", role = "time", required = true },
    { name = "UserId", type = "id", role = "user" },
    { name = "AppId", type = "id", role = "app" },
    { name = "AppName", type = "text", role = "app_name" },
]
"#,
    r#"
event_type = "LoginsWithKeys"
title = "Logins that name their key"
source = "made up"
table = "logins"
known_by = [["EventIdentifier"], ["LoginKey"], ["LoginUrl"]]
identity = ["time", "user"]
columns = [
    { name = "EventDate", type = "time", role = "time", required = true },
    { name = "EventIdentifier", type = "text", role = "event_id" },
    { name = "UserId", type = "id", role = "user" },
    { name = "LoginKey", type = "text", role = "login_key" },
    { name = "LoginHistoryId", type = "id", role = "login_history_id" },
    { name = "Application", type = "text", role = "app" },
    { name = "LoginUrl", type = "text" },
]
"#,
];

/// Exports in a folder, and schemas in another.
struct Files {
    folder: TempDir,
    schemas: TempDir,
}

impl Files {
    /// Logins of an app by its name on twenty days, from one network; then calls by an app's id, from another. What
    /// ties them is `history`, the number of a login.
    fn new(name: &str, id: &str, history: &str) -> Self {
        let files = Self { folder: tempfile::tempdir().unwrap(), schemas: tempfile::tempdir().unwrap() };
        for (number, schema) in SCHEMAS.iter().enumerate() {
            fs::write(files.schemas.path().join(format!("{number}.toml")), schema).unwrap();
        }
        let login = |number: usize| {
            let (day, hour) = (1 + number / 4, number % 4);
            format!(
                "{},2025-08-{day:02}T{hour:02}:00:00Z,005A0000000000A,192.0.2.1,{name},Oauth2,Success\n",
                login(number)
            )
        };
        let logins: String = (0..80).map(login).collect();
        let call = |number: usize| {
            format!(
                "2025-08-21T0{number}:00:00Z,c{number},005A0000000000A,{id},Some Client,198.51.100.7,REST,Query,1,{history},k1\n"
            )
        };
        let calls: String = (0..3).map(call).collect();
        files.write("logins.csv", &format!("{LOGINS}{logins}"));
        files.write("calls.csv", &format!("{CALLS}{calls}"));
        files
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Rows with both an id and a name.
    fn write_pairs(&self, pairs: &[(&str, &str)]) {
        let row = |(number, (id, name)): (usize, &(&str, &str))| {
            format!("2025-08-02T00:00:{number:02}Z,005B0000000000B,{id},{name}\n")
        };
        let rows: String = pairs.iter().enumerate().map(row).collect();
        self.write("pairs.csv", &format!("Timestamp,UserId,AppId,AppName\n{rows}"));
    }

    fn run(&self, apps: &str) -> Run {
        Run { apps: apps.to_owned(), schemas: Some(self.schemas.path().to_owned()), ..Run::default() }
    }

    fn scan(&self, apps: &str) -> Ran {
        self.run(apps).scan(&[self.folder.path().to_owned()])
    }

    /// The apps, id and name, that are reported for the new network.
    fn found(&self, apps: &str) -> Vec<(Option<String>, Option<String>)> {
        let ran = self.scan(apps);
        assert_eq!(ran.outcome.problems, []);
        new_networks(&ran.outcome.findings)
    }
}

/// A login's id, of fifteen characters.
fn login(number: usize) -> String {
    format!("0YaA{number:011}")
}

fn new_networks(findings: &[Finding]) -> Vec<(Option<String>, Option<String>)> {
    let found = findings.iter().filter(|finding| finding.detector == "app-new-network");
    found.map(|finding| finding.subject.app.clone().unwrap()).map(|app| (app.id, app.name)).collect()
}

fn is(id: Option<&str>, name: Option<&str>) -> Vec<(Option<String>, Option<String>)> {
    vec![(id.map(str::to_owned), name.map(str::to_owned))]
}

#[test]
fn strangers_stay_apart() {
    assert_eq!(Files::new("Drift", IDS[0], "").found(""), []);
    assert_eq!(Files::new("Drift", IDS[0], &login(99)).found(""), [], "a login that is not there");
}

/// `ApiEvent.Application` is not known to be the connected app's name.
#[test]
fn an_application_beside_an_id_is_no_name_of_it() {
    assert_eq!(Files::new("Some Client", IDS[0], "").found(""), []);
}

#[test]
fn a_login_brings_them_together() {
    let told = is(Some(WHOLE[0]), Some("Drift"));
    assert_eq!(Files::new("Drift", IDS[0], &login(7)).found(""), told);
    let with_checksum = format!("{}KAA", login(7));
    assert_eq!(Files::new("Drift", WHOLE[0], &with_checksum).found(""), told);
    assert_eq!(Files::new("Browser", IDS[0], &login(7)).found(""), [], "a browser is no app");
}

#[test]
fn a_login_key_brings_them_together() {
    let files = Files::new("Drift", IDS[0], "");
    let header = "EventDate,EventIdentifier,UserId,LoginKey,LoginHistoryId,Application,LoginUrl\n";
    let row = "2025-08-03T00:00:00Z,e1,005A0000000000A,k1,,Drift,x\n";
    files.write("keys.csv", &format!("{header}{row}"));
    assert_eq!(files.found(""), is(Some(WHOLE[0]), Some("Drift")));
    files.write("keys.csv", &format!("{header}{}", row.replace("k1", "k2")));
    assert_eq!(files.found(""), []);
    // By the id of the login, told by another event than the login's own.
    let files = Files::new("Drift", IDS[0], &login(500));
    files.write("keys.csv", &format!("{header}{}", row.replace("k1,", &format!("k2,{}", login(500)))));
    assert_eq!(files.found(""), is(Some(WHOLE[0]), Some("Drift")));
}

#[test]
fn rows_with_both_bring_them_together() {
    let files = Files::new("Drift", IDS[0], "");
    files.write_pairs(&[(IDS[0], "Drift"), (IDS[1], "Harbor")]);
    assert_eq!(files.found(""), is(Some(WHOLE[0]), Some("Drift")));
    // Of several names, the one that most rows have is shown.
    files.write_pairs(&[(IDS[0], "Drift"), (IDS[0], "Drift Email"), (IDS[0], "Drift Email")]);
    assert_eq!(files.found(""), is(Some(WHOLE[0]), Some("Drift Email")));
}

/// The past of the real app is no past of the fake one, nor the other way round.
#[test]
fn a_fake_app_with_a_real_name_stays_apart_and_is_told() {
    let files = Files::new("Drift", IDS[0], "");
    files.write_pairs(&[(IDS[0], "Drift"), (IDS[1], "Drift")]);
    let ran = files.scan("");
    assert_eq!(new_networks(&ran.outcome.findings), []);
    let [told] = ran.outcome.ambiguous_apps.as_slice() else { panic!("{:?}", ran.outcome.ambiguous_apps) };
    assert_eq!(
        (told.name.as_str(), told.apps.as_slice(), &told.registered),
        ("Drift", WHOLE.map(str::to_owned).as_slice(), &None)
    );

    let arguments = [files.folder.path().to_str().unwrap(), "--schemas", files.schemas.path().to_str().unwrap()];
    let said = tokentrail(&[&["scan"], arguments.as_slice()].concat());
    assert_eq!(said.code, 0, "no problem of an export");
    let note = format!("note: 2 apps go by the name Drift: {}, {}; rows that have only the name", WHOLE[0], WHOLE[1]);
    assert!(said.err.contains(&note), "{}", said.err);
    let said = tokentrail(&[&["coverage"], arguments.as_slice()].concat());
    assert!(said.out.contains(&note), "{}", said.out);
    let said = tokentrail(&[&["coverage", "--json"], arguments.as_slice()].concat());
    let told: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(told["ambiguous_apps"][0]["apps"], serde_json::json!(WHOLE));
}

#[test]
fn the_register_wins() {
    let registered = format!("[[app]]\nname = \"Drift\"\nid = \"{}\"\n", IDS[1]);
    // The calls' app says of itself that it is Drift; the register says that Drift is another.
    let files = Files::new("Drift", IDS[0], &login(7));
    let ran = files.scan(&registered);
    assert_eq!(new_networks(&ran.outcome.findings), []);
    assert_eq!(ran.outcome.ambiguous_apps, [], "logins of a registered name are that app's: nothing says otherwise");
    files.write_pairs(&[(IDS[0], "Drift")]);
    let ran = files.scan(&registered);
    assert_eq!(new_networks(&ran.outcome.findings), []);
    let [told] = ran.outcome.ambiguous_apps.as_slice() else { panic!("{:?}", ran.outcome.ambiguous_apps) };
    assert_eq!(
        (told.apps.as_slice(), told.registered.as_deref()),
        (WHOLE.map(str::to_owned).as_slice(), Some(WHOLE[1]))
    );
    // An alias is as good as the name.
    let alias = format!("[[app]]\nname = \"Other\"\naliases = [\"drift\"]\nid = \"{}\"\n", IDS[0]);
    assert_eq!(Files::new("Drift", IDS[0], "").found(&alias), is(Some(WHOLE[0]), Some("Other")));
}

#[test]
fn the_register_need_not_know_the_id() {
    let registered = "[[app]]\nname = \"Drift\"\nprincipal = \"integration\"\n";
    let files = Files::new("Drift", IDS[0], &login(7));
    let ran = files.scan(registered);
    assert_eq!(new_networks(&ran.outcome.findings), is(Some(WHOLE[0]), Some("Drift")));
    let severity = ran.outcome.findings.iter().find(|finding| finding.detector == "app-new-network").unwrap().severity;
    assert_eq!(severity.word(), "high", "what the register says of the app is heeded");
    files.write_pairs(&[(IDS[1], "Drift")]);
    assert_eq!(files.found(registered), [], "two ids claim the name");
}

#[test]
fn an_app_may_have_had_other_ids() {
    let migrated = format!("[[app]]\nname = \"Drift\"\nid = \"{}\"\nalso-ids = [\"{}\"]\n", IDS[1], IDS[0]);
    assert_eq!(Files::new("Drift", IDS[0], "").found(&migrated), is(Some(WHOLE[1]), Some("Drift")));
    let files = Files::new("Drift", IDS[0], "");
    files.write_pairs(&[(IDS[0], "Drift"), (IDS[1], "Drift")]);
    assert_eq!(files.scan(&migrated).outcome.ambiguous_apps, [], "both are the one app's");
}

#[test]
fn the_register_refuses_what_cannot_be() {
    let refused = |text: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("apps.toml");
        fs::write(&path, text).unwrap();
        Register::read(&path).unwrap_err().to_string()
    };
    assert!(
        refused("[[app]]\nname = \"A\"\nalso-ids = [\"no id\"]\n").contains("id is not a Salesforce id: \"no id\"")
    );
    let twice = format!("[[app]]\nname = \"A\"\nid = \"{0}\"\n[[app]]\nname = \"B\"\nalso-ids = [\"{0}\"]\n", IDS[0]);
    assert!(refused(&twice).contains("two apps go by"));
}

/// Logins show 64 characters of a name.
#[test]
fn a_name_that_was_cut_off_is_found_again() {
    let long = "Northwind Analytics Platform Connector for Salesforce and its Enterprise Edition";
    let cut = &long[..64];
    let files = Files::new(cut, IDS[0], "");
    assert_eq!(files.found(""), []);
    files.write_pairs(&[(IDS[0], long)]);
    assert_eq!(files.found(""), is(Some(WHOLE[0]), Some(long)));
    assert_eq!(files.scan("").outcome.ambiguous_apps, []);
    // Another app's name begins alike.
    files.write_pairs(&[(IDS[0], long), (IDS[1], &format!("{cut}!"))]);
    let ran = files.scan("");
    assert_eq!(new_networks(&ran.outcome.findings), []);
    assert_eq!(ran.outcome.ambiguous_apps[0].name, cut);
    // The register knows the whole name.
    let registered = format!("[[app]]\nname = \"{long}\"\nid = \"{}\"\n", IDS[0]);
    assert_eq!(Files::new(cut, IDS[0], "").found(&registered), is(Some(WHOLE[0]), Some(long)));
    // A name of 63 characters is whole.
    let files = Files::new(&long[..63], IDS[0], "");
    files.write_pairs(&[(IDS[0], long)]);
    assert_eq!(files.found(""), []);
}

/// Nothing that does not matter shows, ids of findings included.
#[test]
fn the_same_for_any_order_threads_and_blocks() {
    let files = Files::new("Drift", IDS[0], &login(7));
    files.write_pairs(&[(IDS[0], "Drift"), (IDS[1], "Harbor"), (IDS[1], "Port"), (IDS[0], "Port")]);
    let path = |name: &str| files.folder.path().join(name);
    let mut paths: Vec<PathBuf> = ["calls.csv", "logins.csv", "pairs.csv"].map(path).to_vec();
    let told = |ran: &Ran| (ran.outcome.findings.clone(), ran.outcome.ambiguous_apps.clone());
    let plain = files.run("").scan(&paths);
    assert_eq!(new_networks(&plain.outcome.findings), is(Some(WHOLE[0]), Some("Drift")));
    assert_eq!(plain.outcome.ambiguous_apps.len(), 1);
    for (threads, block_bytes) in [(1, 1 << 20), (1, 64), (2, 200), (3, 1000), (7, 64)] {
        paths.rotate_left(1);
        let run = Run { threads, block_bytes, ..files.run("") };
        assert_eq!(told(&run.scan(&paths)), told(&plain), "{threads} threads, blocks of {block_bytes}");
        let coverage = run.cover(&paths);
        assert_eq!(coverage.ambiguous_apps, plain.outcome.ambiguous_apps);
        assert_eq!(coverage.joined_apps.get("Drift").map(String::as_str), Some(WHOLE[0]));
    }
}

/// Which detectors run does not matter: what an app goes by is the same for each of them.
#[test]
fn only_who_asks_for_it_gets_it() {
    let files = Files::new("Drift", IDS[0], &login(7));
    let paths = [files.folder.path().to_owned()];
    let one = Run { detectors: vec![detectors::find("token-idle").unwrap()], ..files.run("") };
    assert_eq!(one.cover(&paths).joined_apps, files.run("").cover(&paths).joined_apps);
    let none = Run { resolve_apps: false, ..files.run("") };
    assert!(none.cover(&paths).joined_apps.is_empty());
    assert_eq!(new_networks(&none.scan(&paths).outcome.findings), []);
}

fn resolved(pairs: &[(String, String, u64)], register: &Register) -> Resolution {
    let names = pairs.iter().map(|(_, name, _)| name.as_str());
    let pairs = pairs.iter().map(|(id, name, rows)| (id.as_str(), name.as_str(), *rows));
    Resolution::of(pairs, names, register)
}

proptest! {
    /// A name leads to an app if, and only if, it goes with that app alone; and the order of pairs does not matter.
    #[test]
    fn a_name_is_one_apps_or_nobodys(
        pairs in proptest::collection::vec((0..3_u8, 0..4_u8, 1..5_u64), 0..12).prop_flat_map(|pairs| (Just(pairs), any::<proptest::sample::Index>()))
    ) {
        let (pairs, turn) = pairs;
        let text = |(id, name, rows): &(u8, u8, u64)| (format!("0H4{id:015}"), format!("app {name}"), *rows);
        let mut texts: Vec<_> = pairs.iter().map(text).collect();
        let resolution = resolved(&texts, &Register::default());
        for name in (0..4).map(|name| format!("app {name}")) {
            let mut ids: Vec<&str> =
                texts.iter().filter(|(_, known, _)| *known == name).map(|(id, _, _)| id.as_str()).collect();
            ids.sort_unstable();
            ids.dedup();
            let told = resolution.ambiguous.iter().find(|told| told.name == name);
            match ids.as_slice() {
                [] => assert!(resolution.key(&name).is_none() && told.is_none()),
                [one] => assert!(resolution.key(&name) == Some(one) && told.is_none()),
                several => assert!(resolution.key(&name).is_none() && told.unwrap().apps == several),
            }
        }
        if !texts.is_empty() {
            let by = turn.index(texts.len());
            texts.rotate_left(by);
        }
        let turned = resolved(&texts, &Register::default());
        assert_eq!((turned.joined(), &turned.ambiguous), (resolution.joined(), &resolution.ambiguous));
    }
}

#[test]
fn the_sample_needs_no_help() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    let ran = Run::default().scan(&[sample]);
    assert_eq!(ran.outcome.ambiguous_apps, []);
}
