//! Times of a set over data, on one thread.
//!
//! In: a compiled set and NDJSON in memory. Out: the time of each step, added one on the other: reading every field
//! that rules name, dispatch on top, residuals on top; with matches and candidates, without which a figure means
//! nothing. A pass runs every step once, so that a change of the machine's pace meets all of them.

use std::time::Instant;

use kiln::event::Event;
use kiln::reader::BlockReader;
use kiln::{EventRef, Matcher, Options, Outcome, RuleSet};
use rule_runtime::set::{Residual, Unit};

use crate::data::Data;

/// Lines go to the engine in blocks of about this many bytes. The command reads less at a time, to stay in the cache.
const BLOCK: usize = 1 << 18;

/// The middle, the smallest and the largest of some figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The middle one; of an even number the larger of the two.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// # Panics
    /// If there are none.
    pub fn of(figures: &[f64]) -> Self {
        let mut sorted = figures.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (sorted[0], sorted[sorted.len() - 1]);
        Self { median: sorted[sorted.len() / 2], min, max }
    }

    /// What `amount` per second, or per one of something, comes to: the largest figure becomes the smallest.
    #[must_use]
    pub fn per(self, amount: f64) -> Self {
        Self { median: amount / self.median, min: amount / self.max, max: amount / self.min }
    }
}

/// Seconds of each pass, and what was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// Every field that rules name is read, and no rule looked at.
    pub read: Vec<f64>,
    /// Only the first phase of reading: what the first dispatch tables look at.
    pub first_phase: Vec<f64>,
    /// Lines are read as far as dispatch asks, and what it lets through fails at once.
    pub dispatch: Vec<f64>,
    /// Everything, sequences included.
    pub all: Vec<f64>,
    /// Events matched, over all single-event rules.
    pub matches: usize,
    /// Sequences and samples completed.
    pub groups: usize,
    /// Units of rules that dispatch let through, over all events.
    pub candidates: u64,
}

/// Runs `passes` passes (at least one) after one that warms up.
pub fn measure(data: &Data, set: &RuleSet<'_>, passes: usize) -> Measured {
    let units = hollow(set);
    let without_residuals = RuleSet { units: &units, ..*set };
    let options = Options { live: false, ..Options::default() };
    let mut dispatcher = Matcher::with_options(&without_residuals, options);
    let mut engine = Matcher::with_options(set, options);
    let mut measured = Measured::default();
    match_all(data, &mut dispatcher);
    match_all(data, &mut engine);
    for _ in 0..passes.max(1) {
        measured.read.push(seconds(|| read_all(data, set, false)));
        measured.first_phase.push(seconds(|| read_all(data, set, true)));
        measured.dispatch.push(seconds(|| {
            let _ = match_all(data, &mut dispatcher);
        }));
        measured.all.push(seconds(|| {
            (measured.matches, measured.groups, measured.candidates) = match_all(data, &mut engine);
        }));
    }
    measured
}

/// The same without the steps: only everything.
pub fn measure_all(data: &Data, set: &RuleSet<'_>, passes: usize) -> Measured {
    let mut engine = Matcher::with_options(set, Options { live: false, ..Options::default() });
    let mut measured = Measured::default();
    for _ in 0..passes.max(1) {
        measured.all.push(seconds(|| {
            (measured.matches, measured.groups, measured.candidates) = match_all(data, &mut engine);
        }));
    }
    measured
}

/// What one pass of everything found, rule by rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ByRule {
    /// How long it took.
    pub seconds: f64,
    /// For each rule of the set, how many events matched; none for sequences and samples.
    pub matches: Vec<u64>,
    /// Sequences and samples completed.
    pub groups: usize,
    /// Units of rules that dispatch let through, over all events.
    pub candidates: u64,
}

/// One pass of everything by a new matcher.
pub fn match_by_rule(data: &Data, set: &RuleSet<'_>) -> ByRule {
    let mut engine = Matcher::with_options(set, Options { live: false, ..Options::default() });
    let (mut matches, mut groups) = (vec![0; set.rules.len()], 0);
    let seconds = seconds(|| {
        match_blocks(data, &mut engine, |outcome| {
            for &rule in outcome.rules() {
                matches[rule as usize] += 1;
            }
            groups += outcome.groups().len();
        });
    });
    ByRule { seconds, matches, groups, candidates: engine.candidates() }
}

fn seconds(run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64()
}

/// The units with residuals that never hold.
fn hollow<'a>(set: &RuleSet<'a>) -> Vec<Unit<'a>> {
    set.units.iter().map(|unit| Unit { residual: Residual::Code(|_| false), ..*unit }).collect()
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
    match_blocks(data, engine, |outcome| {
        matched += outcome.rules().len();
        groups += outcome.groups().len();
    });
    (matched, groups, engine.candidates() - before)
}

/// Calls `each` for every event that could be read.
fn match_blocks(data: &Data, engine: &mut Matcher<'_>, mut each: impl FnMut(Outcome<'_, '_>)) {
    for block in blocks(&data.bytes) {
        engine.block(
            block,
            |line| EventRef(line.start as u64),
            |_, outcome| outcome.into_iter().for_each(&mut each),
        );
    }
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;

    use super::*;
    use crate::sets::{self, Planned};

    #[test]
    fn blocks_are_whole_lines() {
        let bytes = [vec![b'x'; BLOCK - 1], b"\ny\n".to_vec(), vec![b'z'; 10]].concat();
        let blocks: Vec<_> = blocks(&bytes).collect();
        assert_eq!(blocks.iter().map(|block| block.len()).sum::<usize>(), bytes.len());
        assert!(blocks[..blocks.len() - 1].iter().all(|block| block.ends_with(b"\n")));
    }

    #[test]
    fn a_rate_is_least_where_the_time_is_most() {
        let rate = Spread::of(&[2.0, 1.0, 4.0]).per(8.0);
        assert_eq!(rate, Spread { median: 4.0, min: 2.0, max: 8.0 });
    }

    #[test]
    fn every_step_is_timed_and_rules_fire() {
        let rules = sets::shipped();
        let arena = Bump::new();
        let set = Planned::default().plan(&rules, &arena);
        let data = Data::make(crate::data::GENERATED, 200_000).expect("it needs no corpus");
        let measured = measure(&data, &set, 2);
        for times in [&measured.read, &measured.first_phase, &measured.dispatch, &measured.all] {
            assert_eq!(times.len(), 2);
        }
        let by_rule = match_by_rule(&data, &set);
        assert!(measured.matches > 0 && measured.candidates >= measured.matches as u64);
        assert_eq!(by_rule.matches.iter().sum::<u64>(), measured.matches as u64);
    }
}
