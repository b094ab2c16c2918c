//! Patterns: the compiled form of `like` and `regex` against the reference evaluator.

use arbitrary::{Result, Unstructured};
use bumpalo::Bump;
use rule_compiler::lower::regex::RegexError;
use rule_compiler::lower::{LowerError, lower};
use rule_lang::condition::{Condition, Field, Leaf, Test, Value};
use rule_lang::eql::ast::Case;
use rule_lang::meaning::{self, regex::Regex};
use rule_lang::schema::FieldType;
use rule_lang::span::Span;
use rule_runtime::event::{Event, Slot, SlotTree};
use rule_runtime::matcher::Scratch;
use rule_runtime::reader::read_line;

/// Reads the bytes as wildcard patterns and values; both evaluators agree about every value.
///
/// # Panics
/// If they do not.
pub fn pattern(bytes: &[u8]) {
    // An error means that there are not enough bytes.
    let _ = run(bytes, |value, patterns, case| Test::Like { value, patterns, case });
}

/// The same for regular expressions. Both read the same ones, but for those that need too large an automaton.
///
/// # Panics
/// If they do not agree.
pub fn regex(bytes: &[u8]) {
    let _ = run(bytes, |value, patterns, case| Test::Regex { value, patterns, case });
}

/// Gives the number of events that match.
fn run(bytes: &[u8], test: impl Fn(Value, Vec<String>, Case) -> Test) -> Result<usize> {
    let mut u = Unstructured::new(bytes);
    let case = if u.arbitrary()? { Case::Sensitive } else { Case::Insensitive };
    let patterns: Vec<_> = (0..u.int_in_range(1..=3)?).map(|_| text(&mut u)).collect::<Result<_>>()?;
    let field = Value::Field(Field { path: "f".into(), ty: FieldType::Keyword });
    let test = test(field, patterns, case);
    let arena = Bump::new();
    let readable = match &test {
        Test::Regex { patterns, .. } => patterns.iter().all(|pattern| Regex::parse(pattern).is_ok()),
        _ => true,
    };
    let predicate = match lower(&test, &mut |_| Slot(0), &arena) {
        Ok(predicate) => predicate,
        Err(LowerError::Regex { error: RegexError::TooLarge, .. }) => return Ok(0),
        Err(error) => {
            assert!(!readable, "{test:?} is refused: {error}");
            return Ok(0);
        }
    };
    assert!(readable, "{test:?} is accepted");
    let leaf = Condition::Leaf(Leaf { test: test.clone(), span: Span::default() });
    let tree = SlotTree::build(&["f"]).expect("one path");
    let mut scratch = Scratch::new();
    let mut event = Event::with_slots(1);
    let mut matches = 0;
    while !u.is_empty() {
        let values: Vec<_> = (0..u.int_in_range(0..=2)?).map(|_| text(&mut u)).collect::<Result<_>>()?;
        let line = serde_json::json!({ "f": values }).to_string();
        let meant = meaning::holds(&leaf, &meaning::Event::from_json(&line).expect("JSON"));
        read_line(&tree.as_ref(), line.as_bytes(), &mut event).expect("JSON");
        scratch.next_event();
        let found = predicate.eval(event.view(line.as_bytes()), &mut scratch);
        assert_eq!(found, meant, "{test:?} over {line}");
        matches += usize::from(found);
    }
    Ok(matches)
}

/// A short text, mostly of characters that mean something.
fn text(u: &mut Unstructured<'_>) -> Result<String> {
    const USUAL: &[char] = &[
        'a', 'A', 'b', 'c', '*', '*', '?', '.', '+', '|', '&', '~', '(', ')', '[', ']', '^', '-', '{', '}',
        '1', '2', ',', '<', '>', '#', '@', '"', '\\', '\n', ' ', 'd', 'W', 'é', 'É', 'ß', 'k', '\u{212A}',
        '🦀', '/', '$', ':',
    ];
    let len = u.int_in_range(0..=16)?;
    let character = |_| {
        let number: u8 = u.arbitrary()?;
        match USUAL.get(usize::from(number)) {
            Some(&usual) => Ok(usual),
            None if number < 0xF0 => Ok(USUAL[usize::from(number) % 8]),
            None => u.arbitrary(),
        }
    };
    (0..len).map(character).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generators_make_patterns_that_match_something() {
        let mut state = 1_u64;
        let mut byte = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        let inputs: Vec<Vec<u8>> = (0..2_000).map(|_| (0..120).map(|_| byte()).collect()).collect();
        let like = |value, patterns, case| Test::Like { value, patterns, case };
        let regex = |value, patterns, case| Test::Regex { value, patterns, case };
        let matching = |found: Result<usize>| found.is_ok_and(|matches| matches > 0);
        let likes = inputs.iter().filter(|bytes| matching(run(bytes, like))).count();
        let regexes = inputs.iter().filter(|bytes| matching(run(bytes, regex))).count();
        assert!(likes > 300 && regexes > 50, "{likes}, {regexes}");
    }
}
