//! Rules that are loaded at start: exceptions, overlays, exports, checkouts, and the load report.
#![cfg(feature = "cli")]

mod cli;

use cli::{CURL, Folder, guessing, kiln};
use serde_json::json;

const CURL_ID: &str = "cd9312fe-9b37-4284-bb95-63970de81838";

fn rule(id: u32, more: &str) -> String {
    let query = if more.contains("query") { "" } else { "query = 'any where user.name == \"x\"'\n" };
    let rule_type = if more.starts_with("type =") { "" } else { "type = \"eql\"\n" };
    format!(
        "[rule]\nname = \"Rule {id}\"\nrule_id = \"00000000-0000-4000-8000-{id:012}\"\n{rule_type}description = \"d\"\n\
         author = [\"a\"]\nrisk_score = 21\nseverity = \"low\"\n{query}{more}\n"
    )
}

fn id(id: u32) -> String {
    format!("00000000-0000-4000-8000-{id:012}")
}

#[test]
fn the_shipped_rules_with_exceptions() {
    let folder = Folder::new("sets-exceptions");
    let events = folder.file("events.ndjson", format!("{CURL}\n"));
    let list = folder.file(
        "lists/known.yml",
        "list_id: known\nitems:\n- name: The proxy\n  entries:\n  - {field: user.name, type: list, list: {id: users, type: keyword}}\n",
    );
    folder.file("lists/users.txt", "alice\nbob\n");
    let overlay = folder.file(
        "site.toml",
        format!("[[rules]]\nrule_id = \"{CURL_ID}\"\nexceptions = [\"known\"]\nseverity = \"high\"\n"),
    );
    kiln(["scan", &events, "--exit-code"]).run().ended(3);
    let run = kiln(["scan", &events, "--exceptions", &folder.path(), "--overlay", &overlay]).run();
    assert_eq!(run.code, 1, "a folder of lists holds lists: {}", run.stderr);
    let lists = list.strip_suffix("/known.yml").unwrap();
    let run =
        kiln(["scan", &events, "--exit-code", "--overlay", &overlay, "--exceptions", lists]).run().ended(0);
    assert_eq!(run.stdout, "");
    // Without the list, the overlay says so at its place, and the rule has its other severity.
    let run = kiln(["scan", &events, "--exit-code", "--overlay", &overlay]).run().ended(3);
    assert!(
        run.stderr.contains("site.toml:3:") && run.stderr.contains("`known` is not given"),
        "{}",
        run.stderr
    );
    assert_eq!(run.json()[0]["kibana.alert.severity"], "high");
}

#[test]
fn the_site_of_the_examples() {
    let curl = |args: &[&str]| {
        let run = kiln([&["scan", "examples/events", "--rule", CURL_ID], args].concat()).run().ended(0);
        let alert = |alert: &serde_json::Value| {
            let text = |key: &str| alert[key].as_str().unwrap_or_default().to_owned();
            (alert["host"]["hostname"].as_str().unwrap_or_default().to_owned(), text("kibana.alert.severity"))
        };
        run.json().iter().map(alert).collect::<Vec<_>>()
    };
    let of = |host: &str, severity: &str| (host.to_owned(), severity.to_owned());
    assert_eq!(curl(&[]), [of("web-01", "low"), of("web-01", "low"), of("dev-04", "low")]);
    let site = ["--overlay", "examples/site/overlay.toml", "--exceptions", "examples/site/exceptions"];
    assert_eq!(curl(&site), [of("web-01", "medium"), of("web-01", "medium")]);
    kiln([&["check", "rules", "--deny", "warnings", "--strict"], &site[..]].concat()).run().ended(0);
}

#[test]
fn a_sequence_with_exceptions() {
    let folder = Folder::new("sets-sequence");
    let events = folder.file("events.ndjson", guessing("db-02").join("\n"));
    let ssh = "SSH Password Guessing*";
    kiln(["scan", &events, "--rule", ssh, "--exit-code"]).run().ended(3);
    let shipped = kiln(["rules", "--json", ssh]).run().ended(0).json();
    let id = shipped[0]["rule_id"].as_str().expect("a rule has an id");
    let overlay = folder.file(
        "site.yml",
        format!(
            "rules:\n- rule_id: {id}\n  items:\n  - entries:\n    - {{field: event.id, type: match, value: db-02-3}}\n"
        ),
    );
    kiln(["scan", &events, "--rule", ssh, "--exit-code", "--overlay", &overlay]).run().ended(0);
}

#[test]
fn overlays_change_rules_in_order() {
    let folder = Folder::new("sets-overlays");
    let rules = folder.file("rules/a.toml", rule(1, "tags = [\"One\", \"Two\"]"));
    folder.file("rules/b.toml", rule(2, "enabled = false"));
    let first = folder.file(
        "first.toml",
        format!(
            "[[rules]]\nrule_id = [\"{}\", \"{}\"]\nseverity = \"critical\"\nrisk_score = 99\nadd_tags = [\"Three\"]\n\
             remove_tags = [\"One\"]\nenabled = true\n[[rules]]\nrule_id = \"{}\"\nenabled = false\n",
            id(1),
            id(2),
            id(7)
        ),
    );
    let second = folder
        .file("second.yaml", format!("rules:\n- rule_id: {}\n  enabled: false\n  severity: medium\n", id(1)));
    let folder = rules.strip_suffix("/a.toml").unwrap();
    let run = kiln(["rules", "--json", "--rules-from", folder, "--overlay", &first, "--overlay", &second])
        .run()
        .ended(0);
    let rules = run.json();
    assert_eq!(rules[0]["severity"], "medium");
    assert_eq!(rules[0]["risk_score"], 99);
    assert_eq!(rules[0]["tags"], json!(["Two", "Three"]));
    assert_eq!((&rules[0]["enabled"], &rules[1]["enabled"]), (&json!(false), &json!(true)));
    assert!(
        run.stderr.contains("first.toml:9:") && run.stderr.contains("no rule has the id"),
        "{}",
        run.stderr
    );
    let strict = |kinds: &str| {
        kiln(["rules", "--rules-from", folder, "--overlay", &first, "--overlay", &second, kinds]).run()
    };
    let run = strict("--strict").ended(1);
    let line = format!("a.toml:1:1: disabled `Rule 1`: switched off by the overlay {second}:3\n");
    assert!(run.stderr.contains(&line), "{}", run.stderr);
    // Who switches rules off on purpose asks for the rest.
    strict("--strict=broken,duplicate,unsupported,unknown-fields").ended(0);
    strict("--strict=all").ended(1);
    strict("--strict=disabled").ended(1);
    strict("--strict=disable").ended(2);
    kiln(["rules", "--rules-from", folder, "--strict"]).run().ended(1);
    let run = kiln(["rules", "--rules-from", folder, "--overlay", &second, "--report"]).run().ended(0);
    let overlay = format!("switched off by the overlay {second}:3");
    assert!(run.stdout.contains(&overlay) && run.stdout.contains("`enabled` is false"), "{}", run.stdout);
    kiln(["rules", "--report"]).run().ended(2);
}

/// An export as Kibana writes it: rules, a list, its item, a connector, the counts.
fn export() -> String {
    let rule = json!({
        "id": "1", "updated_at": "2026-01-01T00:00:00.000Z", "updated_by": "elastic", "created_at": "2026-01-01T00:00:00.000Z",
        "created_by": "elastic", "name": "Exported", "tags": ["t"], "interval": "5m", "enabled": true, "revision": 0,
        "description": "d", "risk_score": 21, "severity": "low", "license": "", "output_index": "", "meta": {"from": "1m"},
        "author": [], "false_positives": [], "from": "now-360s", "rule_id": id(1), "max_signals": 100,
        "risk_score_mapping": [], "severity_mapping": [], "threat": [], "to": "now", "references": [], "version": 1,
        "exceptions_list": [{"id": "e", "list_id": "l", "type": "rule_default", "namespace_type": "single"}],
        "immutable": false, "rule_source": {"type": "internal"}, "related_integrations": [], "required_fields": [], "setup": "",
        "type": "eql", "language": "eql", "index": ["*"], "query": "any where a == \"x\"\n", "actions": []
    });
    let broken = json!({"name": "Broken", "rule_id": id(2), "type": "eql", "query": "any where a =="});
    let esql = json!({
        "name": "ES|QL", "rule_id": id(3), "type": "esql", "language": "esql", "query": "from x", "description": "d",
        "author": ["a"], "risk_score": 1, "severity": "low"
    });
    let list = json!({"list_id": "l", "name": "L", "type": "rule_default", "namespace_type": "single", "description": "d"});
    let item = json!({
        "list_id": "l", "item_id": "i", "name": "I", "type": "simple", "namespace_type": "single", "description": "d",
        "entries": [{"field": "b", "type": "match", "operator": "included", "value": "y"}]
    });
    let connector = json!({"id": "c", "type": "action", "attributes": {"name": "Mail"}, "references": []});
    let counts = json!({"exported_count": 5, "exported_rules_count": 3, "missing_rules": [], "missing_rules_count": 0});
    [rule, broken, esql, list, item, connector, counts].map(|line| format!("{line}\n")).concat() + "{\"cut\n"
}

#[test]
fn an_export_is_loaded_line_by_line() {
    let folder = Folder::new("sets-export");
    let file = folder.file("export.ndjson", export());
    let run = kiln(["check", "--format", "json", "--report", &file]).run().ended(1);
    let lines = run.json();
    let entries: Vec<_> = lines
        .iter()
        .filter_map(|line| {
            Some((line["status"].as_str()?, line["line"].as_u64()?, line["type"].as_str().unwrap_or("")))
        })
        .collect();
    assert_eq!(
        entries,
        [("compiled", 1, "eql"), ("broken", 2, "eql"), ("unsupported", 3, "esql"), ("broken", 8, "")]
    );
    let codes: Vec<_> =
        lines.iter().filter_map(|line| Some((line["code"].as_str()?, line["line"].as_u64()?))).collect();
    for expected in [("E0301", 2), ("W0504", 3), ("W0911", 6), ("E0108", 8)] {
        assert!(codes.contains(&expected), "{expected:?} in {codes:?}");
    }
    assert!(!codes.iter().any(|(code, line)| *line == 1 || *code == "W0201"), "{codes:?}");
    assert!(run.stderr.contains("1 file: 1 rule, 1 unsupported (esql), 2 broken, "), "{}", run.stderr);
    // The sound rule runs, with the list that the export holds.
    let events = "{\"a\":\"x\"}\n{\"a\":\"x\",\"b\":\"y\"}\n";
    let run = kiln(["scan", "--rules-from", &file, "--quiet"]).stdin(events).run().ended(1);
    assert_eq!(run.json().len(), 1);
    assert!(run.stderr.contains("export.ndjson:2:"), "{}", run.stderr);
    for strict in ["--strict", "--strict=broken", "--strict=unsupported"] {
        let run = kiln(["scan", strict, "--rules-from", &file]).stdin(events).run().ended(1);
        assert_eq!(run.stdout, "", "{strict}");
    }
    let run = kiln(["scan", "--strict=duplicate", "--rules-from", &file]).stdin(events).run().ended(1);
    assert_eq!(run.json().len(), 1);
}

#[test]
fn a_rule_as_the_api_has_it() {
    let folder = Folder::new("sets-api");
    let first = export().lines().next().expect("a rule").to_owned();
    let pretty =
        serde_json::from_str::<serde_json::Value>(&first).map(|value| format!("{value:#}")).expect("JSON");
    let file = folder.file("rule.json", pretty);
    let run = kiln(["check", &file]).run().ended(0);
    // The list is in another file.
    assert!(run.stdout.contains("W0505"), "{}", run.stdout);
    assert!(run.stderr.contains("1 file: 1 rule, 0 errors, 1 warning"), "{}", run.stderr);
}

#[test]
fn a_checkout_gives_its_rules() {
    let folder = Folder::new("sets-checkout");
    folder.file("rules/linux/a.toml", rule(1, ""));
    folder.file("rules/_deprecated/b.toml", rule(2, ""));
    folder.file("rules_building_block/c.toml", rule(3, "building_block_type = \"default\""));
    folder.file("hunting/linux/d.toml", "[hunt]\nname = \"no rule\"\n");
    folder.file("pyproject.toml", "[project]\n");
    folder.file("rules/ml/e.toml", rule(4, "type = \"machine_learning\"\nanomaly_threshold = 50\nmachine_learning_job_id = \"j\"\nquery = \"\""));
    let old = format!(
        "[metadata]\ncreation_date = \"2020/01/01\"\nupdated_date = \"2020/01/01\"\nmaturity = \"deprecated\"\n{}",
        rule(5, "")
    );
    folder.file("rules/linux/f.toml", old);
    let run = kiln(["check", "--report", &folder.path()]).run().ended(0);
    assert!(
        run.stderr
            .contains("4 files: 3 rules, 1 unsupported (machine_learning), 1 disabled, 1 skipped, 0 errors"),
        "{}",
        run.stderr
    );
    for part in ["_deprecated/b.toml", "e.toml:8:8", "`maturity` is `deprecated`", "machine_learning"] {
        assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
    }
    assert!(!run.stdout.contains("hunting") && !run.stdout.contains("pyproject"), "{}", run.stdout);
    let run = kiln(["check", "--strict", &folder.path()]).run().ended(1);
    for line in
        ["e.toml:8:8: unsupported `Rule 4`: rules of type", "f.toml:5:1: disabled `Rule 5`: `maturity`"]
    {
        assert!(run.stderr.contains(line), "{line} in {}", run.stderr);
    }
    kiln(["check", "--strict=broken,duplicate", &folder.path()]).run().ended(0);
}

#[test]
fn other_types_except_events_before_they_count() {
    let folder = Folder::new("sets-types");
    let more = |rule_type: &str, more: &str| {
        format!(
            "type = \"{rule_type}\"\nlanguage = \"kuery\"\nquery = \"user.name: *\"\n\
             exceptions_list = [{{ list_id = \"l\" }}]\n{more}"
        )
    };
    let threshold = more("threshold", "threshold = { field = [\"user.name\"], value = 2, cardinality = [] }");
    let terms = more("new_terms", "new_terms_fields = [\"user.name\"]\nhistory_window_start = \"now-7d\"");
    folder.file("rules/threshold.toml", rule(1, &threshold));
    folder.file("rules/terms.toml", rule(2, &terms));
    let list = folder
        .file("l.yml", "list_id: l\nitems:\n- entries:\n  - {field: host.name, type: match, value: build}\n");
    let event = |second: u32, user: &str, host: &str| {
        format!(
            "{{\"@timestamp\":\"2026-01-01T00:00:0{second}Z\",\"user\":{{\"name\":\"{user}\"}},\"host\":{{\"name\":\"{host}\"}}}}\n"
        )
    };
    let events = [
        event(1, "a", "web"),
        event(2, "a", "build"),
        event(3, "b", "build"),
        event(4, "c", "web"),
        event(5, "c", "web"),
    ];
    let rules = format!("{}/rules", folder.path());
    let alerts = |more: &[&str]| {
        let args = [&["scan", "--quiet", "--rules-from", &rules], more].concat();
        let run = kiln(args).stdin(events.concat()).run().ended(0);
        run.json().len()
    };
    assert_eq!(
        (alerts(&[]), alerts(&["--exceptions", &list])),
        (5, 3),
        "thresholds of a and c, terms a, b, c; then c, and a, c"
    );
}

#[test]
fn a_rule_is_tried_and_shown_with_what_belongs_to_it() {
    let folder = Folder::new("sets-try");
    let file = folder.file("a.toml", rule(1, "exceptions_list = [{ list_id = \"l\" }]"));
    let list = folder.file(
        "l.yml",
        "list_id: l\nitems:\n- entries:\n  - {field: host.name, type: wildcard, value: 'build-*'}\n",
    );
    let overlay = folder.file("o.yml", format!("rules:\n- rule_id: {}\n  risk_score: 77\n", id(1)));
    let events = "{\"user\":{\"name\":\"x\"}}\n{\"user\":{\"name\":\"x\"},\"host\":{\"name\":\"build-7\"}}\n";
    let tried = |args: &[&str]| {
        kiln([&["try", "--count", &file, "-"], args].concat()).stdin(events).run().ended(0).stdout
    };
    assert_eq!((tried(&[]), tried(&["--exceptions", &list])), ("2\n".to_owned(), "1\n".to_owned()));
    let shown = kiln(["show", &id(1), "--rules-from", &file, "--exceptions", &list, "--overlay", &overlay])
        .run()
        .ended(0);
    assert!(shown.stdout.contains("77"), "{}", shown.stdout);
}

#[test]
fn mistakes_in_extra_files_are_told_at_their_place() {
    let folder = Folder::new("sets-mistakes");
    let rules = folder.file("a.toml", rule(1, "exceptions_list = [{ list_id = \"l\" }]"));
    let list = folder.file(
        "l.toml",
        "list_id = \"l\"\n[[items]]\nentries = [{ field = \"a\", type = \"is\", value = \"x\" }]\n",
    );
    let run = kiln(["check", &rules, "--exceptions", &list]).run().ended(1);
    assert!(
        run.stdout.contains("l.toml:3:34") && run.stdout.contains("unknown type of entry `is`"),
        "{}",
        run.stdout
    );
    let run = kiln(["check", &rules, "--exceptions", "/no/such/list.toml"]).run().ended(1);
    assert!(run.stderr.contains("/no/such/list.toml: no such file"), "{}", run.stderr);
    let run = kiln(["debug", "condition", &rules, "--exceptions", &list]).run().ended(1);
    assert!(run.stdout.contains("user.name:keyword == \"x\""), "{}", run.stdout);
    assert!(run.stderr.contains("l.toml:3:34"), "{}", run.stderr);
}
