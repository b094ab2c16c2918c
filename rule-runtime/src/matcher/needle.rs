//! Substring search that needs nothing but the text it looks for.
//!
//! A search engine such as that of `memmem` is large and cannot be a constant. A [`Needle`] knows only where its rarest
//! byte is; the search looks for that byte and compares around it. Where that byte proves common the rest is left to
//! `memmem`, so the time stays linear.

use memchr::{memchr, memmem};

/// Bytes of lower-case command lines, paths and registry keys, the most frequent first. All others are rarer.
const FREQUENT: &[u8] = b"aestcorind\\b -wgf0lmuqp142h839k5y76v.xjz\":/_}{=,()";

/// How many places are compared before the byte counts as common.
const PATIENCE: u32 = 16;

/// A text to look for; empty ones are everywhere.
///
/// ```
/// use rule_runtime::matcher::glob::Needle;
/// static NEEDLE: Needle<'static> = Needle::new(b"mimikatz");
/// assert_eq!(NEEDLE.find(b"run mimikatz.exe"), Some(4));
/// assert_eq!(NEEDLE.find(b"mimi"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Needle<'a> {
    text: &'a [u8],
    /// Offset of the rarest byte.
    rarest: usize,
}

impl<'a> Needle<'a> {
    /// Finds the rarest byte.
    pub const fn new(text: &'a [u8]) -> Self {
        let mut rarest = 0;
        let mut at = 1;
        while at < text.len() {
            if rarity(text[at]) > rarity(text[rarest]) {
                rarest = at;
            }
            at += 1;
        }
        Self { text, rarest }
    }

    /// The text.
    pub const fn text(&self) -> &'a [u8] {
        self.text
    }

    /// Where the text stands in `value` for the first time.
    pub fn find(&self, value: &[u8]) -> Option<usize> {
        let Some(byte) = self.text.get(self.rarest) else { return Some(0) };
        let last = value.len().checked_sub(self.text.len())?;
        // The rarest byte of a match is in this part of the value, as far behind as the match begins.
        let places = &value[self.rarest..=self.rarest + last];
        let mut start = 0;
        for _ in 0..PATIENCE {
            start += memchr(*byte, &places[start..])?;
            if value[start..].starts_with(self.text) {
                return Some(start);
            }
            start += 1;
        }
        memmem::find(&value[start..], self.text).map(|at| start + at)
    }
}

/// How rare a byte is in values, the more the higher.
pub const fn rarity(byte: u8) -> u8 {
    RARITY[byte as usize]
}

/// By byte, its place among the frequent ones, or behind all of them.
const RARITY: [u8; 256] = {
    let mut rarity = [FREQUENT.len() as u8; 256];
    let mut at = FREQUENT.len();
    while at > 0 {
        at -= 1;
        rarity[FREQUENT[at] as usize] = at as u8;
    }
    rarity
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rarest_byte_is_looked_for() {
        assert_eq!(Needle::new(b"sessionz").rarest, 7);
        assert_eq!(Needle::new(b"e\x01e").rarest, 1);
        assert_eq!(Needle::new(b"").rarest, 0);
    }

    #[test]
    fn the_first_place_is_found() {
        let check = |needle: &[u8], value: &[u8]| {
            let expected = memmem::find(value, needle);
            assert_eq!(Needle::new(needle).find(value), expected, "{needle:?} in {value:?}");
        };
        let mut needles: Vec<Vec<u8>> = vec![Vec::new()];
        for length in 1..=4 {
            for bits in 0..1 << length {
                needles.push((0..length).map(|at| if bits >> at & 1 == 0 { b'a' } else { b'z' }).collect());
            }
        }
        for length in 0..=9 {
            for bits in 0..1 << length {
                let value: Vec<u8> =
                    (0..length).map(|at| if bits >> at & 1 == 0 { b'a' } else { b'z' }).collect();
                for needle in &needles {
                    check(needle, &value);
                }
            }
        }
        let long = [&b"z".repeat(100)[..], b"az"].concat();
        check(b"za", &long);
        check(b"zaz", &long);
        check(b"zab", &long);
    }
}
