//! Dates as values and bounds: a partial date is a span, `now` is the time of the event (kql.md section 3).

use super::Checker;
use super::fields::TIMESTAMP;
use crate::check::is_date;
use crate::condition::{Constant, Field, Test, Value};
use crate::diagnostic::codes::kql as codes;
use crate::eql::ast::CompareOp;
use crate::schema::FieldType;
use crate::span::Span;

impl Checker<'_> {
    /// Whether a text is a date or date math that can be used here.
    pub(super) fn is_date(&mut self, text: &str, span: Span) -> bool {
        if asks_for_now(text) && !self.scope.is_empty() {
            let help = "move the condition in front of the group";
            self.error(codes::NOW_OUT_OF_PLACE, span, "`now` is not known inside a nested group", help);
        }
        is_date(text)
    }
}

/// Whether a text is date math that starts at `now`.
pub(super) fn asks_for_now(text: &str) -> bool {
    text.strip_prefix("now").is_some_and(|rest| rest.is_empty() || rest.starts_with(['+', '-', '/']))
}

/// `field op date`; the date is valid.
pub(super) fn test(field: &Field, op: CompareOp, date: &str) -> Test {
    // The start of a span is what a date means elsewhere too.
    let plain = is_moment(date) || (matches!(op, CompareOp::Ge | CompareOp::Lt) && !has_math(date));
    if plain {
        let right = Value::Constant(Constant::Text(date.into()));
        return Test::Compare { op, left: Value::Field(field.clone()), right };
    }
    let clock = Field { path: TIMESTAMP.into(), ty: FieldType::Date };
    Test::Date { field: field.clone(), op, date: date.into(), clock }
}

fn has_math(date: &str) -> bool {
    asks_for_now(date) || date.contains("||")
}

/// Whether a date is a moment rather than a span: it has a fraction of a second, or counts milliseconds.
fn is_moment(date: &str) -> bool {
    if has_math(date) {
        return false;
    }
    let digits = date.bytes().all(|byte| byte.is_ascii_digit());
    date.contains(['.', ',']) || date.starts_with('-') || (digits && date.len() != 4)
}
