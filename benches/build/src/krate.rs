//! The crate that is built: rules, a program that matches one event and tells how long that took.

use std::path::{Path, PathBuf};
use std::{fs, io};

use kiln_test_support::shared::workspace;

use crate::rules::{RuleFile, rule_text};

/// The name of the crate and of its program.
pub(crate) const NAME: &str = "kiln_bench_rules";

/// How the crate is set up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Setup {
    /// `residuals = ".."` of the macro call.
    pub residuals: Option<String>,
    /// `opt-level` of macros and build scripts; none is what a user has who sets nothing.
    pub macro_opt_level: Option<String>,
}

/// A crate in a folder of its own.
#[derive(Debug)]
pub(crate) struct Crate {
    pub folder: PathBuf,
}

impl Crate {
    /// A crate without rules but one that its event matches, in place of whatever was in `folder`.
    pub(crate) fn create(folder: PathBuf, setup: &Setup) -> io::Result<Self> {
        let root = workspace();
        let kiln = root.display();
        let _ = fs::remove_dir_all(folder.join("rules"));
        fs::create_dir_all(folder.join("src"))?;
        fs::create_dir_all(folder.join("rules"))?;
        let overrides = setup.macro_opt_level.as_ref().map_or_else(String::new, |level| {
            let profile = |name: &str| format!("\n[profile.{name}.build-override]\nopt-level = {level}\n");
            profile("dev") + &profile("release")
        });
        let manifest = format!(
            "[package]\nname = \"{NAME}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nkiln = {{ path = '{kiln}', default-features = false }}\n\n\
             [build-dependencies]\nkiln-build = {{ path = '{kiln}/kiln-build' }}\n{overrides}"
        );
        write(&folder.join("Cargo.toml"), &manifest)?;
        // The versions that this workspace is tested with, which are at hand without a network.
        write(&folder.join("Cargo.lock"), &fs::read_to_string(root.join("Cargo.lock"))?)?;
        write(&folder.join("build.rs"), "fn main() {\n    kiln_build::watch([\"rules/*.toml\"]);\n}\n")?;
        write(&folder.join("src/main.rs"), &program(setup))?;
        Ok(Self { folder })
    }

    /// Puts these rules in place of the ones there are, and the one that the program's event matches.
    pub(crate) fn set_rules<'r>(&self, rules: impl IntoIterator<Item = &'r str>) -> io::Result<()> {
        let folder = self.folder.join("rules");
        fs::remove_dir_all(&folder)?;
        fs::create_dir_all(&folder)?;
        let probe = rule_text(
            "Probe",
            "ffffffff-0000-4000-8000-000000000000",
            "process where process.name == \"kiln-bench-probe\"",
        );
        fs::write(folder.join("probe.toml"), probe)?;
        for (index, rule) in rules.into_iter().enumerate() {
            fs::write(folder.join(format!("{index:05}.toml")), rule)?;
        }
        Ok(())
    }

    /// Changes one rule: it looks for one text more.
    pub(crate) fn edit(&self, index: usize, rule: &RuleFile, round: usize) -> io::Result<()> {
        // A rule that is no sequence or sample has its condition behind the first `where`.
        let added = format!(" where process.name != \"edited-{round}\" and ");
        let text = rule.full.replacen(" where ", &added, 1);
        fs::write(self.folder.join(format!("rules/{index:05}.toml")), text)
    }
}

fn program(setup: &Setup) -> String {
    let residuals =
        setup.residuals.as_ref().map_or_else(String::new, |r| format!("\n    residuals = {r:?};"));
    format!(
        r##"kiln::ruleset! {{
    struct Rules = "rules/*.toml";
    warnings = false;{residuals}
}}

const EVENT: &str = r#"{{"@timestamp":"2025-01-01T00:00:00Z","event":{{"category":["process"],"type":["start"],"action":"exec"}},"host":{{"os":{{"type":"linux"}}}},"process":{{"name":"kiln-bench-probe","executable":"/usr/bin/kiln-bench-probe","args":["kiln-bench-probe","--now"],"command_line":"kiln-bench-probe --now","parent":{{"name":"bash","executable":"/usr/bin/bash"}}}}}}"#;

fn main() {{
    let start = std::time::Instant::now();
    let mut matcher = Rules::matcher();
    let outcome = matcher.json(EVENT.as_bytes(), kiln::EventRef(0)).expect("the event is JSON");
    let found = outcome.matches().filter(|rule| rule.info.name == "Probe").count();
    let micros = start.elapsed().as_micros();
    assert_eq!(found, 1, "the probe is found");
    println!("{{micros}}");
}}
"##
    )
}

/// The same text again would only touch the file's time.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).ok().as_deref() == Some(text) { Ok(()) } else { fs::write(path, text) }
}
