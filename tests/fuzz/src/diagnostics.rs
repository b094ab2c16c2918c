//! What every finding promises.

use rule_lang::diagnostic::Diagnostic;
use rule_lang::diagnostic::render::{compile_error, json, terminal};
use rule_lang::source::{FileId, Sources};
use rule_lang::span::Span;

/// Findings point into their files, between characters, and can be drawn.
pub(crate) fn check(findings: &[Diagnostic], sources: &Sources) {
    for finding in findings {
        for label in std::iter::once(&finding.primary).chain(&finding.secondary) {
            check_span(label.span, label.file, sources, finding);
        }
        if let Some(suggestion) = &finding.suggestion {
            check_span(suggestion.span, finding.primary.file, sources, finding);
        }
        let options = terminal::Options { color: true, width: 60 };
        assert!(terminal::render(finding, sources, options).contains(finding.code.0));
        assert!(json::render(finding, sources).is_object());
        assert!(compile_error::render(finding, sources).contains(finding.code.0));
    }
}

fn check_span(span: Span, file: FileId, sources: &Sources, finding: &Diagnostic) {
    let text = sources.get(file).text();
    assert!(text.get(span.range()).is_some(), "{span:?} of {} bytes in {finding:?}", text.len());
}
