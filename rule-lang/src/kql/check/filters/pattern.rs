//! Clauses with a pattern: `wildcard`, `prefix`, `regexp`.

use super::super::Check;
use super::super::fields::{Known, Target};
use super::super::values::escape_regex;
use super::{Reader, scalar, text};
use crate::check::{check_regex, regex_doubt};
use crate::condition::{Condition, Test, Value};
use crate::diagnostic::codes::eql;
use crate::eql::ast::Case;
use crate::file::Entry;
use crate::span::Span;

impl Reader<'_> {
    /// `wildcard` and `prefix`.
    pub(super) fn pattern_clause(&mut self, clause: &Entry) -> Check<Condition> {
        let keys: &[&str] = if clause.key == "wildcard" { &["value", "wildcard"] } else { &["value"] };
        let field = self.field_clause(clause, keys)?;
        let (target, others) = self.cased(&field)?;
        if let Some(setting) = others.first() {
            return Err(self.not_applied(setting, &clause.key));
        }
        self.literal(field.value)?;
        let written = scalar(field.value).unwrap_or_default();
        let parts = match &*clause.key {
            "wildcard" => wildcard_parts(&written),
            _ => vec![Part::Text(written), Part::Many],
        };
        self.pattern(&target, &parts, field.value.span)
    }

    /// Some value as a whole matches, or some word of an analysed one.
    pub(super) fn pattern(&mut self, target: &Target, parts: &[Part], span: Span) -> Check<Condition> {
        let (Target::One(known) | Target::Pattern(_, known)) = target else {
            return Ok(Condition::Const(false));
        };
        let test = if known.words {
            let Some(word) = word_pattern(parts) else {
                let what = format!("`?` is not applied to the words of [{}]", known.field.path);
                return Err(self.unsupported(span, &what));
            };
            Test::Word { field: known.field.clone(), patterns: vec![word] }
        } else {
            whole(known, parts)
        };
        Ok(target.leaf(test, self.at(span)))
    }

    pub(super) fn regexp(&mut self, clause: &Entry) -> Check<Condition> {
        let field = self.field_clause(clause, &["value"])?;
        let (target, others) = self.cased(&field)?;
        let span = field.value.span;
        let Some(pattern) = text(field.value) else {
            return Err(self.malformed(span, "`regexp` has no pattern"));
        };
        for setting in others {
            // Without flags some operators are plain characters.
            let all = matches!(text(&setting.value), Some("ALL" | ""));
            if setting.key != "flags" || (!all && pattern.contains(['~', '#', '@', '<', '>', '&'])) {
                return Err(self.not_applied(setting, "regexp"));
            }
        }
        if let Err(problem) = check_regex(pattern) {
            let message = format!("[{pattern}] is not a regular expression of Lucene: {problem}");
            let help = "put a backslash before a character that is meant as it is";
            return Err(self.checker.error(eql::BAD_REGEX, span, message, help));
        }
        if let Some(doubt) = regex_doubt(pattern) {
            self.checker.warning(eql::DOUBTFUL_REGEX, span, doubt, "Elasticsearch reads it so, too");
        }
        let Target::One(known) = &target else { return Ok(Condition::Const(false)) };
        if known.words {
            let what = format!("`regexp` is not applied to the words of [{}]", known.field.path);
            return Err(self.unsupported(span, &what));
        }
        let test = Test::Regex {
            value: Value::Field(known.field.clone()),
            patterns: vec![pattern.to_owned()],
            case: case(known),
        };
        Ok(self.leaf(test, span))
    }
}

fn case(known: &Known) -> Case {
    if known.caseless { Case::Insensitive } else { Case::Sensitive }
}

/// A pattern of `like`, or a regular expression where a text holds a wildcard.
fn whole(known: &Known, parts: &[Part]) -> Test {
    let value = Value::Field(known.field.clone());
    let literal = parts.iter().any(|part| matches!(part, Part::Text(text) if text.contains(['*', '?'])));
    let pattern = parts.iter().map(|part| match part {
        Part::Text(text) => {
            if literal {
                escape_regex(text)
            } else {
                text.clone()
            }
        }
        Part::One => if literal { "." } else { "?" }.to_owned(),
        Part::Many => if literal { ".*" } else { "*" }.to_owned(),
    });
    let patterns = vec![pattern.collect()];
    if literal {
        Test::Regex { value, patterns, case: case(known) }
    } else {
        Test::Like { value, patterns, case: case(known) }
    }
}

/// A piece of a pattern.
#[derive(Debug, PartialEq)]
pub(super) enum Part {
    /// As it is.
    Text(String),
    /// `?`
    One,
    /// `*`
    Many,
}

/// The parts of a pattern in which a backslash makes the next character plain; at the end it stands for itself.
pub(super) fn wildcard_parts(pattern: &str) -> Vec<Part> {
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
            Part::Text(text) => between.last_mut()?.push_str(&crate::meaning::words::lower_case(text)),
            Part::Many => between.push(String::new()),
            Part::One => return None,
        }
    }
    Some(between)
}
