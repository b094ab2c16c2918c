//! The instruction sets: what the machine offers, found out once, and work compiled for it.
//!
//! The only module of the reader with `unsafe`, and the two below it for one instruction set each. Three invariants carry it:
//!
//! 1. *Features.* [`Isa::Avx2`] holds a [`HasAvx2`] and [`Isa::Avx512`] a [`HasAvx512`]. Only their `detect` functions make
//!    these, and only after the machine has said that it has every feature of [`run_avx2`] or [`run_avx512`].
//! 2. *Confinement.* [`avx2::Avx2`] and [`avx512::Avx512`] are private to this module and are named in [`run_avx2`] and
//!    [`run_avx512`] alone, so their functions run only inside work that invariant 1 has let through.
//! 3. *Bounds.* [`Text`] loads several bytes after one comparison with a count made from the length of its own slice.
//!
//! Vectors are loaded from fixed-size arrays, and stored to them.
//!
//! Only what is inlined into [`run_avx2`] or [`run_avx512`] is compiled for the instruction set. Everything on the way there is
//! `inline(always)`, and without closures that hold instructions of the set.

#![allow(unsafe_code)]

use super::classes::{Portable, Task};

/// The instruction set to work with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Isa {
    /// Plain arithmetic, for any machine.
    Portable,
    /// AVX2 with the bit manipulation sets.
    #[cfg(target_arch = "x86_64")]
    Avx2(HasAvx2),
    /// The same and AVX-512 with permutations of bytes, Galois fields and carry-less multiplication: Ice Lake, Zen 4.
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
            && is_x86_feature_detected!("popcnt");
        found.then_some(Self(()))
    }
}

#[cfg(target_arch = "x86_64")]
impl HasAvx512 {
    fn detect() -> Option<Self> {
        HasAvx2::detect()?;
        let found = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("gfni")
            && is_x86_feature_detected!("vpclmulqdq");
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
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn run_avx2<T: Task>(task: T) -> T::Output {
    task.run::<avx2::Avx2>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi,gfni,vpclmulqdq,avx2,bmi1,bmi2,lzcnt,popcnt")]
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
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(test)]
mod tests;
