//! Lucene's regular expressions: text in, tree out (eql.md section 8, the grammar of Lucene's `RegExp`).
//!
//! Case is settled here: a literal letter that may have either case becomes a class of two; ranges stay as written.

use rule_lang::eql::ast::Case;

/// An inclusive range of code points.
pub(super) type Range = (char, char);

/// How deep groups and repetitions may be nested.
const MAX_DEPTH: usize = 100;

/// A regular expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// One character of these ranges.
    Class(Vec<Range>),
    /// Any text.
    AnyText,
    /// No text at all.
    Nothing,
    /// A decimal number: exactly `width` digits, or any number of leading zeros if that is 0.
    Interval { low: u64, high: u64, width: usize },
    /// All of them in a row; without any, the empty text.
    Concat(Vec<Node>),
    /// One of them.
    Union(Vec<Node>),
    /// Both.
    Intersection(Box<Node>, Box<Node>),
    /// Every text that is not this.
    Complement(Box<Node>),
    /// The same again, `min` to `max` times.
    Repeat { node: Box<Node>, min: u32, max: Option<u32> },
}

/// What is wrong with an expression, and at which of its characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Counted in characters from 0.
    pub position: usize,
    /// One clause, such as `expected a closing bracket`.
    pub message: &'static str,
}

/// Reads an expression.
pub(super) fn parse(pattern: &str, case: Case) -> Result<Node, SyntaxError> {
    let mut parser = Parser { chars: pattern.chars().collect(), at: 0, depth: 0, case };
    if parser.chars.is_empty() {
        return Ok(Node::Concat(Vec::new()));
    }
    let node = parser.union()?;
    if parser.at < parser.chars.len() {
        return parser.fail("this parenthesis closes nothing");
    }
    Ok(node)
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    depth: usize,
    case: Case,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn fail<T>(&self, message: &'static str) -> Result<T, SyntaxError> {
        Err(SyntaxError { position: self.at, message })
    }

    fn expect(&mut self, wanted: char, message: &'static str) -> Result<(), SyntaxError> {
        if self.eat(wanted) { Ok(()) } else { self.fail(message) }
    }

    fn union(&mut self) -> Result<Node, SyntaxError> {
        let first = self.intersection()?;
        if self.peek() != Some('|') {
            return Ok(first);
        }
        let mut nodes = vec![first];
        while self.eat('|') {
            nodes.push(self.intersection()?);
        }
        Ok(Node::Union(nodes))
    }

    fn intersection(&mut self) -> Result<Node, SyntaxError> {
        let mut node = self.concat()?;
        let mut count = 0;
        while self.eat('&') {
            count += 1;
            if count > MAX_DEPTH {
                return self.fail("too many intersections");
            }
            node = Node::Intersection(Box::new(node), Box::new(self.concat()?));
        }
        Ok(node)
    }

    /// The first item is read whatever it begins with: in `*a` and `|a` the operator is a literal, as in Lucene.
    fn concat(&mut self) -> Result<Node, SyntaxError> {
        let first = self.repeat()?;
        let mut nodes = vec![first];
        while self.peek().is_some_and(|c| !matches!(c, ')' | '|' | '&')) {
            nodes.push(self.repeat()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Concat(nodes) })
    }

    fn repeat(&mut self) -> Result<Node, SyntaxError> {
        let mut node = self.complement()?;
        for _ in 0..MAX_DEPTH {
            let (min, max) = match self.peek() {
                Some('?') => (0, Some(1)),
                Some('*') => (0, None),
                Some('+') => (1, None),
                Some('{') => (0, Some(0)),
                _ => return Ok(node),
            };
            let counted = self.eat('{');
            let (min, max) = if counted { self.counts()? } else { (min, max) };
            self.at += usize::from(!counted);
            node = Node::Repeat { node: Box::new(node), min, max };
        }
        self.fail("too many repetitions of a repetition")
    }

    /// `n}`, `n,}` or `n,m}`.
    fn counts(&mut self) -> Result<(u32, Option<u32>), SyntaxError> {
        let min = self.count()?;
        let max = if !self.eat(',') {
            Some(min)
        } else if self.peek() == Some('}') {
            None
        } else {
            Some(self.count()?)
        };
        self.expect('}', "expected a closing brace")?;
        Ok((min, max))
    }

    fn count(&mut self) -> Result<u32, SyntaxError> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        let digits: String = self.chars[start..self.at].iter().collect();
        let error = SyntaxError { position: start, message: "expected a number of repetitions" };
        digits.parse().map_err(|_| error)
    }

    fn complement(&mut self) -> Result<Node, SyntaxError> {
        let mut inverted = false;
        while self.eat('~') {
            inverted = !inverted;
        }
        let node = self.atom()?;
        Ok(if inverted { Node::Complement(Box::new(node)) } else { node })
    }

    fn atom(&mut self) -> Result<Node, SyntaxError> {
        if let Some(ranges) = self.shorthand() {
            return Ok(Node::Class(ranges));
        }
        let Some(c) = self.peek() else { return self.fail("the expression ends too early") };
        self.at += 1;
        match c {
            '[' => self.class(),
            '.' => Ok(Node::Class(vec![('\0', char::MAX)])),
            '#' => Ok(Node::Nothing),
            '@' => Ok(Node::AnyText),
            '"' => self.quoted(),
            '(' => self.group(),
            '<' => self.interval(),
            _ => {
                self.at -= 1;
                let c = self.literal()?;
                Ok(self.char(c))
            }
        }
    }

    /// A character that stands for itself, behind a backslash or not.
    fn literal(&mut self) -> Result<char, SyntaxError> {
        self.eat('\\');
        let Some(c) = self.peek() else { return self.fail("the expression ends too early") };
        self.at += 1;
        Ok(c)
    }

    fn char(&self, c: char) -> Node {
        Node::Class(normal(self.both_cases(c)))
    }

    fn both_cases(&self, c: char) -> Vec<Range> {
        match self.case {
            Case::Sensitive => vec![(c, c)],
            Case::Insensitive => [c.to_ascii_lowercase(), c.to_ascii_uppercase()].map(|c| (c, c)).to_vec(),
        }
    }

    fn class(&mut self) -> Result<Node, SyntaxError> {
        let negated = self.eat('^');
        // The first character is read whatever it is: `[]a]` has a bracket.
        let mut ranges = self.class_item()?;
        while self.peek().is_some_and(|c| c != ']') {
            ranges.extend(self.class_item()?);
        }
        self.expect(']', "expected a closing bracket")?;
        let ranges = normal(ranges);
        Ok(Node::Class(if negated { inverse(&ranges) } else { ranges }))
    }

    fn class_item(&mut self) -> Result<Vec<Range>, SyntaxError> {
        if let Some(ranges) = self.shorthand() {
            return Ok(ranges);
        }
        let low = self.literal()?;
        if !self.eat('-') {
            return Ok(self.both_cases(low));
        }
        let high = self.literal()?;
        if low > high { self.fail("this range ends before it begins") } else { Ok(vec![(low, high)]) }
    }

    /// `\d`, `\w`, `\s` and their opposites.
    fn shorthand(&mut self) -> Option<Vec<Range>> {
        if self.peek() != Some('\\') {
            return None;
        }
        let letter = *self.chars.get(self.at + 1)?;
        let ranges = match letter.to_ascii_lowercase() {
            'd' => vec![('0', '9')],
            'w' => vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
            's' => vec![('\t', '\n'), ('\r', '\r'), (' ', ' ')],
            _ => return None,
        };
        self.at += 2;
        Some(if letter.is_ascii_uppercase() { inverse(&ranges) } else { ranges })
    }

    fn quoted(&mut self) -> Result<Node, SyntaxError> {
        let rest = &self.chars[self.at..];
        let Some(length) = rest.iter().position(|c| *c == '"') else {
            return self.fail("expected a closing quote");
        };
        let nodes = rest[..length].iter().map(|c| self.char(*c)).collect();
        self.at += length + 1;
        Ok(Node::Concat(nodes))
    }

    fn group(&mut self) -> Result<Node, SyntaxError> {
        if self.eat(')') {
            return Ok(Node::Concat(Vec::new()));
        }
        if self.depth == MAX_DEPTH {
            return self.fail("too many groups inside each other");
        }
        self.depth += 1;
        let node = self.union()?;
        self.depth -= 1;
        self.expect(')', "expected a closing parenthesis")?;
        Ok(node)
    }

    fn interval(&mut self) -> Result<Node, SyntaxError> {
        let error = SyntaxError { position: self.at, message: "expected an interval such as <1-100>" };
        let length = self.chars[self.at..].iter().position(|c| *c == '>').ok_or(error)?;
        let inside: String = self.chars[self.at..self.at + length].iter().collect();
        let (low, high) = inside.split_once('-').ok_or(error)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| error);
        let width = if low.len() == high.len() { low.len() } else { 0 };
        let (low, high) = (number(low)?, number(high)?);
        self.at += length + 1;
        Ok(Node::Interval { low: low.min(high), high: low.max(high), width })
    }
}

/// Sorted, and without overlaps.
fn normal(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_unstable();
    let mut normal: Vec<Range> = Vec::new();
    for (low, high) in ranges {
        match normal.last_mut() {
            Some(last) if low <= last.1 => last.1 = last.1.max(high),
            _ => normal.push((low, high)),
        }
    }
    normal
}

/// All other characters; the ranges are sorted and do not overlap.
fn inverse(ranges: &[Range]) -> Vec<Range> {
    let mut inverse = Vec::new();
    let mut next = Some('\0');
    for (low, high) in ranges {
        if let Some(start) = next.filter(|start| start < low) {
            // `low` is above another character, so one comes before it.
            inverse.extend((start..*low).next_back().map(|end| (start, end)));
        }
        next = (*high..=char::MAX).nth(1);
    }
    inverse.extend(next.map(|start| (start, char::MAX)));
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_normal_and_inverted() {
        let class = |pattern, case| match parse(pattern, case) {
            Ok(Node::Class(ranges)) => ranges,
            other => panic!("{pattern} gives {other:?}"),
        };
        assert_eq!(class("[b-da-c]", Case::Sensitive), [('a', 'd')]);
        assert_eq!(class("[^b]", Case::Sensitive), [('\0', 'a'), ('c', char::MAX)]);
        assert_eq!(class("[^\0-\u{d7ff}]", Case::Sensitive), [('\u{e000}', char::MAX)]);
        assert_eq!(class("[a-b]", Case::Insensitive), [('a', 'b')]);
        assert_eq!(class("[ab]", Case::Insensitive), [('A', 'A'), ('B', 'B'), ('a', 'a'), ('b', 'b')]);
        assert_eq!(class("\\W", Case::Sensitive).len(), 5);
        assert_eq!(class("[^\\D]", Case::Sensitive), [('0', '9')]);
    }

    #[test]
    fn mistakes_have_a_place() {
        let cases = [
            ("a)", 1),
            ("(a", 2),
            ("[a", 2),
            ("[b-a]", 4),
            ("a{", 2),
            ("a{1", 3),
            ("a{99999999999}", 2),
            ("\"a", 1),
            ("<1>", 1),
            ("<1-2", 1),
            ("<a-b>", 1),
            ("a|", 2),
            ("\\", 1),
            ("~", 1),
        ];
        for (pattern, position) in cases {
            let error = parse(pattern, Case::Sensitive).unwrap_err();
            assert_eq!(error.position, position, "{pattern}: {}", error.message);
        }
    }

    #[test]
    fn depth_is_limited() {
        let deep = "(".repeat(10_000);
        assert!(parse(&deep, Case::Sensitive).is_err());
        assert!(parse(&format!("a{}", "*".repeat(10_000)), Case::Sensitive).is_err());
        assert!(parse(&format!("{}a", "~".repeat(10_000)), Case::Sensitive).is_ok());
        assert!(parse(&format!("a{}", "&a".repeat(10_000)), Case::Sensitive).is_err());
    }
}
