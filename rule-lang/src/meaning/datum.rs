//! What an expression gives for one combination of values, and how kinds of values meet (eql.md section 3).
//!
//! In: scalars of an event and constants of a query. Out: data to compute with, and comparisons of them. A result of
//! `None` or [`Datum::Null`] is null.

use std::cmp::Ordering;

use crate::condition::Constant;
use crate::eql::ast::{CompareOp, Number};
use crate::schema::FieldType;

use super::event::Scalar;
use super::{address, date, number, version};

/// The value of an expression for one combination.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Datum {
    /// No value; also what Elasticsearch would report as an error while it computes.
    Null,
    Bool(bool),
    /// A number of a query or a computed one.
    Number(Number),
    /// A number of an event with its text, which is what text functions see.
    Written(Number, String),
    Text(String),
}

impl Datum {
    /// A constant of the query.
    pub(crate) fn constant(constant: &Constant) -> Self {
        match constant {
            Constant::Null => Datum::Null,
            Constant::Bool(value) => Datum::Bool(*value),
            Constant::Number(value) => Datum::Number(*value),
            Constant::Text(text) => Datum::Text(text.to_string()),
        }
    }

    /// A value of a field. One that does not fit the type of its field is null: it compares with nothing.
    pub(crate) fn field(scalar: Scalar<'_>, ty: FieldType) -> Self {
        let text = scalar.text();
        let fitting = match ty {
            FieldType::Long => {
                number::parse_decimal(text).map(|n| Datum::Written(number::whole(n), text.to_owned()))
            }
            FieldType::Double => number::parse_decimal(text)
                .map(|n| Datum::Written(Number::Double(number::double(n)), text.to_owned())),
            FieldType::Boolean => Datum::bool(&Datum::Text(text.to_owned())).map(Datum::Bool),
            FieldType::Unknown => match scalar {
                Scalar::Bool(value) => Some(Datum::Bool(value)),
                Scalar::Number(text) => {
                    number::parse_decimal(text).map(|n| Datum::Written(n, text.to_owned()))
                }
                Scalar::Text(text) => Some(Datum::Text(text.to_owned())),
            },
            _ => Some(Datum::Text(text.to_owned())),
        };
        fitting.unwrap_or(Datum::Null)
    }

    /// As text: numbers and booleans by their canonical text.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Datum::Null => None,
            Datum::Bool(value) => Some(value.to_string()),
            Datum::Number(value) => Some(number::text(*value)),
            Datum::Written(_, text) | Datum::Text(text) => Some(text.clone()),
        }
    }

    /// As a number: text is parsed.
    pub(crate) fn number(&self) -> Option<Number> {
        match self {
            Datum::Number(value) | Datum::Written(value, _) => Some(*value),
            Datum::Text(text) => number::parse_decimal(text),
            Datum::Null | Datum::Bool(_) => None,
        }
    }

    /// As a boolean: the texts `true` and `false` are booleans too.
    pub(crate) fn bool(&self) -> Option<bool> {
        match self {
            Datum::Bool(value) => Some(*value),
            Datum::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// As an integer that fits a position or a base.
    pub(crate) fn integer(&self) -> Option<i64> {
        number::integer(self.number()?).and_then(|n| n.try_into().ok())
    }
}

/// `left op right` where `right` decides what is compared: numbers, text or booleans. Null if one side is null or
/// does not fit. `computed` tells a computed left side from a value of a field.
pub(crate) fn compare(left: &Datum, op: CompareOp, right: &Datum, computed: bool) -> Option<bool> {
    let order = match right {
        Datum::Null => return None,
        Datum::Bool(right) => left.bool()?.cmp(right),
        Datum::Text(right) => left.text()?.as_bytes().cmp(right.as_bytes()),
        Datum::Number(right) | Datum::Written(right, _) => number::compare(left.number()?, *right, computed),
    };
    Some(decide(op, order))
}

/// `field op constant` on fields whose values have an order or an equality of their own.
pub(crate) fn compare_typed(
    left: Scalar<'_>,
    ty: FieldType,
    op: CompareOp,
    right: &Constant,
) -> Option<bool> {
    match (ty, right) {
        (FieldType::Ip, Constant::Text(text)) => {
            let left = address::parse(left.text())?;
            if op == CompareOp::Eq && text.contains('/') {
                return address::in_block(left, text);
            }
            Some(decide(op, left.cmp(&address::parse(text)?)))
        }
        (FieldType::Date, Constant::Text(text)) => {
            Some(decide(op, date::of_scalar(left)?.cmp(&date::parse(text)?)))
        }
        (FieldType::Date, Constant::Number(millis)) => {
            let right = date::epoch_millis(&number::text(*millis))?;
            Some(decide(op, date::of_scalar(left)?.cmp(&right)))
        }
        (FieldType::Version, Constant::Text(text)) => Some(decide(op, version::compare(left.text(), text))),
        _ => compare(&Datum::field(left, ty), op, &Datum::constant(right), false),
    }
}

fn decide(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    }
}
