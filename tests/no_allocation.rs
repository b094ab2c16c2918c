//! Nothing is allocated for an event once the buffers have grown: the shipped rules over every event of the corpus if it
//! is there, and over their own events; as JSON, as a caller's struct and from a serde format.

#![allow(clippy::print_stdout, reason = "says what it ran")]

use std::fmt::Write as _;

use kiln::keyed::KeyedLimits;
use kiln::sequence::Limits;
use kiln::source::{FieldSink, Fields};
use kiln::{EventRef, Matcher, Options, Outcome, RuleKind, StateLimits};
use kiln_test_support::allocations::{self, Counting};
use kiln_test_support::{corpus, shipped};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

#[global_allocator]
static COUNTING: Counting = Counting;

kiln::ruleset! { struct Shipped = "rules/**/*.toml", "rules/**/*.yml"; }
kiln::ruleset! {
    struct Programs = "rules/**/*.toml", "rules/**/*.yml";
    residuals = "program";
}

kiln::ruleset! {
    /// Rules that look at an event as a whole.
    struct Whole = "tests/allocations/*.toml";
}
kiln::ruleset! { struct States = "tests/states/rules/*.toml"; }

// The only test of this binary: another one on a second thread would be counted as well.
#[test]
fn no_event_makes_the_matcher_allocate() {
    let mut lines = shipped::all_events();
    match corpus::event_files() {
        Some(files) => lines.extend(files.iter().flat_map(|file| corpus::events(file))),
        None => println!("the corpus is not there: only events of this repository"),
    }
    lines.extend(AWKWARD.iter().map(|&line| line.to_owned()));
    let later: Vec<_> = lines.iter().map(|line| allocations::later(line)).collect();
    println!("{} events", lines.len());

    for (name, set) in [("functions", Shipped::set()), ("programs", Programs::set())] {
        let mut matcher = Matcher::new(set);
        twice(name, &lines, &later, |line| {
            matcher.json(line.as_bytes(), EventRef(0)).map_or(0, |outcome| results(&outcome))
        });
    }
    let structs = |lines: &[String]| parsed(lines).iter().map(Struct::new).collect::<Vec<_>>();
    let mut matcher = Shipped::matcher();
    twice("struct", &structs(&lines), &structs(&later), |event| {
        matcher.fields(event, EventRef(0)).map_or(0, |outcome| results(&outcome))
    });
    let packed = |lines: &[String]| {
        let pack = |event| rmp_serde::to_vec(&Plain(event)).expect("every value has a form");
        parsed(lines).iter().map(pack).collect::<Vec<_>>()
    };
    let mut matcher = Shipped::matcher();
    twice("MessagePack", &packed(&lines), &packed(&later), |event| {
        let mut source = rmp_serde::Deserializer::from_read_ref(event);
        matcher.value(&mut source, EventRef(0)).map_or(0, |outcome| results(&outcome))
    });

    // Looking at all of an event takes long in a build without optimisation.
    let [lines, later] = [lines, later].map(|all| all.into_iter().step_by(10).collect::<Vec<_>>());
    let mut matcher = Whole::matcher();
    twice("whole, JSON", &lines, &later, |line| {
        matcher.json(line.as_bytes(), EventRef(0)).map_or(0, |outcome| results(&outcome))
    });
    let mut matcher = Whole::matcher();
    twice("whole, struct", &structs(&lines), &structs(&later), |event| {
        matcher.fields(event, EventRef(0)).map_or(0, |outcome| results(&outcome))
    });
    let mut matcher = Whole::matcher();
    twice("whole, MessagePack", &packed(&lines), &packed(&later), |event| {
        let mut source = rmp_serde::Deserializer::from_read_ref(event);
        matcher.value(&mut source, EventRef(0)).map_or(0, |outcome| results(&outcome))
    });
    suppressed_sequences(true);
    suppressed_sequences(false);
}

/// Sequences whose alerts are suppressed, with so little room that everything happens: groups begin and end, give way, and
/// find no room for what is remembered of their events.
fn suppressed_sequences(early: bool) {
    let states = StateLimits {
        records: KeyedLimits::with_records(2),
        alert_bytes: 4_000,
        early,
        ..StateLimits::default()
    };
    let sequences = Limits { note_bytes: 4_000, ..Limits::with_pending(100) };
    let mut matcher =
        Matcher::with_options(States::set(), Options { sequences, states, ..Options::default() });
    let mut event = String::with_capacity(1_000);
    let (mut state, mut found, mut count) = (1_u64, 0, 0);
    for number in 0..16_000_u64 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let [user, host, tool, arg] = [33, 40, 47, 54].map(|bits| state >> bits & 127);
        let (user, tool) = (user % 90, if tool.is_multiple_of(2) { "a" } else { "b" });
        let time = 1_700_000_000_000 + number * 30_000;
        event.clear();
        write!(
            event,
            r#"{{"@timestamp":{time},"event":{{"category":"process"}},"user":{{"name":"user-{user}"}},"host":{{"name":["h{host}","all-{}"]}},"process":{{"name":"{tool}.exe","args":["-x","--long-{arg}"]}}}}"#,
            host % 3,
        )
        .expect("text grows");
        let before = allocations::count();
        let outcome = matcher.json(event.as_bytes(), EventRef(number)).expect("events are JSON");
        found += results(&outcome);
        if number >= 4_000 {
            count += allocations::count() - before;
        }
    }
    assert_eq!(count, 0, "suppressed sequences, early: {early}");
    let rule = States::set().rules.iter().position(|rule| rule.kind == RuleKind::Sequence);
    let counted = matcher.suppression_stats(rule.expect("there is a sequence") as u32);
    let counted = counted.expect("its alerts are suppressed");
    assert!(found > 500 && counted.evicted > 100, "{found} {counted:?}");
}

/// Everything that needs memory of its own: escapes in keys and values, arrays in arrays, depth, many values, mistakes.
const AWKWARD: [&str; 6] = [
    r#"{"process":{"na\u006de":"cu\u0072l","args":["\n","-x",["a",["b"]]]},"\u0065vent":{"category":["process"]}}"#,
    r#"{"event":{"category":"process","type":["start","start","start"]},"process":{"args":[{"x":[{}]}],"pid":1e3}}"#,
    r#"{"a":[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]],"process.name":["a","b","c","d"]}"#,
    r#"{"process":{"name":"open}"#,
    r#"{"event":{"category":"process","type":"start"},"process":{"command_line":"\ud83e\udd80"}} x"#,
    "",
];

/// What keeps the results from being optimised away, and lets the passes be compared.
fn results(outcome: &Outcome<'_, '_>) -> usize {
    let events = outcome.groups().map(|group| group.events.len() + group.key.values().count());
    outcome.matches().map(|rule| rule.info.name.len()).sum::<usize>() + events.sum::<usize>()
}

fn twice<E>(name: &str, first: &[E], second: &[E], mut run: impl FnMut(&E) -> usize) {
    let warm: Vec<usize> = first.iter().map(&mut run).collect();
    assert!(warm.iter().filter(|&&results| results > 0).count() > 50, "{name}: nothing fires");
    let mut results = vec![0; second.len()];
    for (number, event) in second.iter().enumerate() {
        let before = allocations::count();
        results[number] = run(event);
        let count = allocations::count() - before;
        assert_eq!(count, 0, "{name}: {count} allocations for event {number}");
    }
    assert_eq!(results, warm, "{name}");
}

/// The events that JSON can be read from.
fn parsed(lines: &[String]) -> Vec<Value> {
    lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// An event as a program may have it: a list of paths with their values.
struct Struct {
    fields: Vec<(String, Vec<Value>)>,
}

impl Struct {
    fn new(event: &Value) -> Self {
        let mut this = Self { fields: Vec::new() };
        this.add("", event);
        this
    }

    fn add(&mut self, path: &str, value: &Value) {
        match value {
            Value::Null => {}
            Value::Object(members) => {
                for (name, value) in members {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.add(&path, value);
                }
            }
            Value::Array(elements) => elements.iter().for_each(|element| self.add(path, element)),
            scalar => match self.fields.iter_mut().find(|(known, _)| known == path) {
                Some((_, values)) => values.push(scalar.clone()),
                None => self.fields.push((path.to_owned(), vec![scalar.clone()])),
            },
        }
    }
}

impl Fields for Struct {
    fn fields(&self, out: &mut FieldSink<'_>) {
        for (path, values) in &self.fields {
            for value in values {
                match value {
                    Value::Bool(value) => out.put(path, *value),
                    Value::String(text) => out.put(path, text),
                    Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                        (Some(number), _, _) => out.put(path, number),
                        (_, Some(number), _) => out.put(path, number),
                        (_, _, number) => out.put(path, number),
                    },
                    Value::Null | Value::Array(_) | Value::Object(_) => {}
                }
            }
        }
    }
}

/// JSON in the data model of other formats: numbers are numbers and not their text.
struct Plain<'v>(&'v Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::String(text) => serializer.serialize_str(text),
            Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(number), _, _) => serializer.serialize_i64(number),
                (_, Some(number), _) => serializer.serialize_u64(number),
                (_, _, number) => serializer.serialize_f64(number.unwrap_or_default()),
            },
            Value::Array(elements) => serializer.collect_seq(elements.iter().map(Plain)),
            Value::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, &Plain(value))?;
                }
                map.end()
            }
        }
    }
}
