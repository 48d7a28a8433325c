//! Real-time events and what Shield's threat detection holds to be odd: small exports of each kind. Nothing here is an
//! attack; the anomalies are the false alarms of a quiet month.

use super::organisation::{User, people};
use super::row::{Row, Value};
use crate::calendar::{DAY, HOUR, MINUTE, iso_text};
use crate::ids::{login_key, record_id_text, session_key, uuid};
use crate::random::mix;

pub(super) const LOGIN_EVENTS: &str = "Id|EventIdentifier|EventDate|CreatedDate|UserId|Username|LoginType|LoginSubType|\
    LoginUrl|LoginHistoryId|LoginKey|SourceIp|Status|Application|Browser|Platform|ClientVersion|ApiType|ApiVersion|\
    CipherSuite|TlsProtocol|CountryIso|Country|City|LoginLatitude|LoginLongitude|LoginGeoId|HttpMethod|SessionKey|SessionLevel|\
    PolicyOutcome|AdditionalInfo";

pub(super) const GEO: &str = "Id|LoginTime|CountryIso|Country|City|Latitude|Longitude|PostalCode|Subdivision";

pub(super) const BULK_RESULTS: &str = "Id|EventIdentifier|EventDate|UserId|Username|SourceIp|SessionKey|LoginKey|\
    LoginHistoryId|Query|PolicyOutcome|SessionLevel";

pub(super) const PERMISSIONS: &str = "EventIdentifier|EventDate|UserId|Username|SourceIp|SessionKey|LoginKey|LoginHistoryId|\
    Operation|EventSource|PermissionType|PermissionList|ImpactedUserIds|ParentIdList|ParentNameList|HasExternalUsers|UserCount";

pub(super) const SESSIONS: &str = "Id|UsersId|CreatedDate|LastModifiedDate|SourceIp|LoginHistoryId|LoginType|\
    LoginSubType|SessionType|SessionSecurityLevel|NumSecondsValid|IsCurrent|UserType";

pub(super) const IDENTITY_PROVIDER: &str = "Id|Timestamp|UserId|IdentityUsed|AppId|SsoType|InitiatedBy|ErrorCode|AuthSessionId|OptionsHasLogoutUrl|SamlEntityUrl";

/// Columns of the four kinds of anomalies, by the names of their objects.
pub(super) const ANOMALIES: [(&str, &str); 4] = [
    (
        "ApiAnomalyEventStore",
        "EventIdentifier|EventDate|UserId|Username|SourceIp|SessionKey|LoginKey|Operation|QueriedEntities|\
            RequestIdentifier|RowsProcessed|Score|SecurityEventData|Summary|Uri|UserAgent",
    ),
    (
        "CredentialStuffingEventStore",
        "EventIdentifier|EventDate|UserId|Username|SourceIp|LoginKey|AcceptLanguage|LoginType|LoginUrl|Score|Summary|\
            UserAgent",
    ),
    (
        "ReportAnomalyEventStore",
        "EventIdentifier|EventDate|UserId|Username|SourceIp|SessionKey|LoginKey|Report|Score|SecurityEventData|Summary",
    ),
    (
        "SessionHijackingEventStore",
        "EventIdentifier|EventDate|UserId|Username|SourceIp|SessionKey|LoginKey|CurrentIp|CurrentUserAgent|PreviousIp|\
            PreviousUserAgent|Score|SecurityEventData|Summary",
    ),
];

/// Where an address is, as Salesforce has it: city, latitude, longitude.
fn place_of(address: &str) -> (&'static str, &'static str, &'static str) {
    if address.starts_with("203.0.113.") {
        ("Portland", "45.523064", "-122.676483")
    } else {
        ("Salem", "44.9429", "-123.0351")
    }
}

fn place_id(address: &str) -> String {
    record_id_text("04F", 40_000_000_000 + address.bytes().fold(7, |sum, byte| mix(sum ^ u64::from(byte)) % 90_000_000))
}

/// Logins of people in their browsers, as real-time events, and the places of their addresses.
pub(super) fn logins(logins: &[Row]) -> (Vec<Row>, Vec<Row>) {
    let by_browser = |row: &&Row| row.text("Application") == "Browser" && !row.text("SourceIp").starts_with("Sales");
    let (mut events, mut places) = (Vec::new(), Vec::new());
    for login in logins.iter().filter(by_browser).take(12) {
        let number = login.time as u64;
        let (city, latitude, longitude) = place_of(login.text("SourceIp"));
        let place = place_id(login.text("SourceIp"));
        let mut event = Row::new(login.time);
        for name in [
            "UserId",
            "Username",
            "LoginType",
            "LoginSubType",
            "LoginUrl",
            "SourceIp",
            "Status",
            "Application",
            "Browser",
            "Platform",
            "ClientVersion",
            "ApiType",
            "ApiVersion",
            "CipherSuite",
            "TlsProtocol",
            "CountryIso",
        ] {
            event = event.with(name, login.text(name));
        }
        events.push(
            keys(event, number)
                // Big objects have no ids of their own.
                .with("Id", "000000000000000AAA")
                .with("EventDate", Value::Time(login.time))
                .with("CreatedDate", Value::Time(login.time + 1900))
                .with("LoginHistoryId", login.text("Id"))
                .with("Country", "United States")
                .with("City", city)
                .with("LoginLatitude", latitude)
                .with("LoginLongitude", longitude)
                .with("LoginGeoId", place.as_str())
                .with("HttpMethod", "POST")
                .with("SessionLevel", "STANDARD")
                .with("PolicyOutcome", "NoAction")
                .with("AdditionalInfo", "{}"),
        );
        if !places.iter().any(|known: &Row| known.text("Id") == place) {
            places.push(
                Row::new(login.time)
                    .with("Id", place)
                    .with("LoginTime", Value::Time(login.time / 1000 * 1000))
                    .with("CountryIso", "US")
                    .with("Country", "United States")
                    .with("City", city)
                    .with("Latitude", latitude)
                    .with("Longitude", longitude)
                    .with("PostalCode", "97201")
                    .with("Subdivision", "Oregon"),
            );
        }
    }
    (events, places)
}

/// The identifier, session and login key of an event.
fn keys(row: Row, number: u64) -> Row {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    row.with("EventIdentifier", text(&uuid(mix(number), mix(number + 1))))
        .with("SessionKey", text(&session_key(number)))
        .with("LoginKey", text(&login_key(number)))
}

fn event(time: i64, user: &User, address: &str) -> Row {
    keys(Row::new(time), time as u64)
        .with("Id", "000000000000000AAA")
        .with("EventDate", Value::Time(time))
        .with("UserId", user.id.as_str())
        .with("Username", user.username.as_str())
        .with("SourceIp", address)
}

/// Results of bulk queries that somebody downloaded with a browser.
pub(super) fn bulk_results(day: i64) -> Vec<Row> {
    let people = people();
    let row = |turn: i64| {
        let person = &people[4 + turn as usize % 3];
        event(day + 15 * HOUR + turn * 11 * MINUTE, &person.user, &person.home_address(day))
            .with("LoginHistoryId", record_id_text("0Ya", 40_000_000_000 + turn as u64))
            .with("Query", "SELECT Id, Name, Email FROM Lead WHERE CreatedDate = TODAY")
            .with("PolicyOutcome", "NoAction")
            .with("SessionLevel", "STANDARD")
    };
    (0..5).map(row).collect()
}

/// An administrator changes a permission set, and who has it.
pub(super) fn permissions(day: i64) -> Vec<Row> {
    let people = people();
    let admin = &people[2];
    let row = |turn: i64| {
        let given = &people[9 + turn as usize].user;
        event(day + 17 * HOUR + turn * 3 * MINUTE, &admin.user, &admin.home_address(day))
            .with("LoginHistoryId", record_id_text("0Ya", 40_000_000_900))
            .with("Operation", if turn == 0 { "PermissionsEnabled" } else { "AssignedToUsers" })
            .with("EventSource", "Lightning")
            .with("PermissionType", "UserPermission")
            .with("PermissionList", "ExportReport, RunReports")
            .with("ImpactedUserIds", if turn == 0 { "" } else { given.id.as_str() })
            .with("ParentIdList", record_id_text("0PS", 31_000_000_000))
            .with("ParentNameList", "Sales_Reports")
            .with("HasExternalUsers", "false")
            .with("UserCount", Value::Integer(turn.min(1)))
    };
    (0..5).map(row).collect()
}

/// What Shield reports in a quiet month: low scores, each with an innocent reason.
pub(super) fn anomalies(day: i64) -> Vec<(&'static str, &'static str, Vec<Row>)> {
    let people = people();
    let of = |place: usize, turn: i64| {
        let person = &people[place];
        event(day - turn * 3 * DAY + 18 * HOUR, &person.user, &person.home_address(day))
    };
    let rows = |(place, (object, columns)): (usize, (&'static str, &'static str))| {
        let row = |turn: i64| {
            let row = of(11 + place, turn).with("Summary", "Activity differs from what is usual for this user");
            let row = row.with("SecurityEventData", r#"[{"featureName":"rowCount","featureContribution":"71.3 %"}]"#);
            let row = row.with("Score", format!("{}.{:06}", 12 + turn * 5, 345_678 + turn));
            match place {
                0 => row
                    .with("Operation", "Query")
                    .with("QueriedEntities", "Lead, Campaign")
                    .with("RequestIdentifier", format!("4pkDPOtDbNNyUOG-mNMV{turn:02}"))
                    .with("RowsProcessed", Value::Double(1200 + turn))
                    .with("Uri", "/services/data/v62.0/query")
                    .with("UserAgent", "NorthwindBI-Desktop/2025.1"),
                1 => row
                    .with("AcceptLanguage", "en-US")
                    .with("LoginType", "Application")
                    .with("LoginUrl", "alderfinch-example.my.salesforce.com")
                    .with("UserAgent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"),
                2 => row.with("Report", record_id_text("00O", 55_000_000_900)),
                _ => row
                    .with("CurrentIp", "100.66.3.4")
                    .with("PreviousIp", "100.66.3.5")
                    .with("CurrentUserAgent", "Chrome 138")
                    .with("PreviousUserAgent", "Chrome 137"),
            }
        };
        (object, columns, (0..3).map(row).collect())
    };
    ANOMALIES.into_iter().enumerate().map(rows).collect()
}

/// Sessions that are open at the end, and sign-ons through Salesforce as identity provider.
pub(super) fn sessions(end: i64) -> (Vec<Row>, Vec<Row>) {
    let people = people();
    let (mut sessions, mut sign_ons) = (Vec::new(), Vec::new());
    for (place, person) in (0..).zip(&people[..8]) {
        let time = (end - (2 + place) * 20 * MINUTE) / 1000 * 1000;
        let id = record_id_text("0Ak", 32_000_000_000 + place as u64);
        sessions.push(
            Row::new(time)
                .with("Id", id.as_str())
                .with("UsersId", person.user.id.as_str())
                .with("CreatedDate", Value::Time(time))
                .with("LastModifiedDate", Value::Time(time))
                .with("SourceIp", person.home_address(time))
                .with("LoginHistoryId", record_id_text("0Ya", 40_000_700_000 + place as u64))
                .with("LoginType", "Application")
                .with("SessionType", "UI")
                .with("SessionSecurityLevel", "STANDARD")
                .with("NumSecondsValid", Value::Integer(7200))
                .with("IsCurrent", "false")
                .with("UserType", "Standard"),
        );
        let time = end - 29 * DAY + place * 30 * MINUTE;
        sign_ons.push(
            Row::new(time)
                .with("Id", record_id_text("0Ie", 33_000_000_000 + place as u64))
                .with("Timestamp", iso_text(time))
                .with("UserId", person.user.id.as_str())
                .with("IdentityUsed", person.user.username.as_str())
                .with("AppId", super::organisation::NORTHWIND_BI_DESKTOP.id())
                .with("SsoType", "OauthAuthorize")
                .with("InitiatedBy", "ServiceProvider")
                .with("OptionsHasLogoutUrl", "false"),
        );
    }
    (sessions, sign_ons)
}
