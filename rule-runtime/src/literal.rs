//! Exact texts that rules compare one field with, found by one look-up per value.
//!
//! In: the bytes of a value. Out: the ids of the literals it equals, with and without regard to ASCII case. The table
//! is written at build time by the planner, which uses [`hash`] of this module, so both sides agree by construction.

/// One text, lower-cased, with the spellings that case-sensitive tests ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Literal<'a> {
    /// The text with ASCII letters in lower case.
    pub folded: &'a [u8],
    /// The id that a value has if it equals the text regardless of case.
    pub id: u16,
    /// The id that a value has if it equals one of these spellings exactly.
    pub exact: &'a [(&'a [u8], u16)],
}

/// All literals of one field: an open-addressing hash table over the lower-cased texts.
#[derive(Clone, Copy, Debug)]
pub struct LiteralTable<'a> {
    /// Index into `literals` plus one, 0 for an empty bucket; a power of two of them.
    pub buckets: &'a [u16],
    /// The literals, in order of their text.
    pub literals: &'a [Literal<'a>],
    /// Length of the longest text in bytes; longer values are not looked up.
    pub longest: u32,
}

/// The result of a look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Index of the literal in [`LiteralTable::literals`].
    pub index: u16,
    /// The id of the text regardless of case.
    pub id: u16,
    /// The id of the exact spelling, if a test asks for it.
    pub exact: Option<u16>,
}

impl LiteralTable<'_> {
    /// The literal that equals `value` regardless of ASCII case.
    #[inline]
    pub fn find(&self, value: &[u8]) -> Option<Found> {
        if value.len() > self.longest as usize || self.buckets.is_empty() {
            return None;
        }
        let mask = self.buckets.len() - 1;
        let mut at = hash(value) as usize & mask;
        loop {
            let index = self.buckets[at].checked_sub(1)?;
            let literal = &self.literals[index as usize];
            if literal.folded.eq_ignore_ascii_case(value) {
                let exact = literal.exact.iter().find(|(text, _)| *text == value).map(|&(_, id)| id);
                return Some(Found { index, id: literal.id, exact });
            }
            at = (at + 1) & mask;
        }
    }
}

/// Hash of `text` with ASCII letters folded. Part of the compiled form: a change needs a new format number.
#[inline]
pub fn hash(text: &[u8]) -> u32 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut state = text.len() as u64;
    let mut chunks = text.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes([
            chunk[0], chunk[1], chunk[2], chunk[3], chunk[4], chunk[5], chunk[6], chunk[7],
        ]);
        state = (state ^ fold(word)).wrapping_mul(K).rotate_left(29);
    }
    let mut tail = 0;
    for (i, &byte) in chunks.remainder().iter().enumerate() {
        tail |= u64::from(byte) << (8 * i);
    }
    state = (state ^ fold(tail)).wrapping_mul(K);
    (state >> 32) as u32
}

/// Lower-cases the ASCII letters among eight bytes.
#[inline]
fn fold(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let low = word & (0x7F * ONES);
    let from_a = low + (0x80 - u64::from(b'A')) * ONES;
    let behind_z = low + (0x7F - u64::from(b'Z')) * ONES;
    let upper = (from_a ^ behind_z) & !word & (0x80 * ONES);
    word | (upper >> 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fold_lowers_ascii_letters_only() {
        for byte in 0..=255u8 {
            for at in 0..8 {
                let word = u64::from(byte) << (8 * at);
                assert_eq!(fold(word), u64::from(byte.to_ascii_lowercase()) << (8 * at), "{byte} at {at}");
            }
        }
        assert_eq!(fold(u64::from_le_bytes(*b"AZaz@[{\xC9")), u64::from_le_bytes(*b"azaz@[{\xC9"));
    }

    #[test]
    fn hash_ignores_case_and_minds_length() {
        assert_eq!(hash(b"PowerShell.EXE"), hash(b"powershell.exe"));
        assert_ne!(hash(b"a"), hash(b"a\0"));
    }

    #[test]
    fn find_tells_exact_from_folded() {
        let literals = [Literal { folded: b"curl", id: 3, exact: &[(b"Curl", 4)] }];
        let mut buckets = [0; 2];
        buckets[hash(b"curl") as usize & 1] = 1;
        let table = LiteralTable { buckets: &buckets, literals: &literals, longest: 4 };
        assert_eq!(table.find(b"CURL"), Some(Found { index: 0, id: 3, exact: None }));
        assert_eq!(table.find(b"Curl"), Some(Found { index: 0, id: 3, exact: Some(4) }));
        assert_eq!(table.find(b"wget"), None);
        assert_eq!(table.find(b"curl7"), None);
    }
}
