//! Reading: every export form gives the same rows, and nothing is dropped without being counted.
//!
//! Exports are read here as the engine reads them, but the rows themselves are looked at, not what detectors make of
//! them. [`Read::of`] also holds every single reading against the promise `read = used + quarantined + repeated`.

mod any_bytes;
mod archives;
mod codes;
mod columnar;
mod compressed;
mod csv;
mod envelopes;
mod event_types;
mod evidence;
mod files;
mod headers;
mod json;
mod layouts;
mod mixed;
mod quarantine;
mod repeats;
mod times;
mod two_ways;
mod values;

pub(crate) use archives::zipped;
pub(crate) use compressed::{gzip, zstd};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tokentrail::apps::Register;
use tokentrail::batch::{Batch, Kind, Role, Table};
use tokentrail::dictionary::Dictionary;
use tokentrail::ingest::{Counts, Demand, Export, Feed, Limits, Problem, QuarantinedRow, Shaper, Turns, discover};
use tokentrail::schema::Schemas;
use tokentrail::value::{Time, Zone};

/// How to read; `Default` is what a user gets who says nothing.
#[derive(Clone, Copy, Default)]
struct Reader {
    zone: Option<Zone>,
    limits: Limits,
}

/// What became of some exports.
#[derive(Debug)]
struct Read {
    rows: Vec<Row>,
    quarantined: Vec<QuarantinedRow>,
    counts: BTreeMap<String, Counts>,
    problems: Vec<Problem>,
}

/// A row as detectors see it. Exports go by their file names.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    export: String,
    record: u64,
    offset: u64,
    cells: BTreeMap<Role, String>,
}

impl Reader {
    fn in_blocks_of(block_bytes: usize) -> Self {
        Self { limits: Limits { block_bytes, ..Limits::default() }, ..Self::default() }
    }

    /// Reads files of these names and contents.
    fn texts(&self, files: &[(&str, &[u8])]) -> Read {
        let folder = folder_of(files);
        self.paths(&[folder.path().to_owned()])
    }

    /// Reads files and folders.
    fn paths(&self, paths: &[PathBuf]) -> Read {
        let (exports, mut problems) = discover(paths);
        let schemas = Schemas::embedded().unwrap();
        let mut demand = Demand::default();
        demand.add(&Table::ALL, Role::ALL.iter().copied());
        let register = Register::default();
        let feed = Feed::new(&exports, &schemas, &demand, self.limits);
        let mut quarantined = Vec::new();
        let turns = Turns::new(&mut quarantined);
        let mut shaper = Shaper::new(&demand, &register, self.zone);
        let (mut buffer, mut rows) = (Vec::new(), Vec::new());
        while let Some(shaped) = feed.next(&mut shaper, &mut buffer) {
            let mut block: Vec<Row> = Vec::new();
            for batch in turns.take(shaped, &exports) {
                block.extend((0..batch.rows()).map(|row| Row::of(&batch, row, &exports, &shaper.dictionary)));
            }
            // A block of several event types comes as several batches.
            block.sort_by_key(|row| row.record);
            rows.extend(block);
        }
        let (counts, barren) = turns.finish(&feed);
        problems.extend(feed.problems());
        problems.extend(barren);
        let read = Read { rows, quarantined, counts, problems };
        read.nothing_is_lost();
        read
    }
}

impl Read {
    /// One file, which is called `export.csv` or the like, read by default.
    fn of(ending: &str, bytes: impl AsRef<[u8]>) -> Self {
        Reader::default().texts(&[(&format!("export.{ending}"), bytes.as_ref())])
    }

    /// What every reading of whatever input keeps.
    fn nothing_is_lost(&self) {
        let mut used = 0;
        for (event_type, counts) in &self.counts {
            let quarantined: u64 = counts.quarantined.values().sum();
            assert_eq!(counts.read, counts.used + quarantined + counts.repeated, "{event_type}: {counts:?}");
            used += counts.used;
        }
        assert_eq!(used, self.rows.len() as u64);
        assert_eq!(self.total(|counts| counts.quarantined.values().sum()), self.quarantined.len() as u64);
        let mut places: Vec<_> = self.rows.iter().map(|row| (row.export.clone(), row.record)).collect();
        places.extend(self.quarantined.iter().map(|row| (file_name(&row.export), row.record)));
        let count = places.len();
        places.sort();
        places.dedup();
        assert_eq!(places.len(), count, "a record number stands for one record");
    }

    fn total(&self, of: impl Fn(&Counts) -> u64) -> u64 {
        self.counts.values().map(of).sum()
    }

    /// `(read, used, quarantined, repeated)` of all event types together.
    fn sums(&self) -> (u64, u64, u64, u64) {
        let quarantined = |counts: &Counts| counts.quarantined.values().sum();
        let (read, used) = (self.total(|counts| counts.read), self.total(|counts| counts.used));
        (read, used, self.total(quarantined), self.total(|counts| counts.repeated))
    }

    /// Nothing was wrong at all.
    #[track_caller]
    fn clean(self) -> Self {
        assert_eq!(self.problems, [], "{:?}", self.quarantined);
        assert_eq!(self.quarantined, [], "no row is quarantined");
        self
    }

    /// The cells of a role, row by row.
    fn cells(&self, role: Role) -> Vec<&str> {
        self.rows.iter().map(|row| row.cell(role)).collect()
    }
}

impl Row {
    fn of(batch: &Batch, row: usize, exports: &[Export], dictionary: &Dictionary) -> Self {
        let cell = |role: Role| match role.kind() {
            Kind::Time => batch.number(role, row).map(|micros| Time(micros).to_string()),
            Kind::Number => batch.number(role, row).map(|number| number.to_string()),
            Kind::Text | Kind::Key => dictionary.role_text(role, batch.id(role, row)).map(str::to_owned),
        };
        Self {
            export: file_name(&exports[batch.export as usize].name),
            record: batch.records[row],
            offset: batch.offsets[row],
            cells: Role::ALL.iter().filter_map(|role| Some((*role, cell(*role)?))).collect(),
        }
    }

    /// The cell of a role; empty where there is none.
    fn cell(&self, role: Role) -> &str {
        self.cells.get(&role).map_or("", String::as_str)
    }
}

/// A call as it is before somebody exports it. Its texts have in them what export forms have to protect.
struct Call {
    id: &'static str,
    time: &'static str,
    user: &'static str,
    app: &'static str,
    address: &'static str,
    rows: &'static str,
    client: &'static str,
}

/// What `EventIdentifier` and so on are called in most exports; [`Call::cells`] has the same order.
const NAMES: [&str; 7] =
    ["EventIdentifier", "EventDate", "UserId", "Application", "SourceIp", "RowsReturned", "UserAgent"];

const CALLS: [Call; 3] = [
    Call {
        id: "11111111-0000-4000-8000-000000000001",
        time: "2025-08-17T11:11:55.214Z",
        user: "0055j000000utlPAAQ",
        app: "Drift",
        address: "192.0.2.17",
        rows: "58",
        client: "drift/1.0",
    },
    Call {
        id: "11111111-0000-4000-8000-000000000002",
        time: "2025-08-17T11:11:56.000Z",
        user: "0055j000000utlPAAQ",
        app: "Drift, \"beta\"; new",
        address: "2001:db8::17",
        rows: "0",
        client: "two\nlines, one \"quoted\"",
    },
    Call {
        id: "11111111-0000-4000-8000-000000000003",
        time: "2025-08-17T11:12:00.000Z",
        user: "0055j000000utlPAAQ",
        app: "Zeichnung für 東京 🪑",
        address: "198.51.100.7",
        rows: "63618",
        client: "a\ttab and a back\\slash",
    },
];

impl Call {
    fn cells(&self) -> [&'static str; 7] {
        [self.id, self.time, self.user, self.app, self.address, self.rows, self.client]
    }
}

/// All of [`CALLS`] are there, whole, in their order.
#[track_caller]
fn all_calls(read: Read) {
    let read = read.clean();
    let roles = [Role::Time, Role::User, Role::App, Role::SourceIp, Role::Rows, Role::Client];
    let is: Vec<Vec<&str>> = read.rows.iter().map(|row| roles.iter().map(|role| row.cell(*role)).collect()).collect();
    let should: Vec<Vec<&str>> = CALLS.iter().map(|call| call.cells()[1..].to_vec()).collect();
    assert_eq!(is, should);
    let records: Vec<u64> = read.rows.iter().map(|row| row.record).collect();
    assert_eq!(records, [1, 2, 3]);
}

fn folder_of(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn file_name(path: &str) -> String {
    Path::new(path).file_name().unwrap().to_string_lossy().into_owned()
}
