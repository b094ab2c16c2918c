//! The rules that a command works with: those compiled in, or files that are loaded at start.
//!
//! In: the arguments. Out: a set that lives as long as the command. Both come from the same planner.

use std::io::{self, Write as _};
use std::path::PathBuf;

use bumpalo::Bump;
use kiln::RuleSet;
use rule_lang::diagnostic::codes::file::EXCEPTIONS;
use rule_lang::diagnostic::codes::{eql, state};
use rule_lang::diagnostic::{Diagnostic, Level};
use rule_lang::strict::{Demand, Strict};

use super::load::{self, CheckArgs, Files};
use super::output::{Terminal, printable};
use super::report;
use super::shipped::Shipped;
use super::{Status, Stop};

/// Which rules, and what belongs to them.
#[derive(Debug, clap::Args)]
pub(crate) struct SetArgs {
    /// Rules of these files or folders, loaded at start, in place of those compiled in
    #[arg(long, value_name = "PATH")]
    rules_from: Vec<PathBuf>,
    #[command(flatten)]
    check: CheckArgs,
}

/// The rules of a command.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// The rules.
    pub(crate) set: &'static RuleSet<'static>,
    /// Their load report, if they are loaded at start.
    pub(crate) loaded: Option<Loaded>,
}

/// What there is to say about rules that were loaded at start.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The rules as read, with their findings and the report.
    pub(crate) set: rule_lang::ruleset::RuleSet,
    /// Files that were not read on purpose.
    pub(crate) skipped: Vec<String>,
    /// Whether something was wrong with the files.
    pub(crate) status: Status,
}

impl Chosen {
    /// Failure if something was wrong with the files of the rules, whatever else went well.
    pub(crate) fn status(&self) -> Status {
        self.loaded.as_ref().map_or(Status::Success, |loaded| loaded.status)
    }
}

impl SetArgs {
    /// The rules. Errors in files are told, and the sound rules are used, unless `--strict` asks for all of them.
    pub(crate) fn choose(&self, terminal: &Terminal) -> Result<Chosen, Stop> {
        if self.rules_from.is_empty() && !self.check.changes_rules() {
            return Ok(Chosen { set: Shipped::set(), loaded: None });
        }
        let schema = self.check.schema(terminal)?;
        let mut files = if self.rules_from.is_empty() { shipped() } else { load::read(&self.rules_from) };
        let mut rules = self.check.load(&mut files, &schema);
        // The set lives until the command ends, and so does what it is made of.
        let arena: &'static Bump = Box::leak(Box::new(Bump::new()));
        let set: &'static RuleSet<'static> = Box::leak(Box::new(load::plan(&mut rules, arena).set));
        let strict = self.check.strict();
        rules.demand(strict);
        let mut err = io::stderr().lock();
        for (name, reason) in &files.problems {
            // Nobody is left to hear it if stderr is closed.
            let _ = writeln!(err, "{}: {reason}", printable(name));
        }
        let told: Vec<_> = rules.diagnostics.iter().filter(|finding| is_told(finding)).cloned().collect();
        load::show(&told, &rules.sources, &terminal.stderr(), &mut err)?;
        let left_out = report::left_out(&rules.report, &files.skipped);
        if !left_out.is_empty() {
            let _ = writeln!(err, "rules: {} loaded, {}", rules.rules.len(), left_out.join(", "));
        }
        if fails(&rules, strict) {
            report::write_failures(&mut err, &rules, strict)?;
            return Err(Stop::failure("not all rules are compiled, which --strict asks for"));
        }
        let wrong = rules.has_errors() || !files.problems.is_empty();
        let status = if wrong { Status::Failure } else { Status::Success };
        Ok(Chosen { set, loaded: Some(Loaded { set: rules, skipped: files.skipped, status }) })
    }
}

/// Whether `--strict` ends the command before it runs. Errors in exceptions and overlays are no rule's.
fn fails(rules: &rule_lang::ruleset::RuleSet, strict: Strict) -> bool {
    let unknown_field =
        |finding: &Diagnostic| [eql::UNKNOWN_FIELD, state::UNKNOWN_FIELD].contains(&finding.code);
    rules.report.failures(strict).next().is_some()
        || (strict.asks_for(Demand::Broken) && rules.has_errors())
        || (strict.asks_for(Demand::UnknownFields) && rules.diagnostics.iter().any(unknown_field))
}

/// Errors, and what makes exceptions and overlays do less than their files say; `kiln check` tells the rest.
fn is_told(finding: &Diagnostic) -> bool {
    finding.level == Level::Error || finding.code == EXCEPTIONS || finding.code.0.starts_with("W09")
}

/// The rule files of this command.
fn shipped() -> Files {
    let files = Shipped::files().rules.iter();
    let files = files.map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
    Files { contents: files.collect(), ..Files::default() }
}
