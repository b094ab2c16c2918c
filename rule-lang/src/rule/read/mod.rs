//! From the value tree of a file to a [`Rule`]: section 11 of rules.md, steps 1 to 3 and 5.
//!
//! Every problem of a file is told, so the reader goes on with a stand-in where a value is wrong; if any finding is
//! an error the rule is not for use, and only its query is still looked into.

mod details;
mod lists;
pub(crate) mod table;
mod threat;

use self::table::{Findings, Table};
use super::{
    Date, DateMath, Details, Interval, Language, Maturity, Metadata, QueryText, RiskScore, Rule, RuleType,
    Severity, Spanned, Word,
};
use crate::diagnostic::{Diagnostic, Level, codes};
use crate::file::{Node, NodeKind};
use crate::source::FileId;
use crate::span::Span;

/// The form of intervals, for help.
const INTERVAL_FORM: &str = "write a number and `s`, `m`, `h` or `d`, such as `5m`";
/// The form of date math, for help.
const DATE_MATH_FORM: &str = "write `now` and offsets in `s m h d w M y`, such as `now-9m` or `now-7d/d`";
/// The form of days, for help.
const DATE_FORM: &str = "write the day as `YYYY/MM/DD`";

/// Fields that a server adds to a rule it holds; they say nothing about the rule.
const SERVER_FIELDS: &[&str] = &[
    "id",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "immutable",
    "rule_source",
    "output_index",
    "execution_summary",
    "outcome",
    "alias_target_id",
    "alias_purpose",
    "namespace",
    "threat_mappings",
];

/// Reads the rule of a file: `[metadata]`, `[rule]` and `[transform]`, or the content of `[rule]` at top level.
///
/// Gives the rule unless some finding is an error, and all findings. Whether the id is unique, and what the query
/// says, is for others.
pub fn read(tree: &Node, file: FileId) -> (Option<Rule>, Vec<Diagnostic>) {
    let (rule, diagnostics) = read_anyway(tree, file);
    let sound = diagnostics.iter().all(|diagnostic| diagnostic.level != Level::Error);
    (rule.filter(|_| sound), diagnostics)
}

/// Keeps a rule with errors too: what is wrong with it has stand-ins.
pub(crate) fn read_anyway(tree: &Node, file: FileId) -> (Option<Rule>, Vec<Diagnostic>) {
    let mut findings = Findings::new(file);
    let rule = read_file(tree, &mut findings);
    (rule, findings.all)
}

fn read_file(tree: &Node, findings: &mut Findings) -> Option<Rule> {
    let NodeKind::Table(entries) = &tree.kind else {
        findings.push(no_rule(findings, tree.span));
        return None;
    };
    let mut top = Table::new(entries, Span::at(0), "the file");
    let metadata = top.table("metadata", "[metadata]", findings).map(|table| read_metadata(table, findings));
    let metadata = metadata.unwrap_or_default();
    if let Some(rule) = top.table("rule", "[rule]", findings) {
        let transform = top.table("transform", "[transform]", findings).and(top.json("transform"));
        top.finish(findings);
        return Some(Rule { metadata, transform, ..read_rule(rule, findings) });
    }
    if !["rule_id", "type", "name", "query"].iter().any(|key| top.key_span(key).is_some()) {
        if !findings.has_errors() {
            findings.push(no_rule(findings, Span::at(0)));
        }
        return None;
    }
    let transform = top.json("transform");
    // What is missing from a rule at top level is told at its first key.
    top.span = entries.first().map_or(Span::at(0), |entry| entry.key_span);
    Some(Rule { metadata, transform, ..read_rule(top, findings) })
}

fn no_rule(findings: &Findings, span: Span) -> Diagnostic {
    findings
        .error(codes::file::NO_RULE, Span::at(span.start), "the file holds no rule")
        .help("put the fields of the rule into a section `[rule]` (TOML) or `rule:` (YAML)")
}

fn read_metadata(mut table: Table<'_>, findings: &mut Findings) -> Metadata {
    let required = ["creation_date", "updated_date"].map(|key| {
        if table.key_span(key).is_none() {
            table.missing(key, findings);
        }
        table.parsed(key, Date::parse, DATE_FORM, findings)
    });
    let integration = table.text_or_texts("integration", findings);
    let metadata = Metadata {
        creation_date: required[0],
        updated_date: required[1],
        deprecation_date: table.parsed("deprecation_date", Date::parse, DATE_FORM, findings),
        deprecated_reason: table.plain_text("deprecated_reason", findings),
        maturity: table.word::<Maturity>("maturity", findings).map(|maturity| maturity.value),
        integration: integration.into_iter().map(|text| text.value).collect(),
        min_stack_version: table.parsed(
            "min_stack_version",
            stack_version,
            "write two or three numbers with points between, such as `9.3.0`",
            findings,
        ),
        min_stack_comments: table.plain_text("min_stack_comments", findings),
        comments: table.plain_text("comments", findings),
        bypass_bbr_timing: table.bool("bypass_bbr_timing", findings).unwrap_or(false),
        promotion: table.bool("promotion", findings).unwrap_or(false),
        query_schema_validation: table.bool("query_schema_validation", findings),
        os_type_list: table.texts("os_type_list", findings),
        related_endpoint_rules: table.json("related_endpoint_rules"),
        extended: table.json("extended"),
    };
    table.finish(findings);
    metadata
}

fn stack_version(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('.').collect();
    let valid = (2..=3).contains(&parts.len()) && parts.iter().all(|part| part.parse::<u32>().is_ok());
    valid.then(|| text.to_owned())
}

fn read_rule(mut table: Table<'_>, findings: &mut Findings) -> Rule {
    let file = findings.file;
    let span = table.span;
    let rule_type = table.required_word::<RuleType>("type", findings);
    let language = table.word::<Language>("language", findings);
    let query = table.query("query", findings);
    let name = read_name(&mut table, findings);
    let rule_id = read_rule_id(&mut table, findings);
    let score = table.required_integer("risk_score", 0..=100, findings);
    let rule = Rule {
        file,
        span,
        metadata: Metadata::default(),
        transform: None,
        name,
        rule_id,
        rule_type: rule_type.clone().unwrap_or_default(),
        description: table.required_text("description", findings).value,
        author: table.required_texts("author", findings),
        risk_score: RiskScore::new(score as u8).unwrap_or_default(),
        severity: table.required_word::<Severity>("severity", findings).map_or(Severity::Low, |it| it.value),
        enabled: table.bool("enabled", findings).unwrap_or(true),
        enabled_at: table.key_span("enabled"),
        interval: table
            .parsed("interval", Interval::parse, INTERVAL_FORM, findings)
            .unwrap_or(Interval::DEFAULT),
        from: read_date_math(&mut table, "from", findings).unwrap_or_else(|| DateMath::or_now("now-6m")),
        to: read_date_math(&mut table, "to", findings).unwrap_or_else(|| DateMath::or_now("now")),
        max_signals: table.integer("max_signals", 1..=u32::MAX, findings).unwrap_or(100),
        index: table.texts("index", findings),
        data_view_id: table.plain_text("data_view_id", findings),
        language: None,
        query,
        filters: table.nodes("filters", findings),
        timestamp_override: table.field("timestamp_override", findings),
        timestamp_override_fallback_disabled: table
            .bool("timestamp_override_fallback_disabled", findings)
            .unwrap_or(false),
        details: Details::Esql,
        building_block: read_building_block(&mut table, findings),
        alert_suppression: lists::suppression(&mut table, rule_type.as_ref(), findings),
        exceptions_list: lists::exceptions(&mut table, findings),
        risk_score_mapping: lists::risk_score_mapping(&mut table, findings),
        severity_mapping: lists::severity_mapping(&mut table, findings),
        rule_name_override: table.field("rule_name_override", findings),
        threat: threat::read(&mut table, findings),
        tags: table.texts("tags", findings),
        references: table.texts("references", findings),
        false_positives: table.texts("false_positives", findings),
        license: table.plain_text("license", findings),
        note: table.plain_text("note", findings),
        setup: table.plain_text("setup", findings),
        meta: table.json("meta"),
        investigation_fields: lists::investigation_fields(&mut table, findings),
        related_integrations: lists::related_integrations(&mut table, findings),
        required_fields: lists::required_fields(&mut table, findings),
        version: table.integer("version", 1..=u32::MAX, findings),
        revision: table.integer("revision", 0..=u32::MAX, findings),
        timeline_id: table.plain_text("timeline_id", findings),
        timeline_title: table.plain_text("timeline_title", findings),
        actions: table.json("actions"),
        response_actions: table.json("response_actions"),
        throttle: table.plain_text("throttle", findings),
    };
    let rule = if let Some(rule_type) = rule_type {
        check_source(&rule, rule_type.value, &table, findings);
        check_query(&rule, &rule_type, &table, findings);
        Rule {
            language: read_language(language, &rule_type, findings),
            details: details::read(&mut table, rule_type.value, findings),
            ..rule
        }
    } else {
        details::ignore_all(&mut table);
        rule
    };
    table.ignore(SERVER_FIELDS);
    table.finish(findings);
    rule
}

fn read_name(table: &mut Table<'_>, findings: &mut Findings) -> Spanned<String> {
    let name = table.required_text("name", findings);
    if !name.trim().is_empty() && !name.starts_with(|c: char| c.is_alphanumeric()) {
        let message = format!("the name `{}` must start with a letter or a digit", name.value);
        findings.push(findings.error(codes::file::MALFORMED, name.span, message));
    }
    name
}

/// A lower-case UUID. Rules have been published with upper-case ids and with one hexadecimal digit too many; ids never
/// change once they are out, so those are only warned about.
fn read_rule_id(table: &mut Table<'_>, findings: &mut Findings) -> Spanned<String> {
    let id = table.required_text("rule_id", findings);
    let groups: Vec<&str> = id.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let hexadecimal = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let lower_case = !id.bytes().any(|byte| byte.is_ascii_uppercase());
    let finding = match lengths[..] {
        _ if id.trim().is_empty() => return id,
        [8, 4, 4, 4, 12] if hexadecimal && lower_case => return id,
        [8, 4, 4, 4, 12] if hexadecimal => findings
            .warning(codes::file::RULE_ID_FORM, id.span, "the rule id has upper-case letters")
            .help("ids compare letter by letter; write new ones in lower case"),
        [8, 4, 4, 4, 13] if hexadecimal => {
            findings.warning(codes::file::RULE_ID_FORM, id.span, "the rule id has one digit more than a UUID")
        }
        _ => findings
            .error(codes::file::MALFORMED, id.span, format!("`{}` is not a UUID", id.value))
            .help("write 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12, with `-` between them"),
    };
    findings.push(finding);
    id
}

fn read_date_math(table: &mut Table<'_>, key: &'static str, findings: &mut Findings) -> Option<DateMath> {
    table.parsed(key, DateMath::parse, DATE_MATH_FORM, findings)
}

fn read_building_block(table: &mut Table<'_>, findings: &mut Findings) -> bool {
    let form = "the only building block type is `default`";
    let is_default = |text: &str| (text == "default").then_some(true);
    table.parsed("building_block_type", is_default, form, findings).unwrap_or(false)
}

/// The language given, checked against the type, or the type's own.
fn read_language(
    given: Option<Spanned<Language>>,
    rule_type: &Spanned<RuleType>,
    findings: &mut Findings,
) -> Option<Language> {
    let allowed = rule_type.languages();
    let Some(given) = given else { return allowed.first().copied() };
    if allowed.contains(&given.value) {
        return Some(given.value);
    }
    let message = format!("a rule of type `{}` cannot have a query in `{}`", rule_type.word(), given.word());
    let finding = findings.error(codes::file::LANGUAGE, given.span, message);
    let finding = finding.also(findings.file, rule_type.span, "the type of the rule");
    let words: Vec<String> = allowed.iter().map(|language| format!("`{}`", language.word())).collect();
    findings.push(if words.is_empty() {
        finding.help("remove `language`: such a rule has no query")
    } else {
        finding.help(format!("its language is {}", words.join(" or ")))
    });
    None
}

/// `index` and `data_view_id` exclude each other, and some types name their sources otherwise.
fn check_source(rule: &Rule, rule_type: RuleType, table: &Table<'_>, findings: &mut Findings) {
    let index = table.key_span("index");
    let data_view = table.key_span("data_view_id");
    if let (Some(index), Some(data_view)) = (index, data_view)
        && rule.data_view_id.is_some()
        && !rule.index.is_empty()
    {
        let finding = findings
            .error(codes::file::CONFLICT, data_view, "a rule has `index` or `data_view_id`, not both")
            .also(findings.file, index, "`index` is here");
        findings.push(finding);
    }
    if let RuleType::Esql | RuleType::MachineLearning = rule_type {
        for (key, span) in [("index", index), ("data_view_id", data_view)] {
            let Some(span) = span else { continue };
            let message = format!("a rule of type `{}` cannot have `{key}`", rule_type.word());
            findings.push(findings.error(codes::file::CONFLICT, span, message));
        }
    }
}

/// A query must be there and say something, but not everywhere.
fn check_query(rule: &Rule, rule_type: &Spanned<RuleType>, table: &Table<'_>, findings: &mut Findings) {
    let there = table.key_span("query");
    match rule_type.value {
        RuleType::MachineLearning => {
            if let Some(span) = there {
                let message = "a rule of type `machine_learning` has no query; it is ignored";
                findings.push(findings.warning(codes::file::NO_EFFECT, span, message));
            }
        }
        RuleType::SavedQuery => {}
        _ if !rule.filters.is_empty() && !matches!(rule_type.value, RuleType::Eql | RuleType::Esql) => {}
        _ => match &rule.query {
            None if there.is_none() => table.missing("query", findings),
            Some(QueryText { text, span, .. }) if text.trim().is_empty() => {
                findings.push(findings.error(codes::file::EMPTY, *span, "`query` is empty"));
            }
            _ => {}
        },
    }
}
