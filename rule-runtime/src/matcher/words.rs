//! Words of a text: the word boundaries of Unicode (UAX #29), lower case, as Elasticsearch's standard analyser has them.
//!
//! In: phrases and patterns of words in lower case, and a value. Out: whether the words of the value hold one of them.
//! Values of ASCII, nearly all, are cut by a table of bytes, and only if the text of a phrase is in them at all.

use memchr::memmem;
use unicode_segmentation::{UWordBounds, UnicodeSegmentation};

use super::glob::Pattern;
use super::scratch::Scratch;
use crate::event::{EventView, Slot};

/// Whether some value of a slot has one of the phrases: its words in a row.
pub(super) fn any_phrase(
    event: EventView<'_>,
    scratch: &mut Scratch,
    slot: Slot,
    phrases: &[&[&[u8]]],
) -> bool {
    if !event.has(slot) {
        return false;
    }
    let plain = scratch.folded(event, slot).any(|(text, _)| {
        text.is_ascii()
            && phrases.iter().any(|phrase| holds_text(text, phrase) && in_row(Ascii { text, at: 0 }, phrase))
    });
    plain
        || event.values(slot).any(|value| match foreign(value.text()) {
            Some(text) => phrases.iter().any(|phrase| foreign_in_row(text.split_word_bounds(), phrase)),
            None => false,
        })
}

/// Whether some word of some value of a slot matches one of the patterns.
pub(super) fn any_word(
    event: EventView<'_>,
    scratch: &mut Scratch,
    slot: Slot,
    patterns: &[Pattern<'_>],
) -> bool {
    if !event.has(slot) {
        return false;
    }
    let matches = |word: &[u8]| patterns.iter().any(|pattern| pattern.is_match(word));
    let plain =
        scratch.folded(event, slot).any(|(text, _)| text.is_ascii() && Ascii { text, at: 0 }.any(matches));
    plain
        || event.values(slot).any(|value| match foreign(value.text()) {
            Some(text) => text.unicode_words().any(|word| {
                let folded = &mut scratch.text;
                folded.clear();
                for letter in word.chars().map(lower) {
                    folded.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                }
                matches(folded)
            }),
            None => false,
        })
}

/// A text that is not ASCII.
fn foreign(text: &[u8]) -> Option<&str> {
    if text.is_ascii() { None } else { std::str::from_utf8(text).ok() }
}

/// Whether the longest word of a phrase stands anywhere in the text.
fn holds_text(text: &[u8], phrase: &[&[u8]]) -> bool {
    let longest = phrase.iter().map(|word| letters(word).0).max_by_key(|word| word.len());
    longest.is_some_and(|word| memmem::find(text, word).is_some())
}

/// Whether the words of a phrase follow each other.
fn in_row(mut words: Ascii<'_>, phrase: &[&[u8]]) -> bool {
    loop {
        let mut ahead = words.clone();
        if phrase.iter().all(|wanted| ahead.next().is_some_and(|word| is_wanted(word, wanted))) {
            return true;
        }
        if words.next().is_none() {
            return false;
        }
    }
}

fn foreign_in_row(mut pieces: UWordBounds<'_>, phrase: &[&[u8]]) -> bool {
    loop {
        let mut ahead = pieces.clone().filter(|piece| is_word(piece));
        if phrase.iter().all(|wanted| ahead.next().is_some_and(|word| is_folded(word, wanted))) {
            return true;
        }
        if !pieces.any(is_word) {
            return false;
        }
    }
}

fn is_word(piece: &str) -> bool {
    piece.chars().any(char::is_alphanumeric)
}

/// A word of a phrase without the asterisk that says that it is the beginning of one, which no word has.
fn letters(wanted: &[u8]) -> (&[u8], bool) {
    match wanted.split_last() {
        Some((b'*', start)) => (start, true),
        _ => (wanted, false),
    }
}

fn is_wanted(word: &[u8], wanted: &[u8]) -> bool {
    match letters(wanted) {
        (start, true) => word.starts_with(start),
        (whole, false) => word == whole,
    }
}

/// Whether a word is `wanted` in lower case.
fn is_folded(word: &str, wanted: &[u8]) -> bool {
    let (wanted, cut) = letters(wanted);
    let Ok(wanted) = std::str::from_utf8(wanted) else { return false };
    let mut folded = word.chars().map(lower);
    wanted.chars().all(|letter| folded.next() == Some(letter)) && (cut || folded.next().is_none())
}

fn lower(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

/// The words of a text of ASCII in lower case.
#[derive(Clone)]
struct Ascii<'t> {
    text: &'t [u8],
    at: usize,
}

impl Ascii<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(b' ')
    }

    /// Whether the byte at `at`, which is no part of a word by itself, joins the bytes around it.
    fn joins(&self, at: usize) -> bool {
        let (before, after) = (self.byte(at.wrapping_sub(1)), self.byte(at + 1));
        let letters = before.is_ascii_alphabetic() && after.is_ascii_alphabetic();
        let digits = before.is_ascii_digit() && after.is_ascii_digit();
        match self.byte(at) {
            b'.' | b'\'' => letters || digits,
            b':' => letters,
            b',' | b';' => digits,
            _ => false,
        }
    }
}

impl<'t> Iterator for Ascii<'t> {
    type Item = &'t [u8];

    fn next(&mut self) -> Option<&'t [u8]> {
        loop {
            while self.at < self.text.len() && !in_word(self.text[self.at]) {
                self.at += 1;
            }
            let start = self.at;
            while self.at < self.text.len() && (in_word(self.text[self.at]) || self.joins(self.at)) {
                self.at += 1;
            }
            let word = &self.text[start..self.at];
            if word.is_empty() {
                return None;
            }
            if word.iter().any(u8::is_ascii_alphanumeric) {
                return Some(word);
            }
        }
    }
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::Event;
    use crate::matcher::glob::{Needle, Shape};

    fn ascii(text: &str) -> Vec<&str> {
        let words = Ascii { text: text.as_bytes(), at: 0 };
        words.map(|word| std::str::from_utf8(word).unwrap()).collect()
    }

    #[test]
    fn words_of_ascii() {
        assert_eq!(ascii("failed password for root."), ["failed", "password", "for", "root"]);
        assert_eq!(
            ascii("/etc/rc.local: can't a.1 1.2.3.4 1,000 c:\\x"),
            ["etc", "rc.local", "can't", "a", "1", "1.2.3.4", "1,000", "c", "x"]
        );
        assert_eq!(ascii("_ __a a_.b ''"), ["__a", "a_", "b"]);
    }

    proptest! {
        #[test]
        fn the_table_of_bytes_is_unicode(text in "[a-c0-2_.,;:' \"\n/-]{0,24}") {
            prop_assert_eq!(ascii(&text), text.unicode_words().collect::<Vec<_>>());
        }

        #[test]
        fn phrases_are_windows_of_the_words(
            text in "[a-b\u{e9}\u{c9}.: _]{0,12}",
            mut phrase in prop::collection::vec("[a-b\u{e9}]{1,2}", 1..3),
            cut in any::<bool>(),
        ) {
            let lower_case = |word: &str| word.chars().map(lower).collect::<String>();
            let words: Vec<String> = text.unicode_words().map(lower_case).collect();
            let expected = words.windows(phrase.len()).any(|run| {
                let (last, before) = phrase.split_last().expect("it has a word");
                let ends = &run[before.len()];
                run[..before.len()] == *before && (ends == last || cut && ends.starts_with(last.as_str()))
            });
            if cut {
                phrase.last_mut().expect("it has a word").push('*');
            }
            let mut event = Event::with_slots(1);
            event.push_text(Slot(0), &text);
            let phrase: Vec<&[u8]> = phrase.iter().map(String::as_bytes).collect();
            prop_assert_eq!(any_phrase(event.view(b""), &mut Scratch::new(), Slot(0), &[&phrase]), expected);
        }
    }

    #[test]
    fn patterns_match_whole_words() {
        let mut event = Event::with_slots(1);
        event.push_text(Slot(0), "Caf\u{c9} au lait, FAILED twice");
        let holds = |shape| any_word(event.view(b""), &mut Scratch::new(), Slot(0), &[Pattern::new(shape)]);
        assert!(holds(Shape::Prefix(b"fail")));
        assert!(holds(Shape::Suffix("f\u{e9}".as_bytes())));
        assert!(!holds(Shape::Contains(Needle::new(b"au lait"))));
    }
}
