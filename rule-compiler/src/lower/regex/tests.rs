use super::*;

fn dfas<'a>(patterns: &[&str], case: Case, arena: &'a Bump) -> Result<&'a [Dfa<'a>], (usize, RegexError)> {
    let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
    compile(&patterns, case, arena)
}

fn matches(pattern: &str, case: Case, text: &str) -> bool {
    let arena = Bump::new();
    dfas(&[pattern], case, &arena).unwrap().iter().any(|dfa| dfa.is_match(text.as_bytes()))
}

#[test]
fn operators_of_lucene() {
    let rows: &[(&str, &[&str], &[&str])] = &[
        ("net\\.exe", &["net.exe"], &["netxexe", "anet.exe"]),
        ("", &[""], &["a"]),
        ("a.c", &["abc", "a\nc", "a\u{e9}c", "a\u{1f980}c"], &["ac", "abbc"]),
        ("^a$", &["^a$"], &["a"]),
        ("a{2,3}b{2}c{1,}", &["aabbc", "aaabbccc"], &["abbc", "aaaabbc", "aabc", "aabb"]),
        ("a{3,2}", &[], &["", "aa", "aaa"]),
        ("(ab|c)*d?", &["", "abcab", "cd"], &["a", "dd"]),
        ("(a*)*", &["", "aaa"], &["b"]),
        ("[a-c\u{e9}-\u{fc}]+", &["ab\u{eb}"], &["d", "\u{fd}"]),
        ("[^a]", &["b", "\u{1f980}", "\n"], &["a", "", "bb"]),
        ("\"a.*\"b", &["a.*b"], &["axb"]),
        ("\\.\\@\\#", &[".@#"], &["a@#"]),
        ("~(.*evil.*)", &["", "good"], &["evil", "an evil one"]),
        ("~\u{e9}", &["", "e", "\u{e8}", "\u{e9}\u{e9}"], &["\u{e9}"]),
        // Two complements must not cut a character in half.
        ("~(\u{e9}|())~(\u{e9}|())", &["ab", "\u{e9}\u{e8}a"], &["", "\u{e9}", "a"]),
        ("~ab", &["b", "xb", "aab"], &["ab", "a"]),
        ("a.*&.*b&~(.*x.*)", &["ab", "aab"], &["axb", "a", "b"]),
        ("@a", &["a", "xa\na"], &["b", ""]),
        ("#|a", &["a"], &["", "#"]),
        ("#", &[], &["", "#"]),
        ("<1-100>", &["1", "10", "100", "0001", "099"], &["0", "101", "", "1000", "000"]),
        ("<0-0>", &["0"], &["", "1", "000"]),
        ("<0-10>", &["0", "000", "010"], &["", "11"]),
        ("<008-123>", &["008", "099", "123"], &["8", "007", "124", "0008"]),
        ("<5-18446744073709551615>", &["5", "18446744073709551615"], &["4", "18446744073709551616"]),
        ("x<123-4567>", &["x123", "x999", "x4567", "x1000"], &["x122", "x4568", "x9999"]),
        ("\\d+\\s\\w", &["12 a"], &["1a", "12 \u{e9}"]),
        ("\\D[^\\W]\\S", &["-_\u{e9}"], &["1__", "--_", "-_ "]),
        ("*a", &["*a"], &["a"]),
        ("|a", &["|a"], &["a", ""]),
    ];
    for (pattern, matching, other) in rows {
        for text in *matching {
            assert!(matches(pattern, Case::Sensitive, text), "{pattern} must match {text:?}");
        }
        for text in *other {
            assert!(!matches(pattern, Case::Sensitive, text), "{pattern} must not match {text:?}");
        }
    }
}

#[test]
fn letters_fold_and_ranges_do_not() {
    assert!(matches("abc", Case::Insensitive, "AbC"));
    assert!(matches("[abc]\"d\"", Case::Insensitive, "AD"));
    assert!(!matches("[a-c]", Case::Insensitive, "A"));
    assert!(!matches("\u{e9}", Case::Insensitive, "\u{c9}"));
    assert!(!matches("abc", Case::Sensitive, "AbC"));
}

#[test]
fn a_list_shares_an_automaton_unless_it_grows() {
    let arena = Bump::new();
    let shared = dfas(&["a.*", "b.*", ".*c"], Case::Sensitive, &arena).unwrap();
    assert_eq!(shared.len(), 1);
    assert!(["ax", "bx", "xc"].iter().all(|text| shared[0].is_match(text.as_bytes())));
    assert!(!shared[0].is_match(b"x"));
    // Each alone needs about 500 states, both together the product.
    let large = dfas(&[".*a.{7}", ".*b.{7}c"], Case::Sensitive, &arena).unwrap();
    assert_eq!(large.len(), 2);
    assert!(large.iter().any(|dfa| dfa.is_match(b"xb1234567c")));
}

#[test]
fn equal_languages_have_equal_tables() {
    let arena = Bump::new();
    let table = |pattern| dfas(&[pattern], Case::Sensitive, &arena).unwrap();
    assert_eq!(table("a|b|ab"), table("a?b|a"));
    assert_eq!(table(".*"), table("@"));
    assert_eq!(table("~~(a+)"), table("aa*"));
    assert_eq!(table("[^b]&[a-c]"), table("a|c"));
    assert_ne!(table("a"), table("b"));
    assert_eq!(table("abc|abd").first().map(|dfa| dfa.transitions.len() / usize::from(dfa.width)), Some(5));
}

#[test]
fn sizes_are_bounded() {
    let arena = Bump::new();
    for pattern in [".*a.{20}", "((a{1,1000}){1,1000}){1,1000}", "(~(.*a.{9})){50}", "a{99999}"] {
        assert_eq!(dfas(&[pattern], Case::Sensitive, &arena), Err((0, RegexError::TooLarge)), "{pattern}");
    }
    assert!(dfas(&["a{5000}"], Case::Sensitive, &arena).is_ok());
    let error = dfas(&["a", "("], Case::Sensitive, &arena).unwrap_err();
    assert!(matches!(error, (1, RegexError::Syntax(SyntaxError { position: 1, .. }))));
}
