use proptest::prelude::*;

use super::*;
use crate::diagnostic::render::terminal;
use crate::diagnostic::{Code, Diagnostic, Level, codes};
use crate::source::Sources;

const ID: &str = "0a1b2c3d-1111-2222-3333-444455556666";

fn load_one(path: &str, text: &str) -> (Loaded, Sources) {
    let mut sources = Sources::new();
    let loaded = load(&mut sources, [(path.to_owned(), text.as_bytes().to_vec())]);
    (loaded, sources)
}

/// A rule of `rule_type` with the required fields and `more` lines.
fn toml(rule_type: &str, more: &str) -> String {
    format!(
        "[rule]\nname = \"A rule\"\nrule_id = \"{ID}\"\ntype = \"{rule_type}\"\ndescription = \"d\"\n\
         author = [\"a\"]\nrisk_score = 21\nseverity = \"low\"\n{more}"
    )
}

fn eql(more: &str) -> String {
    toml("eql", &format!("query = 'any where true'\n{more}"))
}

/// The rule of `text`, which has nothing wrong with it.
fn rule(text: &str) -> Rule {
    let (mut loaded, _) = load_one("a.toml", text);
    assert_eq!(loaded.diagnostics, [], "{text}");
    loaded.rules.remove(0)
}

/// The findings of `text`: code, marked text, message.
fn findings(text: &str) -> Vec<(Code, String, String)> {
    let (loaded, _) = load_one("a.toml", text);
    let found = |it: Diagnostic| (it.code, text[it.primary.span.range()].to_owned(), it.message);
    loaded.diagnostics.into_iter().map(found).collect()
}

/// The one finding of `text`: code and marked text.
fn finding(text: &str) -> (Code, String) {
    let mut found = findings(text);
    assert_eq!(found.len(), 1, "{text}\n{found:#?}");
    let (code, marked, _) = found.remove(0);
    (code, marked)
}

#[test]
fn defaults() {
    let rule = rule(&eql(""));
    assert!(rule.enabled && !rule.building_block);
    assert_eq!((rule.from.as_str(), rule.to.as_str()), ("now-6m", "now"));
    assert_eq!((rule.interval.to_string().as_str(), rule.max_signals), ("5m", 100));
    assert_eq!(rule.language, Some(Language::Eql));
    assert_eq!(rule.metadata, Metadata::default());
}

const FULL_YAML: &str = r"
metadata: {creation_date: 2024/01/31, updated_date: 2024/02/01, integration: endpoint, maturity: production}
rule:
  name: A rule
  rule_id: 0a1b2c3d-1111-2222-3333-444455556666
  type: eql
  language: eql
  description: d
  author: [Someone]
  risk_score: 73
  severity: high
  enabled: false
  interval: 10m
  from: now-20m/m
  to: now
  max_signals: 7
  index: [logs-*, 'endgame-*']
  timestamp_override: event.ingested
  event_category_override: event.type
  tiebreaker_field: event.sequence
  building_block_type: default
  alert_suppression: {group_by: [host.id, user.id], duration: {value: 6, unit: h}, missing_fields_strategy: doNotSuppress}
  exceptions_list: [{id: x, list_id: known, type: detection, namespace_type: agnostic}]
  severity_mapping: [{field: event.severity, operator: equals, value: '3', severity: critical}]
  risk_score_mapping: [{field: event.risk_score, operator: equals, value: ''}]
  rule_name_override: message
  threat:
  - framework: MITRE ATT&CK
    tactic: {id: TA0011, name: Command and Control, reference: https://attack.mitre.org/tactics/TA0011/}
    technique:
    - id: T1090
      name: Proxy
      subtechnique: [{id: T1090.002, name: External Proxy}]
  - framework: MITRE ATLAS
    tactic: {id: AML.TA0002, name: Reconnaissance}
  tags: ['OS: Linux']
  references: []
  false_positives: [none]
  license: MIT
  note: |
    ## Triage
    Look.
  setup: s
  meta: {a: [1, true]}
  investigation_fields: {field_names: [host.id]}
  related_integrations: [{package: endpoint, version: ^8.2.0}]
  required_fields: [{name: process.name, type: keyword, ecs: true}]
  version: 3
  query: |
    process where
      process.name == 'x'
";

#[test]
fn every_field_of_an_eql_rule_in_yaml() {
    let (loaded, sources) = load_one("a.yml", FULL_YAML);
    assert_eq!(loaded.diagnostics, []);
    let rule = &loaded.rules[0];
    assert_eq!(rule.metadata.creation_date.unwrap().to_string(), "2024/01/31");
    assert_eq!(
        (&*rule.metadata.integration, rule.metadata.maturity),
        (&["endpoint".into()][..], Some(Maturity::Production))
    );
    assert_eq!((rule.risk_score.get(), rule.severity, rule.enabled), (73, Severity::High, false));
    assert_eq!((rule.interval.0.seconds(), rule.from.as_str(), rule.max_signals), (600, "now-20m/m", 7));
    let Details::Eql(fields) = &rule.details else { panic!("an eql rule") };
    assert_eq!(fields.event_category_override.as_deref().unwrap(), "event.type");
    assert_eq!(fields.tiebreaker_field.as_deref().unwrap(), "event.sequence");
    assert!(rule.building_block);
    let suppression = rule.alert_suppression.as_ref().unwrap();
    assert_eq!(suppression.group_by[1].value, "user.id");
    assert_eq!(suppression.duration.unwrap().seconds(), 21_600);
    assert_eq!(suppression.missing_fields, MissingFields::DoNotSuppress);
    assert_eq!(rule.exceptions_list[0].namespace, Namespace::Agnostic);
    assert_eq!(rule.severity_mapping[0].severity, Severity::Critical);
    assert_eq!(rule.threat[0].techniques[0].subtechniques[0].id, "T1090.002");
    assert_eq!(rule.threat[1].framework, Framework::MitreAtlas);
    assert_eq!(rule.note.as_deref(), Some("## Triage\nLook.\n"));
    assert_eq!(rule.meta.as_ref().unwrap().to_string(), r#"{"a":[1,true]}"#);
    assert_eq!((rule.version, rule.required_fields[0].ecs), (Some(3), true));
    let query = rule.query.as_ref().unwrap();
    let at = query.text.find("process.name").unwrap() as u32;
    let place = sources.get(query.file).location(query.map.offset(at));
    assert_eq!((place.line, place.column), (51, 7));
}

#[test]
fn a_rule_at_top_level_with_what_a_server_adds() {
    let text = format!(
        "id: 1\ncreated_at: x\nimmutable: false\nrevision: 0\nname: A rule\nrule_id: {ID}\ntype: new_terms\n\
         new_terms_fields: [host.id]\nhistory_window_start: now-7d\ndescription: d\nauthor: []\nrisk_score: 1\n\
         severity: low\nquery: 'a: b'\n"
    );
    let (loaded, _) = load_one("a.yaml", &text);
    assert_eq!(loaded.diagnostics, []);
    let Details::NewTerms(terms) = &loaded.rules[0].details else { panic!("a new terms rule") };
    assert_eq!((&*terms.fields[0].value, terms.history_window_start.as_str()), ("host.id", "now-7d"));
    assert_eq!(loaded.rules[0].language, Some(Language::Kuery));
}

#[test]
fn other_types_keep_their_fields() {
    let nested = "query = 'a: b'\n[rule.new_terms]\nfield = 'new_terms_fields'\nvalue = ['a', 'b']\n\
                  [[rule.new_terms.history_window_start]]\nfield = 'history_window_start'\nvalue = 'now-5d'\n";
    let Details::NewTerms(terms) = rule(&toml("new_terms", nested)).details else { panic!("new terms") };
    assert_eq!((terms.fields.len(), terms.history_window_start.as_str()), (2, "now-5d"));

    let threshold = "query = 'a: b'\n[rule.threshold]\nfield = ['x']\nvalue = 3\n\
                     [[rule.threshold.cardinality]]\nfield = 'y'\nvalue = 2\n";
    let Details::Threshold(threshold) = rule(&toml("threshold", threshold)).details else {
        panic!("threshold")
    };
    assert_eq!((threshold.value, threshold.cardinality[0].value), (3, 2));

    let indicators = "query = 'a: b'\nthreat_index = ['ti']\nthreat_query = '*:*'\n[[rule.threat_mapping]]\n\
                      [[rule.threat_mapping.entries]]\nfield = 'a'\ntype = 'mapping'\nvalue = 'b'\n";
    let Details::ThreatMatch(threat) = rule(&toml("threat_match", indicators)).details else {
        panic!("threat")
    };
    assert_eq!((&*threat.indicator_path, &*threat.mapping[0][0].indicator.value), ("threat.indicator", "b"));

    let jobs = "anomaly_threshold = 50\nmachine_learning_job_id = 'job'\n";
    let machine = rule(&toml("machine_learning", jobs));
    assert_eq!((machine.language, machine.query), (None, None));
    assert_eq!(rule(&toml("esql", "query = 'from x'\n")).language, Some(Language::Esql));
    assert_eq!(
        rule(&toml("saved_query", "saved_id = 's'\n")).details,
        Details::Query { saved_id: Some("s".into()) }
    );
    let filtered = "query = ''\nfilters = [{meta = {negate = true}}]\n";
    assert_eq!(rule(&toml("query", filtered)).filters.len(), 1);
}

#[test]
fn one_mistake_each() {
    use codes::file as code;
    let cases = [
        (eql("interval = '5 minutes'\n"), code::MALFORMED, "'5 minutes'"),
        (eql("from = 'now-9'\n"), code::MALFORMED, "'now-9'"),
        (eql("max_signals = 0\n"), code::OUT_OF_RANGE, "0"),
        (eql("index = 'logs-*'\n"), code::WRONG_TYPE, "'logs-*'"),
        (eql("index = ['a', 7]\n"), code::WRONG_TYPE, "7"),
        (eql("enabled = 'true'\n"), code::WRONG_TYPE, "'true'"),
        (eql("index = ['a']\ndata_view_id = 'v'\n"), code::CONFLICT, "data_view_id"),
        (eql("language = 'kuery'\n"), code::LANGUAGE, "'kuery'"),
        (eql("language = 'sql'\n"), code::UNKNOWN_VALUE, "'sql'"),
        (eql("building_block_type = 'yes'\n"), code::MALFORMED, "'yes'"),
        (eql("version = 0\n"), code::OUT_OF_RANGE, "0"),
        (eql("tags_ = []\n"), code::UNKNOWN_KEY, "tags_"),
        (eql("saved_id = 'x'\n"), code::NO_EFFECT, "saved_id"),
        (eql("timestamp_field = ' a'\n"), code::MALFORMED, "' a'"),
        (eql("alert_suppression = {group_by = []}\n"), code::OUT_OF_RANGE, "[]"),
        (eql("alert_suppression = {}\n"), code::MISSING_FIELD, "{}"),
        (
            eql("alert_suppression = {group_by = ['a'], duration = {value = 1, unit = 'd'}}\n"),
            code::UNKNOWN_VALUE,
            "'d'",
        ),
        (eql("exceptions_list = [{id = 'x'}]\n"), code::MISSING_FIELD, "{id = 'x'}"),
        (
            eql("severity_mapping = [{field = 'a', operator = 'is', value = '', severity = 'low'}]\n"),
            code::MALFORMED,
            "'is'",
        ),
        (eql("[[rule.threat]]\nframework = 'MITRE ATT&CK'\n"), code::MISSING_FIELD, "[[rule.threat]]"),
        (
            eql("threat = [{framework = 'ATT&CK', tactic = {id = 'x', name = 'y'}}]\n"),
            code::UNKNOWN_VALUE,
            "'ATT&CK'",
        ),
        (toml("eql", ""), code::MISSING_FIELD, "[rule]"),
        (toml("eql", "query = ' '\n"), code::EMPTY, "' '"),
        (toml("eqll", "query = ''\n"), code::UNKNOWN_VALUE, "\"eqll\""),
        (toml("query", "query = ''\n"), code::EMPTY, "''"),
        (toml("esql", "query = 'x'\nindex = ['a']\n"), code::CONFLICT, "index"),
        (
            toml(
                "new_terms",
                "query = 'x'\nnew_terms_fields = ['a', 'b', 'c', 'd']\nhistory_window_start = 'now-1d'\n",
            ),
            code::OUT_OF_RANGE,
            "new_terms_fields",
        ),
        (toml("threshold", "query = 'x'\n"), code::MISSING_FIELD, "[rule]"),
        (toml("threshold", "query = 'x'\nthreshold = {field = [], value = 0}\n"), code::OUT_OF_RANGE, "0"),
        (
            toml("machine_learning", "anomaly_threshold = 101\nmachine_learning_job_id = 'j'\n"),
            code::OUT_OF_RANGE,
            "101",
        ),
        (eql("").replace(ID, "not-a-uuid"), code::MALFORMED, "\"not-a-uuid\""),
        (
            eql("").replace("0a1b2c3d", "0A1B2C3D"),
            code::RULE_ID_FORM,
            "\"0A1B2C3D-1111-2222-3333-444455556666\"",
        ),
        (eql("").replace("A rule", "- a rule"), code::MALFORMED, "\"- a rule\""),
        (eql("").replace("21", "101"), code::OUT_OF_RANGE, "101"),
        (eql("").replace("21", "\"21\""), code::WRONG_TYPE, "\"21\""),
        (eql("").replace("\"low\"", "\"lwo\""), code::UNKNOWN_VALUE, "\"lwo\""),
        (eql("").replace("author", "autor"), code::MISSING_FIELD, "[rule]"),
        (
            "[metadata]\ncreation_date = '2024/01/01'\n".to_owned() + &eql(""),
            code::MISSING_FIELD,
            "[metadata]",
        ),
        (
            "[metadata]\ncreation_date = '2024/01/01'\nupdated_date = '2024/02/30'\n".to_owned() + &eql(""),
            code::MALFORMED,
            "'2024/02/30'",
        ),
        (eql("[extra]\nx = 1\n"), code::UNKNOWN_KEY, "extra"),
        ("[rul]\nx = 1\n".to_owned(), code::NO_RULE, ""),
        (String::new(), code::NO_RULE, ""),
    ];
    for (text, code, marked) in cases {
        let found: Vec<_> = findings(&text).into_iter().filter(|found| found.1 != "autor").collect();
        let found: Vec<(Code, &str)> =
            found.iter().map(|(code, marked, _)| (*code, marked.as_str())).collect();
        assert_eq!(found, [(code, marked)], "{text}");
    }
}

#[test]
fn mitre_ids() {
    let threat = |tactic: &str, technique: &str, sub: &str| {
        eql(&format!(
            "[[rule.threat]]\nframework = 'MITRE ATT&CK'\ntactic = {{id = '{tactic}', name = 'n'}}\n\
             [[rule.threat.technique]]\nid = '{technique}'\nname = 'n'\n\
             [[rule.threat.technique.subtechnique]]\nid = '{sub}'\nname = 'n'\n"
        ))
    };
    rule(&threat("TA0011", "T1090", "T1090.002"));
    for (tactic, technique, sub, marked) in [
        ("T0011", "T1090", "T1090.002", "'T0011'"),
        ("TA0011", "T109", "T1090.002", "'T109'"),
        ("TA0011", "T1090", "T1090.2", "'T1090.2'"),
        ("TA0011", "T1090", "T1091.002", "'T1091.002'"),
    ] {
        assert_eq!(finding(&threat(tactic, technique, sub)), (codes::file::MITRE, marked.to_owned()));
    }
}

#[test]
fn a_sub_technique_under_another_technique_is_drawn_with_both() {
    let text = "[[rule.threat]]\nframework = 'MITRE ATT&CK'\ntactic = {id = 'TA0011', name = 'n'}\n\
                technique = [{id = 'T1090', name = 'n', subtechnique = [{id = 'T1572.001', name = 'n'}]}]\n";
    let (loaded, sources) = load_one("a.toml", &eql(text));
    let drawn = terminal::render(&loaded.diagnostics[0], &sources, terminal::Options::default());
    let expected = "\
error[E0209]: sub-technique `T1572.001` does not belong to technique `T1090`
  --> a.toml:13:63
   |
13 | technique = [{id = 'T1090', name = 'n', subtechnique = [{id = 'T1572.001', name = 'n'}]}]
   |                    -------                                    ^^^^^^^^^^^
   |                    it stands under this technique
   |
   = help: move it under `T1572`, or correct one of the ids
";
    assert_eq!(drawn, expected, "{drawn}");
}

#[test]
fn ten_mistakes_are_all_told() {
    let text = "[metadata]\ncreation_date = '2024-01-01'\nupdated_date = '2024/01/01'\nmaturity = 'prod'\n\
                [rule]\nname = 7\nrule_id = 'x'\ntype = 'eql'\nrisk_score = 101\nseverity = 'hgih'\n\
                author = 'me'\nintervall = '5m'\nfrom = 'yesterday'\nindex = ['a']\ndata_view_id = 'b'\n\
                language = 'kuery'\nquery = ''\n";
    let found = findings(text);
    let marked: Vec<&str> = found.iter().map(|(_, marked, _)| marked.as_str()).collect();
    assert_eq!(
        marked,
        [
            "'2024-01-01'",
            "'prod'",
            "[rule]",
            "7",
            "'x'",
            "101",
            "'hgih'",
            "'me'",
            "intervall",
            "'yesterday'",
            "data_view_id",
            "'kuery'",
            "''"
        ]
    );
}

#[test]
fn a_word_nearly_right_is_offered_in_place_of_its_letters() {
    let text = eql("").replace("\"low\"", "\"lwo\"");
    let (loaded, _) = load_one("a.toml", &text);
    let suggestion = loaded.diagnostics[0].suggestion.as_ref().unwrap();
    assert_eq!((&text[suggestion.span.range()], suggestion.replacement.as_str()), ("lwo", "low"));
    let (loaded, _) = load_one("a.toml", &eql("tag = []\n"));
    assert_eq!(loaded.diagnostics[0].suggestion.as_ref().unwrap().replacement, "tags");
    assert_eq!(loaded.diagnostics[0].level, Level::Warning);
    assert_eq!(loaded.rules.len(), 1);
}

#[test]
fn ids_are_unique_and_files_come_in_order_of_their_paths() {
    let mut sources = Sources::new();
    let file = |path: &str, name: &str| (path.to_owned(), eql("").replace("A rule", name).into_bytes());
    let loaded =
        load(&mut sources, [file("b.toml", "other"), file("c.toml", "third"), file("a.toml", "first")]);
    assert_eq!(loaded.rules.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>(), ["first"]);
    let found: Vec<_> =
        loaded.diagnostics.iter().map(|it| (it.code, sources.get(it.primary.file).path())).collect();
    assert_eq!(
        found,
        [(codes::file::DUPLICATE_RULE_ID, "b.toml"), (codes::file::DUPLICATE_RULE_ID, "c.toml")]
    );
    let first = &loaded.diagnostics[0].secondary[0];
    assert_eq!((sources.get(first.file).path(), first.span), ("a.toml", loaded.diagnostics[0].primary.span));
}

#[test]
fn a_bad_file_does_not_hide_the_others() {
    let mut sources = Sources::new();
    let files = [
        ("a.toml".to_owned(), b"[rule\n".to_vec()),
        ("b.toml".to_owned(), b"name = '\xff'\n".to_vec()),
        ("c.txt".to_owned(), Vec::new()),
        ("d.toml".to_owned(), eql("").into_bytes()),
        ("e.yml".to_owned(), b"a: b: c\n".to_vec()),
    ];
    let loaded = load(&mut sources, files);
    assert_eq!(loaded.rules.len(), 1);
    let mut found: Vec<Code> = loaded.diagnostics.iter().map(|it| it.code).collect();
    found.dedup();
    assert_eq!(found.iter().map(|code| code.0).collect::<Vec<_>>(), ["E0103", "E0101", "E0102", "E0104"]);
    let bad = &loaded.diagnostics.iter().find(|it| it.code == codes::file::INVALID_UTF8).unwrap().primary;
    let place = sources.get(bad.file).location(bad.span.start);
    assert_eq!((place.line, place.column), (1, 9));
}

proptest! {
    /// Any value may stand anywhere: a rule comes out, or an error, and every place is one of the file.
    #[test]
    fn no_value_panics(
        line in 0_usize..60,
        value in "(\\[\\]|\\{\\}|7|-1|0.5|true|'|''|x|\\[1, \\{a: b\\}\\]|\\{name: x, id: T1\\}|\\[\\{list_id: 1\\}\\]|~|é)",
    ) {
        let mut lines: Vec<String> = FULL_YAML.lines().map(str::to_owned).collect();
        let at = line % lines.len();
        if let Some((key, _)) = lines[at].clone().split_once(": ") {
            lines[at] = format!("{key}: {value}");
        }
        let text = lines.join("\n");
        let (loaded, sources) = load_one("a.yml", &text);
        let errors = loaded.diagnostics.iter().filter(|found| found.level == Level::Error).count();
        prop_assert_eq!(loaded.rules.is_empty(), errors > 0);
        for found in &loaded.diagnostics {
            prop_assert!(found.primary.span.end as usize <= text.len() && text.get(found.primary.span.range()).is_some());
            terminal::render(found, &sources, terminal::Options::default());
        }
    }
}
