//! Rule files named on the command line, read and checked as a build would.
//!
//! In: paths. Out: checked rules, findings, and what could not be read.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bumpalo::Bump;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use rule_compiler::plan::{self, Plan, PlanOptions, Refused};
use rule_lang::check::CheckOptions;
use rule_lang::diagnostic::codes::file::NOT_COMPILED;
use rule_lang::diagnostic::render::terminal;
use rule_lang::diagnostic::{Diagnostic, Level};
use rule_lang::exception::Clock;
use rule_lang::lint;
use rule_lang::rule::{Details, Word as _};
use rule_lang::ruleset::{self, Ast, CheckedRule, Extras, RuleSet};
use rule_lang::schema::{self, Schema};
use rule_lang::source::{SourceFile, Sources};
use rule_lang::strict::{Demand, Strict};

use super::output::Terminal;
use super::{Stop, input};

/// How rules are checked; the same for all commands that read rule files.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// Every rule that is not compiled is an error, and so is every unknown field. With KINDS only what they name:
    /// unsupported, disabled, duplicate, broken, unknown-fields
    #[arg(
        long,
        value_name = "KINDS",
        num_args = 0..,
        require_equals = true,
        value_delimiter = ',',
        default_missing_value = "all",
        hide_possible_values = true,
        value_parser = kinds(),
    )]
    strict: Vec<Strict>,
    /// A file of additional fields, one `path type` a line
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    #[command(flatten)]
    extras: ExtraArgs,
}

/// What belongs to rules beside their files.
#[derive(Debug, clap::Args)]
pub(crate) struct ExtraArgs {
    /// Exception lists (*.toml, *.yml, *.yaml, *.json, *.ndjson) and value lists (*.txt, *.csv, *.list), or folders of them
    #[arg(long, value_name = "PATH")]
    exceptions: Vec<PathBuf>,
    /// Overlays, files that change rules by their ids, applied in this order
    #[arg(long, value_name = "PATH")]
    overlay: Vec<PathBuf>,
}

impl ExtraArgs {
    /// Whether there is anything.
    fn is_empty(&self) -> bool {
        self.exceptions.is_empty() && self.overlay.is_empty()
    }

    /// Reads the files; what cannot be read goes to `problems`.
    fn read(&self, problems: &mut Vec<(String, String)>) -> Extras {
        let mut read = |paths: &[PathBuf], endings: &[&str]| {
            let mut found = Files::default();
            for path in paths {
                let one = read_files(std::slice::from_ref(path), endings, "files of this kind");
                found.contents.extend(
                    one.contents
                        .into_iter()
                        .filter(|file| !found.contents.contains(file))
                        .collect::<Vec<_>>(),
                );
                problems.extend(one.problems);
            }
            found.contents
        };
        let exceptions = read(&self.exceptions, &EXCEPTIONS);
        let overlays = read(&self.overlay, &OVERLAYS);
        Extras { exceptions, overlays, clock: Clock::system(false) }
    }
}

impl CheckArgs {
    /// Whether rules may come out otherwise than those that are compiled in.
    pub(crate) fn changes_rules(&self) -> bool {
        !self.strict().is_empty() || self.schema.is_some() || !self.extras.is_empty()
    }

    /// What is asked for beyond rules being sound.
    pub(crate) fn strict(&self) -> Strict {
        self.strict.iter().fold(Strict::default(), |all, &more| all | more)
    }

    /// Loads rules with what belongs to them. What cannot be read is added to the problems of `files`.
    pub(crate) fn load(&self, files: &mut Files, schema: &Schema) -> RuleSet {
        let extras = self.extras.read(&mut files.problems);
        ruleset::load_with(std::mem::take(&mut files.contents), extras, &self.options(schema))
    }

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
        ruleset::Options { schema, strict: self.strict().asks_for(Demand::UnknownFields) }
    }
}

/// Reads what `--strict` names.
fn kinds() -> impl TypedValueParser<Value = Strict> {
    let words = Demand::WORDS.iter().map(|(word, _)| *word);
    PossibleValuesParser::new(words.chain(["all"])).map(|word| match Demand::from_word(&word) {
        Some(demand) => Strict::from_iter([demand]),
        None => Strict::ALL,
    })
}

fn cannot_read(path: &Path, error: &io::Error) -> Stop {
    Stop::failure(format!("cannot read {}: {}", path.display(), input::reason(error)))
}

/// The contents of rule files, and what cannot be read: a name and the reason.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub(crate) contents: Vec<(String, Vec<u8>)>,
    pub(crate) problems: Vec<(String, String)>,
    /// Files that were not read on purpose.
    pub(crate) skipped: Vec<String>,
}

const ENDINGS: [&str; 3] = ["toml", "yml", "yaml"];
const EXCEPTIONS: [&str; 9] = ["toml", "yml", "yaml", "json", "ndjson", "jsonl", "txt", "csv", "list"];
const OVERLAYS: [&str; 4] = ["toml", "yml", "yaml", "json"];

/// Reads the files that `paths` name; of folders, all rule files below them. Exports (`.ndjson`, `.json`) are read where
/// they are named: in folders such files are mostly events.
///
/// A checkout of Elastic's rule repository holds other files than rules: of a folder that looks like one, the folders of
/// rules are read. Folders called `_deprecated` are passed over; they stand in `skipped` if they are not named themselves.
pub(crate) fn read(paths: &[PathBuf]) -> Files {
    let paths: Vec<_> = paths.iter().flat_map(|path| rule_folders(path)).collect();
    read_files(&paths, &ENDINGS, "rule files (*.toml, *.yml, *.yaml)")
}

/// The folders of rules in a checkout; any other path is itself.
fn rule_folders(path: &Path) -> Vec<PathBuf> {
    let folders = ["rules", "rules_building_block"].map(|name| path.join(name));
    let is_checkout = folders[0].is_dir() && (folders[1].is_dir() || path.join("detection_rules").is_dir());
    if is_checkout {
        folders.into_iter().filter(|folder| folder.is_dir()).collect()
    } else {
        vec![path.to_owned()]
    }
}

fn read_files(paths: &[PathBuf], endings: &[&str], what: &str) -> Files {
    let mut found = Files::default();
    let mut files = Vec::new();
    let wanted = |path: &Path| {
        path.extension().is_some_and(|e| endings.iter().any(|ending| e.eq_ignore_ascii_case(ending)))
    };
    for path in paths {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                let before = files.len() + found.skipped.len();
                let mut add = |file: PathBuf| {
                    let below = file.strip_prefix(path).unwrap_or(&file);
                    let skipped =
                        below.parent().is_some_and(|parent| parent.iter().any(|part| part == DEPRECATED));
                    if skipped { found.skipped.push(file.display().to_string()) } else { files.push(file) }
                };
                input::walk(path, &wanted, &mut add, &mut found.problems);
                if files.len() + found.skipped.len() == before {
                    let reason = format!("the folder holds no {what}");
                    found.problems.push((path.display().to_string(), reason));
                }
            }
            Ok(_) => files.push(path.clone()),
            Err(error) => found.problems.push((path.display().to_string(), input::reason(&error))),
        }
    }
    files.sort();
    files.dedup();
    found.skipped.sort();
    for path in files {
        let name = path.display().to_string();
        match fs::read(&path) {
            Ok(bytes) => found.contents.push((name, bytes)),
            Err(error) => found.problems.push((name, input::reason(&error))),
        }
    }
    found
}

/// Where Elastic's repository keeps rules that were given up.
const DEPRECATED: &str = "_deprecated";

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
        let mut found = match &checked.ast {
            Ast::Eql(ast) => lint::lint(ast, &check, &index, query.file),
            Ast::Kql(ast) => lint::lint_kql(ast, &check, query.file),
        };
        found.extend(lint::lint_filters(&checked.rule, &checked.ast, &check));
        found.sort_by_key(|finding| (finding.primary.span, finding.code));
        found.dedup();
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
    for refused in &plan.refused {
        let finding = finding(refused, &set.rules);
        set.report.refuse(&set.rules[refused.rule].rule, finding.primary.span, &finding.message);
        set.diagnostics.push(finding);
    }
    plan
}

fn finding(refused: &Refused, rules: &[CheckedRule]) -> Diagnostic {
    let rule = &rules[refused.rule].rule;
    let (span, message) = (refused.error.span, refused.error.error.to_string());
    match &rule.query {
        Some(query) => {
            Diagnostic::error(NOT_COMPILED, rule.file, span, message).mapped(query.file, &query.map)
        }
        // Without a query places are those of the file.
        None => Diagnostic::error(NOT_COMPILED, rule.file, span, message),
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
