//! What a byte means for those behind it, as parities: of backslashes, of quotes, of brackets.
//!
//! In: the masks of a run, and what the run before hands on. Out: masks of the same run. Knows nothing of lists.

use super::super::classes::Vector;
use super::RUN;

/// Eight masks for each 512 bytes of a run.
pub(super) type Run<V> = [<V as Vector>::Eight; RUN];

const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;

/// The bytes that a backslash escapes. In a run of backslashes every second one is escaped, and the byte behind the run if the
/// run is odd. Subtracting the run starts from a mask of odd bits makes the carry of the subtraction run through each run, which
/// leaves the parity of its length where it ends.
///
/// `carried` is 1 if a backslash before all of them escapes the first byte.
#[inline(always)]
#[allow(clippy::inline_always)] // As above.
pub(super) fn escapes<V: Vector>(backslash: &Run<V>, carried: &mut u64) -> Run<V> {
    let ones = V::spread(0xFF, 0);
    let first = V::load(&[1; 8]);
    // Whether a mask has its next one's first byte escaped does not depend on the mask before it, unless it is full.
    let mut next = 0;
    let mut full = 0;
    for (i, &backslash) in backslash.iter().enumerate() {
        let codes = codes::<V>(backslash);
        next |= u64::from(V::highest(V::and(codes, backslash))) << (8 * i);
        full |= u64::from(!V::non_zero(V::xor(backslash, ones))) << (8 * i);
    }
    let here = next << 1 | *carried;
    if here & full != 0 {
        return escapes_in_turn::<V>(backslash, carried);
    }
    *carried = here >> (8 * RUN) & 1;
    let mut escaped = *backslash;
    for i in 0..RUN {
        let before = V::and(V::spread(here, i), first);
        let codes = codes::<V>(V::and_not(backslash[i], before));
        escaped[i] = V::xor(codes, V::or(backslash[i], before));
    }
    escaped
}

#[inline(always)]
#[allow(clippy::inline_always)] // As above.
fn codes<V: Vector>(active: V::Eight) -> V::Eight {
    let odd = V::load(&[ODD; 8]);
    V::xor(V::sub(V::or(V::double(active), odd), active), odd)
}

/// The same, one mask after the other.
#[inline(always)]
#[allow(clippy::inline_always)] // As above.
fn escapes_in_turn<V: Vector>(backslash: &Run<V>, carried: &mut u64) -> Run<V> {
    let mut escaped = *backslash;
    for escaped in &mut escaped {
        let mut masks = [0; 8];
        V::store(*escaped, &mut masks);
        for mask in &mut masks {
            let active = *mask & !*carried;
            let codes = ((active << 1) | ODD).wrapping_sub(active) ^ ODD;
            let before = *carried;
            *carried = (codes & *mask) >> 63;
            *mask = codes ^ (*mask | before);
        }
        *escaped = V::load(&masks);
    }
    escaped
}

/// Counts brackets, at all positions at once: each call gives the next bit of how many are open, before a bracket that stands
/// at the position. A bit flips where all bits below it carry, and whether it is set is the parity of its flips so far. `flips`
/// are the places where this bit flips, all brackets for the lowest, and become those where the next one does.
#[inline(always)]
#[allow(clippy::inline_always)] // As above.
pub(super) fn count<V: Vector>(flips: &mut Run<V>, close: &Run<V>, carried: &mut u64) -> Run<V> {
    let mut bit = parities::<V>(flips, carried);
    for i in 0..RUN {
        bit[i] = V::xor(bit[i], flips[i]);
        // Counting up carries from a one, counting down from a zero.
        flips[i] = V::and(flips[i], V::xor(bit[i], close[i]));
    }
    bit
}

/// For each bit whether an odd number of bits is set up to it, also in the masks before. `carried` is all ones if the number
/// was odd before all of them.
#[inline(always)]
#[allow(clippy::inline_always)] // As above.
pub(super) fn parities<V: Vector>(masks: &Run<V>, carried: &mut u64) -> Run<V> {
    let mut each = *masks;
    let mut odd = 0;
    for i in 0..RUN {
        each[i] = V::prefix_parities(masks[i]);
        odd |= u64::from(V::highest(each[i])) << (8 * i);
    }
    for shift in [1, 2, 4, 8, 16] {
        odd ^= odd << shift;
    }
    let before = (odd << 1) ^ *carried;
    *carried = 0_u64.wrapping_sub(before >> (8 * RUN) & 1);
    for (i, each) in each.iter_mut().enumerate() {
        *each = V::xor(*each, V::spread(before, i));
    }
    each
}
