//! The CSV scanner: the records of a block, and in each the cells of the columns that somebody reads.
//!
//! Strict about what cannot be right (ragged records, stray quotes), liberal in what can: quoted and unquoted cells,
//! doubled quotes, newlines inside quotes, LF or CRLF.

use super::cells::Cells;
use super::problem::Reason;

/// A walk over the records of a block.
pub(super) struct Records<'a> {
    block: &'a [u8],
    at: usize,
    delimiter: u8,
    /// For each column of the header, the column of the cells, if somebody reads it.
    wanted: &'a [Option<usize>],
}

/// A record that was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Passed {
    /// Where it starts and ends in the block, its line end included.
    pub(super) start: usize,
    pub(super) end: usize,
    /// What is wrong with it, if anything is.
    pub(super) wrong: Option<Reason>,
}

/// What stands behind a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    Cell,
    Record,
}

impl<'a> Records<'a> {
    pub(super) fn new(block: &'a [u8], delimiter: u8, wanted: &'a [Option<usize>]) -> Self {
        Self { block, at: 0, delimiter, wanted }
    }

    /// Passes the next record, and leaves the wanted cells in the row that has begun. Skips blank lines.
    pub(super) fn next(&mut self, cells: &mut Cells) -> Option<Passed> {
        self.skip_blank_lines();
        let start = self.at;
        if start == self.block.len() {
            return None;
        }
        let mut column = 0;
        loop {
            let wanted = self.wanted.get(column).copied().flatten();
            let Some(behind) = self.cell(wanted, cells) else {
                self.at = start;
                self.pass_by_quotes();
                return Some(Passed { start, end: self.at, wrong: Some(Reason::StrayQuote) });
            };
            column += 1;
            if behind == Behind::Record {
                break;
            }
        }
        let wrong = (column != self.wanted.len()).then_some(Reason::Ragged);
        Some(Passed { start, end: self.at, wrong })
    }

    /// Passes a cell and what ends it; nothing if a quote stands where none may.
    fn cell(&mut self, wanted: Option<usize>, cells: &mut Cells) -> Option<Behind> {
        let block = self.block;
        if block.get(self.at) == Some(&b'"') {
            return self.quoted_cell(wanted, cells);
        }
        let start = self.at;
        let rest = &block[start..];
        let Some(length) = memchr::memchr3(self.delimiter, b'\n', b'"', rest) else {
            self.at = block.len();
            point(wanted, start, without_return(block, start, self.at), cells);
            return Some(Behind::Record);
        };
        let end = start + length;
        self.at = end + 1;
        match block[end] {
            b'"' => None,
            b'\n' => {
                point(wanted, start, without_return(block, start, end), cells);
                Some(Behind::Record)
            }
            _ => {
                point(wanted, start, end, cells);
                Some(Behind::Cell)
            }
        }
    }

    fn quoted_cell(&mut self, wanted: Option<usize>, cells: &mut Cells) -> Option<Behind> {
        let block = self.block;
        let start = self.at + 1;
        let mut end = start;
        let mut doubled = false;
        loop {
            end += memchr::memchr(b'"', &block[end..])?;
            if block.get(end + 1) != Some(&b'"') {
                break;
            }
            doubled = true;
            end += 2;
        }
        match wanted {
            Some(column) if doubled => cells.undouble(column, &block[start..end]),
            Some(column) => cells.point(column, start, end),
            None => {}
        }
        let behind = match &block[end + 1..] {
            [delimiter, ..] if *delimiter == self.delimiter => (Behind::Cell, 2),
            [b'\n', ..] => (Behind::Record, 2),
            [b'\r', b'\n', ..] => (Behind::Record, 3),
            [] => (Behind::Record, 1),
            _ => return None,
        };
        self.at = end + behind.1;
        Some(behind.0)
    }

    /// Passes a record by the one thing that its end is defined by: a newline with an even number of quotes before it.
    fn pass_by_quotes(&mut self) {
        let mut inside = false;
        while let Some(length) = memchr::memchr2(b'"', b'\n', &self.block[self.at..]) {
            self.at += length + 1;
            match self.block[self.at - 1] {
                b'"' => inside = !inside,
                _ if !inside => return,
                _ => {}
            }
        }
        self.at = self.block.len();
    }

    fn skip_blank_lines(&mut self) {
        loop {
            match &self.block[self.at..] {
                [b'\n', ..] => self.at += 1,
                [b'\r', b'\n', ..] => self.at += 2,
                [b'\r'] => self.at += 1,
                _ => return,
            }
        }
    }
}

fn point(wanted: Option<usize>, start: usize, end: usize, cells: &mut Cells) {
    if let Some(column) = wanted {
        cells.point(column, start, end);
    }
}

fn without_return(block: &[u8], start: usize, end: usize) -> usize {
    if end > start && block[end - 1] == b'\r' { end - 1 } else { end }
}
