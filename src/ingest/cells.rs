//! The cells of a block by column: spans into the block where they stand, or into copies where they had to be unescaped;
//! or Arrow arrays, where the export is in columns.

use std::sync::Arc;

use super::columnar::{Columns, Values};

/// The cells of all records of a block that are of interest. Reused from block to block.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// One list for each column.
    columns: Vec<Vec<Span>>,
    rows: usize,
    scratch: Vec<u8>,
    /// In place of all that, where the export is in columns.
    arrays: Option<Arc<Columns>>,
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

    /// The cells are those of these arrays.
    pub(super) fn stand_in(&mut self, arrays: &Arc<Columns>) {
        self.rows = arrays.rows;
        self.arrays = Some(Arc::clone(arrays));
    }

    /// The arrays that the cells are, if they are.
    pub(super) fn arrays(&self) -> Option<&Columns> {
        self.arrays.as_deref()
    }

    /// The array of a column, if it is one.
    pub(super) fn values(&self, column: usize) -> Option<&Values> {
        self.arrays.as_ref()?.values.get(column)?.as_ref()
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
        if self.arrays.is_some() {
            return self.values(column).map_or(b"", |values| values.text(row));
        }
        let Span { start, end } = self.columns[column][row];
        if start & COPIED == 0 {
            &block[start as usize..end as usize]
        } else {
            &self.scratch[(start & !COPIED) as usize..end as usize]
        }
    }

    /// The first cell of a column stays, should its name come twice.
    fn set(&mut self, column: usize, start: usize, end: usize, flag: u32) {
        let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) else { return };
        if let Some(span) = self.columns[column].last_mut()
            && span.start == span.end
        {
            *span = Span { start: start | flag, end };
        }
    }
}
