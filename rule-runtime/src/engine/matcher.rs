//! The matcher: a compiled set, one event after the other.

use super::context::{Context, State};
use super::groups::{Group, Groups};
use crate::event::Event;
use crate::reader::{ReadError, StrictReader};
use crate::sample::{SampleLimits, SampleStats};
use crate::sequence::{EventRef, Hit, Limits, SequenceStats, SetStats};
use crate::set::{FORMAT, Rule, RuleSet, Target};
use crate::source::{Fields, TooLarge, read_fields};

/// Limits of a [`Matcher`]; all memory for sequences is reserved when it is made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How much state sequences may have, and how long late events are waited for.
    pub sequences: Limits,
    /// How much state samples may have, and how many are wanted of a key.
    pub samples: SampleLimits,
}

/// Drives a compiled set over events.
///
/// After warm-up nothing is allocated per event: buffers grow to the largest event and stay.
///
/// ```
/// use rule_runtime::engine::Matcher;
/// use rule_runtime::sequence::EventRef;
/// use rule_runtime::set::RuleSet;
/// let mut matcher = Matcher::new(&RuleSet::EMPTY);
/// let outcome = matcher.json(br#"{"event":{"category":"process"}}"#, EventRef(0))?;
/// assert_eq!(outcome.matches().count(), 0);
/// # Ok::<(), rule_runtime::reader::ReadError>(())
/// ```
#[derive(Debug)]
pub struct Matcher<'a> {
    set: &'a RuleSet<'a>,
    event: Event,
    reader: StrictReader,
    state: State,
    hits: Hits,
    groups: Groups<'a>,
}

/// What filters of one event held.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// Single-event rules, ascending.
    pub(super) rules: Vec<u32>,
    /// Sequence filters, by the order of their events.
    pub(super) sequences: Vec<(u16, Hit)>,
    /// Sample filters.
    pub(super) samples: Vec<Hit>,
}

impl Hits {
    fn clear(&mut self) {
        self.rules.clear();
        self.sequences.clear();
        self.samples.clear();
    }

    fn add(&mut self, target: Target) {
        match target {
            Target::Rule(rule) => self.rules.push(rule),
            Target::Sequence { order, hit } => self.sequences.push((order, hit)),
            Target::Sample(hit) => self.samples.push(hit),
        }
    }
}

impl<'a> Matcher<'a> {
    /// A matcher with the usual limits.
    ///
    /// # Panics
    /// If the set was compiled for another version of this crate; Cargo keeps the two together.
    pub fn new(set: &'a RuleSet<'a>) -> Self {
        Self::with_options(set, Options::default())
    }

    /// A matcher with limits of your own.
    ///
    /// # Panics
    /// As [`Matcher::new`].
    pub fn with_options(set: &'a RuleSet<'a>, options: Options) -> Self {
        assert_eq!(set.format, FORMAT, "the rules were compiled for another version of rule-runtime");
        Self {
            set,
            event: Event::with_slots(set.tree.slots()),
            reader: StrictReader::default(),
            state: State::new(set),
            hits: Hits::default(),
            groups: Groups::new(set, &options),
        }
    }

    /// The set.
    pub fn set(&self) -> &'a RuleSet<'a> {
        self.set
    }

    /// Matches one JSON object. `handle` stands for the event in groups; any number that finds it again.
    ///
    /// # Errors
    /// The line is no JSON object; the event is skipped and matching goes on with the next.
    pub fn json(&mut self, line: &[u8], handle: EventRef) -> Result<Outcome<'_, 'a>, ReadError> {
        self.reader.read(&self.set.tree, line, &mut self.event)?;
        Ok(self.match_event(line, handle))
    }

    /// Matches an event of your own.
    ///
    /// # Errors
    /// Its values do not fit into 4 GiB.
    pub fn fields(
        &mut self,
        event: &(impl Fields + ?Sized),
        handle: EventRef,
    ) -> Result<Outcome<'_, 'a>, TooLarge> {
        read_fields(&self.set.tree, event, &mut self.event)?;
        Ok(self.match_event(b"", handle))
    }

    /// Matches an event in any format that serde reads: MessagePack, CBOR, a `serde_json::Value`.
    ///
    /// # Errors
    /// Those of the format.
    #[cfg(feature = "serde")]
    pub fn value<'de, D: serde::Deserializer<'de>>(
        &mut self,
        event: D,
        handle: EventRef,
    ) -> Result<Outcome<'_, 'a>, D::Error> {
        crate::source::read_value(&self.set.tree, event, &mut self.event)?;
        Ok(self.match_event(b"", handle))
    }

    /// The input has ended: gives the groups that were held back for missing events, and the samples.
    pub fn finish(&mut self) -> Outcome<'_, 'a> {
        self.hits.clear();
        self.groups.finish();
        self.outcome()
    }

    /// What happened to the sequences of a rule: `None` if it is no sequence.
    pub fn sequence_stats(&self, rule: u32) -> Option<SequenceStats> {
        self.groups.stats(rule)
    }

    /// What happened to the samples of a rule: `None` if it is no sample.
    pub fn sample_stats(&self, rule: u32) -> Option<SampleStats> {
        self.groups.sample_stats(rule)
    }

    /// What happened to all sequences together.
    pub fn stats(&self) -> SetStats {
        self.groups.set_stats()
    }

    /// What the filled event brings about.
    fn match_event(&mut self, line: &[u8], handle: EventRef) -> Outcome<'_, 'a> {
        self.state.next_event();
        self.hits.clear();
        let event = self.event.view(line);
        let mut context = Context { set: self.set, event, state: &mut self.state };
        context.filters(|filter| self.hits.add(self.set.filters[filter as usize]));
        self.hits.rules.sort_unstable();
        self.groups.push(&self.hits, event, handle);
        self.outcome()
    }

    fn outcome(&self) -> Outcome<'_, 'a> {
        Outcome { set: self.set, hits: &self.hits, groups: &self.groups }
    }
}

/// What one event brought about.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'m, 'a> {
    set: &'a RuleSet<'a>,
    hits: &'m Hits,
    groups: &'m Groups<'a>,
}

impl<'m, 'a> Outcome<'m, 'a> {
    /// The single-event rules that matched, in the order of the set.
    pub fn matches(self) -> impl ExactSizeIterator<Item = &'a Rule<'a>> + 'm
    where
        'a: 'm,
    {
        self.hits.rules.iter().map(move |&rule| &self.set.rules[rule as usize])
    }

    /// The same as numbers: indices into [`RuleSet::rules`], ascending.
    pub fn rules(self) -> &'m [u32] {
        &self.hits.rules
    }

    /// The sequences and samples that the event completed, in order of completion.
    pub fn groups(self) -> impl ExactSizeIterator<Item = Group<'m, 'a>> {
        self.groups.completed(self.set)
    }

    /// How many state machines still refer to the event. Each says so once more through [`Outcome::released`] when it
    /// no longer does; a caller that keeps raw events for alerts can let go of one when all have.
    pub fn kept(self) -> u32 {
        self.groups.kept()
    }

    /// Earlier events (and perhaps this one) that a state machine no longer refers to.
    pub fn released(self) -> &'m [EventRef] {
        self.groups.released()
    }

    /// Whether there is neither a match nor a group.
    pub fn is_empty(self) -> bool {
        self.hits.rules.is_empty() && self.groups().len() == 0
    }
}
