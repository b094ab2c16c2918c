//! Plans and emitted code of a few small sets, held against the files of `tests/golden`: `NAME.eql` holds queries with
//! empty lines between them, `NAME.plan` what the planner makes of them with each of its passes off, `NAME.rs` the
//! code, and `NAME.set` the tables that the code holds in packed form. `UPDATE_GOLDEN=1` writes all of them anew; read
//! the difference before it is committed.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use bumpalo::Bump;
use proc_macro2::{Spacing, Span, TokenStream, TokenTree};
use quote::quote;
use rule_compiler::codegen::{self, CodegenOptions, Wrapper};
use rule_compiler::plan::{Plan, PlanOptions, RuleInput, plan};
use rule_compiler::ruleset::inputs;
use rule_lang::condition::Query;
use rule_lang::ruleset::{self, parse_and_check};
use rule_lang::schema;
use rule_lang::source::FileId;
use rule_runtime::info::RuleInfo;
use rule_runtime::packed::{pack, unpack};
use syn::{Ident, Visibility};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The queries of each file, by its name.
fn fixtures() -> Vec<(String, Vec<Query>)> {
    let entries = fs::read_dir(folder()).expect("the folder is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "eql"));
    paths.sort();
    let options = ruleset::Options { schema: schema::builtin(), strict: true };
    let query = |text: &str| {
        let (query, diagnostics) = parse_and_check(text, FileId(0), None, &options);
        query.unwrap_or_else(|| panic!("{text}: {diagnostics:?}")).1
    };
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("a readable file").replace('\r', "");
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, text.split("\n\n").map(query).collect())
    };
    paths.iter().map(read).collect()
}

fn planned<'a>(queries: &[Query], options: PlanOptions, arena: &'a Bump) -> Plan<'a> {
    let input = |(number, query)| {
        let name = arena.alloc_str(&format!("Rule {number}"));
        RuleInput { query, info: RuleInfo { name, ..RuleInfo::EMPTY } }
    };
    let plan = plan(&queries.iter().enumerate().map(input).collect::<Vec<_>>(), &options, arena);
    assert!(plan.refused.is_empty(), "{:?}", plan.refused);
    plan
}

fn emitted(plan: &Plan<'_>, facade: &TokenStream, options: CodegenOptions) -> TokenStream {
    let wrapper = Wrapper {
        attributes: &[],
        visibility: &Visibility::Inherited,
        name: &Ident::new("Rules", Span::call_site()),
        facade,
        files: &["/rules/one.toml".to_owned()],
        kept: None,
    };
    codegen::emit(&wrapper, plan, options)
}

fn code(plan: &Plan<'_>) -> TokenStream {
    emitted(plan, &quote!(::kiln), CodegenOptions::default())
}

fn pretty(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).expect("emitted code is Rust"))
}

/// The tables as they come out of the packed form, without what rules say of themselves and the tables of the reader.
fn tables(plan: &Plan<'_>) -> String {
    let packed = pack(&plan.set, |_| false);
    let arena = Bump::new();
    let set = unpack(&packed.texts, &packed.data, &[], &arena).expect("it has just been packed");
    assert_eq!(format!("{set:?}"), format!("{:?}", plan.set), "unpacked, the set is another");
    let mut out = String::new();
    list(&mut out, "tests", set.predicates);
    list(&mut out, "literals", set.literals);
    list(&mut out, "anchors", set.anchors);
    list(&mut out, "units", set.units);
    list(&mut out, "filters", set.filters);
    list(&mut out, "all", set.dispatch.all);
    list(&mut out, "dispatch", set.dispatch.fields);
    list(&mut out, "sequences", set.sequences);
    list(&mut out, "samples", set.samples.defs);
    out
}

/// A line for each item, texts as texts.
fn list<T: std::fmt::Debug>(out: &mut String, name: &str, items: &[T]) {
    writeln!(out, "{name}").expect("writing to a String does not fail");
    for (number, item) in items.iter().enumerate() {
        writeln!(out, "  {number}: {}", with_texts(&format!("{item:?}")))
            .expect("writing to a String does not fail");
    }
}

/// Lists of the codes of printable characters as what they spell.
fn with_texts(debug: &str) -> String {
    let mut out = String::new();
    let mut rest = debug;
    while let Some(start) = rest.find('[') {
        let (before, list) = rest.split_at(start);
        out.push_str(before);
        let end = list.find(']').expect("brackets are closed") + 1;
        let codes = list[1..end - 1].split(", ").map(str::parse::<u8>);
        let text = codes.map(|code| code.ok().filter(|code| (b' '..=b'~').contains(code)).map(char::from));
        let text = text.collect::<Option<String>>();
        if let Some(text) = text.filter(|text| text.chars().any(|c| c.is_ascii_alphabetic())) {
            write!(out, "{text:?}").expect("writing to a String does not fail");
            rest = &list[end..];
        } else {
            out.push('[');
            rest = &list[1..];
        }
    }
    out + rest
}

/// What the planner decided, as a person may read it.
fn explained(plan: &Plan<'_>) -> String {
    let explain = &plan.explain;
    let mut out = format!("dispatch on {}\n", explain.dispatch.join(", "));
    for (path, patterns, anchors) in &explain.anchors {
        writeln!(out, "{anchors} anchors for {patterns} patterns of {path}")
            .expect("writing to a String does not fail");
    }
    for (number, test) in explain.tests.iter().enumerate() {
        writeln!(out, "test {number}: {test}").expect("writing to a String does not fail");
    }
    for unit in &explain.units {
        let needs = if unit.needs.is_empty() {
            String::new()
        } else {
            format!(
                ", needs {}",
                unit.needs.iter().map(|clause| clause.join(" or ")).collect::<Vec<_>>().join(", and ")
            )
        };
        writeln!(out, "unit of filter {}{needs}: {}", unit.filter, explain.residual(unit))
            .expect("writing to a String does not fail");
    }
    out
}

fn assert_golden(file: &str, actual: &str) {
    let path = folder().join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, actual).expect("the folder is writable");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default().replace('\r', "");
    let line = expected.lines().zip(actual.lines()).position(|(expected, actual)| expected != actual);
    assert!(
        expected == actual,
        "{file} is another from line {:?} on; UPDATE_GOLDEN=1 writes it anew\n{actual}",
        line.map(|line| line + 1)
    );
}

#[test]
fn plans() {
    for (name, queries) in fixtures() {
        let mut text = String::new();
        let mut options = PlanOptions::each_off();
        options.insert(0, ("nothing", PlanOptions::all()));
        options.push(("everything", PlanOptions::none()));
        for (off, options) in options {
            let arena = Bump::new();
            let plan = planned(&queries, options, &arena);
            writeln!(text, "== without {off}\n{}", explained(&plan))
                .expect("writing to a String does not fail");
        }
        assert_golden(&format!("{name}.plan"), &text);
    }
}

#[test]
fn emitted_code() {
    for (name, queries) in fixtures() {
        let arena = Bump::new();
        let plan = planned(&queries, PlanOptions::all(), &arena);
        let options = CodegenOptions { for_people: true, ..CodegenOptions::default() };
        assert_golden(&format!("{name}.rs"), &pretty(emitted(&plan, &quote!(::kiln), options)));
        assert_golden(&format!("{name}.set"), &tables(&plan));
    }
}

/// The rules this repository ships.
fn shipped() -> rule_lang::ruleset::RuleSet {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules");
    let pattern = rules.join("**/*.*").to_string_lossy().into_owned();
    let paths = glob::glob(&pattern).expect("a pattern").map(|path| path.expect("a readable entry"));
    let is_rule = |path: &PathBuf| path.extension().is_some_and(|e| e == "toml" || e == "yml");
    let read = |path: PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, fs::read(path).expect("a readable file"))
    };
    let files: Vec<_> = paths.filter(is_rule).map(read).collect();
    ruleset::load(files, &ruleset::Options { schema: schema::builtin(), strict: true })
}

#[test]
fn the_same_rules_give_the_same_code_byte_for_byte() {
    let emit = || {
        let rules = shipped();
        let arena = Bump::new();
        let inputs = inputs(&rules, &arena);
        let plan = plan(&inputs, &PlanOptions::all(), &arena);
        (inputs.len(), code(&plan).to_string(), plan.set.fingerprint)
    };
    let (first, second) = (emit(), emit());
    assert!(first.0 > 20 && first.1.len() > 10_000);
    assert!(first == second, "two runs give different code");
}

#[test]
fn residuals_as_programs_are_no_functions() {
    let rules = shipped();
    let arena = Bump::new();
    let plan = plan(&inputs(&rules, &arena), &PlanOptions::all(), &arena);
    let functions = |residual_functions| {
        let options = CodegenOptions { residual_functions, ..CodegenOptions::default() };
        emitted(&plan, &quote!(::kiln), options).to_string().matches("fn unit_").count()
    };
    assert!(functions(true) > 10);
    assert_eq!(functions(false), 0);
}

/// The first part of every path, with its `::` if it is a global one.
fn heads(tokens: TokenStream, heads: &mut BTreeSet<String>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let is_path_separator = |at: usize| match (tokens.get(at), tokens.get(at + 1)) {
        (Some(TokenTree::Punct(first)), Some(TokenTree::Punct(second))) => {
            first.as_char() == ':' && first.spacing() == Spacing::Joint && second.as_char() == ':'
        }
        _ => false,
    };
    let is_name = |at: usize| match &tokens[at] {
        TokenTree::Ident(ident) => !["impl", "mut", "static"].contains(&ident.to_string().as_str()),
        _ => false,
    };
    for (place, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => self::heads(group.stream(), heads),
            TokenTree::Ident(ident) if is_name(place) => {
                let separated = place >= 2 && is_path_separator(place - 2);
                let later = separated && place >= 3 && is_name(place - 3);
                if separated && !later {
                    heads.insert(format!("::{ident}"));
                } else if !separated && is_path_separator(place + 1) {
                    heads.insert(ident.to_string());
                }
            }
            _ => {}
        }
    }
}

#[test]
fn every_path_starts_at_core_or_at_the_facade() {
    let rules = shipped();
    let arena = Bump::new();
    let plan = plan(&inputs(&rules, &arena), &PlanOptions::all(), &arena);
    for residual_functions in [true, false] {
        let options = CodegenOptions { residual_functions, ..CodegenOptions::default() };
        let code = emitted(&plan, &quote!(::forge), options);
        assert!(!code.to_string().contains("kiln ::"), "a path knows the facade by its usual name");
        let mut found = BTreeSet::new();
        heads(code, &mut found);
        // Lints are named by their tool.
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["::core", "::forge", "clippy"]);
    }
}
