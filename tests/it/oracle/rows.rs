//! Rows without files: made in memory, learned from in parts, judged.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use tokentrail::apps::Register;
use tokentrail::batch::{Batch, Column, Kind, NO_ID, NO_NUMBER, Role, Table};
use tokentrail::detector::Detector;
use tokentrail::dictionary::Dictionary;
use tokentrail::engine::{Partial, Scan, Window};
use tokentrail::finding::Finding;
use tokentrail::ingest::{Export, Limits};
use tokentrail::lists::{Class, Lists};
use tokentrail::schema::Schemas;
use tokentrail::settings::Values;
use tokentrail::value::{Time, Zone};

use super::random::Random;

/// Lists for all made-up rows: a few addresses for the oracle, with dates, and networks of the made-up world, without.
pub(crate) const LISTS: &str = "value,kind,class,confidence,name,valid-from,valid-until
192.0.2.0/30,,,weak,Wide,2025-06-02,2025-06-02T00:00:08Z
192.0.2.2,,,strong,Dated,2025-06-02T00:00:05Z,2025-06-02T00:00:10Z
192.0.2.3,,indicator,strong,Always,,
192.0.2.4,,,strong,Never now,2025-06-01T23:59:51Z,2025-06-01T23:59:52Z
192.0.2.5,,anonymiser,strong,Exits,,
10.0.100.0/22,,,strong,World,,
10.0.120.0/21,,,weak,World,,
10.0.136.0/21,,,strong,World,,
10.0.104.0/21,,anonymiser,strong,Exits,,
10.0.112.0/21,,anonymiser,weak,Exits,,
curl/8.4,user-agent,indicator,strong,Tools,,
Chat,app-name,indicator,weak,Names,,
";

/// How many exports the rows say they come from.
pub(crate) const EXPORTS: u32 = 3;

/// A row of a table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) table: Table,
    pub(crate) export: u32,
    /// No two rows of a case have the same one.
    pub(crate) record: u64,
    numbers: BTreeMap<Role, Option<i64>>,
    texts: BTreeMap<Role, Option<String>>,
}

impl Row {
    /// A row without values; [`place_at_random`] gives it its place.
    pub(crate) fn of(table: Table) -> Self {
        Self { table, export: 0, record: 0, numbers: BTreeMap::new(), texts: BTreeMap::new() }
    }

    /// With a column for a time or number, and a value in it if there is one.
    pub(crate) fn with(mut self, role: Role, number: impl Into<Option<i64>>) -> Self {
        self.numbers.insert(role, number.into());
        self
    }

    /// With a column for a string, and a value in it if there is one.
    pub(crate) fn with_text<'a>(mut self, role: Role, text: impl Into<Option<&'a str>>) -> Self {
        self.texts.insert(role, text.into().map(str::to_owned));
        self
    }

    pub(crate) fn number(&self, role: Role) -> Option<i64> {
        self.numbers.get(&role).copied().flatten()
    }

    pub(crate) fn text(&self, role: Role) -> Option<&str> {
        self.texts.get(&role).and_then(Option::as_deref)
    }

    /// Whether its export has a column for this.
    pub(crate) fn has(&self, role: Role) -> bool {
        self.numbers.contains_key(&role) || self.texts.contains_key(&role)
    }

    /// The row on one line.
    pub(crate) fn told(&self) -> String {
        let numbers = self.numbers.iter().map(|(role, number)| format!("{}={number:?}", role.name()));
        let texts = self.texts.iter().map(|(role, text)| format!("{}={text:?}", role.name()));
        let cells = numbers.chain(texts).collect::<Vec<_>>().join(" ").replace("Some(", "").replace(')', "");
        format!("{} {}:{} {cells}", self.table.name(), self.export, self.record)
    }

    /// Whether two rows can stand in one block.
    fn fits(&self, other: &Self) -> bool {
        (self.table, self.export) == (other.table, other.export)
            && self.numbers.keys().eq(other.numbers.keys())
            && self.texts.keys().eq(other.texts.keys())
    }

    /// The time; long before all others where the row has none.
    pub(crate) fn time(&self) -> i64 {
        self.number(Role::Time).unwrap_or(Time::EARLIEST.0)
    }

    /// What orders rows: time first, then the place in the exports.
    pub(crate) fn place(&self) -> (i64, u32, u64) {
        (self.time(), self.export, self.record)
    }
}

/// Gives rows their records and exports, in an order that has nothing to do with time.
pub(crate) fn place_at_random(rows: &mut [Row], random: &mut Random) {
    random.shuffle(rows);
    for (record, row) in (1..).zip(rows) {
        row.record = record;
        row.export = u32::try_from(random.below(EXPORTS as usize)).unwrap();
    }
}

/// Rows by subject, in the order given.
pub(crate) fn by_subject<'r>(rows: &[&'r Row], roles: &[Role]) -> BTreeMap<Vec<Option<&'r str>>, Vec<&'r Row>> {
    let mut subjects: BTreeMap<Vec<Option<&str>>, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        subjects.entry(roles.iter().map(|role| row.text(*role)).collect()).or_default().push(row);
    }
    subjects
}

/// How rows are judged.
pub(crate) struct Stage<'a> {
    pub(crate) detectors: &'a [&'static Detector],
    pub(crate) register: &'a Register,
    pub(crate) since: Option<Time>,
    pub(crate) as_of: Option<Time>,
    pub(crate) midnight: Option<Zone>,
}

impl Stage<'_> {
    /// Learns from each part on its own, merges in any order, and judges.
    pub(crate) fn findings(&self, parts: &[Vec<Row>], random: &mut Random) -> Vec<Finding> {
        let values = Values::defaults(self.detectors);
        let schemas = Schemas::embedded().unwrap();
        let name = |number: u32| format!("no such export {number}");
        let export = |number| Export { path: name(number).into(), name: name(number), size: 0, member: None };
        let exports: Vec<Export> = (0..EXPORTS).map(export).collect();
        let scan = Scan {
            exports: &exports,
            schemas: &schemas,
            detectors: self.detectors,
            values: &values,
            register: self.register,
            lists: Self::lists(),
            networks: Arc::default(),
            resolve_apps: false,
            org: None,
            zone: self.midnight,
            idle_by_date: self.midnight.is_some(),
            window: self.since.map_or_else(Window::default, Window::Since),
            as_of: self.as_of,
            threads: 1,
            limits: Limits::default(),
            memory: None,
            taken: Arc::default(),
        };
        let mut partials: Vec<Partial> = parts.iter().map(|rows| learned(rows, &scan, random)).collect();
        while partials.len() > 1 {
            let other = partials.swap_remove(random.below(partials.len()));
            let own = partials.swap_remove(random.below(partials.len()));
            partials.push(own.merge(other));
        }
        let hashes = vec![String::new(); exports.len()];
        partials.remove(0).finish(&scan, &hashes).unwrap().findings
    }

    /// The made-up lists.
    fn lists() -> Arc<Lists> {
        static READ: OnceLock<Arc<Lists>> = OnceLock::new();
        let read = || {
            let folder = tempfile::tempdir().unwrap();
            // A list goes by its file's name.
            let path = folder.path().join("lists.csv");
            std::fs::write(&path, LISTS).unwrap();
            Arc::new(Lists::default().with_file(&path, Class::Indicator).unwrap())
        };
        Arc::clone(READ.get_or_init(read))
    }
}

fn learned(rows: &[Row], scan: &Scan<'_>, random: &mut Random) -> Partial {
    let mut partial = Partial::new(scan);
    let mut dictionary = Dictionary::default();
    let block = random.pick(&[1, 3, 1000]);
    for rows in rows.chunk_by(Row::fits) {
        for rows in rows.chunks(block) {
            partial.observe(batch(rows, &mut dictionary), &dictionary);
        }
    }
    partial.dictionary = dictionary;
    partial
}

fn batch(rows: &[Row], dictionary: &mut Dictionary) -> Batch {
    let mut batch = Batch::new(rows[0].table, rows[0].export);
    batch.records = rows.iter().map(|row| row.record).collect();
    batch.offsets = rows.iter().map(|row| 100 * row.record).collect();
    batch.identities = rows.iter().map(|row| u128::from(row.record)).collect();
    for &role in Role::ALL {
        *batch.column_mut(role) = match role.kind() {
            _ if !rows[0].has(role) => Column::Absent,
            Kind::Key => Column::Absent,
            Kind::Text => Column::Ids(
                rows.iter()
                    .map(|row| row.text(role).map_or(NO_ID, |text| dictionary.id(role.domain(), text)))
                    .collect(),
            ),
            _ => Column::Numbers(rows.iter().map(|row| row.number(role).unwrap_or(NO_NUMBER)).collect()),
        };
    }
    batch
}

/// The records of the first and, if that is another one, the last of some rows in order.
pub(crate) fn ends(rows: &[&Row]) -> Vec<u64> {
    let mut ends: Vec<u64> = [rows.first(), rows.last()].into_iter().flatten().map(|row| row.record).collect();
    ends.dedup();
    ends
}
