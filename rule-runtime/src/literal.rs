//! Exact texts or numbers that rules compare one field with, found by one look-up per value.
//!
//! In: the bytes of a value. Out: the ids of the literals it equals, with and without regard to ASCII case. The table
//! is written at build time by the planner, which uses [`hash`] and [`numeral`] of this module, so both sides agree by
//! construction.

use crate::matcher::Number;

/// No id.
const NONE: u16 = u16::MAX;

/// One text, lower-cased, with the spellings that case-sensitive tests ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Literal<'a> {
    /// The first 16 bytes of the text, so that most look-ups end in one cache line.
    words: Words,
    folded: &'a [u8],
    exact: &'a [(&'a [u8], u16)],
    id: u16,
    /// The id of the exact spelling that is the lower-case text itself.
    lower: u16,
}

impl<'a> Literal<'a> {
    /// `folded` is the text with ASCII letters in lower case. A value has `id` if it equals the text regardless of case,
    /// besides the one of the spelling in `exact` that it equals.
    ///
    /// ```
    /// use rule_runtime::literal::Literal;
    /// static CURL: Literal<'static> = Literal::new(b"curl", 3, None, &[(b"Curl", 4)]);
    /// assert_eq!(CURL.folded(), b"curl");
    /// ```
    pub const fn new(folded: &'a [u8], id: u16, lower: Option<u16>, exact: &'a [(&'a [u8], u16)]) -> Self {
        let mut words = [0; 2];
        let mut at = 0;
        while at < folded.len() && at < 16 {
            words[at / 8] |= (folded[at] as u64) << (at % 8 * 8);
            at += 1;
        }
        let lower = match lower {
            Some(id) => id,
            None => NONE,
        };
        let words = Words { low: words[0], high: words[1] };
        Self { words, folded, exact, id, lower }
    }

    /// The text with ASCII letters in lower case.
    pub const fn folded(&self) -> &'a [u8] {
        self.folded
    }

    /// The id that a value has if it equals the text regardless of case.
    pub const fn id(&self) -> u16 {
        self.id
    }

    /// The id of the spelling that is the lower-case text, if a test asks for it.
    pub const fn lower(&self) -> Option<u16> {
        if self.lower == NONE { None } else { Some(self.lower) }
    }

    /// The other spellings that tests ask for, each with the id of a value that equals it.
    pub const fn exact(&self) -> &'a [(&'a [u8], u16)] {
        self.exact
    }

    /// Whether the value, which has these first words in lower case, equals the text regardless of case.
    #[inline]
    fn equals(&self, value: &[u8], words: Words) -> bool {
        self.words == words
            && self.folded.len() == value.len()
            && (value.len() <= 16 || self.folded[16..].eq_ignore_ascii_case(&value[16..]))
    }

    /// The id of the exact spelling of a value that equals the text regardless of case, and has these first words.
    #[inline]
    fn exact_of(&self, value: &[u8], words: Words) -> Option<u16> {
        let is_lower =
            || self.words == words && (value.len() <= 16 || self.folded.get(16..) == value.get(16..));
        if self.lower != NONE && is_lower() {
            return Some(self.lower);
        }
        self.exact.iter().find(|(text, _)| *text == value).map(|&(_, id)| id)
    }
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

/// What values and the literals of a table are compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LiteralKind {
    /// Texts: a number is the text that the event has of it.
    Texts,
    /// Whole numbers: `22`, `22.0`, `2.2e1` and `"22"` are one. Each literal is a [`numeral`].
    Numbers,
}

/// The result of a look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The id of the text regardless of case.
    pub id: u16,
    /// The id of the exact spelling, if a test asks for it.
    pub exact: Option<u16>,
}

impl LiteralTable<'_> {
    /// The literal that equals `value` regardless of ASCII case.
    #[inline]
    pub fn find(&self, value: &[u8]) -> Option<Found> {
        self.find_at(value, value.len())
    }

    /// The literal that equals the first `len` bytes, of which there are as many, regardless of ASCII case.
    #[inline]
    pub(crate) fn find_at(&self, bytes: &[u8], len: usize) -> Option<Found> {
        if len > self.longest as usize || self.buckets.is_empty() {
            return None;
        }
        let value = &bytes[..len];
        let words = first_words(bytes, len);
        let folded = words.folded();
        let mask = self.buckets.len() - 1;
        let mut at = hash_of(value, folded) as usize & mask;
        loop {
            let index = self.buckets[at].checked_sub(1)?;
            let literal = &self.literals[index as usize];
            if literal.equals(value, folded) {
                return Some(Found { id: literal.id, exact: literal.exact_of(value, words) });
            }
            at = (at + 1) & mask;
        }
    }

    /// The literal that equals `value` as a number; the literals are numerals.
    #[inline]
    pub fn find_number(&self, value: &[u8]) -> Option<Found> {
        self.find_number_at(value, value.len())
    }

    /// The same of the first `len` bytes, of which there are as many.
    #[inline]
    pub(crate) fn find_number_at(&self, bytes: &[u8], len: usize) -> Option<Found> {
        let found = self.find_at(bytes, len);
        if found.is_some() || is_numeral(&bytes[..len]) {
            return found;
        }
        self.find_spelling(&bytes[..len])
    }

    /// The literal of a number that is not written the usual way.
    #[cold]
    fn find_spelling(&self, value: &[u8]) -> Option<Found> {
        let integer = Number::parse_text(value)?.exact_integer()?;
        let mut buffer = [0; LONGEST_NUMERAL];
        self.find(numeral(integer, &mut buffer))
    }
}

/// Digits of the longest numeral of 64 bits, and its sign.
pub const LONGEST_NUMERAL: usize = 20;

/// The usual text of an integer: digits, no zeros in front, a sign only if it is negative.
///
/// ```
/// use rule_runtime::literal::{LONGEST_NUMERAL, numeral};
/// assert_eq!(numeral(-40, &mut [0; LONGEST_NUMERAL]), b"-40");
/// ```
pub fn numeral(integer: i64, buffer: &mut [u8; LONGEST_NUMERAL]) -> &[u8] {
    let mut start = LONGEST_NUMERAL;
    let mut rest = integer.unsigned_abs();
    loop {
        start -= 1;
        buffer[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if integer < 0 {
        start -= 1;
        buffer[start] = b'-';
    }
    &buffer[start..]
}

/// Whether a text is the usual one of an integer, so that no other text is the same number.
#[inline]
pub(crate) fn is_numeral(text: &[u8]) -> bool {
    match text.strip_prefix(b"-").unwrap_or(text) {
        [b'0'] => text.len() == 1,
        digits @ [b'1'..=b'9', ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// Hash of `text` with ASCII letters folded. Part of the compiled form: a change needs a new format number.
pub fn hash(text: &[u8]) -> u32 {
    hash_of(text, first_words(text, text.len()).folded())
}

/// The hash of a text whose first words in lower case are known. Of a long text its ends have to do: literals that
/// differ in the middle only are few.
#[inline]
fn hash_of(text: &[u8], words: Words) -> u32 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let step = |state: u64, word: u64| (state ^ word).wrapping_mul(K).rotate_left(29);
    let mut state = step(step(text.len() as u64, words.low), words.high);
    if text.len() > 16 {
        let last = |behind: usize| fold(word(text, text.len() - behind));
        state = step(step(state, last(16)), last(8));
    }
    (state.wrapping_mul(K) >> 32) as u32
}

/// The first 16 bytes of a text. No array: one would go through memory where it is made and looked at in the same breath.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) low: u64,
    pub(crate) high: u64,
}

impl Words {
    fn folded(self) -> Self {
        Self { low: fold(self.low), high: fold(self.high) }
    }
}

/// The first 16 bytes of a text, which is the first `len` of `bytes`, the first one lowest; zeros behind its end. Nearly always
/// there are 16 bytes, whatever they belong to, and the length decides nothing.
#[inline]
pub(crate) fn first_words(bytes: &[u8], len: usize) -> Words {
    const LOW: [u64; 9] =
        [0, 0xFF, 0xFFFF, 0xFF_FFFF, 0xFFFF_FFFF, u64::MAX >> 24, u64::MAX >> 16, u64::MAX >> 8, u64::MAX];
    let Some(words) = bytes.first_chunk::<16>() else {
        return Words { low: word(&bytes[..len], 0), high: word(&bytes[..len], 8) };
    };
    let words = u128::from_le_bytes(*words);
    Words { low: words as u64 & LOW[len.min(8)], high: (words >> 64) as u64 & LOW[len.clamp(8, 16) - 8] }
}

/// The last eight of the first `len` bytes, of which there are more.
#[inline]
pub(crate) fn last_word(bytes: &[u8], len: usize) -> u64 {
    bytes[..len].last_chunk().map_or(0, |word| u64::from_le_bytes(*word))
}

/// Eight bytes from `at` on, the first one lowest; zeros behind the text's end.
#[inline]
fn word(text: &[u8], at: usize) -> u64 {
    let Some(rest) = text.get(at..) else { return 0 };
    if let Some(word) = rest.first_chunk() {
        return u64::from_le_bytes(*word);
    }
    // Fewer than eight, read as two pieces that may overlap.
    let bits = |behind: usize| 8 * (rest.len() - behind) as u32;
    if let (Some(low), Some(high)) = (rest.first_chunk(), rest.last_chunk()) {
        return u64::from(u32::from_le_bytes(*low)) | u64::from(u32::from_le_bytes(*high)) << bits(4);
    }
    match *rest {
        [] => 0,
        [one] => u64::from(one),
        [one, .., last] => {
            u64::from(one)
                | u64::from(rest[rest.len() / 2]) << (rest.len() / 2 * 8)
                | u64::from(last) << bits(1)
        }
    }
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
    use proptest::prelude::*;

    use super::*;
    use crate::event::{Event, Slot};
    use crate::matcher::{FieldKind, Predicate, Scratch};

    /// Integers near the edges of what is exact, and others.
    fn integers() -> impl Strategy<Value = i64> {
        const EDGE: i64 = 1 << 53;
        prop_oneof![-12..200i64, any::<i64>(), EDGE - 3..EDGE + 4, -EDGE - 3..4 - EDGE, Just(i64::MIN)]
    }

    /// An integer as events may spell it, and what is near.
    fn spellings() -> impl Strategy<Value = String> {
        let of_integer = (integers(), 0..12usize).prop_map(|(n, how)| match how {
            0 => format!("{n}.0"),
            1 => format!("{n}e0"),
            2 => format!("{n}0e-1"),
            3 => format!("{n}.5"),
            4 => format!("+{n}"),
            5 => format!("0{n}"),
            6 => format!("-{n}"),
            7 => format!(" {n}"),
            8 => format!("{n}00000000000000000000"),
            9 => format!("{n}.00000000000000000000000001"),
            10 => format!("{n}.0e00"),
            _ => n.to_string(),
        });
        prop_oneof![6 => of_integer, 1 => "[-+]?[0-9]{0,3}([.][0-9]{0,2})?([eE][-+]?[0-9]{1,2})?", 1 => "[0-9a-f.xX-]{0,6}"]
    }

    /// A table of numbers, its ids in order of their text.
    fn with_numbers<T>(numerals: &[Vec<u8>], use_it: impl FnOnce(LiteralTable<'_>) -> T) -> T {
        let literals: Vec<_> =
            numerals.iter().zip(0..).map(|(text, id)| Literal::new(text, id, None, &[])).collect();
        let mut buckets = vec![0; (2 * literals.len()).next_power_of_two()];
        for (index, text) in numerals.iter().enumerate() {
            let mut at = hash(text) as usize & (buckets.len() - 1);
            while buckets[at] != 0 {
                at = (at + 1) & (buckets.len() - 1);
            }
            buckets[at] = index as u16 + 1;
        }
        let longest = numerals.iter().map(Vec::len).max().unwrap_or(0) as u32;
        use_it(LiteralTable { buckets: &buckets, literals: &literals, longest })
    }

    proptest! {
        /// As comparing does, in a field of whatever type.
        #[test]
        fn numbers_are_found_in_every_spelling(
            numbers in prop::collection::btree_set(integers(), 1..6),
            other in spellings(),
            near in any::<prop::sample::Index>(),
            spelling in prop::sample::select(vec!["", ".0", "e0", ".00", "E+0"]),
        ) {
            let near = format!("{}{spelling}", near.get(&numbers.iter().copied().collect::<Vec<_>>()));
            let numbers: Vec<_> =
                numbers.into_iter().map(Number::Long).filter(|n| n.exact_integer().is_some()).collect();
            let numeral = |n: &Number| numeral(n.exact_integer().unwrap(), &mut [0; LONGEST_NUMERAL]).to_vec();
            let numerals: Vec<_> = numbers.iter().map(numeral).collect();
            for text in [other, near] {
                let found = with_numbers(&numerals, |table| table.find_number(text.as_bytes()));
                let mut event = Event::with_slots(1);
                event.push_text(Slot(0), &text);
                for kind in [FieldKind::Any, FieldKind::Long, FieldKind::Double] {
                    let equals = |value: &Number| {
                        let values = std::slice::from_ref(value);
                        let predicate = Predicate::NumberIn { slot: Slot(0), kind, values };
                        predicate.eval(event.view(b""), &mut Scratch::new())
                    };
                    let id = numbers.iter().position(equals).map(|id| id as u16);
                    prop_assert_eq!(found.map(|found| found.id), id, "{:?} as {:?}", text, kind);
                }
            }
        }
    }

    #[test]
    fn numerals_are_those_of_display() {
        for integer in [0, 1, -1, 10, -40, 1_234_567_890, i64::MAX, i64::MIN] {
            let mut buffer = [0; LONGEST_NUMERAL];
            let text = numeral(integer, &mut buffer);
            assert_eq!(text, integer.to_string().as_bytes());
            assert!(is_numeral(text));
        }
        for other in ["", "-", "-0", "00", "07", "+1", "1.", "1e1", " 1", "a"] {
            assert!(!is_numeral(other.as_bytes()), "{other}");
        }
    }

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
    fn words_hold_the_bytes_in_order() {
        let text: Vec<u8> = (1..=40).collect();
        for length in 0..=text.len() {
            for at in 0..=length + 1 {
                let expected = (0..8).fold(0, |word, place| {
                    word | u64::from(*text[..length].get(at + place).unwrap_or(&0)) << (8 * place)
                });
                assert_eq!(word(&text[..length], at), expected, "{length} {at}");
            }
            let words = Words { low: word(&text[..length], 0), high: word(&text[..length], 8) };
            for behind in length..=text.len() {
                assert_eq!(first_words(&text[..behind], length), words, "{length} of {behind}");
            }
        }
    }

    #[test]
    fn texts_of_every_length_are_found_in_every_case() {
        let texts: Vec<Vec<u8>> =
            (1..60).map(|length| (0..length).map(|at| b'a' + at % 26).collect()).collect();
        let literals: Vec<_> =
            texts.iter().zip(0..).map(|(text, id)| Literal::new(text, id, None, &[])).collect();
        let mut buckets = vec![0; 128];
        for (index, text) in texts.iter().enumerate() {
            let mut at = hash(text) as usize & 127;
            while buckets[at] != 0 {
                at = (at + 1) & 127;
            }
            buckets[at] = index as u16 + 1;
        }
        let table = LiteralTable { buckets: &buckets, literals: &literals, longest: 59 };
        for (text, id) in texts.iter().zip(0..) {
            assert_eq!(table.find(text), Some(Found { id, exact: None }));
            assert_eq!(table.find(&text.to_ascii_uppercase()), Some(Found { id, exact: None }));
            for at in 0..text.len() {
                let mut other = text.clone();
                other[at] = b'!';
                assert_eq!(table.find(&other), None);
            }
        }
    }

    #[test]
    fn hash_ignores_case_and_minds_length() {
        assert_eq!(hash(b"PowerShell.EXE"), hash(b"powershell.exe"));
        assert_ne!(hash(b"a"), hash(b"a\0"));
    }

    #[test]
    fn find_tells_exact_from_folded() {
        let literals = [Literal::new(b"curl", 3, Some(5), &[(b"Curl", 4)])];
        let mut buckets = [0; 2];
        buckets[hash(b"curl") as usize & 1] = 1;
        let table = LiteralTable { buckets: &buckets, literals: &literals, longest: 4 };
        assert_eq!(table.find(b"CURL"), Some(Found { id: 3, exact: None }));
        assert_eq!(table.find(b"Curl"), Some(Found { id: 3, exact: Some(4) }));
        assert_eq!(table.find(b"curl"), Some(Found { id: 3, exact: Some(5) }));
        assert_eq!(table.find(b"wget"), None);
        assert_eq!(table.find(b"curl7"), None);
    }
}
