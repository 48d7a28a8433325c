//! The records of a block: which are rows, and what is wrong with the others.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::ingest::cells::Cells;
use crate::ingest::feed::Task;
use crate::ingest::problem::{Reason, shortened};
use crate::ingest::sniff::Plan;
use crate::ingest::split::{Content, Framing};
use crate::ingest::{csv, json};
use crate::schema::ColumnSchema;

/// A record that could not be used, before it has its number.
#[derive(Debug)]
pub(in crate::ingest) struct Rejected {
    /// Its place among the block's records, from 0.
    pub(in crate::ingest) place: u64,
    pub(in crate::ingest) offset: u64,
    pub(in crate::ingest) fault: Fault,
    pub(in crate::ingest) raw: String,
}

/// What is wrong with a record.
#[derive(Debug)]
pub(in crate::ingest) struct Fault {
    pub(in crate::ingest) reason: Reason,
    pub(in crate::ingest) column: Option<String>,
    pub(in crate::ingest) value: Option<String>,
}

/// The records of a block that are rows so far.
pub(super) struct Block<'b, 's> {
    pub(super) task: &'b Task<'s>,
    pub(super) bytes: &'b [u8],
    /// For each row: its place among the block's records, and its record's start and end.
    pub(super) records: Vec<(u64, usize, usize)>,
    /// What is wrong with rows, by row: the first thing counts.
    pub(super) faults: BTreeMap<usize, Fault>,
}

/// The records of a block: the cells of those that are whole, what is wrong with the others, and how many there are.
pub(super) fn scan<'b, 's>(
    task: &'b Task<'s>,
    bytes: &'b [u8],
    (csv_scanner, json_scanner): (&mut csv::Scanner, &mut json::Scanner),
    cells: &mut Cells,
) -> (Block<'b, 's>, Vec<Rejected>, u64) {
    let plan = &task.plan;
    cells.clear(plan.present.len());
    let expected = bytes.len() / 256;
    let mut block = Block { task, bytes, records: Vec::with_capacity(expected), faults: BTreeMap::new() };
    let mut rejected = Vec::new();
    let mut read = 0;
    let mut take = |start: usize, end: usize, wrong: Option<Reason>| {
        match wrong {
            None => block.records.push((read, start, end)),
            Some(reason) => {
                rejected.push(Rejected::new(task, read, start, Fault::of(reason, None, None), &bytes[start..end]));
            }
        }
        read += 1;
    };
    match task.content {
        Content::OpenQuote | Content::CutOff => {
            let reason = if task.content == Content::CutOff { Reason::CutOff } else { Reason::OpenQuote };
            take(0, bytes.len(), Some(reason));
        }
        Content::Columns => {
            if let Some(rows) = &task.rows {
                cells.stand_in(rows);
            }
            read = cells.rows() as u64;
            block.records = (0..read).zip(0..).map(|(place, row)| (place, row, row)).collect();
        }
        Content::Records if plan.framing == Framing::Csv => {
            csv_scanner.scan(bytes, plan.delimiter, &plan.wanted, cells, |passed| {
                take(passed.start, passed.end, passed.wrong);
            });
        }
        Content::Records => {
            let a_line_each = plan.framing == Framing::Lines;
            json_scanner.scan(bytes, a_line_each, &mut json::Keys::new(plan), cells, |passed, wrong| {
                take(passed.start, passed.end, wrong.map(|_| Reason::NotJson));
            });
        }
    }
    (block, rejected, read)
}

impl Block<'_, '_> {
    /// A row as it stands in the export, or what stands in for it.
    pub(super) fn raw(&self, row: usize, span: Range<usize>, cells: &Cells) -> Cow<'_, [u8]> {
        match cells.arrays() {
            Some(arrays) => Cow::Owned(arrays.shown(&self.task.plan, row).into_bytes()),
            None => Cow::Borrowed(&self.bytes[span]),
        }
    }

    pub(super) fn fault(&mut self, row: usize, fault: Fault) {
        self.faults.entry(row).or_insert(fault);
    }
}

impl Rejected {
    pub(super) fn new(task: &Task<'_>, place: u64, start: usize, fault: Fault, record: &[u8]) -> Self {
        let raw = raw_text(&task.plan, record);
        Self { place: task.place(place), offset: task.offset_of(place, start), fault, raw }
    }
}

impl Fault {
    pub(super) fn of(reason: Reason, column: Option<&ColumnSchema>, value: Option<String>) -> Self {
        Self { reason, column: column.map(|column| column.name.clone()), value }
    }
}

/// What of a bad record may be shown: nothing where a secret could stand in any of its cells.
fn raw_text(plan: &Plan<'_>, record: &[u8]) -> String {
    if plan.secretive {
        return withheld(record);
    }
    shortened(record.trim_ascii_end(), 4096)
}

/// What stands in place of a record that may not be shown.
pub(super) fn withheld(record: &[u8]) -> String {
    format!("withheld: this export has secret columns ({} bytes)", record.len())
}
