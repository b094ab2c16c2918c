//! Throughput of a compiled rule set: reader alone, with dispatch, with everything.
//!
//! `cargo run --release -p kiln-bench -- [--data NAME] [--size MB] [--passes N] [--plan] [--rules N] [--times N]`
//!
//! Without `--plan` the set is the one that the macro wrote into this binary: every EQL rule of the corpus. With it the
//! same rules are planned in process, which allows other numbers of rules: `--rules 100` takes the first hundred,
//! `--times 10` copies all of them ten times with altered literals. One thread; the figure is the median of the passes.

#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "it prints rounded figures")]

mod data;
mod sets;

use std::time::Instant;

use kiln::event::Event;
use kiln::reader::BlockReader;
use kiln::{EventRef, Matcher, Options, RuleSet};

use data::Data;

/// Lines go to the engine in blocks of about this many bytes, as they do in the command.
const BLOCK: usize = 1 << 18;

fn main() {
    let arguments = Arguments::read();
    let arena = bumpalo::Bump::new();
    let Some(set) = sets::choose(&arguments, &arena) else {
        println!("the shared corpus is not there: nothing to measure");
        return;
    };
    println!(
        "{} rules, {} units, {} tests, {} fields, {} dispatch fields ({} early)",
        set.rules.len(),
        set.units.len(),
        set.predicates.len(),
        set.tree.slots(),
        set.dispatch.fields.len(),
        set.dispatch.early
    );
    println!(
        "{:<9} {:>8} {:>9} {:>9} | {:>9} {:>9} {:>9} | {:>8} {:>8} | {:>9} {:>7} {:>7}",
        "data",
        "events",
        "distinct",
        "B/event",
        "read MB/s",
        "phase 1",
        "all rules",
        "read ns",
        "all ns",
        "matches",
        "cand/ev",
        "groups"
    );
    for data in data::load(arguments.size << 20, arguments.data.as_deref()) {
        measure(&data, &set, arguments.passes);
    }
}

/// What the command line says.
#[derive(Debug)]
pub(crate) struct Arguments {
    data: Option<String>,
    size: usize,
    passes: usize,
    plan: bool,
    rules: usize,
    times: usize,
}

impl Arguments {
    fn read() -> Self {
        let mut arguments =
            Self { data: None, size: 200, passes: 5, plan: false, rules: usize::MAX, times: 1 };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut number = || words.next().and_then(|word| word.parse().ok());
            match word.as_str() {
                "--data" => arguments.data = words.next(),
                "--size" => arguments.size = number().unwrap_or(arguments.size),
                "--passes" => arguments.passes = number().unwrap_or(arguments.passes),
                "--rules" => arguments.rules = number().unwrap_or(arguments.rules),
                "--times" => arguments.times = number().unwrap_or(arguments.times),
                "--plan" => arguments.plan = true,
                _ => println!("unknown argument {word}"),
            }
        }
        arguments
    }
}

fn measure(data: &Data, set: &RuleSet<'_>, passes: usize) {
    let whole = median(passes, || read_all(data, set, false));
    let first_phase = median(passes, || read_all(data, set, true));
    let (mut matched, mut groups, mut candidates) = (0, 0, 0);
    let mut engine = Matcher::with_options(set, Options { live: false, ..Options::default() });
    let all = median(passes, || {
        (matched, groups, candidates) = match_all(data, &mut engine);
    });
    let rate = |seconds: f64| data.bytes.len() as f64 / seconds / 1e6;
    let per_event = |seconds: f64| seconds * 1e9 / data.events as f64;
    println!(
        "{:<9} {:>8} {:>9} {:>9} | {:>9.0} {:>9.0} {:>9.0} | {:>8.0} {:>8.0} | {:>9} {:>7.2} {:>7}",
        data.name,
        data.events,
        data.distinct,
        data.bytes.len() / data.events,
        rate(whole),
        rate(first_phase),
        rate(all),
        per_event(whole),
        per_event(all),
        matched,
        candidates as f64 / data.events as f64,
        groups
    );
}

/// Whole lines of about [`BLOCK`] bytes.
fn blocks(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.len().min(BLOCK);
        let end = rest[end..].iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| end + at + 1);
        let (block, tail) = rest.split_at(end);
        rest = tail;
        Some(block)
    })
}

fn read_all(data: &Data, set: &RuleSet<'_>, only_first_phase: bool) {
    let mut reader = BlockReader::new();
    let mut event = Event::with_slots(set.tree.slots());
    let mut present = 0;
    for block in blocks(&data.bytes) {
        let mut lines = reader.lines(block);
        while let Some(line) = lines.next_line() {
            let read = if only_first_phase {
                lines.read_dispatch(&set.tree, &mut event)
            } else {
                lines.read(&set.tree, &mut event)
            };
            if read.is_ok() {
                present += event.view(line.text).present().first().map_or(0, |word| word & 1);
            }
        }
    }
    std::hint::black_box(present);
}

fn match_all(data: &Data, engine: &mut Matcher<'_>) -> (usize, usize, u64) {
    let (mut matched, mut groups) = (0, 0);
    let before = engine.candidates();
    for block in blocks(&data.bytes) {
        engine.block(
            block,
            |line| EventRef(line.start as u64),
            |_, outcome| {
                if let Ok(outcome) = outcome {
                    matched += outcome.rules().len();
                    groups += outcome.groups().len();
                }
            },
        );
    }
    (matched, groups, engine.candidates() - before)
}

fn median(passes: usize, mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..passes.max(1))
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
