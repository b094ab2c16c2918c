//! A set of rule files, read, checked and ready to be planned or evaluated.
//!
//! In: paths and bytes. Out: every rule whose query is checked, the rules that are of a type Kiln does not run, and
//! all findings in all files, in order of files. One bad file never hides another.

mod extras;
mod typed;

pub use self::extras::Extras;
use crate::check::{self, CheckOptions};
use crate::condition::{Condition, Query};
use crate::diagnostic::codes::file::{MISSING_FIELD, UNSUPPORTED_TYPE};
use crate::diagnostic::{Diagnostic, Level};
use crate::report::{self, Facts, Report, RulePlace};
use crate::rule::{self, Details, Language, QueryText, Rule, RuleType, Word};
use crate::schema::Schema;
use crate::source::{FileId, Sources, TextMap};
use crate::{eql, kql};

/// How rules are checked.
#[derive(Clone, Copy, Debug)]
pub struct Options<'s> {
    /// The fields that events are known to have.
    pub schema: &'s Schema,
    /// Unknown fields are errors, not warnings.
    pub strict: bool,
}

/// The syntax tree of a query in its language.
#[derive(Clone, Debug, PartialEq)]
pub enum Ast {
    /// Of the Event Query Language.
    Eql(eql::ast::Query),
    /// Of the Kibana Query Language.
    Kql(kql::ast::Query),
}

impl Ast {
    /// The query as its language writes it.
    pub fn print(&self) -> String {
        match self {
            Self::Eql(query) => eql::print(query),
            Self::Kql(query) => kql::print(query),
        }
    }
}

/// A rule with its query understood.
#[derive(Clone, Debug)]
pub struct CheckedRule {
    /// Everything the file says.
    pub rule: Rule,
    /// The query as written.
    pub ast: Ast,
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
    /// What became of every file and rule.
    pub report: Report,
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
    load_with(files, Extras::default(), options)
}

/// Reads and checks rules with their exceptions and overlays.
///
/// ```
/// use rule_lang::ruleset::{self, Extras, Options};
/// let overlay = b"[[rules]]\nrule_id = 'x'\nenabled = false\n".to_vec();
/// let extras = Extras { overlays: vec![("site.toml".to_owned(), overlay)], ..Extras::default() };
/// let options = Options { schema: rule_lang::schema::builtin(), strict: false };
/// let set = ruleset::load_with([], extras, &options);
/// assert_eq!(set.diagnostics[0].message, "no rule has the id `x`; this change does nothing");
/// ```
pub fn load_with(
    files: impl IntoIterator<Item = (String, Vec<u8>)>,
    extras: Extras,
    options: &Options<'_>,
) -> RuleSet {
    let mut set = RuleSet::default();
    let mut loaded = rule::load(&mut set.sources, files);
    let files = set.sources.iter().count();
    set.diagnostics = std::mem::take(&mut loaded.diagnostics);
    let clock = extras.clock;
    let (lists, switches) = extras::read(&mut set, &mut loaded, extras);
    let mut places: Vec<_> = loaded.rules.iter().chain(&loaded.broken).map(RulePlace::new).collect();
    for rule in loaded.rules {
        add(&mut set, rule, options);
    }
    for rule in &loaded.broken {
        if let (Some(language), Some(text)) = (runs(rule), &rule.query)
            && !text.text.trim().is_empty()
        {
            set.diagnostics.extend(query(text, language, category_field(rule), options).1);
        }
    }
    extras::except(&mut set, &lists, clock, options);
    set.diagnostics.sort_by_key(|d| (d.primary.file, d.primary.span));
    for place in &mut places {
        let same = |rule: &&CheckedRule| rule.rule.file == place.file && rule.rule.span == place.span;
        place.used = set.rules.iter().find(same).is_some();
    }
    let (sources, findings) = (&set.sources, &*set.diagnostics);
    set.report = report::report(&places, &Facts { sources, files, findings, switches: &switches });
    set
}

/// The language of the query if rules of the type, with a query in that language, are run.
fn runs(rule: &Rule) -> Option<Language> {
    match (&rule.details, rule.language) {
        (Details::Eql(_), _) => Some(Language::Eql),
        (
            Details::Query { .. } | Details::Threshold(_) | Details::NewTerms(_) | Details::ThreatMatch(_),
            None | Some(Language::Kuery),
        ) => Some(Language::Kuery),
        _ => None,
    }
}

fn add(set: &mut RuleSet, mut rule: Rule, options: &Options<'_>) {
    let Some(language) = runs(&rule) else {
        set.diagnostics.push(unsupported(&rule));
        set.unsupported.push(rule);
        return;
    };
    let shift = filters_behind(&mut rule);
    let saved = rule.rule_type.value == RuleType::SavedQuery;
    let everything = QueryText { text: String::new(), file: rule.file, map: TextMap::new(), span: rule.span };
    let filters_alone = (!saved && !rule.filters.is_empty()).then_some(&everything);
    let Some(text) = rule.query.as_ref().or(filters_alone) else {
        if saved {
            set.diagnostics.push(query_elsewhere(&rule));
            set.unsupported.push(rule);
            return;
        }
        let missing = Diagnostic::error(MISSING_FIELD, rule.file, rule.span, "the rule has no query");
        set.diagnostics.push(missing.help("add `query = '''..'''`"));
        return;
    };
    let (query, diagnostics) = query(text, language, category_field(&rule), options);
    set.diagnostics.extend(diagnostics);
    let Some((ast, mut query)) = query else { return };
    let (applied, diagnostics) = filtered(&rule, shift, &mut query, options);
    set.diagnostics.extend(diagnostics);
    if !applied {
        return;
    }
    let (query, diagnostics) = typed::apply(&rule, shift, query, options);
    set.diagnostics.extend(diagnostics);
    if let Some(query) = query {
        set.rules.push(CheckedRule { rule, ast, query });
    }
}

/// Makes room behind the query's text for places of filters, and of the query for indicators; gives how far they are
/// moved.
fn filters_behind(rule: &mut Rule) -> u32 {
    let several = !rule.filters.is_empty() || matches!(rule.details, Details::ThreatMatch(_));
    match &mut rule.query {
        Some(query) if several => query.map.file_behind(query.text.len() as u32),
        _ => 0,
    }
}

/// Adds the filters of a rule to its query, unless one of them cannot be applied. In sequences and samples an event that
/// does not pass them is no event for any item, as if it was an exception (rules.md section 8).
fn filtered(rule: &Rule, shift: u32, query: &mut Query, options: &Options<'_>) -> (bool, Vec<Diagnostic>) {
    if rule.filters.is_empty() {
        return (true, Vec::new());
    }
    let check = CheckOptions { strict: options.strict, ..CheckOptions::new(options.schema) };
    let (condition, diagnostics) = kql::check_filters(&rule.filters, &check, rule.file, shift);
    let Some(condition) = condition else { return (false, diagnostics) };
    for filter in query.kind.filters_mut() {
        let own = std::mem::replace(&mut filter.condition, Condition::Const(true));
        filter.condition = check::all(vec![own, condition.clone()]);
    }
    (true, diagnostics)
}

/// The field that the rule puts in place of `event.category`.
fn category_field(rule: &Rule) -> Option<&str> {
    match &rule.details {
        Details::Eql(fields) => fields.event_category_override.as_ref().map(|field| field.value.as_str()),
        _ => None,
    }
}

fn unsupported(rule: &Rule) -> Diagnostic {
    let kind = rule.rule_type.value.word();
    if rule.language == Some(Language::Lucene) {
        let message = "queries in `lucene` are not run; this rule is left out";
        return Diagnostic::warning(UNSUPPORTED_TYPE, rule.file, rule.rule_type.span, message)
            .help("Lucene's syntax is another language than `kuery` and `eql`");
    }
    let message = format!("rules of type `{kind}` are not run; this one is left out");
    Diagnostic::warning(UNSUPPORTED_TYPE, rule.file, rule.rule_type.span, message)
        .help("Kiln compiles rules of the types `eql`, `query`, `new_terms`, `threshold` and `threat_match`")
}

/// A saved query that only a server knows.
fn query_elsewhere(rule: &Rule) -> Diagnostic {
    let message = "the query of this rule is saved in Kibana, not in the file; the rule is left out";
    Diagnostic::warning(UNSUPPORTED_TYPE, rule.file, rule.rule_type.span, message)
        .help("write the saved query into the rule as `query`")
}

/// Parses and checks one query; findings point into its file. `category_field` stands in for `event.category`.
pub fn query(
    text: &QueryText,
    language: Language,
    category_field: Option<&str>,
    options: &Options<'_>,
) -> (Option<(Ast, Query)>, Vec<Diagnostic>) {
    let (query, diagnostics) = read_query(&text.text, language, text.file, category_field, options);
    (query, diagnostics.into_iter().map(|diagnostic| diagnostic.mapped(text.file, &text.map)).collect())
}

/// Parses and checks a bare query in EQL; findings count bytes of `text`.
pub fn parse_and_check(
    text: &str,
    file: FileId,
    category_field: Option<&str>,
    options: &Options<'_>,
) -> (Option<(Ast, Query)>, Vec<Diagnostic>) {
    read_query(text, Language::Eql, file, category_field, options)
}

/// Parses and checks a bare query in EQL or KQL; of queries in other languages nothing is known. Findings count bytes of
/// `text`.
pub fn read_query(
    text: &str,
    language: Language,
    file: FileId,
    category_field: Option<&str>,
    options: &Options<'_>,
) -> (Option<(Ast, Query)>, Vec<Diagnostic>) {
    let check_options = CheckOptions {
        schema: options.schema,
        category_field: category_field.unwrap_or("event.category"),
        strict: options.strict,
    };
    match language {
        Language::Eql => {
            let ast = match eql::parse(text, file) {
                Ok(ast) => ast,
                Err(diagnostics) => return (None, diagnostics),
            };
            let checked = check::check(&ast, &check_options, file);
            (checked.query.map(|query| (Ast::Eql(ast), query)), checked.diagnostics)
        }
        Language::Kuery => {
            let parsed = kql::parse(text, file);
            let mut diagnostics = parsed.diagnostics;
            let Some(ast) = parsed.query else { return (None, diagnostics) };
            let checked = kql::check(&ast, &check_options, file);
            diagnostics.extend(checked.diagnostics);
            diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
            (checked.query.map(|query| (Ast::Kql(ast), query)), diagnostics)
        }
        Language::Lucene | Language::Esql => (None, Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::QueryKind;
    use crate::schema;

    fn codes(files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        let set = load(files, &Options { schema: schema::builtin(), strict: false });
        set.diagnostics.iter().map(|diagnostic| diagnostic.code.to_string()).collect()
    }

    fn rule(severity: &str, query: &str) -> String {
        format!(
            "[rule]\nname = \"A\"\nrule_id = \"00000000-0000-4000-8000-000000000000\"\ntype = \"eql\"\n\
             description = \"A\"\nauthor = [\"A\"]\nrisk_score = 1\nindex = [\"*\"]\nseverity = \"{severity}\"\n\
             query = '{query}'\n"
        )
    }

    #[test]
    fn the_query_is_checked_in_a_file_with_other_mistakes() {
        assert_eq!(codes(&[("a.toml", &rule("low", "any where true"))]), [""; 0]);
        assert_eq!(codes(&[("a.toml", &rule("hgih", "any where strlen(a) == 1"))]), ["E0205", "E0402"]);
        assert_eq!(
            codes(&[("a.toml", &rule("hgih", ""))]).len(),
            2,
            "one for the severity, one for the query"
        );
    }

    #[test]
    fn filters_are_part_of_the_query() {
        let filter = |clause: &str| format!("filters = [{{ query = {{ {clause} }} }}]\n");
        let exists = filter("exists = { field = 'user.name' }");
        let event = |query: &str, more: &str| {
            let text = rule("low", query) + more;
            let options = Options { schema: schema::builtin(), strict: false };
            let set = load([("a.toml".to_owned(), text.into_bytes())], &options);
            assert!(!set.has_errors(), "{:?}", set.diagnostics);
            let QueryKind::Event(filter) = set.rules[0].query.kind.clone() else { panic!("{query}") };
            ["{}", r#"{"user":{"name":"a"}}"#, r#"{"user":{"name":"a"},"event":{"category":"file"}}"#].map(
                |event| {
                    crate::meaning::holds(
                        &filter.condition,
                        &crate::meaning::Event::from_json(event).unwrap(),
                    )
                },
            )
        };
        assert_eq!(event("any where true", ""), [true; 3]);
        assert_eq!(event("any where true", &exists), [false, true, true]);
        assert_eq!(event("file where true", &exists), [false, false, true]);
        let script = rule("low", "any where true") + &filter("script = {}");
        assert_eq!(codes(&[("a.toml", &script)]), ["W0507"]);
        let empty = rule("low", "any where true") + &filter("exists = {}");
        assert_eq!(codes(&[("a.toml", &empty)]), ["E0502"]);
        let kql = |text: &str| text.replace("\"eql\"", "\"query\"");
        let alone = kql(&(rule("low", "") + &exists)).replace("query = ''\n", "");
        assert_eq!(codes(&[("a.toml", &alone)]), [""; 0], "{alone}");
    }

    #[test]
    fn filters_are_put_to_every_event_of_a_sequence() {
        let filters = "filters = [{ query = { exists = { field = 'user.name' } } }]\n";
        let text = rule("low", "sequence [any where a == 1] [any where a == 2] until [any where a == 3]");
        let options = Options { schema: schema::builtin(), strict: false };
        let set = load([("a.toml".to_owned(), (text + filters).into_bytes())], &options);
        let query = &set.rules[0].query;
        let event = |a: u32, user: &str, time: u32| {
            let text = format!(r#"{{"a":{a},"@timestamp":{time}{user}}}"#);
            crate::meaning::Event::from_json(&text).unwrap()
        };
        let user = r#","user":{"name":"x"}"#;
        let found = |events: [(u32, &str); 3]| {
            let events: Vec<_> = (1..).zip(events).map(|(time, (a, user))| event(a, user, time)).collect();
            crate::meaning::run(query, &events, &crate::meaning::RunOptions::default()).len()
        };
        assert_eq!(found([(1, user), (3, ""), (2, user)]), 1);
        assert_eq!(found([(1, user), (3, user), (2, user)]), 0);
        assert_eq!(found([(1, user), (2, ""), (2, "")]), 0);
        assert_eq!(found([(1, ""), (2, user), (2, user)]), 0);
    }

    #[test]
    fn the_query_is_checked_in_a_rule_whose_id_is_taken() {
        let (one, other) = (rule("low", "any where true"), rule("low", "any where strlen(a) == 1"));
        assert_eq!(codes(&[("a.toml", &one), ("b.toml", &other)]), ["E0501", "E0402"]);
    }
}
