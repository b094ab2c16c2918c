//! One value of a field.

/// A scalar as it stands in the event. Numbers keep their text: `1.0`, `1e3` and integers beyond 2^53 are compared
/// exactly, and a string literal in a rule compares with the text of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar<'e> {
    /// A string, unescaped, valid UTF-8.
    Text(&'e [u8]),
    /// A number, the text of a JSON number.
    Number(&'e [u8]),
    /// `true` or `false`.
    Bool(bool),
}

impl<'e> Scalar<'e> {
    /// The canonical text: a string itself, a number as it stands in the event, `true` or `false`.
    #[inline]
    pub fn text(self) -> &'e [u8] {
        match self {
            Self::Text(text) | Self::Number(text) => text,
            Self::Bool(true) => b"true",
            Self::Bool(false) => b"false",
        }
    }
}
