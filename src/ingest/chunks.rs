//! Blocks 64 bytes at a time, as masks of bits: for each byte a bit says whether it is one that was asked for (the way
//! of simdjson and simdcsv). It takes a processor with AVX2.

#![cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "no block is walked there"))]

/// So many bytes make a chunk.
pub(super) const CHUNK: usize = 64;

/// The masks of a chunk: one bit for each of its bytes.
pub(super) struct Chunk<const ASKED: usize> {
    /// Where its bytes stand in the block.
    pub(super) offset: u32,
    /// Bits that are not set here lie behind the block's end, where all bytes are 0.
    pub(super) valid: u64,
    /// For each byte that was asked for, where it is.
    pub(super) equal: [u64; ASKED],
    /// Whether an odd number of the first byte that was asked for stand up to and at a byte.
    pub(super) odd: u64,
    /// Where one of `{}[],:` is.
    pub(super) structural: u64,
    /// Where a control character is.
    pub(super) control: u64,
    /// Where a byte is not ASCII.
    pub(super) beyond_ascii: u64,
}

/// What looks at the chunks of a block in order.
pub(super) trait Kernel<const ASKED: usize> {
    /// Has to be `inline(always)`: it is compiled for the processor's features then. What it does not look at is not
    /// worked out.
    fn take(&mut self, chunk: &Chunk<ASKED>);
}

/// Shows all chunks of a block to a kernel; false if the processor lacks what it takes, or the block is too long.
pub(super) fn walk<const ASKED: usize>(block: &[u8], asked: [u8; ASKED], kernel: &mut impl Kernel<ASKED>) -> bool {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("bmi1")
        && std::arch::is_x86_feature_detected!("popcnt")
        && std::arch::is_x86_feature_detected!("pclmulqdq")
        && u32::try_from(block.len()).is_ok()
    {
        #[expect(unsafe_code, reason = "the one call into code for processors with AVX2, just found to be one")]
        // SAFETY: the processor has the features that the function is compiled for.
        unsafe {
            by_avx2::walk(block, asked, kernel);
        }
        return true;
    }
    let _ = (block, asked, kernel);
    false
}

/// Writes the places of a mask's bits. The first few are written whether they are there or not: that is quicker than to
/// ask, and what is too much is written over.
#[inline(always)]
pub(super) fn note(mut mask: u64, offset: u32, out: &mut [u32]) {
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

/// Room for all the places that a chunk may have, behind those that were found.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it has to be compiled for the caller's processor features")]
pub(super) fn make_room(places: &mut Vec<u32>, found: usize) {
    if places.len() < found + CHUNK {
        places.resize((found + CHUNK) * 2, 0);
    }
}

/// For each bit, whether an odd number of bits up to and with it are set.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it has to be compiled for the caller's processor features")]
pub(super) fn parity(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

#[cfg(target_arch = "x86_64")]
mod by_avx2 {
    use std::arch::x86_64::{
        __m256i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8, _mm256_cmpeq_epi8,
        _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_setr_epi8,
        _mm256_shuffle_epi8,
    };

    use super::{CHUNK, Chunk, Kernel};

    #[target_feature(enable = "avx2,bmi1,popcnt,pclmulqdq")]
    pub(super) fn walk<const ASKED: usize>(block: &[u8], asked: [u8; ASKED], kernel: &mut impl Kernel<ASKED>) {
        let (chunks, rest) = block.as_chunks::<CHUNK>();
        let mut offset = 0;
        for chunk in chunks {
            kernel.take(&masks(chunk, asked, offset, u64::MAX));
            offset += 64;
        }
        if !rest.is_empty() {
            let mut last = [0; CHUNK];
            last[..rest.len()].copy_from_slice(rest);
            kernel.take(&masks(&last, asked, offset, (1 << rest.len()) - 1));
        }
    }

    #[inline]
    #[target_feature(enable = "avx2,pclmulqdq")]
    fn masks<const ASKED: usize>(bytes: &[u8; CHUNK], asked: [u8; ASKED], offset: u32, valid: u64) -> Chunk<ASKED> {
        let (halves, _) = bytes.as_chunks::<32>();
        #[expect(
            unsafe_code,
            reason = "the load takes a pointer; put together from numbers, it costs three times as much"
        )]
        // SAFETY: each half is 32 bytes that may be read, and the load asks for no alignment.
        let halves = [0, 1].map(|half: usize| unsafe { _mm256_loadu_si256(halves[half].as_ptr().cast()) });
        let mask = |marked: [__m256i; 2]| {
            let [low, high] = marked.map(|half| u64::from(_mm256_movemask_epi8(half).cast_unsigned()));
            low | high << 32
        };
        let blank = _mm256_set1_epi8(b' '.cast_signed());
        let last_control = _mm256_set1_epi8(0x1f);
        // By the low half of a byte: the one structural character (with the bit of a blank) that ends so. Those of two
        // halves have that bit, or are control characters without it.
        #[rustfmt::skip]
        let ending = _mm256_setr_epi8(
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3a, 0x7b, 0x2c, 0x7d, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3a, 0x7b, 0x2c, 0x7d, 0, 0,
        );
        let equal = asked.map(|byte| {
            let all = _mm256_set1_epi8(byte.cast_signed());
            mask(halves.map(|half| _mm256_cmpeq_epi8(half, all)))
        });
        // A product without carries by all ones.
        let first = _mm_set_epi64x(0, equal[0].cast_signed());
        let odd = _mm_cvtsi128_si64(_mm_clmulepi64_si128::<0>(first, _mm_set1_epi8(-1)));
        Chunk {
            offset,
            valid,
            equal,
            odd: odd.cast_unsigned(),
            structural: mask(
                halves.map(|half| _mm256_cmpeq_epi8(_mm256_shuffle_epi8(ending, half), _mm256_or_si256(half, blank))),
            ),
            control: mask(halves.map(|half| _mm256_cmpeq_epi8(_mm256_min_epu8(half, last_control), half))),
            beyond_ascii: mask(halves),
        }
    }
}
