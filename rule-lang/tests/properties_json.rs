//! Random JSON: the trees are those of `serde_json`, what it refuses is refused, and places lead back to the text.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rule_lang::file::{Node, NodeKind, ndjson};
use rule_lang::source::{FileId, SourceFile};
use serde_json::Value;

fn text() -> impl Strategy<Value = String> {
    let pieces =
        select(vec!["a", "é", "🦀", "\\n", "\\u00e9", "\\ud83e\\udd80", "\\\\", "\\\"", "\\/", "\\t", " "]);
    vec(pieces, 0..6).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

fn value() -> impl Strategy<Value = String> {
    let number = select(vec!["0", "-1", "7", "1.5", "-0.25", "9223372036854775807"]).prop_map(str::to_owned);
    let word = select(vec!["true", "false", "null"]).prop_map(str::to_owned);
    prop_oneof![2 => text(), 1 => number, 1 => word].prop_recursive(3, 16, 4, |inner| {
        let blank = select(vec!["", " ", "\n\t"]);
        let list = (vec(inner.clone(), 0..4), blank.clone())
            .prop_map(|(items, blank)| format!("[{blank}{}{blank}]", items.join(",")));
        let table = (vec(inner, 0..4), blank).prop_map(|(items, blank)| {
            let members: Vec<_> =
                items.iter().enumerate().map(|(at, item)| format!("\"k{at}\"{blank}:{item}")).collect();
            format!("{{{}{blank}}}", members.join(", "))
        });
        prop_oneof![list, table]
    })
}

fn parse(text: &str) -> Option<Node> {
    ndjson::parse(&SourceFile::new("a.json", text), FileId(0)).ok()
}

/// Every text stands between its quotes.
fn places_hold(node: &Node, text: &str) -> bool {
    match &node.kind {
        NodeKind::Text { value, map } => {
            let quoted = &text[node.span.range()];
            let inside = map.span(rule_lang::span::Span::new(0, value.len() as u32));
            serde_json::from_str::<String>(quoted).is_ok_and(|decoded| decoded == *value)
                && (value.is_empty() || text[inside.range()] == quoted[1..quoted.len() - 1])
        }
        NodeKind::List(items) => items.iter().all(|item| places_hold(item, text)),
        NodeKind::Table(entries) => entries.iter().all(|entry| places_hold(&entry.value, text)),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn json_is_read_as_serde_reads_it(text in value()) {
        let node = parse(&text).expect("it is JSON");
        let value: Value = serde_json::from_str(&text).expect("it is JSON");
        prop_assert_eq!(node.to_json(), value);
        prop_assert!(places_hold(&node, &text));
    }

    #[test]
    fn what_is_no_json_is_refused(text in value(), at in any::<prop::sample::Index>(), letter in select(vec!["", "\"", "x", ",", "}", "\\", "\u{1}"])) {
        let boundaries: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
        let at = boundaries[at.index(boundaries.len())];
        let rest = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        let text = format!("{}{letter}{}", &text[..at], &text[rest..]);
        if let Some(node) = parse(&text) {
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{}: {:?}", text, node);
        } else if let Ok(value) = serde_json::from_str::<Value>(&text) {
            prop_assert!(text.contains('k'), "only a key that is there twice is more: {}: {:?}", text, value);
        }
    }
}
