//! Laws that hold for every input of the reference evaluator's parts.

use proptest::prelude::*;
use rule_lang::eql::ast::Case;
use rule_lang::meaning::regex::Regex;
use rule_lang::meaning::{Event, address, date, like};

/// A wildcard pattern as a regular expression.
fn regex_of(pattern: &str) -> String {
    pattern
        .chars()
        .map(|c| match c {
            '*' => ".*".to_owned(),
            '?' => ".".to_owned(),
            other => format!("\"{other}\""),
        })
        .collect()
}

fn regex() -> impl Strategy<Value = String> {
    let leaf = prop_oneof!["[abc]", Just(".".to_owned()), Just("[^a]".to_owned()), Just("()".to_owned())];
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}|{b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}&{b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}{b}")),
            inner.clone().prop_map(|a| format!("({a})*")),
            inner.clone().prop_map(|a| format!("({a}){{1,2}}")),
            inner.prop_map(|a| format!("~({a})")),
        ]
    })
}

fn matches(pattern: &str, text: &str) -> bool {
    Regex::parse(pattern).unwrap().matches(text, Case::Sensitive)
}

proptest! {
    #[test]
    fn wildcards_are_a_kind_of_regex(pattern in "[ab*?.sW]{0,6}", text in "[abAsW.]{0,6}") {
        for case in [Case::Sensitive, Case::Insensitive] {
            let regex = Regex::parse(&regex_of(&pattern)).unwrap();
            prop_assert_eq!(like(&pattern, &text, case), regex.matches(&text, case));
        }
    }

    #[test]
    fn complement_and_intersection_follow_de_morgan(a in regex(), b in regex(), text in "[abc]{0,5}") {
        prop_assert_eq!(matches(&format!("~({a})"), &text), !matches(&a, &text));
        prop_assert_eq!(matches(&format!("({a})&({b})"), &text), matches(&format!("~(~({a})|~({b}))"), &text));
        prop_assert_eq!(matches(&format!("({a})|({b})"), &text), matches(&a, &text) || matches(&b, &text));
    }

    #[test]
    fn a_star_is_nothing_or_one_and_a_star(a in regex(), text in "[abc]{0,5}") {
        prop_assert_eq!(matches(&format!("({a})*"), &text), matches(&format!("(()|({a})({a})*)"), &text));
        prop_assert_eq!(matches(&format!("({a}){{2,3}}"), &text), matches(&format!("({a})({a})({a})?"), &text));
    }

    #[test]
    fn no_pattern_makes_the_parser_panic(pattern in ".{0,20}", text in ".{0,10}") {
        if let Ok(regex) = Regex::parse(&pattern) {
            regex.matches(&text, Case::Insensitive);
        }
    }

    #[test]
    fn times_read_back(nanos in -62_167_219_200_000_000_000_i128..253_402_300_800_000_000_000) {
        prop_assert_eq!(date::parse(&date::text(nanos)), Some(nanos));
    }

    #[test]
    fn a_block_holds_what_shares_its_prefix(address: u32, other: u32, length in 0_u32..=32) {
        let text = |address: u32| std::net::Ipv4Addr::from_bits(address).to_string();
        let block = format!("{}/{length}", text(address));
        let same = length == 0 || (address ^ other) >> (32 - length) == 0;
        prop_assert_eq!(address::in_block(address::parse(&text(other)).unwrap(), &block), Some(same));
    }

    #[test]
    fn no_text_makes_the_event_reader_panic(text in r#"[{}\[\]",:a.1eu\\ -]{0,24}"#) {
        if let Ok(event) = Event::from_json(&text) {
            event.values("a");
        }
    }

    #[test]
    fn every_split_of_a_path_gives_the_same(cuts in proptest::collection::vec(any::<bool>(), 3)) {
        let names = ["a", "b", "c", "d"];
        let mut keys = vec![names[0].to_owned()];
        for (name, cut) in names[1..].iter().zip(&cuts) {
            match keys.last_mut() {
                Some(last) if !cut => *last = format!("{last}.{name}"),
                _ => keys.push((*name).to_owned()),
            }
        }
        let json = keys.iter().rev().fold("7".to_owned(), |inner, key| format!(r#"{{"{key}":{inner}}}"#));
        let event = Event::from_json(&json).unwrap();
        prop_assert_eq!(event.values("a.b.c.d").len(), 1);
        prop_assert_eq!(event.values("a.b.c").len(), 0);
    }
}
