//! The strict walk, cell by cell: what may stand in a block of CSV, and what is wrong with a record.
//!
//! Strict about what cannot be right (ragged records, stray quotes), liberal in what can: quoted and unquoted cells,
//! doubled quotes, newlines inside quotes, LF or CRLF.

use super::Passed;
use crate::ingest::cells::Cells;
use crate::ingest::problem::Reason;

/// A walk over the records of a block.
pub(super) struct Records<'a> {
    block: &'a [u8],
    at: usize,
    delimiter: u8,
    /// For each column of the header, the column of the cells, if somebody reads it.
    wanted: &'a [Option<usize>],
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

    /// Passes the next record, and leaves its wanted cells in a row of their own if it is whole. Skips blank lines.
    pub(super) fn next(&mut self, cells: &mut Cells) -> Option<Passed> {
        self.skip_blank_lines();
        if self.at == self.block.len() {
            return None;
        }
        cells.begin_row();
        let passed = self.record(cells);
        if passed.wrong.is_some() {
            cells.drop_row();
        }
        Some(passed)
    }

    fn record(&mut self, cells: &mut Cells) -> Passed {
        let start = self.at;
        let mut column = 0;
        loop {
            let wanted = self.wanted.get(column).copied().flatten();
            let Some(behind) = self.cell(wanted, cells) else {
                self.at = start;
                self.pass_by_quotes();
                return Passed { start, end: self.at, wrong: Some(Reason::StrayQuote) };
            };
            column += 1;
            if behind == Behind::Record {
                break;
            }
        }
        let wrong = (column != self.wanted.len()).then_some(Reason::Ragged);
        Passed { start, end: self.at, wrong }
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

    #[inline]
    fn quoted_cell(&mut self, wanted: Option<usize>, cells: &mut Cells) -> Option<Behind> {
        let block = self.block;
        let start = self.at + 1;
        let mut end = start + quote_ahead(block.get(start..)?)?;
        let mut doubled = false;
        while block.get(end + 1) == Some(&b'"') {
            doubled = true;
            end += 2 + quote_ahead(block.get(end + 2..)?)?;
        }
        if let Some(column) = wanted {
            if doubled {
                cells.undouble(column, &block[start..end]);
            } else {
                cells.point(column, start, end);
            }
        }
        match block.get(end + 1) {
            Some(behind) if *behind == self.delimiter => {
                self.at = end + 2;
                Some(Behind::Cell)
            }
            // A lone return at the very end is half a line end.
            Some(b'\r') if end + 2 == block.len() => {
                self.at = block.len();
                Some(Behind::Record)
            }
            Some(b'\n') | None => {
                self.at = (end + 2).min(block.len());
                Some(Behind::Record)
            }
            Some(b'\r') if block.get(end + 2) == Some(&b'\n') => {
                self.at = end + 3;
                Some(Behind::Record)
            }
            Some(_) => None,
        }
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
                [b'\n', ..] | [b'\r'] => self.at += 1,
                [b'\r', b'\n', ..] => self.at += 2,
                _ => return,
            }
        }
    }
}

/// The place of the next quote. Most cells are short: eight bytes at a time beat a call for the first few.
#[inline]
fn quote_ahead(bytes: &[u8]) -> Option<usize> {
    const QUOTES: u64 = 0x2222_2222_2222_2222;
    const ONES: u64 = 0x0101_0101_0101_0101;
    let (eights, _) = bytes.as_chunks::<8>();
    for (number, eight) in eights.iter().take(SHORT / 8).enumerate() {
        let differs = u64::from_le_bytes(*eight) ^ QUOTES;
        let is_quote = differs.wrapping_sub(ONES) & !differs & (ONES << 7);
        if is_quote != 0 {
            return Some(number * 8 + is_quote.trailing_zeros() as usize / 8);
        }
    }
    let passed = (bytes.len() / 8 * 8).min(SHORT);
    memchr::memchr(b'"', &bytes[passed..]).map(|length| passed + length)
}

const SHORT: usize = 40;

fn point(wanted: Option<usize>, start: usize, end: usize, cells: &mut Cells) {
    if let Some(column) = wanted {
        cells.point(column, start, end);
    }
}

fn without_return(block: &[u8], start: usize, end: usize) -> usize {
    if end > start && block[end - 1] == b'\r' { end - 1 } else { end }
}
