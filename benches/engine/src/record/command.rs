//! The `kiln` command with the rules of the benchmark compiled into it.
//!
//! In: the manifest and the sources of this workspace, and rule files. Out: a program. A package is written below
//! Cargo's folder whose sources are those of the workspace and whose `rules` are links to the rule files, so that the
//! macro does for them what it does for the rules that are shipped. Nothing of them comes into the repository.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use kiln_bench::sets::{Rules, accepted};
use rule_lang::rule::RuleType;
use rule_lang::ruleset::CheckedRule;
use toml::{Table, Value};

use super::process::{cargo, output};

/// The command takes YAML files, too, and a pattern has to match something. This one is switched off.
const OFF: &str = "\
name: Nothing
rule_id: 4b1c4f0e-0000-4000-8000-000000000000
type: eql
language: eql
description: Switched off, it stands in for the rules in YAML
author: [Kiln]
severity: low
risk_score: 1
enabled: false
index: ['*']
query: any where false
";

/// Builds it, with the rules of the type `eql` alone or with all; gives the program.
pub(crate) fn build(root: &Path, work: &Path, rules: &Rules, eql: bool) -> Result<PathBuf, String> {
    let folder = work.join(if eql { "command-eql" } else { "command" });
    let target = work.join("build");
    write(root, &folder, rules, eql)?;
    let mut cargo = cargo(root);
    cargo.args(["build", "--release", "--quiet", "--bin", "kiln"]);
    cargo.arg("--manifest-path").arg(folder.join("Cargo.toml")).arg("--target-dir").arg(&target);
    output(&mut cargo).map_err(|error| format!("the command does not build: {error}"))?;
    Ok(target.join("release/kiln"))
}

fn write(root: &Path, folder: &Path, rules: &Rules, eql: bool) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let manifest = fs::read_to_string(root.join("Cargo.toml")).map_err(failed)?;
    let manifest = rewrite(&manifest, root)?;
    let rule_folder = folder.join("rules");
    let _ = fs::remove_dir_all(&rule_folder);
    fs::create_dir_all(&rule_folder).map_err(failed)?;
    // Cargo looks at times, so what has not changed is not written again.
    let path = folder.join("Cargo.toml");
    if fs::read_to_string(&path).ok().as_deref() != Some(&manifest) {
        fs::write(&path, manifest).map_err(failed)?;
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).map_err(failed)?;
    }
    let mut has_yaml = false;
    let wanted = |rule: &CheckedRule| !eql || *rule.rule.rule_type == RuleType::Eql;
    for (number, rule) in accepted(&rules.set).into_iter().filter(|(_, rule)| wanted(rule)) {
        let path = root.join(rules.set.sources.get(rule.rule.file).path());
        let path = path.canonicalize().map_err(failed)?;
        let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        has_yaml |= ending == "yml";
        symlink(&path, rule_folder.join(format!("{number:04}.{ending}"))).map_err(failed)?;
    }
    if !has_yaml {
        fs::write(rule_folder.join("off.yml"), OFF).map_err(failed)?;
    }
    Ok(())
}

/// The manifest of the workspace as that of a package that lies elsewhere: the same targets, dependencies and profiles.
fn rewrite(manifest: &str, root: &Path) -> Result<String, String> {
    let mut manifest: Table = manifest.parse().map_err(|error| format!("Cargo.toml: {error}"))?;
    let absolute = |path: &str| Value::from(root.join(path).to_string_lossy().into_owned());
    for unused in ["dev-dependencies", "example"] {
        manifest.remove(unused);
    }
    let table = |manifest: &mut Table, name: &str| match manifest.get_mut(name) {
        Some(Value::Table(table)) => Ok(std::mem::take(table)),
        _ => Err(format!("Cargo.toml has no [{name}]")),
    };
    let mut workspace = table(&mut manifest, "workspace")?;
    workspace.insert("members".to_owned(), Value::Array(Vec::new()));
    workspace.remove("exclude");
    if let Some(Value::Table(dependencies)) = workspace.get_mut("dependencies") {
        for (_, dependency) in dependencies.iter_mut() {
            let Value::Table(dependency) = dependency else { continue };
            let path = dependency.get("path").and_then(Value::as_str).map(absolute);
            dependency.extend(path.map(|path| ("path".to_owned(), path)));
        }
    }
    manifest.insert("workspace".to_owned(), Value::Table(workspace));
    let mut package = table(&mut manifest, "package")?;
    package.insert("build".to_owned(), absolute("build.rs"));
    manifest.insert("package".to_owned(), Value::Table(package));
    manifest.insert(
        "lib".to_owned(),
        Value::Table(Table::from_iter([("path".to_owned(), absolute("src/lib.rs"))])),
    );
    if let Some(Value::Array(programs)) = manifest.get_mut("bin") {
        for program in programs {
            let Value::Table(program) = program else { continue };
            let path = program.get("path").and_then(Value::as_str).map(absolute);
            program.extend(path.map(|path| ("path".to_owned(), path)));
        }
    }
    Ok(manifest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_elsewhere_has_the_same_sources() {
        let root = kiln_test_support::shared::workspace().canonicalize().expect("the workspace is there");
        let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("a readable file");
        let text = rewrite(&manifest, &root).expect("the manifest is one");
        let table: Table = text.parse().expect("it is TOML");
        let main = table["bin"][0]["path"].as_str().expect("a program has a path");
        assert!(Path::new(main).is_absolute() && Path::new(main).is_file(), "{main}");
        let runtime = table["workspace"]["dependencies"]["rule-runtime"]["path"].as_str().expect("a path");
        assert!(Path::new(runtime).join("Cargo.toml").is_file(), "{runtime}");
        assert_eq!(table["profile"]["release"]["lto"].as_str(), Some("thin"));
        assert!(table["workspace"]["members"].as_array().is_some_and(Vec::is_empty));
    }
}
