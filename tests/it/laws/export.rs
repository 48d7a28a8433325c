//! Rows as exports, in every format that can be read.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::Int32Type;
use arrow::ipc::writer::StreamWriter;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use serde_json::{Map, Value, json};
use tokentrail::batch::{Kind, Role, Table};
use tokentrail::value::Time;

use crate::ingest::zipped;
use crate::oracle::rows::Row;

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    /// With semicolons, a byte order mark and line ends of two bytes, as spreadsheets save it.
    Spreadsheet,
    Array,
    /// As the REST API answers a query.
    QueryResult,
    Lines,
    /// As events of a streaming API.
    Stream,
    /// Queried page by page.
    Pages,
    Parquet,
    Arrow,
}

/// How it is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
    Zip,
}

impl Format {
    pub(super) const ALL: [Self; 9] = [
        Self::Csv,
        Self::Spreadsheet,
        Self::Array,
        Self::QueryResult,
        Self::Lines,
        Self::Stream,
        Self::Pages,
        Self::Parquet,
        Self::Arrow,
    ];

    /// Parquet and Arrow have compression of their own.
    pub(super) fn is_text(self) -> bool {
        !matches!(self, Self::Parquet | Self::Arrow)
    }

    pub(super) fn ending(self, compression: Compression) -> String {
        let ending = match self {
            Self::Csv | Self::Spreadsheet => "csv",
            Self::Array | Self::QueryResult | Self::Pages => "json",
            Self::Lines | Self::Stream => "ndjson",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        };
        let more = match compression {
            Compression::None => "",
            Compression::Gzip => ".gz",
            Compression::Zstd => ".zst",
            Compression::Zip => ".zip",
        };
        format!("{ending}{more}")
    }

    /// Rows of one table as the bytes of a file.
    pub(super) fn bytes(self, rows: &[&Row], compression: Compression) -> Vec<u8> {
        let text = match self {
            Self::Csv => csv(rows, ",", "\n"),
            Self::Spreadsheet => format!("\u{feff}{}", csv(rows, ";", "\r\n")),
            Self::Array => serde_json::to_string_pretty(&objects(rows)).unwrap(),
            Self::QueryResult => json!({ "totalSize": rows.len(), "done": true, "records": objects(rows) }).to_string(),
            Self::Lines => objects(rows).iter().map(|object| object.to_string() + "\n").collect(),
            Self::Stream => objects(rows)
                .iter()
                .map(|object| json!({ "channel": "/event/x", "data": { "payload": object } }).to_string() + "\n")
                .collect(),
            Self::Pages => objects(rows)
                .chunks(7)
                .map(|page| json!({ "totalSize": rows.len(), "records": page }).to_string() + "\n")
                .collect(),
            Self::Parquet | Self::Arrow => return columnar(self, rows),
        };
        match compression {
            Compression::None => text.into_bytes(),
            Compression::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(text.as_bytes()).unwrap();
                encoder.finish().unwrap()
            }
            Compression::Zstd => zstd::encode_all(text.as_bytes(), 1).unwrap(),
            Compression::Zip => zipped(&[("export.csv", text.as_bytes())]),
        }
    }
}

type Columns = &'static [(&'static str, Role)];

const CALLS: Columns = &[
    ("EventIdentifier", Role::EventId),
    ("EventDate", Role::Time),
    ("UserId", Role::User),
    ("Username", Role::Username),
    ("Application", Role::App),
    ("SourceIp", Role::SourceIp),
    ("ApiType", Role::ApiFamily),
    ("Operation", Role::Operation),
    ("RowsReturned", Role::Rows),
    ("SessionKey", Role::Session),
    ("LoginHistoryId", Role::LoginHistoryId),
    ("UserAgent", Role::Client),
    ("QueriedEntities", Role::Objects),
    ("Query", Role::Query),
    ("Uri", Role::Endpoint),
    ("Refused", Role::Refusal),
];
const JOBS: Columns = &[
    ("TIMESTAMP_DERIVED", Role::Time),
    ("USER_ID_DERIVED", Role::User),
    ("CLIENT_IP", Role::SourceIp),
    ("JOB_ID", Role::Job),
    ("OPERATION_TYPE", Role::Operation),
    ("JOB_STATUS", Role::Action),
    ("ENTITY_TYPE", Role::Objects),
    ("RECORDS_PROCESSED", Role::Rows),
    ("ORGANIZATION_ID", Role::Org),
];
const LOGINS: Columns = &[
    ("Id", Role::EventId),
    ("LoginTime", Role::Time),
    ("UserId", Role::User),
    ("Username", Role::Username),
    ("Application", Role::App),
    ("SourceIp", Role::SourceIp),
    ("LoginType", Role::LoginType),
    ("LoginSubType", Role::LoginSubtype),
    ("Status", Role::Status),
];
const PLACED_LOGINS: Columns = &[
    ("EventIdentifier", Role::EventId),
    ("EventDate", Role::Time),
    ("UserId", Role::User),
    ("Username", Role::Username),
    ("Application", Role::App),
    ("SourceIp", Role::SourceIp),
    ("LoginType", Role::LoginType),
    ("LoginSubType", Role::LoginSubtype),
    ("Status", Role::Status),
    ("LoginLatitude", Role::Latitude),
    ("LoginLongitude", Role::Longitude),
];
const TOKENS: Columns = &[
    ("LastUsedDate", Role::LastUsed),
    ("CreatedDate", Role::Created),
    ("UserId", Role::User),
    ("User.Username", Role::Username),
    ("AppName", Role::App),
    ("UseCount", Role::UseCount),
    ("DeleteToken", Role::Token),
    ("AppMenuItemId", Role::MenuItem),
];
const SESSIONS: Columns = &[
    ("EventIdentifier", Role::EventId),
    ("EventDate", Role::Time),
    ("DELEGATED_USER_ID", Role::User),
    ("DELEGATED_USER_NAME", Role::Username),
    ("USER_ID", Role::Target),
    ("SourceIp", Role::SourceIp),
];
const ANOMALIES: Columns = &[
    ("EventIdentifier", Role::EventId),
    ("EventDate", Role::Time),
    ("UserId", Role::User),
    ("Username", Role::Username),
    ("SourceIp", Role::SourceIp),
    ("Score", Role::Score),
    ("Summary", Role::Reason),
    ("QueriedEntities", Role::Objects),
];
const USERS: Columns = &[
    ("Id", Role::User),
    ("Username", Role::Username),
    ("IsActive", Role::Active),
    ("Profile.Name", Role::Profile),
    ("Profile.PermissionsModifyAllData", Role::ModifiesAll),
    ("LastModifiedDate", Role::Modified),
];
const SETUP_CHANGES: Columns = &[
    ("Id", Role::EventId),
    ("CreatedDate", Role::Time),
    ("CreatedById", Role::User),
    ("CreatedBy.Username", Role::Username),
    ("Action", Role::Action),
    ("Display", Role::Change),
];
const ASSERTIONS: Columns = &[
    ("received", Role::Time),
    ("iss", Role::Issuer),
    ("sub", Role::Principal),
    ("aud", Role::Audience),
    ("iat", Role::IssuedAt),
    ("exp", Role::ExpiresAt),
    ("jti", Role::AssertionId),
    ("source_ip", Role::SourceIp),
    ("outcome", Role::Outcome),
];

fn columns(row: &Row) -> Columns {
    match row.table {
        Table::Logins if row.has(Role::Latitude) => PLACED_LOGINS,
        Table::Calls if row.text(Role::Log) == Some("BulkApi2") => JOBS,
        Table::Calls => CALLS,
        Table::Logins => LOGINS,
        Table::Tokens => TOKENS,
        Table::Assertions => ASSERTIONS,
        Table::Sessions => SESSIONS,
        Table::Anomalies => ANOMALIES,
        Table::Users => USERS,
        Table::SetupChanges => SETUP_CHANGES,
        table => unreachable!("the made-up world has no {}", table.name()),
    }
}

fn cell(row: &Row, role: Role) -> Option<String> {
    match role.kind() {
        Kind::Time => row.number(role).map(|time| Time(time).to_string()),
        Kind::Number if is_fraction(role) => row.number(role).map(|number| degrees(number).to_string()),
        // Held in millionths.
        Kind::Number if role == Role::Score => row.number(role).map(|number| (number / 1_000_000).to_string()),
        Kind::Number => row.number(role).map(|number| number.to_string()),
        Kind::Text | Kind::Key => row.text(role).map(str::to_owned),
    }
}

fn is_fraction(role: Role) -> bool {
    matches!(role, Role::Latitude | Role::Longitude)
}

/// The world's places are on whole and half degrees.
fn degrees(millionths: i64) -> f64 {
    f64::from(i32::try_from(millionths).unwrap()) / 1e6
}

fn csv(rows: &[&Row], delimiter: &str, line_end: &str) -> String {
    let columns = columns(rows[0]);
    let header = columns.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>().join(delimiter);
    let quoted = |cell: Option<String>| cell.map_or(String::new(), |cell| format!("\"{}\"", cell.replace('"', "\"\"")));
    let line =
        |row: &&Row| columns.iter().map(|(_, role)| quoted(cell(row, *role))).collect::<Vec<_>>().join(delimiter);
    std::iter::once(header).chain(rows.iter().map(line)).map(|line| line + line_end).collect()
}

/// Times and numbers as they are, strings in dictionaries and plain.
fn columnar(format: Format, rows: &[&Row]) -> Vec<u8> {
    let array = |place: usize, role: Role| -> ArrayRef {
        match role.kind() {
            Kind::Time => Arc::new(rows.iter().map(|row| row.number(role)).collect::<TimestampMicrosecondArray>()),
            Kind::Number if is_fraction(role) => {
                Arc::new(rows.iter().map(|row| row.number(role).map(degrees)).collect::<Float64Array>())
            }
            Kind::Number if role == Role::Score => {
                Arc::new(rows.iter().map(|row| Some(row.number(role)? / 1_000_000)).collect::<Int64Array>())
            }
            Kind::Number => Arc::new(rows.iter().map(|row| row.number(role)).collect::<Int64Array>()),
            _ if place.is_multiple_of(2) => Arc::new(rows.iter().map(|row| cell(row, role)).collect::<StringArray>()),
            _ => {
                let cells: Vec<Option<String>> = rows.iter().map(|row| cell(row, role)).collect();
                Arc::new(cells.iter().map(Option::as_deref).collect::<DictionaryArray<Int32Type>>())
            }
        }
    };
    let columns = columns(rows[0]).iter().enumerate();
    let columns = columns.map(|(place, (name, role))| (*name, array(place, *role), true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let mut bytes = Vec::new();
    if format == Format::Arrow {
        let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
    } else {
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(50)).build();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }
    bytes
}

fn objects(rows: &[&Row]) -> Vec<Value> {
    rows.iter().map(|row| object(row)).collect()
}

fn object(row: &Row) -> Value {
    let mut object = Map::new();
    object.insert("attributes".to_owned(), json!({ "type": row.table.name() }));
    for (name, role) in columns(row) {
        let value = match role.kind() {
            Kind::Number if is_fraction(*role) => json!(row.number(*role).map(degrees)),
            Kind::Number if *role == Role::Score => json!(row.number(*role).map(|number| number / 1_000_000)),
            Kind::Number => json!(row.number(*role)),
            _ => json!(cell(row, *role)),
        };
        match name.split_once('.') {
            Some((outer, inner)) => object.entry(outer).or_insert_with(|| json!({}))[inner] = value,
            None => drop(object.insert((*name).to_owned(), value)),
        }
    }
    Value::Object(object)
}
