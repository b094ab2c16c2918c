use proptest::prelude::*;

use super::*;
use crate::source::TextMap;

fn tree(source: &str) -> Node {
    parse(&SourceFile::new("t.yml", source), FileId(0))
        .unwrap_or_else(|found| panic!("{source:?}: {found:?}"))
}

fn errors(source: &str) -> Vec<Diagnostic> {
    parse(&SourceFile::new("t.yml", source), FileId(0)).expect_err("an error")
}

fn text_of(source: &str) -> (String, TextMap) {
    match &tree(source).get("q").expect("the key q").kind {
        NodeKind::Text { value, map } => (value.clone(), map.clone()),
        other => panic!("not text: {other:?}"),
    }
}

/// The decoded text, each character with what the file has in its place.
fn places(source: &str) -> (String, String) {
    let (value, map) = text_of(source);
    let there = value.char_indices().map(|(at, _)| {
        let offset = map.offset(at as u32) as usize;
        source[offset..].chars().next().unwrap_or('$')
    });
    let there = there.collect();
    (value, there)
}

#[test]
fn scalars_of_the_core_schema() {
    for (written, kind) in [
        ("~", NodeKind::Null),
        ("", NodeKind::Null),
        ("true", NodeKind::Bool(true)),
        ("21", NodeKind::Integer(21)),
        ("-0x1f", NodeKind::Text { value: "-0x1f".to_owned(), map: TextMap::starting_at(3) }),
        ("0x1f", NodeKind::Integer(31)),
        ("2.5", NodeKind::Float(2.5)),
        ("1e3", NodeKind::Float(1000.0)),
        ("99999999999999999999", NodeKind::Float(1e20)),
    ] {
        assert_eq!(tree(&format!("q: {written}\n")).get("q").unwrap().kind, kind, "{written}");
    }
    for text in
        ["5m", "now-9m", "2024/01/01", "2024-01-01", "1.2.3", "yes", "'21'", "\"true\"", "!!str 21", "1e"]
    {
        let (value, _) = text_of(&format!("q: {text}\n"));
        assert_eq!(value, text.trim_start_matches("!!str ").trim_matches(['\'', '"']), "{text}");
    }
}

#[test]
fn spans_of_values_and_keys() {
    let source = "é: 'x' # c\nrule:\n  name: \"a b\"\n  tags: [a, 'b']\n  threat:\n  - id: T1\n    n: 1\n";
    let tree = tree(source);
    let at = |node: &Node| &source[node.span.range()];
    assert_eq!(at(tree.get("é").unwrap()), "'x'");
    let rule = tree.get("rule").unwrap();
    assert_eq!(at(rule), "rule");
    assert_eq!(at(rule.get("name").unwrap()), "\"a b\"");
    assert_eq!(at(rule.get("tags").unwrap()), "[a, 'b']");
    let NodeKind::List(threats) = &rule.get("threat").unwrap().kind else { panic!("a list") };
    assert_eq!(at(&threats[0]), "id");
}

#[test]
fn literal_blocks() {
    let source = "q: |\n  one\n   two\n\n  three\nz: 1\n";
    assert_eq!(places(source), ("one\n two\n\nthree\n".to_owned(), "one\n two\n\nthree\n".to_owned()));
    let (value, map) = text_of(source);
    let three = value.find("three").unwrap() as u32;
    assert_eq!(map.span(Span::new(three, three + 5)), Span::new(21, 26));
}

#[test]
fn blocks_that_start_with_empty_lines() {
    assert_eq!(places("q: |\n\n  \n  one\n"), ("\n\none\n".to_owned(), "\n\none\n".to_owned()));
    assert_eq!(places("q: >-\n\n  one\n"), ("\none".to_owned(), "\none".to_owned()));
}

#[test]
fn chomping_and_indentation_headers() {
    assert_eq!(places("q: |-\n  a\n\nz: 1\n"), ("a".to_owned(), "a".to_owned()));
    assert_eq!(places("q: |+\n  a\n\nz: 1\n"), ("a\n\n".to_owned(), "a\n\n".to_owned()));
    assert_eq!(places("q: |2-  # why\n    a\n   b\n"), ("  a\n b".to_owned(), "  a\n b".to_owned()));
    assert_eq!(places("q: |\n  a").0.trim_end(), "a");
    assert_eq!(places("q: |\nz: 1\n"), (String::new(), String::new()));
}

#[test]
fn folded_blocks() {
    let (value, there) = places("q: >\n  one\n  two\n\n  three\n    four\n  five\n");
    assert_eq!(value, "one two\nthree\n  four\nfive\n");
    assert_eq!(there, "one\ntwo\nthree\n  four\nfive\n");
}

#[test]
fn crlf_reads_as_lf() {
    assert_eq!(places("q: |\r\n  a\r\n\r\n  b\r\nz: 1\r\n"), ("a\n\nb\n".to_owned(), "a\n\nb\n".to_owned()));
    assert_eq!(places("q: >-\r\n  a\r\n  b\r\n"), ("a b".to_owned(), "a\nb".to_owned()));
    assert_eq!(places("q: \"a\r\n  b\"\r\n"), ("a b".to_owned(), "a\nb".to_owned()));
}

#[test]
fn flow_scalars() {
    assert_eq!(
        places("q: one\n  two\n\n  three # c\n"),
        ("one two\nthree".to_owned(), "one\ntwo\nthree".to_owned())
    );
    assert_eq!(places("q: 'it''s  é\n  x' # c\n"), ("it's  é x".to_owned(), "it's  é\nx".to_owned()));
    assert_eq!(places("q: \"a\\tb\\\\c\\\n   d\\x41\"\n"), ("a\tb\\cdA".to_owned(), "a\\b\\cd\\".to_owned()));
    assert_eq!(places("q: &a !!str x\n"), ("x".to_owned(), "x".to_owned()));
    assert_eq!(places("q: &a # c\n  x\n"), ("x".to_owned(), "x".to_owned()));
}

#[test]
fn duplicate_keys_are_all_told() {
    let source = "a: 1\na: 2\nb:\n  c: 1\n  c: 2\n";
    let found = errors(source);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|found| found.code == codes::file::DUPLICATE_KEY));
    assert_eq!(found[0].primary.span, Span::new(5, 6));
    assert_eq!(found[0].secondary[0].span, Span::new(0, 1));
}

#[test]
fn aliases_repeat_values_within_limits() {
    let source = "a: &x [1, 2]\nb: *x\n";
    assert_eq!(tree(source).get("a"), tree(source).get("b"));
    let levels = (1..12).map(|level| {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        format!("a{level}: &a{level} [{items}]\n")
    });
    let bomb = "a0: &a0 [x, x]\n".to_owned() + &levels.collect::<String>();
    assert_eq!(errors(&bomb)[0].code, codes::file::TOO_LARGE);
    assert_eq!(errors("a: &x [*x]\n")[0].code, codes::file::YAML_FEATURE);
}

#[test]
fn deep_nesting_is_an_error() {
    let source = format!("q: {}{}", "[".repeat(5000), "]".repeat(5000));
    assert!(parse(&SourceFile::new("t.yml", source), FileId(0)).is_err());
}

#[test]
fn what_rule_files_do_without() {
    for source in ["a: 1\n---\nb: 2\n", "a: !ruby/object x\n", "? [a]\n: b\n", "{[a]: b}\n"] {
        assert_eq!(errors(source)[0].code, codes::file::YAML_FEATURE, "{source:?}");
    }
}

#[test]
fn syntax_errors_have_a_place() {
    let source = "name: x\nquery: é: b\n";
    let found = errors(source);
    assert_eq!(found[0].code, codes::file::YAML_SYNTAX);
    assert_eq!(&source[found[0].primary.span.start as usize..], ": b\n");
    for source in [source, "a:\n\tb: 1\n", "a:\n  b: 'c\n  d: e\n"] {
        assert_eq!(errors(source)[0].help.len(), 1, "{source:?}: {:?}", errors(source));
    }
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_eq!(places("\u{feff}q: a\n"), ("a".to_owned(), "a".to_owned()));
}

/// Every character of a decoded text stands at its place: itself, a folded line break, or the start of an escape.
fn maps_exactly(source: &str) -> Result<(), TestCaseError> {
    let Ok(tree) = parse(&SourceFile::new("t.yml", source), FileId(0)) else { return Ok(()) };
    let Some(Node { kind: NodeKind::Text { value, map }, .. }) = tree.get("q") else { return Ok(()) };
    let mut last = None;
    for (at, c) in value.char_indices() {
        let offset = map.offset(at as u32) as usize;
        let behind = &source[offset..];
        let fits = behind.starts_with(c)
            || (c == ' ' && behind.starts_with('\n'))
            || (source.contains('"') && behind.starts_with('\\'))
            || (c == '\n' && behind.is_empty());
        prop_assert!(fits, "{source:?} -> {value:?}: {c:?} at {at} is mapped to {behind:?}");
        prop_assert!(last.is_none_or(|last| last < offset || offset == source.len()), "{source:?} goes back");
        last = Some(offset);
    }
    Ok(())
}

proptest! {
    #[test]
    fn block_scalars_map_exactly(
        header in "[|>][+-]?",
        lines in prop::collection::vec("( {0,3}[ab*#:\"\\\\é日]{1,4}[ \t]?)?", 0..8),
        crlf in any::<bool>(),
    ) {
        let mut source = format!("q: {header}\n");
        for line in &lines {
            source += if line.is_empty() { "" } else { "  " };
            source += line;
            source.push('\n');
        }
        source += "z: 1\n";
        maps_exactly(&if crlf { source.replace('\n', "\r\n") } else { source })?;
    }

    #[test]
    fn quoted_scalars_map_exactly(body in "([a-c é日]|''|\n  |\n\n ){0,12}") {
        maps_exactly(&format!("q: '{body}'\nz: 1\n"))?;
        maps_exactly(&format!("q: '{body}'\nz: 1\n").replace('\n', "\r\n"))?;
    }

    #[test]
    fn escaped_scalars_map_exactly(body in "([a-c é日]|\\\\[tn\\\\\"]|\\\\x41|\\\\u00e9|\n  |\n\n |\\\\\n  ){0,12}") {
        maps_exactly(&format!("q: \"{body}\"\nz: 1\n"))?;
    }

    #[test]
    fn plain_scalars_map_exactly(body in "[a-c]([a-c é日]|\n  |\n\n  ){0,12}[a-c]") {
        maps_exactly(&format!("q: {body}\nz: 1\n"))?;
    }

    #[test]
    fn no_input_panics(source in "[-\\[\\]{}a-b:\"'|>&*!?# \t\r\n,.0-9é\\\\]{0,60}") {
        let _ = parse(&SourceFile::new("t.yml", source), FileId(0));
    }
}
