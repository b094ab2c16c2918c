//! What a planner may know of a predicate without evaluating it.

use super::expr::{Expr, ExprTest};
use super::glob::Shape;
use super::text::TextFunction;
use super::{Case, Predicate};
use crate::event::Slot;

impl Predicate<'_> {
    /// A slot without whose value the predicate cannot hold, if there is one.
    ///
    /// ```
    /// use rule_runtime::event::Slot;
    /// use rule_runtime::matcher::Predicate;
    /// assert_eq!(Predicate::Bool { slot: Slot(3), value: true }.needed_slot(), Some(Slot(3)));
    /// assert_eq!(Predicate::Missing { slot: Slot(3) }.needed_slot(), None);
    /// ```
    pub fn needed_slot(&self) -> Option<Slot> {
        match *self {
            Self::Missing { .. } | Self::AnyField(_) | Self::Nested(_) | Self::Formula(_) => None,
            Self::DateMath { slot, .. } => Some(slot),
            Self::Any(predicates) => {
                let slot = predicates.first()?.needed_slot();
                slot.filter(|_| predicates.iter().all(|predicate| predicate.needed_slot() == slot))
            }
            Self::Expr { occurrences, test } => {
                let index = test.needed_occurrence()?;
                occurrences.get(usize::from(index)).copied()
            }
            _ => {
                let mut only = None;
                self.slots(&mut |slot| only = Some(slot));
                only
            }
        }
    }

    /// Calls `visit` with every slot whose values the predicate looks at, some more than once.
    pub fn slots(&self, visit: &mut impl FnMut(Slot)) {
        match *self {
            Self::Missing { slot }
            | Self::Exists { slot }
            | Self::Text { slot, .. }
            | Self::TextOrder { slot, .. }
            | Self::Like { slot, .. }
            | Self::Regex { slot, .. }
            | Self::NumberOrder { slot, .. }
            | Self::NumberIn { slot, .. }
            | Self::Bool { slot, .. }
            | Self::Date { slot, .. }
            | Self::Cidr { slot, .. }
            | Self::IpOrder { slot, .. }
            | Self::VersionOrder { slot, .. }
            | Self::DateIn { slot, .. }
            | Self::Phrase { slot, .. }
            | Self::Word { slot, .. } => visit(slot),
            Self::DateMath { slot, clock, .. } => [slot, clock].into_iter().for_each(visit),
            // They look at the text of the event, which is there from the start.
            Self::AnyField(_) | Self::Nested(_) => {}
            Self::Any(predicates) => predicates.iter().for_each(|predicate| predicate.slots(visit)),
            Self::Formula(formula) => formula.predicates(&mut |predicate| predicate.slots(visit)),
            Self::Expr { occurrences, .. } => occurrences.iter().copied().for_each(visit),
        }
    }

    /// Nanoseconds of one evaluation over a usual value. Only the order of magnitude means something.
    pub fn cost(&self) -> u32 {
        match self {
            Self::Exists { .. } | Self::Missing { .. } => 1,
            Self::Bool { .. } => 3,
            Self::Text { literals, case, .. } => {
                4 + folding(*case) + literals.len().checked_ilog2().unwrap_or(0)
            }
            Self::TextOrder { .. } => 5,
            Self::NumberOrder { .. } | Self::NumberIn { .. } => 10,
            Self::Like { patterns, case, .. } => {
                let patterns: u32 = patterns.iter().map(|pattern| pattern_cost(pattern.shape())).sum();
                5 + folding(*case) + patterns
            }
            Self::Date { .. } | Self::Cidr { .. } | Self::IpOrder { .. } | Self::DateIn { .. } => 40,
            Self::VersionOrder { .. } => 60,
            Self::Regex { dfas, .. } => 80 * count(dfas.len()),
            Self::Any(predicates) => predicates.iter().map(Predicate::cost).sum(),
            Self::Expr { occurrences, .. } => 100 + 50 * count(occurrences.len()),
            Self::DateMath { .. } => 100,
            Self::Phrase { phrases, .. } => 100 + 30 * count(phrases.len()),
            Self::Word { patterns, .. } => 300 + 30 * count(patterns.len()),
            Self::Formula(formula) => {
                let mut cost: u32 = 0;
                formula.predicates(&mut |predicate| cost = cost.saturating_add(predicate.cost()));
                cost
            }
            // They walk the whole event.
            Self::AnyField(_) | Self::Nested(_) => 2_000,
        }
    }
}

fn folding(case: Case) -> u32 {
    match case {
        Case::Sensitive => 0,
        // Shared with all other predicates of the slot.
        Case::Insensitive => 4,
    }
}

/// Most patterns are rejected by their ends; those without fixed ends have to search.
fn pattern_cost(shape: Shape<'_>) -> u32 {
    match shape {
        Shape::Contains(_) | Shape::Parts { .. } => 20,
        Shape::Wild(_) => 8,
        _ => 2,
    }
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

impl ExprTest<'_> {
    /// An occurrence that makes the test null, hence not true, if it is null.
    fn needed_occurrence(&self) -> Option<u16> {
        match *self {
            Self::IsNull(_) => None,
            Self::Compare(_, [left, right]) => left.needed_occurrence().or_else(|| right.needed_occurrence()),
            Self::In(value, ..) | Self::Like(value, ..) | Self::Regex(value, _) | Self::True(value) => {
                value.needed_occurrence()
            }
        }
    }
}

impl Expr<'_> {
    /// An occurrence that makes the expression null if it is null.
    fn needed_occurrence(&self) -> Option<u16> {
        match *self {
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => None,
            Self::Field(index, _) => Some(index),
            Self::Negate(value) | Self::CidrMatch(value, _) => value.needed_occurrence(),
            Self::Arithmetic(_, [left, right]) => {
                left.needed_occurrence().or_else(|| right.needed_occurrence())
            }
            Self::Call(function, _, arguments) => {
                // The arguments behind these may be null.
                let strict = match function {
                    TextFunction::Concat => arguments.len(),
                    TextFunction::Between => 3,
                    TextFunction::StartsWith
                    | TextFunction::EndsWith
                    | TextFunction::StringContains
                    | TextFunction::IndexOf => 2,
                    TextFunction::Length
                    | TextFunction::Number
                    | TextFunction::String
                    | TextFunction::Substring => 1,
                };
                arguments.iter().take(strict).find_map(Expr::needed_occurrence)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::glob::Pattern;
    use crate::matcher::{AnyField, Compare, FieldKind, Formula, Nested, Number};

    #[test]
    fn an_expression_needs_what_makes_it_null() {
        let call = |function, arguments| Expr::Call(function, Case::Sensitive, arguments);
        let arguments = [Expr::Text(b"x"), Expr::Field(0, FieldKind::Any), Expr::Field(1, FieldKind::Any)];
        let needed = |function| {
            let sides = [call(function, &arguments), Expr::Number(Number::Int(1))];
            let test = ExprTest::Compare(Compare::Eq, &sides);
            Predicate::Expr { occurrences: &[Slot(5), Slot(6)], test }.needed_slot()
        };
        assert_eq!(needed(TextFunction::Concat), Some(Slot(5)));
        assert_eq!(needed(TextFunction::IndexOf), Some(Slot(5)));
        assert_eq!(needed(TextFunction::Substring), None);
        let field = Expr::Field(0, FieldKind::Any);
        let is_null = Predicate::Expr { occurrences: &[Slot(5)], test: ExprTest::IsNull(&field) };
        assert_eq!(is_null.needed_slot(), None);
    }

    #[test]
    fn what_reads_the_text_of_the_event_needs_no_slot() {
        let missing = Predicate::Missing { slot: Slot(0) };
        let any = AnyField { name: Pattern::new(Shape::Any), test: missing };
        let test = Formula::Not(&Formula::Test(&missing));
        let nested = Nested { path: "o", fields: &["a"], test };
        for predicate in [Predicate::AnyField(&any), Predicate::Nested(&nested)] {
            assert_eq!(predicate.needed_slot(), None);
            predicate.slots(&mut |slot| panic!("slot {slot:?} is not of the event"));
        }
    }

    #[test]
    fn date_math_looks_at_the_clock_too() {
        let math = Predicate::DateMath { slot: Slot(3), clock: Slot(8), op: Compare::Lt, steps: &[] };
        assert_eq!(math.needed_slot(), Some(Slot(3)));
        let mut slots = Vec::new();
        math.slots(&mut |slot| slots.push(slot));
        assert_eq!(slots, [Slot(3), Slot(8)]);
    }

    #[test]
    fn alternatives_need_a_slot_only_if_all_do() {
        let bool = |slot| Predicate::Bool { slot: Slot(slot), value: true };
        assert_eq!(Predicate::Any(&[bool(1), bool(1)]).needed_slot(), Some(Slot(1)));
        assert_eq!(Predicate::Any(&[bool(1), bool(2)]).needed_slot(), None);
        assert_eq!(Predicate::Any(&[]).needed_slot(), None);
    }
}
