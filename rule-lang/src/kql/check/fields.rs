//! Fields: what the schema says of a name, or of a pattern of names.

use std::sync::Arc;

use super::super::ast::{FieldName, Text};
use super::{Check, Checker, Stop};
use crate::condition::{Condition, Field, Test};
use crate::diagnostic::{Diagnostic, codes::eql as codes};
use crate::schema::{FieldInfo, FieldType};
use crate::span::Span;
use crate::suggest::{nearest, nearest_within};

use super::leaf;

/// How many letters a name may differ by to be taken for a misspelling where unknown names are common.
const SMALL_DIFFERENCE: usize = 1;
/// Fields of text where no schema says so.
const TEXT_FIELDS: [&str; 2] = ["message", "error.message"];
/// A field of time where no schema says so.
pub(super) const TIMESTAMP: &str = "@timestamp";

/// What a value is compared with.
pub(super) enum Target {
    /// One field.
    One(Known),
    /// The fields whose names match what stands between the wildcards.
    Pattern(Vec<String>, Known),
    /// A field that no event has.
    Nothing,
}

/// A field and how its values are compared.
#[derive(Clone)]
pub(super) struct Known {
    /// Its path, below the nested group at hand.
    pub(super) field: Field,
    /// Values are compared without regard to case.
    pub(super) caseless: bool,
    /// Values are compared word by word.
    pub(super) words: bool,
    /// The path holds objects: it has a value where a field below it has one.
    pub(super) objects: bool,
}

impl Known {
    fn new(path: &str, ty: FieldType) -> Self {
        let field = Field { path: path.into(), ty };
        Self { field, caseless: false, words: false, objects: false }
    }
}

impl Target {
    /// Fields whose values are compared word by word.
    pub(super) fn words_of(name: Vec<String>) -> Self {
        let known = Known { words: true, ..Known::new(&name.join("*"), FieldType::Unknown) };
        Self::Pattern(name, known)
    }

    /// A leaf with this test, put to all fields that are meant.
    pub(super) fn leaf(&self, test: Test, span: Span) -> Condition {
        match self {
            Self::One(_) => leaf(test, span),
            Self::Pattern(name, _) => leaf(Test::AnyField { name: name.clone(), test: Box::new(test) }, span),
            Self::Nothing => Condition::Const(false),
        }
    }
}

impl Checker<'_> {
    /// What a name stands for.
    pub(super) fn target(&mut self, name: &FieldName) -> Check<Target> {
        match &name.text {
            Text::Pattern(parts) => {
                Ok(Target::Pattern(parts.clone(), Known::new(&name.text.shown(), FieldType::Unknown)))
            }
            Text::Plain(path) | Text::Quoted(path) => self.field(path, name.span),
        }
    }

    fn field(&mut self, path: &str, span: Span) -> Check<Target> {
        let full = format!("{}{path}", self.scope);
        if let Some(info) = self.options.schema.get(&full) {
            return Ok(Target::One(self.known(path, info)));
        }
        if let Some(parent) = path.strip_suffix(".text") {
            return Ok(Target::One(Known { words: true, ..Known::new(parent, FieldType::Keyword) }));
        }
        if let Some(parent) = path.strip_suffix(".caseless") {
            return Ok(Target::One(Known { caseless: true, ..Known::new(parent, FieldType::Keyword) }));
        }
        if TEXT_FIELDS.contains(&&*full) {
            return Ok(Target::One(Known { words: true, ..Known::new(path, FieldType::Keyword) }));
        }
        if full == TIMESTAMP {
            return Ok(Target::One(Known::new(path, FieldType::Date)));
        }
        let below = format!("{full}.");
        if self.options.schema.iter().any(|(known, _)| known.starts_with(&below)) {
            return Ok(Target::One(Known { objects: true, ..Known::new(path, FieldType::Unknown) }));
        }
        self.unknown(path, &full, span)
    }

    fn known(&self, path: &str, info: &FieldInfo) -> Known {
        let source = info.source.strip_prefix(self.scope.as_str()).unwrap_or(path);
        let ty = match info.ty {
            FieldType::Text => FieldType::Keyword,
            FieldType::Nested | FieldType::Unsupported => FieldType::Unknown,
            ty => ty,
        };
        Known {
            field: Field { path: Arc::from(source), ty },
            caseless: info.caseless,
            words: info.ty == FieldType::Text,
            objects: matches!(&*info.type_name, "object" | "nested" | "flattened"),
        }
    }

    /// An unmapped field matches nothing and is no error (kql.md section 3), unless errors are asked for.
    fn unknown(&mut self, path: &str, full: &str, span: Span) -> Check<Target> {
        let schema = self.options.schema;
        let names = || schema.iter().map(|(name, _)| name);
        let certain = schema.is_closed() || self.options.strict;
        let near =
            if certain { nearest(full, names()) } else { nearest_within(full, names(), SMALL_DIFFERENCE) };
        let near = near.map(str::to_owned);
        if (certain || near.is_some()) && (self.options.strict || self.hinted.insert(full.to_owned())) {
            self.unknown_finding(full, near.as_deref(), span);
        }
        if self.options.strict {
            return Err(Stop);
        }
        Ok(if schema.is_closed() {
            Target::Nothing
        } else {
            Target::One(Known::new(path, FieldType::Unknown))
        })
    }

    fn unknown_finding(&mut self, full: &str, near: Option<&str>, span: Span) {
        let message = match near {
            Some(near) => format!("unknown field [{full}], did you mean [{near}]?"),
            None => format!("unknown field [{full}]"),
        };
        let mut finding = if self.options.strict {
            Diagnostic::error(codes::UNKNOWN_FIELD, self.file, span, message)
        } else {
            Diagnostic::warning(codes::MISSPELT_FIELD, self.file, span, message)
        };
        if let Some(replacement) = near.and_then(|near| near.strip_prefix(self.scope.as_str())) {
            finding = finding.suggest(span, replacement);
        }
        self.diagnostics.push(finding);
    }
}
