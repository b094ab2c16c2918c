//! Matches the lines of a block.
//!
//! In: blocks. Out: for each block, in pieces of bounded size, the alerts of single-event rules, the lines that take
//! part in sequences or samples (which somebody has to see all in order, so not this thread), and what is wrong.

use std::sync::{Mutex, PoisonError};
use std::thread;

use kiln::info::Severity;
use kiln::reader::{ReadError, StrictReader};
use kiln::{EventRef, Matcher, Options};
use memchr::memchr;

use super::blocks::{Block, Blocks};
use super::ordered::Ordered;
use super::sink::{Format, Wanted};
use crate::cli::alert::{Source, Writer};

/// What all threads of a scan share.
pub(super) struct Job {
    pub(super) wanted: Wanted,
    pub(super) writer: Writer<'static>,
    pub(super) format: Format,
    pub(super) strict: bool,
    pub(super) blocks: Mutex<Blocks>,
    pub(super) ordered: Ordered<Piece>,
}

/// A part of the result of a block: some of its lines, in order.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// The input.
    pub(super) input: u32,
    /// The texts of the alerts, one after the other.
    pub(super) text: Vec<u8>,
    pub(super) alerts: Vec<AlertPart>,
    /// Lines that take part in sequences or samples, one after the other.
    pub(super) lines: Vec<u8>,
    pub(super) parts: Vec<LinePart>,
    pub(super) problems: Vec<Problem>,
    pub(super) events: u64,
    pub(super) bytes: u64,
    /// Line ends in the whole block; with its last piece.
    pub(super) line_count: u64,
    pub(super) last: bool,
    /// Why the input cannot be read any further.
    pub(super) failure: Option<String>,
    /// Whether lines of the input can be read again.
    pub(super) again: bool,
}

/// An alert of a single-event rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct AlertPart {
    /// The line in the block, from 0.
    pub(super) line: u64,
    pub(super) rule: u32,
    pub(super) severity: Severity,
    /// Where its text ends.
    pub(super) end: usize,
}

/// A line that takes part in a sequence or sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct LinePart {
    /// The line in the block, from 0.
    pub(super) line: u64,
    /// Where it stands in its input.
    pub(super) offset: u64,
    /// Where its text ends.
    pub(super) end: usize,
}

/// A line that is no event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Problem {
    /// The line in the block, from 0.
    pub(super) line: u64,
    /// The byte of the input where reading stopped.
    pub(super) offset: u64,
    pub(super) reason: &'static str,
}

/// Pieces are handed over when they hold this many bytes or problems.
const PIECE: usize = 1 << 20;
const PROBLEMS: usize = 10_000;

/// Takes blocks and matches them until there are no more.
pub(super) fn run(job: &Job) {
    let _guard = AbandonOnPanic(job);
    let options = Options { groups: false, ..Options::default() };
    let mut worker = Worker {
        job,
        matcher: Matcher::with_options(job.wanted.set, options),
        strict: StrictReader::default(),
        piece: Piece::default(),
    };
    let mut block = Block::default();
    loop {
        let mut blocks = job.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        if !blocks.next(&mut block) {
            job.ordered.end(blocks.count());
            return;
        }
        drop(blocks);
        if !job.ordered.admit(block.number) {
            return;
        }
        block.read();
        if !worker.block(&mut block) {
            return;
        }
    }
}

/// Nobody must wait for a thread that is no more.
struct AbandonOnPanic<'j>(&'j Job);

impl Drop for AbandonOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.ordered.abandon();
        }
    }
}

struct Worker<'j> {
    job: &'j Job,
    matcher: Matcher<'static>,
    strict: StrictReader,
    piece: Piece,
}

/// A line and where it stands.
#[derive(Clone, Copy)]
struct Line<'b> {
    text: &'b [u8],
    number: u64,
    offset: u64,
}

impl Worker<'_> {
    /// Matches a block and hands over the result; false if nobody wants it.
    fn block(&mut self, block: &mut Block) -> bool {
        self.piece.input = block.input;
        self.piece.again = block.file.is_some();
        let mut rest = block.text.as_slice();
        let mut line = Line { text: b"", number: 0, offset: block.offset };
        while !rest.is_empty() {
            let end = memchr(b'\n', rest);
            let taken = end.map_or(rest.len(), |end| end + 1);
            line.text = &rest[..end.unwrap_or(rest.len())];
            if !line.text.trim_ascii().is_empty() {
                self.line(line);
                if (self.piece.is_full() || self.piece.problems.len() >= PROBLEMS)
                    && !self.hand_over(block.number)
                {
                    return false;
                }
            }
            line.number += 1;
            line.offset += taken as u64;
            rest = &rest[taken..];
        }
        if let Some(offset) = block.too_long {
            let reason = "the line is too long to be an event (more than 64 MiB)";
            self.piece.problems.push(Problem { line: line.number, offset, reason });
            line.number += 1;
        }
        self.piece.bytes += block.text.len() as u64;
        self.piece.line_count = line.number;
        self.piece.failure = block.failure.take();
        self.piece.last = true;
        self.hand_over(block.number)
    }

    fn hand_over(&mut self, number: u64) -> bool {
        let next = Piece { input: self.piece.input, again: self.piece.again, ..Piece::default() };
        let piece = std::mem::replace(&mut self.piece, next);
        let last = piece.last;
        self.job.ordered.put(number, piece, last)
    }

    fn line(&mut self, line: Line<'_>) {
        match self.match_line(line) {
            Ok(()) => self.piece.events += 1,
            Err(error) => self.piece.problems.push(Problem {
                line: line.number,
                offset: line.offset + error.offset as u64,
                reason: error.kind.reason(),
            }),
        }
    }

    fn match_line(&mut self, line: Line<'_>) -> Result<(), ReadError> {
        if self.job.strict {
            self.strict.check(line.text)?;
        }
        let outcome = self.matcher.json(line.text, EventRef(0))?;
        if outcome.takes_part() && self.job.wanted.groups {
            self.piece.lines.extend_from_slice(line.text);
            let end = self.piece.lines.len();
            self.piece.parts.push(LinePart { line: line.number, offset: line.offset, end });
        }
        let mut source = None;
        for &rule in outcome.rules() {
            if self.job.wanted.rule(rule) {
                let source = source.get_or_insert_with(|| Source::new(line.text));
                self.piece.alert(self.job, rule, line.number, source);
            }
        }
        Ok(())
    }
}

impl Piece {
    fn is_full(&self) -> bool {
        self.text.len() + self.lines.len() >= PIECE
    }

    fn alert(&mut self, job: &Job, rule: u32, line: u64, source: &Source<'_>) {
        let alert = job.writer.single(rule, source);
        if !job.wanted.severity(alert.severity) {
            return;
        }
        job.format.write(&alert, job.wanted.info(rule), &mut self.text);
        self.alerts.push(AlertPart { line, rule, severity: alert.severity, end: self.text.len() });
    }
}
