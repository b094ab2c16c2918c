//! Sequences and samples of a set: feeds their state machines and keeps what they complete until it is read.

use super::matcher::{Hits, Options};
use crate::event::{EventView, Scalar, Slot};
use crate::sample::{SampleSet, SampleStats};
use crate::sequence::wire;
use crate::sequence::{
    self, Arrival, EventRef, GroupEvent, Hit, Key, KeySource, RestoreError, SequenceSet, SequenceStats,
    SetStats, Sink, Tiebreaker, Timestamp,
};
use crate::set::{Rule, RuleSet, Sequences};

/// The state of all sequences and samples.
#[derive(Debug)]
pub(super) struct Groups<'a> {
    orders: Vec<Order<'a>>,
    samples: SampleSet<'a>,
    sample_rules: &'a [u32],
    completed: Completed,
    /// Events without hits move time on.
    live: bool,
}

/// Sequences whose events are ordered by the same fields.
#[derive(Debug)]
struct Order<'a> {
    def: &'a Sequences<'a>,
    state: SequenceSet<'a>,
    hits: Vec<Hit>,
}

/// How a saved state of several state machines begins.
const MAGIC: [u8; 8] = *b"KILNSET\n";

impl<'a> Groups<'a> {
    pub(super) fn new(set: &'a RuleSet<'a>, options: &Options) -> Self {
        let state = |def: &Sequences<'a>| SequenceSet::new(def.defs, set.fingerprint, options.sequences);
        let (sequences, samples) =
            if options.groups { (set.sequences, set.samples.defs) } else { (&[][..], &[][..]) };
        let states = sequences.iter().map(state).collect();
        Self::with(set, options, states, SampleSet::new(samples, options.samples))
    }

    fn with(
        set: &'a RuleSet<'a>,
        options: &Options,
        states: Vec<SequenceSet<'a>>,
        samples: SampleSet<'a>,
    ) -> Self {
        let order = |(def, state)| Order { def, state, hits: Vec::with_capacity(16) };
        Self {
            orders: set.sequences.iter().zip(states).map(order).collect(),
            samples,
            sample_rules: set.samples.rules,
            completed: Completed::default(),
            live: options.live,
        }
    }

    /// Appends the state of everything: a frame around the frames of the parts.
    pub(super) fn save(&self, set: &RuleSet<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        wire::begin(MAGIC, set.fingerprint, out);
        let mut part = Vec::new();
        for order in &self.orders {
            part.clear();
            order.state.save(&mut part);
            wire::put_bytes(&part, out);
        }
        part.clear();
        self.samples.save(set.fingerprint, &mut part);
        wire::put_bytes(&part, out);
        wire::end(start, out);
    }

    pub(super) fn restore(
        set: &'a RuleSet<'a>,
        options: &Options,
        bytes: &[u8],
    ) -> Result<Self, RestoreError> {
        let mut input = wire::open(MAGIC, set.fingerprint, bytes)?;
        let states = set
            .sequences
            .iter()
            .map(|def| SequenceSet::restore(def.defs, set.fingerprint, options.sequences, input.bytes()?));
        let states = states.collect::<Result<_, _>>()?;
        let samples = SampleSet::restore(set.samples.defs, set.fingerprint, options.samples, input.bytes()?)?;
        Ok(Self::with(set, options, states, samples))
    }

    /// Takes in what filters an event passed.
    pub(super) fn push(&mut self, hits: &Hits, event: EventView<'_>, handle: EventRef) {
        self.completed.clear();
        for (number, order) in self.orders.iter_mut().enumerate() {
            order.hits.clear();
            let own = hits.sequences.iter().filter(|(order, _)| usize::from(*order) == number);
            order.hits.extend(own.map(|(_, hit)| *hit));
            if self.live || !order.hits.is_empty() {
                order.push(event, handle, &mut self.completed);
            }
        }
        if !hits.samples.is_empty() {
            let sink = &mut self.completed.by(self.sample_rules);
            let kept = self.samples.push(handle, &hits.samples, &event, sink);
            self.completed.kept += u32::from(kept);
        }
    }

    pub(super) fn finish(&mut self) {
        self.completed.clear();
        for order in &mut self.orders {
            order.state.finish(&mut self.completed.by(order.def.rules));
        }
        self.samples.finish(&mut self.completed.by(self.sample_rules));
    }

    pub(super) fn completed<'m>(
        &'m self,
        set: &'a RuleSet<'a>,
    ) -> impl ExactSizeIterator<Item = Group<'m, 'a>> {
        self.completed.records.iter().map(move |record| Group {
            rule: &set.rules[record.rule as usize],
            rule_index: record.rule,
            events: &self.completed.events[record.events.0..record.events.1],
            key: Key::new(&self.completed.keys[record.key.0..record.key.1]),
        })
    }

    pub(super) fn kept(&self) -> u32 {
        self.completed.kept
    }

    pub(super) fn released(&self) -> &[EventRef] {
        &self.completed.released
    }

    pub(super) fn stats(&self, rule: u32) -> Option<SequenceStats> {
        self.orders.iter().find_map(|order| {
            let sequence = order.def.rules.iter().position(|&known| known == rule)?;
            Some(order.state.stats(sequence as u32))
        })
    }

    pub(super) fn sample_stats(&self, rule: u32) -> Option<SampleStats> {
        let sample = self.sample_rules.iter().position(|&known| known == rule)?;
        Some(self.samples.stats(sample as u32))
    }

    pub(super) fn set_stats(&self) -> SetStats {
        self.orders.iter().map(|order| order.state.set_stats()).fold(SetStats::default(), |sum, one| {
            SetStats {
                forced: sum.forced + one.forced,
                pending: sum.pending + one.pending,
                events: sum.events + one.events,
                waiting: sum.waiting + one.waiting,
            }
        })
    }
}

impl Order<'_> {
    fn push(&mut self, event: EventView<'_>, handle: EventRef, completed: &mut Completed) {
        let times = event.values(self.def.timestamp).filter_map(Timestamp::from_scalar);
        let Some(time) = times.min() else { return };
        let tiebreaker = match self.def.tiebreaker {
            Some(slot) => Tiebreaker::from_scalar(event.first(slot)),
            None => Tiebreaker::NONE,
        };
        let arrival = Arrival { time, tiebreaker, handle };
        let kept = self.state.push(arrival, &self.hits, &event, &mut completed.by(self.def.rules));
        completed.kept += u32::from(kept);
    }
}

impl KeySource for EventView<'_> {
    fn values(&self, slot: Slot, visit: &mut dyn FnMut(Scalar<'_>)) {
        EventView::values(*self, slot).for_each(visit);
    }
}

/// What one event completed, in buffers that are used again.
#[derive(Debug, Default)]
struct Completed {
    records: Vec<Record>,
    events: Vec<Option<GroupEvent>>,
    keys: Vec<u8>,
    released: Vec<EventRef>,
    kept: u32,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    rule: u32,
    events: (usize, usize),
    key: (usize, usize),
}

impl Completed {
    fn clear(&mut self) {
        self.records.clear();
        self.events.clear();
        self.keys.clear();
        self.released.clear();
        self.kept = 0;
    }

    /// A sink for groups of definitions that belong to these rules.
    fn by<'c>(&'c mut self, rules: &'c [u32]) -> Collect<'c> {
        Collect { completed: self, rules }
    }
}

struct Collect<'c> {
    completed: &'c mut Completed,
    rules: &'c [u32],
}

impl Sink for Collect<'_> {
    fn group(&mut self, group: &sequence::Group<'_>) {
        let Completed { records, events, keys, .. } = &mut *self.completed;
        let (first_event, first_key) = (events.len(), keys.len());
        events.extend_from_slice(group.events);
        keys.extend_from_slice(group.key.as_bytes());
        records.push(Record {
            rule: self.rules[group.sequence as usize],
            events: (first_event, events.len()),
            key: (first_key, keys.len()),
        });
    }

    fn released(&mut self, handle: EventRef) {
        self.completed.released.push(handle);
    }
}

/// A completed sequence or sample.
#[derive(Clone, Copy, Debug)]
pub struct Group<'m, 'a> {
    /// The rule.
    pub rule: &'a Rule<'a>,
    /// Its index in [`RuleSet::rules`].
    pub rule_index: u32,
    /// One place for each item of the query, in order; `None` where an event had to be missing.
    pub events: &'m [Option<GroupEvent>],
    /// The join key.
    pub key: Key<'m>,
}

impl Group<'_, '_> {
    /// Where a sequence stands among others of its rule: Elasticsearch gives sequences in the order of their last
    /// events. Sequences come in this order but for those that were held back for missing events; those that are equal
    /// in it stand right as they come, so sort stably. Only held back ones with the same last event and different keys
    /// have no order: each comes when its own time is up. Samples come in their order, which is that of their keys.
    pub fn order(&self) -> u64 {
        self.events.iter().flatten().map(|event| event.order).next_back().unwrap_or(0)
    }
}
