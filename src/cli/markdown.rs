//! Markdown of investigation guides as terminal text: headings, lists, code, emphasis, links; wrapped to a width.
//!
//! Light on purpose: what it does not know is shown as written.

use std::fmt::Write as _;

use anstyle::Style;
use unicode_width::UnicodeWidthStr as _;

use super::output::{CODE, HEADING, Terminal};

/// `text` for `terminal`, every line indented by `indent` columns; ends with a line break unless it is empty.
pub(crate) fn render(text: &str, terminal: &Terminal, indent: usize) -> String {
    let mut writer =
        Writer { terminal, indent, out: String::new(), paragraph: String::new(), mark: String::new() };
    let mut fence: Option<&str> = None;
    for line in text.trim().lines() {
        let bare = line.trim();
        match fence {
            Some(mark) if bare.starts_with(mark) => fence = None,
            Some(_) => writer.code(line),
            None if bare.starts_with("```") || bare.starts_with("~~~") => {
                writer.end_paragraph();
                fence = Some(&bare[..3]);
            }
            None => writer.line(line),
        }
    }
    writer.end_paragraph();
    writer.out
}

/// `text` in lines of at most `width` columns, broken between words. The first line starts with `first`, the others
/// with as many blanks.
pub(crate) fn wrap(text: &str, first: &str, width: usize) -> String {
    let hang = first.width();
    let mut out = String::from(first);
    let mut column = hang;
    for (at, word) in text.split_whitespace().enumerate() {
        let long = plain_width(word);
        if at > 0 && column + 1 + long > width.max(hang + 1) {
            let _ = write!(out, "\n{:hang$}", "");
            column = hang;
        } else if at > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += long;
    }
    out
}

/// Columns that `word` takes, escapes of colours aside.
fn plain_width(word: &str) -> usize {
    let mut width = 0;
    let mut rest = word;
    while let Some(at) = rest.find('\u{1b}') {
        width += rest[..at].width();
        rest = rest[at..].split_once('m').map_or("", |(_, rest)| rest);
    }
    width + rest.width()
}

struct Writer<'t> {
    terminal: &'t Terminal,
    indent: usize,
    out: String,
    /// The paragraph or list item so far, and what stands in front of it.
    paragraph: String,
    mark: String,
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        let bare = line.trim();
        let depth = line.len() - line.trim_start().len();
        let level = bare.bytes().take_while(|&b| b == b'#').count();
        if bare.is_empty() {
            self.end_paragraph();
            self.blank();
        } else if (1..=6).contains(&level) && bare[level..].starts_with(' ') {
            self.end_paragraph();
            self.blank();
            self.heading(bare[level..].trim());
        } else if let Some((mark, item)) = list_item(bare) {
            self.end_paragraph();
            self.mark = format!("{:depth$}{mark} ", "");
            item.clone_into(&mut self.paragraph);
        } else if let Some(quote) = bare.strip_prefix('>') {
            self.end_paragraph();
            self.push(quote.trim(), "| ");
        } else if bare.len() >= 3 && bare.bytes().all(|b| b == b'-') {
            self.end_paragraph();
            self.blank();
        } else if bare.starts_with('|') {
            self.end_paragraph();
            self.code(bare);
        } else {
            if !self.paragraph.is_empty() {
                self.paragraph.push(' ');
            }
            self.paragraph.push_str(bare);
        }
    }

    fn end_paragraph(&mut self) {
        let (text, mark) = (std::mem::take(&mut self.paragraph), std::mem::take(&mut self.mark));
        if !text.is_empty() {
            self.push(&text, &mark);
        }
    }

    /// A line of its own between paragraphs, never two.
    fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn heading(&mut self, text: &str) {
        let text = plain(text);
        let _ = writeln!(self.out, "{:1$}{2}", "", self.indent, self.terminal.paint(HEADING, text));
    }

    fn code(&mut self, line: &str) {
        let _ = writeln!(self.out, "{:1$}    {2}", "", self.indent, self.terminal.paint(CODE, line));
    }

    fn push(&mut self, text: &str, mark: &str) {
        let first = format!("{:1$}{mark}", "", self.indent);
        let text = inline(text, self.terminal);
        let _ = writeln!(self.out, "{}", wrap(&text, &first, self.terminal.width));
    }
}

/// The mark and the text of a list item.
fn list_item(line: &str) -> Option<(String, &str)> {
    for bullet in ["- ", "* ", "+ "] {
        if let Some(item) = line.strip_prefix(bullet) {
            return Some(("•".to_owned(), item.trim()));
        }
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let item = line[digits..].strip_prefix(". ")?;
    (1..=3).contains(&digits).then(|| (line[..=digits].to_owned(), item.trim()))
}

/// Emphasis, code and links of a paragraph.
fn inline(text: &str, terminal: &Terminal) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '*', '[', '_']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let Some((shown, style, after)) = span(from, before) else {
            out.push_str(&from[..1]);
            rest = &from[1..];
            continue;
        };
        for (number, word) in shown.split(' ').enumerate() {
            // Painted word by word, so that a line break between words does not colour the margin.
            let space = if number > 0 { " " } else { "" };
            let _ = write!(out, "{space}{}", terminal.paint(style, word));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What a mark at the start of `from` begins: its text, its style, and what follows.
fn span<'t>(from: &'t str, before: &str) -> Option<(String, Style, &'t str)> {
    let inside_word = before.ends_with(char::is_alphanumeric);
    for (mark, style) in [("`", CODE), ("**", HEADING), ("__", HEADING), ("*", EMPHASIS), ("_", EMPHASIS)] {
        let Some(rest) = from.strip_prefix(mark) else { continue };
        if mark.starts_with('_') && inside_word {
            return None;
        }
        let end = rest.find(mark)?;
        let (inner, after) = (&rest[..end], &rest[end + mark.len()..]);
        let loose = inner.is_empty() || (mark != "`" && inner.trim() != inner);
        return (!loose).then(|| (inner.to_owned(), style, after));
    }
    link(from)
}

const EMPHASIS: Style = Style::new().italic();

/// `[text](address)` as `text (address)`, or only the address if the text is the same.
fn link(from: &str) -> Option<(String, Style, &str)> {
    let (text, rest) = from.strip_prefix('[')?.split_once("](")?;
    let (address, after) = rest.split_once(')')?;
    if text.contains('[') {
        return None;
    }
    let text = plain(text);
    let shown = if text == address { text } else { format!("{text} ({address})") };
    Some((shown, Style::new(), after))
}

/// `text` without marks of emphasis and code.
fn plain(text: &str) -> String {
    text.replace("**", "").replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, width: usize) -> String {
        render(text, &Terminal { width, color: false, color_stderr: false, fits: true }, 2)
    }

    #[test]
    fn headings_lists_and_paragraphs() {
        let text = "## Triage\n\nLook at **who** ran\n`curl` and [why](https://example.com).\n### Next\n- first\n  - inner\n1. one\n";
        assert_eq!(
            shown(text, 80),
            "  Triage\n\n  Look at who ran curl and why (https://example.com).\n\n  Next\n  • first\n    • inner\n  1. one\n"
        );
    }

    #[test]
    fn lines_wrap_between_words_and_items_hang() {
        assert_eq!(shown("- aaa bbb\n  ccc ddd\n- e", 12), "  • aaa bbb\n    ccc ddd\n  • e\n");
        assert_eq!(shown("one_two*three and 2 * 3", 80), "  one_two*three and 2 * 3\n");
    }

    #[test]
    fn code_blocks_keep_their_lines() {
        assert_eq!(shown("```\n  a  b\n# c\n```\nafter", 80), "        a  b\n      # c\n  after\n");
    }

    #[test]
    fn colours_take_no_room() {
        let terminal = Terminal { width: 12, color: true, color_stderr: false, fits: true };
        let text = render("**aaa bbb** ccc", &terminal, 0);
        assert_eq!(text.lines().count(), 1, "{text:?}");
    }
}
