use crate::condition::{Condition, Query, QueryKind};
use crate::ruleset::{Options, RuleSet, load};
use crate::schema::{self, FieldType};

/// A rule of a type with `more` lines; what is there takes the place of the usual.
fn toml(rule_type: &str, more: &str) -> String {
    let usual = [("query", "'''event.kind: event'''"), ("from", "\"now-9m\""), ("interval", "\"5m\"")];
    let kept =
        usual.iter().filter(|(key, _)| !more.lines().any(|line| line.starts_with(&format!("{key} ="))));
    let kept: Vec<_> = kept.map(|(key, value)| format!("{key} = {value}\n")).collect();
    let kept = kept.concat();
    format!(
        "[rule]\nname = \"A\"\nrule_id = \"0a1b2c3d-1111-2222-3333-444455556666\"\ntype = \"{rule_type}\"\n\
         description = \"d\"\nauthor = [\"a\"]\nrisk_score = 21\nseverity = \"low\"\n{kept}{more}"
    )
}

fn set(text: &str, strict: bool) -> RuleSet {
    let files = [("a.toml".to_owned(), text.as_bytes().to_vec())];
    load(files, &Options { schema: schema::builtin(), strict })
}

/// The query of a rule without mistakes.
fn query(rule_type: &str, more: &str) -> Query {
    let mut set = set(&toml(rule_type, more), true);
    assert_eq!(set.diagnostics, [], "{more}");
    set.rules.remove(0).query
}

/// The findings: code, marked text, message.
fn findings(rule_type: &str, more: &str) -> Vec<(String, String, String)> {
    let text = toml(rule_type, more);
    let set = set(&text, false);
    let marked = |finding: &crate::diagnostic::Diagnostic| {
        let text = text[finding.primary.span.range()].to_owned();
        (finding.code.to_string(), text, finding.message.clone())
    };
    set.diagnostics.iter().map(marked).collect()
}

fn code(rule_type: &str, more: &str) -> String {
    let found = findings(rule_type, more);
    assert_eq!(found.len(), 1, "{more}\n{found:#?}");
    found[0].0.clone()
}

const DAY: u64 = 86_400_000;
const MINUTE: u64 = 60_000;

const NEW_TERMS: &str =
    "new_terms_fields = [\"user.id\", \"source.ip\"]\nhistory_window_start = \"now-7d\"\n";
const THRESHOLD: &str = "[rule.threshold]\nfield = [\"host.id\"]\nvalue = 3\n";
const THREAT: &str = "threat_index = [\"ti-*\"]\nthreat_query = 'event.module: ti_x'\n[[rule.threat_mapping]]\n\
                      [[rule.threat_mapping.entries]]\nfield = \"source.ip\"\ntype = \"mapping\"\n\
                      value = \"threat.indicator.ip\"\n";

#[test]
fn new_terms_in_both_spellings() {
    let nested = "[rule.new_terms]\nfield = \"new_terms_fields\"\nvalue = [\"user.id\", \"source.ip\"]\n\
                  [[rule.new_terms.history_window_start]]\nfield = \"history_window_start\"\nvalue = \"now-7d\"\n";
    let (flat, nested) = (query("new_terms", NEW_TERMS), query("new_terms", nested));
    assert_eq!(flat, nested);
    let QueryKind::NewTerms(terms) = flat.kind else { panic!("{flat:?}") };
    assert_eq!(terms.window, 7 * DAY);
    let types: Vec<_> = terms.keys.iter().map(|key| key.field.as_ref().unwrap().ty).collect();
    assert_eq!(types, [FieldType::Keyword, FieldType::Ip]);
    assert_eq!((&*terms.time.field, terms.time.fallback), ("@timestamp", None));
}

#[test]
fn times_come_from_the_override_and_fall_back() {
    let time = |more: &str| match query("new_terms", &format!("{more}{NEW_TERMS}")).kind {
        QueryKind::NewTerms(terms) => {
            (terms.time.field.to_string(), terms.time.fallback.map(|it| it.to_string()))
        }
        other => panic!("{other:?}"),
    };
    let ingested = "timestamp_override = \"event.ingested\"\n";
    let pair = |field: &str, fallback: Option<&str>| (field.to_owned(), fallback.map(str::to_owned));
    assert_eq!(time(ingested), pair("event.ingested", Some("@timestamp")));
    let strict = format!("{ingested}timestamp_override_fallback_disabled = true\n");
    assert_eq!(time(&strict), pair("event.ingested", None));
    assert_eq!(time("timestamp_override = \"@timestamp\"\n"), pair("@timestamp", None));
}

#[test]
fn a_threshold_has_groups_a_cardinality_and_a_window() {
    let more = format!(
        "{THRESHOLD}[[rule.threshold.cardinality]]\nfield = \"user.id\"\nvalue = 2\n[rule.alert_suppression.duration]\n\
         value = 2\nunit = \"h\"\n"
    );
    let query = query("threshold", &more);
    let suppression = query.suppression.clone().expect("it has one");
    assert_eq!((suppression.keys.len(), suppression.span), (0, 120 * MINUTE));
    let QueryKind::Threshold(threshold) = query.kind else { panic!("{query:?}") };
    assert_eq!((threshold.value, threshold.window, threshold.keys.len()), (3, 9 * MINUTE, 1));
    let cardinality = threshold.cardinality.expect("it has one");
    assert_eq!((&*cardinality.key.path, cardinality.value), ("user.id", 2));
}

#[test]
fn threats_have_a_query_for_indicators_and_groups() {
    let query = query("threat_match", THREAT);
    let QueryKind::ThreatMatch(threat) = query.kind else { panic!("{query:?}") };
    assert_eq!((&*threat.indicator_path, threat.groups.len()), ("threat.indicator", 1));
    assert_eq!(threat.groups[0][0].event.ty, FieldType::Ip);
    assert_eq!(&*threat.groups[0][0].indicator.path, "threat.indicator.ip");
}

#[test]
fn suppression_of_events_has_a_group_and_a_span() {
    let more = "[rule.alert_suppression]\ngroup_by = [\"host.id\"]\n";
    let suppression = query("query", more).suppression.expect("it has one");
    assert_eq!(suppression.span, 5 * MINUTE, "one run");
    assert!(suppression.keys[0].optional, "a missing field counts as null");
    let more = "[rule.alert_suppression]\ngroup_by = [\"host.id\"]\nmissing_fields_strategy = \"doNotSuppress\"\n\
                [rule.alert_suppression.duration]\nvalue = 1\nunit = \"s\"\n";
    let suppression = query("query", more).suppression.expect("it has one");
    assert_eq!((suppression.keys[0].optional, suppression.span), (false, 1000));
}

#[test]
fn windows_must_be_relative_and_have_a_length() {
    assert_eq!(code("threshold", &format!("from = \"now\"\n{THRESHOLD}")), "E1002");
    assert_eq!(code("threshold", &format!("from = \"2024-01-01\"\n{THRESHOLD}")), "E1001");
    let history = "new_terms_fields = [\"user.id\"]\nhistory_window_start = \"now-9m\"\n";
    let found = findings("new_terms", history);
    assert_eq!(found[0].0, "E1003");
    let message =
        "the history begins at `now-9m`, which is not before the search window (`from` is `now-9m`)";
    assert_eq!(found[0].2, message);
}

#[test]
fn one_cardinality_is_counted() {
    let two = "[[rule.threshold.cardinality]]\nfield = \"user.id\"\nvalue = 2\n".repeat(2);
    assert_eq!(code("threshold", &format!("{THRESHOLD}{two}")), "E1004");
}

#[test]
fn a_pair_of_fields_is_negated_or_not() {
    let negated = "[[rule.threat_mapping.entries]]\nfield = \"source.ip\"\ntype = \"mapping\"\n\
                   value = \"threat.indicator.ip\"\nnegate = true\n";
    assert_eq!(code("threat_match", &format!("{THREAT}{negated}")), "E1005");
}

#[test]
fn filters_of_indicators_are_part_of_their_query() {
    let filters = "threat_filters = [{ query = { exists = { field = 'threat.indicator.ip' } } }]\n";
    let query = query("threat_match", &format!("{filters}{THREAT}"));
    let QueryKind::ThreatMatch(threat) = query.kind else { panic!("{query:?}") };
    assert!(matches!(threat.indicators.condition, Condition::And(parts) if parts.len() == 2));
    assert_eq!(
        code("threat_match", &format!("threat_filters = [{{ query = {{ x = 1 }} }}]\n{THREAT}")),
        "E0502"
    );
}

#[test]
fn a_query_for_indicators_in_another_language_leaves_the_rule_out() {
    assert_eq!(code("threat_match", &format!("threat_language = \"lucene\"\n{THREAT}")), "W0504");
}

#[test]
fn mistakes_in_the_query_for_indicators_stand_where_they_are() {
    let more = THREAT.replace("event.module: ti_x", "event.module: (ti_x");
    let found = findings("threat_match", &more);
    assert_eq!(found[0].0, "E0702");
}

#[test]
fn fields_are_told_once_and_by_their_names() {
    let twice = NEW_TERMS.replace("source.ip", "user.id");
    assert_eq!(code("new_terms", &twice), "W1006");
    let found = findings("new_terms", &NEW_TERMS.replace("source.ip", "source.ips"));
    assert_eq!((&*found[0].0, &*found[0].1), ("W1008", "\"source.ips\""));
    assert_eq!(found[0].2, "unknown field [source.ips], did you mean [source.ip]?");
    let strict = set(&toml("new_terms", &NEW_TERMS.replace("source.ip", "sourceip")), true);
    assert_eq!(strict.diagnostics[0].code.to_string(), "E1009");
    let free = findings("new_terms", &NEW_TERMS.replace("source.ip", "acme.badge"));
    assert!(free.is_empty(), "a field of one's own is no mistake: {free:?}");
}

#[test]
fn sequences_are_suppressed_unless_they_end_in_a_pipe() {
    let rule = |pipe: &str| {
        format!(
            "query = 'sequence by host.id [process where true] [file where true]{pipe}'\n\
             [rule.alert_suppression]\ngroup_by = [\"host.id\"]\n"
        )
    };
    assert!(query("eql", &rule("")).suppression.is_some());
    assert_eq!(code("eql", &rule(" | head 3")), "W1007");
}
