//! The cells of a block by column: spans into the block where they stand, or into copies where they had to be unescaped;
//! or Arrow arrays, where the export is in columns.

use std::borrow::Cow;
use std::sync::Arc;

use super::columnar::Columns;
use crate::value::{is_blank, unwrap_cell};

mod arrays;

/// The cells of all records of a block that are of interest, without what wraps them, and empty where they say nothing.
/// Reused from block to block.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// One list for each column.
    columns: Vec<Vec<Span>>,
    rows: usize,
    scratch: Vec<u8>,
    /// In place of all that, where the export is in columns.
    arrays: Option<Arc<Columns>>,
}

/// Cells of one role, ready to be read.
#[derive(Default)]
pub(crate) struct Texts<'a> {
    block: &'a [u8],
    copies: Cow<'a, [u8]>,
    spans: Cow<'a, [Span]>,
}

impl Texts<'_> {
    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.spans.len()
    }

    /// The text of a row; empty if there is none.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> &[u8] {
        self.spans[row].of(self.block, &self.copies)
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
        let source = if start & COPIED == 0 { self.block } else { &self.copies };
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

    /// The span without blanks and the wrapping quotes around its text; empty if that says nothing.
    #[inline]
    fn unwrapped(self, block: &[u8], copies: &[u8]) -> Self {
        let cell = self.of(block, copies);
        if is_bare(cell) { self } else { self.within(cell) }
    }

    #[cold]
    fn within(self, cell: &[u8]) -> Self {
        let inner = unwrap_cell(cell);
        let lead = inner.as_ptr().addr() - cell.as_ptr().addr();
        let length = if is_blank(inner) { 0 } else { inner.len() };
        #[expect(clippy::cast_possible_truncation, reason = "no longer than the span")]
        let (lead, length) = (lead as u32, length as u32);
        Self { start: self.start + lead, end: (self.start & !COPIED) + lead + length }
    }

    #[inline]
    fn is_empty(self) -> bool {
        self.start & !COPIED == self.end
    }
}

/// A cell of a record, as the CSV scanner finds it.
pub(super) struct Filled<'b> {
    pub(super) cell: &'b [u8],
    /// Where it stands in the block.
    pub(super) start: u32,
    /// Quotes in it may be doubled.
    pub(super) doubled: bool,
}

/// Whether nothing wraps a cell. Nearly every one is of more than four bytes, begins with a letter or digit and ends with
/// one.
#[inline]
fn is_bare(cell: &[u8]) -> bool {
    matches!(cell, [first, _, _, _, _, .., last] if first.is_ascii_alphanumeric() && *last > b' ')
}

/// Copies a text whose quotes are doubled.
#[cold]
fn undoubled(mut text: &[u8], copies: &mut Vec<u8>) -> Span {
    let start = copies.len();
    while let Some(quote) = memchr::memchr(b'"', text) {
        copies.extend_from_slice(&text[..=quote]);
        text = text.get(quote + 2..).unwrap_or_default();
    }
    copies.extend_from_slice(text);
    copied(start, copies.len())
}

/// The span of a text that was copied.
fn copied(start: usize, end: usize) -> Span {
    match (u32::try_from(start), u32::try_from(end)) {
        (Ok(start), Ok(end)) if end < COPIED => Span { start: start | COPIED, end },
        _ => Span::default(),
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
        self.arrays = None;
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

    /// So many rows were added by [`Cells::fill`], column by column.
    pub(super) fn rows_added(&mut self, rows: usize) {
        self.rows += rows;
        debug_assert!(self.columns.iter().all(|column| column.len() == self.rows), "every column has every row");
    }

    /// The next rows' cells in a column, which stand in the block but for what may wrap them.
    #[inline]
    pub(super) fn fill<'b, R>(
        &mut self,
        column: usize,
        block: &'b [u8],
        rows: &[R],
        cell_of: impl Fn(&R) -> Filled<'b>,
    ) {
        let copies = &mut self.scratch;
        self.columns[column].extend(rows.iter().map(|row| {
            let Filled { cell, start, doubled } = cell_of(row);
            if doubled && memchr::memchr(b'"', cell).is_some() {
                return undoubled(cell, copies).unwrapped(block, copies);
            }
            #[expect(clippy::cast_possible_truncation, reason = "a block has fewer than 2^31 bytes")]
            let span = Span { start, end: start + cell.len() as u32 };
            if is_bare(cell) { span } else { span.within(cell) }
        }));
    }

    /// The next row's cell in a column stands in the block as it is, but for what may wrap it.
    #[inline]
    pub(super) fn push(&mut self, column: usize, block: &[u8], start: usize, end: usize) {
        #[expect(clippy::cast_possible_truncation, reason = "a block has fewer than 2^31 bytes")]
        let span = Span { start: start as u32, end: end as u32 };
        self.columns[column].push(span.unwrapped(block, &[]));
    }

    /// The next row's cell in a column is this text, but for what may wrap it.
    pub(super) fn push_copied(&mut self, column: usize, text: &[u8]) {
        self.columns[column].push(Span::default());
        self.copy(column, text);
        self.unwrap_last(column, &[]);
    }

    /// The next rows have no cell in a column.
    #[inline]
    pub(super) fn push_nothing(&mut self, column: usize, rows: usize) {
        self.columns[column].extend(std::iter::repeat_n(Span::default(), rows));
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
        if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) {
            self.put(column, Span { start, end });
        }
    }

    /// The cell is this text.
    pub(super) fn copy(&mut self, column: usize, text: &[u8]) {
        let start = self.scratch.len();
        self.scratch.extend_from_slice(text);
        self.put(column, copied(start, self.scratch.len()));
    }

    /// The cell stands in the block with its quotes doubled.
    pub(super) fn undouble(&mut self, column: usize, text: &[u8]) {
        let span = undoubled(text, &mut self.scratch);
        self.put(column, span);
    }

    /// A cell's bytes; empty where the record has none.
    pub(super) fn get<'a>(&'a self, block: &'a [u8], column: usize, row: usize) -> &'a [u8] {
        match &self.arrays {
            Some(arrays) => arrays.cell(column, row),
            None => self.columns[column][row].of(block, &self.scratch),
        }
    }

    /// The cells of the first of these columns; where one is empty, that of the next column. Which column gave the cell of a row goes into `from`, if there are several.
    pub(super) fn texts<'a>(&'a self, block: &'a [u8], columns: &[usize], from: &mut Vec<u8>) -> Texts<'a> {
        from.clear();
        if let Some(arrays) = &self.arrays {
            return arrays.texts(columns, from);
        }
        let spans = match columns {
            [] => Cow::Owned(Vec::new()),
            [one] => Cow::Borrowed(self.columns[*one].as_slice()),
            [first, others @ ..] => {
                let mut spans = self.columns[*first].clone();
                from.resize(spans.len(), 0);
                for (place, other) in (1..).zip(others) {
                    let cells = spans.iter_mut().zip(&self.columns[*other]).zip(from.iter_mut());
                    for ((span, other), from) in cells.filter(|((span, _), _)| span.is_empty()) {
                        (*span, *from) = (*other, place);
                    }
                }
                Cow::Owned(spans)
            }
        };
        Texts { block, copies: Cow::Borrowed(&self.scratch), spans }
    }

    /// A cell's bytes, or the words for nothing that stand in its place: `N/A`, `null`.
    pub(super) fn get_or_blank<'a>(&'a self, block: &'a [u8], column: usize, row: usize) -> &'a [u8] {
        let cell = self.get(block, column, row);
        if !cell.is_empty() {
            return cell;
        }
        let behind = if let Some(arrays) = &self.arrays {
            arrays.blank(column, row)
        } else {
            let Span { start, end } = self.columns[column][row];
            let source = if start & COPIED == 0 { block } else { &self.scratch };
            source.get(end as usize..).unwrap_or_default()
        };
        // An empty cell is followed by what ends it, and by no letter.
        let blank = [&b"N/A"[..], b"null", b"NULL"].into_iter().find(|blank| behind.starts_with(blank));
        blank.map_or(&[], |blank| &behind[..blank.len()])
    }

    /// Takes what wraps cells from all of them.
    pub(super) fn unwrap(&mut self, block: &[u8]) {
        for column in &mut self.columns {
            for span in column {
                *span = span.unwrapped(block, &self.scratch);
            }
        }
    }

    /// Takes what wraps cells from those of the last row.
    pub(super) fn unwrap_row(&mut self, block: &[u8]) {
        (0..self.columns.len()).for_each(|column| self.unwrap_last(column, block));
    }

    fn unwrap_last(&mut self, column: usize, block: &[u8]) {
        if let Some(span) = self.columns[column].last_mut() {
            *span = span.unwrapped(block, &self.scratch);
        }
    }

    /// The first cell of a column stays, should its name come twice.
    fn put(&mut self, column: usize, cell: Span) {
        if let Some(span) = self.columns[column].last_mut()
            && span.is_empty()
        {
            *span = cell;
        }
    }
}
