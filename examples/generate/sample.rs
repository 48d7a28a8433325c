//! The sample organisation: forty days of a furniture maker that does not exist, with one staged attack.
//!
//! Builds everything in memory, then writes it in the export forms that `sample-data/README.md` lists.

mod assertions;
mod attack;
mod elf;
mod events;
mod formats;
mod integrations;
pub(crate) mod klue;
mod listing;
mod organisation;
mod people;
mod register;
mod row;
mod setup;
mod tokens;
mod traffic;
mod users;

use std::io::Result;
use std::path::Path;

use crate::calendar::{DAY, HOUR, date};
use formats::{Columns, CsvForm, DATA_LOADER, SF_CLI};
use row::Row;
use traffic::Traffic;

/// The first moment of the data, and the first after it.
const START: i64 = date(2025, 7, 10);
const END: i64 = date(2025, 8, 19);
const AUGUST: i64 = date(2025, 8, 1);

const CALLS: &str = "EventIdentifier|EventDate|CreatedDate|UserId|Username|ApiType|ApiVersion|\
    Application|Client|ConnectedAppId|AdditionalInfo|ElapsedTime|LoginHistoryId|LoginKey|\
    SessionKey|SessionLevel|Operation|Platform|PolicyOutcome|QueriedEntities|Query|\
    RequestIdentifier|RowsProcessed|RowsReturned|SourceIp|UserAgent";

/// A shorter selection, with the user name by its path.
const CALLS_BY_PATH: &str = "EventIdentifier|EventDate|UserId|User.Username=Username|ApiType|\
    Application|ConnectedAppId|LoginHistoryId|LoginKey|SessionKey|Operation|QueriedEntities|Query|\
    RowsProcessed|RowsReturned|SourceIp|UserAgent|Platform|PolicyOutcome";

/// The same events as a report writes them.
const CALLS_BY_LABEL: &str = "Event Date=EventDate|Event Identifier=EventIdentifier|\
    User ID=UserId|Username|API Type=ApiType|Application|Connected App ID=ConnectedAppId|\
    Login History ID=LoginHistoryId|Login Key=LoginKey|Session Key=SessionKey|Operation|\
    Queried Entities=QueriedEntities|Query|Rows Processed=RowsProcessed|\
    Rows Returned=RowsReturned|Source IP=SourceIp|User Agent=UserAgent|Platform";

const LOGINS: &str = "Id|UserId|LoginTime|LoginType|LoginSubType|LoginUrl|SourceIp|Status|\
    Application|Browser|Platform|ClientVersion|ApiType|ApiVersion|CipherSuite|TlsProtocol|CountryIso";

const LOGINS_BY_PATH: &str = "Id|UserId|User.Username=Username|LoginTime|LoginType|LoginSubType|\
    SourceIp|Status|Application|Browser|Platform|LoginUrl|TlsProtocol|CountryIso";

const LOGINS_BY_LABEL: &str = "Username|Login Time=LoginTime|Source IP=SourceIp|\
    Login Type=LoginType|Login Subtype=LoginSubType|Status|Browser|Platform|Application|\
    Client Version=ClientVersion|API Type=ApiType|API Version=ApiVersion|Login URL=LoginUrl|\
    TLS Protocol=TlsProtocol|TLS Cipher Suite=CipherSuite|Country Code=CountryIso|\
    Login History Id=Id|User ID=UserId";

/// Writes all files below `folder`.
pub(crate) fn write(folder: &Path) -> Result<()> {
    let mut quiet = Traffic::new(1);
    integrations::northwind_bi(&mut quiet);
    integrations::harbor_etl(&mut quiet);
    integrations::drift(&mut quiet);
    integrations::chatter_widget(&mut quiet);
    people::work(&mut quiet);
    let ledger = assertions::ledger_sync(&mut quiet);
    let tokens = tokens::snapshot(&quiet);
    save(folder, "apps.toml", register::apps().as_bytes())?;
    write_quiet(&folder.join("quiet"), quiet, ledger, tokens)?;
    write_staged(&folder.join("staged"))
}

fn write_quiet(folder: &Path, traffic: Traffic, ledger: Vec<Row>, tokens: Vec<Row>) -> Result<()> {
    let (calls, logins) = traffic.newest_first();
    write_quiet_calls(folder, &calls)?;
    write_event_log_files(folder, &calls, &logins)?;
    write_siem(folder, &calls, &logins)?;
    write_events(folder, &logins)?;
    write_setup(folder)?;

    let july = formats::csv(between(&logins, START, AUGUST), LOGINS_BY_LABEL, QUOTED_REPORT);
    save(folder, "logins/LoginHistory-2025-07.csv", &july)?;
    let august = formats::rest_result(between(&logins, AUGUST, END), LOGINS_BY_PATH, "LoginHistory");
    save(folder, "logins/LoginHistory-2025-08.json", august.to_string().as_bytes())?;

    let result = formats::rest_result(&tokens, tokens::COLUMNS, "OauthToken");
    save(folder, "tokens/OauthToken.json", &formats::sf_json(result))?;

    // The first days come as raw assertions, the rest as claims: no assertion is in both files.
    let raw_until = START + 3 * DAY;
    let (raw, claims): (Vec<Row>, Vec<Row>) = ledger.into_iter().partition(|row| row.time < raw_until);
    save(folder, "jwt/assertions.csv", &formats::csv(&claims, assertions::COLUMNS, SF_CLI))?;
    save(folder, "jwt/assertions-raw.ndjson", &formats::ndjson(&raw, assertions::RAW_COLUMNS))
}

/// The last day once more, as event log files show it: a daily file of each type, and of two types the file of an hour.
fn write_event_log_files(folder: &Path, calls: &[Row], logins: &[Row]) -> Result<()> {
    let day = END - DAY;
    let (calls, logins) = (between(calls, day, END), between(logins, day, END));
    let file = |name: &str, columns: &'static str, rows: &[Row]| {
        save(folder, &format!("elf/{name}.csv"), &formats::csv(&oldest_first(rows), columns, QUOTED_REPORT))
    };
    let hour = day + 13 * HOUR;
    let usage = elf::api_total_usage(calls);
    file("2025-08-18_ApiTotalUsage", elf::API_TOTAL_USAGE, &usage)?;
    file("2025-08-18T13_ApiTotalUsage", elf::API_TOTAL_USAGE_2026, between(&usage, hour, hour + 3 * HOUR))?;
    let logins = elf::logins(&logins[..logins.len().min(40)]);
    file("2025-08-18_Login", elf::LOGIN, &logins)?;
    file("2025-08-18T17_Login", elf::LOGIN_2026, between(&logins, day + 17 * HOUR, day + 18 * HOUR))?;
    file("2025-08-18_RestApi", elf::REST_API, &elf::rest_api(calls))?;
    file("2025-08-18_API", elf::API, &elf::soap_api(calls))?;
    let (requests, batches) = elf::bulk_api(calls);
    file("2025-08-18_BulkApiRequest", elf::BULK_API_REQUEST, &requests)?;
    file("2025-08-18_BulkApi", elf::BULK_API, &batches)?;
    for (name, columns, rows) in elf::browsers(day).into_iter().chain(elf::machines(day)) {
        file(&format!("2025-08-18_{name}"), columns, &rows)?;
    }
    let logs = [
        ("ApiTotalUsage", elf::API_TOTAL_USAGE, between(&usage, hour, hour + HOUR)),
        ("Login", elf::LOGIN, between(&logins, day + 17 * HOUR, day + 18 * HOUR)),
    ];
    let listing = listing::hourly(&logs, QUOTED_REPORT);
    save(folder, "elf/EventLogFile.csv", &formats::csv(&listing, listing::COLUMNS, DATA_LOADER))
}

/// The day before as somebody's Sentinel gives it out again, with a type among it that is not read.
fn write_siem(folder: &Path, calls: &[Row], logins: &[Row]) -> Result<()> {
    let day = END - 2 * DAY;
    let (calls, logins) = (between(calls, day, day + 6 * HOUR), between(logins, day, END - DAY));
    let mut page_views = elf::browsers(day)[0].2.split_off(10);
    for row in &mut page_views {
        *row = row.clone().replacing("EVENT_TYPE", "LightningPageView");
    }
    let parts = [
        (elf::API_TOTAL_USAGE, elf::api_total_usage(calls)),
        (elf::REST_API, elf::rest_api(calls)),
        (elf::LOGIN, elf::logins(&logins[..logins.len().min(8)])),
        (elf::URI, page_views),
    ];
    save(folder, "siem/SalesforceServiceCloud_CL.ndjson", &formats::sentinel(&parts))
}

fn write_events(folder: &Path, logins: &[Row]) -> Result<()> {
    let day = END - DAY;
    let (events, places) = events::logins(between(logins, day, END));
    let result = formats::rest_result(&events, events::LOGIN_EVENTS, "LoginEvent");
    save(folder, "events/LoginEvent.json", result.to_string().as_bytes())?;
    save(folder, "logins/LoginGeo.csv", &formats::csv(&places, events::GEO, SF_CLI))?;
    let results = formats::rest_result(&events::bulk_results(day), events::BULK_RESULTS, "BulkApiResultEventStore");
    save(folder, "events/BulkApiResultEventStore.json", &formats::sf_json(results))?;
    let permissions = formats::csv(&events::permissions(day), events::PERMISSIONS, SF_CLI);
    save(folder, "events/PermissionSetEventStore.csv", &permissions)?;
    save(folder, "events/threat-detection.ndjson", &formats::lines_of_objects(&events::anomalies(day)))?;
    let (sessions, sign_ons) = events::sessions(END);
    let sessions = formats::rest_result(&sessions, events::SESSIONS, "AuthSession");
    save(folder, "logins/AuthSession.json", sessions.to_string().as_bytes())?;
    save(folder, "logins/IdpEventLog.csv", &formats::csv(&sign_ons, events::IDENTITY_PROVIDER, DATA_LOADER))
}

fn write_setup(folder: &Path) -> Result<()> {
    let trail = setup::trail();
    save(folder, "setup/SetupAuditTrail.csv", &formats::csv(&trail, setup::TRAIL, SF_CLI))?;
    save(folder, "setup/SetupAuditTrail-download.csv", &formats::csv(&trail[..4], setup::TRAIL_DOWNLOAD, SF_CLI))?;
    let menu = formats::rest_result(&setup::menu(), setup::MENU, "AppMenuItem");
    save(folder, "setup/AppMenuItem.json", menu.to_string().as_bytes())?;
    save(folder, "setup/ConnectedApplication.csv", &formats::csv(&setup::applications(), setup::APPLICATIONS, SF_CLI))?;
    let users = users::listed();
    save(folder, "setup/User.csv", &formats::csv(&users, users::USERS, SF_CLI))?;
    let logins = formats::rest_result(&users, users::LOGINS, "UserLogin");
    save(folder, "setup/UserLogin.json", &formats::sf_json(logins))
}

/// Event log files have the oldest event first.
fn oldest_first(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| row.time);
    rows
}

fn write_quiet_calls(folder: &Path, calls: &[Row]) -> Result<()> {
    let july = formats::csv(between(calls, START, AUGUST), CALLS, DATA_LOADER);
    save(folder, "api/ApiEvent-2025-07.csv", &formats::with_broken_rows(july, &Columns::new(CALLS)))?;

    let twice = date(2025, 7, 21);
    let slice = formats::csv(between(calls, twice, twice + DAY), CALLS, DATA_LOADER);
    save(folder, "api/ApiEvent-2025-07-21.csv", &slice)?;

    let switch = date(2025, 8, 11);
    let capitals = CsvForm { upper_case: true, ..DATA_LOADER };
    let august = formats::csv(between(calls, AUGUST, switch), CALLS, capitals);
    save(folder, "api/ApiEvent-2025-08.csv.gz", &formats::gzip(&august)?)?;
    let rest = formats::ndjson(between(calls, switch, END), CALLS);
    save(folder, "api/ApiEvent-2025-08b.ndjson.zst", &zstd::encode_all(&rest[..], 19)?)
}

fn write_staged(folder: &Path) -> Result<()> {
    let mut drift = Traffic::new(2);
    attack::drift_token(&mut drift);
    let (calls, logins) = drift.newest_first();
    save(folder, "api/ApiEvent-drift.csv", &formats::csv(&calls, CALLS_BY_PATH, SF_CLI))?;
    save(folder, "logins/LoginHistory-drift.csv", &formats::csv(&logins, LOGINS, SF_CLI))?;

    let job = attack::stolen_job();
    save(folder, "elf/2025-08-17_BulkApi2.csv", &formats::csv(&job, elf::BULK_API_2, QUOTED_REPORT))?;

    let mut widget = Traffic::new(3);
    attack::widget_outside_its_grant(&mut widget);
    let (calls, logins) = widget.newest_first();
    let report = formats::csv(&calls, CALLS_BY_LABEL, QUOTED_REPORT);
    save(folder, "api/ApiEvent-chatter-widget.csv", &report)?;
    save(folder, "logins/LoginHistory-chatter-widget.csv", &formats::csv(&logins, LOGINS, SF_CLI))?;

    let mut warehouse = Traffic::new(4);
    let signed = assertions::warehouse_sync(&mut warehouse);
    let (calls, logins) = warehouse.newest_first();
    save(folder, "api/ApiEvent-warehouse.csv", &formats::csv(&calls, CALLS, BULK_API_2))?;
    save(folder, "logins/LoginHistory-warehouse.csv", &formats::csv(&logins, LOGINS, BULK_API_2))?;
    save(folder, "jwt/warehouse-sync.csv", &formats::csv(&signed, assertions::COLUMNS, SF_CLI))
}

/// A download from Setup: everything quoted, Unix line ends, no byte-order mark.
const QUOTED_REPORT: CsvForm = CsvForm { byte_order_mark: false, line_end: "\n", ..DATA_LOADER };
/// A Bulk API 2.0 query result has the same form.
const BULK_API_2: CsvForm = QUOTED_REPORT;

/// The rows of `start..end`; `rows` are ordered newest first.
fn between(rows: &[Row], start: i64, end: i64) -> &[Row] {
    let first = rows.partition_point(|row| row.time >= end);
    let last = rows.partition_point(|row| row.time >= start);
    &rows[first..last]
}

fn save(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(path, bytes)
}
