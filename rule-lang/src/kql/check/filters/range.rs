//! `range`, and the time zone of its dates.

use super::super::super::ast::{FieldName, Literal, LiteralKind, Text};
use super::super::Check;
use super::super::date::asks_for_now;
use super::super::fields::Target;
use super::{NO_EFFECT, Reader, entries, text};
use crate::check::all;
use crate::condition::Condition;
use crate::eql::ast::CompareOp;
use crate::file::{Entry, NodeKind};
use crate::meaning::date::{self, Nanos};
use crate::meaning::date_math;
use crate::schema::FieldType;
use crate::span::Span;

/// The formats of dates that are those which dates are read in.
const FORMATS: [&str; 3] = [
    "strict_date_optional_time",
    "strict_date_optional_time||epoch_millis",
    "strict_date_optional_time_nanos",
];

impl Reader<'_> {
    pub(super) fn range(&mut self, clause: &Entry) -> Check<Condition> {
        let mut fields = entries(&clause.value).iter();
        let (Some(name), None) = (fields.next(), fields.next()) else {
            return Err(self.malformed(clause.key_span, "`range` has one field"));
        };
        let (mut bounds, mut zone) = (Vec::new(), None);
        for entry in entries(&name.value) {
            let op = match (&*entry.key, text(&entry.value)) {
                ("gt", _) => CompareOp::Gt,
                ("gte", _) => CompareOp::Ge,
                ("lt", _) => CompareOp::Lt,
                ("lte", _) => CompareOp::Le,
                ("format", Some(format)) if FORMATS.contains(&format) => continue,
                ("time_zone", Some(text)) => {
                    zone = Some(self.zone(text, entry)?);
                    continue;
                }
                (key, _) if NO_EFFECT.contains(&key) => continue,
                _ => return Err(self.not_applied(entry, "range")),
            };
            // A bound of null is none.
            if entry.value.kind != NodeKind::Null {
                bounds.push((op, entry));
            }
        }
        if bounds.is_empty() {
            return Err(self.malformed(name.key_span, "`range` has no bound"));
        }
        let mut conditions = Vec::new();
        for (op, entry) in bounds {
            let mut bound = self.literal(&entry.value)?;
            if let Some((offset, zone)) = zone {
                self.in_zone(&mut bound, op, offset, name, zone)?;
            }
            conditions.push(self.bound(&name.key, name.key_span, op, &bound)?);
        }
        Ok(all(conditions))
    }

    /// `name op bound`
    pub(super) fn bound(
        &mut self,
        name: &str,
        span: Span,
        op: CompareOp,
        bound: &Literal,
    ) -> Check<Condition> {
        let field = FieldName { text: Text::Quoted(self.relative(name, span)?), span };
        self.checker.range(&field, op, bound, self.at(bound.span))
    }

    /// The distance of a zone to UTC: `+01:00`, `Z`, `UTC`. What others are depends on the year, and on who is asked.
    fn zone<'n>(&mut self, zone: &str, entry: &'n Entry) -> Check<(Nanos, &'n Entry)> {
        let utc = matches!(zone, "Z" | "UTC" | "GMT" | "Etc/UTC");
        let local =
            date::parse(&format!("1970-01-02T00:00:00{zone}")).filter(|_| zone.starts_with(['+', '-']));
        match local {
            _ if utc => Ok((0, entry)),
            Some(midnight) => Ok((DAY - midnight, entry)),
            None => {
                let what = format!("the time zone `{zone}` is not known: an offset such as `+01:00` is");
                Err(self.unsupported(entry.value.span, &what))
            }
        }
    }

    /// Makes a date that is written without an offset the moment that it begins or ends at in a zone.
    fn in_zone(
        &mut self,
        bound: &mut Literal,
        op: CompareOp,
        offset: Nanos,
        name: &Entry,
        zone: &Entry,
    ) -> Check<()> {
        let target = self.target(&name.key, name.key_span)?;
        if !matches!(&target, Target::One(known) if known.field.ty == FieldType::Date) {
            let what = format!("`time_zone` is for dates, and [{}] is not known to be one", name.key);
            return Err(self.unsupported(super::place(zone), &what));
        }
        let LiteralKind::Text(Text::Quoted(written)) = &bound.kind else { return Ok(()) };
        if offset == 0 || has_offset(written) {
            return Ok(());
        }
        if (asks_for_now(written) && written.contains('/')) || written.contains("||") {
            let what = "date math is not rounded in a time zone";
            return Err(self.unsupported(bound.span, what));
        }
        let Some((first, last)) = date_math::span(written, None) else { return Ok(()) };
        let end = if matches!(op, CompareOp::Ge | CompareOp::Lt) { first } else { last };
        bound.kind = LiteralKind::Text(Text::Quoted(date::text(end - offset)));
        Ok(())
    }
}

const DAY: Nanos = 86_400 * 1_000_000_000;

/// Whether a text is a date with an offset, or counts milliseconds.
fn has_offset(text: &str) -> bool {
    let of_time = text.split_once('T').is_some_and(|(_, time)| time.contains(['Z', '+', '-']));
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' && text.starts_with('-'));
    of_time || (digits && text.len() != 4)
}
