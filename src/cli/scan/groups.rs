//! Rules with state in a scan: sequences, samples, new terms, thresholds, suppression.
//!
//! In: the lines that take part in some, in order. Out: the alerts of completed groups and of findings. The text of an event is kept
//! as long as a sequence refers to it; when that comes to too much, the oldest texts are given up and read again from
//! their file if they are needed. What came from a stream cannot be read again: its alerts lack the fields of the
//! event, and that is counted.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;

use kiln::event::Scalar;
use kiln::sequence::Timestamp;
use kiln::{EventRef, Group, Matcher, Options, Outcome, RuleKind};

use super::blocks::read_at;
use super::sink::{Sink, Unit};
use super::text::Text;
use super::worker::Job;
use crate::cli::alert::{Draft, Member, Source, is_stateless};
use crate::cli::input::Input;

/// Bytes of events that are kept for alerts: of those that cannot be read again, and of those that can.
const KEPT_BYTES: [usize; 2] = [256 << 20, 32 << 20];

/// Follows the rules with state of a set.
pub(super) struct Groups<'j> {
    job: &'j Job,
    inputs: &'j [Input],
    matcher: Matcher<'static>,
    options: Options,
    /// How much earlier an event may be and still belong to the same stream, in milliseconds.
    reorder: Option<u64>,
    /// The input of the last line, and the line.
    input: Option<u32>,
    last: Vec<u8>,
    /// What earlier streams had to give up, and what came too late.
    losses: Losses,
    kept: BTreeMap<u64, Kept>,
    /// For events that cannot be read again, and for those that can.
    texts: [Texts; 2],
    next: u64,
    /// Events whose text was needed and could not be found.
    pub(super) lost: u64,
}

/// The texts that are kept of one kind of event.
#[derive(Clone, Copy, Default)]
struct Texts {
    bytes: usize,
    /// The first event whose text may still be there.
    oldest: u64,
}

/// Where a line stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) input: u32,
    pub(super) offset: u64,
    /// Whether it can be read again.
    pub(super) again: bool,
}

/// An event that a state machine refers to.
struct Kept {
    place: Place,
    len: u32,
    /// How many state machines refer to it.
    references: u32,
    text: Option<Box<[u8]>>,
}

/// A group that was completed, with its alerts still to be written.
struct Found {
    rule: u32,
    order: u64,
    events: Vec<u64>,
}

impl<'j> Groups<'j> {
    pub(super) fn new(job: &'j Job, inputs: &'j [Input], options: Options, reorder: Option<u64>) -> Self {
        Self {
            job,
            inputs,
            matcher: matcher(job, options),
            options,
            reorder,
            input: None,
            last: Vec::new(),
            losses: Losses::default(),
            kept: BTreeMap::new(),
            texts: [Texts::default(); 2],
            next: 0,
            lost: 0,
        }
    }

    /// Sees the next line.
    pub(super) fn line(
        &mut self,
        line: &[u8],
        place: Place,
        sink: &mut Sink<impl io::Write>,
    ) -> io::Result<()> {
        if self.input.is_some_and(|last| last != place.input) && self.is_earlier(line) {
            self.start_afresh(sink)?;
        }
        self.input = Some(place.input);
        self.last.clear();
        self.last.extend_from_slice(line);
        let handle = self.next;
        self.next += 1;
        // The line has been read before without an error.
        let Ok(outcome) = self.matcher.json(line, EventRef(handle)) else { return Ok(()) };
        let found = found(outcome, &self.job.wanted.rules);
        let drafts = drafts(outcome, self.job);
        let references = outcome.kept();
        let released: Vec<_> = outcome.released().iter().map(|event| event.0).collect();
        if references > 0 || !found.is_empty() || !drafts.is_empty() {
            self.keep(handle, Kept { place, len: line.len() as u32, references, text: Some(line.into()) });
        }
        self.write(found, sink)?;
        self.write_drafts(drafts, sink)?;
        if references == 0 {
            self.forget(handle);
        }
        for event in released {
            self.release(event);
        }
        Ok(())
    }

    /// The end of all input: what was held back.
    pub(super) fn finish(&mut self, sink: &mut Sink<impl io::Write>) -> io::Result<()> {
        let outcome = self.matcher.finish();
        let mut found = found(outcome, &self.job.wanted.rules);
        let drafts = drafts(outcome, self.job);
        found.sort_by_key(|group| group.order);
        self.write(found, sink)?;
        self.write_drafts(drafts, sink)
    }

    /// What had to give way for lack of room, and what came too late, over all rules.
    pub(super) fn losses(&self) -> Losses {
        let mut losses = self.losses;
        for rule in 0..self.job.wanted.set.rules.len() as u32 {
            if let Some(stats) = self.matcher.sequence_stats(rule) {
                losses.evicted += stats.evicted;
                losses.late += stats.late;
            }
            let own = self.matcher.state_stats(rule).into_iter().chain(self.matcher.suppression_stats(rule));
            for stats in own {
                losses.records += stats.evicted;
                losses.timeless += stats.timeless;
                if self.job.wanted.set.rules[rule as usize].kind == RuleKind::Threshold {
                    losses.late += stats.late;
                }
            }
        }
        losses
    }

    /// Whether the first line of an input is from before the end of the last one: then it is no continuation of it.
    fn is_earlier(&self, line: &[u8]) -> bool {
        let time = |line: &[u8]| {
            let text = Source::new(line).timestamp()?;
            Timestamp::from_scalar(Scalar::Text(text.as_bytes()))
        };
        if self.reorder.is_none() && self.matcher.stats().forced == 0 {
            // Everything waits for everything.
            return false;
        }
        match (time(line), time(&self.last)) {
            (Some(first), Some(last)) => {
                first.millis().saturating_add_unsigned(self.reorder.unwrap_or(0)) < last.millis()
            }
            _ => false,
        }
    }

    /// The end of a stream of events and the start of another.
    fn start_afresh(&mut self, sink: &mut Sink<impl io::Write>) -> io::Result<()> {
        self.finish(sink)?;
        self.losses = self.losses();
        self.matcher = matcher(self.job, self.options);
        self.kept.clear();
        self.texts = [Texts::default(); 2];
        Ok(())
    }

    fn keep(&mut self, handle: u64, event: Kept) {
        let kind = usize::from(event.place.again);
        let Texts { bytes, oldest } = &mut self.texts[kind];
        *bytes += event.len as usize;
        self.kept.insert(handle, event);
        while *bytes > KEPT_BYTES[kind] {
            let mut of_kind = self
                .kept
                .range_mut(*oldest..handle)
                .filter(|(_, event)| usize::from(event.place.again) == kind);
            let Some((&first, event)) = of_kind.next() else { break };
            *oldest = first + 1;
            if event.text.take().is_some() {
                *bytes -= event.len as usize;
            }
        }
    }

    fn release(&mut self, handle: u64) {
        let Some(event) = self.kept.get_mut(&handle) else { return };
        event.references = event.references.saturating_sub(1);
        if event.references == 0 {
            self.forget(handle);
        }
    }

    fn forget(&mut self, handle: u64) {
        if let Some(event) = self.kept.remove(&handle)
            && event.text.is_some()
        {
            self.texts[usize::from(event.place.again)].bytes -= event.len as usize;
        }
    }

    fn write(&mut self, found: Vec<Found>, sink: &mut Sink<impl io::Write>) -> io::Result<()> {
        for group in found {
            let texts: Vec<_> = group.events.iter().map(|&event| self.text(event)).collect();
            self.lost += texts.iter().filter(|text| text.is_none()).count() as u64;
            let members: Vec<_> = group
                .events
                .iter()
                .zip(&texts)
                .map(|(&event, text)| text.as_deref().map_or(Member::Gone(event), Member::Event))
                .collect();
            let alerts = self.job.writer.group(group.rule, &members);
            let Some(shell) = alerts.last() else { continue };
            if !self.job.wanted.severity(shell.severity) {
                continue;
            }
            let mut text = Vec::new();
            for alert in &alerts {
                self.job.format.write(alert, self.job.wanted.info(group.rule), &mut text);
            }
            sink.unit(group.order, Unit { rule: group.rule, severity: shell.severity, text })?;
        }
        Ok(())
    }

    /// Writes the alerts of findings.
    fn write_drafts(&mut self, drafts: Vec<Draft>, sink: &mut Sink<impl io::Write>) -> io::Result<()> {
        for draft in drafts {
            let text = self.text(draft.event);
            let source = match &text {
                Some(text) => Source::new(text),
                None => Source::lost(draft.event),
            };
            self.lost += u64::from(text.is_none() && !draft.has_own_fields());
            let alert = self.job.writer.finding(&draft, &source);
            if self.job.wanted.severity(alert.severity) {
                let mut text = Vec::new();
                self.job.format.write(&alert, self.job.wanted.info(draft.rule), &mut text);
                sink.alert(draft.rule, alert.severity, &text)?;
            }
        }
        Ok(())
    }

    /// The text of an event, from memory or from its file.
    fn text(&self, event: u64) -> Option<Vec<u8>> {
        let kept = self.kept.get(&event)?;
        if let Some(text) = &kept.text {
            return Some(text.to_vec());
        }
        let Input::File(path) = &self.inputs[kept.place.input as usize] else { return None };
        if !kept.place.again {
            return None;
        }
        let mut text = Text::default();
        read_at(&File::open(path).ok()?, kept.place.offset, kept.len as usize, &mut text).ok()?;
        // A file that has changed since has something else there.
        (text.len() == kept.len as usize && text.trim_ascii().starts_with(b"{")).then(|| text.to_vec())
    }
}

/// What was lost, over all rules.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Losses {
    /// Pending sequences that had to give way.
    pub(super) evicted: u64,
    /// Groups, remembered values and suppressed alerts that had to give way.
    pub(super) records: u64,
    /// Events that came too late.
    pub(super) late: u64,
    /// Events of rules with state that have no time.
    pub(super) timeless: u64,
}

fn matcher(job: &Job, options: Options) -> Matcher<'static> {
    let mut matcher = Matcher::with_options(job.wanted.set, options);
    if let Some(known) = &job.indicators {
        matcher.use_indicators(known.index.clone());
    }
    matcher
}

/// The findings of an outcome that are wanted, but for those that whoever matched the line has written.
fn drafts(outcome: Outcome<'_, '_>, job: &Job) -> Vec<Draft> {
    let wanted = outcome.findings().filter(|finding| {
        job.wanted.rule(finding.rule_index) && !is_stateless(job.wanted.info(finding.rule_index))
    });
    wanted.map(|finding| Draft::new(&finding, job.wanted.set, job.indicators.as_ref())).collect()
}

/// The groups of an outcome that are wanted.
fn found(outcome: Outcome<'_, '_>, wanted: &[bool]) -> Vec<Found> {
    let of = |group: Group<'_, '_>| Found {
        rule: group.rule_index,
        order: group.order(),
        events: group.events.iter().flatten().map(|event| event.handle.0).collect(),
    };
    outcome.groups().filter(|group| wanted[group.rule_index as usize]).map(of).collect()
}
