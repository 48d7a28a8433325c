//! Event log files: the calls and logins of the last day once more, as the hourly and daily files show them, and what
//! only such files hold. Column lists are those of real headers.

use super::organisation::{App, HARBOR_ETL, LEDGER_SYNC, NORTHWIND_BI, User, integration_user, people};
use super::row::{Row, Value};
use crate::calendar::{HOUR, MINUTE, SECOND, iso_text};
use crate::ids::{login_key, record_id_text, session_key};

pub(super) const API: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|RUN_TIME|CPU_TIME|URI|SESSION_KEY|\
    LOGIN_KEY|USER_TYPE|REQUEST_STATUS|DB_TOTAL_TIME|API_TYPE|API_VERSION|CLIENT_NAME|METHOD_NAME|ENTITY_NAME|\
    ROWS_PROCESSED|REQUEST_SIZE|RESPONSE_SIZE|DB_BLOCKS|DB_CPU_TIME|EXCEPTION_MESSAGE|QUERY|TIMESTAMP_DERIVED|\
    USER_ID_DERIVED|CLIENT_IP|URI_ID_DERIVED";

pub(super) const REST_API: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|RUN_TIME|CPU_TIME|URI|\
    SESSION_KEY|LOGIN_KEY|USER_TYPE|REQUEST_STATUS|DB_TOTAL_TIME|METHOD|MEDIA_TYPE|STATUS_CODE|USER_AGENT|\
    ROWS_PROCESSED|NUMBER_FIELDS|DB_BLOCKS|DB_CPU_TIME|REQUEST_SIZE|RESPONSE_SIZE|ENTITY_NAME|CONNECTED_APP_ID|\
    CLIENT_NAME|EXCEPTION_MESSAGE|QUERY|BOT_ID|BOT_SESSION_ID|PLANNER_ID|TIMESTAMP_DERIVED|USER_ID_DERIVED|CLIENT_IP|\
    URI_ID_DERIVED";

/// As of 2025; the hourly file of the sample has the columns of 2026.
pub(super) const API_TOTAL_USAGE: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|API_FAMILY|\
    API_VERSION|API_RESOURCE|CLIENT_NAME|HTTP_METHOD|CLIENT_IP|COUNTS_AGAINST_API_LIMIT|CONNECTED_APP_ID|ENTITY_NAME|\
    STATUS_CODE|CONNECTED_APP_NAME|USER_NAME|TIMESTAMP_DERIVED";
pub(super) const API_TOTAL_USAGE_2026: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|API_FAMILY|\
    API_VERSION|API_RESOURCE|CLIENT_NAME|HTTP_METHOD|CLIENT_IP|COUNTS_AGAINST_API_LIMIT|CONNECTED_APP_ID|ENTITY_NAME|\
    STATUS_CODE|CONNECTED_APP_NAME|USER_NAME|API_CLIENT_CATEGORY|BOT_ID|BOT_SESSION_ID|PLANNER_ID|TIMESTAMP_DERIVED";

pub(super) const BULK_API: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|RUN_TIME|CPU_TIME|URI|\
    SESSION_KEY|LOGIN_KEY|JOB_ID|BATCH_ID|ROWS_PROCESSED|NUMBER_FAILURES|SUCCESS|MESSAGE|ENTITY_TYPE|OPERATION_TYPE|\
    TIMESTAMP_DERIVED|USER_ID_DERIVED|CLIENT_IP|URI_ID_DERIVED";

pub(super) const BULK_API_2: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|RUN_TIME|CPU_TIME|URI|\
    SESSION_KEY|LOGIN_KEY|JOB_ID|OPERATION_TYPE|ENTITY_TYPE|JOB_STATUS|RECORDS_PROCESSED|RECORDS_FAILED|RESULT_SIZE_MB|\
    ERROR_MESSAGE|TIMESTAMP_DERIVED|USER_ID_DERIVED|CLIENT_IP|URI_ID_DERIVED";

pub(super) const BULK_API_REQUEST: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|RUN_TIME|CPU_TIME|\
    URI|SESSION_KEY|LOGIN_KEY|REQUEST_PATH|API_VERSION|JOB_ID|BATCH_ID|OPERATION_TYPE|SUCCESS|ERROR_MESSAGE|\
    CONNECTED_APP_ID|CLIENT_NAME|CONCURRENCY_MODE|STATUS_CODE|TIMESTAMP_DERIVED|USER_ID_DERIVED|CLIENT_IP|URI_ID_DERIVED";

/// 34 columns, as of October 2025; the hourly file of the sample has the 35 of 2026.
pub(super) const LOGIN: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|RUN_TIME|CPU_TIME|URI|\
    SESSION_KEY|LOGIN_KEY|USER_TYPE|REQUEST_STATUS|DB_TOTAL_TIME|LOGIN_TYPE|BROWSER_TYPE|API_TYPE|API_VERSION|USER_NAME|\
    TLS_PROTOCOL|CIPHER_SUITE|USE_API_TOKEN|HTTP_REFERER|LOGIN_URL|COUNTRY_CODE|AUTHENTICATION_METHOD_REFERENCE|\
    LOGIN_SUB_TYPE|AUTHENTICATION_SERVICE_ID|TIMESTAMP_DERIVED|USER_ID_DERIVED|CLIENT_IP|URI_ID_DERIVED|LOGIN_STATUS|\
    SOURCE_IP|FORWARDED_FOR_IP";
pub(super) const LOGIN_2026: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|RUN_TIME|CPU_TIME|URI|\
    SESSION_KEY|LOGIN_KEY|USER_TYPE|REQUEST_STATUS|DB_TOTAL_TIME|LOGIN_TYPE|BROWSER_TYPE|API_TYPE|API_VERSION|USER_NAME|\
    TLS_PROTOCOL|CIPHER_SUITE|USE_API_TOKEN|HTTP_REFERER|LOGIN_URL|COUNTRY_CODE|AUTHENTICATION_METHOD_REFERENCE|\
    AUTHENTICATION_CONTEXT_CLASS_REFERENCE|LOGIN_SUB_TYPE|AUTHENTICATION_SERVICE_ID|TIMESTAMP_DERIVED|USER_ID_DERIVED|\
    CLIENT_IP|URI_ID_DERIVED|LOGIN_STATUS|SOURCE_IP|FORWARDED_FOR_IP";

pub(super) const LOGIN_AS: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|RUN_TIME|CPU_TIME|URI|\
    SESSION_KEY|LOGIN_KEY|DELEGATED_USER_NAME|DELEGATED_USER_ID|TIMESTAMP_DERIVED|USER_ID_DERIVED|CLIENT_IP|\
    URI_ID_DERIVED|DELEGATED_USER_ID_DERIVED";

pub(super) const LOGOUT: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|USER_TYPE|SESSION_TYPE|\
    SESSION_LEVEL|BROWSER_TYPE|PLATFORM_TYPE|RESOLUTION_TYPE|APP_TYPE|CLIENT_VERSION|API_TYPE|API_VERSION|\
    USER_INITIATED_LOGOUT|SESSION_KEY|LOGIN_KEY|TIMESTAMP_DERIVED|USER_ID_DERIVED|CLIENT_IP";

pub(super) const URI: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|RUN_TIME|CPU_TIME|URI|SESSION_KEY|\
    LOGIN_KEY|USER_TYPE|REQUEST_STATUS|DB_TOTAL_TIME|DB_BLOCKS|DB_CPU_TIME|REFERRER_URI|TIMESTAMP_DERIVED|\
    USER_ID_DERIVED|CLIENT_IP|URI_ID_DERIVED";

pub(super) const NAMED_CREDENTIAL: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|RUN_TIME|CPU_TIME|\
    URI|SESSION_KEY|LOGIN_KEY|NAMED_CREDENTIAL_NAME|CALLER_PACKAGE_NAMESPACE|BOT_ID|BOT_SESSION_ID|PLANNER_ID|\
    TIMESTAMP_DERIVED|USER_ID_DERIVED|CLIENT_IP|URI_ID_DERIVED";

pub(super) const METADATA: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|RUN_TIME|CPU_TIME|URI|\
    SESSION_KEY|LOGIN_KEY|CLIENT_ID|OPERATION|API_VERSION|TIMESTAMP_DERIVED|USER_ID_DERIVED|CLIENT_IP|URI_ID_DERIVED";

pub(super) const REPORT_EXPORT: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|RUN_TIME|CPU_TIME|URI|\
    SESSION_KEY|LOGIN_KEY|CLIENT_INFO|REPORT_DESCRIPTION|TIMESTAMP_DERIVED|USER_ID_DERIVED|CLIENT_IP|URI_ID_DERIVED";

pub(super) const UNIQUE_QUERY: &str = "EVENT_TYPE|TIMESTAMP|REQUEST_ID|ORGANIZATION_ID|USER_ID|SESSION_KEY|LOGIN_KEY|\
    QUERY_TYPE|QUERY_IDENTIFIER|SQL_ID|TIMESTAMP_DERIVED|USER_ID_DERIVED|CLIENT_IP";

const ORGANISATION: &str = "00DTr0000008Xq1";

/// What nearly all event log files have. The request's id is made of its time and `turn`.
pub(super) fn event(event_type: &'static str, time: i64, user: &User, turn: u64) -> Row {
    let number = time as u64 * 64 + turn;
    let request = [session_key(number), session_key(number + 1)].concat();
    Row::new(time)
        .with("EVENT_TYPE", event_type)
        .with("TIMESTAMP", iso_text(time).replace(['-', 'T', ':', 'Z'], ""))
        .with("TIMESTAMP_DERIVED", iso_text(time))
        .with("REQUEST_ID", String::from_utf8_lossy(&request[..22]).replace(['+', '/'], "-"))
        .with("ORGANIZATION_ID", ORGANISATION)
        .with("USER_ID", &user.id[..15])
        .with("USER_ID_DERIVED", user.id.as_str())
        .with("USER_TYPE", "Standard")
        .with("RUN_TIME", Value::Integer(20 + (number % 180) as i64))
        .with("CPU_TIME", Value::Integer(5 + (number % 40) as i64))
        .with("DB_TOTAL_TIME", Value::Integer(1_000_000 + (number % 90_000_000) as i64))
}

/// A session that leaves no other trace.
fn in_session(row: Row, number: u64) -> Row {
    let text = |key: [u8; 16]| String::from_utf8_lossy(&key).into_owned();
    row.with("SESSION_KEY", text(session_key(number))).with("LOGIN_KEY", text(login_key(number)))
}

/// The calls that `ApiEvent` has of an app by one family of APIs.
fn calls_of<'r>(calls: &'r [Row], app: App, family: &'static str) -> impl Iterator<Item = &'r Row> {
    let ours = move |row: &&Row| row.text("Application") == app.name && row.text("ApiType") == family;
    calls.iter().filter(ours)
}

fn of_call(event_type: &'static str, call: &Row) -> Row {
    let user = User { id: call.text("UserId").to_owned(), username: call.text("Username").to_owned() };
    event(event_type, call.time, &user, 0)
        .with("SESSION_KEY", call.text("SessionKey"))
        .with("LOGIN_KEY", call.text("LoginKey"))
        .with("CLIENT_IP", call.text("SourceIp"))
        .with("USER_NAME", call.text("Username"))
        .with("ENTITY_NAME", call.text("QueriedEntities").replace(", ", ";"))
        .with("QUERY", call.text("Query"))
        .with("API_VERSION", "62.0")
        .with("REQUEST_STATUS", "S")
        .with("STATUS_CODE", "200")
}

/// What a REST query of `ApiEvent` looks like as a path.
fn path_of(call: &Row) -> String {
    let locator = record_id_text("01g", call.time as u64 % 90_000_000_000);
    match call.text("Operation") {
        "QueryMore" => format!("/services/data/v62.0/query/{locator}-2000"),
        _ => "/services/data/v62.0/query".to_owned(),
    }
}

pub(super) fn rest_api(calls: &[Row]) -> Vec<Row> {
    let row = |call: &Row| {
        of_call("RestApi", call)
            .with("URI", path_of(call))
            .with("METHOD", "GET")
            .with("MEDIA_TYPE", "application/json")
            // A number here, and no user agent.
            .with("USER_AGENT", "12024001")
            .with("ROWS_PROCESSED", call.get("RowsReturned").cloned().unwrap_or(Value::Integer(0)))
            .with("RESPONSE_SIZE", Value::Integer(40_000))
            .with("CONNECTED_APP_ID", &HARBOR_ETL.id()[..15])
            .with("CLIENT_NAME", "HarborETL")
    };
    calls_of(calls, HARBOR_ETL, "REST").map(row).collect()
}

pub(super) fn api_total_usage(calls: &[Row]) -> Vec<Row> {
    let row = |call: &Row| {
        of_call("ApiTotalUsage", call)
            .with("API_FAMILY", "REST")
            .with("API_RESOURCE", path_of(call).replace("/services/data", ""))
            .with("HTTP_METHOD", "GET")
            .with("COUNTS_AGAINST_API_LIMIT", "1")
            .with("CONNECTED_APP_ID", &NORTHWIND_BI.id()[..15])
            .with("CONNECTED_APP_NAME", NORTHWIND_BI.name)
            .with("CLIENT_NAME", "NorthwindBI-Server")
            .with("API_CLIENT_CATEGORY", "EXTERNAL_APPLICATION")
    };
    calls_of(calls, NORTHWIND_BI, "REST").map(row).collect()
}

pub(super) fn soap_api(calls: &[Row]) -> Vec<Row> {
    let row = |call: &Row| {
        of_call("API", call)
            .with("URI", "Api")
            .with("API_TYPE", "P")
            .with("METHOD_NAME", "query")
            .with("CLIENT_NAME", "LedgerSync/3.1")
            .with("ROWS_PROCESSED", call.get("RowsReturned").cloned().unwrap_or(Value::Integer(0)))
            .with("RESPONSE_SIZE", Value::Integer(9_000))
    };
    calls_of(calls, LEDGER_SYNC, "SOAP Partner").map(row).collect()
}

/// The nightly copy: the requests that made its jobs, and its batches.
pub(super) fn bulk_api(calls: &[Row]) -> (Vec<Row>, Vec<Row>) {
    let mut requests = Vec::new();
    let mut batches = Vec::new();
    for (place, call) in (1..).zip(calls_of(calls, HARBOR_ETL, "Bulk")) {
        let job = record_id_text("750", 60_000_000_000 + place)[..15].to_owned();
        let batch = record_id_text("751", 61_000_000_000 + place)[..15].to_owned();
        requests.push(
            of_call("BulkApiRequest", call)
                .with("REQUEST_PATH", format!("/services/async/62.0/job/{job}/batch"))
                .with("JOB_ID", job.as_str())
                .with("BATCH_ID", batch.as_str())
                .with("OPERATION_TYPE", "query")
                .with("SUCCESS", "1")
                .with("CONNECTED_APP_ID", &HARBOR_ETL.id()[..15])
                .with("CLIENT_NAME", "HarborETL")
                .with("CONCURRENCY_MODE", "Parallel"),
        );
        let time = call.time + 40 * SECOND;
        batches.push(
            of_call("BulkApi", &call.clone().at(time))
                .with("JOB_ID", job)
                .with("BATCH_ID", batch)
                .with("ROWS_PROCESSED", call.get("RowsReturned").cloned().unwrap_or(Value::Integer(0)))
                .with("NUMBER_FAILURES", "0")
                .with("SUCCESS", "1")
                .with("ENTITY_TYPE", call.text("QueriedEntities"))
                .with("OPERATION_TYPE", "query"),
        );
    }
    (requests, batches)
}

/// The bulk job behind the theft, from its making to its deletion.
pub(super) fn stolen_job(user: &User, address: &str, times: [i64; 4], rows: i64) -> Vec<Row> {
    let job = record_id_text("750", 60_000_900_017)[..15].to_owned();
    let steps = [("UploadComplete", 0), ("InProgress", 0), ("JobComplete", rows), ("deleted", 0)];
    let row = |(time, (status, rows)): (i64, (&'static str, i64))| {
        in_session(event("BulkApi2", time, user, 3), 8117)
            .with("URI", "/services/data/v62.0/jobs/query")
            .with("CLIENT_IP", address)
            .with("JOB_ID", job.as_str())
            .with("OPERATION_TYPE", "query")
            .with("ENTITY_TYPE", "Case")
            .with("JOB_STATUS", status)
            .with("RECORDS_PROCESSED", Value::Integer(rows))
            .with("RECORDS_FAILED", "0")
            .with("RESULT_SIZE_MB", "41.73")
    };
    times.into_iter().zip(steps).map(row).collect()
}

/// Logins with the codes that stand for the labels of the login history.
pub(super) fn logins(logins: &[Row]) -> Vec<Row> {
    let row = |login: &Row| {
        let user = User { id: login.text("UserId").to_owned(), username: login.text("Username").to_owned() };
        let oauth = login.text("LoginType") == "Remote Access 2.0";
        let sub_type = match login.text("LoginSubType") {
            "OAuth Refresh Token" => "oauthrefreshtoken",
            "OAuth Client Credentials" => "oauthclientcredentials",
            _ => "",
        };
        let status = if login.text("Status") == "Success" { "LOGIN_NO_ERROR" } else { "LOGIN_ERROR_INVALID_PASSWORD" };
        event("Login", login.time, &user, 5)
            // Event log files put a pair of quotes around what has special characters.
            .with("URI", if oauth { "\"/services/oauth2/token\"" } else { "/index.jsp" })
            .with("LOGIN_TYPE", if oauth { "i" } else { "A" })
            .with("LOGIN_SUB_TYPE", sub_type)
            .with("LOGIN_STATUS", status)
            .with("BROWSER_TYPE", login.text("Browser"))
            .with("API_VERSION", "9998.0")
            .with("USER_NAME", login.text("Username"))
            .with("TLS_PROTOCOL", "TLSv1.2")
            .with("CIPHER_SUITE", "ECDHE-RSA-AES256-GCM-SHA384")
            .with("LOGIN_URL", login.text("LoginUrl"))
            .with("COUNTRY_CODE", login.text("CountryIso"))
            .with("CLIENT_IP", "Salesforce.com IP")
            .with("SOURCE_IP", login.text("SourceIp"))
    };
    logins.iter().map(row).collect()
}

/// What people did in their browsers, and what ended it. No app has a hand in it.
pub(super) fn browsers(day: i64) -> [(&'static str, &'static str, Vec<Row>); 5] {
    let people = people();
    let (mut pages, mut ended, mut reports, mut queries) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (place, person) in (0..).zip(&people[..6]) {
        let start = day + 14 * HOUR + place * 7 * MINUTE;
        let number = 900 + place as u64;
        let address = person.home_address(day);
        let of = |event_type, time| {
            in_session(event(event_type, time, &person.user, 7), number).with("CLIENT_IP", address.as_str())
        };
        let report = record_id_text("00O", 55_000_000_000 + number);
        pages.push(of("URI", start).with("URI", "/lightning/page/home").with("REFERRER_URI", "/"));
        pages.push(of("URI", start + MINUTE).with("URI", format!("/{}", &report[..15])));
        reports.push(
            of("ReportExport", start + 2 * MINUTE)
                .with("URI", format!("/{}", &report[..15]))
                .with("CLIENT_INFO", "Chrome 138")
                .with("REPORT_DESCRIPTION", "Open opportunities by owner"),
        );
        queries.push(
            of("UniqueQuery", start + MINUTE)
                .with("QUERY_TYPE", "soql")
                .with("QUERY_IDENTIFIER", "SELECT Id, Name, StageName FROM Opportunity WHERE IsClosed = false")
                .with("SQL_ID", format!("{:013x}", 0x5a1e_5f0e_u64 + number)),
        );
        ended.push(
            of("Logout", start + 3 * HOUR)
                .with("SESSION_TYPE", "U")
                .with("SESSION_LEVEL", "1")
                .with("BROWSER_TYPE", "Chrome 138")
                .with("APP_TYPE", "1007")
                .with("API_VERSION", "9998.0")
                .with("USER_INITIATED_LOGOUT", "1"),
        );
    }
    let admin = &people[2].user;
    let lent = in_session(event("LoginAs", day + 16 * HOUR, &people[7].user, 9), 990)
        .with("URI", "/servlet/servlet.su")
        .with("CLIENT_IP", people[2].home_address(day))
        .with("DELEGATED_USER_NAME", admin.username.as_str())
        .with("DELEGATED_USER_ID", &admin.id[..15])
        .with("DELEGATED_USER_ID_DERIVED", admin.id.as_str());
    [
        ("URI", URI, pages),
        ("Logout", LOGOUT, ended),
        ("ReportExport", REPORT_EXPORT, reports),
        ("UniqueQuery", UNIQUE_QUERY, queries),
        ("LoginAs", LOGIN_AS, vec![lent]),
    ]
}

/// What machines did besides calling with a token: a service in Apex, callouts, a deployment.
pub(super) fn machines(day: i64) -> [(&'static str, &'static str, Vec<Row>); 3] {
    let user = integration_user(LEDGER_SYNC);
    let address = "198.19.7.21";
    let hourly = |event_type, turn: i64| {
        in_session(event(event_type, day + turn * HOUR + 9 * MINUTE, &user, 11), 70 + turn as u64)
            .with("CLIENT_IP", address)
    };
    let apex = |turn: i64| {
        hourly("ApexRestApi", turn)
            .with("URI", "/services/apexrest/ledger/invoices")
            .with("METHOD", "POST")
            .with("MEDIA_TYPE", "application/json")
            .with("STATUS_CODE", "201")
            .with("USER_AGENT", "9999")
            .with("ROWS_PROCESSED", Value::Integer(1))
            .with("RESPONSE_SIZE", Value::Integer(310))
    };
    let callout = |turn: i64| {
        hourly("NamedCredential", turn)
            .with("URI", "CALLOUT-LOG")
            .with("NAMED_CREDENTIAL_NAME", "Freight_Rates")
            .with("CALLER_PACKAGE_NAMESPACE", if turn % 2 == 0 { "" } else { "freightpkg" })
    };
    let admin = &people()[2].user;
    let deployed = |turn: i64| {
        in_session(event("MetadataApiOperation", day + 15 * HOUR + turn * MINUTE, admin, 13), 995)
            .with("URI", "Api")
            .with("CLIENT_IP", people()[2].home_address(day))
            .with("CLIENT_ID", "PlatformCLI")
            .with("OPERATION", if turn == 0 { "meta_list" } else { "meta_retrieve" })
            .with("API_VERSION", "64.0")
    };
    [
        ("ApexRestApi", REST_API, (6..12).map(apex).collect()),
        ("NamedCredential", NAMED_CREDENTIAL, (6..12).map(callout).collect()),
        ("MetadataApiOperation", METADATA, (0..5).map(deployed).collect()),
    ]
}
