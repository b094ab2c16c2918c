//! `kiln scan`: alerts, messages, exit codes.
#![cfg(feature = "cli")]

mod cli;

use std::io::Write as _;
use std::process::{Command, Stdio};

use cli::{CURL, DULL, Folder, guessing, kiln};
use serde_json::{Value, json};

const CURL_RULE: &str = "Curl SOCKS Proxy Activity from Unusual Parent";

#[test]
fn an_alert_names_its_rule_and_carries_its_event() {
    let run = kiln(["scan"]).stdin(format!("{DULL}\n{CURL}\n")).run().ended(0);
    let [alert] = &run.json()[..] else { panic!("one alert: {}", run.stdout) };
    assert_eq!(alert["kibana.alert.rule.name"], CURL_RULE);
    assert_eq!(alert["kibana.alert.severity"], "low");
    assert_eq!(alert["kibana.alert.risk_score"], 21);
    assert_eq!(alert["@timestamp"], "2026-02-03T04:05:06.000Z");
    assert_eq!(alert["kibana.alert.original_time"], "2026-02-03T04:05:06.000Z");
    assert_eq!(alert["kibana.alert.original_event.kind"], "event");
    assert_eq!(alert["event"]["kind"], "signal");
    assert_eq!(alert["host"]["name"], "web-01");
    assert_eq!(
        alert["kibana.alert.reason"],
        "process event with process curl, parent process bash, by alice on web-01 created low alert \
         Curl SOCKS Proxy Activity from Unusual Parent."
    );
    let threat = &alert["kibana.alert.rule.threat"][0];
    assert_eq!(threat["tactic"]["id"], "TA0011");
    assert_eq!(threat["technique"][0]["subtechnique"][0]["id"], "T1090.002");
    assert!(
        run.stdout.trim_end().ends_with(r#""user":{"name":"alice"},"labels":{"n":1.50}}"#),
        "{}",
        run.stdout
    );
    assert!(run.stderr.contains("2 events"), "{}", run.stderr);
    assert!(run.stderr.contains("1 alert (1 low) by 1 of"), "{}", run.stderr);
}

#[test]
fn scanning_again_gives_the_same_bytes() {
    let folder = Folder::new("scan-again");
    let file = folder.file("a.ndjson", format!("{CURL}\n").repeat(3));
    let first = kiln(["scan", &file]).run().ended(0);
    assert_eq!(first.stdout, kiln(["scan", &file]).run().ended(0).stdout);
    assert_eq!(
        first.stdout,
        kiln(["scan", "-"]).stdin(format!("{CURL}\r\n").repeat(3)).run().ended(0).stdout
    );
}

#[test]
fn output_is_in_the_order_of_the_input_whatever_the_threads() {
    let folder = Folder::new("scan-order");
    let mut text = String::new();
    let padding = "x".repeat(600);
    for number in 0..8000 {
        let id = format!("\"id\":\"curl-{number}\",\"reason\":\"{padding}\"");
        let event = if number % 3 == 0 { CURL.replace("\"id\":\"curl-1\"", &id) } else { DULL.to_owned() };
        text.push_str(&event);
        text.push('\n');
        if number % 1000 == 0 {
            text.push_str(&guessing(&format!("host-{number}")).join("\n"));
            text.push('\n');
        }
    }
    let plain = folder.file("big.ndjson", &text);
    let zstd =
        folder.file("other/big.ndjson.zst", zstd::encode_all(text.as_bytes(), 1).expect("zstd encodes"));
    let one = kiln(["scan", "--threads", "1", &plain]).run().ended(0);
    let ids: Vec<_> = one.json().iter().filter(|alert| alert["process"]["name"] == "curl").map(id).collect();
    let expected: Vec<_> = (0..8000).step_by(3).map(|number| json!(format!("curl-{number}"))).collect();
    assert_eq!(ids, expected);
    assert_eq!(one.json().len(), expected.len() + 8 * 7, "eight sequences of six events and a shell");
    for threads in ["2", "3", "8"] {
        assert_eq!(kiln(["scan", "--threads", threads, &plain]).run().ended(0).stdout, one.stdout);
        let read = kiln(["scan", "--threads", threads, "--no-mmap", &plain]).run().ended(0);
        assert_eq!(read.stdout, one.stdout);
        assert_eq!(kiln(["scan", "--threads", threads, &zstd]).run().ended(0).stdout, one.stdout);
        assert_eq!(
            kiln(["scan", "--threads", threads]).stdin(text.as_str()).run().ended(0).stdout,
            one.stdout
        );
    }
}

fn id(alert: &Value) -> Value {
    alert["event"]["id"].clone()
}

#[test]
fn malformed_lines_are_named_and_do_not_stop_the_scan() {
    let folder = Folder::new("scan-malformed");
    let mut bytes = format!("{DULL}\nnot json\n\n{{\"a\":[1,}}\n").into_bytes();
    bytes.extend_from_slice(b"{\"a\":\"\xff\"}\n");
    bytes.extend_from_slice(CURL.as_bytes());
    let file = folder.file("bad.ndjson", bytes);
    let run = kiln(["scan", &file]).run().ended(1);
    assert_eq!(run.json().len(), 1);
    let start = DULL.len() + 1;
    for (line, byte, reason) in [
        (2, start, "the line is not a JSON object"),
        (4, start + 10 + 8, "a value is expected"),
        (5, start + 10 + 10 + 6, "the text is not valid UTF-8"),
    ] {
        let message = format!("{file}:{line} (byte {byte}): {reason}");
        assert!(run.stderr.contains(&message), "{message}\n{}", run.stderr);
    }
    assert!(run.stderr.contains("3 malformed lines"), "{}", run.stderr);
}

#[test]
fn lines_are_counted_across_blocks() {
    let folder = Folder::new("scan-lines");
    let file = folder.file("long.ndjson", format!("{DULL}\n").repeat(30_000) + "bad\n");
    let run = kiln(["scan", &file]).run().ended(1);
    let message = format!("{file}:30001 (byte {}): ", 30_000 * (DULL.len() + 1));
    assert!(run.stderr.contains(&message), "{}", run.stderr);
}

#[test]
fn only_ten_malformed_lines_are_shown_unless_asked_for() {
    let run = kiln(["scan", "--quiet"]).stdin("bad\n".repeat(25)).run().ended(1);
    assert_eq!(run.stderr.matches("<stdin>:").count(), 10);
    assert!(run.stderr.contains("15 more malformed lines; --all-errors shows them"), "{}", run.stderr);
    let run = kiln(["scan", "--quiet", "--all-errors"]).stdin("bad\n".repeat(25)).run().ended(1);
    assert_eq!(run.stderr.lines().count(), 25);
}

#[test]
fn folders_are_searched_in_order_and_unpacked() {
    let folder = Folder::new("scan-folder");
    let named = |name: &str| format!("{}\n", CURL.replace("curl-1", name));
    folder.file("b/2.jsonl", named("second"));
    folder.file("a.json", named("first"));
    folder.file("c.ndjson.zst", zstd::encode_all(named("third").as_bytes(), 3).expect("zstd encodes"));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(named("fourth").as_bytes()).expect("vectors take anything");
    folder.file("d.ndjson.gz", gzip.finish().expect("vectors take anything"));
    folder.file("notes.txt", "not events");
    let run = kiln(["scan", &folder.path()]).run().ended(0);
    let ids: Vec<_> = run.json().iter().map(id).collect();
    assert_eq!(ids, ["first", "second", "third", "fourth"]);
    assert!(run.stderr.contains("4 inputs"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_scanned() {
    let folder = Folder::new("scan-unreadable");
    let file = folder.file("a.ndjson", CURL);
    let packed = zstd::encode_all(format!("{DULL}\n").repeat(999).as_bytes(), 1).expect("zstd encodes");
    let cut = folder.file("cut.ndjson.zst", &packed[..packed.len() - 5]);
    let wide = folder.file("wide.ndjson", b"\xff\xfe{\0}\0");
    let empty = folder.file("empty.ndjson", "");
    let nothing = Folder::new("scan-no-events").path();
    let missing = format!("{nothing}/missing.ndjson");
    let run = kiln(["scan", &missing, &nothing, &cut, &wide, &empty, &file]).run().ended(1);
    assert_eq!(run.json().len(), 1);
    assert!(run.stderr.contains(&format!("{missing}: no such file or directory")), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("{nothing}: the folder holds no events")), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("{cut}: ")), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("{wide}: the text is UTF-16")), "{}", run.stderr);
    assert!(!run.stderr.contains(&format!("{empty}:")), "{}", run.stderr);
    assert!(run.stderr.contains("4 inputs could not be read"), "{}", run.stderr);
}

#[test]
fn garbage_is_no_reason_to_panic() {
    let mut state = 7_u64;
    let mut garbage = Vec::new();
    for _ in 0..300_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        garbage.push((state >> 56) as u8);
    }
    kiln(["scan"]).stdin(garbage.clone()).run().ended(1);
    garbage.splice(..4, *b"\x28\xb5\x2f\xfd");
    kiln(["scan"]).stdin(garbage.clone()).run().ended(1);
    garbage.splice(..2, *b"\x1f\x8b");
    kiln(["scan"]).stdin(garbage).run().ended(1);
    kiln(["scan"]).stdin("{\"a\":".repeat(100_000)).run().ended(1);
    kiln(["scan"]).stdin("").run().ended(0);
}

#[cfg(unix)]
#[test]
fn paths_need_not_be_utf8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let folder = Folder::new("scan-odd-path");
    let mut path = folder.path().into_bytes();
    path.extend_from_slice(b"/\xff.ndjson");
    let path = OsStr::from_bytes(&path);
    std::fs::write(path, format!("bad\n{CURL}\n")).expect("the target folder is writable");
    let run = kiln([OsStr::new("scan"), path]).run().ended(1);
    assert_eq!(run.json().len(), 1);
    assert!(run.stderr.contains("\u{fffd}.ndjson:1 (byte 0)"), "{}", run.stderr);
}

#[test]
fn a_closed_stdout_ends_the_scan_quietly() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kiln"))
        .arg("scan")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let line = format!("{CURL}\n");
    // It never sees the end of its input; the closed stdout has to be enough.
    while stdin.write_all(line.as_bytes()).is_ok() {}
    let output = child.wait_with_output().expect("the command ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn lines_are_matched_as_they_come() {
    use std::io::{BufRead as _, BufReader};
    let mut child = Command::new(env!("CARGO_BIN_EXE_kiln"))
        .args(["scan", "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    for _ in 0..3 {
        stdin.write_all(format!("{CURL}\n").as_bytes()).expect("it reads");
        let mut alert = String::new();
        stdout.read_line(&mut alert).expect("it writes");
        assert!(alert.contains(CURL_RULE));
    }
    drop(stdin);
    assert!(child.wait().expect("the command ends").success());
}

#[test]
fn a_sequence_gives_building_blocks_and_a_shell() {
    let mut events = guessing("web-01");
    events.insert(3, CURL.to_owned());
    // Events of several inputs are put in order of time.
    let folder = Folder::new("scan-sequence");
    let late = folder.file("1.ndjson", events.split_off(4).join("\n"));
    let early = folder.file("2.ndjson", events.join("\n"));
    let run = kiln(["scan", &late, &early]).run().ended(0);
    let alerts = run.json();
    assert_eq!(alerts[0]["kibana.alert.rule.name"], CURL_RULE);
    let group = &alerts[1..];
    assert_eq!(group.len(), 7);
    for (index, block) in group[..6].iter().enumerate() {
        assert_eq!(block["kibana.alert.building_block_type"], "default");
        assert_eq!(block["kibana.alert.group.index"], index);
        assert_eq!(block["kibana.alert.group.id"], group[6]["kibana.alert.group.id"]);
        assert_eq!(block["kibana.alert.depth"], 1);
    }
    let times: Vec<_> = group[..6].iter().map(|block| block["@timestamp"].to_string()).collect();
    assert!(times.is_sorted(), "{times:?}");
    let shell = &group[6];
    assert_eq!(shell["kibana.alert.rule.name"], "SSH Password Guessing Followed by a Login");
    assert_eq!(shell["kibana.alert.depth"], 2);
    assert_eq!(shell["host"]["name"], "web-01");
    assert_eq!(shell["source"]["ip"], "198.51.100.7");
    assert!(shell["event"].get("outcome").is_none());
    assert!(shell.get("kibana.alert.building_block_type").is_none());
    assert_eq!(shell["kibana.alert.ancestors"].as_array().expect("a list").len(), 12);
    assert!(run.stderr.contains("1 high, 1 low"), "{}", run.stderr);
}

#[test]
fn rules_and_severities_can_be_chosen() {
    let input = || format!("{CURL}\n{}\n", guessing("h").join("\n"));
    assert_eq!(kiln(["scan"]).stdin(input()).run().ended(0).json().len(), 8);
    assert_eq!(kiln(["scan", "--rule", "curl*"]).stdin(input()).run().ended(0).json().len(), 1);
    assert_eq!(kiln(["scan", "--rule", "password guessing"]).stdin(input()).run().ended(0).json().len(), 7);
    assert_eq!(kiln(["scan", "--min-severity", "high"]).stdin(input()).run().ended(0).json().len(), 7);
    let run = kiln(["scan", "--rule", "no such rule"]).run().ended(2);
    assert!(run.stderr.contains("no rule has an id or a name like `no such rule`"), "{}", run.stderr);
}

#[test]
fn a_cap_keeps_the_earliest_alerts() {
    let input: String = (0..150).map(|number| CURL.replace("curl-1", &format!("{number}")) + "\n").collect();
    let run = kiln(["scan", "--max-signals"]).stdin(input).run().ended(0);
    let ids: Vec<_> = run.json().iter().map(id).collect();
    assert_eq!(ids, (0..100).map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(run.stderr.contains("50 alerts left out"), "{}", run.stderr);
}

#[test]
fn output_goes_to_a_file_which_is_no_input() {
    let folder = Folder::new("scan-output");
    let events = folder.file("events.ndjson", CURL);
    let output = format!("{}/alerts.ndjson", folder.path());
    for _ in 0..2 {
        let run = kiln(["scan", &folder.path(), "--output", &output]).run().ended(0);
        assert_eq!(run.stdout, "");
        assert_eq!(std::fs::read_to_string(&output).expect("it was written").lines().count(), 1);
    }
    let run = kiln(["scan", &events, "--output", &events]).run().ended(2);
    assert!(run.stderr.contains("is both input and output"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(&events).expect("it is still there"), CURL);
    kiln(["scan", &events, "--output", "/no/such/folder/alerts"]).run().ended(1);
}

#[test]
fn other_formats_and_exit_codes() {
    let run = kiln(["scan", "--format", "table"]).stdin(CURL).run().ended(0);
    assert!(run.stdout.starts_with("2026-02-03T04:05:06.000Z  low       Curl SOCKS"), "{}", run.stdout);
    let run = kiln(["scan", "--format", "none", "--exit-code"]).stdin(CURL).run().ended(3);
    assert_eq!(run.stdout, "");
    kiln(["scan", "--exit-code", "--quiet"]).stdin(DULL).run().ended(0);
    let run = kiln(["scan", "--quiet"]).stdin(DULL).run().ended(0);
    assert_eq!(run.stderr, "");
    kiln(["scan", "--threads", "0"]).run().ended(2);
    kiln(["scan", "--now", "tomorrow"]).run().ended(2);
    let run = kiln(["scan", "--now", "2030-01-01T00:00:00Z"]).stdin(CURL).run().ended(0);
    assert_eq!(run.json()[0]["@timestamp"], "2030-01-01T00:00:00Z");
    assert_eq!(run.json()[0]["kibana.alert.original_time"], "2026-02-03T04:05:06.000Z");
}
