//! `kiln debug`: what becomes of rule files on their way to Rust, stage by stage.

mod ast;
mod condition;
mod kql;
mod plan;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use bumpalo::Bump;
use clap::ValueEnum;
use rule_lang::ruleset::Ast;

use super::load::{self, CheckArgs};
use super::output::{HEADING, Terminal, printable};
use super::{Status, Stop};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The stage to print
    #[arg(value_enum)]
    stage: Stage,
    /// Rule files, or folders with rule files
    #[arg(value_name = "RULE", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    check: CheckArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Stage {
    /// The query as it was understood, and its syntax tree
    Ast,
    /// What the query asks of events, with the types of fields
    Condition,
    /// How all rules together are matched: shared tests, dispatch fields, what is left for each rule
    Plan,
    /// The Rust source that the macro writes
    Code,
}

pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Status, Stop> {
    let schema = args.check.schema(terminal)?;
    let mut files = load::read(&args.paths);
    let mut set = args.check.load(&mut files, &schema);
    for (name, reason) in &files.problems {
        // Nobody is left to hear it if stderr is closed.
        let _ = writeln!(io::stderr(), "{name}: {reason}");
    }
    let arena = Bump::new();
    let plan = load::plan(&mut set, &arena);
    let findings: Vec<_> = std::mem::take(&mut set.diagnostics);
    load::show(&findings, &set.sources, &terminal.stderr(), &mut io::stderr())?;
    let mut out = BufWriter::new(io::stdout().lock());
    match args.stage {
        // What is wrong has been said.
        _ if set.rules.is_empty() => {}
        Stage::Ast | Stage::Condition => {
            for (at, rule) in set.rules.iter().enumerate() {
                let gap = if at > 0 { "\n" } else { "" };
                writeln!(out, "{gap}{}", terminal.paint(HEADING, printable(&rule.rule.name)))?;
                let text = match args.stage {
                    Stage::Ast => match &rule.ast {
                        Ast::Eql(query) => ast::describe(query),
                        Ast::Kql(query) => kql::describe(query),
                    },
                    _ => condition::describe(&rule.query),
                };
                write!(out, "{text}")?;
            }
        }
        Stage::Plan => write!(out, "{}", plan::describe(&plan))?,
        Stage::Code => write!(out, "{}", plan::code(&plan)?)?,
    }
    out.flush()?;
    let (errors, _) = load::count(&findings);
    Ok(if errors > 0 || !files.problems.is_empty() { Status::Failure } else { Status::Success })
}
