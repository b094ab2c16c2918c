//! String escapes: from their text to the character they stand for, and back.

use std::fmt::Write;

/// What is wrong with an escape; the length counts bytes from the backslash.
pub(super) struct BadEscape {
    pub(super) length: usize,
    pub(super) message: String,
    pub(super) help: Option<&'static str>,
}

/// Reads the escape that `text` begins with (a backslash). Gives the character and the length of the escape.
pub(super) fn unescape(text: &str) -> Result<(char, usize), BadEscape> {
    let Some(letter) = text[1..].chars().next() else {
        return Err(BadEscape { length: 1, message: "a string ends inside an escape".into(), help: None });
    };
    let plain = match letter {
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'f' => '\u{c}',
        'r' => '\r',
        '"' | '\'' | '\\' => letter,
        'u' if text[2..].starts_with('{') => return unescape_unicode(text),
        _ => {
            return Err(BadEscape {
                length: 1 + letter.len_utf8(),
                message: format!("unknown escape [\\{letter}] in a string"),
                help: Some(
                    "double the backslash, or use a raw string in triple double quotes, which has no escapes",
                ),
            });
        }
    };
    Ok((plain, 2))
}

/// `\u{H..}` with 2 to 8 hexadecimal digits.
fn unescape_unicode(text: &str) -> Result<(char, usize), BadEscape> {
    let digits = text[3..].bytes().take_while(u8::is_ascii_hexdigit).count();
    let closed = text[3 + digits..].starts_with('}');
    let length = 3 + digits + usize::from(closed);
    let written = &text[..length];
    let error = |message: String| Err(BadEscape { length, message, help: None });
    if !closed {
        return error(format!("the unicode escape [{written}] is not closed, as in [\\u{{0a}}]"));
    }
    if !(2..=8).contains(&digits) {
        return error(format!("unicode sequence should use [2-8] hex digits, [{written}] has [{digits}]"));
    }
    let code = u32::from_str_radix(&text[3..3 + digits], 16).unwrap_or(u32::MAX);
    match char::from_u32(code) {
        Some(letter) => Ok((letter, length)),
        None if (0xD800..=0xDFFF).contains(&code) => {
            error(format!("invalid unicode character code, [{written}] is a surrogate code"))
        }
        None => error(format!("invalid unicode character code [{written}]")),
    }
}

/// Writes `text` as a string literal; a text with backslashes becomes a raw string where that is possible.
pub(super) fn quote(text: &str, out: &mut String) {
    let raw = text.contains('\\') && !text.contains('"') && !text.contains(char::is_control);
    if raw {
        out.push_str("\"\"\"");
        out.push_str(text);
        out.push_str("\"\"\"");
        return;
    }
    out.push('"');
    for letter in text.chars() {
        match letter {
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control.is_control() => {
                let _ = write!(out, "\\u{{{:02x}}}", u32::from(control));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}
