//! A million events over each type of rule with state, 50,000 live keys: time beside that of the same query without state,
//! memory, evictions.
//!
//! `cargo run --release -p rule-compiler --example state_stream`
//!
//! An event each millisecond, as a JSON line, with one of 50,000 pairs of user and address in turn; the query holds for all
//! of them. Rules are planned in process. All matchers take turns at the same 50,000 lines, and a figure is the median of
//! the rounds behind the first, from which on all keys are there. `little room` is for 40,000 keys, so that each event finds
//! that its key has just been dropped.

#![allow(clippy::print_stdout, reason = "the figures are the point")]
#![allow(clippy::cast_precision_loss, reason = "it prints rounded figures")]

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bumpalo::Bump;
use rule_compiler::plan::{PlanOptions, plan};
use rule_compiler::ruleset::inputs;
use rule_lang::{ruleset, schema};
use rule_runtime::engine::{Matcher, Options, StateLimits};
use rule_runtime::keyed::KeyedLimits;
use rule_runtime::sequence::EventRef;
use rule_runtime::set::RuleSet;

const KEYS: u64 = 50_000;
const ROUNDS: u64 = 20;
/// Of so many events one has an address that is an indicator.
const RARE: u64 = 100;

const HEAD: &str = "[rule]
name = 'State'
rule_id = '5a7e0000-0000-4000-8000-000000000099'
language = 'kuery'
description = 'All events of the stream'
author = ['Kiln']
severity = 'low'
risk_score = 21
index = ['logs-*']
from = 'now-10m'
query = 'event.category: network and event.outcome: failure'
";

const NO_STATE: &str = "type = 'query'\n";
const NEW_TERMS: &str = "type = 'new_terms'
new_terms_fields = ['user.name', 'source.ip']
history_window_start = 'now-7d'
";
const THRESHOLD: &str = "type = 'threshold'
[rule.threshold]
field = ['user.name', 'source.ip']
value = 10
";
const CARDINALITY: &str = "type = 'threshold'
[rule.threshold]
field = ['user.name', 'source.ip']
value = 10
[[rule.threshold.cardinality]]
field = 'destination.ip'
value = 8
";
const THREAT: &str = "type = 'threat_match'
threat_index = ['ti-*']
threat_query = ''
[[rule.threat_mapping]]
[[rule.threat_mapping.entries]]
field = 'destination.ip'
type = 'mapping'
value = 'threat.indicator.ip'
";
const SUPPRESSION: &str = "type = 'query'
[rule.alert_suppression]
group_by = ['user.name', 'source.ip']
duration = { value = 10, unit = 'm' }
";

/// A rule, and how it is followed.
struct Run {
    name: &'static str,
    rule: &'static str,
    records: usize,
    early: bool,
}

const fn run(name: &'static str, rule: &'static str, records: usize, early: bool) -> Run {
    Run { name, rule, records, early }
}

const RUNS: [Run; 11] = [
    run("no state", NO_STATE, 1, true),
    run("threat_match, 50,000 indicators", THREAT, 1, true),
    run("new_terms", NEW_TERMS, 65_536, true),
    run("new_terms, little room", NEW_TERMS, 40_000, true),
    run("threshold", THRESHOLD, 65_536, true),
    run("threshold at the end", THRESHOLD, 131_072, false),
    run("threshold with cardinality", CARDINALITY, 65_536, true),
    run("threshold, little room", THRESHOLD, 40_000, true),
    run("suppression", SUPPRESSION, 65_536, true),
    run("suppression at the end", SUPPRESSION, 65_536, false),
    run("suppression, little room", SUPPRESSION, 40_000, true),
];

fn main() {
    let arenas: Vec<Bump> = RUNS.iter().map(|_| Bump::new()).collect();
    let sets: Vec<RuleSet<'_>> =
        RUNS.iter().zip(&arenas).map(|(run, arena)| planned(run.rule, arena)).collect();
    let mut matchers: Vec<_> = RUNS.iter().zip(&sets).map(|(run, set)| matcher(run, set)).collect();
    let mut times = vec![Vec::new(); RUNS.len()];
    let mut found = vec![0; RUNS.len()];
    let mut block = String::new();
    for round in 0..ROUNDS {
        block.clear();
        (0..KEYS).for_each(|key| write_event(round, key, &mut block));
        for (at, (matcher, _)) in matchers.iter_mut().enumerate() {
            let start = Instant::now();
            matcher.block(
                block.as_bytes(),
                |line| EventRef(round * KEYS + line.number as u64),
                |_, outcome| {
                    let outcome = outcome.expect("events are JSON");
                    found[at] += outcome.rules().len() + outcome.findings().len();
                },
            );
            times[at].push(start.elapsed());
        }
    }
    for ((matcher, _), found) in matchers.iter_mut().zip(&mut found) {
        *found += matcher.finish().findings().len();
    }
    print(&mut times, &found, &matchers);
}

/// Plans a rule that says this beside [`HEAD`].
fn planned<'a>(rule: &str, arena: &'a Bump) -> RuleSet<'a> {
    let file = ("state.toml".to_owned(), format!("{HEAD}{rule}").into_bytes());
    let rules = ruleset::load([file], &ruleset::Options { schema: schema::builtin(), strict: true });
    assert_eq!(rules.diagnostics, [], "the rules are sound");
    let planned = plan(&inputs(&rules, arena), &PlanOptions::default(), arena);
    assert_eq!(planned.set.rules.len(), 1, "{:?}", planned.refused);
    planned.set
}

/// A matcher, and bytes of the indicators that it looks for.
fn matcher<'a>(run: &Run, set: &'a RuleSet<'a>) -> (Matcher<'a>, usize) {
    let states = StateLimits {
        records: KeyedLimits::with_records(run.records),
        values: run.records * 16,
        alert_bytes: run.records * 28,
        early: run.early,
        ..StateLimits::default()
    };
    let mut matcher = Matcher::with_options(set, Options { states, ..Options::default() });
    if set.states.threats.is_empty() {
        return (matcher, 0);
    }
    let mut builder = matcher.indicators();
    for number in 0..KEYS {
        let indicator = format!(r#"{{"threat":{{"indicator":{{"ip":"{}"}}}}}}"#, listed(number));
        matcher.indicator(indicator.as_bytes(), EventRef(number), false, &mut builder).expect("JSON");
    }
    let known = Arc::new(builder.finish());
    let bytes = known.bytes();
    matcher.use_indicators(known);
    (matcher, bytes)
}

/// The address of an indicator.
fn listed(number: u64) -> String {
    format!("172.16.{}.{}", number / 250, number % 250)
}

fn write_event(round: u64, key: u64, out: &mut String) {
    let number = round * KEYS + key;
    let time = 1_700_000_000_000 + number;
    let mixed = number.wrapping_mul(6_364_136_223_846_793_005) >> 33;
    let target = if mixed.is_multiple_of(RARE) {
        listed(mixed % KEYS)
    } else {
        format!("10.200.{}.{}", mixed / 250 % 250, mixed % 250)
    };
    let [a, b] = [key / 250, key % 250];
    writeln!(
        out,
        r#"{{"@timestamp":{time},"event":{{"category":"network","outcome":"failure","dataset":"flow"}},"user":{{"name":"user-{key:06}","domain":"example"}},"source":{{"ip":"10.1.{a}.{b}","port":{}}},"destination":{{"ip":"{target}","port":443}},"message":"a connection was refused"}}"#,
        1024 + mixed % 60_000
    )
    .expect("text grows");
}

fn print(times: &mut [Vec<Duration>], found: &[usize], matchers: &[(Matcher<'_>, usize)]) {
    let mut medians = times.iter_mut().map(|times| {
        let times = &mut times[1..];
        times.sort_unstable();
        times[times.len() / 2].as_nanos() as f64 / KEYS as f64
    });
    let floor = medians.next().unwrap_or(f64::NAN);
    println!("| {KEYS} keys, {} events | ns an event | to no state | MiB | found | evicted |", ROUNDS * KEYS);
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let medians = std::iter::once(floor).chain(medians);
    for (((run, median), found), (matcher, indicators)) in RUNS.iter().zip(medians).zip(found).zip(matchers) {
        let bytes = matcher.state_bytes() + indicators;
        let stats = [matcher.state_stats(0), matcher.suppression_stats(0)];
        let evicted: u64 = stats.iter().flatten().map(|stats| stats.evicted).sum();
        println!(
            "| {} | {median:.0} | {:.2} | {:.1} | {found} | {evicted} |",
            run.name,
            median / floor,
            bytes as f64 / f64::from(1 << 20)
        );
    }
}
