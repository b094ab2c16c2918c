//! Which byte of the file each character of a YAML scalar came from.
//!
//! The parser gives the value and where it starts. Decoding the bytes of the file a second time by the rules of the
//! scalar's style gives the way back; the value of the parser is what counts, and where the two should differ the
//! places are looked up one character after the other.

use saphyr_parser::ScalarStyle;

use crate::source::TextMap;
use crate::span::Span;

/// Where the scalar behind `&anchor` and `!tag`, and comments behind those, starts.
pub(super) fn skip_properties(text: &str, span: Span) -> u32 {
    let whole = &text[span.range()];
    let mut rest = whole;
    while rest.starts_with(['&', '!']) || (rest.starts_with('#') && rest.len() < whole.len()) {
        let ends: &[char] = if rest.starts_with('#') { &['\n'] } else { &[' ', '\t', '\r', '\n'] };
        let word = rest.find(ends).unwrap_or(rest.len());
        let behind = rest[word..].trim_start_matches([' ', '\t', '\r', '\n']);
        if behind.is_empty() {
            break;
        }
        rest = behind;
    }
    span.end - rest.len() as u32
}

/// The way from `value` back to `text`, where the scalar starts at `start`, and the end of the scalar.
pub(super) fn align(text: &str, start: u32, value: &str, style: ScalarStyle) -> (TextMap, u32) {
    let mut decoder = Decoder { text, at: start as usize, value: String::new(), map: TextMap::new() };
    decoder.map.run(0, start);
    match style {
        ScalarStyle::Plain => decoder.flow(value.len(), None),
        ScalarStyle::SingleQuoted => decoder.flow(usize::MAX, Some('\'')),
        ScalarStyle::DoubleQuoted => decoder.flow(usize::MAX, Some('"')),
        ScalarStyle::Literal => decoder.block(value, false),
        ScalarStyle::Folded => decoder.block(value, true),
    }
    let end = decoder.at as u32;
    if decoder.value == value {
        decoder.map.run(value.len() as u32, decoder.value_end(style));
        return (decoder.map, end);
    }
    (look_up(text, start, value), end)
}

/// Each character of `value` at its next occurrence.
fn look_up(text: &str, start: u32, value: &str) -> TextMap {
    let mut map = TextMap::new();
    let mut at = start as usize;
    for (offset, c) in value.char_indices() {
        if let Some(found) = text[at..].find(c) {
            at += found;
            map.run(offset as u32, at as u32);
            at += c.len_utf8();
        } else {
            map.run(offset as u32, at as u32);
        }
    }
    map
}

struct Decoder<'a> {
    text: &'a str,
    /// The next byte of the file.
    at: usize,
    value: String,
    map: TextMap,
}

impl<'a> Decoder<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Puts `c`, which stands at byte `at` of the file.
    fn put(&mut self, c: char, at: usize) {
        self.map.run(self.value.len() as u32, at as u32);
        self.value.push(c);
    }

    /// Puts `c`, which is written as the `length` bytes from byte `at` on.
    fn put_escape(&mut self, c: char, at: usize, length: usize) {
        self.map.escape(self.value.len() as u32, at as u32, length as u32);
        self.value.push(c);
    }

    /// Where the value ends in the file: in front of the closing quote.
    fn value_end(&self, style: ScalarStyle) -> u32 {
        let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        self.at as u32 - u32::from(quoted)
    }

    /// A plain or quoted scalar, up to its quote or to `length` bytes of value.
    fn flow(&mut self, length: usize, quote: Option<char>) {
        self.at += quote.map_or(0, char::len_utf8);
        self.map = TextMap::starting_at(self.at as u32);
        while self.value.len() < length {
            let Some(c) = self.rest().chars().next() else { return };
            match c {
                '\'' if quote == Some(c) && self.rest().starts_with("''") => {
                    self.put_escape(c, self.at, 2);
                    self.at += 2;
                }
                _ if quote == Some(c) => {
                    self.at += 1;
                    return;
                }
                '\\' if quote == Some('"') => self.escape(),
                ' ' | '\t' | '\r' | '\n' => self.white_space(),
                _ => {
                    self.put(c, self.at);
                    self.at += c.len_utf8();
                }
            }
        }
    }

    /// White space within a line stays; a line break with the white space around it folds to a space, or to as many
    /// line breaks as there are empty lines.
    fn white_space(&mut self) {
        let run = self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r', '\n']).len();
        let breaks: Vec<usize> =
            (self.at..self.at + run).filter(|&at| self.text.as_bytes()[at] == b'\n').collect();
        match breaks[..] {
            [] => {
                for at in self.at..self.at + run {
                    self.put(char::from(self.text.as_bytes()[at]), at);
                }
            }
            [only] => self.put(' ', only),
            [_, ref empty @ ..] => empty.iter().for_each(|&at| self.put('\n', at)),
        }
        self.at += run;
    }

    /// An escape of a double-quoted scalar. An escaped line break means nothing, and empty lines behind it themselves.
    fn escape(&mut self) {
        let start = self.at;
        let Some(letter) = self.rest()[1..].chars().next() else {
            self.at += 1;
            return;
        };
        if let '\r' | '\n' = letter {
            self.at += if self.rest()[1..].starts_with("\r\n") { 3 } else { 2 };
            self.skip_blanks();
            while self.rest().starts_with('\n') || self.rest().starts_with("\r\n") {
                self.at += usize::from(self.rest().starts_with('\r'));
                self.put('\n', self.at);
                self.at += 1;
                self.skip_blanks();
            }
            return;
        }
        let digits = match letter {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let taken = 1 + letter.len_utf8();
        let code = self.rest().get(taken..taken + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        let c = match letter {
            '0' => '\0',
            'a' => '\u{7}',
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'v' => '\u{b}',
            'f' => '\u{c}',
            'r' => '\r',
            'e' => '\u{1b}',
            'N' => '\u{85}',
            '_' => '\u{a0}',
            'L' => '\u{2028}',
            'P' => '\u{2029}',
            'x' | 'u' | 'U' => code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER),
            other => other,
        };
        self.at = (start + taken + digits).min(self.text.len());
        self.put_escape(c, start, self.at - start);
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    /// A block scalar. Its indentation is what the file has in front of the first line and the value has not; how many
    /// line breaks end it is taken from the value.
    fn block(&mut self, value: &str, folded: bool) {
        let body = value.trim_end_matches('\n');
        self.at = body_start(self.text, self.at);
        let indent = indentation(self.rest(), body);
        let mut breaks: Vec<usize> = Vec::new();
        // Whether the content line before was there and, in a folded block, not indented further.
        let mut before: Option<bool> = None;
        while self.value.len() < body.len() && self.at < self.text.len() {
            let line = self.rest().split_inclusive('\n').next().unwrap_or_default();
            let shown = line.trim_end_matches('\n').trim_end_matches('\r');
            let content = shown.get(indent.min(shown.len())..).unwrap_or_default();
            let (start, next) = (self.at, self.at + line.len());
            if !content.is_empty() {
                let plain = folded && !content.starts_with([' ', '\t']);
                self.fold(before == Some(true) && plain, &mut breaks);
                before = Some(plain);
                let content_start = start + shown.len() - content.len();
                self.map.run(self.value.len() as u32, content_start as u32);
                self.value.push_str(content);
            }
            if line.ends_with('\n') {
                breaks.push(next - 1);
            }
            self.at = next;
        }
        self.end_of_block(value, &breaks);
    }

    /// The line breaks since the last content line.
    fn fold(&mut self, folds: bool, breaks: &mut Vec<usize>) {
        match breaks[..] {
            [only] if folds => self.put(' ', only),
            [_, ref empty @ ..] if folds => empty.iter().for_each(|&at| self.put('\n', at)),
            _ => breaks.iter().for_each(|&at| self.put('\n', at)),
        }
        breaks.clear();
    }

    /// The line breaks that chomping left; those that the file does not have stand at its end.
    fn end_of_block(&mut self, value: &str, breaks: &[usize]) {
        let mut breaks = breaks.to_vec();
        let missing = value.len().saturating_sub(self.value.len());
        let mut at = self.at;
        while breaks.len() < missing {
            let Some(found) = self.text[at..].find('\n') else { break };
            breaks.push(at + found);
            at += found + 1;
        }
        for index in 0..missing {
            self.put('\n', breaks.get(index).copied().unwrap_or(self.text.len()));
        }
    }
}

/// The line behind the header of the block scalar whose content is at `at`.
fn body_start(text: &str, at: usize) -> usize {
    let before = text[..at].trim_end_matches([' ', '\t', '\r', '\n']);
    text[before.len()..].find('\n').map_or(text.len(), |found| before.len() + found + 1)
}

/// How many columns of the first line that is not empty do not belong to the value.
fn indentation(lines: &str, value: &str) -> usize {
    let spaces = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let first = lines.lines().find(|line| !line.trim_matches([' ', '\r']).is_empty()).unwrap_or_default();
    let kept = value.trim_start_matches('\n').lines().next().unwrap_or_default();
    spaces(first).saturating_sub(spaces(kept))
}
