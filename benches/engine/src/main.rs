//! Throughput of a compiled rule set: reader alone, with dispatch, with everything.
//!
//! `cargo run --release -p kiln-bench -- --help` tells the options. Without `--plan` the set is the one that the macro
//! wrote into this binary: every rule of the corpus. With it the same rules are planned in process, which allows
//! other numbers of rules. One thread; a figure is the median of the passes.

#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "it prints rounded figures")]

mod record;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use bumpalo::Bump;
use clap::{Parser, Subcommand};
use kiln::RuleSet;
use kiln_bench::data::{self, Data};
use kiln_bench::measure::{measure, measure_all};
use kiln_bench::sets::{self, Planned, Rules};

/// What the command line says.
#[derive(Debug, Parser)]
#[command(name = "kiln-bench", about = "Measures rule sets over events, on one thread")]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Only this data set: mixed, endpoint, winmix, winproc (of the corpus), or generated
    #[arg(long, value_name = "NAME")]
    data: Option<String>,
    /// Measure over the lines of this file
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    file: Option<PathBuf>,
    /// Bytes of each data set in units of 2^20; it repeats the corpus up to there
    #[arg(long, value_name = "MB", default_value_t = 200)]
    size: usize,
    /// How often each figure is taken
    #[arg(long, value_name = "N", default_value_t = 5)]
    passes: usize,
    /// Plan the rules in process, without what the macro compiled
    #[arg(long)]
    plan: bool,
    /// Plan so many of the rules, evenly spaced over all
    #[arg(long, value_name = "N")]
    rules: Option<usize>,
    /// Plan each rule so many times, the copies with other texts to look for
    #[arg(long, value_name = "N", default_value_t = 1)]
    times: usize,
    /// Plan only the rules of the type `eql`
    #[arg(long)]
    eql: bool,
    /// Reader, dispatch and residuals at 10, 100, all and ten times the rules
    #[arg(long)]
    matrix: bool,
    /// One JSON object a data set, with the seconds of each pass
    #[arg(long)]
    json: bool,
    /// Only everything, without its steps: for profilers
    #[arg(long, requires = "json")]
    only_all: bool,
    /// Write the data sets to NAME.ndjson in this folder and end: the very bytes that are measured
    #[arg(long, value_name = "FOLDER")]
    write: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take every figure of the table of targets and write a dated record; for a machine with nothing else to do
    Record(record::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Some(Command::Record(record)) => record::run(record),
        None if arguments.write.is_some() => write(&arguments),
        None if arguments.matrix => matrix(&arguments),
        None => one_set(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("kiln-bench: {message}");
            ExitCode::FAILURE
        }
    }
}

impl Arguments {
    /// The data sets one after the other, so that one at a time is in memory.
    fn data(&self) -> impl Iterator<Item = Result<Data, String>> + '_ {
        let names = match (&self.file, &self.data) {
            (Some(_), _) => vec![""],
            (None, Some(name)) => vec![name.as_str()],
            (None, None) => data::available(),
        };
        if self.file.is_none() && names == [data::GENERATED] && !self.json {
            println!("events are generated, not real ones: not a headline");
        }
        names.into_iter().map(|name| match &self.file {
            Some(file) => Data::read(file).map_err(|error| format!("{}: {error}", file.display())),
            None => Data::make(name, self.size << 20).ok_or_else(|| {
                format!("there is no data set {name} here; there are {}", data::available().join(", "))
            }),
        })
    }
}

fn write(arguments: &Arguments) -> Result<(), String> {
    let folder = arguments.write.as_deref().ok_or("there is no folder to write to")?;
    for data in arguments.data() {
        let data = data?;
        let path = data.write(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        println!(
            "{}: {} events, {} distinct, {} bytes",
            path.display(),
            data.events,
            data.distinct,
            data.bytes.len()
        );
    }
    Ok(())
}

/// All data sets with one set of rules.
fn one_set(arguments: &Arguments) -> Result<(), String> {
    let planned = arguments.plan || arguments.eql || arguments.rules.is_some() || arguments.times > 1;
    let compiled = if planned { None } else { sets::compiled() };
    let arena = Bump::new();
    let rules = Rules::load();
    let (set, form) = if let Some(set) = compiled {
        (set, "compiled by the macro")
    } else {
        let rules_at_most = arguments.rules.unwrap_or(usize::MAX);
        let plan = Planned { rules: rules_at_most, times: arguments.times, eql: arguments.eql };
        (plan.plan(&rules.set, &arena), "planned in process")
    };
    if !arguments.json {
        println!("rules of {}, {form}: {}", rules.from, sizes(&set, rules.rejected()));
        table::head();
    }
    for data in arguments.data() {
        let data = data?;
        let measured = if arguments.only_all {
            measure_all(&data, &set, arguments.passes)
        } else {
            measure(&data, &set, arguments.passes)
        };
        if arguments.json {
            println!("{}", table::json(&data, &measured, &set, rules.rejected(), form));
        } else {
            table::row(&data, &measured);
        }
    }
    Ok(())
}

fn sizes(set: &RuleSet<'_>, rejected: usize) -> String {
    format!(
        "{} loaded, {rejected} rejected; {} units, {} tests, {} fields, {} dispatch fields ({} early)",
        set.rules.len(),
        set.units.len(),
        set.predicates.len(),
        set.tree.slots(),
        set.dispatch.fields.len(),
        set.dispatch.early
    )
}

/// Numbers of rules, planned in process.
fn matrix(arguments: &Arguments) -> Result<(), String> {
    let rules = Rules::load();
    let all = Planned::default();
    let plans =
        [Planned { rules: 10, ..all }, Planned { rules: 100, ..all }, all, Planned { times: 10, ..all }];
    let arenas: Vec<_> = plans.iter().map(|_| Bump::new()).collect();
    let sets: Vec<_> = plans.iter().zip(&arenas).map(|(plan, arena)| plan.plan(&rules.set, arena)).collect();
    println!(
        "rules of {}, planned in process, {} rejected; MB/s with the slowest and fastest pass, and ns an event",
        rules.from,
        rules.rejected()
    );
    table::matrix_head();
    for data in arguments.data() {
        let data = data?;
        for set in &sets {
            table::matrix_row(&data, set, &measure(&data, set, arguments.passes));
        }
    }
    Ok(())
}
