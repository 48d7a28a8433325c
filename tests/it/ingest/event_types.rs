//! Every event type against its export in the sample: all columns known, no row lost, every role filled.

use std::collections::BTreeSet;
use std::path::Path;

use tokentrail::batch::{Kind, Role, Table};
use tokentrail::schema::{Schema, Schemas};

use super::{Read, Reader, Row};

/// An event type, and its export in the sample.
const EXPORTS: &[(&str, &str)] = &[
    ("API", "quiet/elf/2025-08-18_API.csv"),
    ("ApexRestApi", "quiet/elf/2025-08-18_ApexRestApi.csv"),
    ("ApiAnomalyEventStore", "quiet/events/threat-detection.ndjson"),
    ("ApiEvent", "quiet/api/ApiEvent-2025-08b.ndjson.zst"),
    ("ApiTotalUsage", "quiet/elf/2025-08-18_ApiTotalUsage.csv"),
    ("AppMenuItem", "quiet/setup/AppMenuItem.json"),
    ("AuthSession", "quiet/logins/AuthSession.json"),
    ("BulkApi", "quiet/elf/2025-08-18_BulkApi.csv"),
    ("BulkApi2", "staged/elf/2025-08-17_BulkApi2.csv"),
    ("BulkApiRequest", "quiet/elf/2025-08-18_BulkApiRequest.csv"),
    ("BulkApiResultEvent", "quiet/events/BulkApiResultEventStore.json"),
    ("ConnectedApplication", "quiet/setup/ConnectedApplication.csv"),
    ("CredentialStuffingEventStore", "quiet/events/threat-detection.ndjson"),
    ("IdpEventLog", "quiet/logins/IdpEventLog.csv"),
    ("JwtAssertion", "quiet/jwt/assertions.csv"),
    ("Login", "quiet/elf/2025-08-18_Login.csv"),
    ("LoginAs", "quiet/elf/2025-08-18_LoginAs.csv"),
    ("LoginEvent", "quiet/events/LoginEvent.json"),
    ("LoginGeo", "quiet/logins/LoginGeo.csv"),
    ("LoginHistory", "quiet/logins/LoginHistory-2025-07.csv"),
    ("Logout", "quiet/elf/2025-08-18_Logout.csv"),
    ("MetadataApiOperation", "quiet/elf/2025-08-18_MetadataApiOperation.csv"),
    ("NamedCredential", "quiet/elf/2025-08-18_NamedCredential.csv"),
    ("OauthToken", "quiet/tokens/OauthToken.json"),
    ("PermissionSetEventStore", "quiet/events/PermissionSetEventStore.csv"),
    ("ReportAnomalyEventStore", "quiet/events/threat-detection.ndjson"),
    ("ReportExport", "quiet/elf/2025-08-18_ReportExport.csv"),
    ("RestApi", "quiet/elf/2025-08-18_RestApi.csv"),
    ("SessionHijackingEventStore", "quiet/events/threat-detection.ndjson"),
    ("SetupAuditTrail", "quiet/setup/SetupAuditTrail.csv"),
    ("SetupAuditTrailDownload", "quiet/setup/SetupAuditTrail-download.csv"),
    ("URI", "quiet/elf/2025-08-18_URI.csv"),
    ("UniqueQuery", "quiet/elf/2025-08-18_UniqueQuery.csv"),
    ("User", "quiet/setup/User.csv"),
    ("UserLogin", "quiet/setup/UserLogin.json"),
];

/// Roles that the export in the sample has no value for, because its form has not the column, or never a value.
const WITHOUT: &[(&str, &[Role])] = &[
    ("API", &[Role::Refusal]),
    ("ApexRestApi", &[Role::App, Role::Objects, Role::Query, Role::Refusal]),
    ("BulkApi2", &[Role::Refusal]),
    ("BulkApiRequest", &[Role::Refusal]),
    ("LoginAs", &[Role::LoginHistoryId, Role::LoginType, Role::Client]),
    ("LoginHistory", &[Role::Method, Role::Place]),
    ("Login", &[Role::Session, Role::LoginKey]),
    ("Logout", &[Role::ApiFamily]),
    ("RestApi", &[Role::Refusal]),
    ("SetupAuditTrail", &[Role::Target]),
    ("SetupAuditTrailDownload", &[Role::Target]),
    ("AuthSession", &[Role::LoginSubtype, Role::Place]),
];

fn sample(path: &str) -> Read {
    Reader::default().paths(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data").join(path)])
}

/// The rows of an event type in a file that has others too: what the type implies tells them apart.
fn rows_of<'r>(read: &'r Read, schema: &Schema) -> Vec<&'r Row> {
    let is_implied =
        |row: &&Row| schema.implies.iter().all(|(role, text)| role != &Role::Action || row.cell(*role) == text);
    read.rows.iter().filter(is_implied).collect()
}

#[test]
fn every_event_type_is_read_as_its_export_in_the_sample_has_it() {
    let schemas = Schemas::embedded().unwrap();
    let covered: BTreeSet<&str> = EXPORTS.iter().map(|(event_type, _)| *event_type).collect();
    let known: BTreeSet<&str> = schemas.iter().map(|schema| schema.event_type.as_str()).collect();
    assert_eq!(covered, known, "every event type is held against its export");
    let mut wrong = Vec::new();
    for (event_type, path) in EXPORTS {
        let schema = schemas.called(event_type).unwrap();
        let read = sample(path).clean();
        let counts = &read.counts[*event_type];
        assert!(counts.used > 0 && counts.repeated == 0, "{event_type}: {counts:?}");
        assert_eq!(counts.unknown_columns, BTreeSet::new(), "{event_type}");
        let rows = rows_of(&read, schema);
        assert_eq!(rows.len() as u64, counts.used, "{event_type}");
        let without = WITHOUT.iter().find(|(name, _)| name == event_type).map_or(&[][..], |(_, roles)| *roles);
        let is_filled = |role: &Role| rows.iter().any(|row| !row.cell(*role).is_empty());
        let unfilled: Vec<Role> = roles_of(schema).into_iter().filter(|role| !is_filled(role)).collect();
        let without: Vec<Role> = roles_of(schema).into_iter().filter(|role| without.contains(role)).collect();
        if unfilled != without {
            wrong.push(format!("{event_type}: without {unfilled:?}, not {without:?}"));
        }
        let needs_time = !schema.table.is_inventory();
        assert!(!needs_time || rows.iter().all(|row| !row.cell(Role::Time).is_empty()), "{event_type}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn roles_of(schema: &Schema) -> BTreeSet<Role> {
    let columns = schema.columns.iter().flat_map(|column| [column.role, column.and_role]).flatten();
    let roles = columns.chain(schema.implies.keys().copied());
    // Usernames name users; only logins hold them by themselves.
    let is_held = |role: &Role| *role != Role::Username || schema.table == Table::Logins;
    roles.filter(|role| role.kind() != Kind::Key && is_held(role)).collect()
}

/// No name leads to two event types, and no column to two of one type.
#[test]
fn names_are_clear() {
    let schemas = Schemas::embedded().unwrap();
    for schema in schemas.iter() {
        for name in std::iter::once(&schema.event_type).chain(&schema.called) {
            assert_eq!(schemas.called(name).unwrap().event_type, schema.event_type, "{name}");
        }
        for (place, column) in schema.columns.iter().enumerate() {
            for name in std::iter::once(&column.name).chain(&column.also) {
                assert_eq!(schema.column(name), Some(place), "{}: {name}", schema.event_type);
            }
        }
    }
}

/// Who only fits by name says so by having no `known_by`; every other type is found by the header of its export.
#[test]
fn columns_tell_event_types_apart() {
    let schemas = Schemas::embedded().unwrap();
    for schema in schemas.iter().filter(|schema| !schema.known_by.is_empty()) {
        let names: Vec<String> = schema.columns.iter().map(|column| column.name.clone()).collect();
        let found = schemas.sniff(&names).map(|found| found.event_type.as_str());
        assert_eq!(found, Some(schema.event_type.as_str()));
    }
}

/// Hours and days of the same files, and two shapes of one trail: what is the same event counts once.
#[test]
fn hourly_files_repeat_what_daily_ones_hold() {
    let day = sample("quiet/elf/2025-08-18_Login.csv");
    let hour = sample("quiet/elf/2025-08-18T17_Login.csv");
    let folder = sample("quiet/elf");
    assert_eq!(hour.sums(), (2, 2, 0, 0));
    assert_eq!(folder.counts["Login"].used, day.counts["Login"].used, "the hour is in the day");
    assert_eq!(folder.counts["Login"].repeated, 4, "in the file of the hour, and in the listing");
    assert_eq!(folder.counts["ApiTotalUsage"].repeated, 4, "with columns of another release");
}

#[test]
fn who_lends_a_login_is_not_who_lends_it_out() {
    let elf = sample("quiet/elf/2025-08-18_LoginAs.csv").clean();
    let row = &elf.rows[0];
    assert_ne!(row.cell(Role::User), row.cell(Role::Target));
    let event = "EventDate,EventIdentifier,DelegatedUsername,UserId,Username,SourceIp\n\
                 2025-08-18T16:00:00.000Z,e-1,admin@acme.example,0055j000000utlP,mia@acme.example,192.0.2.1\n";
    let read = Read::of("csv", event).clean();
    assert_eq!(read.cells(Role::User), ["admin@acme.example"]);
    assert_eq!(read.cells(Role::Target), ["0055j000000utlPAAQ"]);
    assert_eq!(read.cells(Role::Action), ["LoginAs"]);
}

/// The download has the sentence where the query has the code.
#[test]
fn two_shapes_of_the_setup_audit_trail() {
    let query = sample("quiet/setup/SetupAuditTrail.csv").clean();
    let download = sample("quiet/setup/SetupAuditTrail-download.csv").clean();
    let last = |read: &Read, role: Role| read.rows[0].cell(role).to_owned();
    for role in [Role::Time, Role::Change, Role::Section, Role::Username] {
        assert_eq!(last(&query, role), last(&download, role), "{}", role.name());
    }
    assert_eq!(last(&query, Role::Action), "changedFiscalYear");
    assert_eq!(last(&download, Role::Action), "");
    let local = "Date,User,Source Namespace Prefix,Action,Section,Delegate User\n\
                 \"9/10/2026, 4:21:14 AM PDT\",admin@acme.example,,Changed something,Company Information,\n";
    let zone = Reader { zone: Some("America/Los_Angeles".parse().unwrap()), ..Reader::default() };
    let read = zone.texts(&[("trail.csv", local.as_bytes())]).clean();
    assert_eq!(read.cells(Role::Time), ["2026-09-10T11:21:14.000Z"]);
    assert_eq!(read.cells(Role::User), ["admin@acme.example"]);
}

/// What is listed as it is now needs no time.
#[test]
fn apps_need_no_time() {
    let read = sample("quiet/setup/AppMenuItem.json").clean();
    assert!(read.rows.iter().all(|row| row.cell(Role::Time).is_empty() && row.cell(Role::App).starts_with("0H4")));
    assert!(read.cells(Role::AppName).contains(&"Northwind BI Desktop"));
}
