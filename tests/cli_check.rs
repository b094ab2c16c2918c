//! `kiln check` and `kiln debug`: rule files without a build.
#![cfg(feature = "cli")]

mod cli;

use cli::{Folder, kiln};

fn rule(id: u32, query: &str) -> String {
    format!(
        "[rule]\nname = \"Rule {id}\"\nrule_id = \"00000000-0000-4000-8000-{id:012}\"\ntype = \"eql\"\nlanguage = \"eql\"\n\
         description = \"d\"\nauthor = [\"a\"]\nrisk_score = 21\nseverity = \"low\"\nquery = '''\n{query}\n'''\n"
    )
}

#[test]
fn the_shipped_rules_are_sound() {
    let run = kiln(["check", "rules", "--deny", "warnings"]).run().ended(0);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("0 errors, 0 warnings"), "{}", run.stderr);
}

#[test]
fn every_mistake_of_every_file_is_shown_at_its_place() {
    let folder = Folder::new("check-mistakes");
    folder.file("a.toml", rule(1, "process where process.name = \"x\""));
    folder.file("b.toml", rule(2, "process where startWith(process.name, \"x\")"));
    folder.file("c.yml", "rule:\n  name: 7\n");
    folder.file("good.toml", rule(3, "process where process.name == \"x\""));
    folder.file("notes.md", "no rule");
    let run = kiln(["check", &folder.path()]).run().ended(1);
    assert!(run.stdout.contains("a.toml:11:28"), "{}", run.stdout);
    assert!(run.stdout.contains("11 | process where process.name = \"x\""), "{}", run.stdout);
    assert!(run.stdout.contains("b.toml:11:15"), "{}", run.stdout);
    assert!(run.stdout.contains("startsWith"), "{}", run.stdout);
    assert!(run.stdout.contains("c.yml:2:9"), "{}", run.stdout);
    assert!(!run.stdout.contains("good.toml"), "{}", run.stdout);
    assert!(run.stderr.contains("4 files: 1 rule, "), "{}", run.stderr);
}

#[test]
fn findings_can_be_json() {
    let folder = Folder::new("check-json");
    let file = folder.file("a.toml", rule(1, "process where process.name = \"x\""));
    let run = kiln(["check", "--format", "json", "--quiet", &file]).run().ended(1);
    let finding = &run.json()[0];
    assert_eq!(finding["level"], "error");
    assert_eq!(finding["line"], 11);
    assert_eq!(finding["file"], file);
    assert_eq!(run.stderr, "");
}

#[test]
fn warnings_are_no_errors_unless_denied() {
    let folder = Folder::new("check-warnings");
    let file = folder.file("a.toml", rule(1, "process where true") + "no_such_key = 1\n");
    let run = kiln(["check", &file]).run().ended(0);
    assert!(run.stdout.contains("no_such_key"), "{}", run.stdout);
    assert!(run.stderr.contains("0 errors, 1 warning"), "{}", run.stderr);
    kiln(["check", "-D", "warnings", &file]).run().ended(1);
}

#[test]
fn dead_logic_is_a_warning() {
    let folder = Folder::new("check-lint");
    let file = folder.file("a.toml", rule(1, "process where process.name in (\"cmd.exe\", \"power*\")"));
    let run = kiln(["check", &file]).run().ended(0);
    assert!(run.stdout.contains("a.toml:11:") && run.stdout.contains("power*"), "{}", run.stdout);
    assert!(run.stderr.contains("0 errors, 1 warning"), "{}", run.stderr);
}

#[test]
fn filters_are_told_at_their_own_place() {
    let folder = Folder::new("check-filters");
    let with = |filter: &str| {
        rule(1, "process where user.name == \"HEREa\"")
            .replace("query =", &format!("filters = [\n{filter}\n]\nquery ="))
    };
    let place = |text: &str| {
        let before = &text[..=text.find("'HERE").expect("the place is marked")];
        format!("a.toml:{}:{}", before.lines().count(), before.lines().last().expect("a line").len())
    };
    for (filter, code, message) in [
        // Too many states for the planner.
        ("{ query = { regexp = { 'user.name' = 'HERE(.{900}){900}' } } }", "E0503", "states"),
        ("{ query = { regexp = { 'user.name' = 'HERE(' } } }", "E0410", "regular expression"),
        ("{ query = { match_phrase_prefix = { 'user.name' = 'HERE' } } }", "W0507", "fields of text"),
        ("{ query = { range = { 'process.pid' = { gte = 'HERE' } } } }", "W0409", "is no number"),
        ("{ query = { exists = { field = 'HEREx.nmae' } } }", "E0401", "unknown field"),
        (
            "{ meta = { negate = true }, query = { term = { 'user.name' = 'HEREa' } } }",
            "W0603",
            "beside its opposite",
        ),
    ] {
        let text = with(filter);
        let file = folder.file("a.toml", &text);
        let strict: &[&str] = if code == "E0401" { &["--strict=unknown-fields"] } else { &[] };
        let run = kiln([&["check", &*file], strict].concat()).run();
        let shown = run.stdout.contains(code) && run.stdout.contains(message);
        assert!(shown && run.stdout.contains(&place(&text)), "{filter}: {}", run.stdout);
    }
}

#[test]
fn a_schema_adds_fields() {
    let folder = Folder::new("check-schema");
    let file = folder.file("a.toml", rule(1, "process where our.own_field == \"x\""));
    kiln(["check", "--strict", &file]).run().ended(1);
    let schema = folder.file("fields.txt", "our.own_field keyword\n");
    kiln(["check", "--strict", "--schema", &schema, &file]).run().ended(0);
    let bad = folder.file("bad.txt", "our.own_field no_such_type\n");
    let run = kiln(["check", "--schema", &bad, &file]).run().ended(1);
    assert!(run.stderr.contains("no_such_type"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = Folder::new("check-unreadable");
    let run = kiln(["check", &folder.path(), "/no/such/file.toml"]).run().ended(1);
    assert!(run.stderr.contains("holds no rule files"), "{}", run.stderr);
    assert!(run.stderr.contains("/no/such/file.toml: no such file"), "{}", run.stderr);
    let odd = folder.file("a.txt", "x");
    let binary = folder.file("b.toml", [0xff, 0, 1]);
    let run = kiln(["check", &odd, &binary]).run().ended(1);
    assert!(
        run.stdout.contains("does not say what format") && run.stdout.contains("not UTF-8"),
        "{}",
        run.stdout
    );
    kiln(["check"]).run().ended(2);
}

#[test]
fn every_stage_can_be_printed() {
    let folder = Folder::new("debug-stages");
    let query = "process where process.name : \"a*\" and not process.pid in (1, 2)";
    let file = folder.file("a.toml", rule(1, query));
    let stage = |stage: &str| kiln(["debug", stage, &file]).run().ended(0).stdout;
    let ast = stage("ast");
    assert!(
        ast.contains(query) && ast.contains("event of category \"process\"\n    and\n      :\n"),
        "{ast}"
    );
    let condition = stage("condition");
    assert!(condition.contains("process.name:keyword like~ (\"a*\")"), "{condition}");
    assert!(condition.contains("not process.pid:long in (1, 2)"), "{condition}");
    let plan = stage("plan");
    assert!(plan.contains("1 rules, ") && plan.contains("u0  Rule 1"), "{plan}");
    let code = stage("code");
    assert!(code.contains("pub struct Rules;") && code.contains("::kiln::__rt::"), "{code}");
    assert_eq!(code, stage("code"));
    let bad = folder.file("bad.toml", rule(2, "process where"));
    let run = kiln(["debug", "ast", &bad]).run().ended(1);
    assert!(run.stderr.contains("bad.toml:12:1"), "{}", run.stderr);
    for stage in ["ast", "condition", "plan", "code"] {
        let run = kiln(["debug", stage, "no/such/file.toml"]).run().ended(1);
        assert_eq!(run.stdout, "");
        assert_eq!(run.stderr, "no/such/file.toml: no such file or directory\n");
    }
    kiln(["debug", "no-such-stage", &file]).run().ended(2);
}

fn kql_rule(id: u32, language: &str, query: &str) -> String {
    rule(id, query)
        .replace("\"eql\"\nlang", "\"query\"\nlang")
        .replace("language = \"eql\"", &format!("language = \"{language}\""))
}

#[test]
fn rules_in_kibanas_language_are_checked_and_shown() {
    let folder = Folder::new("check-kql");
    let good = folder.file(
        "good.toml",
        kql_rule(1, "kuery", "process.name:(a or b*) and message:\"x y\" and dll:{ name: z }"),
    );
    let bad = folder.file("bad.toml", kql_rule(2, "kuery", "process.name: (a b"));
    let lucene = folder.file("lucene.toml", kql_rule(3, "lucene", "process.name:a AND b"));
    kiln(["check", &good, "--deny", "warnings"]).run().ended(0);
    let run = kiln(["check", &bad]).run().ended(1);
    assert!(run.stdout.contains("bad.toml:11:15") && run.stdout.contains("E0702"), "{}", run.stdout);
    let run = kiln(["check", &lucene]).run().ended(0);
    assert!(run.stdout.contains("queries in `lucene` are not run"), "{}", run.stdout);
    assert!(run.stderr.contains("0 rules, 1 unsupported (query)"), "{}", run.stderr);

    let stage = |stage: &str| kiln(["debug", stage, &good]).run().ended(0).stdout;
    let ast = stage("ast");
    assert!(ast.contains("process.name: (a or b*) and message: \"x y\" and dll: { name: z }"), "{ast}");
    assert!(ast.contains("an object at dll"), "{ast}");
    let condition = stage("condition");
    assert!(condition.contains("has the words (\"x y\")"), "{condition}");
    assert!(condition.contains("an object at dll meets"), "{condition}");
    let plan = stage("plan");
    assert!(plan.contains("process.name"), "{plan}");
    let code = stage("code");
    assert!(code.contains("message has one of some phrases"), "{code}");
}
