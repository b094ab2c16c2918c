//! A tree as a nondeterministic automaton over UTF-8 bytes (Thompson's construction).
//!
//! Complement and intersection have no such form: their parts are made deterministic first and put in as they are.

use regex_syntax::utf8::Utf8Sequences;

use super::automaton::{Automaton, Budget, TooLarge};
use super::syntax::{Node, Range};

/// The last character of one byte, and the first of several.
const LAST_SHORT: char = '\u{7f}';
const FIRST_LONG: char = '\u{80}';

/// Number of a state.
pub(super) type State = u32;

/// An automaton with one start and one end.
#[derive(Debug, Default)]
pub(super) struct Nfa {
    states: Vec<Moves>,
}

/// What leaves a state.
#[derive(Debug, Default)]
struct Moves {
    free: Vec<State>,
    bytes: Vec<(u8, u8, State)>,
}

/// A part of an automaton, entered at `start` and left at `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) start: State,
    pub(super) end: State,
}

impl Nfa {
    /// States that are reached from a state without reading a byte.
    pub(super) fn free(&self, state: State) -> &[State] {
        &self.states[state as usize].free
    }

    /// Ranges of bytes with the state that each leads to.
    pub(super) fn bytes(&self, state: State) -> &[(u8, u8, State)] {
        &self.states[state as usize].bytes
    }

    /// How many states there are.
    pub(super) fn len(&self) -> usize {
        self.states.len()
    }

    /// Adds the automaton of a tree.
    pub(super) fn add(&mut self, node: &Node, budget: &mut Budget) -> Result<Part, TooLarge> {
        match node {
            Node::Class(ranges) => self.class(ranges, budget),
            Node::AnyText => {
                let part = self.class(&[('\0', char::MAX)], budget)?;
                self.join(part.end, part.start);
                Ok(Part { start: part.start, end: part.start })
            }
            Node::Nothing => self.part(budget),
            Node::Interval { low, high, width } => self.interval(*low, *high, *width, budget),
            Node::Concat(nodes) => self.concat(nodes, budget),
            Node::Union(nodes) => self.union(nodes, budget),
            Node::Repeat { node, min, max } => self.repeat(node, *min, *max, budget),
            Node::Intersection(left, right) => {
                let left = Automaton::of(left, budget)?;
                let right = Automaton::of(right, budget)?;
                let both = left.product(&right, |left, right| left && right, budget)?;
                self.embed(&both, budget)
            }
            Node::Complement(node) => {
                // Only whole characters are texts, so the complement is taken within valid UTF-8.
                let all = Automaton::of(&Node::AnyText, budget)?;
                let inner = Automaton::of(node, budget)?;
                let rest = all.product(&inner, |all, inner| all && !inner, budget)?;
                self.embed(&rest, budget)
            }
        }
    }

    fn state(&mut self, budget: &mut Budget) -> Result<State, TooLarge> {
        budget.spend(1)?;
        self.states.push(Moves::default());
        State::try_from(self.states.len() - 1).map_err(|_| TooLarge)
    }

    fn part(&mut self, budget: &mut Budget) -> Result<Part, TooLarge> {
        Ok(Part { start: self.state(budget)?, end: self.state(budget)? })
    }

    fn join(&mut self, from: State, to: State) {
        self.states[from as usize].free.push(to);
    }

    fn read(&mut self, from: State, (low, high): (u8, u8), to: State) {
        self.states[from as usize].bytes.push((low, high, to));
    }

    fn class(&mut self, ranges: &[Range], budget: &mut Budget) -> Result<Part, TooLarge> {
        let part = self.part(budget)?;
        let mut ranges = ranges.to_vec();
        if let Some(last) = ranges.last_mut().filter(|(low, high)| *low <= FIRST_LONG && *high == char::MAX) {
            self.all_long(part, budget)?;
            last.1 = LAST_SHORT;
        }
        ranges.retain(|(low, high)| low <= high);
        for sequence in ranges.iter().flat_map(|(low, high)| Utf8Sequences::new(*low, *high)) {
            let mut at = part.start;
            let (last, front) = sequence.as_slice().split_last().ok_or(TooLarge)?;
            for range in front {
                let next = self.state(budget)?;
                self.read(at, (range.start, range.end), next);
                at = next;
            }
            self.read(at, (last.start, last.end), part.end);
        }
        Ok(part)
    }

    /// Reads any character of several bytes. Values are valid UTF-8, so which byte may follow which need not be checked;
    /// that keeps the automata of `.` and of negated classes small.
    fn all_long(&mut self, part: Part, budget: &mut Budget) -> Result<(), TooLarge> {
        const FOLLOWING: (u8, u8) = (0x80, 0xBF);
        let one_left = self.state(budget)?;
        let two_left = self.state(budget)?;
        let three_left = self.state(budget)?;
        self.read(part.start, (0xC2, 0xDF), one_left);
        self.read(part.start, (0xE0, 0xEF), two_left);
        self.read(part.start, (0xF0, 0xF4), three_left);
        self.read(three_left, FOLLOWING, two_left);
        self.read(two_left, FOLLOWING, one_left);
        self.read(one_left, FOLLOWING, part.end);
        Ok(())
    }

    fn concat(&mut self, nodes: &[Node], budget: &mut Budget) -> Result<Part, TooLarge> {
        let start = self.state(budget)?;
        let mut end = start;
        for node in nodes {
            let part = self.add(node, budget)?;
            self.join(end, part.start);
            end = part.end;
        }
        Ok(Part { start, end })
    }

    fn union(&mut self, nodes: &[Node], budget: &mut Budget) -> Result<Part, TooLarge> {
        let whole = self.part(budget)?;
        for node in nodes {
            let part = self.add(node, budget)?;
            self.join(whole.start, part.start);
            self.join(part.end, whole.end);
        }
        Ok(whole)
    }

    fn repeat(
        &mut self,
        node: &Node,
        min: u32,
        max: Option<u32>,
        budget: &mut Budget,
    ) -> Result<Part, TooLarge> {
        let whole = self.part(budget)?;
        let mut at = whole.start;
        for _ in 0..min {
            let part = self.add(node, budget)?;
            self.join(at, part.start);
            at = part.end;
        }
        match max {
            // More at least than at most: no text is repeated so.
            Some(max) if max < min => return Ok(whole),
            Some(max) => {
                for _ in min..max {
                    self.join(at, whole.end);
                    let part = self.add(node, budget)?;
                    self.join(at, part.start);
                    at = part.end;
                }
                self.join(at, whole.end);
            }
            None => {
                let hub = self.state(budget)?;
                let part = self.add(node, budget)?;
                self.join(at, hub);
                self.join(hub, part.start);
                self.join(part.end, hub);
                self.join(hub, whole.end);
            }
        }
        Ok(whole)
    }

    fn interval(&mut self, low: u64, high: u64, width: usize, budget: &mut Budget) -> Result<Part, TooLarge> {
        let whole = self.part(budget)?;
        if width > 0 {
            let pad = |number: u64| format!("{number:0width$}").into_bytes();
            self.digits(&pad(low), &pad(high), whole, budget)?;
            return Ok(whole);
        }
        // Any number of zeros, then a number without more zeros than its last digit.
        let zeros = self.state(budget)?;
        self.join(whole.start, zeros);
        self.read(zeros, (b'0', b'0'), zeros);
        let longest = high.to_string().len();
        for length in 1..=longest {
            let smallest = 10u64.pow(u32::try_from(length - 1).map_err(|_| TooLarge)?);
            let largest = smallest.saturating_mul(10).saturating_sub(1);
            let smallest = if length == 1 { 0 } else { smallest };
            let (low, high) = (low.max(smallest), high.min(if length == 20 { u64::MAX } else { largest }));
            if low <= high {
                let part = Part { start: zeros, end: whole.end };
                self.digits(low.to_string().as_bytes(), high.to_string().as_bytes(), part, budget)?;
            }
        }
        Ok(whole)
    }

    /// Adds the numbers from `low` to `high`, both with the same number of digits, between the ends of `part`.
    fn digits(&mut self, low: &[u8], high: &[u8], part: Part, budget: &mut Budget) -> Result<(), TooLarge> {
        // One path follows the digits of both bounds while they are the same, then one path each.
        let same = low.iter().zip(high).take_while(|(low, high)| low == high).count();
        let mut at = part.start;
        for (index, digit) in low[..same].iter().enumerate() {
            let next = if index + 1 == low.len() { part.end } else { self.state(budget)? };
            self.read(at, (*digit, *digit), next);
            at = next;
        }
        if same == low.len() {
            return Ok(());
        }
        let rest = low.len() - same - 1;
        if low[same] + 1 < high[same] {
            let next = self.any_digits(rest, part.end, budget)?;
            self.read(at, (low[same] + 1, high[same] - 1), next);
        }
        for (bound, below) in [(low, false), (high, true)] {
            let mut on = if rest == 0 { part.end } else { self.state(budget)? };
            self.read(at, (bound[same], bound[same]), on);
            for (index, digit) in bound.iter().enumerate().skip(same + 1) {
                let left = low.len() - index - 1;
                let inside = if below { (b'0', digit - 1) } else { (digit + 1, b'9') };
                if inside.0 <= inside.1 {
                    let next = self.any_digits(left, part.end, budget)?;
                    self.read(on, inside, next);
                }
                let next = if left == 0 { part.end } else { self.state(budget)? };
                self.read(on, (*digit, *digit), next);
                on = next;
            }
        }
        Ok(())
    }

    /// A state from which `count` digits lead to `end`.
    fn any_digits(&mut self, count: usize, end: State, budget: &mut Budget) -> Result<State, TooLarge> {
        let mut at = end;
        for _ in 0..count {
            let before = self.state(budget)?;
            self.read(before, (b'0', b'9'), at);
            at = before;
        }
        Ok(at)
    }

    fn embed(&mut self, automaton: &Automaton, budget: &mut Budget) -> Result<Part, TooLarge> {
        let start = self.state(budget)?;
        let end = self.state(budget)?;
        let mut states = Vec::with_capacity(automaton.len());
        for _ in 0..automaton.len() {
            states.push(self.state(budget)?);
        }
        self.join(start, states[automaton.start()]);
        for (state, own) in states.iter().enumerate() {
            if automaton.is_dead(state) {
                continue;
            }
            for (low, high, next) in automaton.ranges(state) {
                if !automaton.is_dead(next) {
                    self.read(*own, (low, high), states[next]);
                }
            }
            if automaton.is_accepting(state) {
                self.join(*own, end);
            }
        }
        Ok(Part { start, end })
    }
}
