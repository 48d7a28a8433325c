//! Rows before they have a form, and their form: CSV as the `EventLogFile` and `SOQL` exports have it.

use std::collections::BTreeMap;
use std::io::Write as _;

use super::calendar::{DAY, iso_text};
use super::ids::{login_key, record_id_text, session_key, uuid};
use super::random::mix;
use super::world::{App, Org, Work};

/// No connected app: the browser.
pub(crate) const BROWSER: u32 = u32::MAX;

/// One row of one export.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Milliseconds since 1970.
    pub(crate) time: i64,
    /// Place in the users of its organisation.
    pub(crate) user: u32,
    /// Place in the apps of its organisation, or `BROWSER`.
    pub(crate) app: u32,
    pub(crate) address: u32,
    pub(crate) session: u64,
    pub(crate) agent: &'static str,
    pub(crate) what: What,
    pub(crate) cause: Cause,
}

/// What a row says, by the export that it stands in.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// `ApiEvent`.
    Query { object: &'static str, operation: &'static str, api: &'static str, text: Box<str>, rows: i64 },
    /// `RestApi`.
    Request { method: &'static str, path: Box<str>, object: &'static str, rows: i64, status: u16 },
    /// `BulkApi2`.
    Step { job: u64, status: &'static str, object: &'static str, rows: i64 },
    /// `LoginHistory`.
    Login { login_type: &'static str, sub_type: &'static str, status: &'static str },
}

/// Why a row is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Habit,
    /// A stage of the campaign that is planted, by its place.
    Stage(u8),
    /// A nasty but harmless event, by its place.
    Event(u8),
}

impl Row {
    fn log(&self) -> usize {
        match self.what {
            What::Query { .. } => 0,
            What::Request { .. } => 1,
            What::Step { .. } => 2,
            What::Login { .. } => 3,
        }
    }
}

/// The names and header lines of the four exports that hold rows.
const LOGS: [(&str, &str); 4] = [
    (
        "ApiEvent",
        "EventDate,EventIdentifier,UserId,Username,ConnectedAppId,SourceIp,SessionKey,LoginKey,LoginHistoryId,ApiType,\
         Operation,RowsReturned,RowsProcessed,UserAgent,QueriedEntities,Query",
    ),
    (
        "RestApi",
        "EVENT_TYPE,TIMESTAMP_DERIVED,REQUEST_ID,USER_ID_DERIVED,CLIENT_IP,SESSION_KEY,LOGIN_KEY,CONNECTED_APP_ID,URI,\
         METHOD,STATUS_CODE,ENTITY_NAME,ROWS_PROCESSED,USER_AGENT",
    ),
    (
        "BulkApi2",
        "EVENT_TYPE,TIMESTAMP_DERIVED,REQUEST_ID,USER_ID_DERIVED,CLIENT_IP,SESSION_KEY,LOGIN_KEY,JOB_ID,OPERATION_TYPE,\
         JOB_STATUS,ENTITY_TYPE,RECORDS_PROCESSED",
    ),
    (
        "LoginHistory",
        "Id,UserId,User.Username,LoginTime,LoginType,LoginSubType,SourceIp,Status,Application,Browser,Platform",
    ),
];

/// Rows as files: name and bytes, none for an export without rows. Of the same rows come the same bytes.
pub(crate) fn files(org: &Org, rows: &[&Row], name: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (log, (event_type, header)) in LOGS.iter().enumerate() {
        let mut bytes = Vec::new();
        for row in rows.iter().filter(|row| row.log() == log) {
            if bytes.is_empty() {
                bytes.extend_from_slice(header.as_bytes());
                bytes.push(b'\n');
            }
            write(org, row, &mut bytes);
        }
        if !bytes.is_empty() {
            files.push((format!("{name}-{event_type}.csv"), bytes));
        }
    }
    files
}

/// The tokens of rows in order of time, as they are at the end of each day.
pub(crate) fn snapshots(org: &Org, rows: &[Row], first: i64, end: i64) -> Vec<Vec<u8>> {
    let mut used = BTreeMap::new();
    let mut left = rows;
    let mut snapshots = Vec::new();
    let mut day = first + DAY;
    while day <= end {
        let (now, later) = left.split_at(left.partition_point(|row| row.time < day));
        for row in now.iter().filter(|row| row.app != BROWSER) {
            let (_, last, count) = used.entry((row.app, row.user)).or_insert((row.time, row.time, 0_u64));
            (*last, *count) = (row.time, *count + 1);
        }
        (left, day) = (later, day + DAY);
        snapshots.push(tokens(org, &used));
    }
    snapshots
}

/// When which user's token for an app was first and last used, and how often.
type Used = BTreeMap<(u32, u32), (i64, i64, u64)>;

fn tokens(org: &Org, used: &Used) -> Vec<u8> {
    let mut bytes = b"AppName,UserId,CreatedDate,LastUsedDate,UseCount,DeleteToken,AppMenuItemId\n".to_vec();
    for ((app, user), (first, last, count)) in used {
        let App { name, number, granted, work, .. } = &org.apps[*app as usize];
        let token = mix(org.number ^ mix(u64::from(*app) << 32 | u64::from(*user)));
        let is_installed = *number < App::UNINSTALLED;
        let menu_item = if is_installed { record_id_text("0DS", *number) } else { String::new() };
        let is_new = matches!(work, Work::Fake | Work::Newcomer | Work::Migrated);
        let granted = if is_new { *first } else { *granted };
        let _ = writeln!(
            bytes,
            "{name},{},{},{},{count},FAKE{token:020x},{menu_item}",
            org.user_id(*user),
            iso_text(granted),
            iso_text(*last),
        );
    }
    bytes
}

fn write(org: &Org, row: &Row, out: &mut Vec<u8>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let time = iso_text(row.time);
    let (user, address) = (org.user_id(row.user), std::net::Ipv4Addr::from(row.address));
    let app = org.apps.get(row.app as usize);
    let app_id = app.map_or(String::new(), |app| record_id_text("0H4", app.number));
    let (session, login) = (text(&session_key(row.session)), text(&login_key(row.session)));
    let key = mix(row.session ^ mix(row.time as u64) ^ row.log() as u64);
    let (session, login) = (session.as_str(), login.as_str());
    let _ = match &row.what {
        What::Query { object, operation, api, text: query, rows } => writeln!(
            out,
            "{time},{},{user},{},{app_id},{address},{session},{login},{},{api},{operation},{rows},{rows},{},{object},\"{}\"",
            text(&uuid(key, mix(key ^ *rows as u64))),
            org.username(row.user),
            record_id_text("0Ya", row.session),
            row.agent,
            query.replace('"', "\"\"")
        ),
        What::Request { method, path, object, rows, status } => writeln!(
            out,
            "RestApi,{time},{key:016x},{user},{address},{session},{login},{app_id},{path},{method},{status},{object},{rows},9999"
        ),
        What::Step { job, status, object, rows } => writeln!(
            out,
            "BulkApi2,{time},{key:016x},{user},{address},{session},{login},{},query,{status},{object},{rows}",
            record_id_text("750", *job)
        ),
        What::Login { login_type, sub_type, status } => writeln!(
            out,
            "{},{user},{},{time},{login_type},{sub_type},{address},{status},{},{},Unknown",
            record_id_text("0Ya", row.session),
            org.username(row.user),
            app.map_or("Browser", |app| app.name.as_str()),
            if app.is_some() { "Unknown" } else { row.agent }
        ),
    };
}
