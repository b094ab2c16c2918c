//! What the README shows is what the command prints. Its Rust is compiled as documentation of the crate.
#![cfg(feature = "cli")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const README: &str = include_str!("../README.md");

/// The first block of the README in `language` that holds `part`.
fn block(language: &str, part: &str) -> &'static str {
    let blocks = README.split("```").skip(1).step_by(2);
    let of_language = blocks.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'));
    of_language.into_iter().find(|block| block.contains(part)).expect("the README has such a block")
}

fn kiln(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kiln"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("NO_COLOR", "1")
        .output()
        .expect("the command runs")
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("the command prints UTF-8")
}

#[test]
fn the_summary_is_that_of_the_scan() {
    let printed = text(kiln(&["scan", "examples/events"]).stderr);
    let mut lines = printed.lines();
    for line in block("text", "read 3 inputs").lines().filter(|line| line.trim() != "...") {
        let real = lines.next().expect("the scan prints as many lines");
        // How long it took is another matter each time.
        let stable = |line: &str| line.split(" MB in ").next().unwrap_or_default().to_owned();
        assert_eq!(stable(real), stable(line));
    }
}

#[test]
fn the_rule_is_the_shipped_one() {
    let path = "rules/macos/credential_access_osascript_password_dialog.toml";
    let shipped =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("it is shipped");
    assert!(README.contains(path));
    let query = |text: &str| text.split("'''").nth(1).map(str::to_owned);
    assert_eq!(query(block("toml", "[rule]")), query(&shipped));
}

#[test]
fn the_alert_is_one_of_the_scan() {
    let printed =
        text(kiln(&["scan", "-q", "--rule", "Password Asked for by AppleScript", "examples/events"]).stdout);
    // The README breaks lines to fit a page.
    let packed = |text: &str| text.split_whitespace().collect::<String>();
    let printed = packed(&printed);
    let mut rest = printed.as_str();
    for part in block("text", "kibana.alert.uuid").split('…') {
        let part = packed(part);
        let part = part.trim_matches(',');
        let at = rest.find(part).unwrap_or_else(|| panic!("`{part}` is not in `{rest}`"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn the_mistake_is_told_as_shown() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    fs::create_dir_all(&folder).expect("the target folder is writable");
    let file = folder.join("password_dialog.toml");
    let rule = block("toml", "[rule]");
    fs::write(&file, rule).expect("the target folder is writable");
    let path = file.to_str().expect("the path is UTF-8");
    assert!(kiln(&["check", path]).status.success(), "the rule is sound");

    fs::write(&file, rule.replace("startsWith(", "startWith(")).expect("the target folder is writable");
    let output = kiln(&["check", path]);
    assert_eq!(output.status.code(), Some(1));
    let printed = text(output.stdout);
    // The compiler's frame differs from that of the command; message, place and excerpt do not.
    let shown = block("text", "startWith");
    let (place, message) =
        shown.strip_prefix("error: rules/password_dialog.toml:").and_then(|s| s.split_once(": ")).unwrap();
    let message = message.split(" [E").next().unwrap();
    assert!(printed.contains(message), "{printed}");
    assert!(printed.contains(&format!("password_dialog.toml:{place}\n")), "{printed}");
    assert!(
        printed.contains("18 |   not startWith(process.parent.executable, \"/usr/local/jamf/\")\n"),
        "{printed}"
    );
    assert!(shown.contains("18 |   not startWith(process.parent.executable, \"/usr/local/jamf/\")\n"));
}
