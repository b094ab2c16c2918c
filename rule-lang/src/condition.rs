//! What a checked query asks of an event: a two-valued boolean tree over leaves.
//!
//! [`crate::check`] makes it from a syntax tree; [`crate::meaning`] evaluates it slowly and plainly; the compiler
//! plans it. Above leaves there is only true and false (eql.md section 5), so the tree may be rewritten by the laws of
//! boolean algebra. Leaves may not be merged: fields are multisets, and two leaves may be met by different values.
//!
//! # How a leaf is evaluated
//! For every combination of one value per *field occurrence* (a field without a value contributes null once), the test
//! is computed with null propagation; the leaf is true if some combination gives true. Null is not true.

mod state;

use std::fmt;
use std::sync::Arc;

pub use self::state::{Cardinality, NewTerms, Suppression, ThreatEntry, ThreatMatch, Threshold, TimeSource};
use crate::eql::ast::{ArithmeticOp, Case, CompareOp, Number};
use crate::schema::FieldType;
use crate::span::Span;

/// A boolean tree over [`Leaf`]s.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Always true or always false. A condition that folds to null is false.
    Const(bool),
    /// All of them; two or more.
    And(Vec<Condition>),
    /// One of them; two or more.
    Or(Vec<Condition>),
    /// Its opposite.
    Not(Box<Condition>),
    /// A test of the event.
    Leaf(Leaf),
}

impl Condition {
    /// Moves every leaf, those of nested groups too, to where `place` says.
    pub(crate) fn move_leaves(&mut self, place: &dyn Fn(Span) -> Span) {
        match self {
            Self::Const(_) => {}
            Self::And(parts) | Self::Or(parts) => parts.iter_mut().for_each(|part| part.move_leaves(place)),
            Self::Not(inner) => inner.move_leaves(place),
            Self::Leaf(leaf) => {
                leaf.span = place(leaf.span);
                if let Test::Nested { condition, .. } = &mut leaf.test {
                    condition.move_leaves(place);
                }
            }
        }
    }
}

/// One test of an event, true or false.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// What is tested.
    pub test: Test,
    /// Where it stands in the query text.
    pub span: Span,
}

/// The tests. `f != c` on a plain field is `Not(Compare(Eq))`; `f != null` is `Not(IsNull)`; `fn(f) != null` is
/// `Not(IsNull)` too: *no* combination gives null.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// `left op right`. A constant stands right if there is one. `Ne` occurs only if `left` is not a plain field.
    Compare {
        /// The operator.
        op: CompareOp,
        /// Left operand.
        left: Value,
        /// Right operand.
        right: Value,
    },
    /// `value in (list)`. Constants only, never null for a plain field.
    In {
        /// The tested value.
        value: Value,
        /// The list.
        list: Vec<Constant>,
        /// Whether ASCII case is ignored (strings only).
        case: Case,
    },
    /// `value like (patterns)`, whole value, `*` and `?` are wildcards, nothing escapes (eql.md section 7).
    Like {
        /// The tested value.
        value: Value,
        /// The patterns, as written.
        patterns: Vec<String>,
        /// Whether ASCII case is ignored.
        case: Case,
    },
    /// `value regex (patterns)`, whole value, Lucene syntax (eql.md section 8).
    Regex {
        /// The tested value.
        value: Value,
        /// The patterns, as written.
        patterns: Vec<String>,
        /// Whether ASCII case of literal characters is ignored.
        case: Case,
    },
    /// Some combination gives null; for a plain field: it has no value.
    IsNull(Value),
    /// A boolean function gives true. (A boolean field is `Compare(Eq, field, true)`.)
    Call(Call),
    /// A value, as a time, stands in this order to a span of time (kql.md section 3): a partial date covers its whole
    /// span, date math may lead to one. `Eq` is inside, `Lt` before its start, `Le` not behind its end, and so on.
    Date {
        /// The tested field.
        field: Field,
        /// `Eq`, `Lt`, `Le`, `Gt` or `Ge`.
        op: CompareOp,
        /// A date, or date math; valid.
        date: Arc<str>,
        /// The field whose earliest time is `now`. Without one, what asks for `now` does not hold.
        clock: Field,
    },
    /// The words of a value contain one of these phrases: its words next to each other, in this order. Words are those of
    /// Elasticsearch's standard analyser, in lower case (kql.md section 3).
    Phrase {
        /// The tested field.
        field: Field,
        /// The phrases; each has a word. A last word that ends in `*`, which no word has, is the beginning of a word.
        phrases: Vec<Vec<String>>,
    },
    /// Some word of a value matches one of the patterns as a whole.
    Word {
        /// The tested field.
        field: Field,
        /// For each pattern what stands between its wildcards, in lower case.
        patterns: Vec<Vec<String>>,
    },
    /// A value of some field whose name matches a pattern passes the test.
    AnyField {
        /// What stands between the wildcards of the pattern. The whole dotted name has to match.
        name: Vec<String>,
        /// A test of one field; the values of all matching fields take the place of its values.
        test: Box<Test>,
    },
    /// One of the objects at a path meets a condition by itself. There may be none.
    Nested {
        /// The dotted path; arrays on the way and at its end are looked into.
        path: Arc<str>,
        /// The condition; its fields are those of the object.
        condition: Box<Condition>,
    },
    /// A condition taken as one test, because many rules ask for it. True exactly if the condition is.
    Shared(Arc<Condition>),
}

/// A scalar expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A constant; null only as an argument of a function.
    Constant(Constant),
    /// One value of a field.
    Field(Field),
    /// `-value`
    Negate(Box<Value>),
    /// Arithmetic; also `add`, `subtract`, `multiply`, `divide`, `modulo`.
    Arithmetic(ArithmeticOp, Box<Value>, Box<Value>),
    /// A function.
    Call(Call),
}

/// A function with its arguments, arity and types checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Which function.
    pub function: Function,
    /// Whether ASCII case is ignored; only the functions that have a `~` form.
    pub case: Case,
    /// The arguments, as many as written.
    pub arguments: Vec<Value>,
}

/// The functions of eql.md section 10; arithmetic ones are [`Value::Arithmetic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// `between(s, left, right [, greedy])`
    Between,
    /// `cidrMatch(ip, block, ..)`; the blocks are constants and valid.
    CidrMatch,
    /// `concat(v, ..)`
    Concat,
    /// `endsWith(s, suffix)`
    EndsWith,
    /// `indexOf(s, sub [, start])`
    IndexOf,
    /// `length(s)`
    Length,
    /// `number(s [, base])`
    Number,
    /// `startsWith(s, prefix)`
    StartsWith,
    /// `string(v)`
    String,
    /// `stringContains(s, sub)`
    StringContains,
    /// `substring(s, start [, end])`
    Substring,
}

/// A constant of a checked query.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string. Against a date or address field it has been checked to parse as one and keeps its text.
    Text(Arc<str>),
}

/// A field of events, with the type the schema gives it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Field {
    /// The dotted path.
    pub path: Arc<str>,
    /// How values are compared.
    pub ty: FieldType,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

/// A checked query: what the author asks for, with types, keys and limits settled.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Events, sequences or samples, or what the type of the rule makes of events.
    pub kind: QueryKind,
    /// `head` and `tail`, in order.
    pub pipes: Vec<Pipe>,
    /// How alerts of one group become one; never of sequences and samples.
    pub suppression: Option<Suppression>,
}

impl Query {
    /// A query of this kind, without pipes or suppression.
    pub fn new(kind: QueryKind) -> Self {
        Self { kind, pipes: Vec::new(), suppression: None }
    }
}

/// The kinds of query.
#[derive(Clone, Debug, PartialEq)]
pub enum QueryKind {
    /// Each matching event is a result.
    Event(Filter),
    /// Events in order (eql.md sections 11 and 12).
    Sequence(Sequence),
    /// Events that share keys, in any order (eql.md section 13).
    Sample(Sample),
    /// So many events of one group (rules.md section 3).
    Threshold(Threshold),
    /// Values that were not seen before (rules.md section 3).
    NewTerms(NewTerms),
    /// Events that share values with indicators (rules.md section 3).
    ThreatMatch(Box<ThreatMatch>),
}

impl QueryKind {
    /// The conditions that are put to events, those of items in order. What is put to indicators is not among them.
    pub fn filters(&self) -> Vec<&Filter> {
        match self {
            Self::Event(filter) => vec![filter],
            Self::Sequence(sequence) => {
                sequence.items.iter().chain(&sequence.until).map(|item| &item.filter).collect()
            }
            Self::Sample(sample) => sample.items.iter().map(|item| &item.filter).collect(),
            Self::Threshold(threshold) => vec![&threshold.filter],
            Self::NewTerms(terms) => vec![&terms.filter],
            Self::ThreatMatch(threat) => vec![&threat.filter],
        }
    }

    /// The same, to be changed.
    pub fn filters_mut(&mut self) -> Vec<&mut Filter> {
        match self {
            Self::Event(filter) => vec![filter],
            Self::Sequence(sequence) => {
                sequence.items.iter_mut().chain(&mut sequence.until).map(|item| &mut item.filter).collect()
            }
            Self::Sample(sample) => sample.items.iter_mut().map(|item| &mut item.filter).collect(),
            Self::Threshold(threshold) => vec![&mut threshold.filter],
            Self::NewTerms(terms) => vec![&mut terms.filter],
            Self::ThreatMatch(threat) => vec![&mut threat.filter],
        }
    }
}

/// Category and condition in one: `process where C` is `event.category == "process" and C`.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// The category as written; `None` for `any`. Already part of the condition.
    pub category: Option<String>,
    /// The whole condition.
    pub condition: Condition,
    /// Where the filter stands in the query text.
    pub span: Span,
}

/// A checked sequence. `runs` is expanded, shared keys stand in front of each item's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// The longest time from first to last event in milliseconds, inclusive.
    pub maxspan: Option<u64>,
    /// 2 to 256 items; at least one of them is not `missing`.
    pub items: Vec<Item>,
    /// The event that expires pending sequences of its key; never `missing`.
    pub until: Option<Item>,
}

/// A checked sample; no item is `missing`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The filters.
    pub items: Vec<Item>,
}

/// One item of a sequence or sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// `![..]`: the event must not be there.
    pub missing: bool,
    /// What the event must be.
    pub filter: Filter,
    /// The join key, as many parts in every item.
    pub keys: Vec<Key>,
}

/// One part of a join key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The field, or `None` for an optional field that the schema is known not to have: always null.
    pub field: Option<Field>,
    /// Written with `?`: a missing value is the key value null.
    pub optional: bool,
    /// The path as written.
    pub path: Arc<str>,
}

/// A pipe; counts are of events, or of sequences and samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipe {
    /// The first `n` results.
    Head(u64),
    /// The last `n` results.
    Tail(u64),
}
