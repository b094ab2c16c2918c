//! Whether two engines say the same of the same rules and events.

use std::collections::BTreeMap;

use crate::by_rule;
use crate::table::Row;

/// How many rules that differ are named.
const SHOWN: usize = 8;

/// Prints for how many rules both count the same matches, and where they do not.
pub(crate) fn print(peer: &str, kiln: &Row, other: &Row) {
    let (Some(ours), Some(theirs)) = (kiln.answer(), other.answer()) else { return };
    let mut counts: BTreeMap<&str, (u64, u64)> =
        kiln.loaded().into_iter().map(|rule| (rule, (0, 0))).collect();
    let rules = counts.len();
    for (rule, count) in by_rule(ours) {
        counts.entry(rule).or_default().0 = count;
    }
    for (rule, count) in by_rule(theirs) {
        counts.entry(rule).or_default().1 = count;
    }
    let silent = counts.values().filter(|counts| **counts == (0, 0)).count();
    let mut differing: Vec<_> = counts.iter().filter(|(_, (ours, theirs))| ours != theirs).collect();
    println!(
        "Kiln and {peer}: {} of {rules} rules match as often ({silent} of them never); {} differ",
        rules - differing.len(),
        differing.len()
    );
    differing.sort_by_key(|(_, (ours, theirs))| std::cmp::Reverse(ours.abs_diff(*theirs)));
    for (rule, (ours, theirs)) in differing.iter().take(SHOWN) {
        println!("    {rule}: {ours} and {theirs}");
    }
}
