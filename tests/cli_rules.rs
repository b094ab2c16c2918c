//! `kiln rules` and `kiln show`: what is compiled in.
#![cfg(feature = "cli")]

mod cli;

use cli::kiln;

const CURL_ID: &str = "cd9312fe-9b37-4284-bb95-63970de81838";

#[test]
fn the_table_lists_every_rule() {
    let table = kiln(["rules"]).run().ended(0);
    let mut lines = table.stdout.lines();
    assert!(lines.next().is_some_and(|line| line.starts_with("SEVERITY  RISK  NAME")), "{}", table.stdout);
    let json = kiln(["rules", "--json"]).run().ended(0);
    assert_eq!(lines.count(), json.json().len());
    assert!(json.json().len() >= 20);
    let row =
        table.stdout.lines().find(|line| line.contains("Curl SOCKS Proxy Activity")).expect("it is shipped");
    assert!(
        row.starts_with("low         21  ") && row.contains("Command and Control") && row.ends_with(CURL_ID)
    );
}

#[test]
fn rules_can_be_filtered() {
    let count = |args: &[&str]| kiln([&["rules", "--json"], args].concat()).run().ended(0).json().len();
    let all = count(&[]);
    assert_eq!(count(&["curl"]), 1);
    assert_eq!(count(&[CURL_ID, "cron*"]), 2);
    assert_eq!(count(&["--mitre", "T1090.002"]), 1);
    let high = count(&["--min-severity", "high"]);
    assert!(0 < high && high < all);
    let linux = count(&["--tag", "os: linux"]);
    assert!(0 < linux && linux < all);
    assert_eq!(count(&["--tag", "OS: Linux", "--tag", "no such tag"]), 0);
    kiln(["rules", "no such rule"]).run().ended(2);
    for (args, reason) in [
        (&["--tag", "OS: Linux", "--tag", "no such tag"][..], "no rule has the tag `no such tag`\n"),
        (&["--mitre", "T9999"], "no rule has the tactic or technique `T9999`\n"),
        (&["curl", "--tag", "OS: macOS"], "no rule is all of that\n"),
    ] {
        let run = kiln([&["rules"], args].concat()).run().ended(0);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", reason));
    }
    let run = kiln(["rules", "--rules-from", "no-such-folder"]).run().ended(1);
    let reasons = "no-such-folder: no such file or directory\nno rules were loaded\n";
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", reasons));
}

#[test]
fn json_has_every_field() {
    let run = kiln(["rules", "--json", CURL_ID]).run().ended(0);
    let rule = &run.json()[0];
    for (field, value) in [
        ("name", serde_json::json!("Curl SOCKS Proxy Activity from Unusual Parent")),
        ("type", "eql".into()),
        ("language", "eql".into()),
        ("severity", "low".into()),
        ("risk_score", 21.into()),
        ("interval", "5m".into()),
        ("from", "now-9m".into()),
        ("max_signals", 100.into()),
        ("version", 2.into()),
        ("license", "Elastic License v2".into()),
        ("author", serde_json::json!(["Elastic"])),
        ("index", serde_json::json!(["logs-endpoint.events.*"])),
        ("references", serde_json::json!([])),
        ("building_block_type", serde_json::Value::Null),
    ] {
        assert_eq!(rule[field], value, "{field}");
    }
    assert!(rule["setup"].as_str().is_some_and(|setup| setup.contains("linux.advanced.capture_env_vars")));
    assert!(rule["note"].is_string() && rule["query"].is_string() && rule["metadata"].is_object());
    assert_eq!(rule["threat"][0]["technique"][1]["id"], "T1572");
}

#[test]
fn a_rule_is_shown_like_its_page() {
    let run = kiln(["show", "curl socks"]).run().ended(0);
    for part in [
        "Curl SOCKS Proxy Activity from Unusual Parent\n",
        "Severity         low\n",
        "Risk score       21\n",
        "Interval         5m, from now-9m to now\n",
        "\nQuery\n  process where host.os.type == \"linux\"",
        "\nMITRE ATT&CK\n  TA0011  Command and Control",
        "      T1090.002  External Proxy",
        "\nInvestigation guide\n",
        "\nSetup\n",
    ] {
        assert!(run.stdout.contains(part), "{part:?} in\n{}", run.stdout);
    }
    assert!(!run.stdout.contains("##") && !run.stdout.contains('\u{1b}'));
    assert_eq!(run.stdout, kiln(["show", CURL_ID]).run().ended(0).stdout);
    assert_eq!(run.stdout, kiln(["show", &CURL_ID[..8]]).run().ended(0).stdout);
}

#[test]
fn a_part_of_several_names_lists_them() {
    let run = kiln(["show", "ssh"]).run().ended(2);
    assert!(run.stderr.contains("could be any of 2 rules"), "{}", run.stderr);
    assert!(run.stderr.contains("SSH Password Guessing Followed by a Login"), "{}", run.stderr);
    let run = kiln(["show", "no such rule"]).run().ended(2);
    assert!(run.stderr.contains("`kiln rules` lists them"), "{}", run.stderr);
}

#[test]
fn one_rule_as_json() {
    let run = kiln(["show", "--json", CURL_ID]).run().ended(0);
    let rule: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    assert_eq!(rule["rule_id"], CURL_ID);
}

#[test]
fn wrong_arguments_end_with_two() {
    kiln(["rules", "--no-such-option"]).run().ended(2);
    kiln(["show"]).run().ended(2);
    kiln(["no-such-command"]).run().ended(2);
    let run = kiln(["--help"]).run().ended(0);
    assert!(run.stdout.contains("Exit codes:"), "{}", run.stdout);
    kiln(["--version"]).run().ended(0);
}
