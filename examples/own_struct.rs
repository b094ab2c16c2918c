//! Rules over a struct of your own: an agent that has its events in memory need not write them as JSON first.
//!
//! Run with `cargo run --example own_struct`.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use kiln::EventRef;
use kiln::source::{FieldSink, Fields, TooLarge};

kiln::ruleset! { struct Rules = "rules/linux/*.toml"; }

/// What the agent knows of a process that has started.
struct ProcessStart<'a> {
    name: &'a str,
    args: Vec<&'a str>,
    parent: Option<&'a str>,
    pid: u32,
}

impl Fields for ProcessStart<'_> {
    fn fields(&self, out: &mut FieldSink<'_>) {
        out.put("event.category", "process");
        out.put("event.type", "start");
        out.put("event.action", "exec");
        out.put("host.os.type", "linux");
        out.put("process.pid", self.pid);
        out.put("process.name", self.name);
        out.put("process.args", &self.args);
        out.put("process.parent.name", self.parent);
    }
}

fn main() -> Result<(), TooLarge> {
    let mut matcher = Rules::matcher();
    let starts = [
        ProcessStart { name: "ls", args: vec!["ls", "-l"], parent: Some("bash"), pid: 4711 },
        ProcessStart {
            name: "curl",
            args: vec!["curl", "--proxy", "192.0.2.7:1080"],
            parent: Some("bash"),
            pid: 4712,
        },
    ];
    for (number, start) in (0..).zip(&starts) {
        let outcome = matcher.fields(start, EventRef(number))?;
        for rule in outcome.matches() {
            println!("process {} ({}): {}", start.pid, start.name, rule.info.name);
        }
    }
    Ok(())
}
