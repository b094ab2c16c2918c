//! `kiln check`: what a build would say about rule files, without a build.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use bumpalo::Bump;
use clap::ValueEnum;
use rule_lang::diagnostic::render::json;
use rule_lang::rule::Word as _;
use rule_lang::ruleset::{self, RuleSet};

use super::load::{self, CheckArgs};
use super::output::Terminal;
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
  1  there are errors (or warnings, with --deny warnings), or files could not be read
  2  wrong arguments";

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status, Stop> {
    let schema = args.check.schema(terminal)?;
    let files = load::read(&args.paths);
    for (name, reason) in &files.problems {
        // Nobody is left to hear it if stderr is closed.
        let _ = writeln!(io::stderr(), "{name}: {reason}");
    }
    let file_count = files.files.len();
    let options = args.check.options(&schema);
    let mut set = ruleset::load(files.files, &options);
    let arena = Bump::new();
    load::plan(&mut set, &arena);
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
    out.flush()?;
    let (errors, warnings) = load::count(&set.diagnostics);
    if !args.quiet {
        let _ = writeln!(io::stderr(), "{}", summary(&set, file_count, errors, warnings));
    }
    let denied = errors > 0 || (args.deny.is_some() && warnings > 0) || !files.problems.is_empty();
    Ok(if denied { Status::Failure } else { Status::Success })
}

fn summary(set: &RuleSet, files: usize, errors: usize, warnings: usize) -> String {
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let mut text = format!("{}: {}", count(files, "file"), count(set.rules.len(), "rule"));
    if !set.unsupported.is_empty() {
        let kinds: BTreeSet<_> = set.unsupported.iter().map(|rule| rule.rule_type.value.word()).collect();
        let kinds = kinds.into_iter().collect::<Vec<_>>().join(", ");
        text = format!("{text}, {} left out ({kinds})", set.unsupported.len());
    }
    format!("{text}, {}, {}", count(errors, "error"), count(warnings, "warning"))
}
