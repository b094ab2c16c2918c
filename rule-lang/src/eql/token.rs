//! The tokens of a query (eql.md section 1).

use super::ast::{CompareOp, Number};
use crate::span::Span;

/// One token and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// The kinds of tokens. `in~`, `like~`, `regex~` and names with a tilde are one token each.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A plain name.
    Ident,
    /// A name with a tilde, `endsWith~`.
    TildeIdent,
    /// A name in backticks, without them.
    Quoted(String),
    Keyword(Keyword),
    Number(Number),
    /// A string, unescaped.
    Text(String),
    Compare(CompareOp),
    LeftParen,
    RightParen,
    LeftBracket,
    /// `![`
    MissingBracket,
    RightBracket,
    Comma,
    Dot,
    Pipe,
    Question,
    Colon,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    /// `=`
    Assign,
    End,
}

/// The words that are not names unless they stand in backticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    And,
    Any,
    By,
    False,
    In,
    InInsensitive,
    Join,
    Like,
    LikeInsensitive,
    Maxspan,
    Not,
    Null,
    Of,
    Or,
    Regex,
    RegexInsensitive,
    Sample,
    Sequence,
    True,
    Until,
    Where,
    With,
}

const KEYWORDS: [(&str, Keyword); 22] = [
    ("and", Keyword::And),
    ("any", Keyword::Any),
    ("by", Keyword::By),
    ("false", Keyword::False),
    ("in", Keyword::In),
    ("in~", Keyword::InInsensitive),
    ("join", Keyword::Join),
    ("like", Keyword::Like),
    ("like~", Keyword::LikeInsensitive),
    ("maxspan", Keyword::Maxspan),
    ("not", Keyword::Not),
    ("null", Keyword::Null),
    ("of", Keyword::Of),
    ("or", Keyword::Or),
    ("regex", Keyword::Regex),
    ("regex~", Keyword::RegexInsensitive),
    ("sample", Keyword::Sample),
    ("sequence", Keyword::Sequence),
    ("true", Keyword::True),
    ("until", Keyword::Until),
    ("where", Keyword::Where),
    ("with", Keyword::With),
];

impl Keyword {
    /// The keyword that is written `word`; keywords are lower case.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        KEYWORDS.iter().find(|(text, _)| *text == word).map(|&(_, keyword)| keyword)
    }

    /// How it is written.
    pub(super) fn word(self) -> &'static str {
        KEYWORDS.iter().find(|&&(_, keyword)| keyword == self).map_or("", |&(text, _)| text)
    }
}

/// Whether `byte` may begin a name.
pub(super) fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b'@'
}

/// Whether `byte` may stand inside a name.
pub(super) fn continues_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether `word` is a name without backticks.
pub(super) fn is_plain_name(word: &str) -> bool {
    let mut bytes = word.bytes();
    bytes.next().is_some_and(begins_name) && bytes.all(continues_name) && Keyword::from_word(word).is_none()
}
