//! Normalised events: rows of exports as records of SIEMs, beside findings. A login, a call, a setup change and a
//! listed token become one record each, in the words of OCSF, ASIM and CIM.
//!
//! ```text
//! exports ──convert──▶ sorted tables ──▶ Event ──▶ a line for each format
//! ```
//! Rows are held as `convert` holds them, as numbers, and become text a few thousand at a time. What is written
//! therefore depends on the exports alone, as converted tables do. Nothing here delivers.

use std::io::{self, Write};

use rayon::iter::ParallelIterator;
use rayon::slice::ParallelSlice;
use uuid::Uuid;

use crate::apps::{Register, is_app_id};
use crate::batch::{Role, Table};
use crate::convert::{Convert, Place, Reading, Row, Tables, convert_some};
use crate::ingest::Quarantine;
use crate::value::{Time, id};

mod call;
mod change;
mod login;
mod object;
mod ocsf;
mod sentinel;
mod splunk;

pub use self::call::{Access, Call};
pub use self::change::{Change, Grant, Verb};
pub use self::login::{Login, Outcome};

/// The tables whose rows are events here, in the order in which they are written.
pub const TABLES: [Table; 4] = [Table::Logins, Table::Calls, Table::SetupChanges, Table::Tokens];

/// What is read of them. The text of queries is not: objects and the query's shape are.
const ROLES: &[Role] = &[
    Role::Time,
    Role::EventId,
    Role::User,
    Role::Username,
    Role::App,
    Role::AppName,
    Role::SourceIp,
    Role::Session,
    Role::LoginKey,
    Role::RequestId,
    Role::LoginHistoryId,
    Role::Org,
    Role::Client,
    Role::LoginType,
    Role::LoginSubtype,
    Role::Status,
    Role::Country,
    Role::City,
    Role::ApiFamily,
    Role::Operation,
    Role::Method,
    Role::Endpoint,
    Role::Objects,
    Role::Fingerprint,
    Role::Rows,
    Role::Bytes,
    Role::Job,
    Role::StatusCode,
    Role::Refusal,
    Role::Action,
    Role::Section,
    Role::Change,
    Role::Target,
    Role::Token,
    Role::Created,
    Role::LastUsed,
    Role::UseCount,
];

/// Under which events' ids are made.
const NAMESPACE: Uuid = Uuid::from_u128(0x2d7a_91c4_6be0_5f38_a1d5_70c2_e94b_8316);

/// So many rows are formatted before the first of them is written, and so many by one worker at a time.
const AT_ONCE: usize = 8192;
const BY_ONE: usize = 256;

/// What rows do not say themselves.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The organisation's id, for rows that do not name it.
    pub org: Option<&'a str>,
    /// The user's apps: calls name their app by its id alone.
    pub register: &'a Register,
    /// When the events are said to be written, for formats that must carry such a time.
    pub generated: Time,
}

/// One event, plain. Absent parts are unknown.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// The same on each run, however exports are cut and named: made of organisation, kind and the row's identity.
    pub id: Uuid,
    /// When it happened.
    pub time: Time,
    /// Organisation id.
    pub org: Option<&'a str>,
    /// The event type that the row is of, such as `LoginHistory`.
    pub log: &'a str,
    /// User id.
    pub user_id: Option<&'a str>,
    /// Username.
    pub username: Option<&'a str>,
    /// Connected app's id.
    pub app_id: Option<&'a str>,
    /// Connected app's name.
    pub app_name: Option<&'a str>,
    /// Where it came from, as the export says it.
    pub source: Option<&'a str>,
    /// User agent or browser.
    pub client: Option<&'a str>,
    /// Session key.
    pub session: Option<&'a str>,
    /// Login key.
    pub login_key: Option<&'a str>,
    /// Id of the request.
    pub request_id: Option<&'a str>,
    /// The event's own identifier.
    pub event_id: Option<&'a str>,
    /// The login that the session began with.
    pub login_history_id: Option<&'a str>,
    /// What happened.
    pub deed: Deed<'a>,
    /// The export that holds the row.
    pub export: &'a str,
    /// SHA-256 of that export.
    pub sha256: &'a str,
    /// The record's number there.
    pub record: u64,
    /// Where the record begins there.
    pub offset: u64,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Deed<'a> {
    /// Somebody logged in or refreshed a token, or tried to.
    Login(Login<'a>),
    /// An API was called.
    Call(Call<'a>),
    /// The setup was changed.
    Change(Change<'a>),
    /// An app holds a token.
    Grant(Grant<'a>),
}

impl<'a> Event<'a> {
    fn of(table: Table, row: &Row<'a>, said: &Said<'a>) -> Self {
        let (export, sha256) = row.export();
        let (record, offset) = row.record();
        let org = row.text(Role::Org).or(said.org);
        let (user, username) = (row.text(Role::User), row.text(Role::Username));
        let is_id = |text: &&str| id::has_prefix(text, "005");
        let app = row.text(Role::App);
        let identity = [org.unwrap_or_default(), table.name(), &format!("{:032x}", row.identity())].join("\u{1e}");
        Self {
            id: Uuid::new_v5(&NAMESPACE, identity.as_bytes()),
            // A token is an event by having been given; one of which no time is known is listed now.
            time: row.time(Role::Created).or(row.time(Role::Time)).unwrap_or(said.generated),
            org,
            log: row.event_type(),
            user_id: user.filter(is_id),
            username: username.or(user.filter(|user| !is_id(user))),
            app_id: app.filter(|app| is_app_id(app)),
            app_name: row.text(Role::AppName).or_else(|| app_name(app?, said.register)),
            source: row.text(Role::SourceIp),
            client: row.text(Role::Client),
            session: row.text(Role::Session),
            login_key: row.text(Role::LoginKey),
            request_id: row.text(Role::RequestId),
            event_id: row.text(Role::EventId),
            login_history_id: row.text(Role::LoginHistoryId),
            deed: match table {
                Table::Calls => Deed::Call(Call::of(row)),
                Table::SetupChanges => Deed::Change(Change::of(row)),
                Table::Tokens => Deed::Grant(Grant::of(row)),
                _ => Deed::Login(Login::of(row)),
            },
            export,
            sha256,
            record,
            offset,
        }
    }

    /// The user by name, or else by id.
    fn user(&self) -> Option<&'a str> {
        self.username.or(self.user_id)
    }

    /// The app by name, or else by id.
    fn app(&self) -> Option<&'a str> {
        self.app_name.or(self.app_id)
    }

    /// Where it came from, where that is an address: exports also say `Salesforce.com IP`.
    fn address(&self) -> Option<&'a str> {
        self.source.filter(|text| text.parse::<std::net::IpAddr>().is_ok())
    }
}

/// The name of an app that goes by its name, or by an id that is registered.
fn app_name<'a>(app: &'a str, register: &'a Register) -> Option<&'a str> {
    if is_app_id(app) { register.find(app).map(|app| app.name.as_str()) } else { Some(app) }
}

/// A format of events: a file of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Envelopes of Splunk's HTTP Event Collector.
    Splunk,
    /// Rows of Sentinel's table `ASimAuthenticationEventLogs`.
    SentinelAuthentication,
    /// Rows of Sentinel's table `ASimAuditEventLogs`.
    SentinelAudit,
    /// OCSF events.
    Ocsf,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Splunk, Self::SentinelAuthentication, Self::SentinelAudit, Self::Ocsf];

    /// Whether it goes with findings' format of this name.
    pub fn goes_with(self, findings: &str) -> bool {
        match self {
            Self::Splunk => findings == "splunk",
            Self::SentinelAuthentication | Self::SentinelAudit => matches!(findings, "sentinel" | "sentinel-ndjson"),
            Self::Ocsf => findings == "ocsf",
        }
    }

    /// What its file is called.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Splunk => "events.splunk.ndjson",
            Self::SentinelAuthentication => "events.sentinel.ndjson",
            Self::SentinelAudit => "events.sentinel-audit.ndjson",
            Self::Ocsf => "events.ocsf.ndjson",
        }
    }

    /// The tables that it has a place for.
    pub fn tables(self) -> &'static [Table] {
        match self {
            Self::Splunk => &TABLES,
            Self::SentinelAuthentication => &[Table::Logins],
            Self::SentinelAudit => &[Table::SetupChanges, Table::Tokens],
            Self::Ocsf => &[Table::Logins, Table::Calls],
        }
    }

    fn line(self, event: &Event<'_>, said: &Said<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Splunk => splunk::line(event, out),
            Self::SentinelAuthentication | Self::SentinelAudit => sentinel::line(event, said.generated, out),
            Self::Ocsf => ocsf::line(event, out),
        }
    }
}

/// Reads what events are made of. Rows that cannot be used go to the quarantine.
pub fn read(convert: &Convert<'_>, quarantine: &mut dyn Quarantine) -> Tables {
    let reading = Reading { tables: &TABLES, roles: ROLES, with_origin: true, selection: None };
    convert_some(convert, &reading, quarantine)
}

/// Writes the rows of a format's tables, a line each, by table, time, export and record; says how many.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write(tables: &Tables, format: Format, said: &Said<'_>, out: &mut dyn Write) -> io::Result<u64> {
    let mut written = 0;
    for table in format.tables() {
        for places in tables.in_order(*table).chunks(AT_ONCE) {
            let parts: Vec<io::Result<Vec<u8>>> =
                places.par_chunks(BY_ONE).map(|places| lines(tables, *table, format, said, places)).collect();
            for part in parts {
                out.write_all(&part?)?;
            }
            written += places.len() as u64;
        }
    }
    Ok(written)
}

fn lines(tables: &Tables, table: Table, format: Format, said: &Said<'_>, places: &[Place]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for place in places {
        let event = Event::of(table, &Row::of(tables, *place), said);
        format.line(&event, said, &mut bytes)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}
