//! Whether a condition holds for an event (eql.md section 5).
//!
//! The tests of a leaf are tried for every combination of one value per field occurrence, one after the other, until
//! one is true. Nothing is shared between leaves and nothing is remembered.

use crate::condition::{Call, Condition, Field, Test, Value};
use std::sync::Arc;

use crate::eql::ast::{Case, CompareOp, Number};

use super::date::{self, Nanos};
use super::datum::{Datum, compare, compare_typed};
use super::event::Event;
use super::pattern::{like, like_parts};
use super::regex::Regex;
use super::words::{is_wanted, words};
use super::{date_math, function, number};

/// Whether a condition is true of an event.
///
/// ```
/// use rule_lang::condition::{Condition, Field, Leaf, Test, Value};
/// use rule_lang::meaning::{Event, holds};
/// use rule_lang::schema::FieldType;
/// let field = Value::Field(Field { path: "f".into(), ty: FieldType::Unknown });
/// let is_null = Condition::Leaf(Leaf { test: Test::IsNull(field), span: Default::default() });
/// assert!(holds(&is_null, &Event::from_json(r#"{"f": [null]}"#).unwrap()));
/// assert!(!holds(&is_null, &Event::from_json(r#"{"f": ""}"#).unwrap()));
/// ```
pub fn holds(condition: &Condition, event: &Event) -> bool {
    match condition {
        Condition::Const(value) => *value,
        Condition::And(parts) => parts.iter().all(|part| holds(part, event)),
        Condition::Or(parts) => parts.iter().any(|part| holds(part, event)),
        Condition::Not(inner) => !holds(inner, event),
        Condition::Leaf(leaf) => test_holds(&leaf.test, event),
    }
}

fn test_holds(test: &Test, event: &Event) -> bool {
    match test {
        Test::Compare { op, left: Value::Field(field), right: Value::Constant(right) } => {
            event.values(&field.path).iter().any(|v| compare_typed(*v, field.ty, *op, right) == Some(true))
        }
        Test::Compare { op, left, right } => any(left, event, &mut |left| {
            any(right, event, &mut |right| compare(left, *op, right, true) == Some(true))
        }),
        Test::In { value: Value::Field(field), list, case: Case::Sensitive } => {
            event.values(&field.path).iter().any(|value| {
                list.iter().any(|c| compare_typed(*value, field.ty, CompareOp::Eq, c) == Some(true))
            })
        }
        Test::In { value, list, case } => any(value, event, &mut |value| {
            list.iter().map(Datum::constant).any(|constant| equal(value, &constant, *case))
        }),
        Test::Like { value, patterns, case } => any(value, event, &mut |value| {
            value.text().is_some_and(|text| patterns.iter().any(|pattern| like(pattern, &text, *case)))
        }),
        Test::Regex { value, patterns, case } => {
            let regexes: Vec<_> = patterns.iter().filter_map(|pattern| Regex::parse(pattern).ok()).collect();
            any(value, event, &mut |value| {
                value.text().is_some_and(|text| regexes.iter().any(|regex| regex.matches(&text, *case)))
            })
        }
        Test::IsNull(Value::Field(field)) => event.values(&field.path).is_empty(),
        Test::IsNull(value) => any(value, event, &mut |value| *value == Datum::Null),
        Test::Call(call) => any_call(call, event, &mut |value| value.bool() == Some(true)),
        Test::Date { field, op, date, clock } => {
            let now = event.values(&clock.path).into_iter().filter_map(date::of_scalar).min();
            let Some(span) = date_math::span(date, now) else { return false };
            let mut times = event.values(&field.path).into_iter().filter_map(date::of_scalar);
            times.any(|time| stands(time, *op, span))
        }
        Test::Phrase { field, phrases } => event.values(&field.path).iter().any(|value| {
            let words = words(value.text());
            phrases.iter().any(|phrase| {
                let mut runs = words.windows(phrase.len());
                runs.any(|run| run.iter().zip(phrase).all(|(word, wanted)| is_wanted(word, wanted)))
            })
        }),
        Test::Word { field, patterns } => event.values(&field.path).iter().any(|value| {
            let words = words(value.text());
            patterns.iter().any(|pattern| words.iter().any(|word| like_parts(pattern, word)))
        }),
        Test::AnyField { name, test } => {
            let values = event.values_of(&|field| like_parts(name, field));
            let path = tested_path(test);
            test_holds(test, &Event::of_field(&path, &values))
        }
        Test::Shared(condition) => holds(condition, event),
        Test::Nested { path, condition } => event.objects(path).iter().any(|object| holds(condition, object)),
    }
}

/// Where a time stands to a span, which includes both of its ends.
fn stands(time: Nanos, op: CompareOp, (first, last): (Nanos, Nanos)) -> bool {
    match op {
        CompareOp::Eq => first <= time && time <= last,
        CompareOp::Ne => time < first || last < time,
        CompareOp::Lt => time < first,
        CompareOp::Le => time <= last,
        CompareOp::Gt => time > last,
        CompareOp::Ge => time >= first,
    }
}

/// The path of the field that a test of one field looks at.
fn tested_path(test: &Test) -> Arc<str> {
    match test {
        Test::Compare { left: Value::Field(field), .. }
        | Test::In { value: Value::Field(field), .. }
        | Test::Like { value: Value::Field(field), .. }
        | Test::Regex { value: Value::Field(field), .. }
        | Test::IsNull(Value::Field(field))
        | Test::Date { field, .. }
        | Test::Phrase { field, .. }
        | Test::Word { field, .. } => field.path.clone(),
        Test::Call(call) => match call.arguments.first() {
            Some(Value::Field(field)) => field.path.clone(),
            _ => Arc::default(),
        },
        _ => Arc::default(),
    }
}

fn equal(value: &Datum, constant: &Datum, case: Case) -> bool {
    match (case, constant) {
        (Case::Insensitive, Datum::Text(constant)) => {
            value.text().is_some_and(|text| text.eq_ignore_ascii_case(constant))
        }
        _ => compare(value, CompareOp::Eq, constant, true) == Some(true),
    }
}

/// Whether `test` is true of some value that `value` gives for some combination.
fn any(value: &Value, event: &Event, test: &mut dyn FnMut(&Datum) -> bool) -> bool {
    match value {
        Value::Constant(constant) => test(&Datum::constant(constant)),
        Value::Field(field) => any_of_field(field, event, test),
        Value::Negate(inner) => {
            any(inner, event, &mut |inner| test(&numeric(inner.number().and_then(number::negate))))
        }
        Value::Arithmetic(op, left, right) => any(left, event, &mut |left| {
            any(right, event, &mut |right| {
                let operands = left.number().zip(right.number());
                test(&numeric(operands.and_then(|(a, b)| number::arithmetic(*op, a, b))))
            })
        }),
        Value::Call(call) => any_call(call, event, test),
    }
}

fn any_of_field(field: &Field, event: &Event, test: &mut dyn FnMut(&Datum) -> bool) -> bool {
    let values = event.values(&field.path);
    if values.is_empty() {
        return test(&Datum::Null);
    }
    values.into_iter().any(|value| test(&Datum::field(value, field.ty)))
}

fn any_call(call: &Call, event: &Event, test: &mut dyn FnMut(&Datum) -> bool) -> bool {
    any_arguments(&call.arguments, event, &mut Vec::new(), &mut |arguments| {
        test(&function::apply(call.function, call.case, arguments))
    })
}

/// Walks the combinations of the arguments behind those already `chosen`.
fn any_arguments(
    rest: &[Value],
    event: &Event,
    chosen: &mut Vec<Datum>,
    test: &mut dyn FnMut(&[Datum]) -> bool,
) -> bool {
    let Some((first, rest)) = rest.split_first() else { return test(chosen) };
    any(first, event, &mut |value| {
        chosen.push(value.clone());
        let found = any_arguments(rest, event, chosen, test);
        chosen.pop();
        found
    })
}

fn numeric(number: Option<Number>) -> Datum {
    number.map_or(Datum::Null, Datum::Number)
}
