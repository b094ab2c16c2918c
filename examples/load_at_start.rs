//! Rules, exceptions and overlays that a program loads when it starts, so that they can change without a build.
//!
//! It carries the compiler of rules, which `ruleset!` keeps out of a program; what it finds is the same.
//! Run with `cargo run --example load_at_start`.
#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use std::error::Error;
use std::path::Path;
use std::{fs, io};

use bumpalo::Bump;
use rule_compiler::plan::{PlanOptions, plan};
use rule_compiler::ruleset::inputs;
use rule_lang::diagnostic::render::terminal;
use rule_lang::exception::Clock;
use rule_lang::ruleset::{Extras, Options, load_with};
use rule_lang::schema;

fn main() -> Result<(), Box<dyn Error>> {
    let extras = Extras {
        exceptions: files("examples/site/exceptions", &["toml", "txt"])?,
        overlays: files("examples/site", &["toml"])?,
        clock: Clock::system(false),
    };
    let options = Options { schema: schema::builtin(), strict: false };
    let rules = load_with(files("rules/linux", &["toml", "yml"])?, extras, &options);
    for finding in &rules.diagnostics {
        let look = terminal::Options { color: false, width: 100 };
        println!("{}", terminal::render(finding, &rules.sources, look));
    }
    // A rule with errors is not among them; the others are.
    let arena = Bump::new();
    let plan = plan(&inputs(&rules, &arena), &PlanOptions::default(), &arena);
    let mut matcher = kiln::Matcher::new(&plan.set);

    for line in
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/events/linux.ndjson"))?
            .lines()
    {
        for rule in matcher.json(line.as_bytes(), kiln::EventRef(0))?.matches() {
            println!("{} ({})", rule.info.name, rule.info.severity.as_str());
        }
    }
    Ok(())
}

/// The files of a folder with these endings: what to call them, and what they hold.
fn files(folder: &str, endings: &[&str]) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| endings.iter().any(|known| ending == *known)) {
            files.push((path.display().to_string(), fs::read(&path)?));
        }
    }
    files.sort();
    Ok(files)
}
