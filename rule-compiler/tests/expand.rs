//! `ruleset!` with exceptions and overlays, as a function: which files a build depends on, and what it says.

use std::fs;
use std::path::{Path, PathBuf};

use rule_compiler::ruleset::{Surroundings, expand};

const RULE: &str = r#"
[rule]
name = "Rule"
rule_id = "00000000-0000-4000-8000-000000000001"
type = "eql"
description = "A rule"
author = ["Kiln"]
severity = "low"
risk_score = 1
query = 'any where true'
exceptions_list = [{ list_id = "l" }]
"#;

/// A crate with a rule, a list, a value list and overlays.
fn krate(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("files have a folder"))
            .expect("the target folder is writable");
        fs::write(path, text).expect("the target folder is writable");
    };
    let severity = |level: &str| {
        format!("[[rules]]\nrule_id = '00000000-0000-4000-8000-000000000001'\nseverity = '{level}'\n")
    };
    write("rules/a.toml", RULE);
    write("overlays/1.toml", &severity("high"));
    write("overlays/2.toml", &severity("critical"));
    write(
        "exceptions/l.toml",
        "list_id = 'l'\n[[items]]\nname = 'I'\nexpire_time = '2999-01-01'\nentries = [{ field = 'host.name', type = 'list', list = { id = 'hosts', type = 'keyword' } }]\n",
    );
    write("exceptions/hosts.txt", "a\n");
    root
}

fn expanded(root: &Path, call: &str) -> String {
    let surroundings = Surroundings { root: root.to_owned() };
    expand(call.parse().expect("tokens"), &surroundings).to_string()
}

#[test]
fn a_build_depends_on_all_files_and_tells_what_will_end() {
    let root = krate("expand-files");
    let call = "struct S = \"rules/*.toml\"; exceptions = \"exceptions/*\"; overlays = \"overlays/*.toml\";";
    let code = expanded(&root, call);
    for file in
        ["rules/a.toml", "exceptions/l.toml", "exceptions/hosts.txt", "overlays/1.toml", "overlays/2.toml"]
    {
        assert!(code.contains(&format!("include_bytes ! (\"{}", root.join(file).display())), "{file}");
    }
    assert!(!code.contains("compile_error"), "{code}");
    assert!(code.contains("W0906"), "an item that will end is told where it is compiled in");
}

#[test]
fn overlays_apply_in_the_order_of_their_patterns() {
    let root = krate("expand-order");
    // The compiled rules are packed: that they differ is enough.
    let severity = |overlays: &str| {
        let call = format!("struct S = \"rules/*.toml\"; overlays = {overlays}; warnings = false;");
        let code = expanded(&root, &call);
        let packed = code.split("StaticSet :: new").nth(1).and_then(|rest| rest.split(';').next());
        packed.expect("the set is packed").to_owned()
    };
    let one = severity("\"overlays/1.toml\"");
    let other = severity("\"overlays/2.toml\"");
    assert_ne!(one, other);
    assert_eq!(severity("\"overlays/*.toml\""), other);
    assert_eq!(severity("\"overlays/2.toml\", \"overlays/1.toml\""), one);
    assert_eq!(
        severity("\"overlays/2.toml\", \"overlays/*.toml\""),
        one,
        "each file once, where it is named first"
    );
}

#[test]
fn every_pattern_names_a_file() {
    let root = krate("expand-patterns");
    for (option, pattern) in [("exceptions", "lists/*"), ("overlays", "site.toml")] {
        let code = expanded(&root, &format!("struct S = \"rules/*.toml\"; {option} = \"{pattern}\";"));
        assert!(code.contains(&format!("no file matches `{pattern}`")), "{code}");
    }
}
