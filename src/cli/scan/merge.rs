//! The results of the threads put together again.
//!
//! In: pieces of results in the order of the input. Out: alerts and groups in the sink, in the order of the lines that
//! bring them about; what is wrong on stderr, with the numbers of its lines; and at the end what it all came to.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::groups::Groups;
use super::kept::Place;
use super::ordered::Take;
use super::sink::Sink;
use super::summary::{Problems, Summary};
use super::worker::{Job, Piece};
use crate::cli::Status;

/// Puts the results of the threads together again.
pub(super) struct Merge<W> {
    job: Arc<Job>,
    sink: Sink<W>,
    groups: Option<Groups>,
    /// The input that is being merged, and the lines of it before the current block.
    input: Option<u32>,
    lines: u64,
    pub(super) problems: Problems,
    events: u64,
    bytes: u64,
    /// When everything last went out.
    flushed: Instant,
}

/// Alerts wait no longer than this while others are being looked for.
const FLUSH: Duration = Duration::from_millis(100);

impl<W: Write + Send> Take<Piece> for Merge<W> {
    fn take(&mut self, piece: &mut Piece) -> io::Result<()> {
        self.piece(piece)?;
        if piece.live || self.flushed.elapsed() > FLUSH {
            self.sink.flush()?;
            self.flushed = Instant::now();
        }
        piece.clear();
        Ok(())
    }
}

impl<W: Write + Send> Merge<W> {
    pub(super) fn new(job: Arc<Job>, sink: Sink<W>, groups: Option<Groups>, problems: Problems) -> Self {
        let flushed = Instant::now();
        Self { job, sink, groups, input: None, lines: 0, problems, events: 0, bytes: 0, flushed }
    }

    /// The end of all inputs.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        if let Some(groups) = &mut self.groups {
            groups.finish(&mut self.sink)?;
        }
        self.sink.finish()
    }

    fn piece(&mut self, piece: &Piece) -> io::Result<()> {
        if self.input != Some(piece.input) {
            self.input = Some(piece.input);
            self.lines = 0;
        }
        self.alerts(piece)?;
        let name = || self.job.inputs[piece.input as usize].name();
        for problem in &piece.problems {
            self.problems.line(&name(), self.lines + problem.line + 1, problem.offset, problem.reason);
        }
        if let Some(reason) = &piece.failure {
            self.problems.input(&name(), reason);
        }
        self.events += piece.events;
        self.bytes += piece.bytes;
        if piece.last {
            self.lines += piece.line_count;
        }
        Ok(())
    }

    /// Alerts and groups, in the order of the lines that bring them about.
    fn alerts(&mut self, piece: &Piece) -> io::Result<()> {
        let mut alerts = piece.alerts.iter().scan(0, |start, alert| {
            let text = &piece.text[*start..alert.end];
            *start = alert.end;
            Some((alert, text))
        });
        let mut next = alerts.next();
        let mut start = 0;
        for (number, part) in piece.places.iter().enumerate() {
            while let Some((alert, text)) = next.filter(|(alert, _)| alert.line <= part.line) {
                self.sink.alert(alert.rule, alert.severity, text)?;
                next = alerts.next();
            }
            let end = if piece.again { start } else { start + part.len as usize };
            if let Some(groups) = &mut self.groups {
                let place =
                    Place { input: piece.input, offset: part.offset, len: part.len, again: piece.again };
                groups.part((&piece.parts, number), place, &piece.lines[start..end], &mut self.sink)?;
            }
            start = end;
        }
        for (alert, text) in next.into_iter().chain(alerts) {
            self.sink.alert(alert.rule, alert.severity, text)?;
        }
        Ok(())
    }

    pub(super) fn status(&self, exit_code: bool) -> Status {
        if self.problems.malformed > 0 || self.problems.unreadable > 0 {
            Status::Failure
        } else if exit_code && self.sink.written.iter().any(|&alerts| alerts > 0) {
            Status::Alerts
        } else {
            Status::Success
        }
    }

    pub(super) fn summary(&self, started: Instant) -> Summary<'_> {
        let losses = self.groups.as_ref().map(Groups::losses).unwrap_or_default();
        Summary {
            set: self.job.wanted.set,
            inputs: self.job.inputs.len(),
            events: self.events,
            bytes: self.bytes,
            rules: self.job.wanted.rules.iter().filter(|wanted| **wanted).count(),
            alerts: &self.sink.written,
            severities: self.sink.severities.iter().map(|(severity, count)| (*severity, *count)).collect(),
            capped: self.sink.capped,
            malformed: self.problems.malformed,
            unreadable: self.problems.unreadable,
            losses,
            lost: self.groups.as_ref().map_or(0, |groups| groups.lost),
            elapsed: started.elapsed(),
        }
    }
}
