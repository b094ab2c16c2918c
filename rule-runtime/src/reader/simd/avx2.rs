//! 32 bytes, or four masks, in a vector. For the invariants see the module above.

use crate::reader::classes::{Classes, Vector};
use std::arch::x86_64::{
    __m256i, _MM_HINT_T0, _mm_prefetch, _mm256_add_epi64, _mm256_and_si256, _mm256_andnot_si256,
    _mm256_castsi256_pd, _mm256_cmpeq_epi8, _mm256_cmpeq_epi64, _mm256_cmpgt_epi8, _mm256_loadu_si256,
    _mm256_movemask_epi8, _mm256_movemask_pd, _mm256_or_si256, _mm256_set1_epi8, _mm256_set1_epi64x,
    _mm256_setr_epi64x, _mm256_setzero_si256, _mm256_slli_epi64, _mm256_storeu_si256, _mm256_sub_epi64,
    _mm256_xor_si256,
};

/// Two vectors of 32 bytes.
pub(super) struct Avx2;

#[allow(clippy::inline_always)] // Only code inlined into `run_avx2` is compiled with its features.
impl Vector for Avx2 {
    #[inline(always)]
    fn sort(eight: &[u8; 512], classes: &mut Classes) {
        let (words, _) = eight.as_chunks::<64>();
        let mut rare = repeat(0);
        let mut behind_backslash = repeat(0);
        for (word, bytes) in words.iter().enumerate() {
            let halves = load(bytes);
            let braces = Self::or(halves, repeat(0x20));
            classes.quote[word] = equal(halves, b'"');
            classes.backslash[word] = equal(halves, b'\\');
            classes.colon[word] = equal(halves, b':');
            classes.open[word] = equal(braces, b'{');
            classes.close[word] = equal(braces, b'}');
            rare = Self::or(rare, below_space_or_non_ascii(halves));
            if let Some(before) = bytes_before(eight, word) {
                let u = Self::and(same(halves, repeat(b'u')), same(load(before), repeat(b'\\')));
                behind_backslash = Self::or(behind_backslash, u);
            }
        }
        // Taking masks out of vectors is what takes long; these are mostly empty.
        if high_bits(rare) == 0 {
            classes.control = [0; 8];
            classes.newline = [0; 8];
            classes.non_ascii = [0; 8];
        } else {
            for (word, bytes) in words.iter().enumerate() {
                let halves = load(bytes);
                classes.newline[word] = equal(halves, b'\n');
                classes.non_ascii[word] = high_bits(halves);
                classes.control[word] = high_bits(below_space_or_non_ascii(halves)) ^ classes.non_ascii[word];
            }
        }
        // The first one may be escaped by what stands before.
        classes.u = [equal(load(&words[0]), b'u'), 0, 0, 0, 0, 0, 0, 0];
        if high_bits(behind_backslash) != 0 {
            for (word, bytes) in words.iter().enumerate() {
                classes.u[word] = equal(load(bytes), b'u');
            }
        }
    }

    type Eight = [__m256i; 2];

    #[inline(always)]
    fn load(masks: &[u64; 8]) -> [__m256i; 2] {
        let (halves, _) = masks.as_chunks::<4>();
        // SAFETY: the machine has AVX2 (invariant 2); each half is 32 bytes long and the load needs no alignment.
        unsafe {
            [_mm256_loadu_si256(halves[0].as_ptr().cast()), _mm256_loadu_si256(halves[1].as_ptr().cast())]
        }
    }

    #[inline(always)]
    fn store(masks: [__m256i; 2], to: &mut [u64; 8]) {
        let (halves, _) = to.as_chunks_mut::<4>();
        // SAFETY: as in `load`.
        unsafe {
            _mm256_storeu_si256(halves[0].as_mut_ptr().cast(), masks[0]);
            _mm256_storeu_si256(halves[1].as_mut_ptr().cast(), masks[1]);
        }
    }

    #[inline(always)]
    fn and(left: [__m256i; 2], right: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: the machine has AVX2 (invariant 2).
        unsafe { [_mm256_and_si256(left[0], right[0]), _mm256_and_si256(left[1], right[1])] }
    }

    #[inline(always)]
    fn or(left: [__m256i; 2], right: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: the machine has AVX2 (invariant 2).
        unsafe { [_mm256_or_si256(left[0], right[0]), _mm256_or_si256(left[1], right[1])] }
    }

    #[inline(always)]
    fn xor(left: [__m256i; 2], right: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: the machine has AVX2 (invariant 2).
        unsafe { [_mm256_xor_si256(left[0], right[0]), _mm256_xor_si256(left[1], right[1])] }
    }

    #[inline(always)]
    fn and_not(left: [__m256i; 2], right: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: the machine has AVX2 (invariant 2).
        unsafe { [_mm256_andnot_si256(right[0], left[0]), _mm256_andnot_si256(right[1], left[1])] }
    }

    #[inline(always)]
    fn double(masks: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: the machine has AVX2 (invariant 2).
        unsafe { [_mm256_add_epi64(masks[0], masks[0]), _mm256_add_epi64(masks[1], masks[1])] }
    }

    #[inline(always)]
    fn sub(left: [__m256i; 2], right: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: the machine has AVX2 (invariant 2).
        unsafe { [_mm256_sub_epi64(left[0], right[0]), _mm256_sub_epi64(left[1], right[1])] }
    }

    #[inline(always)]
    fn prefix_parities(masks: [__m256i; 2]) -> [__m256i; 2] {
        [half_parities(masks[0]), half_parities(masks[1])]
    }

    #[inline(always)]
    fn highest(masks: [__m256i; 2]) -> u8 {
        half_highest(masks[0]) | half_highest(masks[1]) << 4
    }

    #[inline(always)]
    fn non_zero(masks: [__m256i; 2]) -> u8 {
        // SAFETY: the machine has AVX2 (invariant 2).
        let zero = unsafe {
            let none = _mm256_setzero_si256();
            [_mm256_cmpeq_epi64(masks[0], none), _mm256_cmpeq_epi64(masks[1], none)]
        };
        !Self::highest(zero)
    }

    #[inline(always)]
    fn spread(bits: u64, eight: usize) -> [__m256i; 2] {
        // SAFETY: the machine has AVX2 (invariant 2).
        unsafe {
            let bits = _mm256_set1_epi64x(bits.cast_signed());
            let low =
                _mm256_setr_epi64x(1 << (8 * eight), 2 << (8 * eight), 4 << (8 * eight), 8 << (8 * eight));
            let high = _mm256_slli_epi64::<4>(low);
            [
                _mm256_cmpeq_epi64(_mm256_and_si256(bits, low), low),
                _mm256_cmpeq_epi64(_mm256_and_si256(bits, high), high),
            ]
        }
    }

    #[inline(always)]
    fn fetch(bytes: &[u8; 64], ahead: usize) {
        fetch(bytes, ahead);
    }
}

/// Asks for a line of the cache ahead of time.
#[allow(clippy::inline_always)] // As above.
#[inline(always)]
pub(super) fn fetch(bytes: &[u8; 64], ahead: usize) {
    // SAFETY: a hint, which any address may be given to: nothing is read, and nothing goes wrong where nothing is.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(bytes.as_ptr().wrapping_add(ahead).cast()) }
}

// No closures: what is not `inline(always)` would not be compiled for the instruction set.

#[allow(clippy::inline_always)] // As above.
#[inline(always)]
fn half_parities(half: __m256i) -> __m256i {
    // SAFETY: the machine has AVX2 (invariant 2).
    unsafe {
        let half = _mm256_xor_si256(half, _mm256_slli_epi64::<1>(half));
        let half = _mm256_xor_si256(half, _mm256_slli_epi64::<2>(half));
        let half = _mm256_xor_si256(half, _mm256_slli_epi64::<4>(half));
        let half = _mm256_xor_si256(half, _mm256_slli_epi64::<8>(half));
        let half = _mm256_xor_si256(half, _mm256_slli_epi64::<16>(half));
        _mm256_xor_si256(half, _mm256_slli_epi64::<32>(half))
    }
}

/// Four bits.
#[allow(clippy::inline_always)] // As above.
#[inline(always)]
fn half_highest(half: __m256i) -> u8 {
    // SAFETY: the machine has AVX2 (invariant 2).
    unsafe { _mm256_movemask_pd(_mm256_castsi256_pd(half)).cast_unsigned() as u8 }
}

#[allow(clippy::inline_always)] // As above.
#[inline(always)]
fn load(bytes: &[u8; 64]) -> [__m256i; 2] {
    let (halves, _) = bytes.as_chunks::<32>();
    // SAFETY: the machine has AVX2 (invariant 2); each half is 32 bytes long and the load needs no alignment.
    unsafe { [_mm256_loadu_si256(halves[0].as_ptr().cast()), _mm256_loadu_si256(halves[1].as_ptr().cast())] }
}

#[allow(clippy::inline_always)] // As above.
#[inline(always)]
fn repeat(byte: u8) -> [__m256i; 2] {
    // SAFETY: the machine has AVX2 (invariant 2).
    unsafe { [_mm256_set1_epi8(byte.cast_signed()); 2] }
}

#[allow(clippy::inline_always)] // As above.
#[inline(always)]
fn equal(halves: [__m256i; 2], byte: u8) -> u64 {
    high_bits(same(halves, repeat(byte)))
}

/// The 64 bytes that start one byte before those of a number.
#[allow(clippy::inline_always)] // As above.
#[inline(always)]
fn bytes_before(eight: &[u8; 512], word: usize) -> Option<&[u8; 64]> {
    eight.get((word * 64).wrapping_sub(1)..)?.first_chunk()
}

#[allow(clippy::inline_always)] // As above.
#[inline(always)]
fn below_space_or_non_ascii(halves: [__m256i; 2]) -> [__m256i; 2] {
    let limit = repeat(0x20);
    // SAFETY: the machine has AVX2 (invariant 2). As signed numbers, what is not ASCII is negative.
    unsafe { [_mm256_cmpgt_epi8(limit[0], halves[0]), _mm256_cmpgt_epi8(limit[1], halves[1])] }
}

#[allow(clippy::inline_always)] // As above.
#[inline(always)]
fn same(left: [__m256i; 2], right: [__m256i; 2]) -> [__m256i; 2] {
    // SAFETY: the machine has AVX2 (invariant 2).
    unsafe { [_mm256_cmpeq_epi8(left[0], right[0]), _mm256_cmpeq_epi8(left[1], right[1])] }
}

#[allow(clippy::inline_always)] // As above.
#[inline(always)]
fn high_bits(halves: [__m256i; 2]) -> u64 {
    // SAFETY: the machine has AVX2 (invariant 2).
    let [low, high] = unsafe { [_mm256_movemask_epi8(halves[0]), _mm256_movemask_epi8(halves[1])] };
    u64::from(low.cast_unsigned()) | u64::from(high.cast_unsigned()) << 32
}
