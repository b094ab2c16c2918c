//! No pass of the planner changes a result: every pass switched off alone, all off and all on, over the same rules and
//! events.

#![allow(clippy::print_stdout, reason = "says what it ran")]

use bumpalo::Bump;
use kiln::info::RuleInfo;
use kiln_compiled_tests::batch::{self, Hit};
use kiln_test_support::{corpus, semantics, shipped};
use rule_compiler::plan::{PlanOptions, RuleInput, plan};
use rule_compiler::ruleset::inputs;
use rule_lang::condition::Query;
use rule_lang::rule::Language;
use rule_lang::ruleset::{self, read_query};
use rule_lang::schema::Schema;
use rule_lang::source::FileId;

fn all_options() -> Vec<(&'static str, PlanOptions)> {
    let mut options = PlanOptions::each_off();
    options.insert(0, ("nothing", PlanOptions::all()));
    options.push(("everything", PlanOptions::none()));
    options
}

/// The results of all rules with all passes, after a comparison with those of all other plans.
fn same_results(name: &str, rules: &[RuleInput<'_, '_>], events: &[String]) -> Vec<Vec<Hit>> {
    let mut expected: Option<Vec<Vec<Hit>>> = None;
    for (off, options) in all_options() {
        let arena = Bump::new();
        let plan = plan(rules, &options, &arena);
        assert!(plan.refused.is_empty(), "{name}: {:?}", plan.refused);
        let hits = batch::run(&plan.set, events, None, 1);
        match &expected {
            None => expected = Some(hits),
            Some(expected) => {
                let differs = expected.iter().zip(&hits).position(|(a, b)| a != b);
                if let Some(rule) = differs {
                    panic!(
                        "{name} without {off}: {} gives\n{:?} and not\n{:?}",
                        rules[rule].info.name, hits[rule], expected[rule]
                    );
                }
                assert_eq!(expected.len(), hits.len(), "{name} without {off}");
            }
        }
    }
    expected.expect("there are plans")
}

fn count(hits: &[Vec<Hit>]) -> usize {
    hits.iter().map(Vec::len).sum()
}

#[test]
fn shipped_rules_over_their_events() {
    let rules = shipped::rules();
    let arena = Bump::new();
    let events = shipped::all_events();
    let hits = same_results("shipped rules", &inputs(&rules, &arena), &events);
    println!("{} rules, {} events, {} results", rules.rules.len(), events.len(), count(&hits));
    assert!(count(&hits) > 100);
}

fn query(text: &str, schema: &Schema) -> Query {
    let options = ruleset::Options { schema, strict: false };
    let (query, diagnostics) = read_query(text, Language::Eql, FileId(0), None, &options);
    query.unwrap_or_else(|| panic!("{text}: {diagnostics:?}")).1
}

#[test]
fn the_semantics_tables() {
    let (groups, cases) = semantics::load();
    for group in &groups {
        let checked = |row| group.checked(row).unwrap_or_else(|problem| panic!("{}: {problem}", group.name));
        let queries: Vec<_> = group.rows.iter().map(checked).collect();
        let arena = Bump::new();
        let input = |(query, row): (_, &semantics::Row)| {
            let name = arena.alloc_str(&row.condition);
            RuleInput { query, info: RuleInfo { name, ..RuleInfo::EMPTY } }
        };
        let rules: Vec<_> = queries.iter().zip(&group.rows).map(input).collect();
        let hits = same_results(&group.name, &rules, &group.events);
        for (hits, row) in hits.iter().zip(&group.rows) {
            let held = row.expected.iter().filter(|&&held| held).count();
            assert_eq!(hits.len(), held, "{}: {}", group.name, row.condition);
        }
    }
    for case in &cases {
        let query = query(&case.query, &case.schema);
        let rules = [RuleInput { query: &query, info: RuleInfo::EMPTY }];
        same_results(&case.name, &rules, &case.events);
    }
    println!("{} groups of conditions, {} queries", groups.len(), cases.len());
}

/// Numbers that are the same in every run (Knuth's multiplier).
struct Sample(u64);

impl Sample {
    /// True for one in `of`.
    fn takes(&mut self, of: u64) -> bool {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33).is_multiple_of(of)
    }
}

/// A sample: one rule in three, one real event in twenty, one generated match in six. `KILN_FULL=1` takes all.
#[test]
fn rules_and_events_of_the_corpus() {
    let (Some(rules), Some(files), Some(generated)) =
        (corpus::rules(), corpus::event_files(), corpus::generated_matches())
    else {
        println!("skipped: the corpus is not there");
        return;
    };
    let full = std::env::var_os("KILN_FULL").is_some();
    let mut sample = Sample(1);
    let mut takes = |of| full || sample.takes(of);
    let arena = Bump::new();
    let inputs: Vec<_> = inputs(&rules, &arena).into_iter().filter(|_| takes(3)).collect();
    let mut events: Vec<_> =
        files.iter().flat_map(|file| corpus::events(file)).filter(|_| takes(20)).collect();
    let documents = generated.into_iter().filter(|_| takes(6)).flat_map(|case| case.documents);
    events.extend(documents);
    let hits = same_results("corpus", &inputs, &events);
    println!("{} rules, {} events, {} results", inputs.len(), events.len(), count(&hits));
    assert!(count(&hits) > 200, "{} results", count(&hits));
}
