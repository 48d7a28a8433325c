//! The structure of a block of JSON: where braces, brackets, commas, colons and newlines stand outside strings.
//!
//! Found for 64 bytes at a time ([`chunks`]). For each byte a bit says whether it is a quote that is not escaped, and a
//! running parity of those bits whether it stands inside a string. What is out of the ordinary is marked where it
//! stands: a control character but a line end, a backslash outside strings, an escape of four digits or one that is
//! none, and whatever follows a string at once without being structure.

use crate::ingest::chunks::{self, Chunk, Kernel, Note, parity, room};

/// The structure of a block. Reused from block to block.
#[derive(Debug, Default)]
pub(super) struct Structure {
    places: Vec<u32>,
    found: usize,
    /// Where something is out of the ordinary.
    pub(super) odd: Vec<u32>,
    /// Where backslashes are: the first and the last offset in each chunk that has any.
    pub(super) escapes: Vec<(u32, u32)>,
}

impl Structure {
    /// Finds the structure; false if nothing is to be said of the block: a string goes over a line's end, or not all
    /// is UTF-8, or the processor lacks what it takes.
    pub(super) fn find(&mut self, block: &[u8]) -> bool {
        self.odd.clear();
        self.escapes.clear();
        let asked = [b'"', b'\\', b'\n', b'\r'];
        let found = chunks::walk(block, asked, &mut Finding { block, structure: self }, Carry::default());
        let Some(Carry { found, inside, wrong, beyond_ascii, .. }) = found else { return false };
        room(&mut self.places, found)[0] = u32::try_from(block.len()).unwrap_or(u32::MAX);
        self.found = found;
        wrong == 0 && inside == 0 && (beyond_ascii == 0 || std::str::from_utf8(block).is_ok())
    }

    /// The offsets of all structure, and the block's length behind them.
    pub(super) fn places(&self) -> &[u32] {
        &self.places[..=self.found]
    }
}

/// What one chunk leaves to the next.
#[derive(Clone, Copy, Default)]
struct Carry {
    /// How many places were found.
    found: usize,
    /// All bits set inside a string.
    inside: u64,
    /// The first byte is escaped.
    escaped: u64,
    /// The last byte was a closing quote.
    closed: u64,
    /// Some line end stands in a string.
    wrong: u64,
    /// Some byte is not ASCII.
    beyond_ascii: u64,
}

struct Finding<'b, 's> {
    block: &'b [u8],
    structure: &'s mut Structure,
}

impl Kernel<4> for Finding<'_, '_> {
    type Carry = Carry;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it has to be compiled for the caller's processor features")]
    fn take(&mut self, mut carry: Carry, chunk: &Chunk<4>, note: impl Note) -> Carry {
        let [quotes, backslashes, newlines, returns] = chunk.equal;
        let escaped = if backslashes | carry.escaped == 0 { 0 } else { escaped(backslashes, &mut carry.escaped) };
        let inside = carry.inside ^ if escaped == 0 { chunk.odd } else { parity(quotes & !escaped) };
        let quotes = quotes & !escaped;
        let closing = quotes & !inside;
        let places = chunk.structural & !inside | newlines;
        let behind_closing = closing << 1 | carry.closed;
        let control = chunk.control & !newlines & chunk.valid;
        carry.wrong |= newlines & inside;
        carry.beyond_ascii |= chunk.beyond_ascii;
        carry.inside = 0_u64.wrapping_sub(inside >> 63);
        carry.closed = closing >> 63;
        note(places, chunk.offset, room(&mut self.structure.places, carry.found));
        carry.found += places.count_ones() as usize;
        let odd = behind_closing & !places | control;
        if odd | backslashes | escaped != 0 {
            let odd = odd & (inside | !returns | behind_closing) | backslashes & !inside;
            self.look(odd, backslashes, escaped & chunk.valid, chunk.offset);
        }
        carry
    }
}

impl Finding<'_, '_> {
    /// Marks what is odd, and where escapes are.
    fn look(&mut self, mut odd: u64, backslashes: u64, mut escaped: u64, offset: u32) {
        if backslashes != 0 {
            let (first, last) = (backslashes.trailing_zeros(), backslashes.ilog2());
            self.structure.escapes.push((offset + first, offset + last));
        }
        while escaped != 0 {
            let bit = escaped.trailing_zeros();
            if !is_plain_escape(self.block[(offset + bit) as usize]) {
                odd |= 1 << bit;
            }
            escaped &= escaped - 1;
        }
        while odd != 0 {
            self.structure.odd.push(offset + odd.trailing_zeros());
            odd &= odd - 1;
        }
    }
}

/// Whether a backslash and this byte make an escape, and one that is not of four digits.
pub(super) fn is_plain_escape(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')
}

/// Which bytes stand behind a backslash that is not itself escaped. `first` says whether the first one does, and is
/// told whether the first one of the next chunk does. (Of simdjson: a run of backslashes that begins at an even place
/// carries to an even one when added to itself, or to an odd one if its length is odd.)
#[inline]
fn escaped(backslashes: u64, first: &mut u64) -> u64 {
    const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;
    let starts = backslashes & !*first;
    let codes = ((starts << 1) | ODD).wrapping_sub(starts) ^ ODD;
    let escaped = codes ^ (backslashes | *first);
    *first = (codes & backslashes) >> 63;
    escaped
}
