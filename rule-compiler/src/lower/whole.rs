//! Tests that look at the event as a whole: their predicates have slots of their own.

use bumpalo::Bump;
use rule_lang::condition::{Condition, Test};
use rule_runtime::event::Slot;
use rule_runtime::matcher::{AnyField, Formula, Nested, Predicate};

use super::{LowerError, glob, lower};

/// A test put to the fields whose names match.
pub(super) fn any_field<'a>(
    name: &[String],
    test: &Test,
    arena: &'a Bump,
) -> Result<Predicate<'a>, LowerError> {
    // Whatever the test calls its field, all values come in one slot.
    let test = lower(test, &mut |_| Slot(0), arena)?;
    Ok(Predicate::AnyField(arena.alloc(AnyField { name: glob::pattern_of_parts(name, arena), test })))
}

/// A condition put to the objects at a path one by one.
pub(super) fn nested<'a>(
    path: &str,
    condition: &Condition,
    arena: &'a Bump,
) -> Result<Predicate<'a>, LowerError> {
    let mut fields: Vec<&'a str> = Vec::new();
    let mut slot_of = |field: &str| {
        let known = fields.iter().position(|known| *known == field);
        let slot = known.unwrap_or_else(|| {
            fields.push(arena.alloc_str(field));
            fields.len() - 1
        });
        Slot(slot as u16)
    };
    let test = formula(condition, &mut slot_of, arena)?;
    if u16::try_from(fields.len()).is_err() {
        return Err(LowerError::TooManyFields);
    }
    let (path, fields) = (arena.alloc_str(path), arena.alloc_slice_copy(&fields));
    Ok(Predicate::Nested(arena.alloc(Nested { path, fields, test })))
}

/// A condition over predicates.
pub(super) fn formula<'a>(
    condition: &Condition,
    slots: &mut dyn FnMut(&str) -> Slot,
    arena: &'a Bump,
) -> Result<Formula<'a>, LowerError> {
    let mut all = |parts: &[Condition]| -> Result<&'a [Formula<'a>], LowerError> {
        let parts = parts.iter().map(|part| formula(part, slots, arena)).collect::<Result<Vec<_>, _>>()?;
        Ok(arena.alloc_slice_copy(&parts))
    };
    Ok(match condition {
        Condition::Const(value) => Formula::Const(*value),
        Condition::And(parts) => Formula::All(all(parts)?),
        Condition::Or(parts) => Formula::One(all(parts)?),
        Condition::Not(inner) => Formula::Not(arena.alloc(formula(inner, slots, arena)?)),
        Condition::Leaf(leaf) => Formula::Test(arena.alloc(lower(&leaf.test, slots, arena)?)),
    })
}
