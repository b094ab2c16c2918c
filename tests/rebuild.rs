//! Editing, adding and deleting a rule file rebuilds the crate that bakes it in: real `cargo build` runs on a small
//! crate that depends on this one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A crate in a folder of its own.
struct Crate {
    folder: PathBuf,
}

impl Crate {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(folder.join("rules"));
        let _ = fs::remove_dir_all(folder.join("src"));
        let kiln = env!("CARGO_MANIFEST_DIR");
        let this = Self { folder };
        this.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
                 [dependencies]\nkiln = {{ path = '{kiln}', default-features = false }}\n\n\
                 [build-dependencies]\nkiln-build = {{ path = '{kiln}/kiln-build' }}\n\n[profile.dev]\ndebug = 0\n"
            ),
        );
        // The versions that this workspace is tested with, which are at hand without a network.
        let lock = fs::read_to_string(Path::new(kiln).join("Cargo.lock")).expect("the workspace is locked");
        this.write("Cargo.lock", &lock);
        this.write("build.rs", "fn main() {\n    kiln_build::watch([\"rules/**/*.toml\"]);\n}\n");
        this.write(
            "src/main.rs",
            "kiln::ruleset! { struct Rules = \"rules/**/*.toml\"; }\n\
             fn main() {\n    for rule in Rules::set().rules {\n        println!(\"{} {}\", rule.info.name, rule.info.risk_score);\n    }\n}\n",
        );
        this
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("paths have a folder"))
            .expect("the target folder is writable");
        // The same text again would only touch the file's time.
        if fs::read_to_string(&path).ok().as_deref() != Some(text) {
            fs::write(path, text).expect("the target folder is writable");
        }
    }

    fn rule(&self, file: &str, name: &str, id: u32, risk: u32) {
        self.write(&format!("rules/{file}"), &rule(name, id, risk));
    }

    fn cargo(&self, command: &str) -> Output {
        Command::new(env!("CARGO"))
            .args([command, "--quiet", "--offline"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("rebuild-target"))
            .env_remove("RUSTFLAGS")
            .output()
            .expect("cargo runs")
    }

    /// What the program prints after a build.
    fn run(&self) -> String {
        // Cargo compares times in whole seconds on some file systems.
        std::thread::sleep(std::time::Duration::from_millis(1100));
        let output = self.cargo("run");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo run failed:\n{error}");
        String::from_utf8(output.stdout).expect("the program prints UTF-8")
    }
}

fn rule(name: &str, id: u32, risk: u32) -> String {
    format!(
        "[rule]\nname = \"{name}\"\nrule_id = \"00000000-0000-4000-8000-{id:012}\"\ntype = \"eql\"\n\
         language = \"eql\"\ndescription = \"A test\"\nauthor = [\"Kiln\"]\nseverity = \"low\"\n\
         risk_score = {risk}\nindex = [\"logs-*\"]\nquery = '''\nprocess where process.name == \"{name}\"\n'''\n"
    )
}

#[test]
fn editing_adding_and_deleting_a_rule_rebuilds() {
    let program = Crate::new("rebuild-edits");
    program.rule("one.toml", "one", 1, 10);
    assert_eq!(program.run(), "one 10\n");

    program.rule("one.toml", "one", 1, 99);
    assert_eq!(program.run(), "one 99\n", "an edited rule is seen");

    program.rule("linux/two.toml", "two", 2, 20);
    assert_eq!(program.run(), "two 20\none 99\n", "a new rule in a new folder is seen");

    program.rule("linux/three.toml", "three", 3, 30);
    assert_eq!(program.run(), "three 30\ntwo 20\none 99\n", "a new rule in a known folder is seen");

    fs::remove_file(program.folder.join("rules/one.toml")).expect("it is there");
    assert_eq!(program.run(), "three 30\ntwo 20\n", "a deleted rule is gone");
}

#[test]
fn a_mistake_stops_the_build_and_its_repair_mends_it() {
    let program = Crate::new("rebuild-mistake");
    program.rule("one.toml", "one", 1, 10);
    program.write("rules/two.toml", &rule("two", 2, 20).replace("process where", "process when"));
    let output = program.cargo("build");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(error.contains("rules/two.toml:12:9"), "the message names the place:\n{error}");
    let messages = error.lines().filter(|line| line.starts_with("error")).count();
    assert_eq!(messages, 2, "one message, and cargo's own:\n{error}");

    program.rule("two.toml", "two", 2, 20);
    assert_eq!(program.run(), "one 10\ntwo 20\n");
}
