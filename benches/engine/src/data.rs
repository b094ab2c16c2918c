//! The data of the benchmark: real events of the shared corpus, repeated in shuffled blocks up to a size.
//!
//! Repeats flatter caches and predictors, so the number of distinct events is told with every figure.

use std::path::Path;

use kiln_test_support::{corpus, shared};

/// NDJSON in memory.
#[derive(Debug)]
pub(crate) struct Data {
    /// What it is called in tables.
    pub name: &'static str,
    /// The lines.
    pub bytes: Vec<u8>,
    /// How many lines there are.
    pub events: usize,
    /// How many of them differ.
    pub distinct: usize,
}

/// How many lines stay together when blocks are shuffled.
const BLOCK: usize = 64;

/// The data sets that can be made here, of about `size` bytes each; none without the corpus.
pub(crate) fn load(size: usize, only: Option<&str>) -> Vec<Data> {
    let mut sets = Vec::new();
    let mut add = |name: &'static str, lines: &dyn Fn() -> Option<Vec<String>>| {
        if only.is_none_or(|only| only == name)
            && let Some(lines) = lines().filter(|lines| !lines.is_empty())
        {
            sets.push(repeat(name, &lines, size));
        }
    };
    add("mixed", &all_events);
    add("endpoint", &|| Some(all_events()?.into_iter().filter(|line| is_endpoint(line)).collect()));
    add("winmix", &|| windows("telemetry.ndjson.zst"));
    add("winproc", &|| windows("process-starts.ndjson.zst"));
    sets
}

fn all_events() -> Option<Vec<String>> {
    Some(corpus::event_files()?.iter().flat_map(|path| corpus::events(path)).collect())
}

fn windows(file: &str) -> Option<Vec<String>> {
    let path = shared::directory()?.join("corpus/windows").join(file);
    read(&path)
}

fn read(path: &Path) -> Option<Vec<String>> {
    shared::lines(path).ok()?.collect::<Result<_, _>>().ok()
}

/// Process, file, registry and library events.
fn is_endpoint(line: &str) -> bool {
    let Ok(event) = rule_lang::meaning::Event::from_json(line) else { return false };
    let wanted = ["process", "file", "registry", "library"];
    event.values("event.category").iter().any(|value| wanted.contains(&value.text()))
}

fn repeat(name: &'static str, lines: &[String], size: usize) -> Data {
    let blocks: Vec<&[String]> = lines.chunks(BLOCK).collect();
    let mut order: Vec<usize> = (0..blocks.len()).collect();
    let mut random = 0x9E37_79B9_7F4A_7C15u64;
    let mut data =
        Data { name, bytes: Vec::with_capacity(size + (4 << 20)), events: 0, distinct: lines.len() };
    while data.bytes.len() < size {
        shuffle(&mut order, &mut random);
        for &block in &order {
            for line in blocks[block] {
                data.bytes.extend_from_slice(line.as_bytes());
                data.bytes.push(b'\n');
                data.events += 1;
            }
        }
    }
    data
}

fn shuffle(order: &mut [usize], random: &mut u64) {
    for last in (1..order.len()).rev() {
        // xorshift: any fixed sequence will do.
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        order.swap(last, (*random % (last as u64 + 1)) as usize);
    }
}
