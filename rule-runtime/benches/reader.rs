//! Throughput of the readers over the shared corpus, in MB/s (10^6 bytes a second).
//!
//! `cargo bench -p rule-runtime --bench reader -- [SET ...] [MEASUREMENT]`: the sets are those of [`SETS`], and of the
//! measurements those run whose names contain the other word. Without the shared test data there is
//! nothing to read, and it says so. `KILN_BENCH_WRITE=FOLDER` writes each set to `FOLDER/SET.ndjson`, for other readers. Each figure is the median of seven passes, with the slowest and the fastest beside it.

#![allow(clippy::print_stdout, clippy::cast_precision_loss)] // It prints a table of rounded figures.

#[path = "../tests/support/mod.rs"]
mod support;

use rule_runtime::event::{Event, Slot, SlotTree, SlotTreeBuilder};
use rule_runtime::reader::{BlockReader, StrictReader};
use std::hint::black_box;
use std::time::Instant;
use support::{Random, events, rule_fields};

const SETS: [&str; 4] = ["mixed", "endpoint", "winmix", "winproc"];
const PASSES: usize = 7;
const BLOCK: usize = 128 * 1024;
/// Sets are repeated up to this many bytes, in another order of the lines each time.
const SIZE: usize = 150_000_000;
/// What the planner's first tables look at on mixed data.
const DISPATCH: [&str; 6] =
    ["event.category", "event.type", "event.action", "event.code", "host.os.type", "data_stream.dataset"];

fn main() {
    let Some(paths) = rule_fields() else { return };
    // No rule of the corpus names the message, which is long and full of escapes.
    let paths: Vec<&str> = paths.iter().map(String::as_str).filter(|path| *path != "message").collect();
    let dispatch: Vec<Slot> = DISPATCH
        .iter()
        .filter_map(|wanted| paths.iter().position(|path| path == wanted))
        .map(|slot| Slot(slot as u16))
        .collect();
    let owned = SlotTreeBuilder::new(&paths).dispatch(&dispatch).build().expect("distinct paths");
    let tree = owned.as_ref();
    let words = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
    let (chosen, others): (Vec<String>, Vec<String>) = words.partition(|word| SETS.contains(&word.as_str()));
    println!("{} fields, {} of them for dispatch, blocks of {BLOCK} bytes", paths.len(), dispatch.len());
    for name in SETS {
        if chosen.is_empty() || chosen.iter().any(|word| word == name) {
            let Some(lines) = load(name) else { return };
            measure_set(name, &tree, &lines, others.first().map_or("", String::as_str));
        }
    }
}

/// The distinct lines of a data set.
fn load(name: &str) -> Option<Vec<Vec<u8>>> {
    let text = events(match name {
        "winmix" | "winproc" => "corpus/windows",
        _ => "corpus/events",
    })?;
    let lines = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec);
    let owned = SlotTree::build(&["event.category", "event.code"]).expect("distinct paths");
    let (mut reader, mut event) = (StrictReader::default(), Event::with_slots(2));
    let mut keep = |line: &[u8], slot: u16, wanted: &[&[u8]]| {
        let _ = reader.read(&owned.as_ref(), line, &mut event);
        let mut values = event.view(line).values(Slot(slot));
        values.any(|value| match value {
            rule_runtime::event::Scalar::Text(text) | rule_runtime::event::Scalar::Number(text) => {
                wanted.contains(&text)
            }
            rule_runtime::event::Scalar::Bool(_) => false,
        })
    };
    Some(match name {
        "endpoint" => {
            lines.filter(|line| keep(line, 0, &[b"process", b"file", b"registry", b"library"])).collect()
        }
        "winproc" => lines.filter(|line| keep(line, 1, &[b"1", b"4688"])).collect(),
        _ => lines.collect(),
    })
}

fn measure_set(name: &str, tree: &SlotTree<'_>, lines: &[Vec<u8>], only: &str) {
    let text = repeat(lines);
    let count = memchr::memchr_iter(b'\n', &text).count();
    println!("\n{name}: {} distinct events, {count} events, {} MB", lines.len(), text.len() / 1_000_000);
    if let Some(folder) = std::env::var_os("KILN_BENCH_WRITE") {
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.ndjson")), &text)
            .expect("a writable folder");
    }
    let blocks = cut(&text);
    let measure = |what: &str, pass: &mut dyn FnMut()| {
        if what.contains(only) {
            measure(what, text.len(), count, pass);
        }
    };
    let mut event = Event::with_slots(tree.slots());
    for (kind, mut reader) in BlockReader::all().into_iter().rev() {
        measure(&format!("index only, {kind}"), &mut || {
            for block in &blocks {
                black_box(reader.lines(block).count());
            }
        });
        measure(&format!("whole lines, {kind}"), &mut || {
            for block in &blocks {
                let mut lines = reader.lines(block);
                while lines.next_line().is_some() {
                    let _ = black_box(lines.read(tree, &mut event));
                }
            }
        });
        measure(&format!("first phase only, {kind}"), &mut || {
            for block in &blocks {
                let mut lines = reader.lines(block);
                while lines.next_line().is_some() {
                    let _ = black_box(lines.read_dispatch(tree, &mut event));
                }
            }
        });
        measure(&format!("both phases, {kind}"), &mut || {
            for block in &blocks {
                let mut lines = reader.lines(block);
                while lines.next_line().is_some() {
                    let _ = black_box(lines.read_dispatch(tree, &mut event));
                    let _ = black_box(lines.read_rest(tree, &mut event, &[]));
                }
            }
        });
    }
    let mut strict = StrictReader::default();
    measure("strict", &mut || {
        for line in text.split(|&byte| byte == b'\n') {
            let _ = black_box(strict.read(tree, line, &mut event));
        }
    });
}

/// The lines again and again, shuffled, up to the wanted size.
fn repeat(lines: &[Vec<u8>]) -> Vec<u8> {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    let mut random = Random(1);
    let mut text = Vec::with_capacity(SIZE + SIZE / 2);
    while text.len() < SIZE && !lines.is_empty() {
        for place in (1..order.len()).rev() {
            order.swap(place, random.below(place + 1));
        }
        for &line in &order {
            text.extend_from_slice(&lines[line]);
            text.push(b'\n');
        }
    }
    text
}

fn cut(text: &[u8]) -> Vec<&[u8]> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let cut = BLOCK.min(rest.len());
        let end =
            rest[cut..].iter().position(|&byte| byte == b'\n').map_or(rest.len(), |more| cut + more + 1);
        let (block, later) = rest.split_at(end);
        blocks.push(block);
        rest = later;
    }
    blocks
}

fn measure(what: &str, bytes: usize, events: usize, pass: &mut dyn FnMut()) {
    pass();
    let mut rates: Vec<f64> = (0..PASSES)
        .map(|_| {
            let start = Instant::now();
            pass();
            bytes as f64 / 1e6 / start.elapsed().as_secs_f64()
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    let median = rates[PASSES / 2];
    let nanoseconds = bytes as f64 * 1e3 / median / events as f64;
    println!(
        "{what:28} {median:8.0} MB/s ({:.0} to {:.0}), {nanoseconds:6.0} ns an event",
        rates[0],
        rates[PASSES - 1]
    );
}
