//! The tokens of a KQL query (kql.md sections 1 and 2).

use super::ast::Text;
use crate::eql::ast::CompareOp;
use crate::span::Span;

/// One token and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// The kinds of tokens.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A name or a value; which one only what follows tells.
    Text(Text),
    And,
    Or,
    Not,
    Colon,
    /// `<`, `<=`, `>`, `>=`
    Range(CompareOp),
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    End,
}

impl Kind {
    /// Whether a condition or value may end with the token, so that a word behind it connects.
    pub(super) fn ends_operand(&self) -> bool {
        matches!(self, Self::Text(_) | Self::RightParen | Self::RightBrace)
    }
}

/// The words that connect conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    And,
    Or,
    Not,
}

impl Word {
    pub(super) const ALL: [Self; 3] = [Self::And, Self::Or, Self::Not];

    /// How it is written, in any case.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::Or => "or",
            Self::Not => "not",
        }
    }

    pub(super) fn kind(self) -> Kind {
        match self {
            Self::And => Kind::And,
            Self::Or => Kind::Or,
            Self::Not => Kind::Not,
        }
    }

    /// The word that `text` begins with; what follows it is not looked at.
    pub(super) fn at_start(text: &str) -> Option<Self> {
        let begins = |word: &Self| {
            let text = text.get(..word.text().len());
            text.is_some_and(|text| text.eq_ignore_ascii_case(word.text()))
        };
        Self::ALL.into_iter().find(begins)
    }
}

/// White space between tokens.
pub(super) fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n' | '\u{a0}')
}

/// Characters that end a value without quotes unless a backslash stands in front of them.
pub(super) fn is_special(letter: char) -> bool {
    matches!(letter, '\\' | '(' | ')' | ':' | '<' | '>' | '"' | '*' | '{' | '}')
}
