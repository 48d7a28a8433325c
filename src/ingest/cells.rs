//! The cells of a block by column: spans into the block where they stand, or into copies where they had to be unescaped.

use crate::value::{is_blank, unwrap_cell};

/// The cells of all records of a block that are of interest. Reused from block to block.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// One list for each column.
    columns: Vec<Vec<Span>>,
    rows: usize,
    scratch: Vec<u8>,
}

/// Cells of one role, ready to be read.
pub(crate) struct Texts<'a> {
    block: &'a [u8],
    copies: &'a [u8],
    spans: Vec<Span>,
}

impl Texts<'_> {
    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.spans.len()
    }

    /// The text of a row; empty if there is none.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> &[u8] {
        self.spans[row].of(self.block, self.copies)
    }

    /// Whether a row has no text.
    #[inline]
    pub(crate) fn is_empty(&self, row: usize) -> bool {
        self.spans[row].is_empty()
    }

    /// The text of a row and what happens to follow it, at least as many bytes as asked for; nothing where none do.
    #[inline]
    pub(crate) fn with_more<const LENGTH: usize>(&self, row: usize) -> Option<(&[u8; LENGTH], usize)> {
        let Span { start, end } = self.spans[row];
        let source = if start & COPIED == 0 { self.block } else { self.copies };
        let start = (start & !COPIED) as usize;
        Some((source.get(start..)?.first_chunk()?, end as usize - start))
    }
}

impl Span {
    #[inline]
    fn of<'a>(self, block: &'a [u8], copies: &'a [u8]) -> &'a [u8] {
        let source = if self.start & COPIED == 0 { block } else { copies };
        &source[(self.start & !COPIED) as usize..self.end as usize]
    }

    #[inline]
    fn is_empty(self) -> bool {
        self.start & !COPIED == self.end
    }
}

/// Where a cell stands; in the copies if the first bit of `start` says so.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: u32,
    end: u32,
}

const COPIED: u32 = 1 << 31;

impl Cells {
    /// Empties everything and makes room for as many columns.
    pub(super) fn clear(&mut self, columns: usize) {
        self.columns.truncate(columns);
        self.columns.iter_mut().for_each(Vec::clear);
        self.columns.resize_with(columns, Vec::new);
        self.scratch.clear();
        self.rows = 0;
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// A row begins, with empty cells.
    pub(super) fn begin_row(&mut self) {
        for column in &mut self.columns {
            column.push(Span::default());
        }
        self.rows += 1;
    }

    /// So many rows were added by [`Cells::push`], column by column.
    pub(super) fn rows_added(&mut self, rows: usize) {
        self.rows += rows;
        debug_assert!(self.columns.iter().all(|column| column.len() == self.rows), "every column has every row");
    }

    /// The next row's cell in a column stands in the block as it is.
    #[inline]
    pub(super) fn push(&mut self, column: usize, start: usize, end: usize) {
        #[expect(clippy::cast_possible_truncation, reason = "a block has fewer than 2^31 bytes")]
        self.columns[column].push(Span { start: start as u32, end: end as u32 });
    }

    /// The next row's cell in a column is this text, which starts there in the block; its quotes may be doubled.
    pub(super) fn push_undoubled(&mut self, column: usize, text: &[u8], start: usize) {
        if memchr::memchr(b'"', text).is_none() {
            return self.push(column, start, start + text.len());
        }
        self.columns[column].push(Span::default());
        self.undouble(column, text);
    }

    /// The row that was begun last is none.
    pub(super) fn drop_row(&mut self) {
        for column in &mut self.columns {
            column.pop();
        }
        self.rows -= 1;
    }

    /// The cell stands in the block as it is.
    pub(super) fn point(&mut self, column: usize, start: usize, end: usize) {
        self.set(column, start, end, 0);
    }

    /// The cell is this text.
    pub(super) fn copy(&mut self, column: usize, text: &[u8]) {
        let start = self.scratch.len();
        self.scratch.extend_from_slice(text);
        self.set(column, start, self.scratch.len(), COPIED);
    }

    /// The cell stands in the block with its quotes doubled.
    pub(super) fn undouble(&mut self, column: usize, mut text: &[u8]) {
        let start = self.scratch.len();
        while let Some(quote) = memchr::memchr(b'"', text) {
            self.scratch.extend_from_slice(&text[..=quote]);
            text = text.get(quote + 2..).unwrap_or_default();
        }
        self.scratch.extend_from_slice(text);
        self.set(column, start, self.scratch.len(), COPIED);
    }

    /// A cell's bytes; empty where the record has none.
    pub(super) fn get<'a>(&'a self, block: &'a [u8], column: usize, row: usize) -> &'a [u8] {
        self.columns[column][row].of(block, &self.scratch)
    }

    /// The cells of the first of these columns, without what wraps them; where it is blank, those of the next one. Which
    /// column gave the cell of a row goes into `from`, if there are several.
    pub(super) fn texts<'a>(&'a self, block: &'a [u8], columns: &[usize], from: &mut Vec<u8>) -> Texts<'a> {
        let mut texts = Texts { block, copies: &self.scratch, spans: Vec::with_capacity(self.rows) };
        let Some((first, others)) = columns.split_first() else { return texts };
        texts.spans.extend(self.columns[*first].iter().map(|span| self.unwrapped(block, *span)));
        from.clear();
        if others.is_empty() {
            return texts;
        }
        from.resize(self.rows, 0);
        for (place, other) in (1..).zip(others) {
            let cells = texts.spans.iter_mut().zip(&self.columns[*other]).zip(from.iter_mut());
            for ((span, other), from) in cells.filter(|((span, _), _)| span.is_empty()) {
                *span = self.unwrapped(block, *other);
                *from = place;
            }
        }
        texts
    }

    /// The span without blanks and the wrapping quotes around it; empty if it says nothing.
    fn unwrapped(&self, block: &[u8], span: Span) -> Span {
        let cell = span.of(block, &self.scratch);
        // Nearly every cell is of more than four bytes, begins with a letter or digit and ends with one.
        if let [first, _, _, _, .., last] = cell
            && cell.len() > 4
            && first.is_ascii_alphanumeric()
            && !last.is_ascii_whitespace()
        {
            return span;
        }
        let inner = unwrap_cell(cell);
        if is_blank(inner) {
            return Span::default();
        }
        let lead = inner.as_ptr().addr() - cell.as_ptr().addr();
        #[expect(clippy::cast_possible_truncation, reason = "no longer than the span")]
        let (lead, length) = (lead as u32, inner.len() as u32);
        Span { start: span.start + lead, end: (span.start & !COPIED) + lead + length }
    }

    /// The first cell of a column stays, should its name come twice.
    fn set(&mut self, column: usize, start: usize, end: usize, flag: u32) {
        let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) else { return };
        if let Some(span) = self.columns[column].last_mut()
            && span.is_empty()
        {
            *span = Span { start: start | flag, end };
        }
    }
}
