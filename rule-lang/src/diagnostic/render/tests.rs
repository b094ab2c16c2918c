use proptest::prelude::*;

use super::terminal::{Options, render};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, SourceFile, Sources};
use crate::span::Span;

const CODE: Code = Code("E0000");
const FILE: FileId = FileId(0);

/// The span of the `nth` (from 0) `part` of `text`.
fn find(text: &str, part: &str) -> Span {
    let start = text.find(part).expect("part of the text") as u32;
    Span::new(start, start + part.len() as u32)
}

fn draw(text: &str, diagnostic: &Diagnostic) -> String {
    draw_with(text, diagnostic, Options::default())
}

fn draw_with(text: &str, diagnostic: &Diagnostic, options: Options) -> String {
    let mut sources = Sources::new();
    sources.add(SourceFile::new("a.toml", text));
    sources.add(SourceFile::new("b.toml", "[rule]\nrule_id = 'x'\n"));
    render(diagnostic, &sources, options)
}

fn error_at(text: &str, part: &str) -> Diagnostic {
    Diagnostic::error(CODE, FILE, find(text, part), "no good")
}

#[test]
fn start_of_file() {
    let text = "bad = 1\n";
    let expected = "\
error[E0000]: no good
 --> a.toml:1:1
  |
1 | bad = 1
  | ^^^ here
";
    assert_eq!(draw(text, &error_at(text, "bad").label("here")), expected);
}

#[test]
fn end_of_file_without_line_break() {
    let text = "a = 1\nb =";
    let expected = "\
error[E0000]: no good
 --> a.toml:2:4
  |
2 | b =
  |    ^
";
    let end = Span::at(text.len() as u32);
    assert_eq!(draw(text, &Diagnostic::error(CODE, FILE, end, "no good")), expected);
}

#[test]
fn end_of_file_behind_line_break() {
    let expected = "\
error[E0000]: no good
 --> a.toml:2:1
  |
2 |
  | ^
";
    assert_eq!(draw("a = 1\n", &Diagnostic::error(CODE, FILE, Span::at(6), "no good")), expected);
}

#[test]
fn empty_file_and_offsets_behind_the_end() {
    let expected = "\
error[E0000]: no good
 --> a.toml:1:1
  |
1 |
  | ^
";
    assert_eq!(draw("", &Diagnostic::error(CODE, FILE, Span::new(5, 9), "no good")), expected);
}

#[test]
fn crlf_is_not_shown() {
    let text = "a = 1\r\nb = bad\r\nc = 3\r\n";
    let expected = "\
error[E0000]: no good
 --> a.toml:2:5
  |
2 | b = bad
  |     ^^^
";
    assert_eq!(draw(text, &error_at(text, "bad")), expected);
}

#[test]
fn tabs_are_four_columns() {
    let text = "\ta\t= bad\n";
    let expected = "\
error[E0000]: no good
 --> a.toml:1:6
  |
1 |     a    = bad
  |            ^^^
";
    assert_eq!(draw(text, &error_at(text, "bad")), expected);
}

#[test]
fn wide_characters_take_two_columns_and_count_as_one() {
    let text = "名前 = bad 🦀\n";
    let expected = "\
error[E0000]: no good
 --> a.toml:1:6
  |
1 | 名前 = bad 🦀
  |        ^^^
";
    assert_eq!(draw(text, &error_at(text, "bad")), expected);
    let expected = "\
error[E0000]: no good
 --> a.toml:1:1
  |
1 | 名前 = bad 🦀
  | ^^^^
";
    assert_eq!(draw(text, &error_at(text, "名前")), expected);
}

#[test]
fn control_characters_are_made_visible() {
    let text = "a = '\u{1b}[31m' bad\n";
    let expected = "\
error[E0000]: \u{241b}[2J
 --> a.toml:1:13
  |
1 | a = '\u{241b}[31m' bad
  |             ^^^
";
    let diagnostic = Diagnostic::error(CODE, FILE, find(text, "bad"), "\u{1b}[2J");
    assert_eq!(draw(text, &diagnostic), expected);
}

#[test]
fn a_span_over_several_lines_marks_both_ends() {
    let text = "q = '''\nfirst\nsecond\n  third\nfourth'''\n";
    let span = find(text, "first").to(find(text, "third"));
    let expected = "\
error[E0000]: no good
 --> a.toml:2:1
  |
2 | first
  | ^^^^^
3 | second
4 |   third
  |   ^^^^^ all of it
";
    assert_eq!(draw(text, &Diagnostic::error(CODE, FILE, span, "no good").label("all of it")), expected);
}

#[test]
fn many_lines_leave_a_gap() {
    let text = "q = '''\n".to_owned() + &"and\n".repeat(10) + "'''\n";
    let span = Span::new(4, text.len() as u32 - 1);
    let expected = "\
error[E0000]: no good
  --> a.toml:1:5
   |
 1 | q = '''
   |     ^^^
...
12 | '''
   | ^^^
";
    assert_eq!(draw(&text, &Diagnostic::error(CODE, FILE, span, "no good")), expected);
}

#[test]
fn labels_on_one_line() {
    let text = "process where a == 1\n";
    let diagnostic = Diagnostic::error(CODE, FILE, find(text, "=="), "no good")
        .label("this operator")
        .also(FILE, find(text, "a "), "text")
        .also(FILE, find(text, "1"), "a number");
    let expected = "\
error[E0000]: no good
 --> a.toml:1:17
  |
1 | process where a == 1
  |               --^^ - a number
  |               | this operator
  |               text
";
    let drawn = draw(text, &diagnostic);
    assert_eq!(drawn, expected, "{drawn}");
}

#[test]
fn a_label_in_another_file() {
    let text = "[rule]\nrule_id = 'x'\n";
    let diagnostic = error_at(text, "'x'").also(FileId(1), Span::new(17, 20), "first given here");
    let expected = "\
error[E0000]: no good
 --> a.toml:2:11
  |
2 | rule_id = 'x'
  |           ^^^
 ::: b.toml:2:11
  |
2 | rule_id = 'x'
  |           --- first given here
";
    assert_eq!(draw(text, &diagnostic), expected);
}

#[test]
fn a_long_line_is_cut_around_the_mark() {
    let text = format!("q = {}bad{}\n", "x".repeat(3000), "y".repeat(3000));
    let options = Options { color: false, width: 30 };
    let expected = "\
error[E0000]: no good
 --> a.toml:1:3005
  |
1 | …xxxxxxxxxbadyyyyyyyyyyyyyyyyyy…
  |           ^^^ here
";
    assert_eq!(draw_with(&text, &error_at(&text, "bad").label("here"), options), expected);
}

#[test]
fn far_labels_on_a_long_line_show_it_twice() {
    let text = format!("one {} two\n", "x".repeat(300));
    let diagnostic = error_at(&text, "two").also(FILE, find(&text, "one"), "first");
    let options = Options { color: false, width: 20 };
    let expected = "\
error[E0000]: no good
 --> a.toml:1:306
  |
1 | …xxxxxxxxxxxxxxxx two
  |                   ^^^
1 | one xxxxxxxxxxxxxxxx…
  | --- first
";
    assert_eq!(draw_with(&text, &diagnostic, options), expected);
}

#[test]
fn a_mark_longer_than_the_screen_is_cut() {
    let text = format!("q = {}\n", "x".repeat(100));
    let span = Span::new(4, 104);
    let options = Options { color: false, width: 20 };
    let expected = "\
error[E0000]: no good
 --> a.toml:1:5
  |
1 | …xxxxxxxxxxxxxxxxxxxx…
  |  ^^^^^^^^^^^^^^^^^^^^
";
    assert_eq!(draw_with(&text, &Diagnostic::error(CODE, FILE, span, "no good"), options), expected);
}

#[test]
fn help_and_suggestion() {
    let text = "type = \"eqll\"\n";
    let diagnostic =
        error_at(text, "\"eqll\"").help("did you mean `eql`?").suggest(find(text, "eqll"), "eql");
    let expected = "\
error[E0000]: no good
 --> a.toml:1:8
  |
1 | type = \"eqll\"
  |        ^^^^^^
  |
  = help: did you mean `eql`?
  |
1 - type = \"eqll\"
1 + type = \"eql\"
";
    assert_eq!(draw(text, &diagnostic), expected);
}

#[test]
fn a_suggestion_over_lines_is_told() {
    let text = "a = 1\nb = 2\n";
    let diagnostic = error_at(text, "a").suggest(Span::new(0, 11), "c = 3");
    assert!(draw(text, &diagnostic).ends_with("  = help: write `c = 3`\n"));
}

#[test]
fn colours_wrap_words_and_marks() {
    let text = "bad = 1\n";
    let drawn = draw_with(text, &error_at(text, "bad"), Options { color: true, width: 80 });
    assert!(drawn.starts_with("\u{1b}[1;31merror[E0000]\u{1b}[0m\u{1b}[1m: no good\u{1b}[0m\n"), "{drawn:?}");
    assert!(drawn.contains("\u{1b}[1;31m^^^\u{1b}[0m"), "{drawn:?}");
}

proptest! {
    #[test]
    fn no_span_panics(
        text in "[a-z\t\r\n é日🦀\u{7}\u{301}]{0,60}",
        (start, length) in (0_u32..100, 0_u32..100),
        (other, other_length) in (0_u32..100, 0_u32..20),
        width in 1_usize..40,
    ) {
        let mut sources = Sources::new();
        sources.add(SourceFile::new("a.toml", text));
        let second = Span::new(other, other + other_length);
        let diagnostic = Diagnostic::error(CODE, FILE, Span::new(start, start + length), "no good")
            .label("here")
            .also(FILE, second, "there")
            .suggest(second, "x");
        let drawn = render(&diagnostic, &sources, Options { color: false, width });
        prop_assert!(drawn.contains('^'));
        let raw = drawn.contains(|c: char| c.is_control() && c != '\n');
        prop_assert!(!raw);
        super::compile_error::render(&diagnostic, &sources);
        super::json::render(&diagnostic, &sources);
    }
}
