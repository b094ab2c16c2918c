//! The instruction sets: what the machine offers, found out once, and work compiled for it.
//!
//! The only module of the reader with `unsafe`. Two invariants carry it:
//!
//! 1. *Features.* [`Isa::Avx2`] holds a [`Detected`], which only [`Isa::detect`] makes, and only after the machine has
//!    said that it has every feature of [`run_avx2`].
//! 2. *Confinement.* [`Avx2`] is private to this module and is named in [`run_avx2`] alone, so its functions run only
//!    inside work that invariant 1 has let through.
//!
//! No pointer arithmetic: vectors are loaded from fixed-size arrays.

#![allow(unsafe_code)]

use super::classes::{Portable, Task};

/// The instruction set to work with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Isa {
    /// Plain arithmetic, for any machine.
    Portable,
    /// AVX2 with carry-less multiplication and the bit manipulation sets.
    #[cfg(target_arch = "x86_64")]
    Avx2(Detected),
}

/// Proof that the machine has the features of [`run_avx2`].
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug)]
pub(super) struct Detected(());

impl Isa {
    /// The best one this machine has.
    pub(super) fn detect() -> Self {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        if is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("pclmulqdq")
            && is_x86_feature_detected!("popcnt")
        {
            return Self::Avx2(Detected(()));
        }
        Self::Portable
    }

    /// Does the work with this instruction set.
    #[inline]
    pub(super) fn run<T: Task>(self, task: T) -> T::Output {
        match self {
            Self::Portable => task.run::<Portable>(),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Detected` proves the features (invariant 1).
            Self::Avx2(Detected(())) => unsafe { run_avx2(task) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,pclmulqdq,popcnt")]
fn run_avx2<T: Task>(task: T) -> T::Output {
    task.run::<avx2::Avx2>()
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use crate::reader::classes::{Classes, Vector};
    use std::arch::x86_64::{
        __m256i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8, _mm256_cmpeq_epi8,
        _mm256_loadu_si256, _mm256_max_epu8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
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
                newline: equal(halves, b'\n'),
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
            // SAFETY: the machine has carry-less multiplication (invariant 2). Multiplying by all ones without carries
            // adds every bit, modulo 2, to all places above it.
            unsafe {
                let product =
                    _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, mask.cast_signed()), _mm_set1_epi8(-1));
                _mm_cvtsi128_si64(product).cast_unsigned()
            }
        }
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
            newline: mask(&|byte| byte == b'\n'),
            control: mask(&|byte| byte < 0x20),
            non_ascii: mask(&|byte| byte >= 0x80),
        };
        let parity = (0..64)
            .fold(0, |parity, at| parity | u64::from((classes.quote << (63 - at)).count_ones() % 2) << at);
        (classes, mask(&|byte| byte == b'u'), parity)
    }

    #[test]
    fn all_instruction_sets_agree_with_the_definition() {
        let mut state = 1_u32;
        for round in 0..4_000 {
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
            assert_eq!(Isa::Portable.run(Everything(&bytes)), expected);
            assert_eq!(Isa::detect().run(Everything(&bytes)), expected);
        }
    }
}
