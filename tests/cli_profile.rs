//! `kiln scan --profile`: what rules cost.
#![cfg(feature = "cli")]

mod cli;

use std::collections::BTreeMap;
use std::fs;

use cli::{CURL, DULL, Folder, guessing, kiln};
use serde_json::Value;

/// The counts of each rule as `--profile=FILE` tells them.
fn profile(folder: &Folder, args: &[&str]) -> BTreeMap<String, [u64; 3]> {
    let file = format!("{}/profile.ndjson", folder.path());
    let profile = format!("--profile={file}");
    let args = ["scan", "--quiet", "--format", "none", &profile].into_iter().chain(args.iter().copied());
    kiln(args).run().ended(0);
    let text = fs::read_to_string(&file).expect("it was written");
    let rule = |line: &str| {
        let rule: Value = serde_json::from_str(line).expect("JSON");
        assert!(rule["nanoseconds"].is_u64() && rule["rule_id"].is_string(), "{line}");
        let count = |key: &str| rule[key].as_u64().expect("a number");
        let counts = ["candidates", "evaluated", "matched"].map(count);
        assert!(counts.is_sorted_by(|more, less| more >= less), "{line}");
        (rule["name"].as_str().expect("a name").to_owned(), counts)
    };
    text.lines().map(rule).collect()
}

#[test]
fn matches_are_the_alerts_and_items_of_sequences_are_counted() {
    let folder = Folder::new("profile-counts");
    let costs = profile(&folder, &["examples/events"]);
    let run = kiln(["scan", "--quiet", "examples/events"]).run().ended(0);
    let mut alerts: BTreeMap<String, u64> = BTreeMap::new();
    for alert in run.json().iter().filter(|alert| alert.get("kibana.alert.group.id").is_none()) {
        let name = alert["kibana.alert.rule.name"].as_str().expect("a name");
        *alerts.entry(name.to_owned()).or_default() += 1;
    }
    assert!(alerts.len() > 5, "{alerts:?}");
    let all: Vec<Value> = kiln(["rules", "--json"]).run().ended(0).json();
    assert_eq!(all.len(), costs.len());
    let mut singles = 0;
    for (name, [_, _, matched]) in &costs {
        let rule = all.iter().find(|rule| rule["name"] == name.as_str()).expect("a rule of this name");
        let query = rule["query"].as_str().expect("a query").trim();
        let of_events = ["eql", "query"].contains(&rule["type"].as_str().expect("a type"));
        let alerts = alerts.get(name).copied().unwrap_or(0);
        if query.starts_with("sequence") || query.starts_with("sample") {
            continue;
        }
        if of_events && rule["alert_suppression"].is_null() {
            singles += 1;
            assert_eq!(alerts, *matched, "{name}");
        } else {
            // One alert may stand for many events.
            assert!(alerts <= *matched, "{name}: {alerts} alerts of {matched} events");
        }
    }
    assert!(singles > 10, "{singles}");

    // Each of six events passes the filter of one item.
    let file = folder.file("guessing.ndjson", guessing("web-01").join("\n"));
    assert_eq!(profile(&folder, &[&file])["SSH Password Guessing Followed by a Login"][2], 6);
}

#[test]
fn counts_do_not_depend_on_threads_or_checks() {
    let folder = Folder::new("profile-threads");
    let mut text = String::new();
    for number in 0..6_000 {
        text.push_str(if number % 5 == 0 { CURL } else { DULL });
        text.push('\n');
    }
    let file = folder.file("events/a.ndjson", text);
    let inputs = ["examples/events", &file];
    let counts = profile(&folder, &["--threads", "1", inputs[0], inputs[1]]);
    assert!(counts["Curl SOCKS Proxy Activity from Unusual Parent"][2] >= 1_200, "{counts:?}");
    for more in [&["--threads", "3"][..], &["--strict-json"], &["--min-severity", "critical"]] {
        assert_eq!(profile(&folder, &[more, &inputs].concat()), counts);
    }
}

#[test]
fn a_table_shows_the_rules_that_cost_something() {
    let run = kiln(["scan", "--profile", "--quiet"]).stdin(format!("{CURL}\n{DULL}\n")).run().ended(0);
    assert_eq!(run.json().len(), 1, "--profile takes no value of the next argument");
    let lines: Vec<_> = run.stderr.lines().collect();
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(lines[0]), ["time", "share", "candidates", "evaluated", "matched", "rule"]);
    let curl: Vec<_> =
        lines.iter().filter(|line| line.ends_with("Curl SOCKS Proxy Activity from Unusual Parent")).collect();
    assert_eq!(curl.len(), 1, "{}", run.stderr);
    let [_, milliseconds, _, percent, candidates, evaluated, matched, ..] = &words(curl[0])[..] else {
        panic!("{}", run.stderr)
    };
    assert_eq!((milliseconds.as_str(), percent.as_str(), matched.as_str()), ("ms", "%", "1"));
    assert!(candidates >= evaluated);
    let times = lines[1..lines.len() - 1].iter().map(|line| words(line)[0].parse::<f64>().expect("a time"));
    assert!(times.is_sorted_by(|more, less| more >= less), "{}", run.stderr);
    let last = lines[lines.len() - 1];
    assert!(last.contains("ms in ") && last.ends_with("rules that no event reached"), "{last}");

    let run = kiln(["scan", "--profile", "--rule", "curl*"]).stdin(DULL).run().ended(0);
    assert!(
        run.stderr.ends_with("0.000 ms in 0 evaluations; 1 rule that no event reached\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_file_is_no_input_and_must_be_writable() {
    let folder = Folder::new("profile-file");
    folder.file("a.ndjson", CURL);
    let path = folder.path();
    let first = profile(&folder, &[&path]);
    assert_eq!(first["Curl SOCKS Proxy Activity from Unusual Parent"][2], 1);
    let run = kiln(["scan", &format!("--profile={path}/profile.ndjson"), &path]).run().ended(0);
    assert!(run.stderr.contains("read 1 input, 1 event,"), "{}", run.stderr);
    assert_eq!(profile(&folder, &[&path]), first);
    let run = kiln(["scan", "--profile=/no/such/folder/x", &path]).run().ended(1);
    assert!(
        run.stderr.contains("cannot write /no/such/folder/x: no such file or directory"),
        "{}",
        run.stderr
    );
    let both = format!("{path}/b");
    let run = kiln(["scan", &format!("--profile={both}"), "--output", &both, &path]).run().ended(2);
    assert!(run.stderr.contains("cannot be written to the same file"), "{}", run.stderr);
}
