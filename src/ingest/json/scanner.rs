//! The records of a block of JSON: those that are laid out as one before at once, the others one by one.

use std::ops::Range;

use super::layout::{Layout, Row};
use super::structure::Structure;
use super::{Keys, next_start, read, record_end};
use crate::ingest::cells::Cells;

/// So many objects of a block are looked at for a layout; those with others are read one by one.
const LEARNED_FROM: usize = 8;

/// Reads blocks of records; keeps its memory from block to block.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Scanner {
    structure: Structure,
    rows: Vec<Row>,
    /// How many records were read by their layout.
    pub(super) laid_out: usize,
}

/// The layouts that were met, and the one of the rows that wait to be filled.
#[derive(Debug, Default)]
struct Layouts {
    known: Vec<Layout>,
    of_rows: usize,
    learned_from: usize,
}

impl Scanner {
    /// Passes the records of a block in order, each with what is wrong with it, and appends a row of cells for each that
    /// is good.
    pub(in crate::ingest) fn scan(
        &mut self,
        block: &[u8],
        a_line_each: bool,
        keys: &mut Keys<'_>,
        cells: &mut Cells,
        mut passed: impl FnMut(Range<usize>, Option<serde_json::Error>),
    ) {
        let mut ahead = if self.structure.find(block) { Ahead::of(&self.structure) } else { Ahead::default() };
        let (mut layouts, mut at) = (Layouts::default(), 0);
        while let Some(start) = next_start(block, at) {
            let places = ahead.places_from(start);
            let known = layouts.find(block, places, a_line_each);
            if let Some((layout, end)) = known.filter(|(_, end)| !ahead.is_odd(start, *end)) {
                if layout != layouts.of_rows {
                    layouts.fill(block, ahead.places, &mut self.rows, cells);
                    layouts.of_rows = layout;
                }
                self.rows.push(Row { first: ahead.place, escapes: ahead.escapes(start, end) });
                ahead.place += layouts.known[layout].places;
                self.laid_out += 1;
                passed(start..end, None);
                at = end;
                continue;
            }
            layouts.fill(block, ahead.places, &mut self.rows, cells);
            at = record_end(block, start, a_line_each);
            let read = read(block, (start, at), keys, cells);
            if read.is_ok() && layouts.learned_from < LEARNED_FROM && !ahead.is_odd(start, at) {
                layouts.learned_from += 1;
                layouts.known.extend(Layout::learn(block, places, keys));
            }
            passed(start..at, read.err());
        }
        layouts.fill(block, ahead.places, &mut self.rows, cells);
    }
}

impl Layouts {
    /// Which layout the record has whose structure begins at the first of these places, and where it ends.
    fn find(&self, block: &[u8], places: &[u32], a_line_each: bool) -> Option<(usize, usize)> {
        let find = |(at, layout): (usize, &Layout)| {
            let end = layout.end_of(block, places)?;
            if !a_line_each {
                return Some((at, end));
            }
            let line_end = *places.get(layout.places)? as usize;
            let is_end = matches!(block.get(line_end), None | Some(b'\n'));
            (is_end && block.get(end..line_end)?.trim_ascii().is_empty()).then_some((at, line_end))
        };
        find((self.of_rows, self.known.get(self.of_rows)?)).or_else(|| self.known.iter().enumerate().find_map(find))
    }

    /// The cells of the rows that wait.
    fn fill(&self, block: &[u8], places: &[u32], rows: &mut Vec<Row>, cells: &mut Cells) {
        if let Some(layout) = self.known.get(self.of_rows).filter(|_| !rows.is_empty()) {
            layout.fill(block, places, rows, cells);
            rows.clear();
        }
    }
}

/// What of a block's structure lies ahead.
#[derive(Default)]
struct Ahead<'s> {
    places: &'s [u32],
    /// The first place that is not passed.
    place: usize,
    odd: &'s [u32],
    escapes: &'s [(u32, u32)],
}

impl<'s> Ahead<'s> {
    fn of(structure: &'s Structure) -> Self {
        Self { places: structure.places(), place: 0, odd: &structure.odd, escapes: &structure.escapes }
    }

    /// The places from this offset on, if one is there. What lies before is passed.
    #[inline]
    fn places_from(&mut self, start: usize) -> &'s [u32] {
        while self.places.get(self.place).is_some_and(|place| *place < number(start)) {
            self.place += 1;
        }
        let places = self.places.get(self.place..).unwrap_or_default();
        if places.first() == Some(&number(start)) { places } else { &[] }
    }

    /// Whether something is out of the ordinary between these offsets. What lies before is passed.
    #[inline]
    fn is_odd(&mut self, start: usize, end: usize) -> bool {
        while let [odd, rest @ ..] = self.odd
            && *odd < number(start)
        {
            self.odd = rest;
        }
        self.odd.first().is_some_and(|odd| *odd < number(end))
    }

    /// The first and the last backslash between these offsets, or some more around; the other way round if there is
    /// none. What lies before is passed.
    #[inline]
    fn escapes(&mut self, start: usize, end: usize) -> (u32, u32) {
        let mut found = (u32::MAX, 0);
        while let [(first, last), rest @ ..] = self.escapes
            && *first < number(end)
        {
            if *last >= number(start) {
                found = (found.0.min(*first), *last);
            }
            if *last >= number(end) {
                break;
            }
            self.escapes = rest;
        }
        found
    }
}

fn number(offset: usize) -> u32 {
    // Where there is structure, a block has fewer than 2^32 bytes.
    u32::try_from(offset).unwrap_or(u32::MAX)
}
