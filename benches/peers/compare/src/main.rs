//! Kiln and other engines over the same events, in one table.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml` builds and runs everything. Each engine runs in a
//! process of its own, one after the other, on one thread, over the same files; a peer that is missing is a row that
//! says what to install. The README beside this workspace explains differences of the matches.

#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "it prints rounded figures")]

mod agree;
mod children;
mod engine;
mod sigma;
mod table;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kiln_bench::data::{self, Data};
use kiln_bench::sets::{Rules, accepted};
use rule_lang::condition::QueryKind;
use serde_json::{Value, json};

use children::{Answer, Workshop};
use table::Row;

/// What the command line says.
#[derive(Debug, Parser)]
#[command(name = "kiln-peers", about = "Kiln and other engines over the same events, in one table")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// These data sets: mixed, endpoint, winmix, winproc (of the corpus), or generated
    #[arg(long, value_name = "NAME")]
    data: Vec<String>,
    /// Bytes of each data set in units of 2^20
    #[arg(long, value_name = "MB", default_value_t = 60)]
    size: usize,
    /// How often each figure is taken
    #[arg(long, value_name = "N", default_value_t = 3)]
    passes: usize,
    /// The first events of each data set that python-eql reads: it is slow
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    slice: usize,
    /// The processor that every engine is pinned to
    #[arg(long, value_name = "N", default_value_t = 0)]
    cpu: usize,
    /// Pin nothing
    #[arg(long)]
    no_pin: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Kiln alone, as the table runs it: one JSON object
    #[command(hide = true)]
    Engine(engine::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Some(Command::Engine(engine)) => engine::run(engine),
        None => compare(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("kiln-peers: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The files of rules, in the languages of the peers.
struct RuleFiles {
    sigma: PathBuf,
    /// The ids of the rules in `sigma`, a line each.
    sigma_ids: PathBuf,
    queries: PathBuf,
}

/// The peers, built, or why not.
struct Peers {
    rsigma: Result<PathBuf, String>,
    json: Result<PathBuf, String>,
    python: Result<PathBuf, String>,
    simdjson: Result<PathBuf, String>,
}

fn compare(arguments: &Arguments) -> Result<(), String> {
    let folder = Folder::new()?;
    let rules = Rules::load();
    let workshop = Workshop::new((!arguments.no_pin).then_some(arguments.cpu))?;
    println!("building the peers ..");
    let peers = Peers {
        rsigma: workshop.build("peer-rsigma"),
        json: workshop.build("peer-json"),
        python: workshop.python(),
        simdjson: workshop.simdjson(),
    };
    println!(
        "rules of {}; one thread, {}, median of {} passes (slowest to fastest); load {}",
        rules.from,
        workshop.pinning(),
        arguments.passes,
        fs::read_to_string("/proc/loadavg").unwrap_or_else(|_| "unknown\n".to_owned()).trim()
    );
    let files = write_rules(&rules, &folder.0)?;
    let names: Vec<&str> = if arguments.data.is_empty() {
        let available = data::available();
        available.into_iter().filter(|name| !["endpoint", "winmix"].contains(name)).collect()
    } else {
        arguments.data.iter().map(String::as_str).collect()
    };
    for name in names {
        let data = Data::make(name, arguments.size << 20)
            .ok_or_else(|| format!("there is no data set {name} here"))?;
        let bench = Bench { arguments, workshop: &workshop, folder: &folder.0, files: &files, peers: &peers };
        bench.one(&data)?;
    }
    Ok(())
}

/// Writes the rules for the peers, and tells how many have a form there.
fn write_rules(rules: &Rules, folder: &Path) -> Result<RuleFiles, String> {
    let accepted = accepted(&rules.set);
    let single: Vec<_> =
        accepted.iter().filter(|(_, rule)| matches!(rule.query.kind, QueryKind::Event(_))).collect();
    let (mut sigma, mut ids, mut queries) = (String::new(), String::new(), String::new());
    let mut refused: Vec<(sigma::Reason, usize)> = Vec::new();
    let mut converted = 0;
    for (_, rule) in &single {
        let id = &rule.rule.rule_id.value;
        let query = rule.rule.query.as_ref().map(|query| query.text.as_str());
        let _ = writeln!(queries, "{}", json!({"id": id, "query": query}));
        match sigma::convert(rule) {
            Ok(document) => {
                converted += 1;
                let _ = writeln!(sigma, "{document}");
                let _ = writeln!(ids, "{id}");
            }
            Err(reason) => match refused.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, count)) => *count += 1,
                None => refused.push((reason, 1)),
            },
        }
    }
    refused.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    println!(
        "{} rules, {} of them for single events; {converted} of those convert to Sigma, not: {}",
        accepted.len(),
        single.len(),
        refused.iter().map(|(reason, count)| format!("{count} {reason}")).collect::<Vec<_>>().join("; ")
    );
    let files = RuleFiles {
        sigma: folder.join("sigma.jsonl"),
        sigma_ids: folder.join("sigma.ids"),
        queries: folder.join("queries.jsonl"),
    };
    write(&files.sigma, sigma.as_bytes())?;
    write(&files.sigma_ids, ids.as_bytes())?;
    write(&files.queries, queries.as_bytes())?;
    Ok(files)
}

/// What one data set needs.
struct Bench<'b> {
    arguments: &'b Arguments,
    workshop: &'b Workshop,
    folder: &'b Path,
    files: &'b RuleFiles,
    peers: &'b Peers,
}

impl Bench<'_> {
    /// The table of one data set, and how the matches agree.
    fn one(&self, data: &Data) -> Result<(), String> {
        let events = data.write(self.folder).map_err(|error| error.to_string())?;
        let slice_path = self.folder.join("slice.ndjson");
        let slice: usize = data
            .bytes
            .split_inclusive(|&byte| byte == b'\n')
            .take(self.arguments.slice)
            .map(<[u8]>::len)
            .sum();
        write(&slice_path, &data.bytes[..slice])?;
        println!(
            "\n{}: {} events, {} distinct, {:.1} MB, {} bytes an event",
            data.name,
            data.events,
            data.distinct,
            data.bytes.len() as f64 / 1e6,
            data.bytes.len() / data.events.max(1)
        );
        table::head();
        self.kiln("Kiln, all rules", &events, None).print();
        let kiln = self.kiln("Kiln, rules in Sigma's words", &events, Some(&self.files.sigma_ids));
        kiln.print();
        let rsigma = self.rsigma("rsigma-eval", &events, &[]);
        rsigma.print();
        self.rsigma("rsigma-eval, all prefilters", &events, &["prefilters"]).print();
        for row in self.floors(&events) {
            row.print();
        }
        let python = self.python(&slice_path);
        let same = self.folder.join("python.ids");
        write(&same, python.loaded().join("\n").as_bytes())?;
        let kiln_slice = self.kiln("Kiln, the same rules and events", &slice_path, Some(&same));
        python.print();
        kiln_slice.print();
        agree::print("rsigma-eval", &kiln, &rsigma);
        agree::print("python-eql", &kiln_slice, &python);
        Ok(())
    }

    fn passes(&self) -> String {
        self.arguments.passes.to_string()
    }

    fn kiln(&self, name: &str, events: &Path, only: Option<&Path>) -> Row {
        let passes = self.passes();
        let (events, only) = (events.to_string_lossy(), only.map(Path::to_string_lossy));
        let mut arguments = vec!["engine", &events, &passes];
        arguments.extend(only.as_deref());
        Row::new(name, self.workshop.kiln(&arguments))
    }

    fn rsigma(&self, name: &str, events: &Path, options: &[&str]) -> Row {
        let answer = self.peers.rsigma.clone().and_then(|program| {
            let (rules, events, passes) =
                (self.files.sigma.to_string_lossy(), events.to_string_lossy(), self.passes());
            let mut arguments = vec![&*rules, &*events, &*passes];
            arguments.extend(options);
            self.workshop.one(&program, &arguments)
        });
        Row::new(name, answer)
    }

    /// What reading alone takes.
    fn floors(&self, events: &Path) -> Vec<Row> {
        let events = events.to_string_lossy();
        let json = self.peers.json.clone();
        let answers = json.and_then(|program| self.workshop.many(&program, &[&*events, &*self.passes()]));
        let mut rows: Vec<Row> = match answers {
            Ok(answers) => answers
                .into_iter()
                .map(|answer| {
                    Row::new(answer["name"].as_str().unwrap_or_default().to_owned().as_str(), Ok(answer))
                })
                .collect(),
            Err(error) => vec![Row::new("serde_json and sonic-rs", Err(error))],
        };
        let simdjson: Answer = self
            .peers
            .simdjson
            .clone()
            .and_then(|program| self.workshop.one(&program, &[&*events, "--json"]));
        rows.push(Row::new("simdjson On-Demand, 8 fields", simdjson));
        rows
    }

    fn python(&self, slice: &Path) -> Row {
        let answer = self.peers.python.clone().and_then(|python| {
            let script = self.workshop.python_script();
            let (script, rules) = (script.to_string_lossy(), self.files.queries.to_string_lossy());
            self.workshop.one(&python, &[&*script, &*rules, &*slice.to_string_lossy(), "1"])
        });
        let mut row = Row::new(&format!("python-eql, first {} events", self.arguments.slice), answer);
        let failed = row.number("failed");
        if failed > 0.0 {
            row.note = format!("{failed:.0} times a rule ended in an exception over an event");
        }
        row
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}

/// A temporary folder, deleted in the end: rules of others are never left behind.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("kiln-peers-{}", std::process::id()));
        fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The matches of each rule in an answer.
fn by_rule(answer: &Value) -> impl Iterator<Item = (&str, u64)> {
    let rules = answer["by_rule"].as_object();
    rules.into_iter().flatten().map(|(rule, count)| (rule.as_str(), count.as_u64().unwrap_or_default()))
}
