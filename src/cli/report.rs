//! The load report as text and as JSON.
//!
//! In: a [`Report`](rule_lang::report::Report). Out: lines. What became of a rule was decided elsewhere.

use std::io::{self, Write};

use rule_lang::report::{Entry, Report, Status};
use rule_lang::rule::Word as _;
use rule_lang::ruleset::RuleSet;
use rule_lang::strict::Strict;
use serde_json::json;

use super::output::{Terminal, printable};
use super::table::{self, Cell, Column};

const COLUMNS: [Column; 5] = [
    Column::new("STATUS"),
    Column::new("TYPE"),
    Column::new("PLACE").cut(),
    Column::new("RULE").cut(),
    Column::new("REASON"),
];

/// A row for everything that is not compiled, then the numbers of each type.
pub(crate) fn write(
    out: &mut impl Write,
    terminal: &Terminal,
    set: &RuleSet,
    skipped: &[String],
) -> io::Result<()> {
    let left = set.report.entries.iter().filter(|entry| entry.status != Status::Compiled);
    let mut rows: Vec<_> = left.map(|entry| row(entry, set)).collect();
    let cell = |text: &str| Cell::new(printable(text));
    rows.extend(skipped.iter().map(|path| {
        vec![cell("skipped"), cell(""), cell(path), cell(""), cell("the folder holds deprecated rules")]
    }));
    if !rows.is_empty() {
        table::write(out, terminal, &COLUMNS, &rows)?;
        writeln!(out)?;
    }
    by_type(out, terminal, &set.report)
}

fn row(entry: &Entry, set: &RuleSet) -> Vec<Cell> {
    let source = set.sources.get(entry.file);
    let place = source.location(entry.span.start);
    let rule = entry.rule.as_ref();
    vec![
        Cell::new(entry.status.word()),
        Cell::new(rule.map_or("", |rule| rule.rule_type.word())),
        Cell::new(printable(&format!("{}:{}:{}", source.path(), place.line, place.column))),
        Cell::new(printable(rule.map_or("", |rule| &rule.name))),
        Cell::new(printable(entry.status.reason())),
    ]
}

const STATUSES: [&str; 5] = ["compiled", "unsupported", "disabled", "duplicate", "broken"];

fn by_type(out: &mut impl Write, terminal: &Terminal, report: &Report) -> io::Result<()> {
    let counts = report.counts_by_type();
    let mut types: Vec<_> = counts.keys().map(|(rule_type, _)| *rule_type).collect();
    types.dedup();
    let number = |count: usize| Cell::new(if count == 0 { String::new() } else { count.to_string() });
    let rows: Vec<Vec<Cell>> = types
        .into_iter()
        .map(|rule_type| {
            let count = |status| counts.get(&(rule_type, status)).copied().unwrap_or_default();
            std::iter::once(Cell::new(rule_type.word()))
                .chain(STATUSES.map(|status| number(count(status))))
                .collect()
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let columns = [
        Column::new("TYPE"),
        Column::new("COMPILED").right(),
        Column::new("UNSUPPORTED").right(),
        Column::new("DISABLED").right(),
        Column::new("DUPLICATE").right(),
        Column::new("BROKEN").right(),
    ];
    table::write(out, terminal, &columns, &rows)
}

/// A line for each rule that `--strict` asks for and that is not compiled.
pub(crate) fn write_failures(out: &mut impl Write, set: &RuleSet, strict: Strict) -> io::Result<()> {
    for entry in set.report.failures(strict) {
        let source = set.sources.get(entry.file);
        let place = source.location(entry.span.start);
        let name = entry.rule.as_ref().map_or(String::new(), |rule| format!(" `{}`", printable(&rule.name)));
        let (path, word) = (printable(source.path()), entry.status.word());
        let reason = printable(entry.status.reason());
        writeln!(out, "{path}:{}:{}: {word}{name}: {reason}", place.line, place.column)?;
    }
    Ok(())
}

/// One JSON object per rule and line, and per file without one; compiled rules are there, too.
pub(crate) fn write_json(out: &mut impl Write, set: &RuleSet, skipped: &[String]) -> io::Result<()> {
    for entry in &set.report.entries {
        let source = set.sources.get(entry.file);
        let place = source.location(entry.span.start);
        let rule = entry.rule.as_ref();
        let line = json!({
            "status": entry.status.word(),
            "reason": entry.status.reason(),
            "file": source.path(),
            "line": place.line,
            "column": place.column,
            "rule_id": rule.map(|rule| &rule.id),
            "name": rule.map(|rule| &rule.name),
            "type": rule.map(|rule| rule.rule_type.word()),
        });
        writeln!(out, "{line}")?;
    }
    for path in skipped {
        writeln!(
            out,
            "{}",
            json!({ "status": "skipped", "reason": "the folder holds deprecated rules", "file": path })
        )?;
    }
    Ok(())
}

/// What is not compiled, in a few words each: `2 unsupported (esql)`.
pub(crate) fn left_out(report: &Report, skipped: &[String]) -> Vec<String> {
    let counts = report.counts();
    let types = report.counts_by_type();
    let part = |status: &'static str| {
        let count = counts.get(status)?;
        let kinds: Vec<_> =
            types.keys().filter(|(_, of)| *of == status).map(|(rule_type, _)| rule_type.word()).collect();
        Some(match status {
            "unsupported" => format!("{count} {status} ({})", kinds.join(", ")),
            "no rule" => format!("{count} without rules"),
            _ => format!("{count} {status}"),
        })
    };
    let mut parts: Vec<_> =
        STATUSES[1..].iter().chain(&["no rule"]).filter_map(|status| part(status)).collect();
    if !skipped.is_empty() {
        parts.push(format!("{} skipped", skipped.len()));
    }
    parts
}
