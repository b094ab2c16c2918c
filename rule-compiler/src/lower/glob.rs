//! Wildcard patterns by where their literal text stands.

use bumpalo::Bump;
use rule_lang::eql::ast::Case as QueryCase;
use rule_runtime::matcher::Case;
use rule_runtime::matcher::glob::{Needle, Pattern, Shape};

/// The case that matters for these texts: without letters there is none to ignore, and values need not be folded.
pub(super) fn case_of<'t>(texts: impl IntoIterator<Item = &'t str>, case: QueryCase) -> Case {
    let has_letters = |text: &str| text.bytes().any(|byte| byte.is_ascii_alphabetic());
    match case {
        QueryCase::Insensitive if texts.into_iter().any(has_letters) => Case::Insensitive,
        QueryCase::Insensitive | QueryCase::Sensitive => Case::Sensitive,
    }
}

/// A text as it is compared: in lower case if case is ignored.
pub(super) fn literal<'a>(text: &str, case: Case, arena: &'a Bump) -> &'a [u8] {
    let copy = arena.alloc_slice_copy(text.as_bytes());
    if case == Case::Insensitive {
        copy.make_ascii_lowercase();
    }
    copy
}

/// The patterns of a list, sorted, each once.
pub(super) fn patterns<'a>(texts: &[String], case: Case, arena: &'a Bump) -> Vec<Pattern<'a>> {
    let mut patterns: Vec<_> = texts.iter().map(|text| pattern(text, case, arena)).collect();
    patterns.sort_unstable();
    patterns.dedup();
    patterns
}

fn pattern<'a>(text: &str, case: Case, arena: &'a Bump) -> Pattern<'a> {
    let text = literal(text, case, arena);
    Pattern::new(if text.contains(&b'?') { Shape::Wild(text) } else { shape(text, arena) })
}

/// The pattern of what stands between its wildcards, all of which is literal.
pub(super) fn pattern_of_parts<'a>(parts: &[String], arena: &'a Bump) -> Pattern<'a> {
    let parts = parts.iter().map(|part| literal(part, Case::Sensitive, arena)).collect();
    Pattern::new(shape_of_parts(parts, arena))
}

/// The shape of a pattern without `?`.
fn shape<'a>(text: &'a [u8], arena: &'a Bump) -> Shape<'a> {
    shape_of_parts(text.split(|byte| *byte == b'*').collect(), arena)
}

fn shape_of_parts<'a>(mut parts: Vec<&'a [u8]>, arena: &'a Bump) -> Shape<'a> {
    let suffix = parts.pop().unwrap_or_default();
    if parts.is_empty() {
        return Shape::Exact(suffix);
    }
    let prefix = parts.remove(0);
    parts.retain(|part| !part.is_empty());
    match (prefix, &*parts, suffix) {
        (b"", [], b"") => Shape::Any,
        (b"", [], _) => Shape::Suffix(suffix),
        (_, [], b"") => Shape::Prefix(prefix),
        (_, [], _) => Shape::Around { prefix, suffix },
        (b"", [part], b"") => Shape::Contains(Needle::new(part)),
        (_, middle, _) => {
            let middle = arena.alloc_slice_fill_iter(middle.iter().map(|part| Needle::new(part)));
            Shape::Parts { prefix, middle, suffix }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_classified() {
        let arena = Bump::new();
        let shape = |text| pattern(text, Case::Insensitive, &arena).shape();
        assert_eq!(shape("A"), Shape::Exact(b"a"));
        assert_eq!(shape(""), Shape::Exact(b""));
        assert_eq!(shape("**"), Shape::Any);
        assert_eq!(shape("A*"), Shape::Prefix(b"a"));
        assert_eq!(shape("**a"), Shape::Suffix(b"a"));
        assert_eq!(shape("*a**"), Shape::Contains(Needle::new(b"a")));
        assert_eq!(shape("a*b"), Shape::Around { prefix: b"a", suffix: b"b" });
        let (a, b) = (Needle::new(b"a"), Needle::new(b"b"));
        assert_eq!(shape("*a*b*"), Shape::Parts { prefix: b"", middle: &[a, b], suffix: b"" });
        assert_eq!(shape("a*b*c"), Shape::Parts { prefix: b"a", middle: &[b], suffix: b"c" });
        assert_eq!(shape("?:\\*"), Shape::Wild(b"?:\\*"));
    }

    #[test]
    fn case_matters_only_for_letters() {
        assert_eq!(case_of(["1", "\u{e9}*"], QueryCase::Insensitive), Case::Sensitive);
        assert_eq!(case_of(["1", "a"], QueryCase::Insensitive), Case::Insensitive);
        assert_eq!(case_of(["a"], QueryCase::Sensitive), Case::Sensitive);
    }
}
