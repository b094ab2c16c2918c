//! What each rule has cost, as `--profile` tells it: a table for people, NDJSON for programs.

use std::cmp::Reverse;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::time::Duration;

use kiln::info::RuleInfo;
use kiln::{RuleCost, RuleSet};
use serde_json::json;

use super::summary::{count, grouped};
use crate::cli::output::{Terminal, printable};
use crate::cli::table::{self, Cell, Column};

/// What the rules that were chosen have cost, over all threads.
pub(super) struct Profile<'p> {
    rules: Vec<(&'p RuleInfo<'p>, RuleCost)>,
}

impl<'p> Profile<'p> {
    pub(super) fn new(set: &'p RuleSet<'p>, wanted: &[bool], threads: &[Vec<RuleCost>]) -> Self {
        let cost = |rule: usize| {
            threads.iter().filter_map(|costs| costs.get(rule)).fold(RuleCost::default(), |mut sum, &cost| {
                sum += cost;
                sum
            })
        };
        let wanted = set.rules.iter().enumerate().filter(|(rule, _)| wanted[*rule]);
        Self { rules: wanted.map(|(rule, def)| (def.info.get(), cost(rule))).collect() }
    }

    /// One JSON object a rule, in the order of the set.
    pub(super) fn save(&self, file: File) -> io::Result<()> {
        let mut out = BufWriter::new(file);
        for (info, cost) in &self.rules {
            let line = json!({
                "rule_id": info.rule_id,
                "name": info.name,
                "candidates": cost.candidates,
                "evaluated": cost.evaluated,
                "matched": cost.matched,
                "nanoseconds": cost.time.as_nanos() as u64,
            });
            writeln!(out, "{line}")?;
        }
        out.flush()
    }

    /// A table of the rules that cost anything, the dearest first.
    pub(super) fn write(&self, out: &mut impl Write, terminal: &Terminal) -> io::Result<()> {
        let mut reached: Vec<_> = self.rules.iter().filter(|(_, cost)| cost.candidates > 0).collect();
        reached.sort_by_key(|(_, cost)| Reverse((cost.time, cost.evaluated, cost.candidates)));
        let total = self.rules.iter().map(|(_, cost)| cost.time).sum::<Duration>();
        let columns = [
            Column::new("time").right(),
            Column::new("share").right(),
            Column::new("candidates").right(),
            Column::new("evaluated").right(),
            Column::new("matched").right(),
            Column::new("rule").cut(),
        ];
        let rows: Vec<_> = reached
            .iter()
            .map(|(info, cost)| {
                let share = 100.0 * cost.time.as_secs_f64() / total.as_secs_f64().max(1e-9);
                let texts = [
                    format!("{:.3} ms", cost.time.as_secs_f64() * 1e3),
                    format!("{share:.1} %"),
                    grouped(cost.candidates),
                    grouped(cost.evaluated),
                    grouped(cost.matched),
                    printable(info.name).into_owned(),
                ];
                texts.into_iter().map(Cell::new).collect()
            })
            .collect();
        table::write(out, terminal, &columns, &rows)?;
        let unreached = self.rules.len() - reached.len();
        let milliseconds = total.as_secs_f64() * 1e3;
        let evaluated = count(self.rules.iter().map(|(_, cost)| cost.evaluated).sum(), "evaluation");
        writeln!(
            out,
            "{milliseconds:.3} ms in {evaluated}; {} that no event reached",
            count(unreached as u64, "rule")
        )
    }
}
