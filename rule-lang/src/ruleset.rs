//! A set of rule files, read, checked and ready to be planned or evaluated.
//!
//! In: paths and bytes. Out: every rule whose query is checked, the rules that are of a type Kiln does not run, and
//! all findings in all files, in order of files. One bad file never hides another.

use crate::check::{self, CheckOptions};
use crate::condition::Query;
use crate::diagnostic::codes::file::{EXCEPTIONS, FILTERS, MISSING_FIELD, UNSUPPORTED_TYPE};
use crate::diagnostic::{Diagnostic, Level};
use crate::eql::{self, ast};
use crate::rule::{self, Details, QueryText, Rule, RuleType, Word};
use crate::schema::Schema;
use crate::source::{FileId, Sources};

/// How rules are checked.
#[derive(Clone, Copy, Debug)]
pub struct Options<'s> {
    /// The fields that events are known to have.
    pub schema: &'s Schema,
    /// Unknown fields are errors, not warnings.
    pub strict: bool,
}

/// A rule with its query understood.
#[derive(Clone, Debug)]
pub struct CheckedRule {
    /// Everything the file says.
    pub rule: Rule,
    /// The query as written.
    pub ast: ast::Query,
    /// The query as meant.
    pub query: Query,
}

/// All rules of some files.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// The files, for drawing findings.
    pub sources: Sources,
    /// The rules that can be run, in order of their files.
    pub rules: Vec<CheckedRule>,
    /// Rules of types that Kiln does not run; each has a warning.
    pub unsupported: Vec<Rule>,
    /// Everything that was found.
    pub diagnostics: Vec<Diagnostic>,
}

impl RuleSet {
    /// Whether some finding is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error)
    }
}

/// Reads and checks `files`: a path to show and the bytes of each.
///
/// ```
/// use rule_lang::{ruleset, schema};
/// let options = ruleset::Options { schema: schema::builtin(), strict: false };
/// let set = ruleset::load([("empty.toml".to_owned(), b"[rule]".to_vec())], &options);
/// assert!(set.rules.is_empty() && set.has_errors());
/// ```
pub fn load(files: impl IntoIterator<Item = (String, Vec<u8>)>, options: &Options<'_>) -> RuleSet {
    let mut set = RuleSet::default();
    let loaded = rule::load(&mut set.sources, files);
    set.diagnostics = loaded.diagnostics;
    for rule in loaded.rules {
        add(&mut set, rule, options);
    }
    for rule in &loaded.broken {
        if let (Details::Eql(_), Some(text)) = (&rule.details, &rule.query)
            && !text.text.trim().is_empty()
        {
            set.diagnostics.extend(query(text, category_field(rule), options).1);
        }
    }
    set.diagnostics.sort_by_key(|d| (d.primary.file, d.primary.span));
    set
}

fn add(set: &mut RuleSet, rule: Rule, options: &Options<'_>) {
    if rule.rule_type.value != RuleType::Eql {
        set.diagnostics.push(unsupported(&rule));
        set.unsupported.push(rule);
        return;
    }
    let Some(text) = &rule.query else {
        let missing = Diagnostic::error(MISSING_FIELD, rule.file, rule.span, "the rule has no query");
        set.diagnostics.push(missing.help("add `query = '''..'''`"));
        return;
    };
    set.diagnostics.extend(not_applied(&rule));
    let (query, diagnostics) = query(text, category_field(&rule), options);
    set.diagnostics.extend(diagnostics);
    if let Some((ast, query)) = query {
        set.rules.push(CheckedRule { rule, ast, query });
    }
}

/// The field that the rule puts in place of `event.category`.
fn category_field(rule: &Rule) -> Option<&str> {
    match &rule.details {
        Details::Eql(fields) => fields.event_category_override.as_ref().map(|field| field.value.as_str()),
        _ => None,
    }
}

/// What the file asks for and matching does not do.
fn not_applied(rule: &Rule) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    if !rule.filters.is_empty() {
        let message = "the rule has `filters`, which are not applied: it would match too much";
        let finding = Diagnostic::error(FILTERS, rule.file, rule.span, message);
        findings.push(finding.help("write the filters as conditions of the query"));
    }
    if let Some(list) = rule.exceptions_list.first() {
        let message = format!("the exception list `{}` is not applied", list.list_id.value);
        let finding = Diagnostic::warning(EXCEPTIONS, rule.file, list.list_id.span, message);
        findings.push(finding.help("events that the list excepts will raise alerts"));
    }
    findings
}

fn unsupported(rule: &Rule) -> Diagnostic {
    let kind = rule.rule_type.value.word();
    let message = format!("rules of type `{kind}` are not run; this one is left out");
    Diagnostic::warning(UNSUPPORTED_TYPE, rule.file, rule.rule_type.span, message)
        .help("Kiln compiles rules of type `eql`")
}

/// Parses and checks one query; findings point into its file. `category_field` stands in for `event.category`.
pub fn query(
    text: &QueryText,
    category_field: Option<&str>,
    options: &Options<'_>,
) -> (Option<(ast::Query, Query)>, Vec<Diagnostic>) {
    let (query, diagnostics) = parse_and_check(&text.text, text.file, category_field, options);
    (query, diagnostics.into_iter().map(|diagnostic| diagnostic.mapped(text.file, &text.map)).collect())
}

/// Parses and checks a bare query; findings count bytes of `text`.
pub fn parse_and_check(
    text: &str,
    file: FileId,
    category_field: Option<&str>,
    options: &Options<'_>,
) -> (Option<(ast::Query, Query)>, Vec<Diagnostic>) {
    let ast = match eql::parse(text, file) {
        Ok(ast) => ast,
        Err(diagnostics) => return (None, diagnostics),
    };
    let check_options = CheckOptions {
        schema: options.schema,
        category_field: category_field.unwrap_or("event.category"),
        strict: options.strict,
    };
    let checked = check::check(&ast, &check_options, file);
    (checked.query.map(|query| (ast, query)), checked.diagnostics)
}
