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

/// A field that the schema does not have.
pub const UNKNOWN_FIELD: Code = Code("E0401");
/// A field that an open schema does not have, with a near name that it has.
pub const MISSPELT_FIELD: Code = Code("W0401");
/// A function that does not exist.
pub const UNKNOWN_FUNCTION: Code = Code("E0402");
/// A function with too few or too many arguments.
pub const ARGUMENT_COUNT: Code = Code("E0403");
/// An operand or argument of a type that does not fit.
pub const TYPE_MISMATCH: Code = Code("E0404");
/// A condition that is not boolean.
pub const NOT_BOOLEAN: Code = Code("E0405");
/// A field compared with something that is not constant.
pub const FIELD_COMPARISON: Code = Code("E0406");
/// A field of a type that EQL cannot use.
pub const UNUSABLE_FIELD: Code = Code("E0407");
/// A tilde on a function that has no case option.
pub const NO_CASE_OPTION: Code = Code("E0408");
/// A constant that is no value of its field's type.
pub const BAD_CONSTANT: Code = Code("E0409");
/// A constant that an open schema says is no value of its field's type.
pub const DOUBTFUL_CONSTANT: Code = Code("W0409");
/// A regular expression that Lucene does not read.
pub const BAD_REGEX: Code = Code("E0410");
/// A regular expression with syntax that Lucene reads as plain characters.
pub const DOUBTFUL_REGEX: Code = Code("W0410");
/// A network block that is none.
pub const BAD_BLOCK: Code = Code("E0411");
/// Constant arithmetic that overflows or divides by zero.
pub const ARITHMETIC: Code = Code("E0412");
/// A boolean expression inside a function or an arithmetic operator.
pub const BOOLEAN_INSIDE: Code = Code("E0413");
/// An argument or element that must be constant and is not.
pub const NOT_CONSTANT: Code = Code("E0414");
/// A sequence with too few or too many items.
pub const SEQUENCE_LENGTH: Code = Code("E0415");
/// Items with different numbers of join keys.
pub const JOIN_KEY_COUNT: Code = Code("E0416");
/// Join keys that can never be equal.
pub const JOIN_KEY_TYPE: Code = Code("E0417");
/// `runs` outside 1 to 100.
pub const BAD_RUNS: Code = Code("E0418");
/// A `maxspan` of zero.
pub const BAD_MAXSPAN: Code = Code("E0419");
/// A missing event where there can be none.
pub const MISSING_EVENT: Code = Code("E0420");
/// A pipe that does not exist, or its arguments.
pub const BAD_PIPE: Code = Code("E0421");
/// `join`.
pub const JOIN: Code = Code("E0422");
/// A sample without join keys or with too few filters.
pub const BAD_SAMPLE: Code = Code("E0423");
