//! All state of a set: feeds sequences and samples, and through `states` the other types of rules with state.

use std::sync::Arc;

use super::completed::{Collect, Completed};
use super::finding::Finding;
use super::joint::Joint;
use super::matcher::{Hits, Options};
use super::states::States;
use crate::event::{EventView, Scalar, Slot};
use crate::keyed::KeyedStats;
use crate::sample::{SampleLimits, SampleSet, SampleStats};
use crate::sequence::{
    self, Arrival, EventRef, GroupEvent, Hit, Key, KeySource, Limits, RestoreError, SequenceSet,
    SequenceStats, SetStats, Sink, Tiebreaker, Timestamp, wire,
};
use crate::set::{Rule, RuleSet, Sequences};
use crate::suppression::Suppressed;
use crate::threat::Indicators;

/// The state of all rules.
#[derive(Debug)]
pub(super) struct Groups<'a> {
    orders: Vec<Order<'a>>,
    samples: SampleSet<'a>,
    sample_rules: &'a [u32],
    sample_joint: Joint,
    states: States<'a>,
    completed: Completed,
    /// Whether the event concerns rules with state.
    takes_part: bool,
    /// Events without hits move time on.
    live: bool,
}

/// Sequences whose events are ordered by the same fields.
#[derive(Debug)]
struct Order<'a> {
    def: &'a Sequences<'a>,
    state: SequenceSet<'a>,
    joint: Joint,
    hits: Vec<Hit>,
}

/// How a saved state of several state machines begins.
const MAGIC: [u8; 8] = *b"KILNSET\n";

impl<'a> Groups<'a> {
    pub(super) fn new(set: &'a RuleSet<'a>, options: &Options) -> Self {
        let state = |def: &Sequences<'a>| {
            SequenceSet::new(def.defs, set.fingerprint, sequence_limits(def, set, options))
        };
        let (sequences, samples) =
            if options.groups { (set.sequences, set.samples.defs) } else { (&[][..], &[][..]) };
        let states = sequences.iter().map(state).collect();
        let samples = SampleSet::new(samples, sample_limits(set, options));
        Self::with(set, options, states, samples, States::new(set, options))
    }

    fn with(
        set: &'a RuleSet<'a>,
        options: &Options,
        sequences: Vec<SequenceSet<'a>>,
        samples: SampleSet<'a>,
        states: States<'a>,
    ) -> Self {
        let longest = options.states.records.max_key_bytes;
        let order = |(def, state): (&'a Sequences<'a>, _)| {
            let joint = Joint::new(def.rules, set, longest);
            Order { def, state, joint, hits: Vec::with_capacity(16) }
        };
        Self {
            orders: set.sequences.iter().zip(sequences).map(order).collect(),
            samples,
            sample_rules: set.samples.rules,
            sample_joint: Joint::new(set.samples.rules, set, longest),
            states,
            completed: Completed::default(),
            takes_part: false,
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
        self.states.save(set.fingerprint, out);
        wire::end(start, out);
    }

    pub(super) fn restore(
        set: &'a RuleSet<'a>,
        options: &Options,
        bytes: &[u8],
    ) -> Result<Self, RestoreError> {
        let mut input = wire::open(MAGIC, set.fingerprint, bytes)?;
        let states = set.sequences.iter().map(|def| {
            let limits = sequence_limits(def, set, options);
            SequenceSet::restore(def.defs, set.fingerprint, limits, input.bytes()?)
        });
        let states = states.collect::<Result<_, _>>()?;
        let limits = sample_limits(set, options);
        let samples = SampleSet::restore(set.samples.defs, set.fingerprint, limits, input.bytes()?)?;
        let own = States::restore(set, options, &mut input)?;
        input.finish()?;
        Ok(Self::with(set, options, states, samples, own))
    }

    /// Takes in what filters an event passed.
    pub(super) fn push(&mut self, hits: &Hits, event: EventView<'_>, handle: EventRef) {
        self.completed.clear(Some(handle));
        for (number, order) in self.orders.iter_mut().enumerate() {
            order.hits.clear();
            let own = hits.sequences.iter().filter(|(order, _)| usize::from(*order) == number);
            order.hits.extend(own.map(|(_, hit)| *hit));
            if self.live || !order.hits.is_empty() {
                order.push(event, handle, &mut self.completed, &mut self.states);
            }
        }
        if !hits.samples.is_empty() {
            // Samples come out at the end of the input: until then there is nothing to give.
            let note = self.sample_joint.note(&hits.samples, &event);
            let released = &mut self.completed.released;
            let kept = self.samples.push_noted(handle, &hits.samples, note, &event, &mut Released(released));
            self.completed.kept += u32::from(kept);
        }
        self.takes_part = !hits.sequences.is_empty() || !hits.samples.is_empty();
        if !hits.states.is_empty() {
            self.takes_part |= self.states.push(&hits.states, event, handle, &mut self.completed);
        }
    }

    pub(super) fn finish(&mut self) {
        let Self { completed, states, .. } = self;
        completed.clear(None);
        for Order { def, state, joint, .. } in &mut self.orders {
            state.finish(&mut Collect { completed, rules: def.rules, joint, states });
        }
        let (rules, joint) = (self.sample_rules, &mut self.sample_joint);
        self.samples.finish(&mut Collect { completed, rules, joint, states });
        self.states.finish(&mut self.completed);
        self.takes_part = false;
    }

    pub(super) fn use_indicators(&mut self, indicators: Arc<Indicators>) {
        self.states.use_indicators(indicators);
    }

    pub(super) fn findings<'m>(
        &'m self,
        set: &'a RuleSet<'a>,
    ) -> impl ExactSizeIterator<Item = Finding<'m, 'a>> {
        self.completed.findings.iter(set)
    }

    pub(super) fn takes_part(&self) -> bool {
        self.takes_part
    }

    pub(super) fn state_stats(&self, rule: u32) -> (Option<KeyedStats>, Option<KeyedStats>) {
        self.states.stats(rule)
    }

    pub(super) fn state_bytes(&self) -> usize {
        self.states.reserved_bytes()
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
            suppressed: self.completed.suppressed(record),
        })
    }

    pub(super) fn kept(&self) -> u32 {
        self.completed.kept
    }

    pub(super) fn held(&self) -> &[EventRef] {
        &self.completed.held
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
    fn push(
        &mut self,
        event: EventView<'_>,
        handle: EventRef,
        completed: &mut Completed,
        states: &mut States<'_>,
    ) {
        let times = event.values(self.def.timestamp).filter_map(Timestamp::from_scalar);
        let Some(time) = times.min() else { return };
        let tiebreaker = match self.def.tiebreaker {
            Some(slot) => Tiebreaker::from_scalar(event.first(slot)),
            None => Tiebreaker::NONE,
        };
        let arrival = Arrival { time, tiebreaker, handle };
        let Self { def, state, joint, hits } = self;
        // The note is taken out for as long as groups are looked at.
        let note = joint.take_note(hits, &event);
        let sink = &mut Collect { completed, rules: def.rules, joint, states };
        let kept = state.push_noted(arrival, hits, &note, &event, sink);
        joint.give_back(note);
        completed.kept += u32::from(kept);
    }
}

impl KeySource for EventView<'_> {
    fn values(&self, slot: Slot, visit: &mut dyn FnMut(Scalar<'_>)) {
        EventView::values(*self, slot).for_each(visit);
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
    /// The groups that it stands for, if the rule asks for suppression. `None` for a group whose events do not share what they
    /// must, or have no time.
    pub suppressed: Option<Suppressed<'m>>,
}

/// Where the events go that samples refer to no longer.
struct Released<'c>(&'c mut Vec<EventRef>);

impl Sink for Released<'_> {
    fn group(&mut self, _: &sequence::Group<'_>) {}

    fn released(&mut self, handle: EventRef) {
        self.0.push(handle);
    }
}

/// Room for what suppression has to remember, where there is any.
fn sequence_limits(def: &Sequences<'_>, set: &RuleSet<'_>, options: &Options) -> Limits {
    let needed = Joint::new(def.rules, set, 0).is_needed();
    let note_bytes = if needed { options.sequences.note_bytes } else { 0 };
    Limits { note_bytes, ..options.sequences }
}

fn sample_limits(set: &RuleSet<'_>, options: &Options) -> SampleLimits {
    let needed = Joint::new(set.samples.rules, set, 0).is_needed();
    let note_bytes = if needed { options.samples.note_bytes } else { 0 };
    SampleLimits { note_bytes, ..options.samples }
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
