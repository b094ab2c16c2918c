//! Which bytes of 64 belong to which class, and the little arithmetic on 64-bit masks that needs special instructions.
//!
//! [`Vector`] is what an instruction set has to offer; [`Portable`] offers it in plain arithmetic on 64-bit words. What
//! it means that a byte is a quote is not known here; see the `index` module.

/// For each class of bytes the mask of its members among 64 bytes, the first byte in the lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Classes {
    /// `"`
    pub(super) quote: u64,
    /// `\`
    pub(super) backslash: u64,
    /// `:`
    pub(super) colon: u64,
    /// `{` and `[`
    pub(super) open: u64,
    /// `}` and `]`
    pub(super) close: u64,
    /// Below 0x20
    pub(super) control: u64,
    /// 0x80 and above
    pub(super) non_ascii: u64,
}

/// The operations that differ between instruction sets.
pub(super) trait Vector {
    /// Sorts 64 bytes.
    fn classes(bytes: &[u8; 64]) -> Classes;

    /// The mask of the bytes equal to `byte`.
    fn equal(bytes: &[u8; 64], byte: u8) -> u64;

    /// Bit `n` of the result is the parity of bits 0 to `n` of the mask.
    fn prefix_parity(mask: u64) -> u64;

    /// Has the bytes fetched that stand `ahead` bytes behind the start of these, if there are any.
    fn fetch(bytes: &[u8; 64], ahead: usize);
}

/// A piece of work that is compiled once for each instruction set. `run` and all it calls must be `inline(always)` to
/// profit.
pub(super) trait Task {
    /// What the work gives.
    type Output;

    /// Does the work.
    fn run<V: Vector>(self) -> Self::Output;
}

/// Plain arithmetic, eight bytes in a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Portable;

const ONES: u64 = u64::MAX / 0xFF;
const HIGH: u64 = ONES << 7;

impl Vector for Portable {
    #[inline]
    fn classes(bytes: &[u8; 64]) -> Classes {
        let mut classes = Classes::default();
        for (part, chunk) in bytes.as_chunks::<8>().0.iter().enumerate() {
            let word = u64::from_le_bytes(*chunk);
            let put = |mask: &mut u64, marks: u64| *mask |= gather(marks) << (part * 8);
            // `{` and `[`, `}` and `]` differ in one bit.
            let braces = word | (ONES * 0x20);
            put(&mut classes.quote, equal(word, b'"'));
            put(&mut classes.backslash, equal(word, b'\\'));
            put(&mut classes.colon, equal(word, b':'));
            put(&mut classes.open, equal(braces, b'{'));
            put(&mut classes.close, equal(braces, b'}'));
            put(&mut classes.control, zero(word & (ONES * 0xE0)));
            put(&mut classes.non_ascii, word & HIGH);
        }
        classes
    }

    #[inline]
    fn equal(bytes: &[u8; 64], byte: u8) -> u64 {
        let parts = bytes.as_chunks::<8>().0.iter().enumerate();
        parts.fold(0, |mask, (part, chunk)| {
            mask | gather(equal(u64::from_le_bytes(*chunk), byte)) << (part * 8)
        })
    }

    #[inline]
    fn prefix_parity(mask: u64) -> u64 {
        [1, 2, 4, 8, 16, 32].iter().fold(mask, |parity, shift| parity ^ (parity << shift))
    }

    #[inline]
    fn fetch(_: &[u8; 64], _: usize) {}
}

/// Sets the high bit of every byte that is zero, exactly.
const fn zero(word: u64) -> u64 {
    !(((word & !HIGH) + !HIGH) | word) & HIGH
}

/// Sets the high bit of every byte that is equal to `byte`.
pub(super) const fn equal(word: u64, byte: u8) -> u64 {
    zero(word ^ (ONES * byte as u64))
}

/// Collects the high bits of eight bytes into the lowest byte.
const fn gather(marks: u64) -> u64 {
    (marks >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
