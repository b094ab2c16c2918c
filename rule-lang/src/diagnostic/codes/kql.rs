//! Codes of the KQL parser (`E07`) and of the KQL checks (`E08`).

use crate::diagnostic::Code;

/// A token stands where the grammar does not allow it.
pub const UNEXPECTED_TOKEN: Code = Code("E0701");
/// A quote, parenthesis or brace that is not closed.
pub const UNTERMINATED: Code = Code("E0702");
/// A backslash outside of quotes that begins no escape.
pub const BAD_ESCAPE: Code = Code("E0703");
/// `and`, `or` or `not` right beside a bracket or quote.
pub const WORD_WITHOUT_SPACE: Code = Code("E0704");
/// Two conditions or values without `and` or `or` between them.
pub const NOT_CONNECTED: Code = Code("E0705");
/// Nesting beyond what the parser takes.
pub const TOO_DEEP: Code = Code("E0706");
/// A value without quotes and a word in it that ends in `not`.
pub const NOT_INSIDE_WORD: Code = Code("W0707");

/// `null` as a value.
pub const NULL_VALUE: Code = Code("E0801");
/// A value that has no place in an order.
pub const NO_ORDER: Code = Code("E0802");
/// A pattern as the path of a nested group.
pub const NESTED_PATTERN: Code = Code("E0803");
/// `now` in a nested group, or compared with fields that a pattern names.
pub const NOW_OUT_OF_PLACE: Code = Code("E0804");
/// A pattern without quotes and with blanks in it, which some versions of Kibana read as several words.
pub const PATTERN_WITH_BLANKS: Code = Code("W0805");
/// A value of an analysed field without a word in it, or a pattern that no word can match.
pub const NO_WORDS: Code = Code("W0806");
