//! What each rule costs: counted and timed unit by unit, on a path of its own.
//!
//! In: the candidates of an event. Out: the same filters as without profiling, and per unit how often it was looked at
//! and how long that took. Nothing here runs unless [`Options::profile`](super::Options::profile) is set.

use std::ops::AddAssign;
use std::time::{Duration, Instant};

use super::candidates::Bits;
use super::context::Context;
use crate::set::RuleSet;

/// What the units of one rule came to: those of its `or` branches, and for a sequence or sample those of all its items.
///
/// Candidates are at least as many as evaluations, and those at least as many as matches. The counts follow from the
/// events alone, however they are split over matchers; add what several matchers say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleCost {
    /// How often a unit was left after dispatch, with the fields that it needs in the event.
    pub candidates: u64,
    /// How often such a unit was evaluated: not if another unit of the same condition held already.
    pub evaluated: u64,
    /// How often a condition held: the matches of a single-event rule, the events taken by items of a sequence.
    pub matched: u64,
    /// Time in evaluation, less what looking at the clock took. A test that rules share counts for the first that asks.
    pub time: Duration,
}

impl AddAssign for RuleCost {
    fn add_assign(&mut self, other: Self) {
        self.candidates += other.candidates;
        self.evaluated += other.evaluated;
        self.matched += other.matched;
        self.time += other.time;
    }
}

/// The costs so far.
#[derive(Debug)]
pub(super) struct Profile {
    /// By unit.
    units: Vec<RuleCost>,
    /// What [`LOOKS`] looks at the clock take.
    clock: Duration,
}

impl Profile {
    pub(super) fn new(set: &RuleSet<'_>) -> Self {
        Self { units: vec![RuleCost::default(); set.units.len()], clock: clock() }
    }

    /// The costs by rule.
    pub(super) fn rules(&self, set: &RuleSet<'_>) -> Vec<RuleCost> {
        let mut rules = vec![RuleCost::default(); set.rules.len()];
        for (unit, cost) in set.units.iter().zip(&self.units) {
            let looking = self.clock.as_nanos() * u128::from(cost.evaluated) / u128::from(LOOKS);
            let time = cost.time.saturating_sub(Duration::from_nanos(looking as u64));
            rules[rule_of(set, unit.filter)] += RuleCost { time, ..*cost };
        }
        rules
    }
}

/// The rule that a filter belongs to.
fn rule_of(set: &RuleSet<'_>, filter: u32) -> usize {
    set.rule_of(set.filters[filter as usize]) as usize
}

/// A single look at the clock may take less than it can tell.
const LOOKS: u32 = 64;

/// What [`LOOKS`] looks at the clock take: the least of several times, since anything else on the machine only adds.
fn clock() -> Duration {
    let looks = || {
        let start = Instant::now();
        (1..LOOKS).for_each(|_| _ = std::hint::black_box(Instant::now()));
        start.elapsed()
    };
    (0..16).map(|_| looks()).min().unwrap_or_default()
}

impl Context<'_> {
    /// What `filters` does with its candidates, with a look at the clock after each evaluation.
    #[cold]
    pub(super) fn profiled_filters(&mut self, mut held: impl FnMut(u32)) {
        let Some(mut profile) = self.state.profile.take() else { return };
        let epoch = self.state.epoch();
        let mut before = Instant::now();
        for place in 0..self.state.candidates.places() {
            let (first, bits) = self.state.candidates.word(place);
            for number in Bits(bits).map(|bit| first + bit) {
                let unit = &self.set.units[number];
                // All clauses, so that candidates are the same however much of them the first phase has looked at.
                if !unit.needs.iter().all(|clause| clause.iter().any(|&slot| self.event.has(slot))) {
                    continue;
                }
                let cost = &mut profile.units[number];
                cost.candidates += 1;
                if self.state.held[unit.filter as usize] == epoch {
                    continue;
                }
                self.state.looked_at += 1;
                let holds = self.holds(&unit.residual);
                let after = Instant::now();
                cost.evaluated += 1;
                cost.time += after - before;
                before = after;
                if holds {
                    cost.matched += 1;
                    self.state.held[unit.filter as usize] = epoch;
                    held(unit.filter);
                }
            }
        }
        self.state.profile = Some(profile);
    }
}
