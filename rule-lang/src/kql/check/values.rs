//! Leaves: a field against values and bounds (kql.md sections 3 and 5).

use super::super::ast::{FieldName, Literal, LiteralKind, Text};
use super::super::print::literal_text;
use super::fields::{Known, Target};
use super::{Check, Checker, date, leaf, negated};
use crate::check::{any, block_test, is_address, is_block, number_text};
use crate::condition::{Condition, Constant, Test, Value};
use crate::diagnostic::codes::{eql, kql as codes};
use crate::eql::ast::{Case, CompareOp, Number};
use crate::schema::FieldType;
use crate::span::Span;

/// The values of a list by how they are tested.
#[derive(Default)]
struct Sorted {
    exists: bool,
    exact: Vec<Constant>,
    blocks: Vec<Value>,
    /// Patterns of EQL, which has no escapes.
    patterns: Vec<String>,
    /// Patterns in the syntax of Lucene's regular expressions, where a text holds `*` or `?`.
    regexes: Vec<String>,
    dates: Vec<String>,
    phrases: Vec<Vec<String>>,
    words: Vec<Vec<String>>,
}

impl Checker<'_> {
    /// Some value is one of the literals.
    pub(super) fn one_of(&mut self, target: &Target, literals: &[&Literal], span: Span) -> Check<Condition> {
        let mut stop = None;
        for literal in literals.iter().filter(|literal| literal.kind == LiteralKind::Null) {
            stop = Some(self.null(literal));
        }
        if let Some(stop) = stop {
            return Err(stop);
        }
        let known = match target {
            Target::One(known) => known,
            Target::Pattern(name, known) => {
                let everything = name.iter().all(String::is_empty);
                if everything && literals.iter().any(|literal| is_everything(literal)) {
                    return Ok(Condition::Const(true));
                }
                known
            }
            Target::Nothing => return Ok(Condition::Const(false)),
        };
        let mut sorted = Sorted::default();
        for literal in literals {
            self.sort(known, literal, &mut sorted);
        }
        Ok(finish(target, known, sorted, span))
    }

    fn sort(&mut self, known: &Known, literal: &Literal, sorted: &mut Sorted) {
        let text = match &literal.kind {
            LiteralKind::Text(text) => text,
            LiteralKind::Bool(value) => return self.sort_bool(known, *value, literal, sorted),
            LiteralKind::Null => return,
        };
        if text.is_everything() {
            sorted.exists = true;
            return;
        }
        if known.words {
            let (phrases, words) = self.words(text, literal.span);
            sorted.phrases.extend(phrases);
            sorted.words.extend(words);
            return;
        }
        match text {
            Text::Pattern(parts) => {
                if parts.iter().any(|part| part.contains(char::is_whitespace)) {
                    self.blanks_in_pattern(literal);
                }
                if parts.iter().any(|part| part.contains(['*', '?'])) {
                    sorted.regexes.push(regex(parts));
                } else {
                    sorted.patterns.push(parts.join("*"));
                }
            }
            Text::Plain(text) | Text::Quoted(text) => self.sort_exact(known, text, literal, sorted),
        }
    }

    fn sort_bool(&mut self, known: &Known, value: bool, literal: &Literal, sorted: &mut Sorted) {
        match known.field.ty {
            _ if known.words => sorted.phrases.push(vec![value.to_string()]),
            FieldType::Boolean | FieldType::Unknown => sorted.exact.push(Constant::Bool(value)),
            FieldType::Keyword => sorted.exact.push(text_constant(&value.to_string())),
            _ => self.doubtful(known, literal),
        }
    }

    fn sort_exact(&mut self, known: &Known, text: &str, literal: &Literal, sorted: &mut Sorted) {
        match known.field.ty {
            FieldType::Long | FieldType::Double => match number_text(text) {
                Some(number) => sorted.exact.push(Constant::Number(number)),
                None => self.doubtful(known, literal),
            },
            FieldType::Boolean => match text {
                "true" => sorted.exact.push(Constant::Bool(true)),
                "false" => sorted.exact.push(Constant::Bool(false)),
                _ => self.doubtful(known, literal),
            },
            FieldType::Ip if is_address(text) => sorted.exact.push(text_constant(text)),
            FieldType::Ip if is_block(text) => sorted.blocks.push(Value::Constant(text_constant(text))),
            FieldType::Date if self.is_date(text, literal.span) => sorted.dates.push(text.to_owned()),
            FieldType::Ip | FieldType::Date => self.doubtful(known, literal),
            FieldType::Unknown => {
                sorted.exact.push(numeral(text).map_or_else(|| text_constant(text), Constant::Number));
            }
            _ => sorted.exact.push(text_constant(text)),
        }
    }

    /// A value that is none of the field's type matches nothing (kql.md section 3).
    fn doubtful(&mut self, known: &Known, literal: &Literal) {
        let kind = match known.field.ty {
            FieldType::Long | FieldType::Double => "number",
            FieldType::Boolean => "boolean",
            FieldType::Ip => "address or block of addresses",
            FieldType::Date => "date",
            _ => "value of its type",
        };
        let message =
            format!("[{}] is no {kind}, so [{}] never matches", literal_text(literal), known.field.path);
        self.warning(eql::DOUBTFUL_CONSTANT, literal.span, message, "Elasticsearch fails on such a query");
    }

    fn blanks_in_pattern(&mut self, literal: &Literal) {
        let message = format!("[{}] is one pattern, with the blanks in it", literal_text(literal));
        let help = "some versions of Kibana read it as several words, any of which may match";
        self.warning(codes::PATTERN_WITH_BLANKS, literal.span, message, help);
    }

    /// `field op bound`
    pub(super) fn range(
        &mut self,
        field: &FieldName,
        op: CompareOp,
        bound: &Literal,
        span: Span,
    ) -> Check<Condition> {
        let target = self.target(field)?;
        let text = match &bound.kind {
            LiteralKind::Text(text) => text,
            LiteralKind::Null => return Err(self.null(bound)),
            LiteralKind::Bool(_) => {
                let message = format!("[{}] has no order", literal_text(bound));
                return Err(self.error(
                    codes::NO_ORDER,
                    bound.span,
                    message,
                    "write `field: true` or `field: false`",
                ));
            }
        };
        let text = match text {
            Text::Plain(text) | Text::Quoted(text) => text,
            Text::Pattern(_) => {
                let message = format!("[{}] has no order: it is a pattern", literal_text(bound));
                return Err(self.error(
                    codes::NO_ORDER,
                    bound.span,
                    message,
                    "an asterisk that is meant stands in quotes",
                ));
            }
        };
        let known = match &target {
            Target::One(known) | Target::Pattern(_, known) => known,
            Target::Nothing => return Ok(Condition::Const(false)),
        };
        if matches!(target, Target::Pattern(..)) && date::asks_for_now(text) {
            let message = "`now` is not known where the field is a pattern";
            let help = "name the fields one by one, joined with `or`";
            return Err(self.error(codes::NOW_OUT_OF_PLACE, bound.span, message, help));
        }
        let in_range = self.range_test(known, op, text, bound);
        Ok(in_range.map_or(Condition::Const(false), |in_range| target.leaf(in_range, span)))
    }

    fn range_test(&mut self, known: &Known, op: CompareOp, text: &str, bound: &Literal) -> Option<Test> {
        let constant = match known.field.ty {
            FieldType::Long | FieldType::Double => number_text(text).map(Constant::Number),
            FieldType::Ip => is_address(text).then(|| text_constant(text)),
            FieldType::Date if self.is_date(text, bound.span) => {
                return Some(date::test(&known.field, op, text));
            }
            FieldType::Boolean | FieldType::Date => None,
            FieldType::Unknown if date::asks_for_now(text) && self.is_date(text, bound.span) => {
                return Some(date::test(&known.field, op, text));
            }
            FieldType::Unknown => Some(numeral(text).map_or_else(|| text_constant(text), Constant::Number)),
            _ => Some(text_constant(text)),
        };
        let Some(constant) = constant else {
            self.doubtful(known, bound);
            return None;
        };
        let left = Value::Field(known.field.clone());
        Some(Test::Compare { op, left, right: Value::Constant(constant) })
    }
}

/// The tests of a list, any of which has to hold.
fn finish(target: &Target, known: &Known, sorted: Sorted, span: Span) -> Condition {
    let Sorted { exists, mut exact, blocks, patterns, regexes, dates, phrases, words } = sorted;
    let value = || Value::Field(known.field.clone());
    let case = if known.caseless { Case::Insensitive } else { Case::Sensitive };
    let mut alternatives = Vec::new();
    if exists {
        alternatives.push(has_value(target, known, span));
    }
    let mut push = |test| alternatives.push(target.leaf(test, span));
    match exact.len() {
        0 => {}
        1 if !known.caseless => {
            let right = Value::Constant(exact.remove(0));
            push(Test::Compare { op: CompareOp::Eq, left: value(), right });
        }
        _ => push(Test::In { value: value(), list: exact, case }),
    }
    if !blocks.is_empty() {
        push(block_test(value(), blocks));
    }
    if !patterns.is_empty() {
        push(Test::Like { value: value(), patterns, case });
    }
    if !regexes.is_empty() {
        push(Test::Regex { value: value(), patterns: regexes, case });
    }
    for date in dates {
        push(date::test(&known.field, CompareOp::Eq, &date));
    }
    if !phrases.is_empty() {
        push(Test::Phrase { field: known.field.clone(), phrases });
    }
    if !words.is_empty() {
        push(Test::Word { field: known.field.clone(), patterns: words });
    }
    any(alternatives)
}

/// `field: *`
fn has_value(target: &Target, known: &Known, span: Span) -> Condition {
    let value = Value::Field(known.field.clone());
    let anything = |value| Test::Like { value, patterns: vec!["*".to_owned()], case: Case::Sensitive };
    match target {
        Target::One(_) if known.objects => {
            let below = Test::AnyField {
                name: vec![format!("{}.", known.field.path), String::new()],
                test: Box::new(anything(value.clone())),
            };
            any(vec![negated(leaf(Test::IsNull(value), span)), leaf(below, span)])
        }
        Target::One(_) => negated(leaf(Test::IsNull(value), span)),
        Target::Pattern(..) | Target::Nothing => target.leaf(anything(value), span),
    }
}

fn is_everything(literal: &Literal) -> bool {
    matches!(&literal.kind, LiteralKind::Text(text) if text.is_everything())
}

fn text_constant(text: &str) -> Constant {
    Constant::Text(text.into())
}

/// The number that a text is, if it is written the way events write numbers: no sign but `-`, no leading zero, no
/// exponent, and few enough digits that no two texts are the same number. Other texts of digits (`007`) are text.
fn numeral(text: &str) -> Option<Number> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let plain = all_digits(whole) && (whole == "0" || !whole.starts_with('0'));
    let fits = match fraction {
        Some(fraction) => all_digits(fraction) && whole.len() + fraction.len() <= 15,
        None => text != "-0",
    };
    number_text(text)
        .filter(|number| plain && fits && (fraction.is_some() || !matches!(number, Number::Double(_))))
}

/// A pattern as a regular expression of Lucene.
fn regex(parts: &[String]) -> String {
    parts.iter().map(|part| escape_regex(part)).collect::<Vec<_>>().join(".*")
}

/// A text as a regular expression of Lucene that matches it alone.
pub(super) fn escape_regex(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if ".?+*|{}[]()\"\\#@&<>~".contains(letter) {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
