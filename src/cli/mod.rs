//! The command line: one file per subcommand.
//!
//! In: arguments. Out: text on stdout, messages on stderr, an exit code. Everything that is printed is printed from
//! here; the libraries return data.

mod alert;
mod check;
mod debug;
mod indicators;
mod input;
mod load;
mod loaded;
mod mapped;
mod markdown;
mod output;
mod report;
mod rule_json;
mod rules;
mod scan;
mod select;
mod shipped;
mod show;
mod table;
mod try_rule;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::output::Terminal;

/// How a command ended. Clap itself ends with 2 on wrong arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// All went well.
    Success,
    /// It ran, and something in the input was wrong.
    Failure,
    /// It could not run: wrong arguments.
    Usage,
    /// All went well and there were alerts, where the caller asked to be told so.
    Alerts,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Success => Self::SUCCESS,
            Status::Failure => Self::from(1),
            Status::Usage => Self::from(2),
            Status::Alerts => Self::from(3),
        }
    }
}

/// Why a command stopped early.
#[derive(Debug)]
enum Stop {
    /// Whoever read the output went away; that is no error.
    OutputClosed,
    /// Something that ends the command, with a message.
    Message(Status, String),
}

impl Stop {
    fn usage(message: impl Into<String>) -> Self {
        Self::Message(Status::Usage, message.into())
    }

    fn failure(message: impl Into<String>) -> Self {
        Self::Message(Status::Failure, message.into())
    }
}

impl From<io::Error> for Stop {
    /// Errors of writing the output.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::OutputClosed;
        }
        Self::failure(format!("cannot write the output: {error}"))
    }
}

const EXIT_CODES: &str = "\
Exit codes:
  0  all went well
  1  something was wrong in the input: malformed lines, unreadable files, errors in rules
  2  wrong arguments";

/// Runs compiled detection rules over events, and helps to write rules.
#[derive(Debug, Parser)]
#[command(name = "kiln", version, after_help = EXIT_CODES)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the compiled rules over NDJSON events; one alert per match, as NDJSON
    Scan(scan::Args),
    /// List the compiled rules
    Rules(rules::Args),
    /// Show one compiled rule with its query, MITRE mapping, guide and setup
    Show(show::Args),
    /// Check rule files without a build
    Check(check::Args),
    /// Try a rule file or a query over events without a build
    Try(try_rule::Args),
    /// Print what the compiler makes of a rule file
    Debug(debug::Args),
}

/// Runs the command that the arguments ask for.
pub(crate) fn run() -> ExitCode {
    let args = Args::parse();
    let terminal = Terminal::detect();
    let result = match &args.command {
        Command::Scan(args) => scan::run(args, &terminal),
        Command::Rules(args) => rules::run(args, &terminal),
        Command::Show(args) => show::run(args, &terminal),
        Command::Check(args) => check::run(args, &terminal),
        Command::Try(args) => try_rule::run(args, &terminal),
        Command::Debug(args) => debug::run(args, &terminal),
    };
    match result {
        Ok(status) => status.into(),
        Err(Stop::OutputClosed) => ExitCode::SUCCESS,
        Err(Stop::Message(status, message)) => {
            // Nobody is left to hear it if stderr is closed, too.
            let _ = writeln!(io::stderr(), "kiln: {message}");
            status.into()
        }
    }
}
