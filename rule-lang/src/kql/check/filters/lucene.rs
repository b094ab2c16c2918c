//! `query_string`: the part of Lucene's query language that has one meaning only.
//!
//! Terms, phrases, patterns, ranges and `_exists_`, joined by `AND` or `OR` with parentheses between the two, and `NOT` in
//! front of a part of an `AND`. Lucene has no precedence of operators, and what stands beside a weight, a distance or a
//! regular expression is not read, so that no rule matches what its author did not mean.

use std::ops::Range;

use super::super::super::ast::{Literal, LiteralKind, Text};
use super::super::fields::Target;
use super::super::{Check, negated};
use super::pattern::{Part, wildcard_parts};
use super::{NO_EFFECT, Reader, entries, list, text};
use crate::check::{all, any};
use crate::condition::Condition;
use crate::eql::ast::CompareOp;
use crate::file::{Entry, Node, NodeKind};
use crate::span::Span;

/// Parentheses inside each other.
const MAX_NESTING: usize = 32;

impl Reader<'_> {
    pub(super) fn query_string(&mut self, clause: &Entry) -> Check<Condition> {
        let (mut query, mut fields, mut every) = (None, None, false);
        for entry in entries(&clause.value) {
            match (&*entry.key, text(&entry.value)) {
                ("query", Some(_)) => query = Some(&entry.value),
                ("default_field", Some(_)) => fields = Some(std::slice::from_ref(&entry.value)),
                ("fields", _) => fields = list(&entry.value),
                ("default_operator", Some(word)) => every = word.eq_ignore_ascii_case("and"),
                ("analyze_wildcard" | "enable_position_increments", _) => {}
                ("allow_leading_wildcard", _) if entry.value.kind == NodeKind::Bool(true) => {}
                (key, _) if NO_EFFECT.contains(&key) => {}
                _ => return Err(self.not_applied(entry, "query_string")),
            }
        }
        let Some(NodeKind::Text { value, map }) = query.map(|node| &node.kind) else {
            return Err(self.malformed(clause.key_span, "`query_string` has no `query`"));
        };
        let mut parser = Parser { text: value, at: 0, every, nesting: 0 };
        let place = |range: Range<usize>| map.span(Span::new(range.start as u32, range.end as u32));
        match parser.query() {
            Ok(tree) => {
                let meant = Meant { fields, every, span: clause.key_span, place: &place };
                self.tree(&tree, &meant)
            }
            Err(Problem { at, what }) => {
                Err(self.unsupported(place(at), &format!("in a query string {what}")))
            }
        }
    }

    fn tree(&mut self, tree: &Tree, meant: &Meant<'_>) -> Check<Condition> {
        Ok(match tree {
            Tree::And(parts) => all(self.trees(parts, meant)?),
            Tree::Or(parts) => any(self.trees(parts, meant)?),
            Tree::Not(inner) => negated(self.tree(inner, meant)?),
            Tree::Is { field: Some((name, at)), value, at: value_at } if name == "_exists_" => {
                let Value::Term(name) = value else {
                    return Err(
                        self.unsupported((meant.place)(at.clone()), "`_exists_` needs the name of a field")
                    );
                };
                self.has_value(&name.replace('\\', ""), (meant.place)(value_at.clone()))?
            }
            Tree::Is { field, value, at } => {
                let span = (meant.place)(at.clone());
                let name = field.as_ref().map(|(name, at)| (&**name, (meant.place)(at.clone())));
                self.is(name, value, span, meant)?
            }
        })
    }

    fn trees(&mut self, parts: &[Tree], meant: &Meant<'_>) -> Check<Vec<Condition>> {
        let parts: Vec<_> = parts.iter().map(|part| self.tree(part, meant)).collect();
        parts.into_iter().collect()
    }

    fn is(
        &mut self,
        field: Option<(&str, Span)>,
        value: &Value,
        span: Span,
        meant: &Meant<'_>,
    ) -> Check<Condition> {
        let literal = |text: Text| Literal { kind: LiteralKind::Text(text), span };
        let bound = |text: &String| literal(Text::Quoted(text.clone()));
        let targets = match (field, value) {
            (Some(("*", _)) | None, Value::Term(term)) if term == "*" => return Ok(Condition::Const(true)),
            (Some((name, place)), Value::Range(bounds)) => {
                let bounds = bounds.iter().map(|(op, text)| self.bound(name, place, *op, &bound(text)));
                return bounds.collect::<Check<Vec<_>>>().map(all);
            }
            (Some((name, place)), _) => vec![self.named(name, place)?],
            (None, _) => self.targets(meant.fields, meant.span)?,
        };
        let each = targets.iter().map(|target| match value {
            Value::Phrase(text) => {
                self.checker.one_of(target, &[&literal(Text::Quoted(text.clone()))], self.at(span))
            }
            Value::Term(term) => self.lucene_term(target, term, span, meant.every),
            Value::Range(_) => Err(self.unsupported(span, "a range in a query string needs a field")),
        });
        each.collect::<Check<Vec<_>>>().map(any)
    }

    fn lucene_term(&mut self, target: &Target, term: &str, span: Span, every: bool) -> Check<Condition> {
        let text = match &wildcard_parts(term)[..] {
            [] => String::new(),
            [Part::Text(text)] => text.clone(),
            [Part::Many] => {
                let everything = LiteralKind::Text(Text::Pattern(vec![String::new(), String::new()]));
                return self.checker.one_of(target, &[&Literal { kind: everything, span }], self.at(span));
            }
            parts => return self.pattern(target, parts, span),
        };
        if every {
            return self.all_words(target, &text, span);
        }
        let literal = Literal { kind: LiteralKind::Text(Text::Plain(text)), span };
        self.checker.one_of(target, &[&literal], self.at(span))
    }
}

/// What a query string is read with.
struct Meant<'a> {
    fields: Option<&'a [Node]>,
    /// All words of a term have to be there.
    every: bool,
    span: Span,
    place: &'a dyn Fn(Range<usize>) -> Span,
}

enum Tree {
    And(Vec<Tree>),
    Or(Vec<Tree>),
    Not(Box<Tree>),
    Is { field: Option<(String, Range<usize>)>, value: Value, at: Range<usize> },
}

enum Value {
    /// In quotes.
    Phrase(String),
    /// As written, with its wildcards and escapes.
    Term(String),
    Range(Vec<(CompareOp, String)>),
}

/// What is not read.
struct Problem {
    at: Range<usize>,
    what: String,
}

type Parsed<T> = Result<T, Problem>;

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// Parts without an operator between them are joined by `AND`.
    every: bool,
    nesting: usize,
}

impl<'t> Parser<'t> {
    fn query(&mut self) -> Parsed<Tree> {
        let tree = self.chain(None)?;
        if self.at < self.text.len() {
            return Err(self.here("there is a `)` too many"));
        }
        Ok(tree)
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn here(&self, what: &str) -> Problem {
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        Problem { at: self.at..self.at + length, what: what.to_owned() }
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Takes one of the words, if it stands here by itself.
    fn word(&mut self, words: [&str; 2]) -> bool {
        let found = words.iter().find(|word| {
            let rest = self.rest().strip_prefix(**word);
            rest.is_some_and(|rest| {
                !word.starts_with(char::is_alphabetic) || rest.starts_with([' ', '\t', '\n', '('])
            })
        });
        self.at += found.map_or(0, |word| word.len());
        found.is_some()
    }

    /// Parts up to the end or a closing parenthesis.
    fn chain(&mut self, field: Option<&(String, Range<usize>)>) -> Parsed<Tree> {
        let start = self.at;
        let (mut parts, mut joined) = (Vec::new(), None);
        loop {
            self.skip_blanks();
            if self.rest().is_empty() || self.rest().starts_with(')') {
                break;
            }
            if !parts.is_empty() {
                let at = self.at;
                let and =
                    if self.word(["AND", "&&"]) { true } else { !self.word(["OR", "||"]) && self.every };
                if joined.is_some_and(|joined| joined != and) {
                    let what = "`AND` and `OR` need parentheses between them".to_owned();
                    return Err(Problem { at: at..self.at.max(at + 1), what });
                }
                joined = Some(and);
                self.skip_blanks();
            }
            parts.push(self.part(field)?);
        }
        let negative = parts.iter().filter(|part| matches!(part, Tree::Not(_))).count();
        let whole = start..self.at;
        if parts.is_empty() {
            return Err(Problem { at: whole, what: "a value is missing".to_owned() });
        }
        let alone = negative == parts.len() && self.nesting > 0;
        if negative > 0 && (alone || (parts.len() > 1 && joined != Some(true))) {
            let what = "`NOT` is read in front of a part of an `AND` only".to_owned();
            return Err(Problem { at: whole, what });
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ if joined == Some(true) => Tree::And(parts),
            _ => Tree::Or(parts),
        })
    }

    fn part(&mut self, field: Option<&(String, Range<usize>)>) -> Parsed<Tree> {
        if self.word(["NOT", "!"]) {
            self.skip_blanks();
            return match self.part(field)? {
                Tree::Not(_) => Err(self.here("`NOT` is read once")),
                part => Ok(Tree::Not(Box::new(part))),
            };
        }
        let start = self.at;
        match self.rest().chars().next() {
            Some('(') => self.group(field),
            Some('"') => {
                let phrase = self.quoted()?;
                self.is(field, Value::Phrase(phrase), start)
            }
            Some('[' | '{') if field.is_some() => {
                let range = self.range()?;
                self.is(field, range, start)
            }
            Some('<' | '>') if field.is_some() => {
                let ops = [
                    (">=", CompareOp::Ge),
                    ("<=", CompareOp::Le),
                    (">", CompareOp::Gt),
                    ("<", CompareOp::Lt),
                ];
                let (sign, op) =
                    ops.into_iter().find(|(sign, _)| self.rest().starts_with(sign)).unwrap_or(ops[2]);
                self.at += sign.len();
                let bound = self.term()?.to_owned();
                self.is(field, Value::Range(vec![(op, bound.replace('\\', ""))]), start)
            }
            _ => self.term_or_field(field),
        }
    }

    fn group(&mut self, field: Option<&(String, Range<usize>)>) -> Parsed<Tree> {
        if self.nesting == MAX_NESTING {
            return Err(self.here("parentheses nest too deep"));
        }
        self.at += 1;
        self.nesting += 1;
        let tree = self.chain(field)?;
        self.nesting -= 1;
        if !self.rest().starts_with(')') {
            return Err(self.here("a `(` is not closed"));
        }
        self.at += 1;
        self.ended()?;
        Ok(tree)
    }

    fn term_or_field(&mut self, field: Option<&(String, Range<usize>)>) -> Parsed<Tree> {
        let start = self.at;
        let term = self.term()?.to_owned();
        let at = start..self.at;
        if !self.rest().starts_with(':') {
            return self.is(field, Value::Term(term), start);
        }
        if field.is_some() {
            return Err(self.here("there is a field inside the values of another"));
        }
        self.at += 1;
        self.skip_blanks();
        self.part(Some(&(term.replace('\\', ""), at)))
    }

    fn is(&mut self, field: Option<&(String, Range<usize>)>, value: Value, start: usize) -> Parsed<Tree> {
        self.ended()?;
        Ok(Tree::Is { field: field.cloned(), value, at: start..self.at })
    }

    /// Nothing that changes what stood before.
    fn ended(&self) -> Parsed<()> {
        match self.rest().chars().next() {
            Some('^') => Err(self.here("weights are not read")),
            Some('~') => Err(self.here("distances are not read")),
            _ => Ok(()),
        }
    }

    /// Characters up to a blank or a sign, with their escapes.
    fn term(&mut self) -> Parsed<&'t str> {
        let rest = self.rest();
        if rest.starts_with(['+', '-', '/', '=', '&', '|']) {
            return Err(self.here("this sign at the start of a part is not read"));
        }
        let mut escaped = false;
        let mut end = rest.len();
        for (at, letter) in rest.char_indices() {
            if escaped {
                if letter == 'u' {
                    return Err(self.here("characters by their numbers are not read"));
                }
                escaped = false;
            } else if letter == '\\' {
                escaped = true;
            } else if letter.is_whitespace() || "():\"[]{}^~".contains(letter) {
                end = at;
                break;
            }
        }
        let term = &rest[..end];
        if escaped || term.is_empty() || matches!(term, "AND" | "OR" | "NOT") {
            return Err(self.here("a value is missing"));
        }
        self.at += end;
        Ok(term)
    }

    fn quoted(&mut self) -> Parsed<String> {
        let start = self.at;
        let mut text = String::new();
        let mut letters = self.rest().char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.at = start + at + 1;
                    return Ok(text);
                }
                '\\' => match letters.next() {
                    Some((_, 'u')) | None => break,
                    Some((_, letter)) => text.push(letter),
                },
                letter => text.push(letter),
            }
        }
        Err(self.here("quotes are not closed, or hold characters by their numbers"))
    }

    /// `[a TO b]`, `{a TO *}`
    fn range(&mut self) -> Parsed<Value> {
        let above = if self.rest().starts_with('[') { CompareOp::Ge } else { CompareOp::Gt };
        self.at += 1;
        let mut bounds = Vec::new();
        self.skip_blanks();
        let low = self.range_bound()?;
        self.skip_blanks();
        if !self.word(["TO", "TO"]) {
            return Err(self.here("a range is `[a TO b]`"));
        }
        self.skip_blanks();
        let high = self.range_bound()?;
        self.skip_blanks();
        let below = match self.rest().chars().next() {
            Some(']') => CompareOp::Le,
            Some('}') => CompareOp::Lt,
            _ => return Err(self.here("a range is `[a TO b]`")),
        };
        self.at += 1;
        for (op, bound) in [(above, low), (below, high)] {
            if bound != "*" {
                bounds.push((op, bound));
            }
        }
        if bounds.is_empty() {
            return Ok(Value::Term("*".to_owned()));
        }
        Ok(Value::Range(bounds))
    }

    fn range_bound(&mut self) -> Parsed<String> {
        if self.rest().starts_with('"') {
            return self.quoted();
        }
        let rest = self.rest();
        let end = rest.find([' ', '\t', '\n', ']', '}', '\\']).unwrap_or(rest.len());
        if end == 0 {
            return Err(self.here("a bound is missing"));
        }
        self.at += end;
        Ok(rest[..end].to_owned())
    }
}
