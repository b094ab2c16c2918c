//! The functions of eql.md section 10 over single values.
//!
//! In: a function, whether it ignores case, its arguments. Out: its value. Offsets count characters.

use crate::condition::Function;
use crate::eql::ast::{Case, Number};

use super::datum::Datum;
use super::pattern::same;
use super::{address, number};

/// Applies a function. Null is also the answer to what Elasticsearch reports as an error at run time.
pub(crate) fn apply(function: Function, case: Case, arguments: &[Datum]) -> Datum {
    let result = match function {
        Function::Between => between(case, arguments).map(Datum::Text),
        Function::CidrMatch => cidr_match(arguments).map(Datum::Bool),
        Function::Concat => concat(arguments).map(Datum::Text),
        Function::EndsWith => with_two(arguments, |s, p| ends_with(s, p, case)).map(Datum::Bool),
        Function::IndexOf => index_of(case, arguments).map(count),
        Function::Length => chars(arguments, 0).map(|s| count(s.len())),
        Function::Number => number_function(arguments).map(Datum::Number),
        Function::StartsWith => with_two(arguments, |s, p| starts_with(s, p, case)).map(Datum::Bool),
        Function::String => text(arguments, 0).map(Datum::Text),
        Function::StringContains => with_two(arguments, |s, p| contains(s, p, case)).map(Datum::Bool),
        Function::Substring => substring(arguments).map(Datum::Text),
    };
    result.unwrap_or(Datum::Null)
}

fn text(arguments: &[Datum], index: usize) -> Option<String> {
    arguments.get(index)?.text()
}

fn chars(arguments: &[Datum], index: usize) -> Option<Vec<char>> {
    Some(text(arguments, index)?.chars().collect())
}

/// An optional argument counts as given unless it is left out or null.
fn given(arguments: &[Datum], index: usize) -> Option<&Datum> {
    arguments.get(index).filter(|argument| **argument != Datum::Null)
}

fn count(n: usize) -> Datum {
    let long = || i64::try_from(n).map_or(Datum::Null, |n| Datum::Number(Number::Long(n)));
    i32::try_from(n).map_or_else(|_| long(), |n| Datum::Number(Number::Int(n)))
}

fn with_two<T>(arguments: &[Datum], test: impl Fn(&[char], &[char]) -> T) -> Option<T> {
    Some(test(&chars(arguments, 0)?, &chars(arguments, 1)?))
}

fn starts_with(s: &[char], prefix: &[char], case: Case) -> bool {
    s.len() >= prefix.len() && s.iter().zip(prefix).all(|(a, b)| same(*a, *b, case))
}

fn ends_with(s: &[char], suffix: &[char], case: Case) -> bool {
    s.len() >= suffix.len() && starts_with(&s[s.len() - suffix.len()..], suffix, case)
}

/// Neither an empty string nor an empty part is contained in anything, or contains anything.
fn contains(s: &[char], part: &[char], case: Case) -> bool {
    !s.is_empty() && !part.is_empty() && find(s, part, 0, case).is_some()
}

/// The first place at or after `start` where `part` stands.
fn find(s: &[char], part: &[char], start: usize, case: Case) -> Option<usize> {
    (start..=s.len()).find(|at| starts_with(&s[*at..], part, case))
}

fn find_last(s: &[char], part: &[char], start: usize, case: Case) -> Option<usize> {
    (start..=s.len()).rev().find(|at| starts_with(&s[*at..], part, case))
}

fn between(case: Case, arguments: &[Datum]) -> Option<String> {
    let (s, left, right) = (chars(arguments, 0)?, chars(arguments, 1)?, chars(arguments, 2)?);
    let greedy = arguments.get(3).map_or(Some(false), Datum::bool)?;
    if s.is_empty() || left.is_empty() || right.is_empty() {
        return Some(s.into_iter().collect());
    }
    let found = find(&s, &left, 0, case).and_then(|at| {
        let start = at + left.len();
        let search = if greedy { find_last } else { find };
        Some(&s[start..search(&s, &right, start, case)?])
    });
    Some(found.unwrap_or_default().iter().collect())
}

fn cidr_match(arguments: &[Datum]) -> Option<bool> {
    let (address, blocks) = arguments.split_first()?;
    let Some(address) = address::parse(&address.text()?) else { return Some(false) };
    Some(blocks.iter().filter_map(Datum::text).any(|block| address::in_block(address, &block) == Some(true)))
}

fn concat(arguments: &[Datum]) -> Option<String> {
    arguments.iter().map(Datum::text).collect()
}

fn index_of(case: Case, arguments: &[Datum]) -> Option<usize> {
    let (s, part) = (chars(arguments, 0)?, chars(arguments, 1)?);
    let start = given(arguments, 2).map_or(Some(0), Datum::integer)?;
    find(&s, &part, usize::try_from(start.max(0)).ok()?, case)
}

fn number_function(arguments: &[Datum]) -> Option<Number> {
    let text = text(arguments, 0)?;
    let hexadecimal = text.strip_prefix("0x");
    let base = match (given(arguments, 1), hexadecimal) {
        (Some(base), _) => base.integer()?,
        (None, Some(_)) => 16,
        (None, None) => 10,
    };
    match base {
        10 => number::parse_decimal(&text).or_else(|| {
            let trimmed = number::parse_decimal(text.trim_matches(|c: char| c.is_ascii_whitespace()))?;
            matches!(trimmed, Number::Double(_)).then_some(trimmed)
        }),
        2..=36 => {
            let digits = if base == 16 { hexadecimal.unwrap_or(&text) } else { &text };
            i64::from_str_radix(digits, u32::try_from(base).ok()?).ok().map(Number::Long)
        }
        _ => None,
    }
}

fn substring(arguments: &[Datum]) -> Option<String> {
    let s = chars(arguments, 0)?;
    let length = i64::try_from(s.len()).unwrap_or(i64::MAX);
    let place = |index: i64| {
        let from_front = if index < 0 { index.saturating_add(length) } else { index };
        usize::try_from(from_front.clamp(0, length)).unwrap_or(0)
    };
    let Some(start) = given(arguments, 1) else { return Some(s.iter().collect()) };
    let start = place(start.integer()?);
    let end = given(arguments, 2).map_or(Some(s.len()), |end| Some(place(end.integer()?)))?;
    Some(s.get(start..end).unwrap_or_default().iter().collect())
}
