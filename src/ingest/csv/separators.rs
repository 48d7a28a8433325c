//! All separators of a block at once, 64 bytes at a time, as masks of bits (the way of simdjson and simdcsv).
//!
//! For each byte a bit says whether it is a quote, and a running parity of those bits whether it stands inside quotes.
//! Delimiters and newlines outside are the separators. The same masks tell whether every quote stands where one may:
//! an opening one at the start of a cell or behind a closing one (doubled), a closing one before a separator, a line
//! end or an opening one. Where not, nothing is said about the block but that.

#![cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "the strict walk takes every block there"))]

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

/// One bit for each of 64 bytes.
#[derive(Clone, Copy)]
struct Masks {
    quotes: u64,
    /// Whether an odd number of quotes stand up to and at the byte.
    parity: u64,
    delimiters: u64,
    newlines: u64,
}

/// What one chunk leaves to the next.
struct Carry {
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

const CHUNK: usize = 64;

impl Separators {
    /// Finds the separators; false if that takes the strict walk.
    pub(super) fn find(&mut self, block: &[u8], delimiter: u8) -> bool {
        self.newlines.clear();
        self.doubled.clear();
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("bmi1")
            && std::arch::is_x86_feature_detected!("popcnt")
            && std::arch::is_x86_feature_detected!("pclmulqdq")
        {
            #[expect(unsafe_code, reason = "the one call into code for processors with AVX2, just found to be one")]
            // SAFETY: the processor has the features that the function is compiled for.
            return unsafe { self.find_by_avx2(block, delimiter) };
        }
        let _ = (block, delimiter);
        false
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,popcnt,pclmulqdq")]
    fn find_by_avx2(&mut self, block: &[u8], delimiter: u8) -> bool {
        self.walk(block, |chunk| masks_by_avx2(chunk, delimiter))
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it has to be compiled for the caller's processor features")]
    fn walk(&mut self, block: &[u8], masks: impl Fn(&[u8; CHUNK]) -> Masks) -> bool {
        let Ok(length) = u32::try_from(block.len()) else { return false };
        let mut carry = Carry { inside: 0, may_open: 1, closed: 0, returned: 0, wrong: 0 };
        let (chunks, rest) = block.as_chunks::<CHUNK>();
        let (mut found, mut offset) = (0, 0);
        for chunk in chunks {
            found = self.take(&masks(chunk), chunk, u64::MAX, (offset, found), &mut carry);
            offset += 64;
        }
        if !rest.is_empty() {
            let mut last = [0; CHUNK];
            last[..rest.len()].copy_from_slice(rest);
            let valid = (1 << rest.len()) - 1;
            found = self.take(&masks(&last), &last, valid, (offset, found), &mut carry);
        }
        if !block.is_empty() && self.newlines.last().is_none_or(|last| last.offset + 1 != length) {
            self.make_room(found);
            self.all[found] = length;
            self.newlines.push(Newline { offset: length, place: number(found) });
        }
        carry.wrong == 0 && carry.inside == 0
    }

    /// Takes a chunk's separators in; says how many there are now. Bits that are not `valid` lie behind the block's end.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it has to be compiled for the caller's processor features")]
    fn take(
        &mut self,
        masks: &Masks,
        chunk: &[u8; CHUNK],
        valid: u64,
        (offset, found): (u32, usize),
        carry: &mut Carry,
    ) -> usize {
        let inside = masks.parity ^ carry.inside;
        let (opening, closing) = (masks.quotes & inside, masks.quotes & !inside);
        let newlines = masks.newlines & !inside;
        let separators = (masks.delimiters & !inside) | newlines;
        let may_open = (separators | closing) << 1 | carry.may_open;
        let behind_closing = closing << 1 | carry.closed;
        let unexpected = behind_closing & !(separators | opening);
        carry.wrong |= valid & opening & !may_open;
        // Behind a closing quote there may be a return before a newline, which few exports have.
        if (unexpected & valid) | carry.returned != 0 {
            let returns = unexpected & bits_of(chunk, b'\r');
            let behind_return = returns << 1 | carry.returned;
            carry.wrong |= valid & (unexpected & !returns | behind_return & !newlines);
            carry.returned = returns >> 63;
        }
        carry.inside = 0_u64.wrapping_sub(inside >> 63);
        carry.may_open = (separators | closing) >> 63;
        carry.closed = closing >> 63;
        let doubled = opening & behind_closing;
        if doubled != 0 {
            self.doubled.push((offset + doubled.trailing_zeros(), offset + 63 - doubled.leading_zeros()));
        }
        let mut ends = newlines;
        while ends != 0 {
            let bit = ends.trailing_zeros();
            let before = (separators & ((1 << bit) - 1)).count_ones();
            self.newlines.push(Newline { offset: offset + bit, place: number(found) + before });
            ends &= ends - 1;
        }
        self.make_room(found);
        note(separators, offset, &mut self.all[found..found + CHUNK]);
        found + separators.count_ones() as usize
    }

    /// Room for all the separators that a chunk may have.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it has to be compiled for the caller's processor features")]
    fn make_room(&mut self, found: usize) {
        if self.all.len() < found + CHUNK {
            self.all.resize((found + CHUNK) * 2, 0);
        }
    }
}

/// Writes the places of a mask's bits. The first few are written whether they are there or not: that is quicker than to
/// ask, and what is too much is written over.
#[inline(always)]
fn note(mut mask: u64, offset: u32, out: &mut [u32]) {
    const EIGHT: usize = 8;
    let (eights, _) = out.as_chunks_mut::<EIGHT>();
    for eight in eights {
        for (at, place) in eight.iter_mut().enumerate() {
            *place = offset.wrapping_add(mask.trailing_zeros());
            mask &= mask.wrapping_sub(1);
            if at == EIGHT / 2 - 1 && mask == 0 {
                return;
            }
        }
        if mask == 0 {
            return;
        }
    }
}

/// For each bit, whether an odd number of bits up to and with it are set: a product without carries by all ones.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "pclmulqdq")]
fn parity(bits: u64) -> u64 {
    use std::arch::x86_64::{_mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8};
    let bits = _mm_set_epi64x(0, bits.cast_signed());
    _mm_cvtsi128_si64(_mm_clmulepi64_si128::<0>(bits, _mm_set1_epi8(-1))).cast_unsigned()
}

/// Where a byte stands that few chunks have.
#[cold]
fn bits_of(chunk: &[u8; CHUNK], byte: u8) -> u64 {
    chunk.iter().rev().fold(0, |bits, known| bits << 1 | u64::from(*known == byte))
}

fn number(place: usize) -> u32 {
    // A block has fewer than 2^32 bytes, and so has it separators.
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,pclmulqdq")]
fn masks_by_avx2(chunk: &[u8; CHUNK], delimiter: u8) -> Masks {
    use std::arch::x86_64::{_mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8};
    let (halves, _) = chunk.as_chunks::<32>();
    #[expect(unsafe_code, reason = "the load takes a pointer; put together from numbers, it costs three times as much")]
    // SAFETY: each half is 32 bytes that may be read, and the load asks for no alignment.
    let [low, high] = [0, 1].map(|half: usize| unsafe { _mm256_loadu_si256(halves[half].as_ptr().cast()) });
    let mask = |byte: u8| {
        let all = _mm256_set1_epi8(byte.cast_signed());
        let low = _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, all)).cast_unsigned();
        let high = _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, all)).cast_unsigned();
        u64::from(low) | u64::from(high) << 32
    };
    let quotes = mask(b'"');
    Masks { quotes, parity: parity(quotes), delimiters: mask(delimiter), newlines: mask(b'\n') }
}
