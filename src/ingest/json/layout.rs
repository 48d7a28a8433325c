//! Layouts of objects: records of one export say the same keys in the same order, so that all but the values is the same
//! text from record to record.
//!
//! A layout is learned from an object that was read. Another object has it if the same text stands around its values,
//! and each value is a string, a plain number or a word, as they all are in the first. Then it is JSON as that one is.

use super::{Keys, quick::kept};
use crate::ingest::cells::Cells;

/// The text around the values of an object.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pieces: Vec<Piece>,
    wanted: Vec<Wanted>,
    /// Columns of the cells that have no value.
    absent: Vec<usize>,
    /// How many places of the structure an object takes.
    pub(super) places: usize,
}

/// Up to sixteen bytes of the text.
#[derive(Clone, Copy, Debug)]
struct Piece {
    text: u128,
    /// Which bits of the text count.
    mask: u128,
    length: usize,
    /// Which place of the object's structure ends the value behind it; 0 if more text follows.
    value_end: usize,
}

/// A value that somebody reads: so many bytes behind one place of the object's structure, and up to another.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    column: usize,
    place: usize,
    length: usize,
    end: usize,
}

/// An object that has a layout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// The place of its opening brace in the block's structure.
    pub(super) first: usize,
    /// Where its first and its last backslash are; one behind the other if it has none.
    pub(super) escapes: (u32, u32),
}

/// Bytes of a piece.
const PIECE: usize = size_of::<u128>();

impl Layout {
    /// The layout of a good object whose structure begins at the first of these places. Nothing if it has lists, or two
    /// keys that mean the same column.
    pub(super) fn learn(block: &[u8], places: &[u32], keys: &mut Keys<'_>) -> Option<Self> {
        let mut layout = Self { absent: (0..keys.present.len()).collect(), ..Self::default() };
        let (mut open, mut path) = (Vec::new(), String::new());
        let (mut from, mut from_place) = (*places.first()? as usize, 0);
        for (place, at) in places.iter().map(|at| *at as usize).enumerate() {
            match *block.get(at)? {
                b'{' => open.push(if open.is_empty() { String::new() } else { format!("{path}.") }),
                b':' => {
                    let key = &block[places[place.checked_sub(1)?] as usize + 1..at];
                    path = format!("{}{}", open.last()?, plain_key(key)?);
                    let value = at + 1 + block[at + 1..].iter().position(|byte| !byte.is_ascii_whitespace())?;
                    if matches!(block[value], b'{' | b'[') {
                        continue;
                    }
                    layout.expect(&block[from..value], place + 1);
                    if let Some(column) = keys.column(&path) {
                        layout.absent.remove(layout.absent.iter().position(|absent| *absent == column)?);
                        layout.wanted.push(Wanted { column, place: from_place, length: value - from, end: place + 1 });
                    }
                    (from, from_place) = (*places.get(place + 1)? as usize, place + 1);
                }
                b',' | b'\n' => {}
                b'}' => {
                    open.pop();
                    if open.is_empty() {
                        layout.expect(&block[from..=at], 0);
                        layout.places = place + 1;
                        return layout.end_of(block, places).is_some().then_some(layout);
                    }
                }
                _ => return None,
            }
        }
        None
    }

    /// This text comes next, and behind it a value that ends at this place, if it is not 0.
    fn expect(&mut self, text: &[u8], value_end: usize) {
        for piece in text.chunks(PIECE) {
            let (mut text, mut mask) = ([0; PIECE], [0; PIECE]);
            text[..piece.len()].copy_from_slice(piece);
            mask[..piece.len()].fill(u8::MAX);
            let (text, mask) = (u128::from_le_bytes(text), u128::from_le_bytes(mask));
            self.pieces.push(Piece { text, mask, length: piece.len(), value_end: 0 });
        }
        if let Some(last) = self.pieces.last_mut() {
            last.value_end = value_end;
        }
    }

    /// Where the object ends whose structure begins at the first of these places, if it has this layout.
    pub(super) fn end_of(&self, block: &[u8], places: &[u32]) -> Option<usize> {
        let places = places.get(..self.places)?;
        let mut at = *places.first()? as usize;
        for piece in &self.pieces {
            if !piece.stands(block, at) {
                return None;
            }
            at += piece.length;
            if piece.value_end > 0 {
                let end = places[piece.value_end] as usize;
                if *block.get(at)? != b'"' && kept(block.get(at..end)?).is_none() {
                    return None;
                }
                at = end;
            }
        }
        Some(at)
    }

    /// The cells of objects that have this layout, column by column.
    pub(super) fn fill(&self, block: &[u8], places: &[u32], rows: &[Row], cells: &mut Cells) {
        for wanted in &self.wanted {
            for Row { first, escapes } in rows {
                let value = places[first + wanted.place] as usize + wanted.length;
                let end = places[first + wanted.end] as usize;
                if block[value] != b'"' {
                    match kept(&block[value..end]) {
                        Some(length @ 1..) => cells.push(wanted.column, block, value, value + length),
                        _ => cells.push_nothing(wanted.column, 1),
                    }
                } else if escapes.0 as usize <= end && escapes.1 as usize >= value {
                    push_unescaped(wanted.column, block, value, end, cells);
                } else {
                    cells.push(wanted.column, block, value + 1, end - 1);
                }
            }
        }
        for column in &self.absent {
            cells.push_nothing(*column, rows.len());
        }
        cells.rows_added(rows.len());
    }
}

impl Piece {
    /// Whether this text stands here.
    #[inline]
    fn stands(&self, block: &[u8], at: usize) -> bool {
        let bytes = block.get(at..).unwrap_or_default();
        let bytes = bytes.first_chunk().copied().unwrap_or_else(|| with_zeros(bytes));
        (u128::from_le_bytes(bytes) ^ self.text) & self.mask == 0
    }
}

/// Zeros, which no JSON has, stand in for what is behind a block's end.
#[cold]
fn with_zeros(bytes: &[u8]) -> [u8; PIECE] {
    let mut filled = [0; PIECE];
    filled[..bytes.len()].copy_from_slice(bytes);
    filled
}

/// A key without escapes, out of the quotes and blanks around it.
fn plain_key(text: &[u8]) -> Option<&str> {
    let key = text.trim_ascii().strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    std::str::from_utf8(key).ok().filter(|key| !key.contains('\\'))
}

/// The cell of a string, quotes included, that may have escapes.
fn push_unescaped(column: usize, block: &[u8], start: usize, end: usize, cells: &mut Cells) {
    let text = &block[start..end];
    if memchr::memchr(b'\\', text).is_none() {
        return cells.push(column, block, start + 1, end - 1);
    }
    let unescaped: String = serde_json::from_slice(text).unwrap_or_default();
    cells.push_copied(column, unescaped.as_bytes());
}
