//! Blocks 64 bytes at a time, as masks of bits: for each byte a bit says whether it is one that was asked for (the way
//! of simdjson and simdcsv). It takes a processor with AVX-512, which does it in half of the instructions, or with AVX2.

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
    /// Where one of `{}[],:` is. What it says of control characters means nothing.
    pub(super) structural: u64,
    /// Where a control character is.
    pub(super) control: u64,
    /// Where a byte is not ASCII.
    pub(super) beyond_ascii: u64,
}

/// What looks at the chunks of a block in order.
pub(super) trait Kernel<const ASKED: usize> {
    /// What one chunk leaves to the next. It is handed on as it is, so that it stays in registers.
    type Carry: Copy;

    /// Has to be `inline(always)`: it is compiled for the processor's features then. What it does not look at is not
    /// worked out.
    fn take(&mut self, carry: Self::Carry, chunk: &Chunk<ASKED>, note: impl Note) -> Self::Carry;
}

/// Writes the places of a mask's bits, to each of which an offset is added. What is behind the last of them may be
/// written over.
pub(super) trait Note: Fn(u64, u32, &mut [u32; CHUNK]) {}

impl<F: Fn(u64, u32, &mut [u32; CHUNK])> Note for F {}

/// Shows all chunks of a block to a kernel; what the last one leaves. Nothing if the processor lacks what it takes, or
/// the block is too long.
pub(super) fn walk<const ASKED: usize, K: Kernel<ASKED>>(
    block: &[u8],
    asked: [u8; ASKED],
    kernel: &mut K,
    carry: K::Carry,
) -> Option<K::Carry> {
    u32::try_from(block.len()).ok()?;
    Way::ALL.into_iter().find_map(|way| way.walk(block, asked, kernel, carry))
}

/// How masks are made: by which of a processor's abilities.
#[derive(Clone, Copy, Debug)]
enum Way {
    Avx512,
    Avx2,
}

impl Way {
    /// All of them, best first.
    const ALL: [Self; 2] = [Self::Avx512, Self::Avx2];

    /// See [`walk`].
    fn walk<const ASKED: usize, K: Kernel<ASKED>>(
        self,
        block: &[u8],
        asked: [u8; ASKED],
        kernel: &mut K,
        carry: K::Carry,
    ) -> Option<K::Carry> {
        #[cfg(target_arch = "x86_64")]
        if self.is_there() {
            #[expect(unsafe_code, reason = "the one call into code for processors that can do more")]
            // SAFETY: the processor has the features that the functions are compiled for.
            return Some(unsafe {
                match self {
                    Self::Avx512 => by_avx512::walk(block, asked, kernel, carry),
                    Self::Avx2 => by_avx2::walk(block, asked, kernel, carry),
                }
            });
        }
        let _ = (block, asked, kernel, carry);
        None
    }

    #[cfg(target_arch = "x86_64")]
    fn is_there(self) -> bool {
        let wide = match self {
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vbmi2")
            }
            Self::Avx2 => is_x86_feature_detected!("avx2"),
        };
        let others = is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("popcnt");
        wide && others && is_x86_feature_detected!("pclmulqdq")
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "it has to be compiled for the caller's processor features")]
fn each_chunk<const ASKED: usize, K: Kernel<ASKED>>(
    block: &[u8],
    kernel: &mut K,
    mut carry: K::Carry,
    masks: impl Fn(&[u8; CHUNK], u32, u64) -> Chunk<ASKED>,
    note: impl Note + Copy,
) -> K::Carry {
    let (chunks, rest) = block.as_chunks::<CHUNK>();
    let mut offset = 0;
    for chunk in chunks {
        carry = kernel.take(carry, &masks(chunk, offset, u64::MAX), note);
        offset += 64;
    }
    if !rest.is_empty() {
        let mut last = [0; CHUNK];
        last[..rest.len()].copy_from_slice(rest);
        carry = kernel.take(carry, &masks(&last, offset, (1 << rest.len()) - 1), note);
    }
    carry
}

/// Room for all the places that a chunk may have, behind those that were found.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it has to be compiled for the caller's processor features")]
pub(super) fn room(places: &mut Vec<u32>, found: usize) -> &mut [u32; CHUNK] {
    if places.len() < found + CHUNK {
        places.resize((found + CHUNK) * 2, 0);
    }
    places[found..].first_chunk_mut().expect("room was made")
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

/// By the low half of a byte: the one structural character (with the bit of a blank) that ends so. Those of two halves
/// have that bit, or are control characters without it.
#[cfg(target_arch = "x86_64")]
const ENDING: [i64; 2] = [0, i64::from_le_bytes([0, 0, 0x3a, 0x7b, 0x2c, 0x7d, 0, 0])];

/// For each bit, whether an odd number of bits up to and with it are set: by a product without carries by all ones.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "pclmulqdq")]
fn odd(bits: u64) -> u64 {
    use std::arch::x86_64::{_mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8};
    let bits = _mm_set_epi64x(0, bits.cast_signed());
    _mm_cvtsi128_si64(_mm_clmulepi64_si128::<0>(bits, _mm_set1_epi8(-1))).cast_unsigned()
}

#[cfg(target_arch = "x86_64")]
mod by_avx512 {
    use std::arch::x86_64::{
        __m512i, _mm512_add_epi32, _mm512_castsi512_si128, _mm512_cmpeq_epi8_mask, _mm512_cmple_epu8_mask,
        _mm512_cvtepu8_epi32, _mm512_extracti32x4_epi32, _mm512_loadu_si512, _mm512_maskz_compress_epi8,
        _mm512_movepi8_mask, _mm512_or_si512, _mm512_set_epi64, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_set4_epi64,
        _mm512_shuffle_epi8, _mm512_storeu_si512,
    };

    use super::{CHUNK, Chunk, ENDING, Kernel, each_chunk, odd};

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,bmi1,popcnt,pclmulqdq")]
    pub(super) fn walk<const ASKED: usize, K: Kernel<ASKED>>(
        block: &[u8],
        asked: [u8; ASKED],
        kernel: &mut K,
        carry: K::Carry,
    ) -> K::Carry {
        let masks = |chunk: &[u8; CHUNK], offset: u32, valid: u64| masks(chunk, asked, offset, valid);
        each_chunk(block, kernel, carry, masks, |mask, offset, out| note(mask, offset, out))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,pclmulqdq")]
    fn masks<const ASKED: usize>(bytes: &[u8; CHUNK], asked: [u8; ASKED], offset: u32, valid: u64) -> Chunk<ASKED> {
        #[expect(unsafe_code, reason = "the load takes a pointer")]
        // SAFETY: 64 bytes may be read, and the load asks for no alignment.
        let bytes = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
        let equal = asked.map(|byte| _mm512_cmpeq_epi8_mask(bytes, all(byte)));
        let ended = _mm512_shuffle_epi8(ending(), bytes);
        Chunk {
            offset,
            valid,
            equal,
            odd: odd(equal[0]),
            structural: _mm512_cmpeq_epi8_mask(ended, _mm512_or_si512(bytes, all(b' '))),
            control: _mm512_cmple_epu8_mask(bytes, all(0x1f)),
            beyond_ascii: _mm512_movepi8_mask(bytes),
        }
    }

    /// The numbers of the bytes that the mask has bits for, brought together, sixteen at a time: few have more.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
    fn note(mask: u64, offset: u32, out: &mut [u32; CHUNK]) {
        let places = _mm512_maskz_compress_epi8(mask, numbers());
        let (sixteens, _) = out.as_chunks_mut::<16>();
        let [first, second, third, fourth] = sixteens else { return };
        let write = |places, out: &mut [u32; 16]| {
            let places = _mm512_add_epi32(_mm512_cvtepu8_epi32(places), _mm512_set1_epi32(offset.cast_signed()));
            #[expect(unsafe_code, reason = "the store takes a pointer")]
            // SAFETY: sixteen numbers may be written, and the store asks for no alignment.
            unsafe {
                _mm512_storeu_si512(out.as_mut_ptr().cast(), places);
            }
        };
        write(_mm512_castsi512_si128(places), first);
        if mask.count_ones() > 16 {
            write(_mm512_extracti32x4_epi32::<1>(places), second);
            write(_mm512_extracti32x4_epi32::<2>(places), third);
            write(_mm512_extracti32x4_epi32::<3>(places), fourth);
        }
    }

    /// 0, 1, 2 … 63.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn numbers() -> __m512i {
        const EIGHT: u64 = 0x0706_0504_0302_0100;
        let eight = |from: u64| (EIGHT + from * 0x0808_0808_0808_0808).cast_signed();
        _mm512_set_epi64(eight(7), eight(6), eight(5), eight(4), eight(3), eight(2), eight(1), eight(0))
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn all(byte: u8) -> __m512i {
        _mm512_set1_epi8(byte.cast_signed())
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn ending() -> __m512i {
        let [low, high] = ENDING;
        _mm512_set4_epi64(high, low, high, low)
    }
}

#[cfg(target_arch = "x86_64")]
mod by_avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set_epi64x, _mm256_set1_epi8, _mm256_shuffle_epi8,
    };

    use super::{CHUNK, Chunk, ENDING, Kernel, each_chunk, odd};

    #[target_feature(enable = "avx2,bmi1,popcnt,pclmulqdq")]
    pub(super) fn walk<const ASKED: usize, K: Kernel<ASKED>>(
        block: &[u8],
        asked: [u8; ASKED],
        kernel: &mut K,
        carry: K::Carry,
    ) -> K::Carry {
        let masks = |chunk: &[u8; CHUNK], offset: u32, valid: u64| masks(chunk, asked, offset, valid);
        each_chunk(block, kernel, carry, masks, note)
    }

    /// The first few are written whether they are there or not: that is quicker than to ask.
    #[inline(always)]
    pub(super) fn note(mut mask: u64, offset: u32, out: &mut [u32; CHUNK]) {
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
        let [low, high] = ENDING;
        let ending = _mm256_set_epi64x(high, low, high, low);
        let equal = asked.map(|byte| {
            let all = _mm256_set1_epi8(byte.cast_signed());
            mask(halves.map(|half| _mm256_cmpeq_epi8(half, all)))
        });
        Chunk {
            offset,
            valid,
            equal,
            odd: odd(equal[0]),
            structural: mask(
                halves.map(|half| _mm256_cmpeq_epi8(_mm256_shuffle_epi8(ending, half), _mm256_or_si256(half, blank))),
            ),
            control: mask(halves.map(|half| _mm256_cmpeq_epi8(_mm256_min_epu8(half, last_control), half))),
            beyond_ascii: mask(halves),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a chunk is shown as.
    type Shown = (u32, u64, [u64; 2], [u64; 4], Vec<u32>);

    struct Shows(Vec<Shown>);

    impl Kernel<2> for Shows {
        type Carry = u32;

        #[inline(always)]
        #[expect(clippy::inline_always, reason = "it has to be compiled for the caller's processor features")]
        fn take(&mut self, carry: u32, chunk: &Chunk<2>, note: impl Note) -> u32 {
            let Chunk { offset, valid, equal, odd, structural, control, beyond_ascii } = *chunk;
            let mut places = [0; CHUNK];
            note(beyond_ascii, offset, &mut places);
            let places = places[..beyond_ascii.count_ones() as usize].to_vec();
            self.0.push((offset, valid, equal, [odd, structural & !control, control, beyond_ascii], places));
            carry + 1
        }
    }

    /// The same, byte by byte.
    fn byte_by_byte(block: &[u8], asked: [u8; 2]) -> Vec<Shown> {
        let shown = block.chunks(CHUNK).zip(0_u32..).map(|(chunk, number)| {
            let bytes = (0..CHUNK).map(|at| chunk.get(at).copied().unwrap_or(0));
            let mask = |is: &dyn Fn(u8) -> bool| {
                bytes.clone().enumerate().fold(0, |mask, (at, byte)| mask | u64::from(is(byte)) << at)
            };
            let valid = if chunk.len() == CHUNK { u64::MAX } else { (1 << chunk.len()) - 1 };
            let equal = asked.map(|asked| mask(&|byte| byte == asked));
            let others: [&dyn Fn(u8) -> bool; 3] =
                [&|byte| b"{}[],:".contains(&byte), &|byte| byte < b' ', &|byte| !byte.is_ascii()];
            let [structural, control, beyond_ascii] = others.map(mask);
            let places = (0..64).filter(|bit| beyond_ascii >> bit & 1 == 1).map(|bit| number * 64 + bit);
            (number * 64, valid, equal, [parity(equal[0]), structural, control, beyond_ascii], places.collect())
        });
        shown.collect()
    }

    #[test]
    fn every_way_shows_what_is_there() {
        // Every byte, many times, in an order that no chunk has twice.
        let block: Vec<u8> = (0..9_999_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
        for length in [0, 1, 63, 64, 65, 9_999] {
            for way in Way::ALL {
                let mut shows = Shows(Vec::new());
                let asked = [b'"', b'\n'];
                if let Some(chunks) = way.walk(&block[..length], asked, &mut shows, 0) {
                    assert_eq!(shows.0, byte_by_byte(&block[..length], asked), "{way:?}, {length} bytes");
                    assert_eq!(chunks as usize, shows.0.len(), "each hands on to the next");
                }
            }
        }
    }
}
