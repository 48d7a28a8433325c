//! The CSV scanner: the records of a block, and in each the cells of the columns that somebody reads.
//!
//! Two ways lead to the same cells. The quick one finds all separators of a block at once ([`separators`]) and then
//! touches nothing but the wanted cells. Where quotes stand as they may not, or the processor lacks what it takes, the
//! strict walk ([`strict`]) goes from cell to cell and says what is wrong with which record.

use super::cells::{Cells, Filled};
use super::problem::Reason;

mod separators;
mod strict;

use separators::Separators;

/// A record as one of the two ways reads it: for tests and fuzzing, which hold them against each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvRecord {
    /// Where it starts and ends in the block.
    pub place: (usize, usize),
    /// What is wrong with it.
    pub wrong: Option<Reason>,
    /// Its cells as they are handed on, if nothing is wrong.
    pub cells: Vec<Vec<u8>>,
}

/// The records of a block of comma-separated values with so many columns: quickly, or by the strict walk. Nothing where
/// the quick way hands over to the strict one.
pub fn csv_records(block: &[u8], columns: usize, quickly: bool) -> Option<Vec<CsvRecord>> {
    let (mut cells, mut found) = (Cells::default(), Vec::new());
    pass_records(block, columns, quickly, &mut cells, &mut |record| {
        found.push(CsvRecord { place: (record.start, record.end), wrong: record.wrong, cells: Vec::new() });
    })?;
    for (row, record) in found.iter_mut().filter(|record| record.wrong.is_none()).enumerate() {
        record.cells = (0..columns).map(|column| cells.get(block, column, row).to_vec()).collect();
    }
    Some(found)
}

/// How many records that are, without a copy of their cells: for benchmarks.
pub fn count_csv_records(block: &[u8], columns: usize, quickly: bool) -> Option<usize> {
    let mut count = 0;
    pass_records(block, columns, quickly, &mut Cells::default(), &mut |_| count += 1)?;
    Some(count)
}

fn pass_records(
    block: &[u8],
    columns: usize,
    quickly: bool,
    cells: &mut Cells,
    passed: &mut impl FnMut(Passed),
) -> Option<()> {
    let wanted: Vec<Option<usize>> = (0..columns).map(Some).collect();
    let mut scanner = Scanner::default();
    cells.clear(columns);
    if quickly {
        return scanner.separators.find(block, b',').then(|| scanner.scan_quickly(block, &wanted, cells, passed));
    }
    Scanner::scan_strictly(block, b',', &wanted, cells, passed);
    Some(())
}

/// A record that was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Passed {
    /// Where it starts and ends in the block, its line end included.
    pub(super) start: usize,
    pub(super) end: usize,
    /// What is wrong with it, if anything is. A record with something wrong has no row of cells.
    pub(super) wrong: Option<Reason>,
}

/// Reads blocks of records; keeps its memory from block to block.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    separators: Separators,
    rows: Vec<Row>,
}

/// A record with as many cells as the header.
#[derive(Clone, Copy, Debug)]
struct Row {
    start: u32,
    /// The place of its first cell's separator among all.
    first: u32,
    /// Where its first and its last doubled quote are, if it has any.
    doubled: Option<(u32, u32)>,
}

impl Scanner {
    /// Passes the records of a block in order, and appends a row of wanted cells for each that is whole. `wanted` says
    /// for each column of the header which column of the cells it is, if somebody reads it. Blank lines are no records.
    pub(super) fn scan(
        &mut self,
        block: &[u8],
        delimiter: u8,
        wanted: &[Option<usize>],
        cells: &mut Cells,
        passed: impl FnMut(Passed),
    ) {
        if self.separators.find(block, delimiter) {
            self.scan_quickly(block, wanted, cells, passed);
        } else {
            Self::scan_strictly(block, delimiter, wanted, cells, passed);
        }
    }

    fn scan_quickly(&mut self, block: &[u8], wanted: &[Option<usize>], cells: &mut Cells, passed: impl FnMut(Passed)) {
        self.pass(block, wanted.len(), passed);
        for (column, cell) in wanted.iter().enumerate() {
            if let Some(cell) = *cell {
                self.fill(block, column, column + 1 == wanted.len(), cell, cells);
            }
        }
        cells.rows_added(self.rows.len());
    }

    fn scan_strictly(
        block: &[u8],
        delimiter: u8,
        wanted: &[Option<usize>],
        cells: &mut Cells,
        mut passed: impl FnMut(Passed),
    ) {
        let mut records = strict::Records::new(block, delimiter, wanted);
        while let Some(record) = records.next(cells) {
            passed(record);
        }
        cells.unwrap(block);
    }

    /// Tells records from blank lines, and whole ones from ragged ones.
    fn pass(&mut self, block: &[u8], columns: usize, mut passed: impl FnMut(Passed)) {
        self.rows.clear();
        let Separators { newlines, doubled, .. } = &self.separators;
        let mut doubled = doubled.iter().peekable();
        let (mut start, mut first) = (0, 0);
        for newline in newlines {
            let (end, cells) = (newline.offset + 1, newline.place + 1 - first);
            let record = &block[start as usize..block.len().min(end as usize)];
            // Where a chunk has two records, its places count for both: what is searched in vain is rare and small.
            let mut of_record: Option<(u32, u32)> = None;
            while let Some((from, to)) = doubled.peek().copied().filter(|(from, _)| *from < end) {
                of_record = Some((of_record.map_or(*from, |(first, _)| first), *to));
                if *to >= end {
                    break;
                }
                doubled.next();
            }
            if cells > 1 || !matches!(record, b"\n" | b"\r\n" | b"\r") {
                let wrong = (cells as usize != columns).then_some(Reason::Ragged);
                if wrong.is_none() {
                    self.rows.push(Row { start, first, doubled: of_record });
                }
                passed(Passed { start: start as usize, end: start as usize + record.len(), wrong });
            }
            (start, first) = (end, newline.place + 1);
        }
    }

    /// One column of all rows.
    fn fill(&self, block: &[u8], column: usize, is_last: bool, cell: usize, cells: &mut Cells) {
        let ends = &self.separators.all;
        cells.fill(cell, block, &self.rows, |row| {
            // A cell stands behind the separator before it, of which the first cell of a block has none.
            let place = row.first as usize + column;
            let (start, end) = match ends[..=place] {
                [.., before, end] if column > 0 => (before + 1, end),
                [.., end] => (row.start, end),
                [] => (0, 0),
            };
            let cell = &block[start as usize..end as usize];
            let cell = if is_last { cell.strip_suffix(b"\r").unwrap_or(cell) } else { cell };
            // Quotes stand where they may, so one at the start has its other at the end.
            match cell {
                [b'"', inner @ .., _] => {
                    let doubled = row.doubled.is_some_and(|(first, last)| first < end && last > start);
                    Filled { cell: inner, start: start + 1, doubled }
                }
                _ => Filled { cell, start, doubled: false },
            }
        });
    }
}
