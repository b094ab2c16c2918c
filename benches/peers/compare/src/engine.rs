//! Kiln over the lines of a file: what this program does when it is run as one of the engines.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::PathBuf;

use bumpalo::Bump;
use kiln_bench::data::Data;
use kiln_bench::measure::{ByRule, match_by_rule};
use kiln_bench::sets::{Rules, accepted, plan_these};
use serde_json::json;

/// What to run.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// NDJSON
    events: PathBuf,
    /// How often
    passes: usize,
    /// A file of the ids of rules, a line each; all without it
    only: Option<PathBuf>,
}

/// Prints one JSON object.
pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let read =
        |path: &PathBuf| fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
    let only = arguments.only.as_ref().map(read).transpose()?;
    let only: Option<HashSet<&str>> = only.as_ref().map(|text| text.lines().collect());
    let rules = Rules::load();
    let wanted = |id: &str| only.as_ref().is_none_or(|only| only.contains(id));
    let accepted = accepted(&rules.set);
    let chosen = accepted.iter().filter(|(_, rule)| wanted(&rule.rule.rule_id.value));
    let numbers: Vec<usize> = chosen.map(|&(number, _)| number).collect();
    let arena = Bump::new();
    let set = plan_these(&rules.set, &numbers, &arena);
    let data = Data::read(&arguments.events).map_err(|error| error.to_string())?;
    let mut seconds = Vec::new();
    let mut found = ByRule::default();
    for _ in 0..arguments.passes.max(1) {
        found = match_by_rule(&data, &set);
        seconds.push(found.seconds);
    }
    let matches = set.rules.iter().zip(&found.matches).filter(|(_, matches)| **matches > 0);
    let by_rule: BTreeMap<_, _> = matches.map(|(rule, matches)| (rule.info.rule_id, matches)).collect();
    let refused = numbers.len() - set.rules.len() + if only.is_none() { rules.rejected() } else { 0 };
    let answer = json!({
        "version": env!("CARGO_PKG_VERSION"), "rules": set.rules.len(), "rejected": refused,
        "loaded": set.rules.iter().map(|rule| rule.info.rule_id).collect::<Vec<_>>(), "events": data.events,
        "bytes": data.bytes.len(), "seconds": seconds, "matches": found.matches.iter().sum::<u64>(),
        "groups": found.groups, "candidates": found.candidates, "by_rule": by_rule,
    });
    println!("{answer}");
    Ok(())
}
