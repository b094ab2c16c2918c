//! Why a line is not an event.

use std::fmt;

/// A line that could not be read, and where reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// What is wrong.
    pub kind: ReadErrorKind,
    /// Where, in bytes from the start of the line.
    pub offset: usize,
}

/// What can be wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// Nothing but blanks.
    Empty,
    /// The line starts with something other than `{`.
    NotAnObject,
    /// The line ends before all its objects and arrays are closed.
    Truncated,
    /// A string has no closing quote.
    OpenString,
    /// A byte below 0x20 stands in a string without being escaped.
    ControlCharacter,
    /// A backslash stands outside a string, or one in a string begins none of the escapes of JSON.
    BadEscape,
    /// `\uD800` to `\uDFFF` without its other half.
    LoneSurrogate,
    /// The bytes are not UTF-8.
    InvalidUtf8,
    /// A number such as `01`, `1.` or `+1`.
    BadNumber,
    /// A key in quotes is missing.
    ExpectedKey,
    /// A key is not followed by a colon.
    ExpectedColon,
    /// A value is missing, or is none of the words of JSON.
    ExpectedValue,
    /// Two values or entries are not separated by a comma, or a bracket of the wrong kind stands here.
    ExpectedComma,
    /// Something follows the end of the object.
    TrailingText,
    /// Objects and arrays are nested more deeply than the limit.
    TooDeep,
    /// The line is longer than 4 GiB.
    TooLong,
}

impl ReadErrorKind {
    /// The reason in plain words, half a sentence.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Empty => "the line is empty",
            Self::NotAnObject => "the line is not a JSON object",
            Self::Truncated => "the line ends in the middle of an object",
            Self::OpenString => "a string is not closed",
            Self::ControlCharacter => "a control character in a string is not escaped",
            Self::BadEscape => "this backslash begins no JSON escape",
            Self::LoneSurrogate => "half of a surrogate pair stands alone",
            Self::InvalidUtf8 => "the text is not valid UTF-8",
            Self::BadNumber => "this is not a JSON number",
            Self::ExpectedKey => "a key in quotes is expected",
            Self::ExpectedColon => "a colon is expected after the key",
            Self::ExpectedValue => "a value is expected",
            Self::ExpectedComma => "a comma or the closing bracket is expected",
            Self::TrailingText => "more text follows the end of the object",
            Self::TooDeep => "objects and arrays are nested too deeply",
            Self::TooLong => "the line is longer than 4 GiB",
        }
    }

    pub(super) const fn at(self, offset: usize) -> ReadError {
        ReadError { kind: self, offset }
    }
}

impl fmt::Display for ReadErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (byte {})", self.kind, self.offset)
    }
}

impl std::error::Error for ReadError {}
