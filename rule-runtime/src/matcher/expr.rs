//! The general leaf: a test over function results, arithmetic and any number of fields.
//!
//! In: an expression tree of static nodes and the slots of its field occurrences. Out: whether some combination of one
//! value per occurrence makes the test true. A slot without a value gives null; null makes every function and comparison
//! null, and null is not true (eql.md section 5).

use std::cmp::Ordering;
use std::ops::Range;

use super::glob::{Outline, Pattern};
use super::ip::{self, Block};
use super::number::{Arithmetic, Number};
use super::scratch::Scratch;
use super::text::{self, TextFunction};
use super::{Case, Compare, Dfa, FieldKind};
use crate::event::{EventView, Scalar, Slot};

/// A leaf whose event gives more combinations than this is false, and [`Scratch::cut_short`] counts it: four fields of
/// a thousand values each would take hours.
pub const MAX_COMBINATIONS: u32 = 1 << 20;

/// A scalar expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Expr<'a> {
    /// No value.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(&'a [u8]),
    /// The value of the occurrence with this number, as its field has it.
    Field(u16, FieldKind),
    /// `-value`
    Negate(&'a Expr<'a>),
    /// `left op right`
    Arithmetic(Arithmetic, &'a [Expr<'a>; 2]),
    /// A function of texts.
    Call(TextFunction, Case, &'a [Expr<'a>]),
    /// Whether an address is in one of the blocks; text that is no address is in none.
    CidrMatch(&'a Expr<'a>, &'a [Block]),
}

/// A test of expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExprTest<'a> {
    /// `left op right`
    Compare(Compare, &'a [Expr<'a>; 2]),
    /// The value equals an element.
    In(&'a Expr<'a>, &'a [Expr<'a>], Case),
    /// The text of the value matches a pattern; the patterns are in lower case if case is ignored.
    Like(&'a Expr<'a>, &'a [Pattern<'a>], Case),
    /// The text of the value is in a language.
    Regex(&'a Expr<'a>, &'a [Dfa<'a>]),
    /// The value is null.
    IsNull(&'a Expr<'a>),
    /// The value is true.
    True(&'a Expr<'a>),
}

impl ExprTest<'_> {
    /// Whether some combination of the occurrences' values makes the test true.
    pub fn eval(&self, occurrences: &[Slot], event: EventView<'_>, scratch: &mut Scratch) -> bool {
        let buffer = &mut scratch.text;
        let mut search = Search { test: self, event, buffer, left: MAX_COMBINATIONS, cut_short: false };
        let found = search.bind(occurrences, None);
        if search.cut_short {
            scratch.count_cut_short();
        }
        found
    }
}

/// The value chosen for the last occurrence bound, and the ones before it.
#[derive(Clone, Copy)]
struct Bound<'s, 'v> {
    value: Option<Scalar<'v>>,
    index: u16,
    before: Option<&'s Bound<'s, 'v>>,
}

struct Search<'s, 'v> {
    test: &'s ExprTest<'v>,
    event: EventView<'v>,
    buffer: &'s mut Vec<u8>,
    left: u32,
    cut_short: bool,
}

impl<'v> Search<'_, 'v> {
    /// Binds the open occurrences one after the other; the recursion is as deep as the leaf has fields.
    fn bind(&mut self, open: &[Slot], bound: Option<&Bound<'_, 'v>>) -> bool {
        let Some((slot, open)) = open.split_first() else {
            return self.passes(bound);
        };
        let index = bound.map_or(0, |bound| bound.index + 1);
        let event = self.event;
        let mut with = |value| self.bind(open, Some(&Bound { value, index, before: bound }));
        if event.has(*slot) { event.values(*slot).any(|value| with(Some(value))) } else { with(None) }
    }

    fn passes(&mut self, bound: Option<&Bound<'_, 'v>>) -> bool {
        if self.left == 0 {
            self.cut_short = true;
            return false;
        }
        self.left -= 1;
        self.buffer.clear();
        Frame { bound, buffer: self.buffer }.passes(self.test)
    }
}

/// A text of the event or the rules, or a range of the buffer.
#[derive(Clone, Copy)]
enum Text<'v> {
    Slice(&'v [u8]),
    Buffer(usize, usize),
}

impl<'v> Text<'v> {
    fn get<'b>(self, buffer: &'b [u8]) -> &'b [u8]
    where
        'v: 'b,
    {
        match self {
            Self::Slice(text) => text,
            Self::Buffer(start, end) => &buffer[start..end],
        }
    }

    fn slice(self, range: Range<usize>) -> Self {
        match self {
            Self::Slice(text) => Self::Slice(&text[range]),
            Self::Buffer(start, _) => Self::Buffer(start + range.start, start + range.end),
        }
    }
}

#[derive(Clone, Copy)]
enum Value<'v> {
    Null,
    Bool(bool),
    Number(Number),
    /// A number of the event, whose canonical text is its own.
    Written(Number, &'v [u8]),
    Text(Text<'v>),
}

/// One combination.
struct Frame<'s, 'v> {
    bound: Option<&'s Bound<'s, 'v>>,
    buffer: &'s mut Vec<u8>,
}

impl<'v> Frame<'_, 'v> {
    fn passes(&mut self, test: &ExprTest<'v>) -> bool {
        match *test {
            ExprTest::Compare(op, [left, right]) => {
                let left = self.value(left);
                let right = self.value(right);
                self.compare(left, right).is_some_and(|order| op.holds(order))
            }
            ExprTest::In(value, list, case) => {
                let value = self.value(value);
                list.iter().any(|element| self.equals(value, element, case))
            }
            ExprTest::Like(value, patterns, case) => self.like(value, patterns, case).unwrap_or(false),
            ExprTest::Regex(value, dfas) => {
                let value = self.text(value);
                value.is_some_and(|text| dfas.iter().any(|dfa| dfa.is_match(text.get(self.buffer))))
            }
            ExprTest::IsNull(value) => matches!(self.value(value), Value::Null),
            ExprTest::True(value) => matches!(self.value(value), Value::Bool(true)),
        }
    }

    fn value(&mut self, expr: &Expr<'v>) -> Value<'v> {
        match *expr {
            Expr::Null => Value::Null,
            Expr::Bool(value) => Value::Bool(value),
            Expr::Number(value) => Value::Number(value),
            Expr::Text(text) => Value::Text(Text::Slice(text)),
            Expr::Field(index, kind) => or_null(self.field(index), |value| field_value(value, kind)),
            Expr::Negate(value) => or_null(self.number(value).and_then(Number::negate), Value::Number),
            Expr::Arithmetic(op, [left, right]) => {
                let left = self.number(left);
                let right = self.number(right);
                let result = left.zip(right).and_then(|(left, right)| left.arithmetic(op, right));
                or_null(result, Value::Number)
            }
            Expr::Call(function, case, arguments) => {
                self.call(function, case, arguments).unwrap_or(Value::Null)
            }
            Expr::CidrMatch(address, blocks) => match self.text(address) {
                None => Value::Null,
                Some(text) => {
                    let address = ip::parse(text.get(self.buffer));
                    Value::Bool(address.is_some_and(|address| blocks.iter().any(|b| b.contains(address))))
                }
            },
        }
    }

    fn field(&self, index: u16) -> Option<Scalar<'v>> {
        let mut bound = self.bound;
        while let Some(at) = bound {
            if at.index == index {
                return at.value;
            }
            bound = at.before;
        }
        None
    }

    fn number(&mut self, expr: &Expr<'v>) -> Option<Number> {
        let value = self.value(expr);
        self.number_of(value)
    }

    fn number_of(&self, value: Value<'v>) -> Option<Number> {
        match value {
            Value::Null | Value::Bool(_) => None,
            Value::Number(number) | Value::Written(number, _) => Some(number),
            Value::Text(text) => Number::parse_text(text.get(self.buffer)),
        }
    }

    /// The canonical text of a value, null if it is null.
    fn text(&mut self, expr: &Expr<'v>) -> Option<Text<'v>> {
        let value = self.value(expr);
        self.text_of(value)
    }

    fn text_of(&mut self, value: Value<'v>) -> Option<Text<'v>> {
        match value {
            Value::Null => None,
            Value::Bool(value) => Some(Text::Slice(Scalar::Bool(value).text())),
            Value::Written(_, text) => Some(Text::Slice(text)),
            Value::Text(text) => Some(text),
            Value::Number(number) => {
                let start = self.buffer.len();
                number.write(self.buffer);
                Some(Text::Buffer(start, self.buffer.len()))
            }
        }
    }

    /// The order of two values, after the left one is brought to the type of the right one; `None` is null.
    fn compare(&mut self, left: Value<'v>, right: Value<'v>) -> Option<Ordering> {
        match right {
            Value::Null => None,
            Value::Bool(right) => self.bool_of(left).map(|left| left.cmp(&right)),
            Value::Number(right) | Value::Written(right, _) => {
                self.number_of(left).map(|left| left.compare(right))
            }
            Value::Text(right) => {
                let left = self.text_of(left)?;
                Some(left.get(self.buffer).cmp(right.get(self.buffer)))
            }
        }
    }

    fn bool_of(&self, value: Value<'v>) -> Option<bool> {
        match value {
            Value::Bool(value) => Some(value),
            Value::Text(text) => text::parse_bool(text.get(self.buffer)),
            Value::Null | Value::Number(_) | Value::Written(..) => None,
        }
    }

    fn equals(&mut self, value: Value<'v>, element: &Expr<'v>, case: Case) -> bool {
        let element = self.value(element);
        if let (Case::Insensitive, Value::Text(element)) = (case, element) {
            let value = self.text_of(value);
            return value
                .is_some_and(|value| value.get(self.buffer).eq_ignore_ascii_case(element.get(self.buffer)));
        }
        self.compare(value, element).is_some_and(Ordering::is_eq)
    }

    fn like(&mut self, value: &Expr<'v>, patterns: &[Pattern<'_>], case: Case) -> Option<bool> {
        let mut text = self.text(value)?;
        if case == Case::Insensitive {
            text = self.copy(text);
            let Text::Buffer(start, end) = text else { return None };
            self.buffer[start..end].make_ascii_lowercase();
        }
        let text = text.get(self.buffer);
        let mut outline = Outline::new(text);
        Some(patterns.iter().any(|pattern| pattern.is_match_with(&mut outline, text)))
    }

    /// Appends a text to the buffer.
    fn copy(&mut self, text: Text<'v>) -> Text<'v> {
        let start = self.buffer.len();
        match text {
            Text::Slice(text) => self.buffer.extend_from_slice(text),
            Text::Buffer(start, end) => self.buffer.extend_from_within(start..end),
        }
        Text::Buffer(start, self.buffer.len())
    }

    fn call(&mut self, function: TextFunction, case: Case, arguments: &[Expr<'v>]) -> Option<Value<'v>> {
        if function == TextFunction::Concat {
            return self.concat(arguments).map(Value::Text);
        }
        let (first, rest) = arguments.split_first()?;
        let subject = self.text(first)?;
        let value = match function {
            TextFunction::Concat | TextFunction::String => Value::Text(subject),
            TextFunction::Length => count(text::count_chars(subject.get(self.buffer))),
            TextFunction::Number => {
                let base = self.optional_integer(rest.first())?;
                Value::Number(text::number(subject.get(self.buffer), base)?)
            }
            TextFunction::Substring => {
                let Some(start) = self.optional_integer(rest.first())? else {
                    return Some(Value::Text(subject));
                };
                let end = self.optional_integer(rest.get(1))?;
                Value::Text(subject.slice(text::substring(subject.get(self.buffer), start, end)))
            }
            TextFunction::Between => {
                let left = self.text(rest.first()?)?;
                let right = self.text(rest.get(1)?)?;
                let greedy = match rest.get(2) {
                    Some(greedy) => {
                        let greedy = self.value(greedy);
                        self.bool_of(greedy)?
                    }
                    None => false,
                };
                let buffer = &*self.buffer;
                let range =
                    text::between(subject.get(buffer), left.get(buffer), right.get(buffer), greedy, case);
                Value::Text(subject.slice(range))
            }
            TextFunction::IndexOf => {
                let part = self.text(rest.first()?)?;
                let start = self.optional_integer(rest.get(1))?.unwrap_or(0);
                let buffer = &*self.buffer;
                count(text::index_of(subject.get(buffer), part.get(buffer), start, case)?)
            }
            TextFunction::StartsWith | TextFunction::EndsWith | TextFunction::StringContains => {
                let part = self.text(rest.first()?)?;
                let (subject, part) = (subject.get(self.buffer), part.get(self.buffer));
                Value::Bool(match function {
                    TextFunction::StartsWith => text::starts_with(subject, part, case),
                    TextFunction::EndsWith => text::ends_with(subject, part, case),
                    _ => text::contains(subject, part, case),
                })
            }
        };
        Some(value)
    }

    /// An integer argument: absent and null are `None`; what is no integer makes the call null.
    #[expect(clippy::option_option, reason = "the outer one is the null of the call, passed on with `?`")]
    fn optional_integer(&mut self, expr: Option<&Expr<'v>>) -> Option<Option<i64>> {
        let Some(expr) = expr else { return Some(None) };
        match self.value(expr) {
            Value::Null => Some(None),
            value => i64::try_from(self.number_of(value)?.to_integer()?).ok().map(Some),
        }
    }

    /// The joined texts, in one piece. Arguments that build text themselves leave it behind what was joined so far,
    /// which then moves behind theirs.
    fn concat(&mut self, arguments: &[Expr<'v>]) -> Option<Text<'v>> {
        let mut joined = self.buffer.len()..self.buffer.len();
        for argument in arguments {
            let text = self.text(argument)?;
            if self.buffer.len() != joined.end {
                let start = self.buffer.len();
                self.buffer.extend_from_within(joined);
                joined = start..self.buffer.len();
            }
            self.copy(text);
            joined.end = self.buffer.len();
        }
        Some(Text::Buffer(joined.start, joined.end))
    }
}

/// A value as its field has it; one that does not fit the field is null.
fn field_value(value: Scalar<'_>, kind: FieldKind) -> Value<'_> {
    match (kind, value) {
        (FieldKind::Any, Scalar::Bool(value)) => Value::Bool(value),
        (FieldKind::Any, Scalar::Text(text)) => Value::Text(Text::Slice(text)),
        (FieldKind::Text, value) => Value::Text(Text::Slice(value.text())),
        (FieldKind::Boolean, value) => or_null(text::parse_bool(value.text()), Value::Bool),
        (FieldKind::Any | FieldKind::Long | FieldKind::Double, value) => {
            or_null(kind.number(value), |number| Value::Written(number, value.text()))
        }
    }
}

fn or_null<'v, T>(value: Option<T>, wrap: impl FnOnce(T) -> Value<'v>) -> Value<'v> {
    value.map_or(Value::Null, wrap)
}

fn count<'v>(count: usize) -> Value<'v> {
    Value::Number(match i32::try_from(count) {
        Ok(count) => Number::Int(count),
        Err(_) => Number::Long(i64::try_from(count).unwrap_or(i64::MAX)),
    })
}
