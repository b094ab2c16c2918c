//! The record: every figure of the table of targets, from one command, into one dated page.
//!
//! In: a machine with nothing else to do. Out: `benches/record/YYYY-MM-DD.md`, with the machine, the versions and the
//! command lines, and for each target whether it is met. What cannot be measured here is a row that says why. The
//! yardstick and the engine run in turn, so that both meet the same minutes.

mod command;
mod machine;
mod page;
mod process;
mod rows;

use std::fs;
use std::path::{Path, PathBuf};

use kiln_bench::data::{self, Data};
use kiln_bench::sets::Rules;
use kiln_test_support::shared;

use page::Page;
use process::Pinned;
use serde_json::Value;

/// How the record is taken.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Bytes of each data set in units of 2^20; without it, of `mixed` 431 MB, of `endpoint` 202 MB, of the others 285 MB
    #[arg(long, value_name = "MB")]
    size: Option<usize>,
    /// How often each figure is taken, the things that are compared in turn
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
    /// The processor that single threads are pinned to
    #[arg(long, value_name = "N", default_value_t = 1)]
    cpu: usize,
    /// Bytes of the large file in units of 10^9; 0 leaves it out
    #[arg(long, value_name = "GB", default_value_t = 10)]
    large: u64,
    /// Only the rules of the type `eql`; the page is `YYYY-MM-DD-eql.md`
    #[arg(long)]
    eql: bool,
    /// Leave out what building costs
    #[arg(long)]
    no_build: bool,
    /// Where the page goes
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

/// Everything that rows are measured with.
struct Bench<'a> {
    arguments: &'a Arguments,
    /// The root of the workspace.
    root: PathBuf,
    /// Where data and programs go, below Cargo's folder.
    work: PathBuf,
    pinned: Pinned,
    rules: Rules,
}

impl Bench<'_> {
    fn file(&self, data: &str) -> PathBuf {
        self.work.join(format!("{data}.ndjson"))
    }

    /// Runs this program over a file with the rules of the record, and more arguments.
    fn measure(&self, file: &Path, arguments: &[&str]) -> Result<Value, String> {
        let eql: &[&str] = if self.arguments.eql { &["--eql"] } else { &[] };
        self.pinned.measure(file, &[arguments, eql].concat())
    }
}

/// Takes all figures and writes the page.
pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let root = shared::workspace().canonicalize().map_err(|error| error.to_string())?;
    let load = machine::load();
    println!("load average before: {load}");
    if machine::is_busy() {
        println!("warning: the machine is busy; the record will say so, and its figures are worth little");
    }
    let work = root.join("target/kiln-record");
    let pinned = Pinned::new(arguments.cpu);
    let bench = Bench { arguments, root, work, pinned, rules: Rules::load() };
    let mut page = Page::new(machine::date(), machine::is_busy(), &load);
    page.machine(&machine::describe(&bench.pinned));
    if arguments.eql {
        page.warn("Taken with `--eql`: rules of the type `eql` alone. Allocations and building: all types.");
    }
    let sets = write_data(&bench, &mut page)?;
    println!("building the yardstick and the command ..");
    let yardstick = process::build_simdjson(&bench.root, &bench.work);
    let kiln = command::build(&bench.root, &bench.work, &bench.rules, arguments.eql);
    rows::throughput(&bench, &mut page, &sets, &yardstick);
    rows::ten_times(&bench, &mut page, &sets[0]);
    rows::allocations(&bench, &mut page);
    rows::whole_command(&bench, &mut page, &sets[0], &kiln);
    rows::large_file(&bench, &mut page, &sets[0], &kiln);
    rows::start(&bench, &mut page, &sets[0], &kiln);
    rows::building(&bench, &mut page);
    rows::profile(&bench, &mut page, &sets);
    let folder = arguments.output.clone().unwrap_or_else(|| bench.root.join("benches/record"));
    let path = save(&folder, &page, if arguments.eql { "-eql" } else { "" })?;
    for name in &sets {
        let _ = fs::remove_file(bench.file(name));
    }
    println!("{}", page.table());
    println!("written: {}", path.display());
    Ok(())
}

/// The names of the data sets, written as files, the one of the headline first.
fn write_data(bench: &Bench<'_>, page: &mut Page) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for name in data::available() {
        println!("writing {name} ..");
        let size = bench.arguments.size.map_or_else(|| usual_size(name), |size| size << 20);
        let data = Data::make(name, size).ok_or_else(|| format!("{name} cannot be made"))?;
        data.write(&bench.work).map_err(|error| format!("{}: {error}", bench.work.display()))?;
        page.data(&data);
        names.push(name.to_owned());
    }
    if names == [data::GENERATED] {
        page.warn("The corpus is not here: events are generated and rules are those shipped. No headline.");
    }
    Ok(names)
}

/// The bytes of a data set for which the targets were set.
fn usual_size(name: &str) -> usize {
    match name {
        "mixed" => 431_000_000,
        "endpoint" => 202_000_000,
        _ => 285_000_000,
    }
}

fn save(folder: &Path, page: &Page, suffix: &str) -> Result<PathBuf, String> {
    let path = folder.join(format!("{}{suffix}.md", page.date()));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&path, page.text()))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}
