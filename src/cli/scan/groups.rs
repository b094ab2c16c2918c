//! Rules with state in a scan: sequences, samples, new terms, thresholds, suppression.
//!
//! In: what they need of the events that concern them, in order. Out: the alerts of groups and of findings. The text of
//! an event from a plain file is read again when an alert needs it. That of an event from a stream is kept as long as a
//! sequence refers to it; when that comes to too much, the oldest texts are given up: the alerts lack the fields of the
//! event, and that is counted.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kiln::event::Scalar;
use kiln::info::Severity;
use kiln::sequence::Timestamp;
use kiln::{EventRef, Group, Matcher, Options, Outcome, Parts, RuleKind};

use super::kept::{Kept, Place, Reopened};
use super::sink::Sink;
use super::spread::spread;
use super::worker::Job;
use crate::cli::alert::{Draft, Member, Source, suppression};

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
    kept: Kept,
    next: u64,
    /// Events whose text was needed and could not be found.
    pub(super) lost: u64,
}

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
            kept: Kept::default(),
            next: 0,
            lost: 0,
        }
    }

    /// Sees the next event: a part, and its text if that cannot be read again.
    pub(super) fn part(
        &mut self,
        (parts, number): (&Parts, usize),
        place: Place,
        text: &[u8],
        sink: &mut Sink<impl io::Write + Send>,
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
            self.kept.keep(handle, place, references, text);
        }
        self.write(&found, sink)?;
        self.write_drafts(&drafts, sink)?;
        if references == 0 {
            self.kept.forget(handle);
        }
        for event in held {
            self.kept.hold(event);
        }
        for event in released {
            self.kept.release(event);
        }
        Ok(())
    }

    /// The end of all input: what was held back.
    pub(super) fn finish(&mut self, sink: &mut Sink<impl io::Write + Send>) -> io::Result<()> {
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
        let (inputs, mut files) = (&self.job.inputs, Reopened::default());
        let mut time_of = |place: Place, text: &[u8]| {
            if place.again { time(&files.read(inputs, place)?) } else { time(text) }
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
    fn start_afresh(&mut self, sink: &mut Sink<impl io::Write + Send>) -> io::Result<()> {
        self.finish(sink)?;
        self.losses = self.losses();
        self.matcher = self.job.matcher(self.options);
        self.kept.clear(self.next);
        Ok(())
    }

    /// Writes the alerts of groups.
    fn write(&mut self, found: &[Found], sink: &mut Sink<impl io::Write + Send>) -> io::Result<()> {
        let lost = AtomicU64::new(0);
        let make = |group: &Found, files: &mut Reopened, out: &mut Vec<u8>| {
            let text = |&event| self.kept.text(event, &self.job.inputs, files);
            let texts: Vec<_> = group.events.iter().map(text).collect();
            lost.fetch_add(texts.iter().filter(|text| text.is_none()).count() as u64, Ordering::Relaxed);
            unit_of(group, &texts, &self.job, out)
        };
        spread(found, self.job.threads, &make, |group: &Found, severity, text: &[u8]| {
            sink.unit(group.order, group.rule, severity, text)
        })?;
        self.lost += lost.into_inner();
        Ok(())
    }

    /// Writes the alerts of findings.
    fn write_drafts(&mut self, drafts: &[Draft], sink: &mut Sink<impl io::Write + Send>) -> io::Result<()> {
        let lost = AtomicU64::new(0);
        let make = |draft: &Draft, files: &mut Reopened, out: &mut Vec<u8>| {
            let needed = !draft.has_own_fields();
            let text = needed.then(|| self.kept.text(draft.event, &self.job.inputs, files)).flatten();
            lost.fetch_add(u64::from(needed && text.is_none()), Ordering::Relaxed);
            alert_of(draft, text.as_deref(), &self.job, out)
        };
        spread(drafts, self.job.threads, &make, |draft: &Draft, severity, text: &[u8]| {
            sink.alert(draft.rule, severity, text)
        })?;
        self.lost += lost.into_inner();
        Ok(())
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
