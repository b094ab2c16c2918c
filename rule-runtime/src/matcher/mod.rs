//! Compiled predicates: one test of an event, true or false.
//!
//! In: plain constant data (numbers, slices, slots) made where the rules are compiled, and an event's slots. Out:
//! whether some value, or for an [`ExprTest`] some combination of values, passes. Evaluating allocates nothing once
//! [`Scratch`] has grown. A predicate is a key as well: equal predicates test the same thing, so they can be shared.
//!
//! Knows nothing of rules, of queries or of how predicates are combined.

pub mod anchors;
pub mod date;
pub mod date_math;
mod dfa;
mod expr;
mod facts;
pub mod glob;
pub mod ip;
mod needle;
mod number;
mod outline;
mod scratch;
mod text;
pub mod version;
mod whole;
mod words;

#[cfg(test)]
mod tests;

use std::cmp::Ordering;

pub use dfa::Dfa;
pub use expr::{Expr, ExprTest, MAX_COMBINATIONS};
pub use number::{Arithmetic, Double, Number};
pub use scratch::Scratch;
pub use text::TextFunction;
pub use whole::{AnyField, Formula, Nested};

use crate::event::{EventView, Scalar, Slot};
use date_math::DateStep;
use glob::{Outline, Pattern};
use ip::Block;

/// Whether ASCII letters of different case are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Case {
    /// They differ.
    Sensitive,
    /// They are the same; what is compared with values is given in lower case.
    Insensitive,
}

/// The comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compare {
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

impl Compare {
    /// Whether the operator accepts this order of left to right.
    pub const fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Eq => order.is_eq(),
            Self::Ne => order.is_ne(),
            Self::Lt => order.is_lt(),
            Self::Le => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::Ge => order.is_ge(),
        }
    }
}

/// What the values of a field are, whatever an event writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldKind {
    /// As they come.
    Any,
    /// Text; numbers and booleans by their canonical text.
    Text,
    /// Numbers; a whole double is an integer. What is no number is null.
    Long,
    /// Doubles. What is no number is null.
    Double,
    /// Booleans. What is not `true` or `false` is null.
    Boolean,
}

impl FieldKind {
    /// The value as a number of the field.
    fn number(self, value: Scalar<'_>) -> Option<Number> {
        let (Scalar::Text(text) | Scalar::Number(text)) = value else { return None };
        let number = Number::parse_text(text)?;
        Some(match self {
            Self::Any | Self::Text | Self::Boolean => number,
            Self::Long => number.whole(),
            Self::Double => Number::double(number.to_f64()),
        })
    }
}

/// A test of one slot's values, or of an expression. True if some value passes.
///
/// ```
/// use rule_runtime::event::{Event, Slot};
/// use rule_runtime::matcher::{Case, Predicate, Scratch};
/// static NAMES: Predicate<'static> =
///     Predicate::Text { slot: Slot(0), literals: &[b"cmd.exe", b"powershell.exe"], case: Case::Insensitive };
/// let mut event = Event::with_slots(1);
/// let mut scratch = Scratch::new();
/// event.push_text(Slot(0), "CMD.EXE");
/// assert!(NAMES.eval(event.view(b""), &mut scratch));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Predicate<'a> {
    /// The slot has a value.
    Exists {
        /// The tested slot.
        slot: Slot,
    },
    /// The slot has no value.
    Missing {
        /// The tested slot.
        slot: Slot,
    },
    /// The text of a value is one of the literals.
    Text {
        /// The tested slot.
        slot: Slot,
        /// The literals, sorted, each once.
        literals: &'a [&'a [u8]],
        /// Whether case counts.
        case: Case,
    },
    /// The text of a value stands in this byte order to another.
    TextOrder {
        /// The tested slot.
        slot: Slot,
        /// The operator.
        op: Compare,
        /// The right side.
        value: &'a [u8],
    },
    /// The text of a value matches one of the patterns.
    Like {
        /// The tested slot.
        slot: Slot,
        /// The patterns.
        patterns: &'a [Pattern<'a>],
        /// Whether case counts.
        case: Case,
    },
    /// The text of a value belongs to one of the languages.
    Regex {
        /// The tested slot.
        slot: Slot,
        /// The automata.
        dfas: &'a [Dfa<'a>],
    },
    /// A value, as a number, stands in this order to another.
    NumberOrder {
        /// The tested slot.
        slot: Slot,
        /// Which numbers the slot has.
        kind: FieldKind,
        /// The operator.
        op: Compare,
        /// The right side.
        value: Number,
    },
    /// A value, as a number, is one of these.
    NumberIn {
        /// The tested slot.
        slot: Slot,
        /// Which numbers the slot has.
        kind: FieldKind,
        /// The numbers.
        values: &'a [Number],
    },
    /// A value is this boolean, or its text.
    Bool {
        /// The tested slot.
        slot: Slot,
        /// The boolean.
        value: bool,
    },
    /// A value, as a time, stands in this order to another.
    Date {
        /// The tested slot.
        slot: Slot,
        /// The operator.
        op: Compare,
        /// The right side in nanoseconds since 1970.
        nanos: i128,
    },
    /// A value is an address in one of the blocks.
    Cidr {
        /// The tested slot.
        slot: Slot,
        /// The blocks; a single address is a block of one.
        blocks: &'a [Block],
    },
    /// A value, as an address, stands in this order to another.
    IpOrder {
        /// The tested slot.
        slot: Slot,
        /// The operator.
        op: Compare,
        /// The right side, as in [`ip::parse`].
        address: u128,
    },
    /// A value, as a version, stands in this order to another.
    VersionOrder {
        /// The tested slot.
        slot: Slot,
        /// The operator.
        op: Compare,
        /// The right side.
        version: &'a [u8],
    },
    /// One of these holds; none if there are none. For lists of constants of several types.
    Any(
        /// The alternatives.
        &'a [Predicate<'a>],
    ),
    /// Some combination of one value for each occurrence passes the test.
    Expr {
        /// The slot of each field occurrence, in the order of their numbers.
        occurrences: &'a [Slot],
        /// The test.
        test: ExprTest<'a>,
    },
    /// A value, as a time, lies in a span.
    DateIn {
        /// The tested slot.
        slot: Slot,
        /// Its first nanosecond since 1970.
        first: i128,
        /// Its last one.
        last: i128,
    },
    /// A value, as a time, stands in this order to a span that is reckoned from the time of the event.
    DateMath {
        /// The tested slot.
        slot: Slot,
        /// The slot whose earliest time the steps start from.
        clock: Slot,
        /// Inside, before the start, not behind the end, and so on.
        op: Compare,
        /// The way to the span.
        steps: &'a [DateStep],
    },
    /// The words of a value have one of the phrases.
    Phrase {
        /// The tested slot.
        slot: Slot,
        /// The phrases: words in lower case, one or more. A last word that ends in `*` is the beginning of one.
        phrases: &'a [&'a [&'a [u8]]],
    },
    /// A word of a value matches one of the patterns.
    Word {
        /// The tested slot.
        slot: Slot,
        /// The patterns, in lower case.
        patterns: &'a [Pattern<'a>],
    },
    /// The values of all fields whose names match pass a test.
    AnyField(
        /// The names and the test.
        &'a AnyField<'a>,
    ),
    /// One of the objects at a path meets a condition.
    Nested(
        /// The path and the condition.
        &'a Nested<'a>,
    ),
    /// A condition taken as one test. For what many rules ask for.
    Formula(
        /// The condition.
        &'a Formula<'a>,
    ),
}

impl Predicate<'_> {
    /// Whether the test walks over the text of the event, and not only over its slots.
    pub(crate) fn looks_at_whole(&self) -> bool {
        match *self {
            Self::AnyField(_) | Self::Nested(_) => true,
            Self::Formula(formula) => formula.looks_at_whole(),
            _ => false,
        }
    }

    /// Whether the event passes. `scratch` must have been told of the event by [`Scratch::next_event`].
    pub fn eval(&self, event: EventView<'_>, scratch: &mut Scratch) -> bool {
        match *self {
            Self::Exists { slot } => event.has(slot),
            Self::Missing { slot } => !event.has(slot),
            Self::Text { slot, literals, case } => {
                any_text(event, scratch, slot, case, |text, _| is_one_of(text, literals))
            }
            Self::TextOrder { slot, op, value } => {
                event.values(slot).any(|found| op.holds(found.text().cmp(value)))
            }
            Self::Like { slot, patterns, case } => any_text(event, scratch, slot, case, |text, outline| {
                patterns.iter().any(|pattern| pattern.is_match_with(outline, text))
            }),
            Self::Regex { slot, dfas } => {
                event.values(slot).any(|value| dfas.iter().any(|dfa| dfa.is_match(value.text())))
            }
            Self::NumberOrder { slot, kind, op, value } => {
                any_number(event, slot, kind, |found| op.holds(found.compare(value.unsigned_zero())))
            }
            Self::NumberIn { slot, kind, values } => any_number(event, slot, kind, |found| {
                values.iter().any(|value| found.compare(value.unsigned_zero()).is_eq())
            }),
            Self::Bool { slot, value } => event.values(slot).any(|found| match found {
                Scalar::Bool(found) => found == value,
                Scalar::Text(text) => text::parse_bool(text) == Some(value),
                Scalar::Number(_) => false,
            }),
            Self::Date { slot, op, nanos } => {
                let mut values = event.values(slot).filter_map(date::parse_scalar);
                values.any(|found| op.holds(found.cmp(&nanos)))
            }
            Self::Cidr { slot, blocks } => {
                any_address(event, slot, |address| blocks.iter().any(|block| block.contains(address)))
            }
            Self::IpOrder { slot, op, address } => {
                any_address(event, slot, |found| op.holds(found.cmp(&address)))
            }
            Self::VersionOrder { slot, op, version } => {
                event.values(slot).any(|value| op.holds(version::compare(value.text(), version)))
            }
            Self::Any(predicates) => predicates.iter().any(|predicate| predicate.eval(event, scratch)),
            Self::Expr { occurrences, test } => test.eval(occurrences, event, scratch),
            Self::DateIn { slot, first, last } => {
                event.values(slot).filter_map(date::parse_scalar).any(|found| first <= found && found <= last)
            }
            Self::DateMath { slot, clock, op, steps } => {
                let now = event.values(clock).filter_map(date::parse_scalar).min();
                let Some((first, last)) = now.and_then(|now| date_math::span((now, now), steps)) else {
                    return false;
                };
                let mut values = event.values(slot).filter_map(date::parse_scalar);
                values.any(|found| in_span(found, op, first, last))
            }
            Self::Phrase { slot, phrases } => words::any_phrase(event, scratch, slot, phrases),
            Self::Word { slot, patterns } => words::any_word(event, scratch, slot, patterns),
            Self::AnyField(any) => any.holds(event, scratch),
            Self::Formula(formula) => formula.holds(event, scratch),
            Self::Nested(nested) => nested.holds(event, scratch),
        }
    }
}

/// Where a time stands to a span.
fn in_span(time: i128, op: Compare, first: i128, last: i128) -> bool {
    match op {
        Compare::Eq => first <= time && time <= last,
        Compare::Ne => time < first || last < time,
        Compare::Lt => time < first,
        Compare::Le => time <= last,
        Compare::Gt => last < time,
        Compare::Ge => first <= time,
    }
}

/// Tests the text of each value, in lower case if case does not count.
fn any_text(
    event: EventView<'_>,
    scratch: &mut Scratch,
    slot: Slot,
    case: Case,
    mut test: impl FnMut(&[u8], &mut Outline) -> bool,
) -> bool {
    match case {
        Case::Sensitive => {
            event.values(slot).any(|value| test(value.text(), &mut Outline::new(value.text())))
        }
        Case::Insensitive => {
            event.has(slot) && scratch.folded(event, slot).any(|(text, outline)| test(text, outline))
        }
    }
}

fn any_number(
    event: EventView<'_>,
    slot: Slot,
    kind: FieldKind,
    mut test: impl FnMut(Number) -> bool,
) -> bool {
    event.values(slot).filter_map(|value| kind.number(value)).any(|number| test(number.unsigned_zero()))
}

fn any_address(event: EventView<'_>, slot: Slot, mut test: impl FnMut(u128) -> bool) -> bool {
    event.values(slot).filter_map(|value| ip::parse(value.text())).any(&mut test)
}

/// Short lists are walked: most literals differ in length.
fn is_one_of(text: &[u8], literals: &[&[u8]]) -> bool {
    if literals.len() <= 8 { literals.contains(&text) } else { literals.binary_search(&text).is_ok() }
}
