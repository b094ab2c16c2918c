//! Lucene regular expressions as tables for the runtime.
//!
//! In: patterns as written and whether case counts. Out: automata that a value is run through once; several patterns
//! share one if that stays small. Work and size are bounded: an expression beyond the bounds is an error.

mod automaton;
mod nfa;
mod syntax;

#[cfg(test)]
mod tests;

use bumpalo::Bump;
use rule_lang::eql::ast::Case;
use rule_runtime::matcher::Dfa;

use automaton::{Automaton, Budget, TooLarge};
use syntax::Node;

pub use syntax::SyntaxError;

/// States that the automaton of one pattern may have; the limit of Elasticsearch.
pub const MAX_STATES: usize = 10_000;
/// States that the common automaton of a list may have.
const MAX_LIST_STATES: usize = 1_000;
/// Steps that one automaton may take to make.
const MAX_STEPS: usize = 2_000_000;

/// Why a pattern has no automaton.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegexError {
    /// It cannot be read.
    Syntax(SyntaxError),
    /// It needs too many states.
    TooLarge,
}

impl From<TooLarge> for RegexError {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

/// The automata of a list of patterns. The error names the pattern by its index.
pub fn compile<'a>(
    patterns: &[String],
    case: Case,
    arena: &'a Bump,
) -> Result<&'a [Dfa<'a>], (usize, RegexError)> {
    let mut nodes = Vec::new();
    for (index, pattern) in patterns.iter().enumerate() {
        let node = syntax::parse(pattern, case).map_err(|error| (index, RegexError::Syntax(error)))?;
        nodes.push(node);
    }
    if let [_, _, ..] = &*nodes {
        let mut budget = Budget { states: MAX_LIST_STATES, steps: MAX_STEPS / 10 };
        let list = Node::Union(nodes);
        if let Ok(automaton) = Automaton::of(&list, &mut budget) {
            return Ok(arena.alloc_slice_copy(&[table(&automaton, arena)]));
        }
        let Node::Union(parts) = list else { return Ok(&[]) };
        nodes = parts;
    }
    let mut dfas = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let mut budget = Budget { states: MAX_STATES, steps: MAX_STEPS };
        let automaton = Automaton::of(node, &mut budget).map_err(|error| (index, error.into()))?;
        dfas.push(table(&automaton, arena));
    }
    dfas.sort_unstable();
    Ok(arena.alloc_slice_copy(&dfas))
}

/// The automaton as the runtime wants it: the dead state first, accepting states last.
fn table<'a>(automaton: &Automaton, arena: &'a Bump) -> Dfa<'a> {
    let live = || (0..automaton.len()).filter(|state| !automaton.is_dead(*state));
    let rejecting = live().filter(|state| !automaton.is_accepting(*state));
    let accepting = live().filter(|state| automaton.is_accepting(*state));
    let order: Vec<usize> = rejecting.chain(accepting).collect();
    // A minimal automaton has one dead state at most, so what is not in the order is that one.
    let mut numbers = vec![0u16; automaton.len()];
    for (index, state) in order.iter().enumerate() {
        numbers[*state] = index as u16 + 1;
    }
    let dead_row = (0..automaton.width()).map(|_| 0);
    let rows = order.iter().flat_map(|state| automaton.row(*state)).map(|next| numbers[*next as usize]);
    let transitions: Vec<u16> = dead_row.chain(rows).collect();
    let accepting = order.iter().filter(|state| automaton.is_accepting(**state)).count();
    Dfa {
        classes: arena.alloc(*automaton.classes()),
        transitions: arena.alloc_slice_copy(&transitions),
        width: automaton.width() as u16,
        start: numbers[automaton.start()],
        accepting: (order.len() - accepting) as u16 + 1,
    }
}
