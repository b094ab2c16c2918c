//! Matches the lines of a block.
//!
//! In: blocks. Out: for each block, in pieces of bounded size, the alerts of single-event rules, the lines that take
//! part in rules with state (which somebody has to see all in order, so not this thread), and what is wrong.

use std::sync::{Mutex, PoisonError};
use std::thread;

use kiln::info::Severity;
use kiln::reader::{ReadError, StrictReader};
use kiln::{EventRef, Matcher, Options, Outcome, RuleCost};
use memchr::memchr_iter;

use super::blocks::{Block, Blocks};
use super::ordered::Ordered;
use super::sink::{Format, Wanted};
use crate::cli::alert::{Alert, Draft, Source, Writer};
use crate::cli::indicators::Known;

/// What all threads of a scan share.
pub(super) struct Job {
    pub(super) wanted: Wanted,
    pub(super) indicators: Option<Known>,
    pub(super) writer: Writer<'static>,
    pub(super) format: Format,
    pub(super) strict: bool,
    /// Whether the costs of rules are wanted.
    pub(super) profile: bool,
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
    /// Lines that concern rules with state, one after the other.
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

/// A line that concerns a rule with state.
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

/// Takes blocks and matches them until there are no more. Gives what each rule has cost, if that is wanted.
pub(super) fn run(job: &Job) -> Vec<RuleCost> {
    let _guard = AbandonOnPanic(job);
    let options =
        Options { groups: false, strict_json: job.strict, profile: job.profile, ..Options::default() };
    let mut matcher = Matcher::with_options(job.wanted.set, options);
    if let Some(known) = &job.indicators {
        matcher.use_indicators(known.index.clone());
    }
    let mut worker = Worker {
        job,
        matcher,
        strict: StrictReader::default(),
        piece: Piece::default(),
    };
    let mut block = Block::default();
    loop {
        let mut blocks = job.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        if !blocks.next(&mut block) {
            job.ordered.end(blocks.count());
            break;
        }
        drop(blocks);
        if !job.ordered.admit(block.number) {
            break;
        }
        block.read();
        if !worker.block(&mut block) {
            break;
        }
    }
    worker.matcher.profile().unwrap_or_default()
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

impl Worker<'_> {
    /// Matches a block and hands over the result; false if nobody wants it.
    fn block(&mut self, block: &mut Block) -> bool {
        let Self { job, matcher, strict, piece } = self;
        piece.input = block.input;
        piece.again = block.file.is_some();
        let mut wanted = true;
        matcher.block(
            &block.text,
            |_| EventRef(0),
            |line, result| {
                if !wanted {
                    return;
                }
                let place = Place { line: line.number as u64, offset: block.offset + line.start as u64 };
                match result {
                    Ok(outcome) => piece.event(job, line.text, place, outcome),
                    Err(error) => piece.problem(place, better(error, strict, line.text)),
                }
                if piece.is_full() {
                    wanted = hand_over(job, piece, block.number);
                }
            },
        );
        let text = &*block.text;
        let mut lines =
            memchr_iter(b'\n', text).count() as u64 + u64::from(!text.is_empty() && !text.ends_with(b"\n"));
        if let Some(offset) = block.too_long {
            let reason = "the line is too long to be an event (more than 64 MiB)";
            piece.problems.push(Problem { line: lines, offset, reason });
            lines += 1;
        }
        piece.bytes += text.len() as u64;
        piece.line_count = lines;
        piece.failure = block.failure.take();
        piece.last = true;
        wanted && hand_over(job, piece, block.number)
    }
}

/// The reader that skips what nobody asks for cannot always say what is wrong as exactly as the one that does not.
fn better(error: ReadError, strict: &mut StrictReader, line: &[u8]) -> ReadError {
    strict.check(line).err().unwrap_or(error)
}

/// Hands over what there is of a block; false if nobody wants it.
fn hand_over(job: &Job, piece: &mut Piece, number: u64) -> bool {
    let next = Piece { input: piece.input, again: piece.again, ..Piece::default() };
    let piece = std::mem::replace(piece, next);
    let last = piece.last;
    job.ordered.put(number, piece, last)
}

/// Where a line stands: its number in the block, and its offset in the input.
#[derive(Clone, Copy)]
struct Place {
    line: u64,
    offset: u64,
}

impl Piece {
    fn is_full(&self) -> bool {
        self.text.len() + self.lines.len() >= PIECE || self.problems.len() >= PROBLEMS
    }

    fn problem(&mut self, place: Place, error: ReadError) {
        let offset = place.offset + error.offset as u64;
        self.problems.push(Problem { line: place.line, offset, reason: error.kind.reason() });
    }

    fn event(&mut self, job: &Job, text: &[u8], place: Place, outcome: Outcome<'_, '_>) {
        self.events += 1;
        if job.wanted.groups && outcome.takes_part() {
            self.lines.extend_from_slice(text);
            self.parts.push(LinePart { line: place.line, offset: place.offset, end: self.lines.len() });
        }
        let mut source = None;
        for &rule in outcome.rules() {
            if job.wanted.rule(rule) {
                let source = source.get_or_insert_with(|| Source::new(text));
                self.alert(job, rule, place.line, &job.writer.single(rule, source));
            }
        }
        // What has no state: indicators.
        for finding in outcome.findings().filter(|finding| job.wanted.rule(finding.rule_index)) {
            let draft = Draft::new(&finding, job.wanted.set, job.indicators.as_ref());
            let source = source.get_or_insert_with(|| Source::new(text));
            self.alert(job, draft.rule, place.line, &job.writer.finding(&draft, source));
        }
    }

    fn alert(&mut self, job: &Job, rule: u32, line: u64, alert: &Alert) {
        if !job.wanted.severity(alert.severity) {
            return;
        }
        job.format.write(alert, job.wanted.info(rule), &mut self.text);
        self.alerts.push(AlertPart { line, rule, severity: alert.severity, end: self.text.len() });
    }
}
