//! Rules with state of their own: feeds their state machines.
//!
//! In: which filters of such rules an event passed. Out: findings, and which events are referred to. Where state is
//! followed elsewhere ([`Options::groups`](super::Options)), only what needs none is found here.

use std::sync::Arc;

use super::completed::Completed;
use super::finding::put_threshold;
use super::joint::Common;
use super::matcher::Options;
use super::shell::{get_group, put_group};
use crate::event::EventView;
use crate::keyed::{KeyedLimits, KeyedStats};
use crate::new_terms::NewTermsSet;
use crate::sequence::wire::{self, Input};
use crate::sequence::{EventRef, Group, GroupEvent, RestoreError};
use crate::set::{self, Rule, RuleKind, RuleSet, Target};
use crate::suppression::{AlertSink, GroupAlert, NewAlert, SuppressionLimits, SuppressionSet};
use crate::threat::{Indicators, Lookup};
use crate::threshold::{ThresholdGroup, ThresholdLimits, ThresholdSet, ThresholdSink};

/// Capacities of the state of new terms, thresholds and suppression, and when what they find is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateLimits {
    /// Records of each of the three, over all rules: values that were seen, groups of thresholds, groups of alerts.
    pub records: KeyedLimits,
    /// Different values that are remembered for the cardinalities of thresholds, over all groups.
    pub values: usize,
    /// Bytes of what belongs to suppressed alerts that are held back.
    pub alert_bytes: usize,
    /// How long the window of a threshold stays open behind its end for events that come late, in nanoseconds; `u64::MAX` is
    /// until the end of the input.
    pub wait_nanos: u64,
    /// Groups of thresholds are reported as soon as they are large enough, and of suppressed alerts the first comes out at
    /// once: for input without an end. Otherwise when their time is over, with their final counts.
    pub early: bool,
}

impl Default for StateLimits {
    fn default() -> Self {
        let records = KeyedLimits::with_records(32_768);
        Self { records, values: 65_536, alert_bytes: 1 << 20, wait_nanos: 0, early: true }
    }
}

impl StateLimits {
    /// For input that is all there: nothing is reported before its end, whatever the order of events.
    pub fn complete() -> Self {
        Self { wait_nanos: u64::MAX, early: false, ..Self::default() }
    }

    fn thresholds(&self) -> ThresholdLimits {
        let Self { records, values, wait_nanos, early, .. } = *self;
        ThresholdLimits { groups: records, values, wait_nanos, early }
    }

    fn suppression(&self) -> SuppressionLimits {
        let Self { records, alert_bytes, early, .. } = *self;
        SuppressionLimits { groups: records, alert_bytes, early }
    }
}

/// The state of all rules that are no sequences or samples.
#[derive(Debug)]
pub(super) struct States<'a> {
    defs: set::States<'a>,
    rules: &'a [Rule<'a>],
    /// Whether suppressed alerts come out at once.
    early: bool,
    /// Whether state is kept here.
    follows: bool,
    thresholds: ThresholdSet<'a>,
    new_terms: NewTermsSet<'a>,
    suppressions: SuppressionSet<'a>,
    indicators: Option<Arc<Indicators>>,
    lookup: Lookup,
    /// Findings of one event on their way to suppression, and where each ends.
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl<'a> States<'a> {
    pub(super) fn new(set: &RuleSet<'a>, options: &Options) -> Self {
        let defs = if options.groups { set.states } else { set::States::EMPTY };
        Self::with(
            set,
            options,
            ThresholdSet::new(defs.thresholds, options.states.thresholds()),
            NewTermsSet::new(defs.new_terms, options.states.records),
            SuppressionSet::new(defs.suppressions, options.states.suppression()),
        )
    }

    fn with(
        set: &RuleSet<'a>,
        options: &Options,
        thresholds: ThresholdSet<'a>,
        new_terms: NewTermsSet<'a>,
        suppressions: SuppressionSet<'a>,
    ) -> Self {
        Self {
            defs: set.states,
            rules: set.rules,
            early: options.states.early,
            follows: options.groups,
            thresholds,
            new_terms,
            suppressions,
            indicators: None,
            lookup: Lookup::default(),
            bytes: Vec::with_capacity(256),
            ends: Vec::with_capacity(16),
        }
    }

    /// Appends the state of everything, each in a frame of its own. Indicators are not part of it.
    pub(super) fn save(&self, fingerprint: u64, out: &mut Vec<u8>) {
        let mut part = Vec::new();
        self.thresholds.save(fingerprint, &mut part);
        wire::put_bytes(&part, out);
        part.clear();
        self.new_terms.save(fingerprint, &mut part);
        wire::put_bytes(&part, out);
        part.clear();
        self.suppressions.save(fingerprint, &mut part);
        wire::put_bytes(&part, out);
    }

    pub(super) fn restore(
        set: &RuleSet<'a>,
        options: &Options,
        input: &mut Input<'_>,
    ) -> Result<Self, RestoreError> {
        let (defs, rules) = (set.states, set.fingerprint);
        let limits = &options.states;
        let thresholds = ThresholdSet::restore(defs.thresholds, rules, limits.thresholds(), input.bytes()?)?;
        let new_terms = NewTermsSet::restore(defs.new_terms, rules, limits.records, input.bytes()?)?;
        let suppressions =
            SuppressionSet::restore(defs.suppressions, rules, limits.suppression(), input.bytes()?)?;
        Ok(Self::with(set, options, thresholds, new_terms, suppressions))
    }

    pub(super) fn use_indicators(&mut self, indicators: Arc<Indicators>) {
        self.indicators = Some(indicators);
    }

    /// Takes in what filters an event passed. Returns whether it concerns state.
    pub(super) fn push(
        &mut self,
        hits: &[Target],
        event: EventView<'_>,
        handle: EventRef,
        out: &mut Completed,
    ) -> bool {
        let mut takes_part = false;
        for &hit in hits {
            takes_part |= match hit {
                Target::Threat(def) => self.threat(def, event, handle, out),
                _ => true,
            };
            match hit {
                _ if !self.follows => {}
                Target::Threshold(def) => self.threshold(def, event, handle, out),
                Target::NewTerms(def) => self.new_terms(def, event, handle, out),
                Target::Suppressed(def) => self.suppress(def, event, handle, &[], out),
                // Not state, looked at above, or looked at by others.
                Target::Threat(_)
                | Target::Indicator(_)
                | Target::Rule(_)
                | Target::Sequence { .. }
                | Target::Sample(_) => {}
            }
        }
        takes_part
    }

    fn threshold(&mut self, def: u32, event: EventView<'_>, handle: EventRef, out: &mut Completed) {
        let rule = &self.defs.thresholds[def as usize];
        let Self { defs, rules, early, thresholds, suppressions, bytes, .. } = self;
        let mut sink = Thresholds { alerts: Alerts { defs, rules, early: *early, out }, suppressions, bytes };
        let kept = thresholds.push(def, rule.time.of(&event), handle, &event, &mut sink);
        out.kept += u32::from(kept);
    }

    fn new_terms(&mut self, def: u32, event: EventView<'_>, handle: EventRef, out: &mut Completed) {
        let rule = &self.defs.new_terms[def as usize];
        let Self { new_terms, bytes, ends, .. } = self;
        bytes.clear();
        ends.clear();
        let time = rule.time.of(&event);
        new_terms.push(def, time, &event, |key| {
            bytes.extend_from_slice(key);
            ends.push(bytes.len());
        });
        let mut start = 0;
        for at in 0..self.ends.len() {
            let end = self.ends[at];
            if let Some(suppression) = rule.suppression {
                let Self { suppressions, bytes, defs, rules, early, .. } = self;
                let alert = NewAlert { time, event: Some(handle), payload: &bytes[start..end] };
                let mut sink = Alerts { defs, rules, early: *early, out };
                let kept = suppressions.push(suppression, alert, &event, &mut sink);
                out.kept += u32::from(kept);
            } else {
                let event = GroupEvent { handle, time: time.unwrap_or_default(), order: 0 };
                out.findings.add(rule.rule, event, &self.bytes[start..end]);
            }
            start = end;
        }
    }

    /// Whether the finding concerns state.
    fn threat(&mut self, def: u32, event: EventView<'_>, handle: EventRef, out: &mut Completed) -> bool {
        let Some(indicators) = self.indicators.clone() else { return false };
        self.bytes.clear();
        if self.lookup.find(&indicators, self.defs.threats, def, &event, &mut self.bytes) == 0 {
            return false;
        }
        let rule = &self.defs.threats[def as usize];
        let Some(suppression) = rule.suppression else {
            let time = rule.time.of(&event).unwrap_or_default();
            out.findings.add(rule.rule, GroupEvent { handle, time, order: 0 }, &self.bytes);
            return false;
        };
        if self.follows {
            let payload = std::mem::take(&mut self.bytes);
            self.suppress(suppression, event, handle, &payload, out);
            self.bytes = payload;
        }
        true
    }

    fn suppress(
        &mut self,
        def: u32,
        event: EventView<'_>,
        handle: EventRef,
        payload: &[u8],
        out: &mut Completed,
    ) {
        let time = self.defs.suppressions[def as usize].time.of(&event);
        let alert = NewAlert { time, event: Some(handle), payload };
        let Self { suppressions, defs, rules, early, .. } = self;
        let kept = suppressions.push(def, alert, &event, &mut Alerts { defs, rules, early: *early, out });
        out.kept += u32::from(kept);
    }

    /// Takes in a sequence or sample that is complete.
    pub(super) fn suppress_group(&mut self, common: &Common<'_>, group: &Group<'_>, out: &mut Completed) {
        let Self { suppressions, defs, rules, early, bytes, .. } = self;
        bytes.clear();
        put_group(group, bytes);
        if common.dropped {
            suppressions.count_dropped(common.def);
        }
        let alert = NewAlert { time: common.time, event: None, payload: bytes };
        let mut sink = Alerts { defs, rules, early: *early, out };
        if suppressions.push_group(common.def, common.key, alert, &mut sink) {
            group.events.iter().flatten().for_each(|event| out.hold(event.handle));
        }
    }

    /// The input has ended.
    pub(super) fn finish(&mut self, out: &mut Completed) {
        let Self { defs, rules, early, thresholds, suppressions, bytes, .. } = self;
        let early = *early;
        let alerts = Alerts { defs, rules, early, out };
        thresholds.finish(&mut Thresholds { alerts, suppressions, bytes });
        suppressions.finish(&mut Alerts { defs, rules, early, out });
    }

    /// What happened to the state of a rule, and to its suppression.
    pub(super) fn stats(&self, rule: u32) -> (Option<KeyedStats>, Option<KeyedStats>) {
        let at = |found: Option<usize>| found.map(|def| def as u32);
        let threshold = at(self.defs.thresholds.iter().position(|def| def.rule == rule));
        let new_terms = at(self.defs.new_terms.iter().position(|def| def.rule == rule));
        let suppression = at(self.defs.suppressions.iter().position(|def| def.rule == rule));
        let own = threshold.map(|def| self.thresholds.stats(def));
        (
            own.or_else(|| new_terms.map(|def| self.new_terms.stats(def))),
            suppression.map(|def| self.suppressions.stats(def)),
        )
    }

    /// Bytes of memory reserved for state.
    pub(super) fn reserved_bytes(&self) -> usize {
        self.thresholds.reserved_bytes()
            + self.new_terms.reserved_bytes()
            + self.suppressions.reserved_bytes()
    }
}

/// Where alerts that come through suppression go.
struct Alerts<'s, 'a> {
    defs: &'s set::States<'a>,
    rules: &'a [Rule<'a>],
    early: bool,
    out: &'s mut Completed,
}

impl Alerts<'_, '_> {
    /// An alert of a sequence or sample. What was held back refers to its events no longer.
    fn group(&mut self, rule: u32, alert: &GroupAlert<'_>) {
        let Some((events, key)) = get_group(alert.payload) else { return };
        self.out.add(rule, events.clone(), key, alert.group);
        if alert.group.is_some() && !self.early {
            self.out.released.extend(events.flatten().map(|event| event.handle));
        }
    }
}

impl AlertSink for Alerts<'_, '_> {
    fn alert(&mut self, alert: &GroupAlert<'_>) {
        let rule = self.defs.suppressions[alert.def as usize].rule;
        match self.rules[rule as usize].kind {
            RuleKind::Sequence | RuleKind::Sample => self.group(rule, alert),
            _ => self.out.findings.add_alert(rule, alert),
        }
    }

    fn released(&mut self, handle: EventRef) {
        self.out.released.push(handle);
    }
}

/// Where groups of thresholds go.
struct Thresholds<'s, 'a> {
    alerts: Alerts<'s, 'a>,
    suppressions: &'s mut SuppressionSet<'a>,
    bytes: &'s mut Vec<u8>,
}

impl ThresholdSink for Thresholds<'_, '_> {
    fn group(&mut self, group: &ThresholdGroup<'_>) {
        let def = &self.alerts.defs.thresholds[group.def as usize];
        self.bytes.clear();
        put_threshold(group, self.bytes);
        let Some(suppression) = def.suppression else {
            return self.alerts.out.findings.add(def.rule, group.last, self.bytes);
        };
        // The payload tells the events; they are referred to no longer than by the group itself.
        let alert = NewAlert { time: Some(group.last.time), event: None, payload: self.bytes };
        self.suppressions.push_keyed(suppression, group.key.as_bytes(), alert, &mut self.alerts);
    }

    fn released(&mut self, handle: EventRef) {
        self.alerts.out.released.push(handle);
    }
}
