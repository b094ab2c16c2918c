//! `kiln try`: a rule file or a query over events, without a build.
//!
//! Runs through the reference evaluator: every word of the language, slowly, with all events in memory.

mod findings;

use std::fs;
use std::io::{self, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

use kiln::reader::check_strict;
use memchr::memchr;
use rule_lang::condition::{Query, QueryKind};
use rule_lang::meaning::{Event, Hit, KeyValue, RunOptions, findings, groups, run as evaluate};
use rule_lang::rule::{Details, Language};
use rule_lang::ruleset;
use rule_lang::schema::Schema;
use rule_lang::source::{SourceFile, Sources};
use serde_json::Value;

use self::findings::{Printer, suppressed};
use super::input::{self, Opened};
use super::load::{self, CheckArgs, Files};
use super::output::{Terminal, printable};
use super::{Status, Stop};

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// A rule file (unless --eql or --kql is given), then files or folders of events, or `-` for stdin, the default
    #[arg(value_name = "RULE|EVENTS")]
    paths: Vec<PathBuf>,
    /// The query to try, in place of a rule file
    #[arg(long, value_name = "QUERY")]
    eql: Option<String>,
    /// The query to try, in Kibana's language
    #[arg(long, value_name = "QUERY", conflicts_with = "eql")]
    kql: Option<String>,
    /// Print only the values of this field
    #[arg(long, value_name = "FIELD")]
    id: Option<String>,
    /// Print only how many results there are
    #[arg(long, conflicts_with = "id")]
    count: bool,
    /// The field that orders events
    #[arg(long, value_name = "FIELD")]
    timestamp_field: Option<String>,
    /// The field that orders events of the same time
    #[arg(long, value_name = "FIELD")]
    tiebreaker_field: Option<String>,
    /// The field that holds the category of events
    #[arg(long, value_name = "FIELD")]
    category_field: Option<String>,
    /// Samples to find for each join key
    #[arg(long, value_name = "N", default_value_t = 1)]
    samples_per_key: usize,
    /// Indicators for a rule of type `threat_match`, as NDJSON; may be given again
    #[arg(long, value_name = "FILE")]
    indicators: Vec<PathBuf>,
    #[command(flatten)]
    check: CheckArgs,
}

const AFTER_HELP: &str = "\
A query for events prints the events that match, as they stand in the input. A sequence or sample prints one JSON object \
per group and line: `join_keys`, and `events` with null where an event had to be missing. A rule of another type, or \
with suppression, prints one JSON object per alert and line, with its `events`: of a threshold the first and the last.

With --id, each result is one line: the value of the field, or of all events of a group with tabs between them. A \
missing event is `-`, an event without the field is empty, and several values have commas between them.

Exit codes:
  0  all went well, whether or not there are results
  1  the rule has errors, lines were malformed, or files could not be read
  2  wrong arguments";

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status, Stop> {
    let schema = args.check.schema(terminal)?;
    let eql = args.eql.as_ref().map(|query| (query, Language::Eql));
    let query = eql.or(args.kql.as_ref().map(|query| (query, Language::Kuery)));
    let (trial, paths) = match (query, args.paths.split_first()) {
        (Some((query, language)), _) => (typed(query, language, args, &schema, terminal)?, &args.paths[..]),
        (None, Some((rule, events))) => (from_file(rule, args, &schema, terminal)?, events),
        (None, None) => return Err(Stop::usage("name a rule file, or give a query with --eql or --kql")),
    };
    let (events, status) = read_events(paths);
    let mut out = BufWriter::new(io::stdout().lock());
    if is_stateful(&trial.query) {
        let (indicators, of_indicators) =
            if args.indicators.is_empty() { (Vec::new(), status) } else { read_events(&args.indicators) };
        let found = findings(&trial.query, &events, &indicators);
        if args.count {
            writeln!(out, "{}", found.len())?;
        } else {
            let printer = Printer { events: &events, indicators: &indicators, id: args.id.as_deref() };
            found.iter().try_for_each(|finding| printer.print(&mut out, finding))?;
        }
        out.flush()?;
        return Ok(if status == Status::Success { of_indicators } else { status });
    }
    let grouped = !matches!(trial.query.kind, QueryKind::Event(_));
    let hits = if grouped {
        groups(&trial.query, &events, &trial.options)
    } else {
        let hits = evaluate(&trial.query, &events, &trial.options);
        hits.into_iter().map(|hit| (hit, None)).collect()
    };
    if args.count {
        writeln!(out, "{}", hits.len())?;
    } else {
        for (hit, stands_for) in &hits {
            let stands_for = stands_for.as_ref().map(suppressed);
            print(&mut out, hit, &events, args.id.as_deref(), grouped, stands_for)?;
        }
    }
    out.flush()?;
    Ok(status)
}

/// Whether results depend on events that came before, beyond what EQL itself asks for.
fn is_stateful(query: &Query) -> bool {
    match query.kind {
        QueryKind::Sequence(_) | QueryKind::Sample(_) => false,
        QueryKind::Event(_) => query.suppression.is_some(),
        QueryKind::Threshold(_) | QueryKind::NewTerms(_) | QueryKind::ThreatMatch(_) => true,
    }
}

/// A query to run, and how.
struct Trial {
    query: Query,
    options: RunOptions,
}

fn typed(
    text: &str,
    language: Language,
    args: &Args,
    schema: &Schema,
    terminal: &Terminal,
) -> Result<Trial, Stop> {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("<query>", text));
    let category = args.category_field.as_deref();
    let check = args.check.options(schema);
    let (checked, findings) = ruleset::read_query(text, language, file, category, &check);
    load::show(&findings, &sources, &terminal.stderr(), &mut io::stderr())?;
    let Some((_, query)) = checked else { return Err(Stop::failure("the query has errors")) };
    Ok(Trial { query, options: options(args, None, None) })
}

fn from_file(path: &Path, args: &Args, schema: &Schema, terminal: &Terminal) -> Result<Trial, Stop> {
    let bytes = fs::read(path).map_err(|error| {
        Stop::failure(format!("cannot read {}: {}", path.display(), input::reason(&error)))
    })?;
    let mut files = Files { contents: vec![(path.display().to_string(), bytes)], ..Files::default() };
    let set = args.check.load(&mut files, schema);
    if let Some((name, reason)) = files.problems.first() {
        return Err(Stop::failure(format!("cannot read {name}: {reason}")));
    }
    load::show(&set.diagnostics, &set.sources, &terminal.stderr(), &mut io::stderr())?;
    let Some(checked) = set.rules.into_iter().next() else {
        return Err(Stop::failure(format!("{} holds no rule that can be run", path.display())));
    };
    let field =
        |field: &Option<rule_lang::rule::Spanned<String>>| field.as_ref().map(|field| field.value.clone());
    let (timestamp, tiebreaker) = match &checked.rule.details {
        Details::Eql(fields) => (field(&fields.timestamp_field), field(&fields.tiebreaker_field)),
        _ => (None, None),
    };
    Ok(Trial { query: checked.query, options: options(args, timestamp, tiebreaker) })
}

/// Options of the command line, then those of the rule, then the usual ones.
fn options(args: &Args, timestamp: Option<String>, tiebreaker: Option<String>) -> RunOptions {
    let usual = RunOptions::default();
    RunOptions {
        timestamp_field: args.timestamp_field.clone().or(timestamp).unwrap_or(usual.timestamp_field),
        tiebreaker_field: args.tiebreaker_field.clone().or(tiebreaker).or(usual.tiebreaker_field),
        max_samples_per_key: args.samples_per_key,
    }
}

/// All events of the inputs; what is wrong goes to stderr.
fn read_events(paths: &[PathBuf]) -> (Vec<Event>, Status) {
    let found = input::find(paths);
    let mut events = Vec::new();
    let mut status = Status::Success;
    let mut wrong = |text: String| {
        status = Status::Failure;
        // Nobody is left to hear it if stderr is closed.
        let _ = writeln!(io::stderr(), "{}", printable(&text));
    };
    for (name, reason) in &found.problems {
        wrong(format!("{name}: {reason}"));
    }
    for input in &found.inputs {
        let name = input.name();
        let mut text = Vec::new();
        let read = input::open(input).and_then(|opened| match opened {
            Opened::Plain { mut file, .. } => {
                io::Seek::rewind(&mut file)?;
                file.read_to_end(&mut text)
            }
            Opened::Stream { mut reader, .. } => reader.read_to_end(&mut text),
        });
        if let Err(error) = read {
            wrong(format!("{name}: {}", input::reason(&error)));
        }
        add_events(&text, &name, &mut events, &mut wrong);
    }
    (events, status)
}

fn add_events(text: &[u8], name: &str, events: &mut Vec<Event>, wrong: &mut impl FnMut(String)) {
    let mut rest = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut offset = text.len() - rest.len();
    let mut number = 0;
    while !rest.is_empty() {
        number += 1;
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, taken) = (&rest[..end], (end + 1).min(rest.len()));
        if !line.trim_ascii().is_empty() {
            match check_strict(line) {
                Err(error) => {
                    wrong(format!(
                        "{name}:{number} (byte {}): {}",
                        offset + error.offset,
                        error.kind.reason()
                    ));
                }
                Ok(()) => match Event::from_slice(line.trim_ascii()) {
                    Ok(event) => events.push(event),
                    Err(error) => wrong(format!("{name}:{number} (byte {offset}): {error}")),
                },
            }
        }
        rest = &rest[taken..];
        offset += taken;
    }
}

fn print(
    out: &mut impl Write,
    hit: &Hit,
    events: &[Event],
    id: Option<&str>,
    grouped: bool,
    suppressed: Option<Value>,
) -> io::Result<()> {
    if let Some(field) = id {
        let values: Vec<_> = hit.events.iter().map(|event| id_of(*event, events, field)).collect();
        return writeln!(out, "{}", values.join("\t"));
    }
    if !grouped {
        let event = hit.events.iter().flatten().next();
        return event.map_or(Ok(()), |&event| writeln!(out, "{}", events[event].text()));
    }
    let keys: Value = hit.keys.iter().map(key).collect();
    let texts: Vec<_> =
        hit.events.iter().map(|event| event.map_or("null", |event| events[event].text())).collect();
    let suppressed =
        suppressed.map(|suppressed| format!(r#""suppressed":{suppressed},"#)).unwrap_or_default();
    writeln!(out, r#"{{"join_keys":{keys},{suppressed}"events":[{}]}}"#, texts.join(","))
}

fn id_of(event: Option<usize>, events: &[Event], field: &str) -> String {
    let Some(event) = event else { return "-".to_owned() };
    let values: Vec<_> = events[event].values(field).iter().map(|value| value.text()).collect();
    // A line break or tab in a value must not look like another result.
    values.join(",").replace(['\n', '\r', '\t'], " ")
}

fn key(key: &KeyValue) -> Value {
    match key {
        KeyValue::Null => Value::Null,
        KeyValue::Bool(value) => Value::Bool(*value),
        KeyValue::Number(_) => {
            serde_json::from_str(&key.to_string()).unwrap_or_else(|_| key.to_string().into())
        }
        other => Value::String(other.to_string()),
    }
}
