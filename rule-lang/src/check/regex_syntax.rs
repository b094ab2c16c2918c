//! Whether a text is a regular expression as Lucene reads it, with every optional operator (eql.md section 8).
//!
//! Only the syntax is looked at. As in Lucene, any character that no operator claims stands for itself, a closing
//! bracket or a quantifier where an operand belongs included.

/// How deep groups may nest.
const MAX_NESTING: u32 = 100;

/// What is wrong with a pattern, in half a sentence.
pub(crate) fn validate(pattern: &str) -> Result<(), String> {
    if pattern.is_empty() {
        return Ok(());
    }
    let mut parser = Parser { pattern: pattern.chars().collect(), at: 0, nesting: 0 };
    parser.union()?;
    match parser.peek() {
        None => Ok(()),
        Some(letter) => Err(format!("unexpected [{letter}] at position {}", parser.at)),
    }
}

/// Syntax of other engines that Lucene reads as plain characters, as a sentence.
pub(crate) fn doubt(pattern: &str) -> Option<String> {
    let plain = |what: &str, meaning: &str| Some(format!("[{what}] in a regular expression means {meaning}"));
    if pattern.starts_with('^') && pattern.len() > 1 {
        return plain("^", "a caret: the whole value has to match, and there are no anchors");
    }
    if pattern.ends_with('$') && !pattern.ends_with("\\$") {
        return plain("$", "a dollar sign: the whole value has to match, and there are no anchors");
    }
    for group in ["(?i)", "(?s)", "(?m)", "(?:", "(?=", "(?!", "(?<"] {
        if pattern.contains(group) && !pattern.contains(&format!("\\{group}")) {
            return plain(group, "a group that begins with a plain question mark");
        }
    }
    None
}

struct Parser {
    pattern: Vec<char>,
    at: usize,
    nesting: u32,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.pattern.get(self.at).copied()
    }

    fn eat(&mut self, letter: char) -> bool {
        let found = self.peek() == Some(letter);
        self.at += usize::from(found);
        found
    }

    fn next(&mut self) -> Result<char, String> {
        let letter = self.peek().ok_or("it ends where more is expected")?;
        self.at += 1;
        Ok(letter)
    }

    fn expect(&mut self, letter: char) -> Result<(), String> {
        if self.eat(letter) { Ok(()) } else { Err(format!("expected [{letter}] at position {}", self.at)) }
    }

    /// Alternatives and intersections of concatenations.
    fn union(&mut self) -> Result<(), String> {
        loop {
            self.concatenation()?;
            if !self.eat('|') && !self.eat('&') {
                return Ok(());
            }
        }
    }

    fn concatenation(&mut self) -> Result<(), String> {
        loop {
            self.repeated()?;
            if matches!(self.peek(), None | Some(')' | '|' | '&')) {
                return Ok(());
            }
        }
    }

    fn repeated(&mut self) -> Result<(), String> {
        while self.eat('~') {}
        self.operand()?;
        loop {
            match self.peek() {
                Some('?' | '*' | '+') => self.at += 1,
                Some('{') => self.bounds()?,
                _ => return Ok(()),
            }
        }
    }

    /// `{n}`, `{n,}`, `{n,m}`
    fn bounds(&mut self) -> Result<(), String> {
        self.at += 1;
        let least = self.number()?;
        if self.eat(',') && self.peek() != Some('}') {
            let most = self.number()?;
            if least > most {
                return Err(format!("the repetition {{{least},{most}}} is out of order"));
            }
        }
        self.expect('}')
    }

    fn number(&mut self) -> Result<u32, String> {
        let start = self.at;
        while self.peek().is_some_and(|letter| letter.is_ascii_digit()) {
            self.at += 1;
        }
        let digits: String = self.pattern[start..self.at].iter().collect();
        digits.parse().map_err(|_| format!("expected a number at position {start}"))
    }

    fn operand(&mut self) -> Result<(), String> {
        match self.next()? {
            '[' => self.class(),
            '"' => self.skip_past('"').map(|_| ()),
            '(' => self.group(),
            '<' => self.interval(),
            '\\' => self.next().map(|_| ()),
            _ => Ok(()),
        }
    }

    fn group(&mut self) -> Result<(), String> {
        if self.eat(')') {
            return Ok(());
        }
        if self.nesting >= MAX_NESTING {
            return Err(format!("groups nest more than {MAX_NESTING} levels deep"));
        }
        self.nesting += 1;
        self.union()?;
        self.nesting -= 1;
        self.expect(')')
    }

    /// The characters up to `letter`, and over it.
    fn skip_past(&mut self, letter: char) -> Result<String, String> {
        let start = self.at;
        while let Some(next) = self.peek() {
            self.at += 1;
            if next == letter {
                return Ok(self.pattern[start..self.at - 1].iter().collect());
            }
        }
        Err(format!("expected [{letter}] behind position {start}"))
    }

    /// `<1-100>`
    fn interval(&mut self) -> Result<(), String> {
        let inside = self.skip_past('>')?;
        let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match inside.split_once('-') {
            Some((least, most)) if number(least) && number(most) => Ok(()),
            _ => Err(format!("[<{inside}>] is not an interval of numbers; write `\\<` for the character")),
        }
    }

    /// The inside of `[..]`; the first character is never the end.
    fn class(&mut self) -> Result<(), String> {
        self.eat('^');
        loop {
            let from = self.class_character()?;
            if self.peek() == Some('-') && self.pattern.get(self.at + 1) != Some(&']') {
                self.at += 1;
                let to = self.class_character()?;
                if let (Some(from), Some(to)) = (from, to)
                    && from > to
                {
                    return Err(format!("the range [{from}-{to}] is out of order"));
                }
            }
            if self.eat(']') {
                return Ok(());
            }
            if self.peek().is_none() {
                return Err("a character class is not closed with `]`".into());
            }
        }
    }

    /// One character of a class; `None` for a shorthand such as `\d`.
    fn class_character(&mut self) -> Result<Option<char>, String> {
        match self.next()? {
            '\\' => {
                let letter = self.next()?;
                Ok((!"dDsSwW".contains(letter)).then_some(letter))
            }
            letter => Ok(Some(letter)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{doubt, validate};

    #[test]
    fn what_lucene_reads_is_valid() {
        for pattern in [
            "",
            "a.*?b+",
            "(a|b){2,3}",
            "[^a-z\\d_-]+",
            "[]a]",
            "<1-100>",
            "~(ab)&@#",
            "\"a(b\"",
            "\\(",
            "()",
            "a{2,}",
            "*a",
            ".*net1[ ]+localgroup.*?",
            "^a$",
            "a||b",
            "(?i)a",
        ] {
            assert_eq!(validate(pattern), Ok(()), "{pattern}");
        }
    }

    #[test]
    fn what_lucene_does_not_read_is_not() {
        for pattern in
            ["(a", "a)", "[a", "[z-a]", "a{", "a{x}", "a{3,2}", "a|", "\\", "\"a", "<a>", "<1", "~", "[a-"]
        {
            assert!(validate(pattern).is_err(), "{pattern}");
        }
        assert!(validate(&"(".repeat(100_000)).is_err());
    }

    #[test]
    fn syntax_of_other_engines_is_doubtful() {
        for pattern in ["^a.*", "a$", "(?i)a", "a(?:b)"] {
            assert!(doubt(pattern).is_some(), "{pattern}");
        }
        for pattern in ["a.*", "[^a]", "a\\$", "\\^a"] {
            assert_eq!(doubt(pattern), None, "{pattern}");
        }
    }
}
