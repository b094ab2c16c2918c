//! What the type of a rule makes of the events that its query finds (rules.md sections 3, 4 and 7).
//!
//! In: a rule and its query, checked as a condition of events. Out: the query with groups, windows, indicators and
//! suppression around the condition, or what is wrong with these. Knows nothing of how state is kept.

use crate::check::{self, CheckOptions};
use crate::condition::{
    Cardinality, Condition, Field, Filter, Key, NewTerms, Query, QueryKind, Suppression, ThreatEntry,
    ThreatMatch, Threshold, TimeSource,
};
use crate::diagnostic::codes::state as codes;
use crate::diagnostic::{Code, Diagnostic, Level, codes::file::UNSUPPORTED_TYPE};
use crate::kql;
use crate::rule::{self, DateMath, Details, Language, MissingFields, Rule, Spanned};
use crate::schema::FieldType;
use crate::span::Span;
use crate::suggest::{nearest, nearest_within};

use super::{Options, query};

/// The query of a rule as its type means it. `None` if something is wrong with it; then a finding says what.
/// Places of the file are `shift` bytes on in conditions.
pub(super) fn apply(
    rule: &Rule,
    shift: u32,
    query: Query,
    options: &Options<'_>,
) -> (Option<Query>, Vec<Diagnostic>) {
    let mut checker = Checker { rule, shift, options, findings: Vec::new() };
    let query = checker.query(query);
    let sound = checker.findings.iter().all(|finding| finding.level != Level::Error);
    (query.filter(|_| sound), checker.findings)
}

struct Checker<'r> {
    rule: &'r Rule,
    shift: u32,
    options: &'r Options<'r>,
    findings: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn query(&mut self, mut query: Query) -> Option<Query> {
        if let QueryKind::Event(filter) = &query.kind {
            let filter = filter.clone();
            query.kind = match &self.rule.details {
                Details::Threshold(threshold) => QueryKind::Threshold(self.threshold(threshold, filter)?),
                Details::NewTerms(terms) => QueryKind::NewTerms(self.new_terms(terms, filter)?),
                Details::ThreatMatch(threat) => {
                    QueryKind::ThreatMatch(Box::new(self.threat(threat, filter)?))
                }
                _ => query.kind,
            };
        }
        query.suppression = self.suppression(&query);
        Some(query)
    }

    fn error(&mut self, code: Code, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.findings.push(Diagnostic::error(code, self.rule.file, span, message));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    fn warning(&mut self, code: Code, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.findings.push(Diagnostic::warning(code, self.rule.file, span, message));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    fn threshold(&mut self, threshold: &rule::Threshold, filter: Filter) -> Option<Threshold> {
        self.warn_of_repeats(&threshold.field);
        if let [_, second, ..] = &threshold.cardinality[..] {
            let message = "a threshold counts the different values of one field";
            self.error(codes::CARDINALITIES, second.field.span, message);
        }
        let cardinality = threshold.cardinality.first().map(|cardinality| Cardinality {
            key: self.key(&cardinality.field, false),
            value: cardinality.value.into(),
        });
        let keys = threshold.field.iter().map(|field| self.key(field, false)).collect();
        let window = self.search_window()?;
        let value = threshold.value.into();
        Some(Threshold { filter, time: self.time(), keys, value, cardinality, window })
    }

    fn new_terms(&mut self, terms: &rule::NewTerms, filter: Filter) -> Option<NewTerms> {
        self.warn_of_repeats(&terms.fields);
        let keys = terms.fields.iter().map(|field| self.key(field, false)).collect();
        self.search_window();
        let start = self.relative("history_window_start", &terms.history_window_start)?;
        let (from, to) = (self.relative("from", &self.rule.from)?, self.relative("to", &self.rule.to)?);
        if start >= from {
            let message = format!(
                "the history begins at `{}`, which is not before the search window (`from` is `{}`)",
                terms.history_window_start.as_str(),
                self.rule.from.as_str()
            );
            self.error(codes::HISTORY_TOO_SHORT, self.rule.span, message).help.push(
                "nothing can have been seen before; set `history_window_start` to an earlier time".to_owned(),
            );
            return None;
        }
        Some(NewTerms { filter, time: self.time(), keys, window: to.abs_diff(start) })
    }

    fn threat(&mut self, threat: &rule::ThreatMatch, filter: Filter) -> Option<ThreatMatch> {
        let indicators = self.indicators(threat);
        let groups = threat.mapping.iter().map(|group| self.threat_group(group)).collect();
        Some(ThreatMatch {
            filter,
            time: self.time(),
            indicators: indicators?,
            indicator_path: threat.indicator_path.as_str().into(),
            groups,
        })
    }

    /// The query for indicators with its filters; without either all count.
    fn indicators(&mut self, threat: &rule::ThreatMatch) -> Option<Filter> {
        let mut filter = self.threat_query(threat)?;
        if let Some(text) = &threat.query {
            // Places in a rule's conditions are those of its first query.
            let moved = |at: u32| at.saturating_add(self.shift);
            filter.condition.move_leaves(&|span| {
                let span = text.map.span(span);
                Span::new(moved(span.start), moved(span.end))
            });
        }
        if !threat.filters.is_empty() {
            let check =
                CheckOptions { strict: self.options.strict, ..CheckOptions::new(self.options.schema) };
            let (condition, findings) =
                kql::check_filters(&threat.filters, &check, self.rule.file, self.shift);
            self.findings.extend(findings);
            let own = std::mem::replace(&mut filter.condition, Condition::Const(true));
            filter.condition = check::all(vec![own, condition?]);
        }
        Some(filter)
    }

    fn threat_query(&mut self, threat: &rule::ThreatMatch) -> Option<Filter> {
        let all = Filter { category: None, condition: Condition::Const(true), span: self.rule.span };
        let Some(text) = &threat.query else { return Some(all) };
        if text.text.trim().is_empty() {
            return Some(all);
        }
        if threat.language != Language::Kuery {
            let message = "the query for indicators is not in `kuery`; the rule is left out";
            self.warning(UNSUPPORTED_TYPE, text.span, message);
            return None;
        }
        let (checked, findings) = query(text, Language::Kuery, None, self.options);
        self.findings.extend(findings);
        match checked?.1.kind {
            QueryKind::Event(filter) => Some(filter),
            _ => None,
        }
    }

    fn threat_group(&mut self, group: &[rule::ThreatEntry]) -> Vec<ThreatEntry> {
        for (at, entry) in group.iter().enumerate() {
            let same = |other: &&rule::ThreatEntry| {
                *other.field == *entry.field
                    && *other.indicator == *entry.indicator
                    && other.negate != entry.negate
            };
            if let Some(other) = group[..at].iter().find(same) {
                let message = format!(
                    "`{}` and `{}` must share a value and must not share one",
                    entry.field.value, entry.indicator.value
                );
                let finding =
                    Diagnostic::error(codes::CONTRADICTORY_PAIR, self.rule.file, entry.field.span, message);
                self.findings.push(finding.also(self.rule.file, other.field.span, "first given here"));
            }
        }
        group
            .iter()
            .map(|entry| ThreatEntry {
                event: self.field(&entry.field),
                // Indicators are of another source: what the schema does not know is no mistake.
                indicator: self.known_field(&entry.indicator).unwrap_or_else(|| unknown(&entry.indicator)),
                negate: entry.negate,
            })
            .collect()
    }

    fn suppression(&mut self, query: &Query) -> Option<Suppression> {
        let rule = self.rule;
        let suppression = rule.alert_suppression.as_ref()?;
        if !query.pipes.is_empty() {
            let message = "the alerts of a query that ends in `head` or `tail` are not suppressed";
            let span = suppression.group_by.first().map_or(rule.span, |field| field.span);
            self.warning(codes::NOT_SUPPRESSED, span, message)
                .help
                .push("every result that the pipes leave gives an alert of its own".to_owned());
            return None;
        }
        self.warn_of_repeats(&suppression.group_by);
        let optional = suppression.missing_fields == MissingFields::Suppress;
        let keys = suppression.group_by.iter().map(|field| self.key(field, optional)).collect();
        // Without a duration alerts are suppressed within one run; runs follow each other at the interval.
        let span = suppression.duration.unwrap_or(rule.interval.0).seconds() * 1000;
        Some(Suppression { time: self.time(), keys, span })
    }

    /// The length of the search window in milliseconds.
    fn search_window(&mut self) -> Option<u64> {
        let (from, to) = (self.relative("from", &self.rule.from)?, self.relative("to", &self.rule.to)?);
        if from >= to {
            let message = format!(
                "the search window from `{}` to `{}` is empty",
                self.rule.from.as_str(),
                self.rule.to.as_str()
            );
            self.error(codes::WINDOW_EMPTY, self.rule.span, message);
            return None;
        }
        Some(from.abs_diff(to))
    }

    fn relative(&mut self, name: &str, time: &DateMath) -> Option<i64> {
        let millis = time.millis_from_now();
        if millis.is_none() {
            let message = format!("`{name}` is `{}`, which is not relative to now", time.as_str());
            let known = self.findings.iter().any(|finding| finding.message == message);
            if !known {
                self.error(codes::WINDOW_NOT_RELATIVE, self.rule.span, message)
                    .help
                    .push("write `now` and offsets, such as `now-7d`".to_owned());
            }
        }
        millis
    }

    /// rules.md section 4: the override, and `@timestamp` where an event lacks it.
    fn time(&self) -> TimeSource {
        const TIMESTAMP: &str = "@timestamp";
        match &self.rule.timestamp_override {
            Some(field) if field.value != TIMESTAMP => TimeSource {
                field: field.value.as_str().into(),
                fallback: (!self.rule.timestamp_override_fallback_disabled).then(|| TIMESTAMP.into()),
            },
            _ => TimeSource { field: TIMESTAMP.into(), fallback: None },
        }
    }

    fn warn_of_repeats(&mut self, fields: &[Spanned<String>]) {
        for (at, field) in fields.iter().enumerate() {
            if let Some(first) = fields[..at].iter().find(|known| known.value == field.value) {
                let message = format!("`{}` is named twice", field.value);
                let finding = Diagnostic::warning(codes::REPEATED_FIELD, self.rule.file, field.span, message);
                self.findings.push(finding.also(self.rule.file, first.span, "first named here"));
            }
        }
    }

    fn key(&mut self, field: &Spanned<String>, optional: bool) -> Key {
        Key { field: Some(self.field(field)), optional, path: field.value.as_str().into() }
    }

    fn known_field(&self, field: &Spanned<String>) -> Option<Field> {
        let info = self.options.schema.get(field)?;
        let ty = match info.ty {
            FieldType::Text => FieldType::Keyword,
            FieldType::Nested | FieldType::Unsupported => FieldType::Unknown,
            ty => ty,
        };
        Some(Field { path: info.source.clone(), ty })
    }

    /// A field of events. What the schema does not know matches as it comes.
    fn field(&mut self, field: &Spanned<String>) -> Field {
        if let Some(known) = self.known_field(field) {
            return known;
        }
        let schema = self.options.schema;
        let names = || schema.iter().map(|(name, _)| name);
        let certain = schema.is_closed() || self.options.strict;
        let near = if certain { nearest(field, names()) } else { nearest_within(field, names(), 1) };
        let message = match near {
            Some(near) => format!("unknown field [{}], did you mean [{near}]?", field.value),
            None => format!("unknown field [{}]", field.value),
        };
        if certain {
            self.error(codes::UNKNOWN_FIELD, field.span, message);
        } else if near.is_some() {
            self.warning(codes::MISSPELT_FIELD, field.span, message);
        }
        unknown(field)
    }
}

fn unknown(field: &Spanned<String>) -> Field {
    Field { path: field.value.as_str().into(), ty: FieldType::Unknown }
}

#[cfg(test)]
mod tests;
