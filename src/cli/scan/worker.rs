//! Matches the lines of a block.
//!
//! In: blocks. Out: for each block, in pieces of bounded size, the alerts of rules without state, what rules with state
//! need of the lines that concern some (somebody has to see all of those in order, so not this thread), and what is wrong.

use std::io::{BufWriter, Write};
use std::sync::{Arc, Mutex, PoisonError};

use kiln::info::Severity;
use kiln::reader::{ReadError, StrictReader};
use kiln::{EventRef, Matcher, Options, Outcome, Parts, RuleCost};

use super::blocks::{Block, Blocks};
use super::merge::Merge;
use super::ordered::Ordered;
use super::sink::{Format, Wanted};
use crate::cli::alert::{Alert, Draft, Source, Writer};
use crate::cli::indicators::Known;
use crate::cli::input::Input;

/// What a scan is about.
pub(super) struct Job {
    pub(super) wanted: Wanted,
    pub(super) indicators: Option<Known>,
    pub(super) inputs: Vec<Input>,
    pub(super) writer: Writer<'static>,
    pub(super) format: Format,
    pub(super) strict: bool,
    /// Whether the costs of rules are wanted.
    pub(super) profile: bool,
    pub(super) threads: usize,
}

impl Job {
    /// A matcher that knows the indicators.
    pub(super) fn matcher(&self, options: Options) -> Matcher<'static> {
        let mut matcher = Matcher::with_options(self.wanted.set, options);
        if let Some(known) = &self.indicators {
            matcher.use_indicators(known.index.clone());
        }
        matcher
    }
}

/// What all threads of a scan share.
pub(super) struct Run {
    pub(super) job: Arc<Job>,
    pub(super) blocks: Mutex<Blocks>,
    pub(super) ordered: Ordered<Piece, Merge<BufWriter<Box<dyn Write + Send>>>>,
}

/// A part of the result of a block: some of its lines, in order.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// The input.
    pub(super) input: u32,
    /// The texts of the alerts, one after the other.
    pub(super) text: Vec<u8>,
    pub(super) alerts: Vec<AlertPart>,
    /// What rules with state need of the lines that concern some, and where those stand.
    pub(super) parts: Parts,
    pub(super) places: Vec<PartPlace>,
    /// The texts of those lines if they cannot be read again, one after the other.
    pub(super) lines: Vec<u8>,
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
    /// Whether lines are waited for as they come.
    pub(super) live: bool,
}

/// An alert of a rule without state.
#[derive(Clone, Copy, Debug)]
pub(super) struct AlertPart {
    /// The line in the block, from 0.
    pub(super) line: u64,
    pub(super) rule: u32,
    pub(super) severity: Severity,
    /// Where its text ends.
    pub(super) end: usize,
}

/// Where a line stands that concerns a rule with state.
#[derive(Clone, Copy, Debug)]
pub(super) struct PartPlace {
    /// The line in the block, from 0.
    pub(super) line: u64,
    /// Where it stands in its input.
    pub(super) offset: u64,
    pub(super) len: u32,
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
pub(super) fn run(run: &Run) -> Vec<RuleCost> {
    let _guard = run.ordered.abandon_on_panic();
    let job = &run.job;
    let options =
        Options { groups: false, strict_json: job.strict, profile: job.profile, ..Options::default() };
    let mut worker = Worker {
        run,
        matcher: job.matcher(options),
        strict: StrictReader::default(),
        piece: Piece::default(),
    };
    let mut block = Block::default();
    loop {
        let mut blocks = run.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        if !blocks.next(&mut block) {
            run.ordered.end(blocks.count());
            break;
        }
        drop(blocks);
        if !run.ordered.admit(block.number) {
            break;
        }
        if !worker.block(&mut block) {
            break;
        }
    }
    worker.matcher.profile().unwrap_or_default()
}

struct Worker<'r> {
    run: &'r Run,
    matcher: Matcher<'static>,
    strict: StrictReader,
    piece: Piece,
}

impl Worker<'_> {
    /// Matches a block and hands over the result; false if nobody wants it.
    fn block(&mut self, block: &mut Block) -> bool {
        self.piece.input = block.input;
        self.piece.again = block.again();
        self.piece.live = block.live;
        let mut lines = 0;
        while block.read() {
            if !self.slice(block, &mut lines) {
                return false;
            }
        }
        self.piece.line_count = lines;
        self.piece.failure = block.failure.take();
        self.piece.last = true;
        hand_over(self.run, &mut self.piece, block.number)
    }

    /// Matches a slice of a block; `before` counts the lines of the block.
    fn slice(&mut self, block: &Block, before: &mut u64) -> bool {
        let Self { run, matcher, strict, piece } = self;
        let job = &*run.job;
        let mut wanted = true;
        let lines = matcher.block(
            block.lines(),
            |_| EventRef(0),
            |line, result| {
                if !wanted {
                    return;
                }
                let place =
                    Place { line: *before + line.number as u64, offset: block.offset + line.start as u64 };
                let grown = match result {
                    Ok(outcome) => piece.event(job, line.text, place, outcome),
                    Err(error) => {
                        piece.problem(place, better(error, strict, line.text));
                        true
                    }
                };
                if grown && piece.is_full() {
                    wanted = hand_over(run, piece, block.number);
                }
            },
        );
        *before += lines as u64;
        piece.bytes += block.lines().len() as u64;
        if let Some(offset) = block.too_long {
            let reason = "the line is too long to be an event (more than 64 MiB)";
            piece.problems.push(Problem { line: *before, offset, reason });
            *before += 1;
        }
        wanted
    }
}

/// The reader that skips what nobody asks for cannot always say what is wrong as exactly as the one that does not.
fn better(error: ReadError, strict: &mut StrictReader, line: &[u8]) -> ReadError {
    strict.check(line).err().unwrap_or(error)
}

/// Hands over what there is of a block; false if nobody wants it.
fn hand_over(run: &Run, piece: &mut Piece, number: u64) -> bool {
    let (input, again, live, last) = (piece.input, piece.again, piece.live, piece.last);
    let wanted = run.ordered.put(number, piece, last);
    (piece.input, piece.again, piece.live) = (input, again, live);
    wanted
}

/// Where a line stands: its number in the block, and its offset in the input.
#[derive(Clone, Copy)]
struct Place {
    line: u64,
    offset: u64,
}

impl Piece {
    /// Makes it as good as new. Its memory stays, unless that is more than usual.
    pub(super) fn clear(&mut self) {
        if self.text.capacity() + self.lines.capacity() > 2 * PIECE || self.problems.capacity() > PROBLEMS {
            *self = Self::default();
            return;
        }
        self.text.clear();
        self.alerts.clear();
        self.parts.clear();
        self.places.clear();
        self.lines.clear();
        self.problems.clear();
        *self =
            Self { events: 0, bytes: 0, line_count: 0, last: false, failure: None, ..std::mem::take(self) };
    }

    fn is_full(&self) -> bool {
        self.text.len() + self.lines.len() + self.parts.size() >= PIECE || self.problems.len() >= PROBLEMS
    }

    fn problem(&mut self, place: Place, error: ReadError) {
        let offset = place.offset + error.offset as u64;
        self.problems.push(Problem { line: place.line, offset, reason: error.kind.reason() });
    }

    /// Takes in what an event gave; false if that was nothing, as with most events.
    fn event(&mut self, job: &Job, text: &[u8], place: Place, outcome: Outcome<'_, '_>) -> bool {
        self.events += 1;
        let takes_part = job.wanted.groups && outcome.takes_part();
        if !takes_part && outcome.rules().is_empty() && outcome.findings().len() == 0 {
            return false;
        }
        if takes_part {
            self.parts.add(outcome, text);
            // A line is shorter than 4 GiB.
            self.places.push(PartPlace { line: place.line, offset: place.offset, len: text.len() as u32 });
            if !self.again {
                self.lines.extend_from_slice(text);
            }
        }
        let mut source = None;
        for &rule in outcome.rules() {
            if job.wanted.rule(rule) {
                let source = source.get_or_insert_with(|| Source::new(text));
                self.alert(job, rule, place.line, &job.writer.single(rule, source));
            }
        }
        for finding in outcome.findings().filter(|finding| job.wanted.rule(finding.rule_index)) {
            let draft = Draft::new(&finding, job.wanted.set, job.indicators.as_ref());
            let source = source.get_or_insert_with(|| Source::new(text));
            self.alert(job, draft.rule, place.line, &job.writer.finding(&draft, source));
        }
        true
    }

    fn alert(&mut self, job: &Job, rule: u32, line: u64, alert: &Alert) {
        if !job.wanted.severity(alert.severity) {
            return;
        }
        job.format.write(alert, job.wanted.info(rule), &mut self.text);
        self.alerts.push(AlertPart { line, rule, severity: alert.severity, end: self.text.len() });
    }
}
