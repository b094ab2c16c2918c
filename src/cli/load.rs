//! Rule files named on the command line, read and checked as a build would.
//!
//! In: paths. Out: checked rules, findings, and what could not be read.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bumpalo::Bump;
use rule_compiler::plan::{self, Plan, PlanOptions, Refused};
use rule_lang::check::CheckOptions;
use rule_lang::diagnostic::codes::file::NOT_COMPILED;
use rule_lang::diagnostic::render::terminal;
use rule_lang::diagnostic::{Diagnostic, Level};
use rule_lang::lint;
use rule_lang::rule::Details;
use rule_lang::ruleset::{self, Ast, CheckedRule, RuleSet};
use rule_lang::schema::{self, Schema};
use rule_lang::source::{SourceFile, Sources};

use super::output::Terminal;
use super::{Stop, input};

/// How rules are checked; the same for all commands that read rule files.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// Fields unknown to the schema are errors, not warnings
    #[arg(long)]
    strict: bool,
    /// A file of additional fields, one `path type` a line
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
}

impl CheckArgs {
    /// The built-in fields and those of the file.
    pub(crate) fn schema(&self, terminal: &Terminal) -> Result<Schema, Stop> {
        let mut schema = schema::builtin().clone();
        let Some(path) = &self.schema else { return Ok(schema) };
        let text = fs::read_to_string(path).map_err(|error| cannot_read(path, &error))?;
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new(path.display().to_string(), text));
        let findings = schema::parse_fields(sources.get(file), file, &mut schema);
        if findings.is_empty() {
            return Ok(schema);
        }
        show(&findings, &sources, terminal, &mut io::stderr())?;
        Err(Stop::failure(format!("the schema {} has errors", path.display())))
    }

    pub(crate) fn options<'s>(&self, schema: &'s Schema) -> ruleset::Options<'s> {
        ruleset::Options { schema, strict: self.strict }
    }
}

fn cannot_read(path: &Path, error: &io::Error) -> Stop {
    Stop::failure(format!("cannot read {}: {}", path.display(), input::reason(error)))
}

/// The contents of rule files, and what cannot be read: a name and the reason.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) problems: Vec<(String, String)>,
}

const ENDINGS: [&str; 3] = ["toml", "yml", "yaml"];

/// Reads the files that `paths` name; of folders, all rule files below them.
pub(crate) fn read(paths: &[PathBuf]) -> Files {
    let mut found = Files::default();
    let mut files = Vec::new();
    for path in paths {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                let before = files.len();
                input::walk(path, &is_rule, &mut |path| files.push(path), &mut found.problems);
                if files.len() == before {
                    let reason = "the folder holds no rule files (*.toml, *.yml, *.yaml)";
                    found.problems.push((path.display().to_string(), reason.to_owned()));
                }
            }
            Ok(_) => files.push(path.clone()),
            Err(error) => found.problems.push((path.display().to_string(), input::reason(&error))),
        }
    }
    files.sort();
    files.dedup();
    for path in files {
        let name = path.display().to_string();
        match fs::read(&path) {
            Ok(bytes) => found.files.push((name, bytes)),
            Err(error) => found.problems.push((name, input::reason(&error))),
        }
    }
    found
}

fn is_rule(path: &Path) -> bool {
    path.extension().is_some_and(|e| ENDINGS.iter().any(|ending| e.eq_ignore_ascii_case(ending)))
}

/// Adds what is dead logic in the queries of a set to its findings.
pub(crate) fn lint(set: &mut RuleSet, options: &ruleset::Options<'_>) {
    for checked in &set.rules {
        let Some(query) = &checked.rule.query else { continue };
        let category = match &checked.rule.details {
            Details::Eql(fields) => fields.event_category_override.as_ref().map(|field| field.value.as_str()),
            _ => None,
        };
        let check = CheckOptions {
            schema: options.schema,
            category_field: category.unwrap_or("event.category"),
            strict: options.strict,
        };
        let index: Vec<_> = checked.rule.index.iter().map(String::as_str).collect();
        let found = match &checked.ast {
            Ast::Eql(ast) => lint::lint(ast, &check, &index, query.file),
            Ast::Kql(ast) => lint::lint_kql(ast, &check, query.file),
        };
        set.diagnostics.extend(found.into_iter().map(|finding| finding.mapped(query.file, &query.map)));
    }
    set.diagnostics.sort_by_key(|finding| (finding.primary.file, finding.primary.span));
}

/// Plans a set; rules that cannot be compiled become findings.
pub(crate) fn plan<'a>(set: &mut RuleSet, arena: &'a Bump) -> Plan<'a> {
    let plan = {
        let inputs = rule_compiler::ruleset::inputs(set, arena);
        plan::plan(&inputs, &PlanOptions::default(), arena)
    };
    let refused: Vec<_> = plan.refused.iter().map(|refused| finding(refused, &set.rules)).collect();
    set.diagnostics.extend(refused);
    plan
}

fn finding(refused: &Refused, rules: &[CheckedRule]) -> Diagnostic {
    let rule = &rules[refused.rule].rule;
    let (span, message) = (refused.error.span, refused.error.error.to_string());
    match &rule.query {
        Some(query) => {
            Diagnostic::error(NOT_COMPILED, rule.file, span, message).mapped(query.file, &query.map)
        }
        None => Diagnostic::error(NOT_COMPILED, rule.file, rule.span, message),
    }
}

/// Draws findings, with an empty line behind each.
pub(crate) fn show(
    findings: &[Diagnostic],
    sources: &Sources,
    terminal: &Terminal,
    out: &mut impl Write,
) -> io::Result<()> {
    let options = terminal::Options { color: terminal.color, width: terminal.width };
    for finding in findings {
        writeln!(out, "{}", terminal::render(finding, sources, options))?;
    }
    Ok(())
}

/// How many errors and how many warnings.
pub(crate) fn count(findings: &[Diagnostic]) -> (usize, usize) {
    let errors = findings.iter().filter(|finding| finding.level == Level::Error).count();
    (errors, findings.len() - errors)
}
