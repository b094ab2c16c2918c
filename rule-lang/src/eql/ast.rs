//! The syntax tree of a query, as written: sugar and redundant parentheses aside, it prints back to the same query.
//!
//! Grammar and precedence: eql.md sections 1 and 2. All spans count bytes of the query text.

use crate::span::Span;

/// A whole query: a statement and its pipes.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// What is searched for.
    pub statement: Statement,
    /// `| head 5` and the like, in order.
    pub pipes: Vec<Pipe>,
    /// The whole query.
    pub span: Span,
}

/// The part of a query in front of the pipes.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `process where ..`
    Event(EventFilter),
    /// `sequence .. [..] [..]`
    Sequence(Sequence),
    /// `sample by .. [..] [..]`
    Sample(Sample),
    /// `join ..` parses and is rejected by the check.
    Join(Span),
}

/// `category where condition`.
#[derive(Clone, Debug, PartialEq)]
pub struct EventFilter {
    /// What `event.category` must be.
    pub category: Category,
    /// The condition behind `where`.
    pub condition: Expr,
    /// Category, `where` and condition.
    pub span: Span,
}

/// The event category of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Category {
    /// `any`
    Any(Span),
    /// `process`, `"my-category"`
    Named(String, Span),
}

/// `sequence [by keys] [with maxspan=T] item+ [until item]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// Keys that stand in front of every item's own keys.
    pub by: Vec<FieldRef>,
    /// The longest time from first to last event.
    pub maxspan: Option<TimeSpan>,
    /// The items, before `runs` is expanded.
    pub items: Vec<Item>,
    /// The event that ends pending sequences.
    pub until: Option<Item>,
    /// From `sequence` to the last item.
    pub span: Span,
}

/// `sample [by keys] ([..] [by keys])+`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Keys that stand in front of every item's own keys.
    pub by: Vec<FieldRef>,
    /// The filters, each of which picks one event.
    pub items: Vec<Item>,
    /// From `sample` to the last item.
    pub span: Span,
}

/// `[event]` or `![event]` with its own keys and options.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Written with `![`: the event must be missing.
    pub missing: bool,
    /// The event to find.
    pub filter: EventFilter,
    /// Keys behind the item.
    pub by: Vec<FieldRef>,
    /// `with runs=N`, as written.
    pub runs: Option<Runs>,
    /// From the bracket to the last option.
    pub span: Span,
}

/// `with runs=N`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runs {
    /// How often the item is repeated, as written; the check wants 1 to 100.
    pub count: i64,
    /// The number.
    pub span: Span,
}

/// A time span such as `30s`, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeSpan {
    /// Its length in milliseconds.
    pub millis: u64,
    /// Number and unit.
    pub span: Span,
}

/// `| name arguments`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipe {
    /// The name as written.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// Its arguments.
    pub arguments: Vec<Expr>,
    /// From the bar to the last argument.
    pub span: Span,
}

/// A field path, with the `?` of an optional one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRef {
    /// The path, dotted, without backticks.
    pub path: String,
    /// Written with `?`.
    pub optional: bool,
    /// Question mark and path.
    pub span: Span,
}

/// An expression with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands; parentheses around it are not included.
    pub span: Span,
}

/// The forms of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A constant.
    Literal(Literal),
    /// A field.
    Field(FieldRef),
    /// `not x`
    Not(Box<Expr>),
    /// `-x`, `+x`
    Sign(Sign, Box<Expr>),
    /// `a and b`; a chain associates to the left.
    And(Box<Expr>, Box<Expr>),
    /// `a or b`; a chain associates to the left.
    Or(Box<Expr>, Box<Expr>),
    /// `a == b` and the other comparisons.
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `a + b` and the other arithmetic.
    Arithmetic(ArithmeticOp, Box<Expr>, Box<Expr>),
    /// `a in (..)`, `a not in~ (..)`
    In {
        /// The tested value.
        value: Box<Expr>,
        /// Written with `not`.
        negated: bool,
        /// Written `in~`.
        case: Case,
        /// The list; at least one element.
        list: Vec<Expr>,
    },
    /// `a : "x"`, `a like (..)`, `a regex~ "x"`; elements are literals.
    Match {
        /// The tested value.
        value: Box<Expr>,
        /// Which operator.
        op: MatchOp,
        /// The patterns; at least one.
        patterns: Vec<Expr>,
        /// Written with parentheses, even around one pattern.
        listed: bool,
    },
    /// `name(arguments)`, `name~(arguments)`
    Call {
        /// The name as written, without the tilde.
        name: String,
        /// Where the name stands, with the tilde.
        name_span: Span,
        /// Written with a tilde.
        case: Case,
        /// Its arguments.
        arguments: Vec<Expr>,
    },
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string, unescaped.
    Text(String),
}

/// A number literal: the smallest of the types that holds it (eql.md section 1). Without sign in the tree of a query;
/// signs appear when constants are folded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// 32 bits, signed.
    Int(i32),
    /// 64 bits, signed.
    Long(i64),
    /// 64 bits, unsigned; only values above `i64::MAX`.
    ULong(u64),
    /// Everything with a point or an exponent, and integers beyond 64 bits.
    Double(f64),
}

/// Whether letters of different case are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Case {
    /// They differ.
    Sensitive,
    /// ASCII letters are folded; written with `~`, or `:`.
    Insensitive,
}

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `+`
    Plus,
    /// `-`
    Minus,
}

/// The comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CompareOp {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// The arithmetic operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArithmeticOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

/// The pattern operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchOp {
    /// `:`, the same as `like~`.
    Colon,
    /// `like`
    Like,
    /// `like~`
    LikeInsensitive,
    /// `regex`
    Regex,
    /// `regex~`
    RegexInsensitive,
}
