//! The types of expressions, and operands with theirs.

use super::functions::{Result as FunctionResult, lookup};
use crate::condition::{Constant, Value};
use crate::eql::ast::{Expr, ExprKind, Literal, Number};
use crate::schema::FieldType;

/// The type of an expression. `Unknown` is the type of a field that the schema does not know; it fits everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Null,
    Boolean,
    Integer,
    Long,
    ULong,
    Double,
    Keyword,
    Ip,
    Date,
    Version,
    Unknown,
}

impl Type {
    /// Its name in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Long => "long",
            Self::ULong => "unsigned_long",
            Self::Double => "double",
            Self::Keyword => "keyword",
            Self::Ip => "ip",
            Self::Date => "date",
            Self::Version => "version",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn is_integer(self) -> bool {
        matches!(self, Self::Integer | Self::Long | Self::ULong | Self::Null | Self::Unknown)
    }

    pub(super) fn is_number(self) -> bool {
        self == Self::Double || self.is_integer()
    }

    pub(super) fn is_string(self) -> bool {
        matches!(self, Self::Keyword | Self::Version | Self::Null | Self::Unknown)
    }

    pub(super) fn is_boolean(self) -> bool {
        matches!(self, Self::Boolean | Self::Null | Self::Unknown)
    }

    pub(super) fn is_address(self) -> bool {
        self == Self::Ip || self.is_string()
    }
}

impl From<FieldType> for Type {
    fn from(ty: FieldType) -> Self {
        match ty {
            FieldType::Keyword | FieldType::Text => Self::Keyword,
            FieldType::Long => Self::Long,
            FieldType::Double => Self::Double,
            FieldType::Boolean => Self::Boolean,
            FieldType::Ip => Self::Ip,
            FieldType::Date => Self::Date,
            FieldType::Version => Self::Version,
            FieldType::Nested | FieldType::Unsupported | FieldType::Unknown => Self::Unknown,
        }
    }
}

impl From<&Constant> for Type {
    fn from(constant: &Constant) -> Self {
        match constant {
            Constant::Null => Self::Null,
            Constant::Bool(_) => Self::Boolean,
            Constant::Text(_) => Self::Keyword,
            Constant::Number(Number::Int(_)) => Self::Integer,
            Constant::Number(Number::Long(_)) => Self::Long,
            Constant::Number(Number::ULong(_)) => Self::ULong,
            Constant::Number(Number::Double(_)) => Self::Double,
        }
    }
}

/// A checked scalar expression.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    pub(super) value: Value,
    pub(super) ty: Type,
    /// A field whose values are compared in lower case.
    pub(super) caseless: bool,
}

impl Operand {
    pub(super) fn new(value: Value, ty: Type) -> Self {
        Self { value, ty, caseless: false }
    }

    pub(super) fn constant(constant: Constant) -> Self {
        let ty = Type::from(&constant);
        Self::new(Value::Constant(constant), ty)
    }

    pub(super) fn as_constant(&self) -> Option<&Constant> {
        match &self.value {
            Value::Constant(constant) => Some(constant),
            _ => None,
        }
    }
}

pub(super) fn literal_constant(literal: &Literal) -> Constant {
    match literal {
        Literal::Null => Constant::Null,
        Literal::Bool(value) => Constant::Bool(*value),
        Literal::Number(number) => Constant::Number(*number),
        Literal::Text(text) => Constant::Text(text.as_str().into()),
    }
}

/// Whether an expression is written as a test: an operator that gives a boolean.
pub(super) fn is_test(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Not(_)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Compare(..)
            | ExprKind::In { .. }
            | ExprKind::Match { .. }
    )
}

/// Whether an expression is a call of a boolean function.
pub(super) fn is_boolean_call(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call { name, .. } => {
            lookup(name).is_some_and(|function| function.result == FunctionResult::Boolean)
        }
        _ => false,
    }
}
