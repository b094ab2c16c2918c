//! Codes of the EQL parser (`E03`) and of the EQL checks (`E04`).

use crate::diagnostic::Code;

/// A token stands where the grammar does not allow it.
pub const UNEXPECTED_TOKEN: Code = Code("E0301");
/// Characters that are no token of EQL.
pub const INVALID_TOKEN: Code = Code("E0302");
/// A string, comment or backtick name that is not closed.
pub const UNTERMINATED: Code = Code("E0303");
/// A string in quotes that EQL does not have.
pub const QUOTES: Code = Code("E0304");
/// An escape that EQL does not have, or a code that is no character.
pub const BAD_ESCAPE: Code = Code("E0305");
/// A number beyond the range of a double.
pub const NUMBER_TOO_LARGE: Code = Code("E0306");
/// `=` for `==`.
pub const SINGLE_EQUALS: Code = Code("E0307");
/// `a < b < c`.
pub const CHAINED_COMPARISON: Code = Code("E0308");
/// `x not like "a"`.
pub const MISPLACED_NOT: Code = Code("E0309");
/// A keyword where a name belongs; it needs backticks.
pub const KEYWORD_AS_NAME: Code = Code("E0310");
/// A comma with nothing behind it.
pub const TRAILING_COMMA: Code = Code("E0311");
/// The right side of a pattern operator is not a constant.
pub const PATTERN_NOT_CONSTANT: Code = Code("E0312");
/// `a[0]`.
pub const ARRAY_INDEX: Code = Code("E0313");
/// A time span without unit, with an unknown one, or with a fraction.
pub const BAD_TIME_SPAN: Code = Code("E0314");
/// A clause of a sequence or sample at a place where it does not belong.
pub const MISPLACED_CLAUSE: Code = Code("E0315");
/// An option other than `maxspan` or `runs`.
pub const UNKNOWN_OPTION: Code = Code("E0316");
/// Nesting or chains beyond what the parser takes.
pub const TOO_DEEP: Code = Code("E0317");
/// `child of` and its kin.
pub const RELATIONSHIP: Code = Code("E0318");
/// An event category that is neither a name nor a string.
pub const BAD_CATEGORY: Code = Code("E0319");
/// A join key that is not a field.
pub const BAD_JOIN_KEY: Code = Code("E0320");
