//! `kiln try`: rules and queries over events without a build.
#![cfg(feature = "cli")]

mod cli;

use cli::{CURL, DULL, Folder, guessing, kiln};

const GUESSING: &str = r#"sequence by host.id with maxspan=1m
  [authentication where event.outcome == "failure"] with runs=2
  [authentication where event.outcome == "success"]"#;

#[test]
fn a_query_prints_the_events_it_matches() {
    let input = format!("{DULL}\n{CURL}\n");
    let run = kiln(["try", "--eql", "process where process.name == \"curl\""]).stdin(input).run().ended(0);
    assert_eq!(run.stdout, format!("{CURL}\n"));
    assert_eq!(run.stderr, "");
}

#[test]
fn a_query_may_be_in_kibanas_language() {
    let input = format!("{DULL}\n{CURL}\n");
    let run = kiln(["try", "--kql", "process.name: cu* and not user.name: root"]).stdin(input).run().ended(0);
    assert_eq!(run.stdout, format!("{CURL}\n"));
    let run = kiln(["try", "--kql", "process.name: curl user.name: root"]).stdin("").run().ended(1);
    assert!(
        run.stderr.contains("expected `and` or `or` in front of the field `user.name`"),
        "{}",
        run.stderr
    );
    kiln(["try", "--kql", "a: b", "--eql", "any where true"]).run().ended(2);
}

#[test]
fn a_rule_file_is_tried_on_files_of_events() {
    let run = kiln([
        "try",
        "rules/linux/command_and_control_curl_socks_proxy.toml",
        "rules/linux/command_and_control_curl_socks_proxy.match.ndjson",
        "rules/linux/command_and_control_curl_socks_proxy.nomatch.ndjson",
    ]);
    let run = run.run().ended(0);
    let expected = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/rules/linux/command_and_control_curl_socks_proxy.match.ndjson"
    ));
    assert_eq!(run.stdout.lines().count(), expected.expect("it is shipped").lines().count());
}

#[test]
fn ids_are_one_result_a_line() {
    let input = guessing("h").join("\n");
    let events = kiln(["try", "--id", "event.id", "--eql", "any where event.outcome == \"failure\""]);
    assert_eq!(events.stdin(input.clone()).run().ended(0).stdout, "h-0\nh-1\nh-2\nh-3\nh-4\n");
    let groups = kiln(["try", "--id", "event.id", "--eql", GUESSING]);
    assert_eq!(groups.stdin(input.clone()).run().ended(0).stdout, "h-3\th-4\th-9\n");
    let missing =
        "sequence by host.id with maxspan=20s [any where event.outcome == \"success\"] ![any where true]";
    let run = kiln(["try", "--id", "event.id", "--eql", missing]).stdin(input.clone()).run().ended(0);
    assert_eq!(run.stdout, "h-9\t-\n");
    let count = kiln(["try", "--count", "--eql", "any where true | head 4"]);
    assert_eq!(count.stdin(input).run().ended(0).stdout, "4\n");
}

#[test]
fn groups_are_objects_with_keys_and_events() {
    let run = kiln(["try", "--eql", GUESSING]).stdin(guessing("h").join("\n")).run().ended(0);
    let group = &run.json()[0];
    assert_eq!(group["join_keys"], serde_json::json!(["h"]));
    assert_eq!(group["events"].as_array().expect("a list").len(), 3);
    assert_eq!(group["events"][2]["event"]["outcome"], "success");
}

#[test]
fn mistakes_are_shown_at_their_place() {
    let run = kiln(["try", "--eql", "process where process.name = 'x'"]).stdin(CURL).run().ended(1);
    assert!(run.stderr.contains("<query>:1:28"), "{}", run.stderr);
    let run = kiln(["try", "--eql", "any where true"]).stdin(format!("{DULL}\nbad\n")).run().ended(1);
    assert_eq!(run.json().len(), 1);
    assert!(run.stderr.contains(&format!("<stdin>:2 (byte {}): ", DULL.len() + 1)), "{}", run.stderr);
    kiln(["try"]).run().ended(2);
    kiln(["try", "/no/such/rule.toml"]).run().ended(1);
    let folder = Folder::new("try-mistakes");
    let rule = folder.file("bad.toml", "[rule]\n");
    let run = kiln(["try", &rule]).stdin(CURL).run().ended(1);
    assert!(run.stderr.contains("bad.toml"), "{}", run.stderr);
}

#[test]
fn rules_with_state_print_what_they_find() {
    let folder = Folder::new("try-state");
    let head = "[rule]\nname = \"R\"\nrule_id = \"5a7e0000-0000-4000-8000-0000000000ab\"\nlanguage = \"kuery\"\n\
                description = \"d\"\nauthor = [\"a\"]\nseverity = \"low\"\nrisk_score = 21\nindex = [\"x\"]\n";
    let rule = |name: &str, more: &str| folder.file(name, format!("{head}{more}"));
    let events = "{\"@timestamp\":0,\"t\":\"a\",\"u\":\"x\"}\n{\"@timestamp\":1,\"t\":\"a\",\"u\":\"x\"}\n";
    let tried = |args: &[&str]| kiln(["try"].iter().chain(args)).stdin(events).run().ended(0).stdout;

    let terms = rule(
        "new.toml",
        "type = \"new_terms\"\nquery = \"t: a\"\nnew_terms_fields = [\"u\"]\nhistory_window_start = \"now-7d\"",
    );
    let first = r#"{"@timestamp":0,"t":"a","u":"x"}"#;
    assert_eq!(tried(&[&terms]), format!("{{\"new_terms\":[\"x\"],\"events\":[{first}]}}\n"));
    assert_eq!(tried(&["--count", &terms]), "1\n");

    let threshold = rule(
        "threshold.toml",
        "type = \"threshold\"\nquery = \"t: a\"\n[rule.threshold]\nfield = [\"u\"]\nvalue = 2",
    );
    let second = first.replace('0', "1");
    assert_eq!(
        tried(&[&threshold]),
        format!(
            "{{\"count\":2,\"from\":\"1970-01-01T00:00:00.000Z\",\"terms\":[\"x\"],\"events\":[{first},{second}]}}\n"
        )
    );
    assert_eq!(tried(&["--id", "@timestamp", &threshold]), "0\t1\n");

    let threat = rule(
        "threat.toml",
        "type = \"threat_match\"\nquery = \"t: a\"\nthreat_index = [\"ti\"]\nthreat_query = \"i: *\"\n\
         [[rule.threat_mapping]]\n[[rule.threat_mapping.entries]]\nfield = \"u\"\ntype = \"mapping\"\nvalue = \"i\"",
    );
    let indicators = folder.file("ti.ndjson", "{\"i\":\"x\"}\n");
    assert_eq!(tried(&["--count", &threat]), "0\n");
    assert_eq!(tried(&["--count", &threat, "--indicators", &indicators]), "2\n");

    let suppressed = rule(
        "suppressed.toml",
        "type = \"query\"\nquery = \"t: a\"\n[rule.alert_suppression]\ngroup_by = [\"u\"]\nduration = { value = 1, unit = \"m\" }",
    );
    assert!(tried(&[&suppressed]).contains("\"docs_count\":1"), "{}", tried(&[&suppressed]));
}
