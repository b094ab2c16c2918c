//! Regular expressions of `regex` and `regex~`: Lucene's, with every optional operator (eql.md section 8).
//!
//! A parsed expression is a function from a set of positions in the text to the set of positions it can reach. That
//! makes complement, intersection and intervals as plain as the rest, at a price in time.

use crate::eql::ast::Case;

use super::pattern::same;

/// A parsed expression.
///
/// ```
/// use rule_lang::eql::ast::Case;
/// use rule_lang::meaning::regex::Regex;
/// let regex = Regex::parse(r".*net1?\.exe&~(bad.*)").unwrap();
/// assert!(regex.matches("net.exe", Case::Sensitive));
/// assert!(!regex.matches("bad-net.exe", Case::Sensitive));
/// ```
#[derive(Clone, Debug)]
pub struct Regex(Node);

/// Why an expression cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegexError {
    /// Which character, counted from zero.
    pub position: usize,
    /// What is wrong there.
    pub message: &'static str,
}

#[derive(Clone, Debug)]
enum Node {
    /// Exactly this text; its letters fold.
    Text(Vec<char>),
    /// One character.
    One(One),
    /// Any text.
    AnyText,
    /// No text at all, not even the empty one.
    Nothing,
    /// A decimal number in a range, with exactly `width` digits unless that is zero.
    Interval {
        low: u64,
        high: u64,
        width: usize,
    },
    Concat(Vec<Node>),
    Union(Vec<Node>),
    Intersection(Vec<Node>),
    Complement(Box<Node>),
    Repeat {
        node: Box<Node>,
        min: u32,
        max: Option<u32>,
    },
}

/// What one character may be.
#[derive(Clone, Debug)]
enum One {
    Any,
    Char(char),
    Class { parts: Vec<ClassPart>, negated: bool },
}

impl One {
    fn accepts(&self, c: char, case: Case) -> bool {
        match self {
            One::Any => true,
            One::Char(own) => same(*own, c, case),
            One::Class { parts, negated } => parts.iter().any(|part| part.contains(c, case)) != *negated,
        }
    }
}

#[derive(Clone, Debug)]
enum ClassPart {
    Char(char),
    /// Ranges never fold.
    Range(char, char),
    Shorthand(char),
}

impl ClassPart {
    fn contains(&self, c: char, case: Case) -> bool {
        match *self {
            ClassPart::Char(own) => same(own, c, case),
            ClassPart::Range(low, high) => (low..=high).contains(&c),
            ClassPart::Shorthand(letter) => {
                let inside = match letter.to_ascii_lowercase() {
                    'd' => c.is_ascii_digit(),
                    'w' => c.is_ascii_alphanumeric() || c == '_',
                    _ => matches!(c, ' ' | '\t' | '\n' | '\r'),
                };
                inside == letter.is_ascii_lowercase()
            }
        }
    }
}

/// A set of positions in a text, from 0 to its length.
type Positions = Vec<bool>;

impl Regex {
    /// Reads an expression.
    pub fn parse(pattern: &str) -> Result<Self, RegexError> {
        let mut parser = Parser { chars: pattern.chars().collect(), at: 0, depth: 0 };
        if parser.chars.is_empty() {
            return Ok(Self(Node::Text(Vec::new())));
        }
        let node = parser.union()?;
        if parser.peek().is_some() {
            return parser.error("unbalanced closing parenthesis");
        }
        Ok(Self(node))
    }

    /// Whether the whole of `text` matches.
    pub fn matches(&self, text: &str, case: Case) -> bool {
        let matcher = Matcher { text: text.chars().collect(), case };
        let end = matcher.text.len();
        matcher.reach(&self.0, &matcher.only(0))[end]
    }
}

struct Matcher {
    text: Vec<char>,
    case: Case,
}

impl Matcher {
    fn only(&self, position: usize) -> Positions {
        let mut positions = self.none();
        positions[position] = true;
        positions
    }

    fn none(&self) -> Positions {
        vec![false; self.text.len() + 1]
    }

    /// All positions that `node` reaches from some position of `from`.
    fn reach(&self, node: &Node, from: &Positions) -> Positions {
        match node {
            Node::Text(chars) => {
                chars.iter().fold(from.clone(), |at, own| self.step(&at, |c| same(*own, c, self.case)))
            }
            Node::One(one) => self.step(from, |c| one.accepts(c, self.case)),
            Node::AnyText => {
                let first = from.iter().position(|at| *at).unwrap_or(from.len());
                (0..from.len()).map(|i| i >= first).collect()
            }
            Node::Nothing => self.none(),
            Node::Concat(nodes) => nodes.iter().fold(from.clone(), |at, node| self.reach(node, &at)),
            Node::Union(nodes) => {
                nodes.iter().fold(self.none(), |all, node| join(all, &self.reach(node, from)))
            }
            Node::Repeat { node, min, max } => self.repeat(node, *min, *max, from),
            Node::Interval { low, high, width } => self.for_each_of(from, |start| {
                let inside = |end| end > start && in_interval(&self.text[start..end], *low, *high, *width);
                (0..from.len()).map(inside).collect()
            }),
            Node::Intersection(nodes) => self.for_each_of(from, |start| {
                let reached: Vec<_> = nodes.iter().map(|node| self.reach(node, &self.only(start))).collect();
                (0..from.len()).map(|i| reached.iter().all(|reached| reached[i])).collect()
            }),
            Node::Complement(node) => self.for_each_of(from, |start| {
                let reached = self.reach(node, &self.only(start));
                reached.iter().enumerate().map(|(i, at)| i >= start && !at).collect()
            }),
        }
    }

    /// One character further wherever the test allows.
    fn step(&self, from: &Positions, test: impl Fn(char) -> bool) -> Positions {
        let mut to = self.none();
        for (i, c) in self.text.iter().enumerate() {
            to[i + 1] = from[i] && test(*c);
        }
        to
    }

    /// The union over the starting positions, for what depends on where it starts.
    fn for_each_of(&self, from: &Positions, reach: impl Fn(usize) -> Positions) -> Positions {
        let starts = (0..from.len()).filter(|start| from[*start]);
        starts.fold(self.none(), |all, start| join(all, &reach(start)))
    }

    /// `.*` and the like in one pass; long values would take too many rounds.
    fn run_of(&self, one: &One, from: &Positions) -> Positions {
        let mut all = from.clone();
        for (i, c) in self.text.iter().enumerate() {
            all[i + 1] |= all[i] && one.accepts(*c, self.case);
        }
        all
    }

    fn repeat(&self, node: &Node, min: u32, max: Option<u32>, from: &Positions) -> Positions {
        if let (Node::One(one), 0, None) = (node, min, max) {
            return self.run_of(one, from);
        }
        let mut at = from.clone();
        for _ in 0..min {
            let next = self.reach(node, &at);
            // Empty, or as large as it gets: more rounds change nothing.
            if next == at {
                break;
            }
            at = next;
        }
        let mut all = at.clone();
        let mut rounds = max.map_or(u32::MAX, |max| max.saturating_sub(min));
        while rounds > 0 {
            let next = self.reach(node, &at);
            if next.iter().zip(&all).all(|(next, all)| !next || *all) {
                break;
            }
            all = join(all, &next);
            at = next;
            rounds -= 1;
        }
        all
    }
}

fn join(mut all: Positions, more: &Positions) -> Positions {
    for (all, more) in all.iter_mut().zip(more) {
        *all |= *more;
    }
    all
}

fn in_interval(text: &[char], low: u64, high: u64, width: usize) -> bool {
    if !text.iter().all(char::is_ascii_digit) || (width != 0 && text.len() != width) {
        return false;
    }
    let digits: String = text.iter().skip_while(|c| **c == '0').collect();
    let value = if digits.is_empty() { Ok(0) } else { digits.parse::<u64>() };
    value.is_ok_and(|value| (low..=high).contains(&value))
}

/// How many groups may stand inside each other.
const MAX_DEPTH: usize = 100;

/// Recursive descent over the grammar of Lucene's `RegExp`.
struct Parser {
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        self.at += usize::from(found);
        found
    }

    fn next(&mut self) -> Result<char, RegexError> {
        let Some(c) = self.peek() else { return self.error("the expression ends too early") };
        self.at += 1;
        Ok(c)
    }

    fn error<T>(&self, message: &'static str) -> Result<T, RegexError> {
        Err(RegexError { position: self.at, message })
    }

    fn union(&mut self) -> Result<Node, RegexError> {
        let mut nodes = vec![self.intersection()?];
        while self.take('|') {
            nodes.push(self.intersection()?);
        }
        Ok(one_or(nodes, Node::Union))
    }

    fn intersection(&mut self) -> Result<Node, RegexError> {
        let mut nodes = vec![self.concat()?];
        while self.take('&') {
            nodes.push(self.concat()?);
        }
        Ok(one_or(nodes, Node::Intersection))
    }

    fn concat(&mut self) -> Result<Node, RegexError> {
        // The first item is read whatever it is: in `|a` and `*a` the operator stands for itself.
        let mut nodes = vec![self.repeat()?];
        while self.peek().is_some_and(|c| !matches!(c, ')' | '|' | '&')) {
            nodes.push(self.repeat()?);
        }
        Ok(one_or(nodes, Node::Concat))
    }

    fn repeat(&mut self) -> Result<Node, RegexError> {
        let mut node = self.complement()?;
        let mut repeats = 0;
        loop {
            let (min, max) = if self.take('?') {
                (0, Some(1))
            } else if self.take('*') {
                (0, None)
            } else if self.take('+') {
                (1, None)
            } else if self.take('{') {
                self.counts()?
            } else {
                return Ok(node);
            };
            repeats += 1;
            if repeats > MAX_DEPTH {
                return self.error("too many repetitions of repetitions");
            }
            node = Node::Repeat { node: Box::new(node), min, max };
        }
    }

    /// What follows an opening brace: `n}`, `n,}` or `n,m}`.
    fn counts(&mut self) -> Result<(u32, Option<u32>), RegexError> {
        let min = self.count()?;
        let max = if !self.take(',') {
            Some(min)
        } else if self.peek() == Some('}') {
            None
        } else {
            Some(self.count()?)
        };
        if !self.take('}') {
            return self.error("expected a closing brace");
        }
        if max.is_some_and(|max| max < min) {
            return self.error("the repetition is the wrong way round");
        }
        Ok((min, max))
    }

    fn count(&mut self) -> Result<u32, RegexError> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        let digits: String = self.chars[start..self.at].iter().collect();
        digits
            .parse()
            .map_err(|_| RegexError { position: start, message: "expected a number of repetitions" })
    }

    fn complement(&mut self) -> Result<Node, RegexError> {
        // Two tildes cancel out, so a long run of them cannot exhaust the stack.
        let mut complement = false;
        while self.take('~') {
            complement = !complement;
        }
        let node = self.class()?;
        Ok(if complement { Node::Complement(Box::new(node)) } else { node })
    }

    fn class(&mut self) -> Result<Node, RegexError> {
        if !self.take('[') {
            return self.simple();
        }
        let negated = self.take('^');
        // The first character is read whatever it is, so `[]a]` holds a bracket.
        let mut parts = vec![self.class_part()?];
        while self.peek().is_some_and(|c| c != ']') {
            parts.push(self.class_part()?);
        }
        if self.take(']') {
            Ok(Node::One(One::Class { parts, negated }))
        } else {
            self.error("expected a closing bracket")
        }
    }

    fn class_part(&mut self) -> Result<ClassPart, RegexError> {
        if let Some(letter) = self.shorthand() {
            return Ok(ClassPart::Shorthand(letter));
        }
        let low = self.char()?;
        if !self.take('-') {
            return Ok(ClassPart::Char(low));
        }
        let high = self.char()?;
        if low > high {
            self.error("the range is the wrong way round")
        } else {
            Ok(ClassPart::Range(low, high))
        }
    }

    fn simple(&mut self) -> Result<Node, RegexError> {
        if let Some(letter) = self.shorthand() {
            let parts = vec![ClassPart::Shorthand(letter)];
            return Ok(Node::One(One::Class { parts, negated: false }));
        }
        match self.peek() {
            Some('.') => {
                self.at += 1;
                Ok(Node::One(One::Any))
            }
            Some('#') => {
                self.at += 1;
                Ok(Node::Nothing)
            }
            Some('@') => {
                self.at += 1;
                Ok(Node::AnyText)
            }
            Some('"') => self.quoted(),
            Some('(') => self.group(),
            Some('<') => self.interval(),
            _ => Ok(Node::One(One::Char(self.char()?))),
        }
    }

    fn quoted(&mut self) -> Result<Node, RegexError> {
        self.at += 1;
        let start = self.at;
        while self.peek().is_some_and(|c| c != '"') {
            self.at += 1;
        }
        let text = self.chars[start..self.at].to_vec();
        if self.take('"') { Ok(Node::Text(text)) } else { self.error("expected a closing quote") }
    }

    fn group(&mut self) -> Result<Node, RegexError> {
        self.at += 1;
        if self.take(')') {
            return Ok(Node::Text(Vec::new()));
        }
        if self.depth == MAX_DEPTH {
            return self.error("too many groups inside each other");
        }
        self.depth += 1;
        let node = self.union()?;
        self.depth -= 1;
        if self.take(')') { Ok(node) } else { self.error("expected a closing parenthesis") }
    }

    fn interval(&mut self) -> Result<Node, RegexError> {
        self.at += 1;
        let start = self.at;
        while self.peek().is_some_and(|c| c != '>') {
            self.at += 1;
        }
        let inside: String = self.chars[start..self.at].iter().collect();
        if !self.take('>') {
            return self.error("expected a closing angle bracket");
        }
        let wrong = RegexError { position: start, message: "expected an interval such as <1-100>" };
        let (low, high) = inside.split_once('-').ok_or(wrong)?;
        let width = if low.len() == high.len() { low.len() } else { 0 };
        let (low, high): (u64, u64) = (low.parse().map_err(|_| wrong)?, high.parse().map_err(|_| wrong)?);
        Ok(Node::Interval { low: low.min(high), high: low.max(high), width })
    }

    /// `\d`, `\w`, `\s` and their opposites.
    fn shorthand(&mut self) -> Option<char> {
        let letter = *self.chars.get(self.at + 1)?;
        if self.peek() != Some('\\') || !matches!(letter, 'd' | 'w' | 's' | 'D' | 'W' | 'S') {
            return None;
        }
        self.at += 2;
        Some(letter)
    }

    fn char(&mut self) -> Result<char, RegexError> {
        self.take('\\');
        self.next()
    }
}

fn one_or(mut nodes: Vec<Node>, many: fn(Vec<Node>) -> Node) -> Node {
    if nodes.len() == 1 { nodes.remove(0) } else { many(nodes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pattern, texts that match, texts that do not.
    type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

    const ROWS: &[Row] = &[
        ("abc", &["abc"], &["ABC", "ab", "abcd", ""]),
        ("", &[""], &["a"]),
        ("()", &[""], &["a"]),
        ("a.c", &["abc", "a\nc", "aéc"], &["ac"]),
        ("^a.*", &["^a", "^abc"], &["a", "abc"]),
        ("a$", &["a$"], &["a"]),
        ("ab?c+d*", &["ac", "abccd"], &["ab", "abbc"]),
        ("a{2}", &["aa"], &["a", "aaa"]),
        ("a{2,}", &["aa", "aaaa"], &["a"]),
        ("a{1,3}", &["a", "aaa"], &["", "aaaa"]),
        ("(ab)*", &["", "abab"], &["aba"]),
        ("(a*)*b", &["b", "aaab"], &["aaac"]),
        ("a|bc|d", &["a", "bc", "d"], &["ab", "abc"]),
        (".*?net1.*?", &["x net1 y"], &["net"]),
        ("[a-c0]+", &["abc0"], &["ABC", "d"]),
        ("[^a-c]", &["d", "\n"], &["a", ""]),
        ("[]a]", &["]", "a"], &["b"]),
        ("[a\\]b]", &["]", "a"], &["\\"]),
        ("[-a]", &["-", "a"], &["b"]),
        ("\\.\\*", &[".*"], &["aa"]),
        ("\"a.b*\"", &["a.b*"], &["axb"]),
        ("\\d+\\w\\s", &["12a ", "1_\t"], &["a1 ", "12é "]),
        ("\\D\\W\\S", &["a-b"], &["1-b", "aab", "a- "]),
        ("[\\d.]+", &["1.2"], &["a"]),
        ("~(ab)", &["", "a", "abc"], &["ab"]),
        ("~abc", &["bc", "aabc", "xbc"], &["abc"]),
        ("~a*", &["", "b", "xyz"], &[]),
        ("~~a", &["a"], &["b"]),
        ("a.*&.*b", &["ab", "axb"], &["a", "b", "ba"]),
        ("a@&~(.*x.*)", &["a", "abc"], &["ax", "b"]),
        ("#", &[], &["", "#"]),
        ("a#|b", &["b"], &["a", "a#"]),
        ("@", &["", "anything\n"], &[]),
        ("<1-100>", &["1", "050", "100"], &["0", "101", "", "a"]),
        ("<01-10>", &["01", "10"], &["1", "001", "11"]),
        ("<10-1>", &["5"], &["11"]),
        ("a<1-3>b", &["a2b"], &["a4b"]),
        ("a]b}c-d", &["a]b}c-d"], &[]),
    ];

    #[test]
    fn every_operator() {
        for (pattern, matching, other) in ROWS {
            let regex = Regex::parse(pattern).unwrap();
            for text in *matching {
                assert!(regex.matches(text, Case::Sensitive), "{pattern} must match {text:?}");
            }
            for text in *other {
                assert!(!regex.matches(text, Case::Sensitive), "{pattern} must not match {text:?}");
            }
        }
    }

    #[test]
    fn case_folds_in_letters_and_not_in_ranges() {
        let matches =
            |pattern: &str, text: &str| Regex::parse(pattern).unwrap().matches(text, Case::Insensitive);
        assert!(matches("abc", "aBC"));
        assert!(matches("\"abc\"", "ABC"));
        assert!(matches("[abc]+", "ABC"));
        assert!(!matches("[a-c]+", "ABC"));
        assert!(!matches("é", "É"));
        assert!(!matches("[^a]", "A"));
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        for pattern in [
            "(", "a)", "[", "[a", "[]", "a{", "a{x}", "a{1", "a{2,1}", "\"a", "<1-", "<a-b>", "<x>", "a\\",
            "[b-a]",
        ] {
            assert!(Regex::parse(pattern).is_err(), "{pattern}");
        }
    }
}
