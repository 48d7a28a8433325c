//! Cells of exports in columns: they stay in the arrays, and are looked at when somebody asks for them.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{Array, ByteView, MAX_INLINE_VIEW_LEN, StringArray, StringViewArray};

use super::{COPIED, Cells, Span, Texts};
use crate::ingest::columnar::{Columns, Values};
use crate::value::unwrap_cell;

impl Cells {
    /// The cells are those of these arrays.
    pub(in crate::ingest) fn stand_in(&mut self, arrays: &Arc<Columns>) {
        self.rows = arrays.rows;
        self.arrays = Some(Arc::clone(arrays));
    }

    /// The arrays that the cells are, if they are.
    pub(in crate::ingest) fn arrays(&self) -> Option<&Columns> {
        self.arrays.as_deref()
    }

    /// The array of a column, if it is one.
    pub(in crate::ingest) fn values(&self, column: usize) -> Option<&Values> {
        self.arrays.as_ref()?.values.get(column)?.as_ref()
    }
}

impl Columns {
    /// A cell's text without what wraps it; empty where it says nothing, and where it is a number.
    pub(super) fn cell(&self, column: usize, row: usize) -> &[u8] {
        let text = self.text(column, row);
        let whole = u32::try_from(text.len()).map_or_else(|_| Span::default(), |end| Span { start: 0, end });
        whole.unwrapped(text, &[]).of(text, &[])
    }

    /// What stands in a cell that says nothing.
    pub(super) fn blank(&self, column: usize, row: usize) -> &[u8] {
        unwrap_cell(self.text(column, row))
    }

    fn text(&self, column: usize, row: usize) -> &[u8] {
        self.values[column].as_ref().map_or(b"", |values| values.text(row))
    }

    /// The cells of the first of these columns; where one is empty, that of the next column. Those of one column are not
    /// copied.
    pub(super) fn texts(&self, columns: &[usize], from: &mut Vec<u8>) -> Texts<'_> {
        let [first, others @ ..] = columns else { return Texts::default() };
        if others.is_empty() {
            return self.texts_of(*first);
        }
        let (mut spans, mut copies) = (Vec::with_capacity(self.rows), Vec::new());
        for row in 0..self.rows {
            let mut cells = (0..).zip(columns).map(|(place, column)| (place, self.cell(*column, row)));
            let (place, cell) = cells.find(|(_, cell)| !cell.is_empty()).unwrap_or_default();
            let start = copies.len();
            copies.extend_from_slice(cell);
            spans.push(match (u32::try_from(start), u32::try_from(copies.len())) {
                (Ok(start), Ok(end)) if end < COPIED => Span { start: start | COPIED, end },
                _ => Span::default(),
            });
            from.push(place);
        }
        Texts { block: &[], copies: Cow::Owned(copies), spans: Cow::Owned(spans) }
    }

    fn texts_of(&self, column: usize) -> Texts<'_> {
        match &self.values[column] {
            Some(Values::Text(strings)) => Texts::of_views(strings),
            Some(Values::Shared { places, nulls, strings }) => {
                let texts = Texts::of(strings);
                let span = |(row, place): (usize, &u32)| match nulls {
                    Some(nulls) if nulls.is_null(row) => Span::default(),
                    _ => texts.spans.get(*place as usize).copied().unwrap_or_default(),
                };
                let spans = places.iter().enumerate().map(span).collect();
                Texts { spans: Cow::Owned(spans), ..texts }
            }
            Some(Values::Numbers { .. }) | None => {
                Texts { spans: Cow::Owned(vec![Span::default(); self.rows]), ..Texts::default() }
            }
        }
    }
}

impl<'a> Texts<'a> {
    /// Strings where they stand, without what wraps them.
    pub(in crate::ingest) fn of(strings: &'a StringArray) -> Self {
        let block = strings.value_data();
        let span = |row: usize| {
            // All strings of an array together are shorter than 2^31 bytes.
            let [start, end] = [row, row + 1].map(|at| strings.value_offsets()[at].cast_unsigned());
            Span { start, end }.unwrapped(block, &[])
        };
        Self { block, copies: Cow::Borrowed(&[]), spans: spans(strings, span) }
    }

    /// The same of views. Short strings stand in the views themselves.
    fn of_views(strings: &'a StringViewArray) -> Self {
        let block = strings.data_buffers().first().map_or(&[][..], |buffer| buffer.as_slice());
        let views = strings.views().inner().as_slice();
        #[expect(clippy::cast_possible_truncation, reason = "far fewer than 2^27 rows are read at once")]
        let span = |row: usize| {
            let ByteView { length, offset, .. } = ByteView::from(strings.views()[row]);
            let (start, flag) = match length {
                ..=MAX_INLINE_VIEW_LEN => ((row * size_of::<u128>() + size_of::<u32>()) as u32, COPIED),
                _ => (offset, 0),
            };
            Span { start: start | flag, end: start + length }.unwrapped(block, views)
        };
        Self { block, copies: Cow::Borrowed(views), spans: spans(strings, span) }
    }
}

fn spans<'a>(strings: &dyn Array, span: impl Fn(usize) -> Span) -> Cow<'a, [Span]> {
    let rows = 0..strings.len();
    Cow::Owned(match strings.nulls() {
        None => rows.map(span).collect(),
        Some(nulls) => rows.map(|row| if nulls.is_null(row) { Span::default() } else { span(row) }).collect(),
    })
}
