//! What a matcher says its rules cost: exact counts, whatever the passes and however the events come in.

use std::time::Duration;

use bumpalo::Bump;
use kiln::info::RuleInfo;
use kiln::{EventRef, Matcher, Options, RuleCost, RuleSet};
use rule_compiler::plan::{PlanOptions, RuleInput, plan};
use rule_lang::condition::{Condition, Query};
use rule_lang::meaning::{Event, holds};
use rule_lang::ruleset::{self, parse_and_check};
use rule_lang::schema::Schema;
use rule_lang::source::FileId;

const RULES: [&str; 6] = [
    "any where s == \"a\" or t == \"b\"",
    "process where s : \"a*\" and length(t) > 0",
    "any where s == null",
    "any where 1 == 2",
    "sequence [any where t == \"b\"] [process where s == \"a\"]",
    "sample by k [any where t == \"b\"] [any where s : \"?\"]",
];

fn events() -> Vec<String> {
    let mut events = Vec::new();
    for category in ["process", "file"] {
        for s in ["\"a\"", "\"ab\"", "[\"c\",\"a\"]", "null"] {
            for t in ["\"b\"", "\"\"", "null"] {
                let time = events.len();
                events.push(format!(
                    r#"{{"@timestamp":{time},"event":{{"category":"{category}"}},"s":{s},"t":{t},"k":1}}"#
                ));
            }
        }
    }
    events
}

fn matched(condition: &Condition, events: &[String]) -> u64 {
    let holds = |text: &&String| holds(condition, &Event::from_json(text).expect("events are JSON"));
    events.iter().filter(holds).count() as u64
}

/// The counts of a cost, without its time.
fn counts(costs: &[RuleCost]) -> Vec<(u64, u64, u64)> {
    costs.iter().map(|cost| (cost.candidates, cost.evaluated, cost.matched)).collect()
}

/// What rules cost, and how many units were looked at, with events one by one or as a block.
fn profile(set: &RuleSet<'_>, events: &[String], block: bool) -> (Vec<RuleCost>, u64) {
    let mut matcher = Matcher::with_options(set, Options { profile: true, ..Options::default() });
    if block {
        matcher.block(events.join("\n").as_bytes(), |_| EventRef(0), |_, outcome| _ = outcome.expect("JSON"));
    } else {
        for event in events {
            matcher.json(event.as_bytes(), EventRef(0)).expect("events are JSON");
        }
    }
    (matcher.profile().expect("it was asked for"), matcher.candidates())
}

#[test]
fn counts_are_those_of_the_reference_whatever_the_passes() {
    let schema = Schema::open();
    let check = |text: &&str| {
        let options = ruleset::Options { schema: &schema, strict: false };
        parse_and_check(text, FileId(0), None, &options).0.expect("a good query").1
    };
    let queries: Vec<Query> = RULES.iter().map(check).collect();
    let inputs: Vec<_> = queries.iter().map(|query| RuleInput { query, info: RuleInfo::EMPTY }).collect();
    let events = events();
    let meant: Vec<u64> = queries
        .iter()
        .map(|query| query.kind.filters().iter().map(|filter| matched(&filter.condition, &events)).sum())
        .collect();
    let mut all_options = PlanOptions::each_off();
    all_options.push(("nothing", PlanOptions::all()));
    for (off, options) in all_options {
        let arena = Bump::new();
        let set = plan(&inputs, &options, &arena).set;
        let (costs, looked_at) = profile(&set, &events, false);
        assert_eq!(costs.iter().map(|cost| cost.matched).collect::<Vec<_>>(), meant, "without {off}");
        assert!(costs.iter().all(|cost| cost.candidates >= cost.evaluated && cost.evaluated >= cost.matched));
        assert_eq!(costs.iter().map(|cost| cost.evaluated).sum::<u64>(), looked_at, "without {off}");
        assert_eq!(counts(&profile(&set, &events, true).0), counts(&costs), "without {off}");
    }
    // Without passes every condition is looked at for every event, but for one that is never true.
    let arena = Bump::new();
    let set = plan(&inputs, &PlanOptions::none(), &arena).set;
    let all = events.len() as u64;
    let expected: Vec<_> = [1, 1, 1, 0, 2, 2].map(|filters| filters * all).into_iter().zip(meant).collect();
    let costs = profile(&set, &events, false).0;
    let expected: Vec<_> = expected.into_iter().map(|(all, matched)| (all, all, matched)).collect();
    assert_eq!(counts(&costs), expected);
    assert!(costs.iter().map(|cost| cost.time).sum::<Duration>() > Duration::ZERO);
}

#[test]
fn a_matcher_that_is_not_asked_has_no_costs_and_finds_the_same() {
    let schema = Schema::open();
    let options = ruleset::Options { schema: &schema, strict: false };
    let query = parse_and_check(RULES[0], FileId(0), None, &options).0.expect("a good query").1;
    let arena = Bump::new();
    let set = plan(&[RuleInput { query: &query, info: RuleInfo::EMPTY }], &PlanOptions::all(), &arena).set;
    let mut plain = Matcher::new(&set);
    let mut profiled = Matcher::with_options(&set, Options { profile: true, ..Options::default() });
    for event in events() {
        let one = plain.json(event.as_bytes(), EventRef(0)).expect("events are JSON").rules().to_vec();
        let other = profiled.json(event.as_bytes(), EventRef(0)).expect("events are JSON").rules().to_vec();
        assert_eq!(one, other, "{event}");
    }
    assert_eq!(plain.profile(), None);
    // Both branches are candidates where both texts are there; the second is not looked at then.
    let cost = profiled.profile().expect("it was asked for")[0];
    assert!(cost.candidates > cost.evaluated, "{cost:?}");
}
