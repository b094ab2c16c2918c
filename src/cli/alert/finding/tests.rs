use std::path::PathBuf;

use bumpalo::Bump;
use kiln::{EventRef, Matcher, Options, Outcome, StateLimits};
use rule_compiler::plan::{PlanOptions, plan};
use rule_lang::{ruleset, schema};
use serde_json::Value;

use super::*;
use crate::cli::indicators;

const HEAD: &str = "[rule]\nname = \"R\"\nrule_id = \"5a7e0000-0000-4000-8000-0000000000aa\"\nlanguage = \"kuery\"\n\
                    description = \"d\"\nauthor = [\"a\"]\nseverity = \"low\"\nrisk_score = 21\nindex = [\"x\"]\n";

/// A set of one rule; it lives as long as the tests.
fn set(more: &str) -> &'static RuleSet<'static> {
    let files = [("r.toml".to_owned(), format!("{HEAD}{more}").into_bytes())];
    let rules = ruleset::load(files, &ruleset::Options { schema: schema::builtin(), strict: false });
    assert_eq!(rules.diagnostics, []);
    let arena: &'static Bump = Box::leak(Box::new(Bump::new()));
    let inputs = rule_compiler::ruleset::inputs(&rules, arena);
    Box::leak(Box::new(plan(&inputs, &PlanOptions::default(), arena).set))
}

/// The alerts of a set on events.
fn alerts(set: &'static RuleSet<'static>, events: &[&str], known: Option<&Known>) -> Vec<Value> {
    let options = Options { states: StateLimits::complete(), ..Options::default() };
    let mut matcher = Matcher::with_options(set, options);
    if let Some(known) = known {
        matcher.use_indicators(known.index.clone());
    }
    let writer = Writer::new(set.rules.iter().map(|rule| rule.info), None);
    let mut alerts = Vec::new();
    let mut add = |outcome: Outcome<'_, '_>| {
        for finding in outcome.findings() {
            let draft = Draft::new(&finding, set, known);
            let text = if draft.has_own_fields() { "{}" } else { events[draft.event as usize] };
            let alert = writer.finding(&draft, &Source::new(text.as_bytes())).text;
            alerts.push(serde_json::from_str(&alert).unwrap_or_else(|error| panic!("{error}: {alert}")));
        }
    };
    for (number, event) in (0..).zip(events) {
        add(matcher.json(event.as_bytes(), EventRef(number)).unwrap());
    }
    add(matcher.finish());
    alerts
}

#[test]
fn new_terms_stand_in_the_alert_of_the_event() {
    let set = set(
        "type = \"new_terms\"\nquery = \"t: a\"\nnew_terms_fields = [\"process.pid\", \"u\"]\nhistory_window_start = \"now-7d\"",
    );
    let event = r#"{"@timestamp":"2026-01-01T00:00:00Z","t":"a","process":{"pid":7},"u":["x","y"],"event":{"id":"e"}}"#;
    let found = alerts(set, &[event], None);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["kibana.alert.new_terms"], serde_json::json!([7, "x"]));
    assert_eq!(found[1]["kibana.alert.new_terms"], serde_json::json!([7, "y"]));
    assert_eq!(found[0]["kibana.alert.rule.type"], "new_terms");
    assert_eq!(found[0]["process"]["pid"], 7);
    assert_ne!(found[0]["kibana.alert.uuid"], found[1]["kibana.alert.uuid"]);
    assert_eq!(found[0]["kibana.alert.ancestors"][0]["id"], "e");
}

#[test]
fn the_alert_of_a_threshold_has_the_fields_of_its_group() {
    let set = set(
        "type = \"threshold\"\nquery = \"t: a\"\nfrom = \"now-1m\"\n[rule.threshold]\nfield = [\"u\", \"source.ip\"]\nvalue = 2\n\
         [[rule.threshold.cardinality]]\nfield = \"d\"\nvalue = 2",
    );
    let event = |second: u8, d: u8| {
        format!(
            r#"{{"@timestamp":"2026-01-01T00:00:0{second}Z","t":"a","u":"x","source":{{"ip":"10.0.0.1"}},"d":{d},"event":{{"id":"e"}}}}"#
        )
    };
    let events = [event(1, 1), event(5, 2), event(3, 2)];
    let events: Vec<_> = events.iter().map(String::as_str).collect();
    let found = alerts(set, &events, None);
    assert_eq!(found.len(), 1);
    let alert = &found[0];
    let expected = serde_json::json!({
        "terms": [{"field": "u", "value": "x"}, {"field": "source.ip", "value": "10.0.0.1"}],
        "cardinality": [{"field": "d", "value": 2}],
        "count": 3,
        "from": "2026-01-01T00:00:00.000Z",
    });
    assert_eq!(alert["kibana.alert.threshold_result"], expected);
    assert_eq!(alert["kibana.alert.original_time"], "2026-01-01T00:00:05.000Z");
    assert_eq!((&alert["u"], &alert["source.ip"]), (&"x".into(), &"10.0.0.1".into()));
    assert!(alert.get("t").is_none() && alert.get("event").is_none(), "only the group's fields: {alert}");
    assert_eq!(alert["event.kind"], "signal");
    assert_eq!(alerts(set, &events, None)[0]["kibana.alert.uuid"], alert["kibana.alert.uuid"]);
}

#[test]
fn without_cardinality_there_is_none() {
    let set = set("type = \"threshold\"\nquery = \"t: a\"\n[rule.threshold]\nfield = []\nvalue = 1");
    let found = alerts(set, &[r#"{"@timestamp":0,"t":"a"}"#], None);
    assert_eq!(found[0]["kibana.alert.threshold_result"]["cardinality"], serde_json::json!([]));
    assert_eq!(found[0]["kibana.alert.threshold_result"]["terms"], serde_json::json!([]));
}

#[test]
fn suppressed_alerts_are_told_by_their_first() {
    let set = set(
        "type = \"query\"\nquery = \"t: a\"\n[rule.alert_suppression]\ngroup_by = [\"u\", \"v\"]\nduration = { value = 1, unit = \"m\" }",
    );
    let events = [
        r#"{"@timestamp":"2026-01-01T00:00:01Z","t":"a","u":["x","y"],"n":1}"#,
        r#"{"@timestamp":"2026-01-01T00:00:09Z","t":"a","u":["y","x"],"n":2}"#,
    ];
    let found = alerts(set, &events, None);
    assert_eq!(found.len(), 1);
    let alert = &found[0];
    let terms = serde_json::json!([{"field": "u", "value": ["x", "y"]}, {"field": "v", "value": null}]);
    assert_eq!(alert["kibana.alert.suppression.terms"], terms);
    assert_eq!(alert["kibana.alert.suppression.start"], "2026-01-01T00:00:01.000Z");
    assert_eq!(alert["kibana.alert.suppression.end"], "2026-01-01T00:00:09.000Z");
    assert_eq!(alert["kibana.alert.suppression.docs_count"], 1);
    assert_eq!(alert["n"], 1);
}

const THREAT: &str = "type = \"threat_match\"\nquery = \"t: a\"\nthreat_index = [\"ti\"]\nthreat_query = \"event.module: ti\"\n\
                      [[rule.threat_mapping]]\n[[rule.threat_mapping.entries]]\nfield = \"source.ip\"\ntype = \"mapping\"\n\
                      value = \"threat.indicator.ip\"";

/// Writes a file of indicators and reads it; gives what was wrong too.
fn read(set: &'static RuleSet<'static>, name: &str, text: &str, any: bool) -> (Known, Vec<String>) {
    let path: PathBuf = std::env::temp_dir().join(format!("kiln-{}-{name}", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let mut wrong = Vec::new();
    let known = indicators::read(set, std::slice::from_ref(&path), any, &mut |_, line, reason| {
        wrong.push(format!("{line}: {reason}"));
    });
    std::fs::remove_file(&path).unwrap();
    (known, wrong)
}

#[test]
fn indicators_enrich_the_alert() {
    let set = set(THREAT);
    let text = "{\"_id\":\"i1\",\"_index\":\"ti-1\",\"event\":{\"module\":\"ti\"},\"threat\":{\"indicator\":{\"ip\":\"10.0.0.1\",\"type\":\"ip\"}}}\n\n\
                not JSON\n{\"event.module\":\"other\",\"threat.indicator.ip\":\"10.0.0.1\"}\n\
                {\"event.module\":\"ti\",\"threat.indicator.ip\":[\"10.0.0.1\",\"10.0.0.2\"]}";
    let (known, wrong) = read(set, "list.ndjson", text, false);
    assert_eq!((known.index.count(), wrong.len()), (2, 1), "{wrong:?}");
    assert!(wrong[0].starts_with("3: "), "{wrong:?}");
    let found = alerts(set, &[r#"{"t":"a","source":{"ip":"10.0.0.1"}}"#], Some(&known));
    assert_eq!(found.len(), 1);
    let enrichments = &found[0]["threat.enrichments"];
    assert_eq!(enrichments.as_array().unwrap().len(), 2);
    let first = serde_json::json!({
        "indicator": {"ip": "10.0.0.1", "type": "ip"},
        "matched": {
            "atomic": "10.0.0.1", "field": "source.ip", "id": "i1", "index": "ti-1", "type": "indicator_match_rule",
        },
    });
    assert_eq!(enrichments[0], first);
    assert_eq!(enrichments[1]["indicator"]["ip"][1], "10.0.0.2");
    assert!(alerts(set, &[r#"{"t":"a","source":{"ip":"10.0.0.3"}}"#], Some(&known)).is_empty());
    assert!(alerts(set, &[r#"{"t":"a","source":{"ip":"10.0.0.1"}}"#], None).is_empty());
}

#[test]
fn lists_of_ones_own_need_no_query() {
    let set = set(THREAT);
    let text = "threat.indicator.ip,threat.indicator.description\n10.0.0.1,\"bad, very bad\"\n";
    assert_eq!(read(set, "own.csv", text, false).0.index.count(), 0);
    let (known, wrong) = read(set, "own2.CSV", text, true);
    assert_eq!((known.index.count(), wrong.len()), (1, 0));
    let found = alerts(set, &[r#"{"t":"a","source":{"ip":"10.0.0.1"}}"#], Some(&known));
    assert_eq!(found[0]["threat.enrichments"][0]["indicator"]["description"], "bad, very bad");
}

#[test]
fn the_fields_of_an_indicator_stand_below_its_path() {
    let path = "threat.indicator";
    let text = r#"{"threat":{"indicator":{"ip":"1.2.3.4","x":[1]},"feed":1}}"#;
    assert_eq!(object_at(text, path), r#"{"ip":"1.2.3.4","x":[1]}"#);
    assert_eq!(object_at(r#"{"threat.indicator.ip":"a","threat.indicatorx":1}"#, path), r#"{"ip":"a"}"#);
    assert_eq!(object_at(r#"{"threat":{"indicator.file.name":"a"}}"#, path), r#"{"file.name":"a"}"#);
    assert_eq!(object_at("{}", path), "{}");
}
