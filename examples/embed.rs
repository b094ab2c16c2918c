//! Detections inside a program of your own: rules become code when it is built, events are matched without allocating.
//!
//! Run with `cargo run --example embed`.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

kiln::ruleset! { struct Rules = "rules/linux/*.toml"; }

fn main() -> Result<(), kiln::reader::ReadError> {
    let mut matcher = Rules::matcher();
    let event = br#"{"event":{"category":"process","type":"start","action":"exec"},"host":{"os":{"type":"linux"}},"process":{"name":"curl","args":["curl","-x","socks5h://192.0.2.7"],"parent":{"name":"bash"}}}"#;
    for rule in matcher.json(event, kiln::EventRef(0))?.matches() {
        println!("{} ({}, risk {})", rule.info.name, rule.info.severity.as_str(), rule.info.risk_score);
    }
    Ok(())
}
