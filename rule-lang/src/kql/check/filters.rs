//! Filters of a rule: Kibana's filter objects around Elasticsearch's query DSL (kql.md section 7).
//!
//! In: the filters as JSON, each with its place in the rule's file. Out: the condition that all of them hold, or what
//! cannot be applied. A clause means what the KQL leaf means that Kibana turns into the same clause.

use serde_json::{Map, Value};

use super::super::ast::{FieldName, Literal, LiteralKind, Text};
use super::fields::Target;
use super::values::escape_regex;
use super::{Check, Checker, Stop, leaf, negated};
use crate::check::{CheckOptions, all, any};
use crate::condition::{Condition, Test, Value as Operand};
use crate::diagnostic::codes::file::FILTERS;
use crate::diagnostic::{Diagnostic, Level};
use crate::eql::ast::{Case, CompareOp};
use crate::rule::Spanned;
use crate::source::FileId;
use crate::span::Span;

/// Clauses inside each other.
const MAX_NESTING: usize = 64;
/// Settings of clauses that have no say in whether an event matches, or that say what is done anyway.
const NO_EFFECT: [&str; 4] = ["boost", "_name", "rewrite", "zero_terms_query"];
/// The format of dates that Kibana writes beside them, which is the one they are read in.
const DATE_FORMAT: &str = "strict_date_optional_time";

/// What all filters of a rule ask of an event together; none if one of them cannot be applied. Findings stand in the
/// rule's `file`, the leaves of the condition at `place`.
///
/// ```
/// use rule_lang::check::CheckOptions;
/// use rule_lang::rule::Spanned;
/// use rule_lang::{kql, meaning, schema::Schema, source::FileId};
/// let filter = serde_json::json!({
///     "meta": { "negate": true },
///     "query": { "wildcard": { "file.path": { "value": "?:\\\\temp\\\\*", "case_insensitive": true } } },
/// });
/// let filters = [Spanned { value: filter, span: Default::default() }];
/// let schema = Schema::open();
/// let (condition, findings) =
///     kql::check_filters(&filters, &CheckOptions::new(&schema), FileId(0), Default::default());
/// let event = |path: &str| meaning::Event::from_json(path).unwrap();
/// assert!(findings.is_empty());
/// let condition = condition.unwrap();
/// assert!(!meaning::holds(&condition, &event(r#"{"file":{"path":"C:\\Temp\\a.exe"}}"#)));
/// assert!(meaning::holds(&condition, &event(r#"{"file":{"path":"C:\\a.exe"}}"#)));
/// ```
pub fn check_filters(
    filters: &[Spanned<Value>],
    options: &CheckOptions<'_>,
    file: FileId,
    place: Span,
) -> (Option<Condition>, Vec<Diagnostic>) {
    let mut conditions = Vec::new();
    let mut diagnostics = Vec::new();
    for filter in filters {
        let mut reader =
            Reader { checker: Checker::new(options, file), span: filter.span, place, nesting: 0 };
        conditions.push(reader.filter(&filter.value));
        // A repair of a field's name would take the place of the whole filter.
        diagnostics.extend(reader.checker.diagnostics.into_iter().map(|mut finding| {
            finding.suggestion = None;
            finding
        }));
    }
    let failed = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    let conditions = conditions.into_iter().collect::<Check<Vec<_>>>().ok().filter(|_| !failed);
    (conditions.map(all), diagnostics)
}

struct Reader<'a> {
    checker: Checker<'a>,
    /// The filter in its file.
    span: Span,
    /// What leaves say of their place.
    place: Span,
    nesting: usize,
}

impl Reader<'_> {
    /// Reports something that is not applied. Without it the rule would match too much, or too little.
    fn refuse(&mut self, message: String) -> Stop {
        self.checker.error(FILTERS, self.span, message, "write the filter as a condition of the query")
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Check<T>) -> Check<T> {
        if self.nesting == MAX_NESTING {
            return Err(self.refuse(format!("a filter cannot nest more than {MAX_NESTING} levels deep")));
        }
        self.nesting += 1;
        let result = read(self);
        self.nesting -= 1;
        result
    }

    /// A filter object: `meta` and `query`, or one that combines others.
    fn filter(&mut self, filter: &Value) -> Check<Condition> {
        let Some(members) = filter.as_object() else {
            return Err(self.refuse("a filter must be an object".to_owned()));
        };
        let empty = Map::new();
        let meta = members.get("meta").and_then(Value::as_object).unwrap_or(&empty);
        let is_set = |key| meta.get(key).and_then(Value::as_bool).unwrap_or(false);
        if is_set("disabled") {
            return Ok(Condition::Const(true));
        }
        let condition = if meta.get("type").and_then(Value::as_str) == Some("combined") {
            self.deeper(|reader| reader.combined(meta))?
        } else if let Some(query) = members.get("query") {
            self.clause(query)?
        } else {
            // Old filters have the clause beside `meta`.
            let clause = members.iter().filter(|(key, _)| !matches!(&***key, "meta" | "$state"));
            self.clause(&Value::Object(clause.map(|(key, value)| (key.clone(), value.clone())).collect()))?
        };
        Ok(if is_set("negate") { negated(condition) } else { condition })
    }

    fn combined(&mut self, meta: &Map<String, Value>) -> Check<Condition> {
        let parts = meta.get("params").and_then(Value::as_array);
        let relation = meta.get("relation").and_then(Value::as_str);
        let (Some(parts), Some(relation)) = (parts, relation) else {
            return Err(self.refuse("a combined filter has `params` and a `relation`".to_owned()));
        };
        let parts = parts.iter().map(|part| self.filter(part)).collect::<Check<Vec<_>>>()?;
        match relation {
            "AND" => Ok(all(parts)),
            "OR" => Ok(any(parts)),
            other => Err(self.refuse(format!("filters are combined by `AND` or `OR`, not by `{other}`"))),
        }
    }

    /// One clause of the query DSL: an object with the name of the clause as its only key.
    fn clause(&mut self, clause: &Value) -> Check<Condition> {
        let members = clause.as_object().filter(|members| members.len() == 1);
        let Some((name, body)) = members.and_then(|members| members.iter().next()) else {
            return Err(self.refuse("a filter holds one clause, such as `match_phrase`".to_owned()));
        };
        let Some(body) = body.as_object() else {
            return Err(self.refuse(format!("the clause `{name}` of a filter must be an object")));
        };
        match &**name {
            "bool" => self.deeper(|reader| reader.bool(body)),
            "match_all" => Ok(Condition::Const(true)),
            "match_none" => Ok(Condition::Const(false)),
            "exists" => self.exists(body),
            "terms" => self.terms(body),
            "term" | "match" | "match_phrase" | "wildcard" | "prefix" | "range" => {
                self.field_clause(name, body)
            }
            _ => Err(self.refuse(format!("filters with `{name}` are not applied"))),
        }
    }

    fn bool(&mut self, body: &Map<String, Value>) -> Check<Condition> {
        let (mut wanted, mut alternatives, mut least) = (Vec::new(), None, None);
        for (key, value) in body {
            match &**key {
                "must" | "filter" => wanted.extend(self.clauses(value)?),
                "must_not" => wanted.push(negated(any(self.clauses(value)?))),
                "should" => alternatives = Some(self.clauses(value)?),
                "minimum_should_match" => least = Some(number_of(value)),
                key if NO_EFFECT.contains(&key) || key == "adjust_pure_negative" => {}
                _ => return Err(self.refuse(format!("`{key}` in `bool` is not known"))),
            }
        }
        let required = body.contains_key("must") || body.contains_key("filter");
        match least.unwrap_or(Some(u64::from(!required))) {
            Some(0) => {}
            Some(1) => wanted.extend(alternatives.filter(|all| !all.is_empty()).map(any)),
            _ => return Err(self.refuse("`minimum_should_match` is applied for 0 and 1 only".to_owned())),
        }
        Ok(all(wanted))
    }

    /// One clause, or a list of them.
    fn clauses(&mut self, value: &Value) -> Check<Vec<Condition>> {
        match value {
            Value::Array(clauses) => clauses.iter().map(|clause| self.clause(clause)).collect(),
            clause => Ok(vec![self.clause(clause)?]),
        }
    }

    fn field(&self, name: &str) -> FieldName {
        FieldName { text: Text::Quoted(name.to_owned()), span: self.span }
    }

    fn target(&mut self, name: &str) -> Check<Target> {
        let field = self.field(name);
        self.checker.target(&field)
    }

    fn literal(&mut self, value: &Value) -> Check<Literal> {
        let kind = match value {
            Value::String(text) => LiteralKind::Text(Text::Quoted(text.clone())),
            Value::Number(number) => LiteralKind::Text(Text::Quoted(number.to_string())),
            Value::Bool(value) => LiteralKind::Bool(*value),
            _ => return Err(self.refuse("a filter compares with a text, a number or a boolean".to_owned())),
        };
        Ok(Literal { kind, span: self.span })
    }

    fn exists(&mut self, body: &Map<String, Value>) -> Check<Condition> {
        let Some(name) = body.get("field").and_then(Value::as_str) else {
            return Err(self.refuse("`exists` names no `field`".to_owned()));
        };
        let target = self.target(name)?;
        let everything = LiteralKind::Text(Text::Pattern(vec![String::new(), String::new()]));
        self.checker.one_of(&target, &[&Literal { kind: everything, span: self.span }], self.place)
    }

    fn terms(&mut self, body: &Map<String, Value>) -> Check<Condition> {
        let mut fields = body.iter().filter(|(key, _)| !NO_EFFECT.contains(&&***key));
        let (Some((name, Value::Array(values))), None) = (fields.next(), fields.next()) else {
            return Err(self.refuse("`terms` has one field with a list of values".to_owned()));
        };
        let target = self.target(name)?;
        let terms = values.iter().map(|value| self.term(&target, value));
        terms.collect::<Check<Vec<_>>>().map(any)
    }

    /// Clauses with one field: its value, or a value with settings.
    fn field_clause(&mut self, clause: &str, body: &Map<String, Value>) -> Check<Condition> {
        let mut fields = body.iter();
        let (Some((name, value)), None) = (fields.next(), fields.next()) else {
            return Err(self.refuse(format!("`{clause}` has one field")));
        };
        let empty = Map::new();
        let settings = value.as_object().unwrap_or(&empty);
        if clause == "range" {
            return self.range(name, settings);
        }
        let mut target = self.target(name)?;
        let keys: &[&str] = match clause {
            "wildcard" => &["value", "wildcard"],
            "match" | "match_phrase" => &["query"],
            _ => &["value"],
        };
        let inner =
            if value.is_object() { keys.iter().find_map(|key| settings.get(*key)) } else { Some(value) };
        let Some(value) = inner else {
            return Err(self.refuse(format!("`{clause}` has no `{}`", keys[0])));
        };
        let mut phrase = clause == "match_phrase";
        for (key, setting) in settings {
            match (&**key, setting) {
                (key, _) if keys.contains(&key) || NO_EFFECT.contains(&key) => {}
                ("case_insensitive", Value::Bool(fold)) => {
                    if let (Target::One(known), true) = (&mut target, *fold) {
                        known.caseless = true;
                    }
                }
                ("slop", Value::Number(slop)) if slop.as_u64() == Some(0) => {}
                ("type", Value::String(word)) if word == "phrase" => phrase = true,
                ("operator", Value::String(word)) if word.eq_ignore_ascii_case("or") => {}
                _ => return Err(self.refuse(format!("`{key}` of `{clause}` is not applied"))),
            }
        }
        match clause {
            "term" => self.term(&target, value),
            "wildcard" => self.pattern(&target, &wildcard_parts(&text_of(value))),
            "prefix" => self.pattern(&target, &[Part::Text(text_of(value)), Part::Many]),
            _ => {
                let mut literal = self.literal(value)?;
                if let (false, LiteralKind::Text(Text::Quoted(text))) = (phrase, &literal.kind) {
                    literal.kind = LiteralKind::Text(Text::Plain(text.clone()));
                }
                self.checker.one_of(&target, &[&literal], self.place)
            }
        }
    }

    /// A whole value; of analysed fields, a whole word as it is.
    fn term(&mut self, target: &Target, value: &Value) -> Check<Condition> {
        match target {
            Target::One(known) if known.words => {
                let word = text_of(value);
                let word = if known.caseless { word.to_lowercase() } else { word };
                let test = Test::Word { field: known.field.clone(), patterns: vec![vec![word]] };
                Ok(leaf(test, self.place))
            }
            _ => {
                let literal = self.literal(value)?;
                self.checker.one_of(target, &[&literal], self.place)
            }
        }
    }

    fn pattern(&mut self, target: &Target, parts: &[Part]) -> Check<Condition> {
        let Target::One(known) = target else { return Ok(Condition::Const(false)) };
        let field = known.field.clone();
        if known.words {
            let Some(word) = word_pattern(parts) else {
                return Err(self.refuse(format!("`?` is not applied to the words of [{}]", field.path)));
            };
            return Ok(leaf(Test::Word { field, patterns: vec![word] }, self.place));
        }
        let case = if known.caseless { Case::Insensitive } else { Case::Sensitive };
        let value = Operand::Field(field);
        let literal = parts.iter().any(|part| matches!(part, Part::Text(text) if text.contains(['*', '?'])));
        let written = |text: &String| if literal { escape_regex(text) } else { text.clone() };
        let pattern = parts.iter().map(|part| match part {
            Part::Text(text) => written(text),
            Part::One => if literal { "." } else { "?" }.to_owned(),
            Part::Many => if literal { ".*" } else { "*" }.to_owned(),
        });
        let patterns = vec![pattern.collect()];
        let test = if literal {
            Test::Regex { value, patterns, case }
        } else {
            Test::Like { value, patterns, case }
        };
        Ok(leaf(test, self.place))
    }

    fn range(&mut self, name: &str, settings: &Map<String, Value>) -> Check<Condition> {
        let field = self.field(name);
        let mut bounds = Vec::new();
        for (key, value) in settings {
            let op = match (&**key, value) {
                ("gt", _) => CompareOp::Gt,
                ("gte", _) => CompareOp::Ge,
                ("lt", _) => CompareOp::Lt,
                ("lte", _) => CompareOp::Le,
                ("format", Value::String(format)) if format == DATE_FORMAT => continue,
                (key, _) if NO_EFFECT.contains(&key) => continue,
                _ => return Err(self.refuse(format!("`{key}` of `range` is not applied"))),
            };
            // A bound of null is none.
            if !value.is_null() {
                let bound = self.literal(value)?;
                bounds.push(self.checker.range(&field, op, &bound, self.place)?);
            }
        }
        if bounds.is_empty() {
            return Err(self.refuse("`range` has no bound".to_owned()));
        }
        Ok(all(bounds))
    }
}

/// A piece of a pattern.
#[derive(Debug, PartialEq)]
enum Part {
    /// As it is.
    Text(String),
    /// `?`
    One,
    /// `*`
    Many,
}

/// The parts of a pattern in which a backslash makes the next character plain; at the end it stands for itself.
fn wildcard_parts(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        let letter = match letter {
            '*' => {
                parts.push(Part::Many);
                continue;
            }
            '?' => {
                parts.push(Part::One);
                continue;
            }
            '\\' => letters.next().unwrap_or('\\'),
            letter => letter,
        };
        match parts.last_mut() {
            Some(Part::Text(text)) => text.push(letter),
            _ => parts.push(Part::Text(letter.to_string())),
        }
    }
    parts
}

/// What stands between the wildcards of a pattern without `?`, in lower case.
fn word_pattern(parts: &[Part]) -> Option<Vec<String>> {
    let mut between = vec![String::new()];
    for part in parts {
        match part {
            Part::Text(text) => between.last_mut()?.push_str(&text.to_lowercase()),
            Part::Many => between.push(String::new()),
            Part::One => return None,
        }
    }
    Some(between)
}

/// A scalar as text; other values have none.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => String::new(),
    }
}

/// A count, which may be written as text.
fn number_of(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::meaning::{Event, holds};
    use crate::schema::{FieldType, Schema};

    fn check(filters: &[Value]) -> (Option<Condition>, Vec<Diagnostic>) {
        let mut schema = Schema::open();
        for (path, ty) in [("k", FieldType::Keyword), ("n", FieldType::Long), ("t", FieldType::Date)] {
            schema.add(path, ty);
        }
        let filters: Vec<_> =
            filters.iter().map(|filter| Spanned { value: filter.clone(), span: Span::new(3, 9) }).collect();
        check_filters(&filters, &CheckOptions::new(&schema), FileId(0), Span::default())
    }

    /// Which events pass all filters, as `T` and `F`.
    fn pass(filters: &[Value], events: &[&str]) -> String {
        let (condition, findings) = check(filters);
        assert_eq!(findings, []);
        let condition = condition.expect("there is no finding");
        let holds = |event: &&str| holds(&condition, &Event::from_json(event).expect("it is JSON"));
        events.iter().map(|event| if holds(event) { 'T' } else { 'F' }).collect()
    }

    fn query(query: &Value) -> Value {
        json!({ "query": query })
    }

    #[test]
    fn clauses_mean_what_elasticsearch_means() {
        let events = [
            r#"{"k":"ab*","n":5,"t":"2024-05-03","message":"Root logged in"}"#,
            r#"{"k":["AB*","x\\y"],"n":[1,9],"t":"2024-06-01","message":"in root"}"#,
            r#"{"k":"abc"}"#,
            "{}",
        ];
        for (clause, expected) in [
            (json!({"match_phrase": {"k": "ab*"}}), "TFFF"),
            (json!({"match_phrase": {"k": {"query": "abc"}}}), "FFTF"),
            (json!({"match_phrase": {"message": "in ROOT"}}), "FTFF"),
            (json!({"match": {"message": "logged out"}}), "TFFF"),
            (json!({"match": {"message": {"query": "root in", "type": "phrase"}}}), "FFFF"),
            (json!({"match": {"n": {"query": 5, "operator": "OR"}}}), "TFFF"),
            (json!({"term": {"k": "abc"}}), "FFTF"),
            (json!({"term": {"k": {"value": "AB*", "case_insensitive": true}}}), "TTFF"),
            (json!({"term": {"message": "Root"}}), "FFFF"),
            (json!({"term": {"message": "root"}}), "TTFF"),
            (json!({"terms": {"k": ["abc", "x\\y"], "boost": 1.0}}), "FTTF"),
            (json!({"terms": {"k": []}}), "FFFF"),
            (json!({"exists": {"field": "k"}}), "TTTF"),
            (json!({"wildcard": {"k": "ab?"}}), "TFTF"),
            (json!({"wildcard": {"k": {"wildcard": "ab\\*"}}}), "TFFF"),
            (json!({"wildcard": {"k": {"value": "a?\\*", "case_insensitive": true}}}), "TTFF"),
            (json!({"wildcard": {"k": {"value": "X\\\\*", "case_insensitive": true}}}), "FTFF"),
            (json!({"wildcard": {"message": "LOG*d"}}), "TFFF"),
            (json!({"prefix": {"k": {"value": "AB", "case_insensitive": true}}}), "TTTF"),
            (json!({"prefix": {"k": "ab*"}}), "TFFF"),
            (json!({"range": {"n": {"gte": 5, "lt": "9", "boost": 2}}}), "TTFF"),
            (
                json!({"range": {"t": {"gt": "2024-05-31", "lte": null, "format": "strict_date_optional_time"}}}),
                "FTFF",
            ),
            (json!({"match_all": {}}), "TTTT"),
            (json!({"match_none": {}}), "FFFF"),
        ] {
            assert_eq!(pass(&[query(&clause)], &events), expected, "{clause}");
        }
    }

    #[test]
    fn clauses_are_combined() {
        let events = [r#"{"k":"a","u":"x"}"#, r#"{"k":"b","u":"x"}"#, r#"{"k":"c"}"#];
        let is = |text: &str| json!({"match_phrase": {"k": text}});
        let bool = |body: Value| query(&json!({ "bool": body }));
        let has_u = json!({"exists": {"field": "u"}});
        for (filter, expected) in [
            (bool(json!({})), "TTT"),
            (bool(json!({"should": [is("a"), is("b")], "minimum_should_match": 1})), "TTF"),
            (bool(json!({"should": is("a")})), "TFF"),
            (bool(json!({"should": [is("a")], "filter": [has_u]})), "TTF"),
            (bool(json!({"should": [is("a")], "must": has_u, "minimum_should_match": "1"})), "TFF"),
            (bool(json!({"must_not": [is("a"), is("b")]})), "FFT"),
            (json!({"meta": {"negate": true}, "query": is("a")}), "FTT"),
            (json!({"meta": {"negate": true, "disabled": true}, "query": {"script": {}}}), "TTT"),
            (
                json!({"meta": {"alias": null}, "$state": {"store": "appState"}, "exists": {"field": "u"}}),
                "TTF",
            ),
            (
                json!({"meta": {"type": "combined", "relation": "OR", "negate": true, "params": [
                    {"query": is("a")}, {"meta": {"negate": true}, "query": has_u}
                ]}}),
                "FTF",
            ),
        ] {
            assert_eq!(pass(std::slice::from_ref(&filter), &events), expected, "{filter}");
        }
        assert_eq!(pass(&[], &events), "TTT");
        assert_eq!(
            pass(&[query(&has_u), json!({"meta": {"negate": true}, "query": is("a")})], &events),
            "FTF"
        );
    }

    #[test]
    fn what_is_not_applied_is_an_error() {
        for (filter, message) in [
            (json!("k: a"), "a filter must be an object"),
            (json!({"meta": {}}), "a filter holds one clause, such as `match_phrase`"),
            (query(&json!({"script": {}})), "filters with `script` are not applied"),
            (query(&json!({"exists": {}})), "`exists` names no `field`"),
            (query(&json!({"terms": {"k": "a"}})), "`terms` has one field with a list of values"),
            (query(&json!({"term": {"k": null}})), "a filter compares with a text, a number or a boolean"),
            (
                query(&json!({"match": {"k": {"query": "a", "fuzziness": 1}}})),
                "`fuzziness` of `match` is not applied",
            ),
            (
                query(&json!({"range": {"t": {"gte": "now", "time_zone": "+1"}}})),
                "`time_zone` of `range` is not applied",
            ),
            (query(&json!({"range": {"t": {}}})), "`range` has no bound"),
            (
                query(&json!({"wildcard": {"message": "r??t"}})),
                "`?` is not applied to the words of [message]",
            ),
            (
                query(&json!({"bool": {"should": [], "minimum_should_match": 2}})),
                "`minimum_should_match` is applied for 0 and 1 only",
            ),
            (query(&json!({"bool": {"any": []}})), "`any` in `bool` is not known"),
        ] {
            let (condition, findings) = check(&[filter]);
            assert_eq!(condition, None);
            let [finding] = &findings[..] else { panic!("{findings:?}") };
            assert_eq!((&*finding.message, finding.primary.span), (message, Span::new(3, 9)));
        }
        let mut deep = json!({"match_all": {}});
        for _ in 0..100 {
            deep = json!({"bool": {"filter": deep}});
        }
        assert!(check(&[query(&deep)]).0.is_none());
    }
}
