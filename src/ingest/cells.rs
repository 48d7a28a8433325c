//! The cells of one record, by the schema's columns: spans into the block where they stand, or copies where they had to
//! be unescaped.

/// One record's cells. Reused from record to record.
#[derive(Debug, Default)]
pub(super) struct Cells {
    spans: Vec<Span>,
    scratch: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: usize,
    end: usize,
    unescaped: bool,
}

impl Cells {
    /// Empties all cells and makes room for as many columns.
    pub(super) fn clear(&mut self, columns: usize) {
        self.spans.clear();
        self.spans.resize(columns, Span::default());
        self.scratch.clear();
    }

    /// The cell stands in the block as it is. The first cell of a column stays, should its name come twice.
    pub(super) fn point(&mut self, column: usize, start: usize, end: usize) {
        let span = &mut self.spans[column];
        if span.start == span.end {
            *span = Span { start, end, unescaped: false };
        }
    }

    /// The cell is this text.
    pub(super) fn copy(&mut self, column: usize, text: &[u8]) {
        let start = self.scratch.len();
        self.scratch.extend_from_slice(text);
        self.own(column, start);
    }

    /// The cell stands in the block with its quotes doubled.
    pub(super) fn undouble(&mut self, column: usize, mut text: &[u8]) {
        let start = self.scratch.len();
        while let Some(quote) = memchr::memchr(b'"', text) {
            self.scratch.extend_from_slice(&text[..=quote]);
            text = text.get(quote + 2..).unwrap_or_default();
        }
        self.scratch.extend_from_slice(text);
        self.own(column, start);
    }

    /// A cell's bytes; empty where the record has none.
    pub(super) fn get<'a>(&'a self, block: &'a [u8], column: usize) -> &'a [u8] {
        let Span { start, end, unescaped } = self.spans[column];
        if unescaped { &self.scratch[start..end] } else { &block[start..end] }
    }

    fn own(&mut self, column: usize, start: usize) {
        let span = &mut self.spans[column];
        if span.start == span.end {
            *span = Span { start, end: self.scratch.len(), unescaped: true };
        }
    }
}
