//! Exports read as the engine reads them, with the rows themselves to look at. The fuzz target (`fuzz/`) is built with
//! this file too, so it knows nothing but the library.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use tokentrail::apps::Register;
use tokentrail::batch::{Batch, Kind, Role, Table};
use tokentrail::ingest::{
    Counts, Demand, Export, Feed, Limits, Problem, QuarantinedRow, Shaper, Turns, discover, read_back,
};
use tokentrail::schema::Schemas;
use tokentrail::value::{Time, Zone};

/// How to read; `Default` is what a user gets who says nothing.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    pub(crate) zone: Option<Zone>,
    pub(crate) limits: Limits,
    pub(crate) threads: usize,
}

/// What became of some exports.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) rows: Vec<Row>,
    pub(crate) quarantined: Vec<QuarantinedRow>,
    pub(crate) counts: BTreeMap<String, Counts>,
    pub(crate) problems: Vec<Problem>,
    /// For each row the number of its export, and what it is told apart by.
    origins: Vec<(u32, u128)>,
    /// How long all texts in the rows are together, each counted once for every role that it has.
    pub(crate) text_bytes: usize,
    exports: Vec<Export>,
}

/// A row as detectors see it. Exports go by their file names. Equal texts are one, as they are in a dictionary.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) export: String,
    pub(crate) record: u64,
    pub(crate) offset: u64,
    pub(crate) cells: BTreeMap<Role, Arc<str>>,
}

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::embedded().unwrap());
static REGISTER: LazyLock<Register> = LazyLock::new(Register::default);

/// Everything.
static DEMAND: LazyLock<Demand> = LazyLock::new(|| {
    let mut demand = Demand::default();
    demand.add(&Table::ALL, Role::ALL.iter().copied());
    demand
});

impl Default for Reader {
    fn default() -> Self {
        Self { zone: None, limits: Limits::default(), threads: 1 }
    }
}

impl Reader {
    pub(crate) fn in_blocks_of(block_bytes: usize) -> Self {
        Self { limits: Limits { block_bytes, ..Limits::default() }, ..Self::default() }
    }

    /// Reads files of these names and contents.
    pub(crate) fn texts(&self, files: &[(&str, &[u8])]) -> Read {
        let folder = folder_of(files);
        self.paths(&[folder.path().to_owned()])
    }

    /// Reads files and folders.
    pub(crate) fn paths(&self, paths: &[PathBuf]) -> Read {
        let (exports, mut problems) = discover(paths);
        let feed = Feed::new(&exports, &SCHEMAS, &DEMAND, self.limits);
        let mut quarantined = Vec::new();
        let turns = Turns::new(&mut quarantined);
        let made: Vec<Rows> = std::thread::scope(|scope| {
            let work = || self.work(&feed, &turns, &exports);
            let others: Vec<_> = (1..self.threads).map(|_| scope.spawn(work)).collect();
            let own = work();
            std::iter::once(own).chain(others.into_iter().map(|worker| worker.join().unwrap())).collect()
        });
        let (counts, barren) = turns.finish(&feed);
        problems.extend(feed.problems());
        problems.extend(barren);
        // Two workers tell of two small exports in any order.
        problems.sort();
        let text_bytes = made.iter().flat_map(|rows| rows.texts.values()).map(|text| text.len()).sum();
        let mut rows: Vec<_> = made.into_iter().flat_map(|rows| rows.rows).collect();
        rows.sort_by_key(|(row, (export, _))| (*export, row.record));
        let (rows, origins) = rows.into_iter().unzip();
        let read = Read { rows, quarantined, counts, problems, origins, text_bytes, exports };
        read.nothing_is_lost();
        read
    }

    /// What one worker makes of its blocks.
    fn work(&self, feed: &Feed<'_>, turns: &Turns<'_>, exports: &[Export]) -> Rows {
        let mut shaper = Shaper::new(&DEMAND, &REGISTER, self.zone);
        let (mut buffer, mut rows) = (Vec::new(), Rows::default());
        while let Some(shaped) = feed.next(&mut shaper, &mut buffer) {
            for batch in turns.take(shaped, exports) {
                rows.add(&batch, exports, &shaper);
            }
        }
        rows
    }
}

/// The rows of a worker and their origins.
#[derive(Default)]
struct Rows {
    rows: Vec<(Row, (u32, u128))>,
    texts: HashMap<(Role, u32), Arc<str>>,
}

impl Rows {
    fn add(&mut self, batch: &Batch, exports: &[Export], shaper: &Shaper<'_>) {
        let export = file_name(&exports[batch.export as usize].name);
        for row in 0..batch.rows() {
            let mut cell = |role: Role| -> Option<Arc<str>> {
                match role.kind() {
                    Kind::Time => batch.number(role, row).map(|micros| Time(micros).to_string().into()),
                    Kind::Number => batch.number(role, row).map(|number| number.to_string().into()),
                    Kind::Text | Kind::Key => {
                        let id = batch.id(role, row);
                        let text = shaper.dictionary.role_text(role, id)?;
                        Some(Arc::clone(self.texts.entry((role, id)).or_insert_with(|| text.into())))
                    }
                }
            };
            let cells = Role::ALL.iter().filter_map(|role| Some((*role, cell(*role)?))).collect();
            let (record, offset) = (batch.records[row], batch.offsets[row]);
            let origin = (batch.export, batch.identities[row]);
            self.rows.push((Row { export: export.clone(), record, offset, cells }, origin));
        }
    }
}

impl Read {
    /// One file, which is called `export.csv` or the like, read by default.
    pub(crate) fn of(ending: &str, bytes: impl AsRef<[u8]>) -> Self {
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
        let rows = self.rows.iter().zip(&self.origins);
        let mut places: Vec<_> =
            rows.map(|(row, (export, _))| (self.exports[*export as usize].name.as_str(), row.record)).collect();
        places.extend(self.quarantined.iter().map(|row| (row.export.as_str(), row.record)));
        let count = places.len();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), count, "a record number stands for one record");
    }

    /// Every row can be read again where it stands, as long as the files are there, and is the same event.
    pub(crate) fn can_be_read_back(&self) {
        for (number, export) in (0..).zip(&self.exports) {
            let name = &export.name;
            let own = self.rows.iter().zip(&self.origins).filter(|(_, (export, _))| *export == number);
            let expected: Vec<(u64, u128)> = own.map(|(row, (_, identity))| (row.offset, *identity)).collect();
            if expected.is_empty() {
                continue;
            }
            let offsets: Vec<u64> = expected.iter().map(|(offset, _)| *offset).collect();
            let again = read_back(export, &offsets, &SCHEMAS, &DEMAND, &REGISTER, None);
            let again = again.unwrap_or_else(|error| panic!("{name}: {offsets:?}: {error}; {:?}", self.problems));
            let again: Vec<(u64, u128)> = again.iter().map(|record| (record.offset, record.identity)).collect();
            assert_eq!(again, expected, "{name} is read back as it was read");
        }
    }

    pub(crate) fn total(&self, of: impl Fn(&Counts) -> u64) -> u64 {
        self.counts.values().map(of).sum()
    }

    /// `(read, used, quarantined, repeated)` of all event types together.
    pub(crate) fn sums(&self) -> (u64, u64, u64, u64) {
        let quarantined = |counts: &Counts| counts.quarantined.values().sum();
        let (read, used) = (self.total(|counts| counts.read), self.total(|counts| counts.used));
        (read, used, self.total(quarantined), self.total(|counts| counts.repeated))
    }

    /// Nothing was wrong at all.
    #[track_caller]
    pub(crate) fn clean(self) -> Self {
        assert_eq!(self.problems, [], "{:?}", self.quarantined);
        assert_eq!(self.quarantined, [], "no row is quarantined");
        self
    }

    /// The cells of a role, row by row.
    pub(crate) fn cells(&self, role: Role) -> Vec<&str> {
        self.rows.iter().map(|row| row.cell(role)).collect()
    }
}

impl Row {
    /// The cell of a role; empty where there is none.
    pub(crate) fn cell(&self, role: Role) -> &str {
        self.cells.get(&role).map_or("", |cell| cell)
    }
}

pub(crate) fn folder_of(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

pub(crate) fn file_name(path: &str) -> String {
    Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned()
}
