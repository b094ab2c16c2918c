//! The rule corpus in one binary: nothing is silently short, and over every event of the corpus compiled code and the
//! reference evaluator give the same results.

#![allow(clippy::print_stdout, reason = "the counts are what the test is run for")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use bumpalo::Bump;
use kiln_compiled_tests::batch::{self, Hit};
use kiln_test_support::corpus::{self, GeneratedMatch};
use kiln_test_support::{info, shipped};
use rule_lang::condition::QueryKind;
use rule_lang::diagnostic::Level;
use rule_lang::diagnostic::render::compile_error;
use rule_lang::meaning::{Event, RunOptions, holds, run};
use rule_lang::rule::Word as _;
use rule_lang::ruleset::{CheckedRule, RuleSet};

#[test]
fn rules_say_of_themselves_what_their_files_say() {
    let Some(rules) = corpus::rules() else { return println!("skipped: the corpus is not there") };
    let arena = Bump::new();
    let set = kiln_compiled_tests::corpus::set().expect("the build had the corpus");
    let inputs = rule_compiler::ruleset::inputs(&rules, &arena);
    info::assert_same(set, &inputs.iter().map(|input| input.info).collect::<Vec<_>>());
}

#[test]
fn every_rule_is_compiled_or_rejected_with_a_reason() {
    let (Some(rules), Some(files), Some(eql_rules), Some(kql_rules)) =
        (corpus::rules(), corpus::rule_files(), corpus::eql_rules(), corpus::kql_rules())
    else {
        println!("skipped: the corpus is not there");
        return;
    };
    let set = kiln_compiled_tests::corpus::set().expect("the build had the corpus");
    let kind =
        |kind: fn(&QueryKind) -> bool| rules.rules.iter().filter(|rule| kind(&rule.query.kind)).count();
    let events = kind(|kind| matches!(kind, QueryKind::Event(_)));
    let sequences = kind(|kind| matches!(kind, QueryKind::Sequence(_)));
    let samples = kind(|kind| matches!(kind, QueryKind::Sample(_)));
    let states = rules.rules.len() - events - sequences - samples;
    let errors: Vec<_> = rules.diagnostics.iter().filter(|d| d.level == Level::Error).collect();
    let mut unsupported = BTreeMap::new();
    for rule in &rules.unsupported {
        *unsupported.entry(rule.rule_type.value.word()).or_insert(0) += 1;
    }
    println!("{} rule files", files.len());
    let mut compiled = BTreeMap::new();
    for rule in set.rules {
        *compiled.entry(rule.info.rule_type.as_str()).or_insert(0_usize) += 1;
    }
    println!("{} rules compiled: {compiled:?}", set.rules.len());
    println!("{events} of events, {sequences} of sequences, {samples} of samples, {states} of other types");
    println!("{} of other types, which are not run: {unsupported:?}", rules.unsupported.len());
    println!("{} rejected", corpus::rejected().len());
    for error in &errors {
        println!("{}", compile_error::render(error, &rules.sources));
    }

    let rejected = corpus::rejected();
    let is_rejected = |rule: &str| rejected.iter().any(|path| path.ends_with(rule));
    let rejected_eql = eql_rules.iter().filter(|rule| is_rejected(&rule.path)).count();
    assert_eq!(eql_rules.len(), compiled["eql"] + rejected_eql);
    let queries = |of: &'static str| kql_rules.iter().filter(move |rule| rule.rule_type == of);
    for (rule_type, least) in [("query", 79), ("new_terms", 96), ("threshold", 9)] {
        let rejected = queries(rule_type).filter(|rule| is_rejected(&rule.path)).count();
        let count = queries(rule_type).count();
        assert_eq!(count, compiled[rule_type] + rejected, "{rule_type}");
        // The corpus as its README counts it.
        assert!(count >= least, "only {count} rules of type `{rule_type}`");
    }
    assert_eq!(files.len(), set.rules.len() + rules.unsupported.len() + corpus::rejected().len());
    assert!(errors.is_empty(), "a rule is rejected that Elasticsearch takes");
    // The corpus as its README counts it.
    assert!(eql_rules.len() >= 841, "only {} EQL rules", eql_rules.len());
}

#[test]
fn compiled_and_reference_results_are_equal() {
    let (Some(rules), Some(streams)) = (corpus::rules(), streams()) else {
        println!("skipped: the corpus is not there");
        return;
    };
    let set = kiln_compiled_tests::corpus::set().expect("the build had the corpus");
    let places = places(set, &rules);
    let next = AtomicUsize::new(0);
    let worker = || {
        let (mut counts, mut problems) = (Counts::default(), Vec::new());
        while let Some(stream) = streams.get(next.fetch_add(1, Ordering::Relaxed)) {
            counts.add(compare(stream, set, &rules, &places, &mut problems));
        }
        (counts, problems)
    };
    let (mut counts, mut problems) = (Counts::default(), Vec::new());
    std::thread::scope(|scope| {
        for handle in [scope.spawn(worker), scope.spawn(worker)] {
            let (some, wrong) = handle.join().expect("a worker does not panic");
            counts.add(some);
            problems.extend(wrong);
        }
    });
    let Counts { events, verdicts, matches, groups } = counts;
    println!("{} streams, {events} events, {} rules: {verdicts} verdicts", streams.len(), places.len());
    println!("{matches} matches of single events, {groups} sequences and samples, the same by both");
    assert!(
        problems.is_empty(),
        "{} differ:\n{}",
        problems.len(),
        problems[..problems.len().min(20)].join("\n")
    );
    assert!(
        events > 35_000 && matches > 5_000 && groups > 100,
        "{events} events, {matches} matches, {groups}"
    );
}

/// Events that are looked at one after the other.
struct Stream {
    name: String,
    events: Vec<String>,
}

/// Each file of real events, and the documents made to match rules in a few parts, so that all rules meet those of
/// others.
fn streams() -> Option<Vec<Stream>> {
    let file =
        |path: PathBuf| Stream { name: path.display().to_string(), events: corpus::events(&path).collect() };
    let part = |(number, cases): (usize, &[GeneratedMatch])| Stream {
        name: format!("part {number} of the generated matches"),
        events: cases.iter().flat_map(|case| case.documents.clone()).collect(),
    };
    let mut generated = corpus::generated_matches()?;
    generated.extend(corpus::generated_matches_in("kuery")?);
    let parts = generated.chunks(500).enumerate().map(part);
    Some(corpus::event_files()?.into_iter().map(file).chain(parts).collect())
}

#[derive(Clone, Copy, Default)]
struct Counts {
    events: usize,
    verdicts: usize,
    matches: usize,
    groups: usize,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.events += other.events;
        self.verdicts += other.verdicts;
        self.matches += other.matches;
        self.groups += other.groups;
    }
}

/// For each rule of the compiled set its place among the checked rules.
fn places(set: &kiln::RuleSet<'_>, rules: &RuleSet) -> Vec<usize> {
    let place = |rule: &kiln::Rule<'_>| {
        let same = |checked: &CheckedRule| checked.rule.rule_id.value == rule.info.rule_id;
        rules.rules.iter().position(same).expect("it was checked at build time too")
    };
    set.rules.iter().map(place).collect()
}

/// All rules over one stream.
fn compare(
    stream: &Stream,
    set: &kiln::RuleSet<'_>,
    rules: &RuleSet,
    places: &[usize],
    problems: &mut Vec<String>,
) -> Counts {
    let lines = &stream.events;
    let events: Vec<_> = lines.iter().map(|line| Event::from_json(line).expect("events are JSON")).collect();
    let compiled = batch::run(set, lines, None, 1);
    let mut counts =
        Counts { events: lines.len(), verdicts: lines.len() * places.len(), ..Counts::default() };
    for (&place, mut hits) in places.iter().zip(compiled) {
        let rule = &rules.rules[place];
        let meant = match &rule.query.kind {
            _ if !rule.rule.enabled => Vec::new(),
            QueryKind::Event(filter) => {
                hits.sort_by(|a, b| a.events.cmp(&b.events));
                let held = (0..events.len()).filter(|&event| holds(&filter.condition, &events[event]));
                held.map(|event| hit(vec![Some(event)], Vec::new())).collect()
            }
            _ => groups(rule, &events),
        };
        let mut meant: Vec<_> = meant;
        if let QueryKind::NewTerms(_) | QueryKind::Threshold(_) = rule.query.kind {
            // Findings have no order among themselves.
            for hits in [&mut hits, &mut meant] {
                hits.sort_by(|a, b| (&a.events, &a.keys).cmp(&(&b.events, &b.keys)));
            }
        }
        let same = hits.len() == meant.len()
            && hits.iter().zip(&meant).all(|(a, b)| (&a.events, &a.keys) == (&b.events, &b.keys));
        if !same {
            problems.push(format!(
                "{} over {}:\n  compiled {hits:?}\n  meaning  {meant:?}",
                rule.rule.name.value, stream.name
            ));
        }
        match rule.query.kind {
            QueryKind::Event(_) => counts.matches += meant.len(),
            _ => counts.groups += meant.len(),
        }
    }
    counts
}

fn groups(rule: &CheckedRule, events: &[Event]) -> Vec<Hit> {
    let options: RunOptions = shipped::run_options(&rule.rule);
    let hits = run(&rule.query, events, &options).into_iter();
    hits.map(|found| hit(found.events, found.keys.iter().map(ToString::to_string).collect())).collect()
}

fn hit(events: Vec<Option<usize>>, keys: Vec<String>) -> Hit {
    Hit { events, keys, key_millis: Vec::new() }
}
