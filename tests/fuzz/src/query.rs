//! Queries.

use std::fmt::Debug;

use bumpalo::Bump;
use rule_compiler::plan::{PlanOptions, RuleInput, plan};
use rule_lang::check::{CheckOptions, check};
use rule_lang::diagnostic::Diagnostic;
use rule_lang::eql::{self, ast};
use rule_lang::lint::lint;
use rule_lang::schema::{self, Schema};
use rule_lang::source::{FileId, SourceFile, Sources};
use rule_runtime::info::RuleInfo;

use crate::diagnostics;

/// Parses, checks and plans bytes that are text. Nothing panics; findings point into the text; a query that is printed
/// and parsed again is the same query with the same meaning.
///
/// # Panics
/// If one of that does not hold.
pub fn query(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("query", text));
    match eql::parse(text, file) {
        Ok(ast) => parsed(&ast, file, &sources),
        Err(findings) => {
            assert!(!findings.is_empty(), "{text:?} is refused without a reason");
            diagnostics::check(&findings, &sources);
        }
    }
}

fn parsed(ast: &ast::Query, file: FileId, sources: &Sources) {
    let printed = eql::print(ast);
    let again = eql::parse(&printed, file);
    let again = again.unwrap_or_else(|errors| panic!("{printed:?} is refused: {errors:?}"));
    assert_eq!(without_spans(ast), without_spans(&again), "{printed:?}");
    assert_eq!(eql::print(&again), printed);
    let open = Schema::open();
    for schema in [schema::builtin(), &open] {
        for strict in [false, true] {
            let options = CheckOptions { strict, ..CheckOptions::new(schema) };
            let (one, other) = (check(ast, &options, file), check(&again, &options, file));
            diagnostics::check(&one.diagnostics, sources);
            assert_eq!(without_spans(&one.query), without_spans(&other.query), "{printed:?}");
            let codes = |findings: &[Diagnostic]| findings.iter().map(|one| one.code).collect::<Vec<_>>();
            assert_eq!(codes(&one.diagnostics), codes(&other.diagnostics), "{printed:?}");
            diagnostics::check(&lint(ast, &options, &["logs-*"], file), sources);
            if let Some(query) = &one.query {
                let arena = Bump::new();
                let rule = RuleInput { query, info: RuleInfo::EMPTY };
                let planned = plan(&[rule], &PlanOptions::default(), &arena);
                assert_eq!(planned.set.rules.len() + planned.refused.len(), 1);
            }
        }
    }
}

/// Anything as text, without the places in it.
fn without_spans(anything: &impl Debug) -> String {
    let text = format!("{anything:?}");
    let mut parts = text.split("Span { start: ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
    }
    out
}
