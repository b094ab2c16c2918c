//! The syntax tree of a KQL query, as written: redundant parentheses aside, it prints back to the same query.
//!
//! Grammar and precedence: kql.md sections 1 and 2. All spans count bytes of the query text.

use crate::eql::ast::CompareOp;
use crate::span::Span;

/// A whole query.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The condition; none in an empty query, which every event matches.
    pub condition: Option<Expr>,
    /// The whole text.
    pub span: Span,
}

/// A condition with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands; parentheses around it are not included.
    pub span: Span,
}

/// The forms of a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `a or b or c`; two or more.
    Or(Vec<Expr>),
    /// `a and b and c`; two or more.
    And(Vec<Expr>),
    /// `not a`
    Not(Box<Expr>),
    /// `path: { condition }`
    Nested {
        /// The path of the objects.
        path: FieldName,
        /// What one of them has to meet; its fields are relative to the path.
        condition: Box<Expr>,
    },
    /// `field < value` and its kin.
    Range {
        /// The field.
        field: FieldName,
        /// `Lt`, `Le`, `Gt` or `Ge`.
        op: CompareOp,
        /// The bound.
        bound: Literal,
    },
    /// `field: values`
    Is {
        /// The field.
        field: FieldName,
        /// What some value of it has to be.
        values: Values,
    },
    /// A value without a field.
    Free(Literal),
}

/// What stands behind the colon: a value, or a list in parentheses.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    /// What it is.
    pub kind: ValuesKind,
    /// Where it stands; parentheses around it are not included.
    pub span: Span,
}

/// The forms of a list of values.
#[derive(Clone, Debug, PartialEq)]
pub enum ValuesKind {
    /// One value.
    One(Literal),
    /// `a or b`; two or more.
    Or(Vec<Values>),
    /// `a and b`; two or more.
    And(Vec<Values>),
    /// `not a`
    Not(Box<Values>),
}

/// The name of a field, or a pattern of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldName {
    /// The name.
    pub text: Text,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// What it is.
    pub kind: LiteralKind,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// The kinds of constants. Numbers are text until a field gives them a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiteralKind {
    /// Any text but the words below.
    Text(Text),
    /// `true`, `false` without quotes.
    Bool(bool),
    /// `null` without quotes.
    Null,
}

/// A text as it is written: in quotes, plain, or with wildcards. Escapes are undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// In quotes, where an asterisk is an asterisk.
    Quoted(String),
    /// Without quotes and wildcards.
    Plain(String),
    /// Without quotes, with wildcards: what stands between them, so one more text than there are asterisks.
    Pattern(Vec<String>),
}

impl Text {
    /// The text between the wildcards; all of it if there are none.
    pub fn parts(&self) -> &[String] {
        match self {
            Self::Quoted(text) | Self::Plain(text) => std::slice::from_ref(text),
            Self::Pattern(parts) => parts,
        }
    }

    /// Whether it is nothing but asterisks.
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::Pattern(parts) if parts.iter().all(String::is_empty))
    }

    /// The text with an asterisk for each wildcard, for messages.
    pub fn shown(&self) -> String {
        self.parts().join("*")
    }
}

/// The tree with all spans empty, for comparing trees of different texts.
pub fn without_spans(mut query: Query) -> Query {
    query.span = Span::default();
    if let Some(condition) = &mut query.condition {
        clear(condition);
    }
    query
}

fn clear(expr: &mut Expr) {
    expr.span = Span::default();
    match &mut expr.kind {
        ExprKind::Or(parts) | ExprKind::And(parts) => parts.iter_mut().for_each(clear),
        ExprKind::Not(inner) => clear(inner),
        ExprKind::Nested { path, condition } => {
            path.span = Span::default();
            clear(condition);
        }
        ExprKind::Range { field, bound, .. } => {
            field.span = Span::default();
            bound.span = Span::default();
        }
        ExprKind::Is { field, values } => {
            field.span = Span::default();
            clear_values(values);
        }
        ExprKind::Free(literal) => literal.span = Span::default(),
    }
}

fn clear_values(values: &mut Values) {
    values.span = Span::default();
    match &mut values.kind {
        ValuesKind::One(literal) => literal.span = Span::default(),
        ValuesKind::Or(parts) | ValuesKind::And(parts) => parts.iter_mut().for_each(clear_values),
        ValuesKind::Not(inner) => clear_values(inner),
    }
}
