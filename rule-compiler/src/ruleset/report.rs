//! Findings in rule files as compiler messages.
//!
//! Stable Rust has no span inside a file that is not Rust, so the message carries `file:line:column`, the line and a
//! caret, and the compiler points at the pattern that named the file.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use rule_lang::diagnostic::codes::file::NOT_COMPILED;
use rule_lang::diagnostic::render::compile_error;
use rule_lang::diagnostic::{Diagnostic, Level};
use rule_lang::ruleset::RuleSet;
use rule_lang::schema::{self, Schema};
use rule_lang::source::{FileId, SourceFile, Sources};

use super::args::Args;
use super::files::RuleFile;
use crate::plan::Refused;

/// All findings of the loader.
pub(super) fn all(rules: &RuleSet, files: &[RuleFile], args: &Args) -> TokenStream {
    let shown = rules.diagnostics.iter().filter(|d| d.level == Level::Error || !args.options.hide_warnings);
    shown.map(|diagnostic| message(diagnostic, &rules.sources, files)).collect()
}

/// Rules that the planner could not take.
pub(super) fn refused(refused: &[Refused], rules: &RuleSet, files: &[RuleFile]) -> TokenStream {
    let diagnostic = |refused: &Refused| {
        let rule = &rules.rules[refused.rule].rule;
        let (span, text) = (refused.error.span, refused.error.error.to_string());
        let diagnostic = match &rule.query {
            Some(query) => {
                Diagnostic::error(NOT_COMPILED, rule.file, span, text).mapped(query.file, &query.map)
            }
            // Without a query places are those of the file.
            None => Diagnostic::error(NOT_COMPILED, rule.file, span, text),
        };
        message(&diagnostic, &rules.sources, files)
    };
    refused.iter().map(diagnostic).collect()
}

/// Adds the user's fields to `schema`.
///
/// # Errors
/// The findings in the file.
pub(super) fn schema(path: &str, text: &str, schema: &mut Schema, named_at: Span) -> Result<(), TokenStream> {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new(path, text));
    let findings = schema::parse_fields(sources.get(file), file, schema);
    if findings.is_empty() {
        return Ok(());
    }
    Err(findings.iter().map(|finding| at(finding, &sources, named_at)).collect())
}

fn message(diagnostic: &Diagnostic, sources: &Sources, files: &[RuleFile]) -> TokenStream {
    at(diagnostic, sources, named_at(diagnostic.primary.file, sources, files))
}

/// The pattern that named a file.
fn named_at(file: FileId, sources: &Sources, files: &[RuleFile]) -> Span {
    let path = sources.get(file).path();
    files.iter().find(|file| file.shown == path).map_or_else(Span::call_site, |file| file.named_at)
}

fn at(diagnostic: &Diagnostic, sources: &Sources, span: Span) -> TokenStream {
    let text = compile_error::render(diagnostic, sources);
    match diagnostic.level {
        Level::Error => quote_spanned!(span=> ::core::compile_error!(#text);),
        // The one way to a warning on stable Rust: use something deprecated.
        Level::Warning => quote_spanned! {span=>
            const _: () = {
                #[deprecated(note = #text)]
                const RULE_FILE: () = ();
                RULE_FILE
            };
        },
    }
}
