//! Splits a filter into units, so that each branch of an `or` can be dispatched by its own exact text.
//!
//! Catches the house idiom `(process.name : "x.exe" or ?process.pe.original_file_name == "x.exe")`: as a whole it
//! demands no text of one field, yet each branch does.

use super::demand::{Literals, demands};
use super::tree::Tree;

/// At most this many branches become units, and at most this many units come of one filter.
const MOST_BRANCHES: usize = 8;
/// `or`s inside branches are split this deep.
const LEVELS: usize = 2;

/// The branches of `tree`; the filter holds if one of them does.
pub(super) fn split(tree: Tree, tests: &impl Literals) -> Vec<Tree> {
    let mut units = vec![tree];
    for _ in 0..LEVELS {
        let mut next = Vec::new();
        for unit in units {
            match branches(&unit, tests) {
                Some(branches) if next.len() + branches.len() <= MOST_BRANCHES => next.extend(branches),
                _ => next.push(unit),
            }
        }
        units = next;
    }
    units
}

/// The tree once per branch of its first `or` that is worth splitting.
fn branches(tree: &Tree, tests: &impl Literals) -> Option<Vec<Tree>> {
    let conjuncts = tree.conjuncts();
    let at = conjuncts.iter().position(|child| worth_splitting(child, tests))?;
    let Tree::Or(alternatives) = &conjuncts[at] else { return None };
    let branch = |alternative: &Tree| {
        let mut children = conjuncts.to_vec();
        children[at] = alternative.clone();
        Tree::and(children)
    };
    Some(alternatives.iter().map(branch).collect())
}

/// An `or` with few branches that each demand a text, and one of which demands more than all of them together.
fn worth_splitting(tree: &Tree, tests: &impl Literals) -> bool {
    let Tree::Or(branches) = tree else { return false };
    if branches.len() > MOST_BRANCHES {
        return false;
    }
    let demanded: Vec<_> = branches.iter().map(|branch| demands(branch, tests)).collect();
    let together = demands(tree, tests);
    demanded.iter().all(|branch| !branch.is_empty())
        && (together.is_empty() || demanded.iter().any(|branch| branch.len() > together.len()))
}
