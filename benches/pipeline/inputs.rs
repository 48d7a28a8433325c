//! The exports that the benchmarks read: invented, the same on every run. Not the sample: that one is small, and its
//! findings are what it is about.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use tempfile::TempDir;
use tokentrail::batch::Table;
use tokentrail::value::Time;
use tokentrail::value::time::{DAY, SECOND};

/// The exports that are read: one of each table as CSV, and the calls in other forms too.
pub(crate) struct Inputs {
    folder: TempDir,
}

impl Inputs {
    /// Writes them all into a temporary folder.
    pub(crate) fn made() -> io::Result<Self> {
        let inputs = Self { folder: tempfile::tempdir()? };
        let calls = csv(CALLS, call);
        let mut gz =
            GzEncoder::new(File::create(inputs.export(Table::Calls, "csv.gz"))?, flate2::Compression::default());
        gz.write_all(calls.as_bytes())?;
        gz.finish()?;
        fs::write(inputs.export(Table::Calls, "csv.zst"), zstd::encode_all(calls.as_bytes(), 3)?)?;
        inputs.write_parquet().map_err(io::Error::other)?;
        fs::write(inputs.export(Table::Calls, "csv"), calls)?;
        fs::write(inputs.export(Table::Calls, "ndjson"), ndjson(CALLS, call))?;
        fs::write(inputs.export(Table::Logins, "csv"), csv(24_000, login))?;
        fs::write(inputs.export(Table::Tokens, "csv"), csv(24_000, token))?;
        fs::write(inputs.export(Table::Assertions, "csv"), csv(24_000, assertion))?;
        fs::write(inputs.apps(), apps())?;
        Ok(inputs)
    }

    /// The calls in columns, all of them texts.
    fn write_parquet(&self) -> parquet::errors::Result<()> {
        let rows: Vec<Row> = (0..CALLS).map(|number| call(&Act::new(number, CALLS))).collect();
        let column = |place: usize| -> ArrayRef {
            Arc::new(rows.iter().map(|row| Some(row[place].1.as_str())).collect::<StringArray>())
        };
        let columns = rows[0].iter().enumerate().map(|(place, (name, _))| (*name, column(place)));
        let table = RecordBatch::try_from_iter(columns)?;
        let compression = Compression::ZSTD(ZstdLevel::default());
        let properties = WriterProperties::builder().set_compression(compression).build();
        let file = File::create(self.export(Table::Calls, "parquet"))?;
        let mut writer = ArrowWriter::try_new(file, table.schema(), Some(properties))?;
        writer.write(&table)?;
        writer.close().map(|_| ())
    }

    /// What the apps in them were granted.
    pub(crate) fn apps(&self) -> PathBuf {
        self.folder.path().join("apps.toml")
    }

    /// All of them.
    pub(crate) fn exports(&self) -> Vec<PathBuf> {
        let calls = ["csv.gz", "csv.zst", "ndjson", "parquet"].map(|form| self.export(Table::Calls, form));
        let csv = TABLES.map(|table| self.export(table, "csv"));
        calls.into_iter().chain(csv).collect()
    }

    /// The export of a table in one form.
    pub(crate) fn export(&self, table: Table, form: &str) -> PathBuf {
        self.folder.path().join(format!("{}.{form}", table.name()))
    }

    /// How long the calls are in this form, before compression; in columns, as CSV.
    pub(crate) fn text_bytes(&self, form: &str) -> io::Result<u64> {
        let text = if form == "ndjson" { form } else { "csv" };
        Ok(fs::metadata(self.export(Table::Calls, text))?.len())
    }
}

/// The tables that detectors watch.
pub(crate) const TABLES: [Table; 4] = [Table::Calls, Table::Logins, Table::Tokens, Table::Assertions];

/// How many calls there are.
const CALLS: u64 = 64_000;
/// How many apps there are.
const APPS: u64 = 25;

/// Columns and their values.
type Row = Vec<(&'static str, String)>;

fn csv(rows: u64, row: fn(&Act) -> Row) -> String {
    let line = |cells: Vec<String>| format!("\"{}\"\n", cells.join("\",\""));
    let rows = (0..rows).map(|number| row(&Act::new(number, rows)));
    let header = line(row(&Act::new(0, 1)).iter().map(|(column, _)| (*column).to_owned()).collect());
    let lines = rows.map(|row| line(row.into_iter().map(|(_, cell)| cell).collect()));
    std::iter::once(header).chain(lines).collect()
}

fn ndjson(rows: u64, row: fn(&Act) -> Row) -> String {
    let cell = |(column, cell)| format!("\"{column}\":\"{cell}\"");
    let line = |row: Row| format!("{{{}}}\n", row.into_iter().map(cell).collect::<Vec<_>>().join(","));
    (0..rows).map(|number| line(row(&Act::new(number, rows)))).collect()
}

/// Who acts when and from where, for the row of this number.
struct Act {
    number: u64,
    time: Time,
    user: u64,
    app: u64,
    address: String,
}

impl Act {
    /// Rows are spread evenly over 37 days. A thousand users have an app and an address each; one row in a thousand
    /// comes from elsewhere.
    fn new(number: u64, rows: u64) -> Self {
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let time = Time(1_754_006_400 * SECOND + 37 * DAY / rows.cast_signed() * number.cast_signed());
        let (user, app) = (mixed % 1000, mixed % APPS);
        let network = if (mixed / 1000).is_multiple_of(1000) { "198.19" } else { "198.18" };
        let address = format!("{network}.{}.{app}", user / APPS);
        Self { number, time, user, app, address }
    }

    fn user_id(&self) -> String {
        format!("005Tr0001{:06}", self.user)
    }

    /// Tells rows apart.
    fn key(&self) -> String {
        format!("{:032x}", u128::from(self.number) * 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    }

    /// Seconds since 1970, so much later.
    fn seconds_after(&self, seconds: i64) -> String {
        (self.time.0 / SECOND + seconds).to_string()
    }
}

fn call(act: &Act) -> Row {
    vec![
        ("EventIdentifier", act.key()),
        ("EventDate", act.time.to_string()),
        ("UserId", act.user_id()),
        ("Username", format!("user-{}@company.example", act.user)),
        ("ApiType", "REST".to_owned()),
        ("Application", app_name(act.app)),
        ("ConnectedAppId", app_id(act.app)),
        ("LoginKey", format!("login-{}-{}", act.user, act.time.day())),
        ("SessionKey", format!("session-{}-{}", act.user, act.time.day())),
        ("Operation", "Query".to_owned()),
        ("QueriedEntities", "Contact".to_owned()),
        ("Query", format!("SELECT Id, Name FROM Contact WHERE AccountId = '001Tr0001{:06}' LIMIT 200", act.number)),
        ("RowsProcessed", (act.number % 200).to_string()),
        ("RowsReturned", (act.number % 200).to_string()),
        ("SourceIp", act.address.clone()),
        ("UserAgent", format!("client/{}.0 (linux; x86_64)", act.app)),
    ]
}

fn login(act: &Act) -> Row {
    vec![
        ("LoginTime", act.time.to_string()),
        ("Id", format!("0YaTr0001{:06}", act.number)),
        ("UserId", act.user_id()),
        ("Username", format!("user-{}@company.example", act.user)),
        ("SourceIp", act.address.clone()),
        ("Application", app_name(act.app)),
        ("LoginType", "Remote Access 2.0".to_owned()),
        ("LoginSubType", "OAuth Refresh Token".to_owned()),
        ("Status", "Success".to_owned()),
    ]
}

fn token(act: &Act) -> Row {
    vec![
        ("AppName", app_name(act.app)),
        ("UserId", act.user_id()),
        ("CreatedDate", Time(act.time.0 - 100 * DAY).to_string()),
        ("LastUsedDate", act.time.to_string()),
        ("UseCount", act.user.to_string()),
        ("DeleteToken", act.key()),
    ]
}

fn assertion(act: &Act) -> Row {
    vec![
        ("iss", format!("consumer-key-{}", act.app)),
        ("sub", format!("user-{}@company.example", act.user)),
        ("aud", "https://login.salesforce.com".to_owned()),
        ("iat", act.seconds_after(-1)),
        ("exp", act.seconds_after(179)),
        ("jti", act.key()),
        ("received", act.time.to_string()),
        ("source_ip", act.address.clone()),
        ("outcome", if act.number.is_multiple_of(100) { "invalid_grant" } else { "ok" }.to_owned()),
    ]
}

/// What the apps were granted, as `apps.toml` says it.
fn apps() -> String {
    let app = |app| {
        let (name, id) = (app_name(app), app_id(app));
        format!("[[app]]\nname = \"{name}\"\nid = \"{id}\"\nscopes = [\"api\", \"openid\"]\n")
    };
    (0..APPS).map(app).collect()
}

fn app_name(app: u64) -> String {
    format!("App {app}")
}

fn app_id(app: u64) -> String {
    format!("0H4Tr0001{app:06}")
}
