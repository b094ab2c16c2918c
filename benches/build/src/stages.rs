//! Where the time of the macro and the bytes of its output go, in process.

use std::hint::black_box;
use std::time::Instant;

use bumpalo::Bump;
use rule_compiler::plan::{self, PlanOptions};
use rule_compiler::ruleset::inputs;
use rule_lang::{ruleset, schema};
use rule_runtime::packed::{Packed, pack, unpack};
use rule_runtime::set::{RuleSet, Samples};

use crate::rules::RuleFile;

/// Prints both for a set of rules.
pub(crate) fn print(rules: &[RuleFile]) {
    let files: Vec<_> = rules
        .iter()
        .enumerate()
        .map(|(index, rule)| (format!("{index}.toml"), rule.full.clone().into_bytes()))
        .collect();
    let options = ruleset::Options { schema: schema::builtin(), strict: false };
    let arena = Bump::new();
    let loaded = timed("read and check", || ruleset::load(files, &options));
    let rules = timed("describe", || inputs(&loaded, &arena));
    let plan = timed("plan", || plan::plan(&rules, &PlanOptions::default(), &arena));
    let set = &plan.set;
    let packed = timed("pack", || pack(set, |_| true));
    println!("literals of {} bytes of text and {} bytes", packed.texts.len(), packed.data.len());
    let programs = pack(set, |_| false);
    for _ in 0..5 {
        let memory = Bump::new();
        let unpacked = timed("unpack, checked", || {
            unpack(&programs.texts, &programs.data, &[], &memory).expect("it has just been packed")
        });
        println!("{:>12} bytes of tables", memory.allocated_bytes());
        black_box(unpacked);
    }
    println!("{:>12} {:>12}  part", "text", "bytes");
    let empty = RuleSet::EMPTY;
    let no_samples = Samples { defs: &[], rules: &[] };
    for (name, part) in [
        ("nothing", empty),
        ("tree", RuleSet { tree: set.tree, ..empty }),
        ("tests", RuleSet { predicates: set.predicates, ..empty }),
        ("literal tables", RuleSet { literals: set.literals, ..empty }),
        ("anchors", RuleSet { anchors: set.anchors, ..empty }),
        ("units", RuleSet { units: set.units, ..empty }),
        ("filters", RuleSet { filters: set.filters, ..empty }),
        ("dispatch", RuleSet { dispatch: set.dispatch, ..empty }),
        ("rules", RuleSet { rules: set.rules, ..empty }),
        ("sequences", RuleSet { sequences: set.sequences, ..empty }),
        ("samples", RuleSet { samples: no_samples, ..empty }),
        ("all", *set),
    ] {
        let Packed { texts, data } = pack(&part, |_| false);
        println!("{:>12} {:>12}  {name}", texts.len(), data.len());
    }
}

fn timed<T>(name: &str, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let value = run();
    println!("{:>9.2} ms  {name}", start.elapsed().as_secs_f64() * 1e3);
    value
}
