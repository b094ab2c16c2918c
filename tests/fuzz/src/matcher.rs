//! Sets of rules: a compiled set against the reference evaluator.

pub(crate) mod generate;

use arbitrary::{Result, Unstructured};
use bumpalo::Bump;
use rule_compiler::plan::{PlanOptions, RuleInput, plan};
use rule_lang::condition::{Query, QueryKind};
use rule_lang::meaning::{self, RunOptions};
use rule_lang::ruleset::{self, parse_and_check};
use rule_lang::schema::{FieldType, Schema};
use rule_lang::source::FileId;
use rule_runtime::engine::{Group, Matcher, Options, Outcome};
use rule_runtime::info::RuleInfo;
use rule_runtime::sequence::{EventRef, Limits};
use rule_runtime::set::RuleSet;

/// Reads the bytes as rules, events and switches of the planner. The compiled set finds what the reference evaluator
/// finds: event by event, as one block, strictly, and while it is profiled; its profile counts the matches.
///
/// # Panics
/// If it does not.
pub fn matcher(bytes: &[u8]) {
    // An error means that there are not enough bytes.
    let _ = run(bytes);
}

/// A result: its events, and the text of its keys.
type Hit = (Vec<Option<usize>>, Vec<String>);

/// Gives the number of results.
fn run(bytes: &[u8]) -> Result<usize> {
    let mut u = Unstructured::new(bytes);
    let passes = passes(&mut u)?;
    let texts: Vec<_> =
        (0..u.int_in_range(1..=6)?).map(|_| generate::query(&mut u)).collect::<Result<_>>()?;
    let schema = schema();
    let options = ruleset::Options { schema: &schema, strict: false };
    let checked = |text: &String| parse_and_check(text, FileId(0), None, &options).0.map(|(_, query)| query);
    let queries: Vec<_> = texts.iter().filter_map(|text| Some((text, checked(text)?))).collect();
    let mut events = Vec::new();
    while !u.is_empty() && events.len() < 24 {
        let time = events.len().try_into().map_or(0, |place: i64| 1_000 + 2 * place);
        events.push(generate::event(Some(time), &mut u)?);
    }
    let arena = Bump::new();
    let inputs: Vec<_> =
        queries.iter().map(|(_, query)| RuleInput { query, info: RuleInfo::EMPTY }).collect();
    let planned = plan(&inputs, &passes, &arena);
    assert!(planned.refused.is_empty(), "{:?} of {texts:?}", planned.refused);
    let parsed: Vec<_> =
        events.iter().map(|text| meaning::Event::from_json(text).expect("events are JSON")).collect();
    let meant: Vec<_> = queries.iter().map(|(_, query)| reference(query, &parsed)).collect();
    for way in [Way::Lines, Way::Block, Way::Strict, Way::Profiled] {
        let found = compiled(&planned.set, &events, way);
        for (((text, _), meant), found) in queries.iter().zip(&meant).zip(found) {
            assert_eq!(found, *meant, "{text} in {texts:?}, {way:?}, {passes:?}\n{}", events.join("\n"));
        }
    }
    Ok(meant.iter().map(Vec::len).sum())
}

/// Switches of the planner.
pub(crate) fn passes(u: &mut Unstructured<'_>) -> Result<PlanOptions> {
    let bits: u16 = u.arbitrary()?;
    let on = |bit: u16| bits >> bit & 1 == 0;
    let [share, intern, split, dispatch, presence, drop_decided, order, numbers, ranges] =
        [0, 1, 2, 3, 4, 5, 6, 7, 8].map(on);
    let anchors = on(9).then_some(1);
    Ok(PlanOptions {
        share,
        intern,
        numbers,
        ranges,
        split,
        dispatch,
        presence,
        drop_decided,
        order,
        anchors,
    })
}

/// The types of the fields that events have.
pub(crate) fn schema() -> Schema {
    let mut schema = Schema::open();
    for (path, ty) in [
        ("event.category", FieldType::Keyword),
        ("s", FieldType::Keyword),
        ("p.t", FieldType::Keyword),
        ("n", FieldType::Long),
        ("b", FieldType::Boolean),
        ("ip", FieldType::Ip),
        ("d", FieldType::Date),
    ] {
        schema.add(path, ty);
    }
    schema
}

fn reference(query: &Query, events: &[meaning::Event]) -> Vec<Hit> {
    let hits = meaning::run(query, events, &RunOptions::default()).into_iter();
    let hit = |hit: meaning::Hit| (hit.events, hit.keys.iter().map(ToString::to_string).collect());
    let mut hits: Vec<_> = hits.map(hit).collect();
    // What is held back for missing events has no order that both sides share.
    if !matches!(query.kind, QueryKind::Event(_)) {
        hits.sort();
    }
    hits
}

/// How events get into a matcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Lines,
    Block,
    Strict,
    Profiled,
}

fn compiled(set: &RuleSet<'_>, events: &[String], way: Way) -> Vec<Vec<Hit>> {
    let mut matcher = Matcher::with_options(
        set,
        Options {
            sequences: Limits::with_pending(2_000),
            strict_json: way == Way::Strict,
            profile: way == Way::Profiled,
            ..Options::default()
        },
    );
    let mut found = Found { hits: vec![Vec::new(); set.rules.len()], singles: vec![0; set.rules.len()] };
    if way == Way::Block {
        let block = events.join("\r\n");
        let place = |line: &rule_runtime::reader::Line<'_>| EventRef(line.number as u64);
        matcher.block(block.as_bytes(), place, |line, outcome| {
            found.add(Some(line.number), outcome.expect("events are JSON"));
        });
    } else {
        for (number, event) in events.iter().enumerate() {
            let outcome = matcher.json(event.as_bytes(), EventRef(number as u64));
            found.add(Some(number), outcome.expect("events are JSON"));
        }
    }
    found.add(None, matcher.finish());
    for (rule, cost) in matcher.profile().into_iter().flatten().enumerate() {
        assert!(cost.candidates >= cost.evaluated && cost.evaluated >= cost.matched);
        assert!(cost.matched == found.singles[rule] || found.singles[rule] == 0, "{cost:?}");
    }
    found.hits
}

struct Found {
    /// By rule.
    hits: Vec<Vec<Hit>>,
    /// By rule: matches of single-event rules.
    singles: Vec<u64>,
}

impl Found {
    fn add(&mut self, event: Option<usize>, outcome: Outcome<'_, '_>) {
        for &rule in outcome.rules() {
            self.singles[rule as usize] += 1;
            self.hits[rule as usize].push((vec![event], Vec::new()));
        }
        for group in outcome.groups() {
            let hits = &mut self.hits[group.rule_index as usize];
            hits.push(hit(&group));
            hits.sort();
        }
    }
}

fn hit(group: &Group<'_, '_>) -> Hit {
    let events = group.events.iter().map(|event| event.map(|event| event.handle.0 as usize)).collect();
    (events, group.key.values().map(|value| value.to_string()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generators_make_rules_that_find_something() {
        let mut state = 1_u64;
        let mut byte = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        let inputs: Vec<Vec<u8>> = (0..100).map(|_| (0..1_000).map(|_| byte()).collect()).collect();
        let found: Vec<usize> =
            inputs.iter().map(|bytes| run(bytes).expect("there are enough bytes")).collect();
        assert!(found.iter().filter(|&&hits| hits > 0).count() > found.len() / 2, "{found:?}");
        let schema = schema();
        let options = ruleset::Options { schema: &schema, strict: false };
        let accepted = inputs.iter().filter(|bytes| {
            let text = generate::query(&mut Unstructured::new(bytes)).expect("there are enough bytes");
            parse_and_check(&text, FileId(0), None, &options).0.is_some()
        });
        assert!(accepted.count() > 80);
    }
}
