//! Rules with state in a scan: sequences, samples, new terms, thresholds, suppression.
//!
//! In: what they need of the events that concern them, in order. Out: the alerts of groups and of findings. The text of
//! an event from a plain file is read again when an alert needs it. That of an event from a stream is kept as long as a
//! sequence refers to it; when that comes to too much, the oldest texts are given up: the alerts lack the fields of the
//! event, and that is counted.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::Arc;

use kiln::event::Scalar;
use kiln::info::Severity;
use kiln::sequence::Timestamp;
use kiln::{EventRef, Group, Matcher, Options, Outcome, Parts, RuleKind};

use super::blocks::read_at;
use super::sink::Sink;
use super::spread::{Made, spread};
use super::text::Text;
use super::worker::Job;
use crate::cli::alert::{Draft, Member, Source, suppression};
use crate::cli::input::Input;

/// Bytes of events that are kept for alerts.
const KEPT_BYTES: usize = 256 << 20;

/// So many groups or findings are read, and their alerts made, before they are written.
const AT_ONCE: usize = 48;

/// Follows the rules with state of a set.
pub(super) struct Groups {
    job: Arc<Job>,
    matcher: Matcher<'static>,
    options: Options,
    /// How much earlier an event may be and still belong to the same stream, in milliseconds.
    reorder: Option<u64>,
    /// The last event, and its text if that cannot be read again.
    last: Option<Place>,
    last_text: Vec<u8>,
    /// What earlier streams had to give up, and what came too late.
    losses: Losses,
    kept: BTreeMap<u64, Kept>,
    /// Bytes of the texts that are kept, and the first event whose text may still be there.
    bytes: usize,
    oldest: u64,
    next: u64,
    /// The texts of alerts on their way out, of each thread that makes some.
    texts: Vec<Vec<u8>>,
    /// The input that was read again last.
    reopened: Option<(u32, File)>,
    /// Events whose text was needed and could not be found.
    pub(super) lost: u64,
}

/// Where a line stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) input: u32,
    pub(super) offset: u64,
    pub(super) len: u32,
    /// Whether it can be read again.
    pub(super) again: bool,
}

/// An event that a state machine refers to.
struct Kept {
    place: Place,
    /// How many state machines refer to it.
    references: u32,
    /// Its text if it cannot be read again.
    text: Option<Box<[u8]>>,
}

/// The texts of events, as far as they are still there.
type Texts = Vec<Option<Vec<u8>>>;

/// A group that was completed, with its alerts still to be written.
struct Found {
    rule: u32,
    order: u64,
    events: Vec<u64>,
    /// What its shell alert says of those that it stands for.
    suppression: String,
}

impl Groups {
    pub(super) fn new(job: Arc<Job>, options: Options, reorder: Option<u64>) -> Self {
        Self {
            matcher: job.matcher(options),
            job,
            options,
            reorder,
            last: None,
            last_text: Vec::new(),
            losses: Losses::default(),
            kept: BTreeMap::new(),
            bytes: 0,
            oldest: 0,
            next: 0,
            texts: Vec::new(),
            reopened: None,
            lost: 0,
        }
    }

    /// Sees the next event: a part, and its text if that cannot be read again.
    pub(super) fn part(
        &mut self,
        (parts, number): (&Parts, usize),
        place: Place,
        text: &[u8],
        sink: &mut Sink<impl io::Write>,
    ) -> io::Result<()> {
        if self.last.is_some_and(|last| last.input != place.input) && self.is_earlier(place, text) {
            self.start_afresh(sink)?;
        }
        self.last = Some(place);
        self.last_text.clear();
        self.last_text.extend_from_slice(text);
        let handle = self.next;
        self.next += 1;
        let outcome = self.matcher.part(parts, number, EventRef(handle));
        let found = found(outcome, &self.job.wanted.rules);
        let drafts = drafts(outcome, &self.job);
        let references = outcome.kept();
        let held: Vec<_> = outcome.held().iter().map(|event| event.0).collect();
        let released: Vec<_> = outcome.released().iter().map(|event| event.0).collect();
        if references > 0 || !found.is_empty() || !drafts.is_empty() {
            let text = (!place.again).then(|| text.into());
            self.keep(handle, Kept { place, references, text });
        }
        self.write(&found, sink)?;
        self.write_drafts(&drafts, sink)?;
        if references == 0 {
            self.forget(handle);
        }
        for event in held {
            if let Some(event) = self.kept.get_mut(&event) {
                event.references += 1;
            }
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
        let drafts = drafts(outcome, &self.job);
        found.sort_by_key(|group| group.order);
        self.write(&found, sink)?;
        self.write_drafts(&drafts, sink)
    }

    /// What had to give way for lack of room, and what came too late, over all rules.
    pub(super) fn losses(&self) -> Losses {
        let mut losses = self.losses;
        for (number, rule) in (0..).zip(self.job.wanted.set.rules) {
            if let Some(stats) = self.matcher.sequence_stats(number) {
                losses.evicted += stats.evicted;
                losses.late += stats.late;
            }
            let own = self.matcher.state_stats(number).into_iter();
            for stats in own.chain(self.matcher.suppression_stats(number)) {
                losses.records += stats.evicted;
                losses.timeless += stats.timeless;
                // Other types take late events as if they were not.
                losses.late += if rule.kind == RuleKind::Threshold { stats.late } else { 0 };
            }
        }
        losses
    }

    /// Whether the first event of an input is from before the end of the last one: then it is no continuation of it.
    fn is_earlier(&mut self, place: Place, text: &[u8]) -> bool {
        if self.reorder.is_none() && self.matcher.stats().forced == 0 {
            // Everything waits for everything.
            return false;
        }
        let time = |line: &[u8]| {
            let text = Source::new(line).timestamp()?;
            Timestamp::from_scalar(Scalar::Text(text.as_bytes()))
        };
        let (last, last_text) = (self.last, std::mem::take(&mut self.last_text));
        let mut time_of = |place: Place, text: &[u8]| {
            if place.again { time(&self.read_again(place)?) } else { time(text) }
        };
        let last = last.and_then(|last| time_of(last, &last_text));
        match (time_of(place, text), last) {
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
        self.matcher = self.job.matcher(self.options);
        self.kept.clear();
        (self.bytes, self.oldest) = (0, self.next);
        Ok(())
    }

    fn keep(&mut self, handle: u64, event: Kept) {
        self.bytes += event.text.as_ref().map_or(0, |text| text.len());
        self.kept.insert(handle, event);
        while self.bytes > KEPT_BYTES {
            let mut older =
                self.kept.range_mut(self.oldest..handle).filter(|(_, event)| event.text.is_some());
            let Some((&first, event)) = older.next() else { break };
            self.oldest = first + 1;
            self.bytes -= event.text.take().map_or(0, |text| text.len());
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
        if let Some(Kept { text: Some(text), .. }) = self.kept.remove(&handle) {
            self.bytes -= text.len();
        }
    }

    /// Writes the alerts of groups.
    fn write(&mut self, found: &[Found], sink: &mut Sink<impl io::Write>) -> io::Result<()> {
        for some in found.chunks(AT_ONCE) {
            let mut read = |group| self.texts_of(group);
            let read: Vec<(&Found, Texts)> = some.iter().map(|group| (group, read(group))).collect();
            let Self { job, texts, .. } = self;
            let make = |(group, events): &(&Found, Texts), out: &mut _| unit_of(group, events, job, out);
            for ((group, _), made) in read.iter().zip(spread(&read, job.threads, texts, &make)) {
                let Made { severity: Some(severity), text } = made else { continue };
                sink.unit(group.order, group.rule, severity, text)?;
            }
        }
        Ok(())
    }

    /// The texts of the events of a group.
    fn texts_of(&mut self, group: &Found) -> Texts {
        let texts: Texts = group.events.iter().map(|&event| self.text(event)).collect();
        self.lost += texts.iter().filter(|text| text.is_none()).count() as u64;
        texts
    }

    /// Writes the alerts of findings.
    fn write_drafts(&mut self, drafts: &[Draft], sink: &mut Sink<impl io::Write>) -> io::Result<()> {
        for some in drafts.chunks(AT_ONCE) {
            let mut read = |draft: &Draft| {
                let text = if draft.has_own_fields() { None } else { self.text(draft.event) };
                self.lost += u64::from(text.is_none() && !draft.has_own_fields());
                text
            };
            let read: Vec<_> = some.iter().map(|draft| (draft, read(draft))).collect();
            let Self { job, texts, .. } = self;
            let make = |(draft, text): &(&Draft, Option<Vec<u8>>), out: &mut _| {
                alert_of(draft, text.as_deref(), job, out)
            };
            for ((draft, _), made) in read.iter().zip(spread(&read, job.threads, texts, &make)) {
                let Made { severity: Some(severity), text } = made else { continue };
                sink.alert(draft.rule, severity, text)?;
            }
        }
        Ok(())
    }

    /// The text of an event, from memory or from its file.
    fn text(&mut self, event: u64) -> Option<Vec<u8>> {
        let kept = self.kept.get(&event)?;
        match &kept.text {
            Some(text) => Some(text.to_vec()),
            None if kept.place.again => self.read_again(kept.place),
            None => None,
        }
    }

    fn read_again(&mut self, place: Place) -> Option<Vec<u8>> {
        if self.reopened.as_ref().is_none_or(|(input, _)| *input != place.input) {
            let Input::File(path) = &self.job.inputs[place.input as usize] else { return None };
            self.reopened = Some((place.input, File::open(path).ok()?));
        }
        let (_, file) = self.reopened.as_ref()?;
        let mut text = Text::default();
        read_at(file, place.offset, place.len as usize, &mut text).ok()?;
        // A file that has changed since has something else there.
        (text.len() == place.len as usize && text.trim_ascii().starts_with(b"{")).then(|| text.to_vec())
    }
}

/// Writes the alerts of a group onto `out`; their severity, `None` if they are not wanted.
fn unit_of(group: &Found, events: &[Option<Vec<u8>>], job: &Job, out: &mut Vec<u8>) -> Option<Severity> {
    let members = group.events.iter().zip(events);
    let members: Vec<_> =
        members.map(|(&event, text)| text.as_deref().map_or(Member::Gone(event), Member::Event)).collect();
    let alerts = job.writer.group(group.rule, &members, &group.suppression);
    let severity = alerts.last()?.severity;
    if !job.wanted.severity(severity) {
        return None;
    }
    for alert in &alerts {
        job.format.write(alert, job.wanted.info(group.rule), out);
    }
    Some(severity)
}

/// Writes the alert of a finding onto `out`; its severity, `None` if it is not wanted.
fn alert_of(draft: &Draft, text: Option<&[u8]>, job: &Job, out: &mut Vec<u8>) -> Option<Severity> {
    let source = text.map_or_else(|| Source::lost(draft.event), Source::new);
    let alert = job.writer.finding(draft, &source);
    if !job.wanted.severity(alert.severity) {
        return None;
    }
    job.format.write(&alert, job.wanted.info(draft.rule), out);
    Some(alert.severity)
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

/// The findings of an outcome that are wanted.
fn drafts(outcome: Outcome<'_, '_>, job: &Job) -> Vec<Draft> {
    let wanted = outcome.findings().filter(|finding| job.wanted.rule(finding.rule_index));
    wanted.map(|finding| Draft::new(&finding, job.wanted.set, job.indicators.as_ref())).collect()
}

/// The groups of an outcome that are wanted.
fn found(outcome: Outcome<'_, '_>, wanted: &[bool]) -> Vec<Found> {
    let of = |group: Group<'_, '_>| Found {
        rule: group.rule_index,
        order: group.order(),
        events: group.events.iter().flatten().map(|event| event.handle.0).collect(),
        suppression: suppression(&group),
    };
    outcome.groups().filter(|group| wanted[group.rule_index as usize]).map(of).collect()
}
