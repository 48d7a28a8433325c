//! Secrets in exported text: which records hold keys, tokens and passwords that somebody who has read them can use.
//!
//! What is found is told by kind, place, length and a reference. The text of a secret stays in the function that finds it;
//! no output, no problem and no error has it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use sha2::{Digest, Sha256};

use crate::ingest::{AnyBlock, AnyExport, AnyForm, AnyRecord, Export, Limits, Problem};
use crate::value::id;

mod check;
mod ids;
mod objects;
mod report;
mod rules;

pub use check::Confidence;
pub use ids::Ids;
pub use report::{Hit, Report, Secret};
pub use rules::{Rule, Rules};

/// What to look through, and for what.
pub struct Search<'a> {
    /// Sorted by name.
    pub exports: &'a [Export],
    /// The kinds of secrets.
    pub rules: &'a Rules,
    /// Only these records; all if nothing is said.
    pub ids: Option<&'a Ids>,
    /// Workers.
    pub threads: usize,
    /// Caps of what is read.
    pub limits: Limits,
}

/// A secret in a cell, before it is told. There is no text of a secret in it.
struct Found {
    /// In its block, from 0.
    record: u64,
    offset: u64,
    id: Option<String>,
    object: Option<String>,
    column: String,
    rule: usize,
    confidence: Confidence,
    begins: String,
    length: usize,
    digest: [u8; 32],
}

/// What a block gives.
#[derive(Default)]
struct Looked {
    records: u64,
    searched: u64,
    found: Vec<Found>,
    /// Ids that were asked for.
    met: BTreeSet<String>,
    is_cut: bool,
}

/// Looks through all exports. The result does not depend on the number of workers.
///
/// # Errors
/// If workers cannot be started.
pub fn search(asked: &Search<'_>) -> io::Result<Report> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(asked.threads.max(1)).build().map_err(io::Error::other)?;
    Ok(pool.install(|| {
        let mut gathered =
            Gathered { asked, report: Report::default(), references: BTreeMap::new(), met: BTreeSet::new() };
        for export in asked.exports {
            gathered.export(export);
        }
        gathered.finish()
    }))
}

/// All that has been found so far.
struct Gathered<'a> {
    asked: &'a Search<'a>,
    report: Report,
    /// References by what they stand for: those of passwords take a while to make.
    references: BTreeMap<([u8; 32], bool), String>,
    met: BTreeSet<String>,
}

impl Gathered<'_> {
    fn export(&mut self, export: &Export) {
        let mut open = match AnyExport::open(export, &self.asked.limits, &std::sync::Arc::default()) {
            Ok(open) => open,
            Err(problem) => return self.report.problems.push(problem),
        };
        let form = Form::new(open.form(), self.asked.rules);
        self.report.exports += 1;
        self.add(export, header(&form, self.asked), 0);
        let mut records = 0;
        let mut is_cut = false;
        // While some blocks are looked through, the next ones are read.
        let mut blocks = some_blocks(&mut open, self.asked.threads);
        while !blocks.is_empty() {
            let look = || blocks.par_iter().map(|block| of_block(block, &form, self.asked)).collect::<Vec<_>>();
            let (looked, next) = rayon::join(look, || some_blocks(&mut open, self.asked.threads));
            for looked in looked {
                let before = records + 1;
                records += looked.records;
                is_cut |= looked.is_cut;
                self.add(export, looked, before);
            }
            blocks = next;
        }
        let what = match open.failure() {
            Some(failure) => format!("cannot be read any further, after {records} records: {failure}"),
            None if is_cut => {
                "ends within a record, or has a quote that is never closed: all of it was looked through, \
                               but records may be cut wrongly"
                    .to_owned()
            }
            None => return,
        };
        self.report.problems.push(Problem { export: export.name.clone(), offset: None, what, hint: None });
    }

    /// Takes in what a block gave, whose first record has this number.
    fn add(&mut self, export: &Export, looked: Looked, first: u64) {
        self.report.records += looked.records;
        self.report.searched += looked.searched;
        self.met.extend(looked.met);
        for found in looked.found {
            let rule = &self.asked.rules.all[found.rule];
            let reference =
                self.references.entry((found.digest, rule.weak)).or_insert_with(|| reference(found.digest, rule.weak));
            self.report.hits.push(Hit {
                export: export.name.clone(),
                record: first + found.record,
                offset: found.offset,
                id: found.id,
                object: found.object,
                column: found.column,
                kind: rule.id.clone(),
                severity: rule.severity,
                confidence: found.confidence,
                begins: found.begins,
                length: found.length,
                reference: reference.clone(),
            });
        }
    }

    fn finish(self) -> Report {
        let Self { asked, mut report, met, .. } = self;
        report.ids_missing = asked.ids.map(|ids| ids.len().saturating_sub(met.len()));
        report.tell_secrets(asked.rules);
        report
    }
}

fn some_blocks(open: &mut AnyExport, threads: usize) -> Vec<AnyBlock> {
    std::iter::from_fn(|| open.next_block()).take(threads.max(1) * 2).collect()
}

/// What is known of an export before its records are.
struct Form {
    form: AnyForm,
    /// Whether a column's name can be shown: the first line of a file without a header is a record.
    shown: Vec<bool>,
}

impl Form {
    fn new(form: AnyForm, rules: &Rules) -> Self {
        // Ids have digits and stand in records.
        let is_id =
            |name: &String| name.bytes().any(|byte| byte.is_ascii_digit()) && id::canonical(name.as_bytes()).is_some();
        let is_header = !form.columns.iter().any(is_id);
        let shown = form.columns.iter().map(|name| is_header && is_name(name, rules)).collect();
        Self { form, shown }
    }
}

/// Whether this is the name of a column and nothing that has to be hidden.
fn is_name(name: &str, rules: &Rules) -> bool {
    let is_kept = |letter: char| letter.is_ascii_alphanumeric() || " _.".contains(letter);
    let text = name.as_bytes();
    name.len() <= 80
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(is_kept)
        && name.chars().filter(char::is_ascii_digit).count() < 3
        && rules.matches(text, &rules.in_question(text)).is_empty()
}

/// Secrets in the first line, which is a record if somebody has left out the header.
fn header(form: &Form, asked: &Search<'_>) -> Looked {
    let cells = csv::ByteRecord::from(form.form.columns.iter().map(String::as_bytes).collect::<Vec<_>>());
    let record = AnyRecord { number: 0, offset: 0, id: None, object: None, cells: &cells, columns: &[] };
    let mut looked = Looked::default();
    if asked.ids.is_none() {
        of_record(&record, form, asked.rules, None, &mut looked);
    }
    looked
}

fn of_block(block: &AnyBlock, form: &Form, asked: &Search<'_>) -> Looked {
    let mut looked = Looked { is_cut: block.is_cut, ..Looked::default() };
    let mut last = None;
    let records = block.records(&form.form, &mut |record| {
        let id = record.id.and_then(id::canonical);
        if let Some(ids) = asked.ids {
            let Some(id) = id.as_ref().filter(|id| ids.contains(id)) else { return };
            looked.met.insert(id.clone());
        }
        // A record within a record is none by itself.
        looked.searched += u64::from(last.replace(record.number) != Some(record.number));
        of_record(record, form, asked.rules, id.as_deref(), &mut looked);
    });
    looked.records = records;
    looked
}

fn of_record(record: &AnyRecord<'_>, form: &Form, rules: &Rules, id: Option<&str>, looked: &mut Looked) {
    let in_question = rules.in_question(record.cells.as_slice());
    if in_question.is_empty() {
        return;
    }
    for (place, cell) in record.cells.iter().enumerate() {
        for found in rules.matches(cell, &in_question) {
            let (rule, secret) = (&rules.all[found.rule], &cell[found.start..found.end]);
            looked.found.push(Found {
                record: record.number,
                offset: record.offset,
                id: id.map(str::to_owned),
                object: record.object.map(str::to_owned).or_else(|| objects::of(id?).map(str::to_owned)),
                column: column(record, place, secret, form, rules),
                rule: found.rule,
                confidence: found.confidence,
                begins: begins(secret, rule.weak),
                length: secret.len(),
                digest: digest(secret),
            });
        }
    }
}

/// The column's name, unless it could be a secret: then its place.
fn column(record: &AnyRecord<'_>, place: usize, secret: &[u8], form: &Form, rules: &Rules) -> String {
    let is_shown = |name: &&String| {
        let is_known = form.shown.get(place).copied();
        let is_part = || memchr::memmem::find(secret, name.as_bytes()).is_some();
        !is_part() && is_known.unwrap_or_else(|| is_name(name, rules))
    };
    record.columns.get(place).filter(is_shown).cloned().unwrap_or_else(|| format!("column {}", place + 1))
}

/// Of long secrets that nobody chose, what tells kinds apart; nothing of others.
fn begins(secret: &[u8], is_weak: bool) -> String {
    const SHOWN: usize = 4;
    let is_long = secret.len() >= SHOWN * 4 && secret[..SHOWN].iter().all(u8::is_ascii_graphic);
    if is_weak || !is_long { String::new() } else { String::from_utf8_lossy(&secret[..SHOWN]).into_owned() }
}

fn digest(secret: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(b"tokentrail found secret 1\0").chain_update(secret).finalize().into()
}

/// What a secret goes by. A password could be found by trying; many rounds make each try as dear as they can be here.
fn reference(mut digest: [u8; 32], is_weak: bool) -> String {
    const ROUNDS: usize = 1 << 14;
    for _ in 0..if is_weak { ROUNDS } else { 0 } {
        digest = Sha256::digest(digest).into();
    }
    format!("sec_{}", crate::value::secret::hexadecimal(&digest[..8]))
}
