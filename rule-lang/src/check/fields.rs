//! Fields: what the schema says of a path.

use std::sync::Arc;

use super::types::{Operand, Type};
use super::{Check, Checker, Truth};
use crate::condition::{Condition, Constant, Field, Key, Leaf, Test, Value};
use crate::diagnostic::{Diagnostic, codes::eql as codes};
use crate::eql::ast::{Case, CompareOp, Expr, ExprKind, FieldRef};
use crate::schema::FieldType;
use crate::span::Span;
use crate::suggest::{nearest, nearest_within};

/// How many letters a name may differ by to be taken for a misspelling where unknown names are common.
const SMALL_DIFFERENCE: usize = 1;

/// A field that the schema has or lets pass.
pub(super) struct Resolved {
    pub(super) field: Field,
    pub(super) caseless: bool,
}

impl Checker<'_> {
    /// The field `field` names; `None` is an optional field that the schema is known not to have.
    pub(super) fn resolve(&mut self, field: &FieldRef) -> Check<Option<Resolved>> {
        let closed = self.options.schema.is_closed();
        let Some(info) = self.options.schema.get(&field.path) else {
            return self.unknown_field(field);
        };
        let path: Arc<str> = info.source.clone();
        let ty = match info.ty {
            FieldType::Nested if closed => {
                let message = format!(
                    "cannot use field [{}] type [nested] due to nested fields not being supported yet",
                    field.path
                );
                return Err(self.error(codes::UNUSABLE_FIELD, field.span, message));
            }
            FieldType::Unsupported if closed => {
                let message =
                    format!("cannot use field [{}] with unsupported type [{}]", field.path, info.type_name);
                return Err(self.error(codes::UNUSABLE_FIELD, field.span, message));
            }
            FieldType::Text if closed => {
                let message = format!(
                    "[{0}] cannot operate on field of data type [text]: No keyword/multi-field defined exact \
                     matches for [{0}]",
                    field.path
                );
                return Err(self.error(codes::UNUSABLE_FIELD, field.span, message));
            }
            FieldType::Nested | FieldType::Unsupported => FieldType::Unknown,
            FieldType::Text => FieldType::Keyword,
            ty => ty,
        };
        Ok(Some(Resolved { field: Field { path, ty }, caseless: info.caseless }))
    }

    fn unknown_field(&mut self, field: &FieldRef) -> Check<Option<Resolved>> {
        let schema = self.options.schema;
        let path = field.path.as_str();
        let unknown =
            Resolved { field: Field { path: path.into(), ty: FieldType::Unknown }, caseless: false };
        let names = schema.iter().map(|(name, _)| name);
        let name_span = Span::new(field.span.start + u32::from(field.optional), field.span.end);
        if schema.is_closed() || self.options.strict {
            if field.optional {
                return Ok((!schema.is_closed()).then_some(unknown));
            }
            let near = nearest(path, names);
            let message = match near {
                Some(near) => format!("unknown column [{path}], did you mean [{near}]?"),
                None => format!("unknown column [{path}]"),
            };
            let stop = self.error(codes::UNKNOWN_FIELD, field.span, message);
            if let (Some(near), Some(last)) = (near, self.diagnostics.last_mut()) {
                *last = last.clone().suggest(name_span, near);
            } else {
                self.with_help(format!("write [?{path}] if events may lack the field"));
            }
            return Err(stop);
        }
        if !field.optional
            && let Some(near) = nearest_within(path, names, SMALL_DIFFERENCE)
            && self.hinted.insert(path.to_owned())
        {
            let message = format!("unknown column [{path}], did you mean [{near}]?");
            let hint = Diagnostic::warning(codes::MISSPELT_FIELD, self.file, field.span, message);
            self.diagnostics.push(hint.suggest(name_span, near));
        }
        Ok(Some(unknown))
    }

    /// A field as an operand; an optional field that is known to be missing is the constant null.
    pub(super) fn field_operand(&mut self, field: &FieldRef) -> Check<Operand> {
        Ok(match self.resolve(field)? {
            None => Operand::constant(Constant::Null),
            Some(Resolved { field, caseless }) => {
                let ty = Type::from(field.ty);
                Operand { value: Value::Field(field), ty, caseless }
            }
        })
    }

    /// A field that stands for a condition: it is true.
    pub(super) fn boolean_field(&mut self, field: &FieldRef, span: Span) -> Check<Truth> {
        let operand = self.field_operand(field)?;
        if operand.ty == Type::Null {
            return Ok(Truth::Null);
        }
        if !operand.ty.is_boolean() {
            let expr = Expr { kind: ExprKind::Field(field.clone()), span };
            return Err(self.not_boolean(&expr, operand.ty.name()));
        }
        let right = Value::Constant(Constant::Bool(true));
        Ok(Truth::leaf(Test::Compare { op: CompareOp::Eq, left: operand.value, right }, span))
    }

    /// `event.category == name`
    pub(super) fn category_test(&mut self, name: &str, span: Span) -> Condition {
        let path = self.options.category_field;
        let info = self.options.schema.get(path);
        let source: Arc<str> = info.map_or_else(|| path.into(), |info| info.source.clone());
        let value = Value::Field(Field { path: source, ty: FieldType::Keyword });
        let constant = Constant::Text(name.into());
        let test = if info.is_some_and(|info| info.caseless) {
            Test::In { value, list: vec![constant], case: Case::Insensitive }
        } else {
            Test::Compare { op: CompareOp::Eq, left: value, right: Value::Constant(constant) }
        };
        Condition::Leaf(Leaf { test, span })
    }

    /// One part of a join key.
    pub(super) fn key(&mut self, field: &FieldRef) -> Check<Key> {
        let resolved = self.resolve(field)?;
        Ok(Key {
            field: resolved.map(|resolved| resolved.field),
            optional: field.optional,
            path: field.path.as_str().into(),
        })
    }
}
