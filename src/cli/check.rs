//! `kiln check`: what a build would say about rule files, without a build.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use bumpalo::Bump;
use clap::ValueEnum;
use rule_lang::diagnostic::render::json;
use rule_lang::ruleset::RuleSet;

use super::load::{self, CheckArgs};
use super::output::Terminal;
use super::report;
use super::{Status, Stop};

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Rule files, or folders with rule files (*.toml, *.yml, *.yaml) below them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// List what became of every rule that is not compiled, and of every file without one
    #[arg(long)]
    report: bool,
    /// End with code 1 if there is a warning, too
    #[arg(short = 'D', long, value_name = "LEVEL")]
    deny: Option<Deny>,
    #[command(flatten)]
    check: CheckArgs,
    /// No summary
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Lines of the file with marks, for people
    Text,
    /// One JSON object per finding and line
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Deny {
    Warnings,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  the rules can be compiled
  1  there are errors (or warnings, with --deny warnings), files could not be read, or, with --strict, a rule is not
     compiled
  2  wrong arguments";

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status, Stop> {
    let schema = args.check.schema(terminal)?;
    let mut files = load::read(&args.paths);
    let file_count = files.contents.len();
    let mut set = args.check.load(&mut files, &schema);
    for (name, reason) in &files.problems {
        // Nobody is left to hear it if stderr is closed.
        let _ = writeln!(io::stderr(), "{name}: {reason}");
    }
    let options = args.check.options(&schema);
    let arena = Bump::new();
    load::plan(&mut set, &arena);
    let strict = args.check.strict();
    set.demand(strict);
    load::lint(&mut set, &options);
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        Format::Text => load::show(&set.diagnostics, &set.sources, terminal, &mut out)?,
        Format::Json => {
            for finding in &set.diagnostics {
                writeln!(out, "{}", json::render(finding, &set.sources))?;
            }
        }
    }
    if args.report {
        match args.format {
            Format::Text => report::write(&mut out, terminal, &set, &files.skipped)?,
            Format::Json => report::write_json(&mut out, &set, &files.skipped)?,
        }
    }
    out.flush()?;
    let (errors, warnings) = load::count(&set.diagnostics);
    if !args.quiet {
        let _ = writeln!(io::stderr(), "{}", summary(&set, file_count, &files.skipped, errors, warnings));
    }
    if !args.report {
        report::write_failures(&mut io::stderr().lock(), &set, strict)?;
    }
    let denied = errors > 0 || (args.deny.is_some() && warnings > 0) || !files.problems.is_empty();
    Ok(if denied { Status::Failure } else { Status::Success })
}

fn summary(set: &RuleSet, files: usize, skipped: &[String], errors: usize, warnings: usize) -> String {
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let mut text = format!("{}: {}", count(files, "file"), count(set.rules.len(), "rule"));
    for part in report::left_out(&set.report, skipped) {
        text = format!("{text}, {part}");
    }
    format!("{text}, {}, {}", count(errors, "error"), count(warnings, "warning"))
}
