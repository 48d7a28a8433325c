//! All separators of a block at once, 64 bytes at a time, as masks of bits ([`chunks`]).
//!
//! For each byte a bit says whether it is a quote, and a running parity of those bits whether it stands inside quotes.
//! Delimiters and newlines outside are the separators. The same masks tell whether every quote stands where one may:
//! an opening one at the start of a cell or behind a closing one (doubled), a closing one before a separator, a line
//! end or an opening one. Where not, nothing is said about the block but that.

use crate::ingest::chunks::{self, Chunk, Kernel, Note, room};

/// The separators of a block. Reused from block to block.
#[derive(Debug, Default)]
pub(super) struct Separators {
    /// Offsets of all separators, and some room behind them; what counts ends with the last of `newlines`.
    pub(super) all: Vec<u32>,
    /// Those that end a record; a block without a newline at its end has one behind its last byte.
    pub(super) newlines: Vec<Newline>,
    /// Where quotes are doubled: the first and the last offset in each chunk that has any.
    pub(super) doubled: Vec<(u32, u32)>,
}

/// A separator that ends a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Newline {
    pub(super) offset: u32,
    /// Its place among all separators.
    pub(super) place: u32,
}

/// What one chunk leaves to the next.
#[derive(Clone, Copy)]
struct Carry {
    /// How many separators were found.
    found: usize,
    /// All bits set inside quotes.
    inside: u64,
    /// The last byte was a separator or a closing quote: a quote may open.
    may_open: u64,
    /// The last byte was a closing quote.
    closed: u64,
    /// The last byte was a return behind a closing quote.
    returned: u64,
    /// Some quote stands where it may not.
    wrong: u64,
}

impl Separators {
    /// Finds the separators; false if that takes the strict walk.
    pub(super) fn find(&mut self, block: &[u8], delimiter: u8) -> bool {
        self.newlines.clear();
        self.doubled.clear();
        let carry = Carry { found: 0, inside: 0, may_open: 1, closed: 0, returned: 0, wrong: 0 };
        let carry = chunks::walk(block, [b'"', delimiter, b'\n', b'\r'], &mut Finding { separators: self }, carry);
        let Some(Carry { found, wrong, inside, .. }) = carry else { return false };
        let length = number(block.len());
        if !block.is_empty() && self.newlines.last().is_none_or(|last| last.offset + 1 != length) {
            room(&mut self.all, found)[0] = length;
            self.newlines.push(Newline { offset: length, place: number(found) });
        }
        wrong == 0 && inside == 0
    }
}

/// The separators of a block while they are found.
struct Finding<'s> {
    separators: &'s mut Separators,
}

impl Kernel<4> for Finding<'_> {
    type Carry = Carry;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it has to be compiled for the caller's processor features")]
    fn take(&mut self, mut carry: Carry, chunk: &Chunk<4>, note: impl Note) -> Carry {
        let known = &mut *self.separators;
        let Chunk { offset, valid, equal: [quotes, delimiters, newlines, returns], odd, .. } = *chunk;
        let inside = odd ^ carry.inside;
        let (opening, closing) = (quotes & inside, quotes & !inside);
        let newlines = newlines & !inside;
        let separators = (delimiters & !inside) | newlines;
        let may_open = (separators | closing) << 1 | carry.may_open;
        let behind_closing = closing << 1 | carry.closed;
        let unexpected = behind_closing & !(separators | opening);
        carry.wrong |= valid & opening & !may_open;
        // Behind a closing quote there may be a return before a newline, which few exports have.
        if (unexpected & valid) | carry.returned != 0 {
            let returns = unexpected & returns;
            let behind_return = returns << 1 | carry.returned;
            carry.wrong |= valid & (unexpected & !returns | behind_return & !newlines);
            carry.returned = returns >> 63;
        }
        carry.inside = 0_u64.wrapping_sub(inside >> 63);
        carry.may_open = (separators | closing) >> 63;
        carry.closed = closing >> 63;
        let doubled = opening & behind_closing;
        if doubled != 0 {
            known.doubled.push((offset + doubled.trailing_zeros(), offset + 63 - doubled.leading_zeros()));
        }
        let mut ends = newlines;
        while ends != 0 {
            let bit = ends.trailing_zeros();
            let before = (separators & ((1 << bit) - 1)).count_ones();
            known.newlines.push(Newline { offset: offset + bit, place: number(carry.found) + before });
            ends &= ends - 1;
        }
        note(separators, offset, room(&mut known.all, carry.found));
        carry.found += separators.count_ones() as usize;
        carry
    }
}

fn number(place: usize) -> u32 {
    // A block has fewer than 2^32 bytes, and so has it separators.
    u32::try_from(place).unwrap_or(u32::MAX)
}
