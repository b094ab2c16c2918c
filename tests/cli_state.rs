//! `kiln scan` with rules that look at more than one event: thresholds, new terms, suppression.
#![cfg(feature = "cli")]

mod cli;

use cli::{DULL, Folder, kiln};
use serde_json::{Value, json};

const THRESHOLD: &str = "Logins of Many Users Fail from One Address";
const NEW_TERMS: &str = "Driver Loaded That Was Not Seen Before";
const SUPPRESSED: &str = "PowerShell Started with an Encoded Command";

/// A login that fails: minute, second, user.
fn failure(minute: u32, second: u32, user: &str) -> String {
    format!(
        r#"{{"@timestamp":"2026-02-03T05:{minute:02}:{second:02}.000Z","event":{{"category":["authentication"],"action":"ssh_login","outcome":"failure","id":"{minute}-{second}"}},"host":{{"id":"h1","os":{{"type":"linux"}}}},"source":{{"ip":"198.51.100.7"}},"user":{{"name":"{user}"}}}}"#
    )
}

/// Twelve of them by six users.
fn failures(minute: u32) -> Vec<String> {
    (0..12)
        .map(|number| failure(minute, number, ["a", "b", "c", "d", "e", "f"][number as usize % 6]))
        .collect()
}

fn driver(day: u32, hash: &str, host: &str) -> String {
    format!(
        r#"{{"@timestamp":"2026-02-{day:02}T00:00:00Z","event":{{"category":"driver","action":"load","id":"{day}-{host}"}},"host":{{"name":"{host}","os":{{"type":"windows"}}}},"dll":{{"hash":{{"sha256":"{hash}"}}}}}}"#
    )
}

fn powershell(minute: u32, host: &str) -> String {
    format!(
        r#"{{"@timestamp":"2026-02-03T05:{minute:02}:00Z","event":{{"category":["process"],"type":["start"],"action":"start","id":"p{minute}-{host}"}},"host":{{"id":"{host}","os":{{"type":"windows"}}}},"process":{{"name":"powershell.exe","args":["powershell.exe","-enc","SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA"],"command_line":"powershell.exe -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA","parent":{{"name":"cmd.exe","executable":"C:\\Windows\\System32\\cmd.exe"}}}}}}"#
    )
}

fn alerts_of(alerts: &[Value], rule: &str) -> Vec<Value> {
    alerts.iter().filter(|alert| alert["kibana.alert.rule.name"] == rule).cloned().collect()
}

#[test]
fn a_threshold_is_reported_at_the_end_with_its_count() {
    let folder = Folder::new("state-threshold");
    let (early, late) =
        failures(1).into_iter().chain(failures(21)).partition::<Vec<_>, _>(|event| event.len() % 2 == 0);
    // Two files in no order; and a stream.
    let files = [folder.file("b.ndjson", late.join("\n")), folder.file("a.ndjson", early.join("\n"))];
    let all = [late, early].concat().join("\n");
    let run = kiln(["scan", &files[0], &files[1]]).run().ended(0);
    let alerts = run.json();
    assert_eq!(alerts.len(), 2, "{}", run.stdout);
    let result = &alerts[0]["kibana.alert.threshold_result"];
    assert_eq!(result["count"], 12);
    assert_eq!(result["cardinality"], json!([{"field": "user.name", "value": 6}]));
    assert_eq!(result["terms"][0], json!({"field": "source.ip", "value": "198.51.100.7"}));
    assert_eq!(result["from"], "2026-02-03T05:00:00.000Z");
    assert_eq!(alerts[0]["@timestamp"], "2026-02-03T05:01:11.000Z");
    assert_eq!(
        (&alerts[0]["host.id"], &alerts[0]["kibana.alert.rule.name"]),
        (&json!("h1"), &json!(THRESHOLD))
    );
    assert!(alerts[0].get("user").is_none(), "only the fields of the group");
    for threads in ["1", "3"] {
        assert_eq!(kiln(["scan", "--threads", threads]).stdin(all.clone()).run().ended(0).stdout, run.stdout);
    }
}

#[test]
fn of_a_stream_it_is_reported_at_once_with_the_count_so_far() {
    let run = kiln(["scan", "--reorder", "0"]).stdin(failures(1).join("\n")).run().ended(0);
    let [alert] = &run.json()[..] else { panic!("one alert: {}", run.stdout) };
    assert_eq!(alert["kibana.alert.threshold_result"]["count"], 10);
    assert_eq!(alert["@timestamp"], "2026-02-03T05:01:09.000Z");
}

#[test]
fn new_terms_carry_their_values() {
    let lines = [driver(1, "aa", "h1"), DULL.to_owned(), driver(2, "aa", "h2"), driver(3, "bb", "h2")];
    let run = kiln(["scan"]).stdin(lines.join("\n")).run().ended(0);
    let alerts = alerts_of(&run.json(), NEW_TERMS);
    let terms: Vec<_> = alerts.iter().map(|alert| &alert["kibana.alert.new_terms"]).collect();
    assert_eq!(terms, [&json!(["aa"]), &json!(["bb"])]);
    assert_eq!(alerts[1]["event"]["id"], "3-h2");
    assert_eq!(alerts[1]["dll"]["hash"]["sha256"], "bb");
}

#[test]
fn suppressed_alerts_are_one_with_the_text_of_the_first() {
    let lines =
        [powershell(1, "h1"), powershell(2, "h1"), powershell(3, "h2"), powershell(4, "h1")].join("\n");
    let folder = Folder::new("state-suppression");
    let file = folder.file("a.ndjson", &lines);
    let run = kiln(["scan", &file]).run().ended(0);
    let alerts = alerts_of(&run.json(), SUPPRESSED);
    assert_eq!(alerts.len(), 2, "{}", run.stdout);
    assert_eq!(alerts[0]["event"]["id"], "p1-h1");
    assert_eq!(alerts[0]["kibana.alert.suppression.docs_count"], 2);
    assert_eq!(alerts[0]["kibana.alert.suppression.start"], "2026-02-03T05:01:00.000Z");
    assert_eq!(alerts[0]["kibana.alert.suppression.end"], "2026-02-03T05:04:00.000Z");
    let terms = json!([
        {"field": "host.id", "value": "h1"},
        {"field": "process.parent.executable", "value": "C:\\Windows\\System32\\cmd.exe"},
    ]);
    assert_eq!(alerts[0]["kibana.alert.suppression.terms"], terms);
    assert_eq!(
        (&alerts[1]["event"]["id"], &alerts[1]["kibana.alert.suppression.docs_count"]),
        (&json!("p3-h2"), &json!(0))
    );
    // A stream cannot be read again: its texts are kept.
    assert_eq!(kiln(["scan"]).stdin(lines.clone()).run().ended(0).stdout, run.stdout);
    let early = kiln(["scan", "--reorder", "0"]).stdin(lines).run().ended(0);
    let counts: Vec<_> = alerts_of(&early.json(), SUPPRESSED)
        .iter()
        .map(|alert| alert["kibana.alert.suppression.docs_count"].clone())
        .collect();
    assert_eq!(counts, [0, 0]);
}

const SEQUENCE: &str = r#"
[rule]
name = "A then B"
rule_id = "6a7e0000-0000-4000-8000-000000000001"
type = "eql"
language = "eql"
description = "d"
author = ["a"]
severity = "low"
risk_score = 21
index = ["logs-*"]
query = 'sequence by process.pid [process where process.name == "a.exe"] [process where process.name == "b.exe"]'

[rule.alert_suppression]
group_by = ["host.id"]
duration = { value = 1, unit = "h" }
"#;

fn step(minute: u32, name: &str, pid: u32, host: &str) -> String {
    format!(
        r#"{{"@timestamp":"2026-02-03T05:{minute:02}:00Z","event":{{"category":"process","id":"{name}{pid}"}},"host":{{"id":"{host}"}},"process":{{"name":"{name}.exe","pid":{pid}}}}}"#
    )
}

#[test]
fn sequences_that_share_what_is_asked_for_are_one_alert() {
    let folder = Folder::new("state-sequence");
    let rule = folder.file("rule.toml", SEQUENCE);
    let pairs = [(1, "h1"), (2, "h2"), (3, "h1"), (4, "h1")];
    let lines =
        pairs.map(|(pid, host)| format!("{}\n{}", step(pid, "a", pid, host), step(pid + 1, "b", pid, host)));
    let text = lines.join("\n");
    let file = folder.file("a.ndjson", &text);
    let run = kiln(["scan", "--rules-from", &rule, &file]).run().ended(0);
    let alerts = run.json();
    let (blocks, shells): (Vec<_>, Vec<_>) =
        alerts.iter().partition(|alert| alert.get("kibana.alert.group.index").is_some());
    let ids: Vec<_> = blocks.iter().map(|alert| alert["event"]["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a1", "b1", "a2", "b2"], "those of suppressed sequences are not there: {}", run.stdout);
    let counts: Vec<_> = shells.iter().map(|alert| &alert["kibana.alert.suppression.docs_count"]).collect();
    assert_eq!(counts, [&json!(2), &json!(0)]);
    assert_eq!(shells[0]["kibana.alert.suppression.terms"], json!([{"field": "host.id", "value": "h1"}]));
    assert_eq!(shells[0]["kibana.alert.suppression.start"], "2026-02-03T05:02:00.000Z");
    assert_eq!(shells[0]["kibana.alert.suppression.end"], "2026-02-03T05:05:00.000Z");
    assert!(blocks.iter().all(|alert| alert.get("kibana.alert.suppression.terms").is_none()));
    // A stream cannot be read again: the texts of all events are kept until their alert comes out.
    for threads in ["1", "3"] {
        let scan = kiln(["scan", "--threads", threads, "--rules-from", &rule]).stdin(text.clone());
        assert_eq!(scan.run().ended(0).stdout, run.stdout);
    }
    let early = kiln(["scan", "--reorder", "0", "--rules-from", &rule]).stdin(text).run().ended(0);
    let groups =
        early.json().iter().filter(|alert| alert["kibana.alert.suppression.docs_count"] == 0).count();
    assert_eq!((early.json().len(), groups), (6, 2), "{}", early.stdout);
    let tried = kiln(["try", &rule, &file]).run().ended(0).json();
    assert_eq!(tried[0]["suppressed"]["docs_count"], 2);
    assert_eq!((tried.len(), &tried[1]["suppressed"]["values"]), (2, &json!([["h2"]])));
}

#[test]
fn what_gives_way_is_counted() {
    let lines: Vec<_> = (0..20).map(|number| driver(1, &format!("hash-{number}"), "h")).collect();
    let run = kiln(["scan", "--pending", "4"]).stdin(lines.join("\n")).run().ended(0);
    assert_eq!(run.json().len(), 20);
    let message = "16 records of rules with state given up for lack of room (--pending)";
    assert!(run.stderr.contains(message), "{}", run.stderr);
}

#[test]
fn events_without_a_time_are_told() {
    let line = driver(1, "aa", "h").replace("\"@timestamp\":\"2026-02-01T00:00:00Z\",", "");
    let run = kiln(["scan"]).stdin(line).run().ended(0);
    assert!(run.stdout.is_empty());
    assert!(
        run.stderr.contains("1 event without a time, which rules with state leave out"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_cap_counts_alerts_of_all_types() {
    let lines: Vec<_> = (0..130).map(|number| driver(1, &format!("hash-{number}"), "h")).collect();
    let run = kiln(["scan", "--max-signals"]).stdin(lines.join("\n")).run().ended(0);
    assert_eq!(run.json().len(), 100);
    assert!(run.stderr.contains("30 alerts left out"), "{}", run.stderr);
}

const HEAD: &str = "[rule]\nname = \"R\"\nrule_id = \"5a7e0000-0000-4000-8000-0000000000ac\"\nlanguage = \"kuery\"\n\
                    description = \"d\"\nauthor = [\"a\"]\nseverity = \"low\"\nrisk_score = 21\nindex = [\"x\"]\n";

#[test]
fn indicators_come_from_files_of_their_own() {
    let folder = Folder::new("state-threat");
    let rule = folder.file(
        "threat.toml",
        format!(
            "{HEAD}type = \"threat_match\"\nquery = \"t: a\"\nthreat_index = [\"ti\"]\nthreat_query = \"event.module: ti\"\n\
             [[rule.threat_mapping]]\n[[rule.threat_mapping.entries]]\nfield = \"source.ip\"\ntype = \"mapping\"\n\
             value = \"threat.indicator.ip\""
        ),
    );
    let list = folder.file("list.csv", "threat.indicator.ip,threat.indicator.type\n10.0.0.1,ipv4-addr\n");
    let events =
        "{\"t\":\"a\",\"source\":{\"ip\":\"10.0.0.1\"}}\n{\"t\":\"a\",\"source\":{\"ip\":\"10.0.0.2\"}}\n";
    let scan =
        |more: &[&str]| kiln(["scan", "--rules-from", &rule].iter().chain(more)).stdin(events).run().ended(0);
    let run = scan(&["--indicators", &list, "--any-indicator"]);
    let [alert] = &run.json()[..] else { panic!("one alert: {}", run.stdout) };
    let matched = &alert["threat.enrichments"][0];
    assert_eq!(matched["indicator"]["type"], "ipv4-addr");
    assert_eq!(
        (&matched["matched"]["atomic"], &matched["matched"]["field"]),
        (&json!("10.0.0.1"), &json!("source.ip"))
    );
    assert!(run.stderr.contains("1 indicator for 1 rule"), "{}", run.stderr);
    assert!(scan(&["--indicators", &list]).stdout.is_empty(), "it is not of the feed that the rule asks for");
    let without = scan(&[]);
    assert!(without.stderr.contains("1 rule of type threat_match find nothing"), "{}", without.stderr);
    kiln(["scan", "--any-indicator"]).stdin("").run().ended(2);
}

#[test]
fn excepted_events_do_not_count() {
    let folder = Folder::new("state-exceptions");
    let rule = folder.file(
        "threshold.toml",
        format!(
            "{HEAD}type = \"threshold\"\nquery = \"t: a\"\n\
             exceptions_list = [{{ id = \"x\", list_id = \"known\", type = \"detection\", namespace_type = \"single\" }}]\n\
             [rule.threshold]\nfield = []\nvalue = 2\n"
        ),
    );
    let list = folder.file(
        "known.toml",
        "[[lists]]\nlist_id = \"known\"\nitems = [{ entries = [{ field = \"u\", type = \"match\", value = \"b\" }] }]\n",
    );
    let event =
        |second: u8, user: &str| format!("{{\"@timestamp\":{second},\"t\":\"a\",\"u\":\"{user}\"}}\n");
    let counts = |events: &[String]| {
        let args = ["scan", "--rules-from", &rule, "--exceptions", &list];
        let run = kiln(args).stdin(events.concat()).run().ended(0);
        run.json()
            .iter()
            .map(|alert| alert["kibana.alert.threshold_result"]["count"].clone())
            .collect::<Vec<_>>()
    };
    assert!(counts(&[event(1, "a"), event(2, "b"), event(3, "b")]).is_empty());
    assert_eq!(counts(&[event(1, "a"), event(2, "b"), event(3, "c")]), [2]);
}

#[test]
fn indicators_that_nobody_asks_for_are_told() {
    let folder = Folder::new("state-unasked");
    let file = folder.file("i.ndjson", "{}\n");
    let args = ["scan", "--indicators", &file, "-"];
    let run = kiln(args).stdin("").run().ended(0);
    assert!(run.stderr.contains("the indicators are not read"), "{}", run.stderr);
    let run = kiln(["scan", "--quiet", "--indicators", "/no/such/file", "-"]).stdin("").run().ended(1);
    assert!(run.stderr.contains("/no/such/file: no such file"), "{}", run.stderr);
}
