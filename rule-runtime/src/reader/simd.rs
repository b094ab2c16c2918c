//! The instruction sets: what the machine offers, found out once, and work compiled for it.
//!
//! The only module of the reader with `unsafe`. Three invariants carry it:
//!
//! 1. *Features.* [`Isa::Avx2`] holds a [`HasAvx2`] and [`Isa::Avx512`] a [`HasAvx512`]. Only their `detect` functions make
//!    these, and only after the machine has said that it has every feature of [`run_avx2`] or [`run_avx512`].
//! 2. *Confinement.* [`avx2::Avx2`] and [`avx512::Avx512`] are private to this module and are named in [`run_avx2`] and
//!    [`run_avx512`] alone, so their functions run only inside work that invariant 1 has let through.
//! 3. *Bounds.* [`Text`] loads several bytes after one comparison with a count made from the length of its own slice.
//!
//! Vectors are loaded from fixed-size arrays.

#![allow(unsafe_code)]

use super::classes::{Portable, Task};

/// The instruction set to work with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Isa {
    /// Plain arithmetic, for any machine.
    Portable,
    /// AVX2 with carry-less multiplication and the bit manipulation sets.
    #[cfg(target_arch = "x86_64")]
    Avx2(HasAvx2),
    /// The same and AVX-512 for bytes.
    #[cfg(target_arch = "x86_64")]
    Avx512(HasAvx512),
}

/// Proof that the machine has the features of [`run_avx2`].
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug)]
pub(super) struct HasAvx2(());

/// Proof that the machine has the features of [`run_avx512`].
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug)]
pub(super) struct HasAvx512(());

#[cfg(target_arch = "x86_64")]
impl HasAvx2 {
    fn detect() -> Option<Self> {
        let found = cfg!(not(miri))
            && is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("pclmulqdq")
            && is_x86_feature_detected!("popcnt");
        found.then_some(Self(()))
    }
}

#[cfg(target_arch = "x86_64")]
impl HasAvx512 {
    fn detect() -> Option<Self> {
        HasAvx2::detect()?;
        let found = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
        found.then_some(Self(()))
    }
}

impl Isa {
    /// All that this machine has, the best one last.
    pub(super) fn available() -> Vec<Self> {
        let mut found = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            found.extend(HasAvx2::detect().map(Self::Avx2));
            found.extend(HasAvx512::detect().map(Self::Avx512));
        }
        found
    }

    /// The best one this machine has.
    pub(super) fn detect() -> Self {
        Self::available().pop().unwrap_or(Self::Portable)
    }

    /// Its name in lower case.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "avx512",
        }
    }

    /// Does the work with this instruction set.
    #[inline]
    pub(super) fn run<T: Task>(self, task: T) -> T::Output {
        match self {
            Self::Portable => task.run::<Portable>(),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `HasAvx2` proves the features (invariant 1).
            Self::Avx2(HasAvx2(())) => unsafe { run_avx2(task) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `HasAvx512` proves the features (invariant 1).
            Self::Avx512(HasAvx512(())) => unsafe { run_avx512(task) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,pclmulqdq,popcnt")]
fn run_avx2<T: Task>(task: T) -> T::Output {
    task.run::<avx2::Avx2>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx2,bmi1,bmi2,lzcnt,pclmulqdq,popcnt")]
fn run_avx512<T: Task>(task: T) -> T::Output {
    task.run::<avx512::Avx512>()
}

/// A text whose bytes are loaded one or eight at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'t> {
    bytes: &'t [u8],
    /// Number of positions at which eight bytes stand.
    eights: usize,
}

#[allow(clippy::inline_always)] // Part of the walk, which is compiled once for each instruction set.
impl<'t> Text<'t> {
    pub(super) fn new(bytes: &'t [u8]) -> Self {
        Self { bytes, eights: bytes.len().saturating_sub(7) }
    }

    pub(super) fn bytes(self) -> &'t [u8] {
        self.bytes
    }

    /// The byte at a position; behind the end a line feed.
    #[inline(always)]
    pub(super) fn byte(self, at: usize) -> u8 {
        if at < self.bytes.len() { self.bytes[at] } else { b'\n' }
    }

    /// Eight bytes from a position on, the first one lowest.
    #[inline(always)]
    pub(super) fn eight(self, at: usize) -> Option<u64> {
        if at >= self.eights {
            return None;
        }
        // SAFETY: `at < len - 7`, so the eight bytes end at or before the slice does (invariant 3).
        Some(u64::from_le(unsafe { self.bytes.as_ptr().add(at).cast::<u64>().read_unaligned() }))
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use crate::reader::classes::{Classes, Vector};
    use std::arch::x86_64::{
        __m256i, _MM_HINT_T0, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_prefetch, _mm_set_epi64x,
        _mm_set1_epi8, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_max_epu8, _mm256_movemask_epi8,
        _mm256_or_si256, _mm256_set1_epi8,
    };

    /// Two vectors of 32 bytes.
    pub(super) struct Avx2;

    #[allow(clippy::inline_always)] // Only code inlined into `run_avx2` is compiled with its features.
    impl Vector for Avx2 {
        #[inline(always)]
        fn classes(bytes: &[u8; 64]) -> Classes {
            let halves = load(bytes);
            // SAFETY: the machine has AVX2 (invariant 2).
            let braces = halves.map(|half| unsafe { _mm256_or_si256(half, _mm256_set1_epi8(0x20)) });
            Classes {
                quote: equal(halves, b'"'),
                backslash: equal(halves, b'\\'),
                colon: equal(halves, b':'),
                open: equal(braces, b'{'),
                close: equal(braces, b'}'),
                control: at_most(halves, 0x1F),
                non_ascii: high_bits(halves),
            }
        }

        #[inline(always)]
        fn equal(bytes: &[u8; 64], byte: u8) -> u64 {
            equal(load(bytes), byte)
        }

        #[inline(always)]
        fn prefix_parity(mask: u64) -> u64 {
            prefix_parity(mask)
        }

        #[inline(always)]
        fn fetch(bytes: &[u8; 64], ahead: usize) {
            fetch(bytes, ahead);
        }
    }

    /// The parities by one carry-less multiplication.
    #[allow(clippy::inline_always)] // As above.
    #[inline(always)]
    pub(super) fn prefix_parity(mask: u64) -> u64 {
        // SAFETY: the machine has carry-less multiplication (invariant 2). Multiplying by all ones without carries
        // adds every bit, modulo 2, to all places above it.
        unsafe {
            let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, mask.cast_signed()), _mm_set1_epi8(-1));
            _mm_cvtsi128_si64(product).cast_unsigned()
        }
    }

    /// Asks for a line of the cache ahead of time.
    #[allow(clippy::inline_always)] // As above.
    #[inline(always)]
    pub(super) fn fetch(bytes: &[u8; 64], ahead: usize) {
        // SAFETY: a hint, which any address may be given to: nothing is read, and nothing goes wrong where nothing is.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(bytes.as_ptr().wrapping_add(ahead).cast()) }
    }

    #[allow(clippy::inline_always)] // As above.
    #[inline(always)]
    fn load(bytes: &[u8; 64]) -> [__m256i; 2] {
        let (halves, _) = bytes.as_chunks::<32>();
        // SAFETY: the machine has AVX2 (invariant 2); each half is 32 bytes long and the load needs no alignment.
        [0, 1].map(|half| unsafe { _mm256_loadu_si256(halves[half].as_ptr().cast()) })
    }

    #[allow(clippy::inline_always)] // As above.
    #[inline(always)]
    fn equal(halves: [__m256i; 2], byte: u8) -> u64 {
        // SAFETY: the machine has AVX2 (invariant 2).
        high_bits(halves.map(|half| unsafe { _mm256_cmpeq_epi8(half, _mm256_set1_epi8(byte.cast_signed())) }))
    }

    #[allow(clippy::inline_always)] // As above.
    #[inline(always)]
    fn at_most(halves: [__m256i; 2], byte: u8) -> u64 {
        // SAFETY: the machine has AVX2 (invariant 2).
        high_bits(halves.map(|half| unsafe {
            let limit = _mm256_set1_epi8(byte.cast_signed());
            _mm256_cmpeq_epi8(_mm256_max_epu8(half, limit), limit)
        }))
    }

    #[allow(clippy::inline_always)] // As above.
    #[inline(always)]
    fn high_bits(halves: [__m256i; 2]) -> u64 {
        // SAFETY: the machine has AVX2 (invariant 2).
        let [low, high] = halves.map(|half| unsafe { _mm256_movemask_epi8(half) }.cast_unsigned());
        u64::from(low) | u64::from(high) << 32
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::avx2;
    use crate::reader::classes::{Classes, Vector};
    use std::arch::x86_64::{
        __m512i, _mm512_cmpeq_epi8_mask, _mm512_cmple_epu8_mask, _mm512_loadu_si512, _mm512_movepi8_mask,
        _mm512_or_si512, _mm512_set1_epi8,
    };

    /// One vector of 64 bytes, compared into a mask at once.
    pub(super) struct Avx512;

    #[allow(clippy::inline_always)] // Only code inlined into `run_avx512` is compiled with its features.
    impl Vector for Avx512 {
        #[inline(always)]
        fn classes(bytes: &[u8; 64]) -> Classes {
            let vector = load(bytes);
            // SAFETY: the machine has AVX-512 for bytes (invariant 2).
            let (braces, control, non_ascii) = unsafe {
                (
                    _mm512_or_si512(vector, _mm512_set1_epi8(0x20)),
                    _mm512_cmple_epu8_mask(vector, _mm512_set1_epi8(0x1F)),
                    _mm512_movepi8_mask(vector),
                )
            };
            Classes {
                quote: equal(vector, b'"'),
                backslash: equal(vector, b'\\'),
                colon: equal(vector, b':'),
                open: equal(braces, b'{'),
                close: equal(braces, b'}'),
                control,
                non_ascii,
            }
        }

        #[inline(always)]
        fn equal(bytes: &[u8; 64], byte: u8) -> u64 {
            equal(load(bytes), byte)
        }

        #[inline(always)]
        fn prefix_parity(mask: u64) -> u64 {
            avx2::prefix_parity(mask)
        }

        #[inline(always)]
        fn fetch(bytes: &[u8; 64], ahead: usize) {
            avx2::fetch(bytes, ahead);
        }
    }

    #[allow(clippy::inline_always)] // As above.
    #[inline(always)]
    fn load(bytes: &[u8; 64]) -> __m512i {
        // SAFETY: the machine has AVX-512 (invariant 2); the array is 64 bytes long and the load needs no alignment.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    }

    #[allow(clippy::inline_always)] // As above.
    #[inline(always)]
    fn equal(vector: __m512i, byte: u8) -> u64 {
        // SAFETY: the machine has AVX-512 for bytes (invariant 2).
        unsafe { _mm512_cmpeq_epi8_mask(vector, _mm512_set1_epi8(byte.cast_signed())) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::classes::{Classes, Task, Vector};
    use super::Isa;

    /// Everything a vector offers, on one input.
    struct Everything<'t>(&'t [u8; 64]);

    impl Task for Everything<'_> {
        type Output = (Classes, u64, u64);

        #[inline(always)]
        #[allow(clippy::inline_always)] // Else it would not be compiled for the instruction set.
        fn run<V: Vector>(self) -> Self::Output {
            let classes = V::classes(self.0);
            (classes, V::equal(self.0, b'u'), V::prefix_parity(classes.quote))
        }
    }

    /// The same, byte by byte.
    fn slowly(bytes: &[u8; 64]) -> (Classes, u64, u64) {
        let mask = |test: &dyn Fn(u8) -> bool| {
            bytes.iter().enumerate().fold(0, |mask, (at, &byte)| mask | u64::from(test(byte)) << at)
        };
        let classes = Classes {
            quote: mask(&|byte| byte == b'"'),
            backslash: mask(&|byte| byte == b'\\'),
            colon: mask(&|byte| byte == b':'),
            open: mask(&|byte| matches!(byte, b'{' | b'[')),
            close: mask(&|byte| matches!(byte, b'}' | b']')),
            control: mask(&|byte| byte < 0x20),
            non_ascii: mask(&|byte| byte >= 0x80),
        };
        let parity = (0..64)
            .fold(0, |parity, at| parity | u64::from((classes.quote << (63 - at)).count_ones() % 2) << at);
        (classes, mask(&|byte| byte == b'u'), parity)
    }

    #[test]
    fn loads_stay_inside_the_text() {
        let bytes: Vec<u8> = (0..20).collect();
        for len in 0..bytes.len() {
            let text = super::Text::new(&bytes[..len]);
            for at in (0..30).chain(usize::MAX - 10..=usize::MAX) {
                let inside = |count: usize| at.checked_add(count).is_some_and(|end| end <= len);
                assert_eq!(text.eight(at).is_some(), inside(8));
                assert_eq!(text.byte(at), if inside(1) { at as u8 } else { b'\n' });
            }
        }
        assert_eq!(super::Text::new(&bytes).eight(12), Some(0x1312_1110_0F0E_0D0C));
    }

    #[test]
    fn all_instruction_sets_agree_with_the_definition() {
        let mut state = 1_u32;
        for round in 0..if cfg!(miri) { 300 } else { 4_000 } {
            let bytes = std::array::from_fn(|at| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let random = (state >> 24) as u8;
                // Every byte value at every position, and stretches of special bytes.
                if round < 256 {
                    (round + at) as u8
                } else if random < 128 {
                    b"\"\\:{}[]\n\x1F u\x80;"[usize::from(random) % 13]
                } else {
                    random
                }
            });
            let expected = slowly(&bytes);
            for isa in Isa::available() {
                assert_eq!(isa.run(Everything(&bytes)), expected, "{isa:?}");
            }
        }
    }
}
