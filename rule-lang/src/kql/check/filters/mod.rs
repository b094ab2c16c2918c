//! Filters of a rule: Kibana's filter objects around Elasticsearch's query DSL (kql.md section 7).
//!
//! In: the filters as they stand in the rule's file. Out: the condition that all of them hold; or what is wrong with one,
//! or not run, each at its place. Files do not nest deep ([`crate::file::MAX_DEPTH`]), so filters do not either. A clause means what the KQL leaf means that Kibana turns into the same clause.

mod bool;
mod fields;
mod lucene;
mod pattern;
mod range;

#[cfg(test)]
mod tests;

use super::super::ast::{FieldName, Literal, LiteralKind, Text};
use super::fields::Target;
use super::{Check, Checker, Stop, leaf, negated};
use crate::check::{CheckOptions, all, any};
use crate::condition::{Condition, Test};
use crate::diagnostic::codes::file::{FILTERS, UNSUPPORTED_FILTER};
use crate::diagnostic::{Diagnostic, Level};
use crate::file::{Entry, Node, NodeKind};
use crate::source::FileId;
use crate::span::Span;

/// Settings of clauses that have no say in whether an event matches, or that say what is done anyway.
const NO_EFFECT: [&str; 10] = [
    "boost",
    "_name",
    "rewrite",
    "lenient",
    "tie_breaker",
    "max_expansions",
    "max_determinized_states",
    "prefix_length",
    "auto_generate_synonyms_phrase_query",
    "fuzzy_transpositions",
];

/// What all filters of a rule ask of an event together; none if one of them is malformed or not run, which is found
/// at its place in the rule's `file`. Spans in the condition are those of the file, `shift` bytes on: the text of the query
/// comes before the file.
///
/// ```
/// use rule_lang::check::CheckOptions;
/// use rule_lang::source::{FileId, SourceFile};
/// use rule_lang::{file, kql, meaning, schema::Schema};
/// let filter = r#"{
///     "meta": { "negate": true },
///     "query": { "wildcard": { "file.path": { "value": "?:\\\\temp\\\\*", "case_insensitive": true } } }
/// }"#;
/// let filter = file::parse(&SourceFile::new("filter.json", filter), FileId(0)).unwrap();
/// let schema = Schema::open();
/// let (condition, findings) = kql::check_filters(&[filter], &CheckOptions::new(&schema), FileId(0), 0);
/// let event = |path: &str| meaning::Event::from_json(path).unwrap();
/// assert!(findings.is_empty());
/// let condition = condition.unwrap();
/// assert!(!meaning::holds(&condition, &event(r#"{"file":{"path":"C:\\Temp\\a.exe"}}"#)));
/// assert!(meaning::holds(&condition, &event(r#"{"file":{"path":"C:\\a.exe"}}"#)));
/// ```
pub fn check_filters(
    filters: &[Node],
    options: &CheckOptions<'_>,
    file: FileId,
    shift: u32,
) -> (Option<Condition>, Vec<Diagnostic>) {
    let mut reader = Reader { checker: Checker::new(options, file), shift };
    let conditions: Vec<_> = filters.iter().map(|filter| reader.filter(filter)).collect();
    let mut diagnostics = reader.checker.diagnostics;
    for finding in &mut diagnostics {
        // A name stands in quotes of the file's format, or is a part of a dotted key.
        finding.suggestion = None;
    }
    let failed = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    let conditions = conditions.into_iter().collect::<Check<Vec<_>>>().ok().filter(|_| !failed);
    (conditions.map(all), diagnostics)
}

struct Reader<'a> {
    checker: Checker<'a>,
    /// What the spans of leaves are more than those of the file.
    shift: u32,
}

impl Reader<'_> {
    /// Reports what is no filter at all.
    fn malformed(&mut self, span: Span, message: impl Into<String>) -> Stop {
        self.checker.error(FILTERS, span, message, "a filter is what Kibana writes for it")
    }

    /// Reports a part of a filter that is not run. Without it the rule would match too much, or too little.
    fn unsupported(&mut self, span: Span, what: &str) -> Stop {
        let message = format!("{what}; this rule is left out");
        self.checker.warning(
            UNSUPPORTED_FILTER,
            span,
            message,
            "write the filter as a condition of the query",
        );
        Stop
    }

    /// A setting of a clause that is not known, or has a say that is not heard.
    fn not_applied(&mut self, setting: &Entry, clause: &str) -> Stop {
        self.unsupported(place(setting), &format!("`{}` of `{clause}` is not applied", setting.key))
    }

    fn leaf(&self, test: Test, span: Span) -> Condition {
        leaf(test, self.at(span))
    }

    /// A place of the file as leaves have it.
    fn at(&self, span: Span) -> Span {
        Span::new(span.start.saturating_add(self.shift), span.end.saturating_add(self.shift))
    }

    /// A filter object: `meta` and `query`, or one that combines others.
    fn filter(&mut self, filter: &Node) -> Check<Condition> {
        let NodeKind::Table(members) = &filter.kind else {
            return Err(self.malformed(filter.span, "a filter must be an object"));
        };
        let meta = filter.get("meta");
        let setting = |key| meta.and_then(|meta| meta.get(key)).map(|node| &node.kind);
        let is_set = |key| setting(key) == Some(&NodeKind::Bool(true));
        if is_set("disabled") {
            return Ok(Condition::Const(true));
        }
        let combined = meta.filter(|meta| meta.get("type").and_then(text) == Some("combined"));
        let condition = if let Some(meta) = combined {
            self.combined(meta)?
        } else if let Some(query) = filter.get("query") {
            self.clause(query)?
        } else {
            // Old filters have the clause beside `meta`.
            let clauses = members.iter().filter(|entry| {
                !matches!(&*entry.key, "meta" | "$state") && entry.value.kind != NodeKind::Null
            });
            self.only_clause(clauses, filter.span)?
        };
        Ok(if is_set("negate") { negated(condition) } else { condition })
    }

    fn combined(&mut self, meta: &Node) -> Check<Condition> {
        let parts = meta.get("params").and_then(list);
        let relation = meta.get("relation").and_then(|node| Some((text(node)?, node.span)));
        let (Some(parts), Some((relation, span))) = (parts, relation) else {
            return Err(self.malformed(meta.span, "a combined filter has `params` and a `relation`"));
        };
        let parts: Vec<_> = parts.iter().map(|part| self.filter(part)).collect();
        let parts = parts.into_iter().collect::<Check<Vec<_>>>()?;
        match relation {
            "AND" => Ok(all(parts)),
            "OR" => Ok(any(parts)),
            other => {
                let message = format!("filters are combined by `AND` or `OR`, not by `{other}`");
                Err(self.malformed(span, message))
            }
        }
    }

    /// One clause of the query DSL: an object with the name of the clause as its only key.
    fn clause(&mut self, clause: &Node) -> Check<Condition> {
        match &clause.kind {
            NodeKind::Table(entries) => self.only_clause(entries.iter(), clause.span),
            _ => Err(self.malformed(clause.span, "a filter holds one clause, such as `match_phrase`")),
        }
    }

    fn only_clause<'n>(
        &mut self,
        mut clauses: impl Iterator<Item = &'n Entry>,
        span: Span,
    ) -> Check<Condition> {
        let (Some(clause), None) = (clauses.next(), clauses.next()) else {
            return Err(self.malformed(span, "a filter holds one clause, such as `match_phrase`"));
        };
        let NodeKind::Table(body) = &clause.value.kind else {
            let message = format!("the clause `{}` of a filter must be an object", clause.key);
            return Err(self.malformed(clause.value.span, message));
        };
        match &*clause.key {
            "bool" => self.bool(body, clause.key_span),
            "constant_score" => self.constant_score(clause),
            "dis_max" => self.dis_max(clause),
            "nested" => self.nested(clause),
            "match_all" => Ok(Condition::Const(true)),
            "match_none" => Ok(Condition::Const(false)),
            "exists" => self.exists(clause),
            "term" => self.term_clause(clause),
            "terms" => self.terms(clause),
            "match" | "match_phrase" | "match_phrase_prefix" => self.match_clause(clause),
            "multi_match" => self.multi_match(clause),
            "query_string" => self.query_string(clause),
            "wildcard" | "prefix" => self.pattern_clause(clause),
            "regexp" => self.regexp(clause),
            "range" => self.range(clause),
            name => Err(self.unsupported(clause.key_span, &format!("filters with `{name}` are not run"))),
        }
    }

    /// `nested`: one of the objects at a path meets a clause by itself, whose names are full (kql.md section 4).
    fn nested(&mut self, clause: &Entry) -> Check<Condition> {
        let mut inner = None;
        let mut path = None;
        for entry in entries(&clause.value) {
            match &*entry.key {
                "path" => path = text(&entry.value).map(|path| (path, entry.value.span)),
                "query" => inner = Some(&entry.value),
                "score_mode" | "ignore_unmapped" | "inner_hits" => {}
                key if NO_EFFECT.contains(&key) => {}
                _ => return Err(self.not_applied(entry, "nested")),
            }
        }
        let (Some((path, span)), Some(inner)) = (path, inner) else {
            return Err(self.malformed(clause.key_span, "`nested` has a `path` and a `query`"));
        };
        let relative = self.relative(path, span)?;
        let outer = std::mem::replace(&mut self.checker.scope, format!("{path}."));
        let condition = self.clause(inner);
        self.checker.scope = outer;
        let test = Test::Nested { path: relative.as_str().into(), condition: Box::new(condition?) };
        Ok(self.leaf(test, clause.key_span))
    }

    /// A name as the group at hand has it.
    fn relative(&mut self, name: &str, span: Span) -> Check<String> {
        if let Some(name) = name.strip_prefix(self.checker.scope.as_str()) {
            return Ok(name.to_owned());
        }
        let scope = self.checker.scope.trim_end_matches('.').to_owned();
        Err(self.malformed(span, format!("[{name}] is not below [{scope}], so no nested object has it")))
    }

    fn target(&mut self, name: &str, span: Span) -> Check<Target> {
        let name = self.relative(name, span)?;
        self.checker.target(&FieldName { text: Text::Quoted(name), span })
    }

    fn literal(&mut self, value: &Node) -> Check<Literal> {
        let kind = match (&value.kind, scalar(value)) {
            (NodeKind::Bool(value), _) => LiteralKind::Bool(*value),
            (_, Some(text)) => LiteralKind::Text(Text::Quoted(text)),
            _ => {
                let message = "a filter compares with a text, a number or a boolean";
                return Err(self.malformed(value.span, message));
            }
        };
        Ok(Literal { kind, span: value.span })
    }

    /// Some value of the field is there.
    fn has_value(&mut self, name: &str, span: Span) -> Check<Condition> {
        let target = self.target(name, span)?;
        let everything = LiteralKind::Text(Text::Pattern(vec![String::new(), String::new()]));
        self.checker.one_of(&target, &[&Literal { kind: everything, span }], self.at(span))
    }

    fn exists(&mut self, clause: &Entry) -> Check<Condition> {
        match clause.value.get("field").and_then(|field| Some((text(field)?, field.span))) {
            Some((name, span)) => self.has_value(name, span),
            None => Err(self.malformed(clause.key_span, "`exists` names no `field`")),
        }
    }
}

/// The members of an object.
fn entries(node: &Node) -> &[Entry] {
    match &node.kind {
        NodeKind::Table(entries) => entries,
        _ => &[],
    }
}

fn list(node: &Node) -> Option<&[Node]> {
    match &node.kind {
        NodeKind::List(items) => Some(items),
        _ => None,
    }
}

fn text(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Text { value, .. } => Some(value),
        _ => None,
    }
}

/// A text, number, boolean or date as text.
fn scalar(node: &Node) -> Option<String> {
    match &node.kind {
        NodeKind::Text { value, .. } | NodeKind::Date(value) => Some(value.clone()),
        NodeKind::Integer(_) | NodeKind::Float(_) | NodeKind::Bool(_) => Some(node.to_json().to_string()),
        NodeKind::Null | NodeKind::List(_) | NodeKind::Table(_) => None,
    }
}

/// All of a setting that is not an object of its own.
fn place(setting: &Entry) -> Span {
    match setting.value.kind {
        NodeKind::Table(_) | NodeKind::List(_) => setting.key_span,
        _ => Span::new(setting.key_span.start, setting.value.span.end.max(setting.key_span.end)),
    }
}
