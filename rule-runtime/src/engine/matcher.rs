//! The matcher: a compiled set, one event after the other.

use std::sync::Arc;

use super::context::{Context, State};
use super::dispatch::FirstPhase;
use super::finding::Finding;
use super::groups::{Group, Groups};
use super::kinds::Kinds;
use super::parts::{Parts, followed};
use super::profile::{Profile, RuleCost};
use super::recall::Recall;
use super::routes::Routes;
use super::states::StateLimits;
use crate::event::{Event, EventView, Slot};
use crate::keyed::KeyedStats;
use crate::matcher::Predicate;
use crate::reader::{BlockReader, Line, ReadError, StrictReader};
use crate::sample::{SampleLimits, SampleStats};
use crate::sequence::{EventRef, Hit, Limits, RestoreError, SequenceStats, SetStats};
use crate::set::{FORMAT, Rule, RuleSet, Target, Test};
use crate::source::{Fields, TooLarge, WholeText, read_fields, read_whole_fields};
use crate::threat::{Indicators, IndicatorsBuilder};

/// How a [`Matcher`] works; all memory for sequences is reserved when it is made.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, for any combination")]
pub struct Options {
    /// How much state sequences may have, and how long late events are waited for.
    pub sequences: Limits,
    /// How much state samples may have, and how many are wanted of a key.
    pub samples: SampleLimits,
    /// How much state new terms, thresholds and suppression may have, and when they report.
    pub states: StateLimits,
    /// Whether state is followed: sequences, samples, new terms, thresholds, suppression. Without it no memory is reserved
    /// for it and there are neither groups nor findings, but for those of indicators without suppression;
    /// [`Outcome::takes_part`] tells which events another matcher, which sees all of those in order, has to see, and
    /// [`Parts`] carries what it needs of them. So the bulk of the work can be spread over threads.
    pub groups: bool,
    /// Every event moves time on, so that a sequence which waits for a missing event is reported as soon as its span
    /// has passed, and not with the next event that a sequence looks at. Switch off for input that is complete.
    pub live: bool,
    /// Events must be JSON to the last byte. Otherwise what no rule asks for is checked for strings, nesting and
    /// encoding only, which is several times faster.
    pub strict_json: bool,
    /// Whether what costly tests said of a value, and what dispatch left of the units, is remembered for when the same
    /// comes again. Results are the same.
    pub recall: bool,
    /// Whether what each rule costs is counted and timed, for [`Matcher::profile`]. It slows matching down.
    pub profile: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sequences: Limits::default(),
            samples: SampleLimits::default(),
            states: StateLimits::default(),
            groups: true,
            live: true,
            strict_json: false,
            recall: true,
            profile: false,
        }
    }
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
    strict_json: bool,
    event: Event,
    blocks: BlockReader,
    strict: StrictReader,
    /// Where events of other forms become text, if a rule looks at events as a whole.
    whole: Option<Box<WholeText>>,
    results: Results<'a>,
}

/// Everything but the event and its readers.
#[derive(Debug)]
struct Results<'a> {
    set: &'a RuleSet<'a>,
    state: State,
    hits: Hits,
    groups: Groups<'a>,
    /// Slots that groups look at.
    followed: Vec<Slot>,
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
    /// Filters of other rules with state.
    pub(super) states: Vec<Target>,
    /// Definitions whose query for indicators holds.
    indicators: Vec<u32>,
}

impl Hits {
    pub(super) fn clear(&mut self) {
        self.rules.clear();
        self.sequences.clear();
        self.samples.clear();
        self.states.clear();
        self.indicators.clear();
    }

    fn add(&mut self, target: Target) {
        match target {
            Target::Rule(rule) => self.rules.push(rule),
            Target::Sequence { order, hit } => self.sequences.push((order, hit)),
            Target::Sample(hit) => self.samples.push(hit),
            Target::Indicator(def) => self.indicators.push(def),
            Target::Threshold(_) | Target::NewTerms(_) | Target::Threat(_) | Target::Suppressed(_) => {
                self.states.push(target);
            }
        }
    }
}

impl<'a> Matcher<'a> {
    /// A matcher with the usual options.
    ///
    /// # Panics
    /// If the set was compiled for another version of this crate; Cargo keeps the two together.
    pub fn new(set: &'a RuleSet<'a>) -> Self {
        Self::with_options(set, Options::default())
    }

    /// A matcher with options of your own.
    ///
    /// # Panics
    /// As [`Matcher::new`].
    pub fn with_options(set: &'a RuleSet<'a>, options: Options) -> Self {
        Self::with_groups(set, &options, Groups::new(set, &options))
    }

    /// A matcher that goes on where the one whose state [`Matcher::save`] wrote has stopped. Limits may differ.
    ///
    /// # Errors
    /// The bytes are no state, are damaged, or belong to other rules or another version.
    ///
    /// # Panics
    /// As [`Matcher::new`].
    pub fn restore(set: &'a RuleSet<'a>, options: Options, state: &[u8]) -> Result<Self, RestoreError> {
        Ok(Self::with_groups(set, &options, Groups::restore(set, &options, state)?))
    }

    fn with_groups(set: &'a RuleSet<'a>, options: &Options, groups: Groups<'a>) -> Self {
        assert_eq!(set.format, FORMAT, "the rules were compiled for another version of rule-runtime");
        let mut state = State::new(set);
        if options.recall {
            state.recall = Recall::new(set);
            state.routes = Routes::new(set);
            state.kinds = Kinds::new(set);
        }
        state.profile = options.profile.then(|| Box::new(Profile::new(set)));
        Self {
            set,
            strict_json: options.strict_json,
            event: Event::with_slots(set.tree.slots()),
            blocks: BlockReader::new(),
            strict: StrictReader::default(),
            whole: looks_at_whole_events(set).then(Box::default),
            results: Results { set, state, hits: Hits::default(), groups, followed: followed(set) },
        }
    }

    /// Appends the state of all rules to `out`: versioned, checksummed, bound to this set of rules. Indicators are not part
    /// of it.
    pub fn save(&self, out: &mut Vec<u8>) {
        self.results.groups.save(self.set, out);
    }

    /// A builder of indicators for the rules of type `threat_match`; [`Matcher::indicator`] adds to it.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rule_runtime::engine::Matcher;
    /// use rule_runtime::sequence::EventRef;
    /// use rule_runtime::set::RuleSet;
    /// let mut matcher = Matcher::new(&RuleSet::EMPTY);
    /// let mut indicators = matcher.indicators();
    /// for (number, line) in (0..).zip([br#"{"threat":{"indicator":{"ip":"192.0.2.1"}}}"#]) {
    ///     matcher.indicator(line, EventRef(number), false, &mut indicators)?;
    /// }
    /// let known = Arc::new(indicators.finish());
    /// assert_eq!(known.count(), 0, "no rule asks for it");
    /// matcher.use_indicators(known.clone());
    /// // Each thread has a matcher of its own, and they share the indicators.
    /// Matcher::new(&RuleSet::EMPTY).use_indicators(known);
    /// # Ok::<(), rule_runtime::reader::ReadError>(())
    /// ```
    pub fn indicators(&self) -> IndicatorsBuilder<'a> {
        IndicatorsBuilder::new(self.set.states.threats, self.set.fingerprint)
    }

    /// Adds one JSON object to the indicators of those rules whose query for indicators it meets, or, if `any`, of all.
    /// `handle` stands for it in findings.
    ///
    /// # Errors
    /// The line is no JSON object.
    pub fn indicator(
        &mut self,
        line: &[u8],
        handle: EventRef,
        any: bool,
        builder: &mut IndicatorsBuilder<'a>,
    ) -> Result<(), ReadError> {
        self.strict.read(&self.set.tree, line, &mut self.event)?;
        let Results { set, state, hits, .. } = &mut self.results;
        hits.clear();
        let event = self.event.view(line);
        if any {
            hits.indicators.extend(0..set.states.threats.len() as u32);
        } else {
            state.next_event();
            Context { set, event, state }.filters(|filter| hits.add(set.filters[filter as usize]));
            hits.indicators.sort_unstable();
        }
        builder.add(&hits.indicators, handle, &event);
        Ok(())
    }

    /// Looks for these indicators from now on. They are shared, not copied.
    ///
    /// # Panics
    /// If they were read for another set of rules.
    pub fn use_indicators(&mut self, indicators: Arc<Indicators>) {
        assert_eq!(
            indicators.fingerprint(),
            self.set.fingerprint,
            "the indicators were read for other rules"
        );
        self.results.groups.use_indicators(indicators);
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
        // An object over several lines is no line of a block.
        if self.strict_json || memchr::memchr(b'\n', line).is_some() {
            self.strict.read(&self.set.tree, line, &mut self.event)?;
        } else {
            let mut lines = self.blocks.lines(line);
            if lines.next_line().is_none() {
                self.strict.check(line)?;
            }
            lines.read(&self.set.tree, &mut self.event)?;
        }
        Ok(self.results.event(&self.event, line, handle))
    }

    /// Matches the lines of a block of NDJSON, the fastest way: only what dispatch asks for is read of most lines.
    ///
    /// A block ends with a line end or is the end of the input. `handle` gives the handle of a line, `each` gets what a
    /// line brought about, or why it is no JSON object. Blank lines are passed over. Gives the number of lines, blank ones
    /// included.
    pub fn block(
        &mut self,
        block: &[u8],
        mut handle: impl FnMut(&Line<'_>) -> EventRef,
        mut each: impl FnMut(&Line<'_>, Result<Outcome<'_, 'a>, ReadError>),
    ) -> usize {
        let Self { set, strict_json, event, blocks, strict, results, .. } = self;
        let tree = &set.tree;
        let mut lines = blocks.lines(block);
        while let Some(line) = lines.next_line() {
            let outcome = if *strict_json {
                strict.read(tree, line.text, event).map(|()| results.event(event, line.text, handle(&line)))
            } else {
                lines.read_dispatch(tree, event).and_then(|()| {
                    results.state.next_event();
                    match results.first_phase(event.view(line.text)) {
                        FirstPhase::LeavesOpen => lines.read_rest(tree, event, &results.state.unwanted)?,
                        FirstPhase::Decides => {}
                        FirstPhase::Rejects => {
                            return Ok(results.nothing(event, line.text, handle(&line)));
                        }
                    }
                    Ok(results.read_event(event, line.text, handle(&line)))
                })
            };
            each(&line, outcome);
        }
        lines.count()
    }

    /// Follows the groups of an event that another matcher of the same set has matched: number `number` of `parts`. The
    /// event moves no time on but by what it takes part in, and single-event rules are not reported again.
    pub fn part(&mut self, parts: &Parts, number: usize, handle: EventRef) -> Outcome<'_, 'a> {
        let Results { hits, groups, .. } = &mut self.results;
        parts.restore(number, self.set.tree.slots(), &mut self.event, hits);
        groups.push(hits, self.event.view(b""), handle);
        self.results.outcome(Some(&self.event))
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
        let Self { set, event: slots, whole, results, .. } = self;
        let Some(whole) = whole else {
            read_fields(&set.tree, event, slots)?;
            return Ok(results.event(slots, b"", handle));
        };
        read_whole_fields(&set.tree, event, slots, whole)?;
        Ok(results.event(slots, whole.text(), handle))
    }

    /// Matches an event in any format that serde reads: `MessagePack`, CBOR, a `serde_json::Value`.
    ///
    /// # Errors
    /// Those of the format.
    #[cfg(feature = "serde")]
    pub fn value<'de, D: serde::Deserializer<'de>>(
        &mut self,
        event: D,
        handle: EventRef,
    ) -> Result<Outcome<'_, 'a>, D::Error> {
        let Self { set, event: slots, strict, whole, results, .. } = self;
        let Some(whole) = whole else {
            crate::source::read_value(&set.tree, event, slots)?;
            return Ok(results.event(slots, b"", handle));
        };
        crate::source::write_value(event, whole)?;
        strict.read(&set.tree, whole.text(), slots).map_err(serde::de::Error::custom)?;
        Ok(results.event(slots, whole.text(), handle))
    }

    /// The input has ended: gives the groups that were held back for missing events, the samples, and the findings that
    /// waited for the end of a window.
    pub fn finish(&mut self) -> Outcome<'_, 'a> {
        self.results.hits.clear();
        self.results.groups.finish();
        self.results.outcome(None)
    }

    /// What happened to the sequences of a rule: `None` if it is no sequence.
    pub fn sequence_stats(&self, rule: u32) -> Option<SequenceStats> {
        self.results.groups.stats(rule)
    }

    /// What happened to the samples of a rule: `None` if it is no sample.
    pub fn sample_stats(&self, rule: u32) -> Option<SampleStats> {
        self.results.groups.sample_stats(rule)
    }

    /// What happened to the state of a rule of type `new_terms` or `threshold`: `None` if it is of another type.
    pub fn state_stats(&self, rule: u32) -> Option<KeyedStats> {
        self.results.groups.state_stats(rule).0
    }

    /// What happened to the suppression of a rule: `None` if it has none.
    pub fn suppression_stats(&self, rule: u32) -> Option<KeyedStats> {
        self.results.groups.state_stats(rule).1
    }

    /// Bytes of memory reserved for the state of new terms, thresholds and suppression.
    pub fn state_bytes(&self) -> usize {
        self.results.groups.state_bytes()
    }

    /// How many units of filters have been looked at in all: what dispatch let through.
    pub fn candidates(&self) -> u64 {
        self.results.state.looked_at
    }

    /// What each rule has cost so far, by its index in [`RuleSet::rules`]; nothing unless [`Options::profile`] is set.
    ///
    /// ```
    /// use rule_runtime::engine::{Matcher, Options};
    /// use rule_runtime::sequence::EventRef;
    /// use rule_runtime::set::RuleSet;
    /// let options = Options { profile: true, ..Options::default() };
    /// let mut matcher = Matcher::with_options(&RuleSet::EMPTY, options);
    /// matcher.json(br#"{"event":{"category":"process"}}"#, EventRef(0))?;
    /// assert!(matcher.profile().is_some_and(|costs| costs.is_empty()), "no rules, no costs");
    /// # Ok::<(), rule_runtime::reader::ReadError>(())
    /// ```
    pub fn profile(&self) -> Option<Vec<RuleCost>> {
        self.results.state.profile.as_ref().map(|profile| profile.rules(self.set))
    }

    /// What happened to all sequences together.
    pub fn stats(&self) -> SetStats {
        self.results.groups.set_stats()
    }
}

/// Whether some test walks over the text of an event.
fn looks_at_whole_events(set: &RuleSet<'_>) -> bool {
    set.predicates.iter().filter_map(Test::predicate).any(Predicate::looks_at_whole)
}

impl<'a> Results<'a> {
    fn first_phase(&mut self, event: EventView<'_>) -> FirstPhase {
        Context { set: self.set, event, state: &mut self.state }.first_phase()
    }

    /// What a whole event brings about.
    fn event<'m>(&'m mut self, event: &'m Event, line: &[u8], handle: EventRef) -> Outcome<'m, 'a> {
        self.state.next_event();
        self.read_event(event, line, handle)
    }

    /// What an event brings about that has been announced to the state.
    fn read_event<'m>(&'m mut self, event: &'m Event, line: &[u8], handle: EventRef) -> Outcome<'m, 'a> {
        let Self { set, state, hits, groups, .. } = self;
        hits.clear();
        let view = event.view(line);
        Context { set, event: view, state }.filters(|filter| hits.add(set.filters[filter as usize]));
        hits.rules.sort_unstable();
        hits.states.sort_unstable();
        groups.push(hits, view, handle);
        self.outcome(Some(event))
    }

    /// What an event brings about that no filter holds for: time moves on.
    fn nothing<'m>(&'m mut self, event: &'m Event, line: &[u8], handle: EventRef) -> Outcome<'m, 'a> {
        self.hits.clear();
        self.groups.push(&self.hits, event.view(line), handle);
        self.outcome(Some(event))
    }

    fn outcome<'m>(&'m self, event: Option<&'m Event>) -> Outcome<'m, 'a> {
        Outcome { set: self.set, event, hits: &self.hits, groups: &self.groups, followed: &self.followed }
    }
}

/// What one event brought about.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'m, 'a> {
    pub(super) set: &'a RuleSet<'a>,
    pub(super) event: Option<&'m Event>,
    pub(super) hits: &'m Hits,
    groups: &'m Groups<'a>,
    /// Slots that groups look at.
    pub(super) followed: &'m [Slot],
}

impl<'m, 'a> Outcome<'m, 'a> {
    /// The single-event rules that matched, in the order of the set.
    pub fn matches(self) -> impl ExactSizeIterator<Item = &'a Rule<'a>> + use<'m, 'a> {
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

    /// What rules with other state found: new terms, thresholds, indicators, and what suppression let out.
    pub fn findings(self) -> impl ExactSizeIterator<Item = Finding<'m, 'a>> {
        self.groups.findings(self.set)
    }

    /// Whether the event passed the filter of a rule with state (a sequence, a sample, new terms, a threshold,
    /// suppression), whether or not that brought anything about.
    pub fn takes_part(self) -> bool {
        self.groups.takes_part()
    }

    /// How many state machines still refer to the event. Each says so once more through [`Outcome::released`] when it
    /// no longer does; a caller that keeps raw events for alerts can let go of one when all have.
    pub fn kept(self) -> u32 {
        self.groups.kept()
    }

    /// Earlier events to which one more state machine refers: those of sequences whose alert suppression holds back
    /// ([`StateLimits::early`] is off). For each, [`Outcome::released`] comes once more; count these first.
    pub fn held(self) -> &'m [EventRef] {
        self.groups.held()
    }

    /// Earlier events (and perhaps this one) that a state machine no longer refers to.
    pub fn released(self) -> &'m [EventRef] {
        self.groups.released()
    }

    /// Whether there is neither a match nor a group nor a finding.
    pub fn is_empty(self) -> bool {
        self.hits.rules.is_empty() && self.groups().len() == 0 && self.findings().len() == 0
    }
}
