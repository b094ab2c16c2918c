//! Regular expressions at run time: a table walked byte by byte over a whole value.
//!
//! The tables are made where the rules are compiled. The walk is linear in the value, needs no memory and stops at the
//! first byte after which nothing can match.

/// A deterministic automaton over bytes. State 0 is the one that nothing leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dfa<'a> {
    /// The class of each byte: 256 entries, each below `width`.
    pub classes: &'a [u8; 256],
    /// `width` next states for each state.
    pub transitions: &'a [u16],
    /// Number of classes.
    pub width: u16,
    /// Where the walk begins.
    pub start: u16,
    /// States from this one on accept.
    pub accepting: u16,
}

impl Dfa<'_> {
    /// Whether the whole value belongs to the language.
    ///
    /// ```
    /// use rule_runtime::matcher::Dfa;
    /// // `a+`: classes 0 (other bytes) and 1 (`a`); states 0 (dead), 1 (start), 2 (accepting)
    /// static CLASSES: [u8; 256] = { let mut classes = [0; 256]; classes[b'a' as usize] = 1; classes };
    /// let dfa = Dfa { classes: &CLASSES, transitions: &[0, 0, 0, 2, 0, 2], width: 2, start: 1, accepting: 2 };
    /// assert!(dfa.is_match(b"aaa"));
    /// assert!(!dfa.is_match(b"aab") && !dfa.is_match(b""));
    /// ```
    pub fn is_match(&self, value: &[u8]) -> bool {
        let width = usize::from(self.width);
        let mut state = self.start;
        for byte in value {
            let class = usize::from(self.classes[usize::from(*byte)]);
            state = match self.transitions.get(usize::from(state) * width + class) {
                Some(0) | None => return false,
                Some(next) => *next,
            };
        }
        state >= self.accepting
    }
}
