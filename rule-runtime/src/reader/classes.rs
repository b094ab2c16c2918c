//! Which bytes of 64 belong to which class, and the little arithmetic on 64-bit masks that needs special instructions.
//!
//! [`Vector`] is what an instruction set has to offer; [`Portable`] offers it in plain arithmetic on 64-bit words. What
//! it means that a byte is a quote is not known here; see the `index` module.

/// For each class of bytes the masks of its members, for eight times 64 bytes; the first byte is the lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(64))]
pub(super) struct Classes {
    /// `"`
    pub(super) quote: [u64; 8],
    /// `\`
    pub(super) backslash: [u64; 8],
    /// `:`
    pub(super) colon: [u64; 8],
    /// `{` and `[`
    pub(super) open: [u64; 8],
    /// `}` and `]`
    pub(super) close: [u64; 8],
    /// Below 0x20
    pub(super) control: [u64; 8],
    /// Line feeds
    pub(super) newline: [u64; 8],
    /// `u`, at least those behind a backslash
    pub(super) u: [u64; 8],
    /// 0x80 and above: not which, but not zero if there are any
    pub(super) non_ascii: [u64; 8],
}

/// The operations that differ between instruction sets.
pub(super) trait Vector {
    /// Sorts 512 bytes.
    fn sort(bytes: &[u8; 512], classes: &mut Classes);

    /// Eight masks.
    type Eight: Copy;

    fn load(masks: &[u64; 8]) -> Self::Eight;

    fn store(masks: Self::Eight, to: &mut [u64; 8]);

    fn and(left: Self::Eight, right: Self::Eight) -> Self::Eight;

    fn or(left: Self::Eight, right: Self::Eight) -> Self::Eight;

    fn xor(left: Self::Eight, right: Self::Eight) -> Self::Eight;

    /// The bits of `left` that are not in `right`.
    fn and_not(left: Self::Eight, right: Self::Eight) -> Self::Eight;

    /// Twice each mask.
    fn double(masks: Self::Eight) -> Self::Eight;

    /// The differences, for each mask by itself.
    fn sub(left: Self::Eight, right: Self::Eight) -> Self::Eight;

    /// For each mask by itself: bit `n` of the result is the parity of its bits 0 to `n`.
    fn prefix_parities(masks: Self::Eight) -> Self::Eight;

    /// The highest bit of each mask.
    fn highest(masks: Self::Eight) -> u8;

    /// Which masks are not zero.
    fn non_zero(masks: Self::Eight) -> u8;

    /// All ones for each bit that is set among eight bits, before which as many times eight stand as `eight` says.
    fn spread(bits: u64, eight: usize) -> Self::Eight;

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

#[inline]
fn each(mask: impl Fn(usize) -> u64) -> [u64; 8] {
    std::array::from_fn(mask)
}

const ONES: u64 = u64::MAX / 0xFF;
const HIGH: u64 = ONES << 7;

impl Vector for Portable {
    #[inline]
    fn sort(bytes: &[u8; 512], classes: &mut Classes) {
        for (word, bytes) in bytes.as_chunks::<64>().0.iter().enumerate() {
            let (parts, _) = bytes.as_chunks::<8>();
            let [quote, backslash, colon, open, close] = gather_all(parts, |eight| {
                // `{` and `[`, `}` and `]` differ in one bit.
                let braces = eight | (ONES * 0x20);
                [
                    equal(eight, b'"'),
                    equal(eight, b'\\'),
                    equal(eight, b':'),
                    equal(braces, b'{'),
                    equal(braces, b'}'),
                ]
            });
            classes.quote[word] = quote;
            classes.backslash[word] = backslash;
            classes.colon[word] = colon;
            classes.open[word] = open;
            classes.close[word] = close;
            let rare = parts.iter().fold(0, |rare, part| {
                let eight = u64::from_le_bytes(*part);
                rare | zero(eight & (ONES * 0xE0)) | eight & HIGH
            });
            let [control, newline, non_ascii] = match rare {
                0 => [0; 3],
                _ => gather_all(parts, |eight| {
                    [zero(eight & (ONES * 0xE0)), equal(eight, b'\n'), eight & HIGH]
                }),
            };
            classes.control[word] = control;
            classes.newline[word] = newline;
            classes.non_ascii[word] = non_ascii;
            // The first one may be escaped by what stands before.
            let [u] = match backslash {
                0 => [u64::from(bytes[0] == b'u')],
                _ => gather_all(parts, |eight| [equal(eight, b'u')]),
            };
            classes.u[word] = u;
        }
    }

    type Eight = [u64; 8];

    #[inline]
    fn load(masks: &[u64; 8]) -> [u64; 8] {
        *masks
    }

    #[inline]
    fn store(masks: [u64; 8], to: &mut [u64; 8]) {
        *to = masks;
    }

    #[inline]
    fn and(left: [u64; 8], right: [u64; 8]) -> [u64; 8] {
        each(|i| left[i] & right[i])
    }

    #[inline]
    fn or(left: [u64; 8], right: [u64; 8]) -> [u64; 8] {
        each(|i| left[i] | right[i])
    }

    #[inline]
    fn xor(left: [u64; 8], right: [u64; 8]) -> [u64; 8] {
        each(|i| left[i] ^ right[i])
    }

    #[inline]
    fn and_not(left: [u64; 8], right: [u64; 8]) -> [u64; 8] {
        each(|i| left[i] & !right[i])
    }

    #[inline]
    fn double(masks: [u64; 8]) -> [u64; 8] {
        each(|i| masks[i] << 1)
    }

    #[inline]
    fn sub(left: [u64; 8], right: [u64; 8]) -> [u64; 8] {
        each(|i| left[i].wrapping_sub(right[i]))
    }

    #[inline]
    fn prefix_parities(masks: [u64; 8]) -> [u64; 8] {
        each(|i| [1, 2, 4, 8, 16, 32].iter().fold(masks[i], |parity, shift| parity ^ (parity << shift)))
    }

    #[inline]
    fn highest(masks: [u64; 8]) -> u8 {
        (0..8).fold(0, |bits, i| bits | ((masks[i] >> 63) as u8) << i)
    }

    #[inline]
    fn non_zero(masks: [u64; 8]) -> u8 {
        (0..8).fold(0, |bits, i| bits | u8::from(masks[i] != 0) << i)
    }

    #[inline]
    fn spread(bits: u64, eight: usize) -> [u64; 8] {
        each(|i| 0_u64.wrapping_sub(bits >> (8 * eight + i) & 1))
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

/// Masks of 64 bytes, of each eight of which `find` marks those that are meant by their high bits.
#[inline]
fn gather_all<const N: usize>(parts: &[[u8; 8]], find: impl Fn(u64) -> [u64; N]) -> [u64; N] {
    let mut masks = [0; N];
    for (part, bytes) in parts.iter().enumerate() {
        for (mask, found) in masks.iter_mut().zip(find(u64::from_le_bytes(*bytes))) {
            *mask |= gather(found) << (part * 8);
        }
    }
    masks
}

/// Collects the high bits of eight bytes into the lowest byte.
const fn gather(marks: u64) -> u64 {
    (marks >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
