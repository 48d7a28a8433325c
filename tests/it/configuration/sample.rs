//! The sample organisation: twelve apps, each wrong in one way; and three that are set up well.

use std::path::PathBuf;

use tokentrail::configuration::{
    AppConfiguration, Configuration, IpRelaxation, PermittedUsers, PolicyAction, RefreshPolicy, SessionLevel, Stated,
    addresses_in,
};
use tokentrail::value::Time;

fn sample(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sample-data").join(folder)
}

fn wrong(app: &AppConfiguration, profiles: &Configuration) -> Vec<&'static str> {
    let scopes = app.scopes.known().cloned().unwrap_or_default();
    let refreshes = scopes.iter().any(|scope| scope == "refresh_token");
    let sampled = Time::parse(b"2025-08-18T00:00:00Z", None).unwrap();
    let expired = |at: Option<Time>| at.is_some_and(|at| at < sampled);
    let assigned = app.assigned_to.known().cloned().unwrap_or_default();
    let is_open = |name: &String| profiles.profiles.get(name).is_none_or(|profile| profile.login_ranges.is_empty());
    let user_is_admin = app.client_credentials_user.as_deref() == Some("setup@alderfinch.example");
    let all = [
        (scopes.iter().any(|scope| scope == "full"), "full"),
        (app.ip_relaxation.is(&IpRelaxation::Relax), "relaxed"),
        (app.ip_relaxation.is(&IpRelaxation::Enforce) && assigned.iter().any(is_open), "nothing to enforce"),
        (app.permitted_users.is(&PermittedUsers::SelfAuthorized), "self-authorised"),
        (refreshes && app.refresh_policy.is(&RefreshPolicy::UntilRevoked), "until revoked"),
        (app.secret_optional.is(&true) && app.pkce_required.is(&false), "public without a proof key"),
        (matches!(&app.certificate, Stated::Known(Some(one)) if expired(one.not_after)), "expired"),
        (app.callbacks.iter().any(|url| url.starts_with("http://")), "plain http"),
        (addresses_in(app.token_ranges.known().map_or(&[][..], Vec::as_slice)) > 256, "too many addresses"),
        (app.client_credentials.is(&true) && user_is_admin, "runs as an administrator"),
        (
            app.session_level.is(&Some(SessionLevel::HighAssurance))
                && app.policy_action.is(&Some(PolicyAction::RaiseSessionLevel)),
            "switch",
        ),
        (
            app.session_timeout.known().is_some_and(|minutes| minutes.is_some_and(|minutes| minutes > 480)),
            "long sessions",
        ),
        (app.device_flow.is(&true), "device flow"),
        (matches!(app.ip_relaxation, Stated::Unknown(_)), "unknown words"),
    ];
    all.into_iter().filter(|(is_wrong, _)| *is_wrong).map(|(_, what)| what).collect()
}

#[test]
fn twelve_apps_are_wrong_in_twelve_ways() {
    let read = Configuration::read(&[sample("configuration")]).unwrap();
    let told: Vec<(&str, Vec<&str>)> = read.apps.iter().map(|app| (app.shown_name(), wrong(app, &read))).collect();
    assert_eq!(
        told,
        [
            ("Chatter Widget", vec!["until revoked"]),
            ("Drift", vec!["self-authorised"]),
            ("Forge Quotes", vec!["switch"]),
            ("Ledger Sync", vec!["expired", "plain http"]),
            ("Mailbridge", vec!["nothing to enforce"]),
            ("Northwind BI", vec!["full"]),
            ("Northwind BI Desktop", vec!["relaxed"]),
            ("Showroom Display", vec!["long sessions", "device flow"]),
            ("Showroom Tablet", vec!["public without a proof key"]),
            ("Warehouse Sync", vec!["unknown words"]),
            ("Harbor ETL", vec!["runs as an administrator"]),
            ("Meridian Forms", vec!["too many addresses"]),
        ]
    );
    let readme = std::fs::read_to_string(sample("README.md")).unwrap();
    let (_, section) = readme.split_once("\n## configuration/\n").unwrap();
    assert!(told.iter().all(|(app, _)| section.contains(&format!("\n| {app} | "))), "the README tells of each");
    // What is wrong with Warehouse Sync stands in its file, and nothing is wrong with any other file.
    assert_eq!(read.problems.len(), 3, "{:?}", read.problems);
    assert!(read.problems.iter().all(|problem| problem.export.ends_with("Warehouse_Sync.connectedApp-meta.xml")));
    assert_eq!(read.profiles.len(), 4);
    assert_eq!(read.org.continuous_enforcement, Stated::Known(false));
}

#[test]
fn three_apps_are_set_up_well() {
    let read = Configuration::read(&[sample("configuration-correct")]).unwrap();
    assert_eq!(read.problems, []);
    for app in &read.apps {
        assert_eq!(wrong(app, &read), [""; 0], "{}", app.name);
    }
    assert_eq!(read.apps.len(), 3);
    assert_eq!(read.org.continuous_enforcement, Stated::Known(true));
    assert_eq!(read.org.blocks_username_password, Stated::Known(true));
}

#[test]
fn logs_and_metadata_meet_by_the_listing_of_apps() {
    let read = Configuration::read(&[sample("configuration"), sample("quiet/setup")]).unwrap();
    let drift = read.apps.iter().find(|app| app.name == "Drift").unwrap();
    assert_eq!(drift.id.as_deref(), Some("0H4Tr0001PKSuDhKQL"));
    let alone: Vec<&str> = read
        .apps
        .iter()
        .filter(|app| app.files.len() == 1 && app.id.is_some())
        .map(AppConfiguration::shown_name)
        .collect();
    assert_eq!(alone, ["Salesforce for iOS"], "the app without metadata");
}
