//! The words of a text as Elasticsearch's standard analyser finds them: the word boundaries of Unicode (UAX #29), without
//! what holds no letter or digit, in lower case.
//!
//! Tokens of more than 255 characters, which the analyser cuts, stay whole.

use unicode_segmentation::UnicodeSegmentation;

/// The words of `text`, in order.
///
/// ```
/// use rule_lang::meaning::words::words;
/// assert_eq!(words("Failed password for ROOT."), ["failed", "password", "for", "root"]);
/// assert_eq!(words("/etc/rc.local: can't open foo-bar_baz 1,000"), [
///     "etc", "rc.local", "can't", "open", "foo", "bar_baz", "1,000"
/// ]);
/// ```
pub fn words(text: &str) -> Vec<String> {
    text.unicode_words().map(lower_case).collect()
}

/// Whether a word is the one a phrase has at its place, or begins with it.
pub(super) fn is_wanted(word: &str, wanted: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(start) => word.starts_with(start),
        None => word == wanted,
    }
}

/// A text in lower case, character by character.
pub(crate) fn lower_case(text: &str) -> String {
    text.chars().map(|letter| letter.to_lowercase().next().unwrap_or(letter)).collect()
}
