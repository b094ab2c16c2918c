//! Rules over `MessagePack`, or over any other format that serde reads and that describes itself.
//!
//! Run with `cargo run --example messagepack --features serde`.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use kiln::EventRef;
use serde_json::json;

kiln::ruleset! { struct Rules = "rules/linux/*.toml"; }

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // What came over the wire.
    let bytes = rmp_serde::to_vec(&json!({
        "event": { "category": "process", "type": "start", "action": "exec" },
        "host.os.type": "linux",
        "process": { "name": "curl", "args": ["curl", "-x", "socks5h://192.0.2.7"], "parent": { "name": "bash" } },
    }))?;

    let mut matcher = Rules::matcher();
    let mut event = rmp_serde::Deserializer::new(&bytes[..]);
    for rule in matcher.value(&mut event, EventRef(0))?.matches() {
        println!("{}", rule.info.name);
        for threat in rule.info.threat {
            println!("  {} {}", threat.tactic.id, threat.tactic.name);
        }
    }
    Ok(())
}
