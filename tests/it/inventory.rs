//! What exports show of apps: from the sample organisation, counted anew from its rows, and however they are read.

use std::collections::BTreeSet;
use std::path::PathBuf;

use tokentrail::apps::Register;
use tokentrail::apps::scopes::Risks;
use tokentrail::configuration::Configuration;
use tokentrail::inventory::{AppUse, Inventory, KnownApp, known};
use tokentrail::value::Time;

use crate::run::Run;

fn sample(part: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sample-data").join(part)
}

fn run() -> Run {
    Run { apps: std::fs::read_to_string(sample("apps.toml")).unwrap(), ..Run::default() }
}

fn named<'i>(inventory: &'i Inventory, name: &str) -> &'i AppUse {
    inventory.apps.values().find(|used| used.app.name.as_deref() == Some(name)).unwrap()
}

#[test]
fn apps_of_the_sample_are_there_with_what_they_did() {
    let inventory = run().inventory(&[sample("quiet"), sample("staged")]);
    let drift = named(&inventory, "Drift");
    let addresses: BTreeSet<&str> = drift.traces.iter().filter_map(|trace| trace.address.as_deref()).collect();
    assert_eq!(addresses, BTreeSet::from(["192.0.2.17", "208.68.36.90", "44.215.108.109"]));
    assert_eq!(drift.tokens.len(), 1);
    let used: BTreeSet<&str> = drift.traces.iter().filter_map(|trace| trace.used.as_deref()).collect();
    assert!(
        used.contains("login: OAuth Refresh Token") && used.iter().any(|used| used.starts_with("REST")),
        "{used:?}"
    );
    // Who logs in through the browser uses no app.
    assert!(inventory.apps.keys().all(|app| app != "Browser"));
    assert!(!inventory.interactive.is_empty() && !inventory.changes.is_empty() && !inventory.users.is_empty());
}

#[test]
fn calls_are_those_of_the_rows() {
    let text = "EventIdentifier,EventDate,UserId,ConnectedAppId,SourceIp,ApiType,Operation,RowsReturned\n\
                a,2025-08-12T09:30:00Z,005Lx00000000A1,0H4Lx00000000A1,192.0.2.1,REST,Query,5\n\
                b,2025-08-12T09:31:00Z,005Lx00000000A1,0H4Lx00000000A1,192.0.2.1,REST,Query,7\n\
                c,2025-08-12T09:32:00Z,005Lx00000000A1,0H4Lx00000000A1,192.0.2.2,REST,Query,1\n\
                c,2025-08-12T09:32:00Z,005Lx00000000A1,0H4Lx00000000A1,192.0.2.2,REST,Query,1\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ApiEvent.csv"), text).unwrap();
    let inventory = Run::default().inventory(&[folder.path().to_owned()]);
    let [used] = &inventory.apps.values().collect::<Vec<_>>()[..] else { panic!("one app") };
    let told: Vec<_> = used.traces.iter().map(|trace| (trace.address.as_deref(), trace.events, trace.rows)).collect();
    assert_eq!(told, [(Some("192.0.2.1"), 2, 12), (Some("192.0.2.2"), 1, 1)]);
    assert_eq!(inventory.as_of, Time::parse(b"2025-08-12T09:32:00Z", None).unwrap());
    let earlier = Run { as_of: Some(Time::parse(b"2025-08-12T09:30:30Z", None).unwrap()), ..Run::default() };
    let inventory = earlier.inventory(&[folder.path().to_owned()]);
    assert_eq!(inventory.apps.values().flat_map(|used| &used.traces).map(|trace| trace.events).sum::<u64>(), 1);
}

/// Not the workers, not the size of blocks, not the order of arguments.
#[test]
fn how_it_is_read_does_not_matter() {
    let told = |threads: usize, block_bytes: usize, paths: &[PathBuf]| {
        let inventory = Run { threads, block_bytes, ..run() }.inventory(paths);
        serde_json::to_string(&inventory).unwrap()
    };
    let (quiet, staged) = (sample("quiet"), sample("staged"));
    let one = told(1, 1 << 20, &[quiet.clone(), staged.clone()]);
    for (threads, block_bytes) in [(2, 1 << 20), (4, 4096), (3, 100_000)] {
        assert!(told(threads, block_bytes, &[staged.clone(), quiet.clone()]) == one, "{threads} {block_bytes}");
    }
    assert!(!one.contains("FAKE-"), "no secret is in it");
}

#[test]
fn an_id_beats_a_name_where_inputs_meet() {
    let inventory = run().inventory(&[sample("quiet"), sample("staged")]);
    let configuration = Configuration::found(&[sample("configuration")]);
    let register = Register::read(&sample("apps.toml")).unwrap();
    let apps = known(&configuration, Some(&inventory), &register);
    let of = |name: &str| -> &KnownApp<'_> {
        let mut called = apps.iter().filter(|app| app.app.name.as_deref() == Some(name));
        let app = called.next().unwrap_or_else(|| panic!("{name} is there"));
        assert!(called.next().is_none(), "{name} is there once");
        app
    };
    let drift = of("Drift");
    assert!(drift.configuration.is_some() && drift.used.is_some() && drift.registered.is_some());
    let mailbridge = of("Mailbridge");
    assert!(mailbridge.registered.is_none() && mailbridge.used.is_some());
    // An app of the same name with another id is another app.
    let mut fake = configuration.apps.iter().find(|app| app.shown_name() == "Drift").unwrap().clone();
    fake.id = Some("0H4FK000000000FAAA".to_owned());
    let configuration = Configuration { apps: vec![fake], ..Configuration::default() };
    let apps = known(&configuration, Some(&inventory), &register);
    let fake = apps.iter().find(|app| app.configuration.is_some()).unwrap();
    assert!(fake.used.is_none() && fake.registered.is_none());
}

#[test]
fn what_is_at_stake_has_reasons_that_add_up() {
    let inventory = run().inventory(&[sample("quiet"), sample("staged")]);
    let configuration = Configuration::found(&[sample("configuration")]);
    let register = Register::read(&sample("apps.toml")).unwrap();
    let apps = known(&configuration, Some(&inventory), &register);
    let risk = |name: &str| {
        let app = apps.iter().find(|app| app.app.name.as_deref() == Some(name)).unwrap();
        app.risk(Some(&inventory), &Risks::default(), true)
    };
    for app in &apps {
        let risk = app.risk(Some(&inventory), &Risks::default(), true);
        let sum: i16 = risk.parts.iter().map(|part| part.points).sum();
        assert_eq!(i16::from(risk.total), sum.clamp(0, 100), "{:?}", app.app);
    }
    let has = |name: &str, words: &str| risk(name).parts.iter().any(|part| part.reason.contains(words));
    assert!(has("Mailbridge", "nobody has registered it"));
    assert!(has("Northwind BI", "reach as far as full"));
    assert!(has("Northwind BI Desktop", "used from anywhere"));
    assert!(risk("Northwind BI").total > risk("Ledger Sync").total);
}
