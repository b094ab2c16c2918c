//! 64 bytes, or eight masks, in a vector. For the invariants see the module above.

use super::avx2;
use crate::reader::classes::{Classes, Vector};
use std::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_andnot_si512, _mm512_clmulepi64_epi128,
    _mm512_gf2p8affine_epi64_epi8, _mm512_loadu_si512, _mm512_maskz_mov_epi8, _mm512_maskz_set1_epi64,
    _mm512_movepi8_mask, _mm512_movepi64_mask, _mm512_or_si512, _mm512_permutex2var_epi8,
    _mm512_permutexvar_epi8, _mm512_set1_epi8, _mm512_set1_epi64, _mm512_setzero_si512, _mm512_shuffle_i64x2,
    _mm512_storeu_si512, _mm512_sub_epi64, _mm512_test_epi64_mask, _mm512_unpackhi_epi64,
    _mm512_unpacklo_epi64, _mm512_xor_si512,
};

/// One vector of 64 bytes, compared into a mask at once.
pub(super) struct Avx512;

#[allow(clippy::inline_always)] // Only code inlined into `run_avx512` is compiled with its features.
impl Vector for Avx512 {
    /// Looks up the classes of each byte, one bit for each class. Of eight bytes in a row these are a matrix of 8 by 8 bits,
    /// which is transposed; then the eight bytes of each class are put side by side, and last the masks of each class.
    #[inline(always)]
    fn sort(bytes: &[u8; 512], classes: &mut Classes) {
        let (words, _) = bytes.as_chunks::<64>();
        // SAFETY: the machine has AVX-512 with permutations of bytes and Galois field arithmetic (invariant 2).
        unsafe {
            let tables = [load(&TABLE[0]), load(&TABLE[1])];
            let backwards = load(&BACKWARDS);
            let by_class = load(&BY_CLASS);
            let one_bit_each = _mm512_set1_epi64(0x8040_2010_0804_0201_u64.cast_signed());
            let mut rows = [_mm512_setzero_si512(); 8];
            let mut word = 0;
            while word < 8 {
                // The multiplication counts the rows of a matrix from the last byte on.
                let bytes = _mm512_permutexvar_epi8(backwards, load(&words[word]));
                let bits = _mm512_permutex2var_epi8(tables[0], bytes, tables[1]);
                // What is not ASCII has been looked up by its lower seven bits.
                let non_ascii = _mm512_movepi8_mask(bytes);
                let bits = _mm512_maskz_mov_epi8(!non_ascii, bits);
                classes.non_ascii[word] = non_ascii;
                let bits = _mm512_gf2p8affine_epi64_epi8::<0>(one_bit_each, bits);
                rows[word] = _mm512_permutexvar_epi8(by_class, bits);
                word += 1;
            }
            let columns = transpose(rows);
            store(columns[0], &mut classes.quote);
            store(columns[1], &mut classes.backslash);
            store(columns[2], &mut classes.colon);
            store(columns[3], &mut classes.open);
            store(columns[4], &mut classes.close);
            store(columns[5], &mut classes.control);
            store(columns[6], &mut classes.newline);
            store(columns[7], &mut classes.u);
        }
    }

    type Eight = __m512i;

    #[inline(always)]
    fn load(masks: &[u64; 8]) -> __m512i {
        // SAFETY: the machine has AVX-512 (invariant 2); the array is 64 bytes long and the load needs no alignment.
        unsafe { _mm512_loadu_si512(masks.as_ptr().cast()) }
    }

    #[inline(always)]
    fn store(masks: __m512i, to: &mut [u64; 8]) {
        store(masks, to);
    }

    #[inline(always)]
    fn and(left: __m512i, right: __m512i) -> __m512i {
        // SAFETY: the machine has AVX-512 (invariant 2).
        unsafe { _mm512_and_si512(left, right) }
    }

    #[inline(always)]
    fn or(left: __m512i, right: __m512i) -> __m512i {
        // SAFETY: the machine has AVX-512 (invariant 2).
        unsafe { _mm512_or_si512(left, right) }
    }

    #[inline(always)]
    fn xor(left: __m512i, right: __m512i) -> __m512i {
        // SAFETY: the machine has AVX-512 (invariant 2).
        unsafe { _mm512_xor_si512(left, right) }
    }

    #[inline(always)]
    fn and_not(left: __m512i, right: __m512i) -> __m512i {
        // SAFETY: the machine has AVX-512 (invariant 2).
        unsafe { _mm512_andnot_si512(right, left) }
    }

    #[inline(always)]
    fn double(masks: __m512i) -> __m512i {
        // SAFETY: the machine has AVX-512 (invariant 2).
        unsafe { _mm512_add_epi64(masks, masks) }
    }

    #[inline(always)]
    fn sub(left: __m512i, right: __m512i) -> __m512i {
        // SAFETY: the machine has AVX-512 (invariant 2).
        unsafe { _mm512_sub_epi64(left, right) }
    }

    /// By carry-less multiplications with all ones, which add every bit, modulo 2, to all places above it. One multiplies
    /// every second mask; the upper half of a product is not wanted.
    #[inline(always)]
    fn prefix_parities(masks: __m512i) -> __m512i {
        // SAFETY: the machine has AVX-512 and its carry-less multiplication (invariant 2).
        unsafe {
            let ones = _mm512_set1_epi8(-1);
            let even = _mm512_clmulepi64_epi128::<0x00>(masks, ones);
            let odd = _mm512_clmulepi64_epi128::<0x01>(masks, ones);
            _mm512_unpacklo_epi64(even, odd)
        }
    }

    #[inline(always)]
    fn highest(masks: __m512i) -> u8 {
        // SAFETY: the machine has AVX-512 (invariant 2).
        unsafe { _mm512_movepi64_mask(masks) }
    }

    #[inline(always)]
    fn non_zero(masks: __m512i) -> u8 {
        // SAFETY: the machine has AVX-512 (invariant 2).
        unsafe { _mm512_test_epi64_mask(masks, masks) }
    }

    #[inline(always)]
    fn spread(bits: u64, eight: usize) -> __m512i {
        // SAFETY: the machine has AVX-512 (invariant 2).
        unsafe { _mm512_maskz_set1_epi64((bits >> (8 * eight)) as u8, -1) }
    }

    #[inline(always)]
    fn fetch(bytes: &[u8; 64], ahead: usize) {
        avx2::fetch(bytes, ahead);
    }
}

/// The classes of a byte of ASCII, the bit of the first one lowest.
static TABLE: [[u8; 64]; 2] = {
    let mut table = [[0; 64]; 2];
    let mut byte = 0;
    while byte < 128 {
        table[byte / 64][byte % 64] = match byte as u8 {
            b'"' => 1,
            b'\\' => 1 << 1,
            b':' => 1 << 2,
            b'{' | b'[' => 1 << 3,
            b'}' | b']' => 1 << 4,
            b'\n' => 1 << 5 | 1 << 6,
            b'u' => 1 << 7,
            0..0x20 => 1 << 5,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// Each eight bytes in the opposite order.
static BACKWARDS: [u8; 64] = {
    let mut order = [0; 64];
    let mut to = 0;
    while to < 64 {
        order[to] = (to / 8 * 8 + 7 - to % 8) as u8;
        to += 1;
    }
    order
};

/// The first of each eight bytes, then the second ones, and so on.
static BY_CLASS: [u8; 64] = {
    let mut order = [0; 64];
    let mut to = 0;
    while to < 64 {
        order[to] = (to % 8 * 8 + to / 8) as u8;
        to += 1;
    }
    order
};

/// Eight rows of eight masks become eight columns.
#[allow(clippy::inline_always)] // As above.
#[inline(always)]
fn transpose(rows: [__m512i; 8]) -> [__m512i; 8] {
    // SAFETY: the machine has AVX-512 (invariant 2).
    unsafe {
        let even = [
            _mm512_unpacklo_epi64(rows[0], rows[1]),
            _mm512_unpacklo_epi64(rows[2], rows[3]),
            _mm512_unpacklo_epi64(rows[4], rows[5]),
            _mm512_unpacklo_epi64(rows[6], rows[7]),
        ];
        let odd = [
            _mm512_unpackhi_epi64(rows[0], rows[1]),
            _mm512_unpackhi_epi64(rows[2], rows[3]),
            _mm512_unpackhi_epi64(rows[4], rows[5]),
            _mm512_unpackhi_epi64(rows[6], rows[7]),
        ];
        let [zero, two, four, six] = transpose_pairs(even);
        let [one, three, five, seven] = transpose_pairs(odd);
        [zero, one, two, three, four, five, six, seven]
    }
}

/// The same for four rows of four pairs.
#[allow(clippy::inline_always)] // As above.
#[inline(always)]
fn transpose_pairs([a, b, c, d]: [__m512i; 4]) -> [__m512i; 4] {
    // SAFETY: the machine has AVX-512 (invariant 2).
    unsafe {
        let (low_even, low_odd) = (_mm512_shuffle_i64x2::<0x88>(a, b), _mm512_shuffle_i64x2::<0xDD>(a, b));
        let (high_even, high_odd) = (_mm512_shuffle_i64x2::<0x88>(c, d), _mm512_shuffle_i64x2::<0xDD>(c, d));
        [
            _mm512_shuffle_i64x2::<0x88>(low_even, high_even),
            _mm512_shuffle_i64x2::<0x88>(low_odd, high_odd),
            _mm512_shuffle_i64x2::<0xDD>(low_even, high_even),
            _mm512_shuffle_i64x2::<0xDD>(low_odd, high_odd),
        ]
    }
}

#[allow(clippy::inline_always)] // As above.
#[inline(always)]
fn store(masks: __m512i, to: &mut [u64; 8]) {
    // SAFETY: as in `load`.
    unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), masks) }
}

#[allow(clippy::inline_always)] // As above.
#[inline(always)]
fn load(bytes: &[u8; 64]) -> __m512i {
    // SAFETY: the machine has AVX-512 (invariant 2); the array is 64 bytes long and the load needs no alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}
