use proptest::prelude::*;

use super::*;
use crate::diagnostic::codes;

fn text_of(source: &str) -> (String, TextMap) {
    let file = SourceFile::new("t.toml", source);
    let tree = parse(&file, FileId(0)).unwrap_or_else(|errors| panic!("{source:?}: {errors:?}"));
    match &tree.get("q").expect("the key q").kind {
        NodeKind::Text { value, map } => (value.clone(), map.clone()),
        other => panic!("not text: {other:?}"),
    }
}

/// Where in `source` each byte of the decoded text stands.
fn offsets(source: &str) -> Vec<(char, u32)> {
    let (value, map) = text_of(source);
    value.char_indices().map(|(at, c)| (c, map.offset(at as u32))).collect()
}

#[test]
fn spans_of_values_and_keys() {
    let source = "[rule]\nname = \"a\"\nrisk_score = 21\n\n[[rule.threat]]\nx = [1, 2.5]\n";
    let file = SourceFile::new("t.toml", source);
    let tree = parse(&file, FileId(0)).unwrap();
    let rule = tree.get("rule").unwrap();
    assert_eq!(&source[rule.span.range()], "[rule]");
    assert_eq!(&source[rule.get("name").unwrap().span.range()], "\"a\"");
    let NodeKind::Table(entries) = &rule.kind else { panic!("a table") };
    let keys: Vec<&str> = entries.iter().map(|entry| &source[entry.key_span.range()]).collect();
    assert_eq!(keys, ["name", "risk_score", "threat"]);
    let NodeKind::List(threats) = &rule.get("threat").unwrap().kind else { panic!("a list") };
    assert_eq!(&source[threats[0].span.range()], "[[rule.threat]]");
    let NodeKind::List(items) = &threats[0].get("x").unwrap().kind else { panic!("a list") };
    assert_eq!(items[0].kind, NodeKind::Integer(1));
    assert_eq!(items[1].kind, NodeKind::Float(2.5));
    assert_eq!(&source[items[1].span.range()], "2.5");
}

#[test]
fn an_implied_table_stands_at_its_name() {
    let source = "[rule.threat]\nx = 1\n";
    let tree = parse(&SourceFile::new("t.toml", source), FileId(0)).unwrap();
    assert_eq!(&source[tree.get("rule").unwrap().span.range()], "rule");
}

#[test]
fn literal_block_keeps_backslashes() {
    let source = "q = '''\na\\b\nc'''\n";
    assert_eq!(offsets(source), [('a', 8), ('\\', 9), ('b', 10), ('\n', 11), ('c', 12)]);
}

#[test]
fn crlf_decodes_as_lf() {
    let source = "q = '''\r\na\r\nb'''\r\n";
    assert_eq!(offsets(source), [('a', 9), ('\n', 11), ('b', 12)]);
}

#[test]
fn escapes_map_to_their_backslash() {
    let source = r#"q = "a\tb\u00e9\\c\x41""#;
    assert_eq!(offsets(source), [('a', 5), ('\t', 6), ('b', 8), ('é', 9), ('\\', 15), ('c', 17), ('A', 18)]);
}

#[test]
fn the_span_of_an_escape_is_all_of_it() {
    let source = r#"q = "a == \"x\"""#;
    let (value, map) = text_of(source);
    let literal = Span::new(value.find('"').unwrap() as u32, value.len() as u32);
    assert_eq!(&source[map.span(literal).range()], r#"\"x\""#);
}

#[test]
fn line_ending_backslash_joins_lines() {
    let source = "q = \"\"\"\na \\\n\n   b\\\r\n  c\"\"\"";
    assert_eq!(offsets(source), [('a', 8), (' ', 9), ('b', 16), ('c', 22)]);
}

#[test]
fn quotes_before_the_closing_quotes_belong_to_the_text() {
    assert_eq!(text_of("q = '''a'''''").0, "a''");
    assert_eq!(text_of("q = \"\"\"a\"\"\"\"").0, "a\"");
    assert_eq!(text_of("q = ''").0, "");
    assert_eq!(text_of("q = ''''''").0, "");
}

#[test]
fn an_empty_text_stands_between_its_quotes() {
    let (_, map) = text_of("q = ''");
    assert_eq!(map.offset(0), 5);
}

#[test]
fn every_syntax_error_is_told() {
    let source = "[rule]\na = \nb = 'x\nc = 1\nc = 2\n";
    let file = SourceFile::new("t.toml", source);
    let errors = parse(&file, FileId(0)).unwrap_err();
    let lines: Vec<u32> = errors.iter().map(|error| file.location(error.primary.span.start).line).collect();
    assert!(lines.contains(&2) && lines.contains(&3) && lines.contains(&5), "{errors:#?}");
    assert!(errors.iter().any(|error| error.code == codes::file::DUPLICATE_KEY));
}

fn messages(source: &str) -> Vec<(String, String)> {
    let errors = parse(&SourceFile::new("t.toml", source), FileId(0)).unwrap_err();
    errors.into_iter().map(|it| (source[it.primary.span.range()].to_owned(), it.message)).collect()
}

#[test]
fn common_mistakes_are_explained() {
    for (source, marked, message) in [
        ("a = hello\n", "hello", "a text must stand in quotes"),
        ("a = \"C:\\qx\"\n", "\\q", "TOML knows no escape `\\q`"),
        ("a = 'x\nb = 1\n", "'", "the text that starts here is not closed by `'`"),
        ("a = '''\nx\n", "'''", "the text that starts here is not closed by `'''`"),
        ("a = \"x\nb = 1\n", "\"", "the text that starts here is not closed by `\"`"),
        ("[a\nb = 1\n", "", "unclosed table, expected `]`"),
    ] {
        assert_eq!(messages(source), [(marked.to_owned(), message.to_owned())], "{source}");
    }
}

#[test]
fn a_key_given_twice_points_to_its_first_use() {
    for (source, first) in
        [("a = 1\nb = 2\na = 3\n", 0), ("[r]\na = 1\n[s]\na = 1\na = 2\n", 14), ("[r]\nx = 1\n[s]\n[r]\n", 1)]
    {
        let errors = parse(&SourceFile::new("t.toml", source), FileId(0)).unwrap_err();
        assert_eq!(errors[0].secondary[0].span, Span::new(first, first + 1), "{source}");
    }
}

#[test]
fn deep_nesting_is_an_error() {
    let source = format!("q = {}{}", "[".repeat(5000), "]".repeat(5000));
    assert!(parse(&SourceFile::new("t.toml", source), FileId(0)).is_err());
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_eq!(offsets("\u{feff}q = 'a'"), [('a', 8)]);
}

/// A piece of a basic string: how it is written and what it means.
fn piece() -> impl Strategy<Value = (String, String)> {
    prop_oneof![
        "[a-zA-Z0-9 é日🦀'*?]{1,6}".prop_map(|s| (s.clone(), s)),
        Just(("\\t".to_owned(), "\t".to_owned())),
        Just(("\\\\".to_owned(), "\\".to_owned())),
        Just(("\\\"".to_owned(), "\"".to_owned())),
        Just(("\\n".to_owned(), "\n".to_owned())),
        Just(("\n".to_owned(), "\n".to_owned())),
        Just(("\r\n".to_owned(), "\n".to_owned())),
        Just(("\\\n   \n ".to_owned(), String::new())),
        Just(("\\  \r\n\t".to_owned(), String::new())),
        any::<char>().prop_map(|c| (format!("\\U{:08X}", c as u32), c.to_string())),
    ]
}

proptest! {
    #[test]
    fn basic_blocks_decode_and_map(pieces in prop::collection::vec(piece(), 0..12)) {
        let mut expected = String::new();
        // An `x` after each piece stops a line-ending backslash from eating the white space of the next one.
        let mut source = "q = \"\"\"x".to_owned();
        let mut places = vec![(0, 7)];
        expected.push('x');
        for (written, meant) in &pieces {
            if meant.chars().count() == 1 {
                let crlf = u32::from(written.starts_with('\r'));
                places.push((expected.len() as u32, source.len() as u32 + crlf));
            }
            source.push_str(written);
            expected.push_str(meant);
            places.push((expected.len() as u32, source.len() as u32));
            source.push('x');
            expected.push('x');
        }
        source.push_str("\"\"\"\n");
        let (value, map) = text_of(&source);
        prop_assert_eq!(&value, &expected);
        for (decoded, file) in places {
            prop_assert_eq!(map.offset(decoded), file, "{:?} at {}", source, decoded);
        }
    }

    #[test]
    fn literal_blocks_hold_their_own_bytes(body in "[a-z \\\\\"\n é]{0,40}") {
        let source = format!("q = '''\n{body}'''");
        let (value, map) = text_of(&source);
        prop_assert_eq!(&value, &body);
        for (at, c) in value.char_indices() {
            prop_assert!(source[map.offset(at as u32) as usize..].starts_with(c));
        }
    }

    #[test]
    fn no_input_panics(source in "[\\[\\]a-c=\"'\\\\ \r\n{},.0-9é#]{0,60}") {
        let _ = parse(&SourceFile::new("t.toml", source), FileId(0));
    }
}
