use kiln::info::{Info, Technique, Threat, ThreatEntry};
use serde_json::Value;

use super::*;

const RULE: RuleInfo<'static> = RuleInfo {
    rule_id: "7f0c8a9e-0000-4000-8000-000000000001",
    name: "Curl \"Proxy\"",
    severity: Severity::Low,
    risk_score: 21,
    version: Some(2),
    tags: &["OS: Linux"],
    threat: &[Threat {
        framework: "MITRE ATT&CK",
        tactic: ThreatEntry { id: "TA0011", name: "Command and Control", reference: "https://example.com" },
        techniques: &[Technique {
            entry: ThreatEntry { id: "T1090", name: "Proxy", reference: "" },
            subtechniques: &[ThreatEntry { id: "T1090.002", name: "External Proxy", reference: "" }],
        }],
    }],
    ..RuleInfo::EMPTY
};

fn single(event: &str) -> Value {
    let text =
        Writer::new([Info::from(&RULE)].into_iter(), None).single(0, &Source::new(event.as_bytes())).text;
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn an_alert_names_its_rule_and_keeps_its_event() {
    let alert =
        single(r#"{"@timestamp":"2026-01-01T00:00:00Z","event":{"kind":"event","id":"e1"},"x":{"y":1.50}}"#);
    assert_eq!(alert["@timestamp"], "2026-01-01T00:00:00Z");
    assert_eq!(alert["kibana.alert.original_time"], "2026-01-01T00:00:00Z");
    assert_eq!(alert["kibana.alert.rule.name"], "Curl \"Proxy\"");
    assert_eq!(alert["kibana.alert.rule.version"], 2);
    assert_eq!(alert["kibana.alert.rule.threat"][0]["technique"][0]["subtechnique"][0]["id"], "T1090.002");
    assert_eq!(alert["kibana.alert.severity"], "low");
    assert_eq!(alert["kibana.alert.risk_score"], 21);
    assert_eq!(alert["kibana.alert.depth"], 1);
    assert_eq!(alert["kibana.alert.ancestors"][0]["id"], "e1");
    assert_eq!(alert["event"]["kind"], "signal");
    assert_eq!(alert["event"]["id"], "e1");
    assert_eq!(alert["kibana.alert.original_event.kind"], "event");
    assert_eq!(alert["x"]["y"].to_string(), "1.50");
    assert!(alert.get("kibana.alert.building_block_type").is_none());
}

#[test]
fn fields_keep_their_order_and_spelling() {
    let event = r#"{"z":1e2,"a":"é","event":{"b":1,"kind":"x"},"m": [1, 2]}"#;
    let text =
        Writer::new([Info::from(&RULE)].into_iter(), None).single(0, &Source::new(event.as_bytes())).text;
    assert!(text.ends_with(r#","z":1e2,"a":"é","event":{"b":1,"kind":"signal"},"m":[1, 2]}"#), "{text}");
}

#[test]
fn the_kind_is_set_in_every_spelling() {
    assert_eq!(single(r#"{"event.kind":"alert"}"#)["event.kind"], "signal");
    assert_eq!(single(r#"{"event.kind":"alert"}"#)["kibana.alert.original_event.kind"], "alert");
    assert_eq!(single("{}")["event.kind"], "signal");
    assert_eq!(single(r#"{"event":{}}"#)["event"]["kind"], "signal");
    let nested = single(r#"{"event":{"a":{"b":2}},"event.c":{"d":3}}"#);
    assert_eq!(nested["kibana.alert.original_event.a.b"], 2);
    assert_eq!(nested["kibana.alert.original_event.c.d"], 3);
}

#[test]
fn ids_follow_from_rule_and_event() {
    let id = |event: &str| single(event)["kibana.alert.uuid"].clone();
    assert_eq!(id(r#"{"event":{"id":"e1"},"x":1}"#), id(r#"{"event":{"id":"e1"},"x":2}"#));
    assert_ne!(id(r#"{"x":1}"#), id(r#"{"x":2}"#));
    assert_eq!(id(r#"{"x":1}"#), id("{\"x\":1}\r"));
}

#[test]
fn an_alert_on_an_alert_is_one_deeper() {
    let event = r#"{"kibana.alert.uuid":"u1","kibana.alert.depth":2,"kibana.alert.rule.rule_id":"r1",
        "kibana.alert.ancestors":[{"id":"e0","type":"event","index":"","depth":0}],"kibana":{"x":1}}"#;
    let alert = single(event);
    assert_eq!(alert["kibana.alert.depth"], 3);
    assert_eq!(alert["kibana.alert.ancestors"].as_array().unwrap().len(), 2);
    assert_eq!(alert["kibana.alert.ancestors"][1]["id"], "u1");
    assert_eq!(alert["kibana.alert.ancestors"][1]["type"], "signal");
    assert_eq!(alert["kibana.alert.ancestors"][1]["rule"], "r1");
    assert!(alert.get("kibana").is_none());
}

#[test]
fn a_line_that_is_no_json_is_kept_as_text() {
    let alert = single(r#"{"event":{"id":"e1"},"x":01}"#);
    assert_eq!(alert["event"]["original"], r#"{"event":{"id":"e1"},"x":01}"#);
    assert_eq!(alert["event"]["kind"], "signal");
}

#[test]
fn a_time_can_be_set() {
    let writer = Writer::new([Info::from(&RULE)].into_iter(), Some("2030-01-01T00:00:00Z"));
    let text = writer.single(0, &Source::new(br#"{"@timestamp":17}"#)).text;
    let alert: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(alert["@timestamp"], "2030-01-01T00:00:00Z");
    assert_eq!(alert["kibana.alert.original_time"], 17);
    assert!(single("{}").get("@timestamp").is_none());
    assert!(check_time("yesterday").is_err() && check_time("2026-01-31").is_ok());
}

#[test]
fn a_group_has_building_blocks_and_a_shell() {
    let writer = Writer::new([Info::from(&RULE)].into_iter(), None);
    let events = [
        r#"{"@timestamp":"T1","event":{"id":"e1","kind":"event"},"host":{"name":"h","ip":[1]},"n":1}"#,
        r#"{"@timestamp":"T2","event":{"id":"e2","kind":"event"},"host":{"name":"h","ip":[2]},"n":1}"#,
    ];
    let members = events.map(|event| Member::Event(event.as_bytes()));
    let alerts: Vec<Value> = writer
        .group(0, &members, "")
        .iter()
        .map(|alert| serde_json::from_str(&alert.text).unwrap())
        .collect();
    let [first, second, shell] = &alerts[..] else { panic!("three alerts") };
    assert_eq!(first["kibana.alert.building_block_type"], "default");
    assert_eq!(first["kibana.alert.group.index"], 0);
    assert_eq!(second["kibana.alert.group.index"], 1);
    assert_eq!(first["kibana.alert.group.id"], shell["kibana.alert.group.id"]);
    assert!(shell.get("kibana.alert.building_block_type").is_none());
    assert!(shell.get("kibana.alert.group.index").is_none());
    assert_eq!(shell["host"], serde_json::json!({"name": "h"}));
    assert_eq!(shell["n"], 1);
    assert!(shell["event"].get("id").is_none());
    assert_eq!(shell["@timestamp"], "T2");
    assert_eq!(shell["kibana.alert.depth"], 2);
    let ids: Vec<_> =
        shell["kibana.alert.ancestors"].as_array().unwrap().iter().map(|a| a["id"].clone()).collect();
    assert_eq!(
        ids,
        ["e1".into(), first["kibana.alert.uuid"].clone(), "e2".into(), second["kibana.alert.uuid"].clone()]
    );
}

#[test]
fn a_group_survives_the_loss_of_a_member() {
    let writer = Writer::new([Info::from(&RULE)].into_iter(), None);
    let alerts = writer.group(0, &[Member::Gone(7), Member::Event(br#"{"n":1}"#)], "");
    assert_eq!(alerts.len(), 3);
    assert!(alerts.iter().all(|alert| serde_json::from_str::<Value>(&alert.text).is_ok()));
}
