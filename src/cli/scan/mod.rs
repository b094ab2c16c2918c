//! `kiln scan`: every compiled rule over every event.
//!
//! ```text
//! blocks (lines of the inputs) -> worker threads (match, write alerts) -> in order again
//!     -> groups (sequences and samples see all their events in order) -> sink -> stdout or a file
//! ```
//! What comes after "in order" is done by whichever thread has the result that is next.
//! Output is the same whatever the number of threads.

mod blocks;
mod groups;
mod kept;
mod merge;
mod ordered;
mod pipes;
mod profile;
mod sink;
mod spread;
mod summary;
mod text;
mod worker;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use kiln::info::RuleInfo;
use kiln::keyed::KeyedLimits;
use kiln::sequence::{Limits, Reorder};
use kiln::{Options, RuleKind, RuleSet, StateLimits};

use self::blocks::Blocks;
use self::groups::Groups;
use self::merge::Merge;
use self::ordered::Ordered;
use self::profile::Profile;
use self::sink::{Format, Sink, Wanted};
use self::summary::{Problems, count, say};
use self::worker::{Job, Run};
use super::alert::{self, Writer};
use super::indicators::{self, Known};
use super::input::{self, Input, Inputs};
use super::loaded::SetArgs;
use super::output::{Terminal, printable};
use super::select::{self, MinSeverity};
use super::{Status, Stop};

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Files, folders (all *.ndjson, *.jsonl, *.json below them, also .gz and .zst), or `-` for stdin, the default
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    set: SetArgs,
    /// Write alerts to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How alerts are written
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
    /// Only these rules, by id or name (`*` stands for any text); may be given again
    #[arg(long, value_name = "NAME_OR_ID")]
    rule: Vec<String>,
    /// Only alerts of this severity or above
    #[arg(long, value_name = "SEVERITY")]
    min_severity: Option<MinSeverity>,
    /// At most as many alerts of a rule as its `max_signals` says; the earliest in the input stay
    #[arg(long)]
    max_signals: bool,
    /// Check every byte of every line; otherwise what no rule looks at is checked for strings, nesting and encoding
    #[arg(long)]
    strict_json: bool,
    /// Indicators for rules of type `threat_match`: NDJSON, or CSV whose first line names fields; may be given again
    #[arg(long, value_name = "FILE")]
    indicators: Vec<PathBuf>,
    /// Take every indicator for every rule, whatever the rule's `threat_query` says
    #[arg(long, requires = "indicators")]
    any_indicator: bool,
    /// The time of all alerts; without it, an alert has the time of its event
    #[arg(long, value_name = "TIME", value_parser = alert::check_time)]
    now: Option<String>,
    /// Milliseconds of event time that sequences wait for late events; without it, until the end of all inputs
    #[arg(long, value_name = "MS")]
    reorder: Option<u64>,
    /// Events of sequences that may wait, over all rules; the earliest give way
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    waiting: usize,
    /// State to keep: pending sequences, remembered values of `new_terms`, groups of thresholds, groups whose alerts are
    /// suppressed; so many of each, over all rules
    #[arg(long, value_name = "N", default_value_t = 65_536)]
    pending: usize,
    /// Threads that match; all cores by default
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Read large files instead of mapping them into memory
    #[arg(long)]
    no_mmap: bool,
    /// Show every malformed line, not the first ten
    #[arg(long)]
    all_errors: bool,
    /// Tell what each rule cost: a table on stderr, or with `=FILE` a JSON object for each rule in that file
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    #[expect(clippy::option_option, reason = "given or not, with a file or not")]
    profile: Option<Option<PathBuf>>,
    /// No summary
    #[arg(short, long)]
    quiet: bool,
    /// End with code 3 if there was an alert
    #[arg(long)]
    exit_code: bool,
}

const AFTER_HELP: &str = "\
An alert has the shape of Elastic's: kibana.alert.* fields and the event's own. Its id and time follow from the event, \
so scanning the same events again gives the same output. Alerts come in the order of the events, those of a sequence \
when it is complete: a building block for each event, then one for the group.

Rules of type new_terms and suppression take events in the order of the input; a threshold counts in windows of time, \
whatever the order. Without --reorder, thresholds and suppressed alerts are reported at the end, with their final counts; \
with it as soon as they can be.

Sequences see their events in the order of time, from all inputs together, as far as --waiting reaches. When it does \
not, or with --reorder, an input that begins earlier than the last one ended is taken for another source, and sequences \
start afresh. To watch a stream that never ends, give --reorder: without it, sequences are reported at the end.

--profile counts by condition: a rule has one for each branch of an `or` that was split, a sequence at least one for \
each item. Candidates are those that the exact values of an event leave, evaluated those whose rest was tested, matched \
those that held. Time is that of testing, over all threads, less what looking at the clock takes; reading, looking up \
values and following sequences are not in it, and a test that rules share counts for the first that asks. Matching is \
slower meanwhile.

Exit codes:
  0  all went well, whether or not there were alerts
  1  lines were malformed, inputs could not be read, rules loaded at start had errors, or the output could not be written
  2  wrong arguments
  3  with --exit-code: there was an alert (and nothing was wrong)";

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status, Stop> {
    let started = Instant::now();
    let rules = args.set.choose(terminal)?;
    let set = rules.set;
    let wanted = Wanted::new(set, chosen(args, set)?, args.min_severity.map(Into::into));
    let mut found = input::find(&args.paths);
    let profile = args.profile.as_ref().and_then(Option::as_ref);
    if args.output.is_some() && args.output.as_ref() == profile {
        return Err(Stop::usage("alerts and the profile cannot be written to the same file"));
    }
    for written in args.output.iter().chain(profile) {
        keep_apart(&mut found, written, &args.paths)?;
    }
    let mut problems = Problems { all: args.all_errors, ..Problems::default() };
    for (name, reason) in &found.problems {
        problems.input(name, reason);
    }
    let threads = args.threads.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let indicators = indicators(args, &wanted, &mut problems);
    let job = Arc::new(Job {
        indicators,
        writer: Writer::new(set.rules.iter().map(|rule| rule.info), args.now.as_deref()),
        inputs: found.inputs,
        format: args.format,
        strict: args.strict_json,
        profile: args.profile.is_some(),
        threads,
        wanted,
    });
    let out: Box<dyn Write + Send> = match &args.output {
        Some(path) => Box::new(File::create(path).map_err(|error| cannot_write(path, &error))?),
        None => Box::new(io::stdout()),
    };
    // Before the scan: nobody wants to learn after it that the file cannot be written.
    let profile = match profile {
        Some(path) => Some((path, File::create(path).map_err(|error| cannot_write(path, &error))?)),
        None => None,
    };
    let sink = Sink::new(BufWriter::with_capacity(1 << 16, out), set, args.max_signals);
    let groups = job.wanted.groups.then(|| Groups::new(Arc::clone(&job), options(args), args.reorder));
    let merge = Merge::new(Arc::clone(&job), sink, groups, problems);
    let run = Arc::new(Run {
        blocks: Mutex::new(Blocks::new(job.inputs.clone(), !args.no_mmap)),
        ordered: Ordered::new(threads as u64 * 2, merge),
        job: Arc::clone(&job),
    });
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let run = Arc::clone(&run);
            thread::spawn(move || worker::run(&run))
        })
        .collect();
    // A thread may be waiting for input that never comes, so on a failure none is waited for.
    if !run.ordered.wait()? {
        return Err(Stop::failure("a thread ended early; the output is not complete"));
    }
    let costs: Result<Vec<_>, _> = workers.into_iter().map(thread::JoinHandle::join).collect();
    let Ok(costs) = costs else {
        return Err(Stop::failure("a thread ended early; the output is not complete"));
    };
    let mut merge = run.ordered.taker();
    merge.finish()?;
    merge.problems.rest();
    let status = match rules.status() {
        Status::Success => merge.status(args.exit_code),
        failure => failure,
    };
    if !args.quiet {
        merge.summary(started).say();
    }
    if args.profile.is_some() {
        let costs = Profile::new(set, &job.wanted.rules, &costs);
        match profile {
            Some((path, file)) => costs.save(file).map_err(|error| cannot_write(path, &error))?,
            // If stderr is closed, nobody wants to know.
            None => _ = costs.write(&mut io::stderr(), &terminal.stderr()),
        }
    }
    // All is written, and the system takes the memory back faster than it can be taken to pieces.
    drop(merge);
    std::mem::forget(run);
    Ok(status)
}

fn cannot_write(path: &Path, error: &io::Error) -> Stop {
    Stop::failure(format!("cannot write {}: {}", path.display(), input::reason(error)))
}

/// The indicators for the rules that are to be run; `None` if none of them asks for some.
fn indicators(args: &Args, wanted: &Wanted, problems: &mut Problems) -> Option<Known> {
    let threats = wanted.set.rules.iter().zip(&wanted.rules);
    let threats = threats.filter(|(rule, wanted)| **wanted && rule.kind == RuleKind::ThreatMatch).count();
    if threats == 0 {
        if !args.indicators.is_empty() {
            for (name, reason) in &input::find(&args.indicators).problems {
                problems.input(name, reason);
            }
            if !args.quiet {
                say("no rule that runs is of type threat_match: the indicators are not read");
            }
        }
        return None;
    }
    if args.indicators.is_empty() {
        if !args.quiet {
            say(&format!(
                "{} of type threat_match find nothing without --indicators",
                count(threats as u64, "rule")
            ));
        }
        return None;
    }
    let mut wrong = |input: &str, line: u64, reason: &str| match line {
        0 => problems.input(input, reason),
        line => problems.line(input, line, 0, reason),
    };
    let known = indicators::read(wanted.set, &args.indicators, args.any_indicator, &mut wrong);
    if !args.quiet {
        say(&format!("{} for {}", count(known.index.count(), "indicator"), count(threats as u64, "rule")));
    }
    Some(known)
}

/// By rule, whether it is to be run: all that are enabled, or those that are named.
fn chosen(args: &Args, set: &'static RuleSet<'static>) -> Result<Vec<bool>, Stop> {
    if args.rule.is_empty() {
        return Ok(set.rules.iter().map(|rule| rule.kind != RuleKind::Off).collect());
    }
    let infos = set.rules.iter().map(|rule| rule.info.get());
    let mut chosen = vec![false; infos.len()];
    for rule in select::find_all(&infos, &args.rule)? {
        chosen[rule] = true;
    }
    let named = infos.zip(&chosen).filter_map(|(info, chosen)| chosen.then_some(info));
    for message in &switched_off(named) {
        say(message);
    }
    Ok(chosen)
}

/// What there is to say of rules that were named and cannot find anything.
fn switched_off<'i>(named: impl Iterator<Item = &'i RuleInfo<'i>>) -> Vec<String> {
    let message = |info: &RuleInfo<'_>| {
        format!("the rule `{}` is switched off (`enabled = false`) and finds nothing", printable(info.name))
    };
    named.filter(|info| !info.enabled).map(message).collect()
}

fn options(args: &Args) -> Options {
    let reorder = match args.reorder {
        Some(millis) => Reorder::millis(millis, args.waiting),
        None => Reorder::until_the_end(args.waiting),
    };
    let mut limits = Limits::with_pending(args.pending).reordering(reorder);
    limits.events = limits.events.saturating_add(args.waiting);
    limits.note_bytes = limits.note_bytes.saturating_add(args.waiting.saturating_mul(56));
    // A stream has no end to wait for.
    let early = args.reorder.is_some();
    let records = KeyedLimits::with_records(args.pending);
    let wait_nanos = args.reorder.map_or(u64::MAX, |millis| millis.saturating_mul(1_000_000));
    let values = args.pending.saturating_mul(4);
    let alert_bytes = args.pending.saturating_mul(64);
    let states = StateLimits { records, values, wait_nanos, early, alert_bytes };
    Options { sequences: limits, states, live: early, recall: false, ..Options::default() }
}

/// Takes the output out of the inputs: it may lie in a folder that is scanned, from an earlier run.
fn keep_apart(found: &mut Inputs, output: &Path, named: &[PathBuf]) -> Result<(), Stop> {
    let Ok(output) = output.canonicalize() else { return Ok(()) };
    let is_output = |path: &Path| path.canonicalize().is_ok_and(|path| path == output);
    if output.is_file() && named.iter().any(|path| is_output(path)) {
        return Err(Stop::usage(format!("{} is both input and output", output.display())));
    }
    found.inputs.retain(|input| match input {
        Input::File(path) => !is_output(path),
        Input::Stdin => true,
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_is_off_is_said_to_be_so() {
        let on = RuleInfo { name: "On", enabled: true, ..RuleInfo::EMPTY };
        let off = RuleInfo { name: "Off", enabled: false, ..RuleInfo::EMPTY };
        let message = "the rule `Off` is switched off (`enabled = false`) and finds nothing";
        assert_eq!(switched_off([&on, &off].into_iter()), [message]);
    }
}
