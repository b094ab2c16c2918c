//! Runs a compiled set over some events at once and gives each rule's results as a search would: in order of time,
//! pipes applied.

use kiln::event::{Event, SlotTree};
use kiln::reader::read_line;
use kiln::sequence::{KeyValue, Limits, Pipe, Tiebreaker, Timestamp};
use kiln::{
    Detail, EventRef, Finding, Matcher, Options, Outcome, Parts, Rule, RuleKind, RuleSet, StateLimits,
};

/// One result of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its events as places in the input; `None` for a missing one.
    pub events: Vec<Option<usize>>,
    /// Its join key as text.
    pub keys: Vec<String>,
    /// Dates of the key in milliseconds, for those who print them so.
    pub key_millis: Vec<Option<i64>>,
}

/// The results of each rule of `set`, by the rule's number. Events that are no JSON object are left out.
///
/// # Panics
/// If reading event by event, reading them as one block, in two phases, and leaving groups to another matcher give
/// different results.
pub fn run(
    set: &RuleSet<'_>,
    events: &[String],
    tiebreaker: Option<&str>,
    samples_per_key: usize,
) -> Vec<Vec<Hit>> {
    let order = in_order(events, tiebreaker);
    let mut options = Options { sequences: Limits::with_pending(100_000), ..Options::default() };
    options.samples.samples_per_key = samples_per_key;
    // As in a search: all events are there before anything is found.
    options.states = StateLimits::complete();
    let mut hits = Hits::new(set);
    // Nothing that is remembered may change a result.
    let mut matcher = Matcher::with_options(set, Options { recall: false, ..options });
    for &index in &order {
        if let Ok(outcome) = matcher.json(events[index].as_bytes(), EventRef(index as u64)) {
            hits.add(outcome, Some(index));
        }
    }
    hits.add(matcher.finish(), None);
    let hits = hits.finish();
    // What is one line can be part of a block.
    if !events.iter().any(|event| event.contains('\n')) {
        for (how, other) in [
            ("as a block", run_block(set, events, &order, options)),
            ("with groups apart", run_apart(set, events, &order, options)),
        ] {
            if let Some(rule) = hits.iter().zip(&other).position(|(a, b)| a != b) {
                let name = set.rules[rule].info.name;
                panic!("{name}: {:?} event by event, {:?} {how}", hits[rule], other[rule]);
            }
        }
    }
    hits
}

fn run_block(set: &RuleSet<'_>, events: &[String], order: &[usize], options: Options) -> Vec<Vec<Hit>> {
    let mut block = Vec::new();
    let mut starts = Vec::new();
    for &index in order {
        starts.push(block.len());
        block.extend_from_slice(events[index].as_bytes());
        block.push(b'\n');
    }
    let index_of = |start: usize| order[starts.binary_search(&start).expect("a line starts there")];
    let mut hits = Hits::new(set);
    let mut matcher = Matcher::with_options(set, options);
    matcher.block(
        &block,
        |line| EventRef(index_of(line.start) as u64),
        |line, outcome| {
            if let Ok(outcome) = outcome {
                hits.add(outcome, Some(index_of(line.start)));
            }
        },
    );
    hits.add(matcher.finish(), None);
    hits.finish()
}

/// Sequences and samples are followed by a matcher that sees only what it needs of events.
fn run_apart(set: &RuleSet<'_>, events: &[String], order: &[usize], options: Options) -> Vec<Vec<Hit>> {
    let mut hits = Hits::new(set);
    let mut worker = Matcher::with_options(set, Options { groups: false, ..options });
    let mut parts = Parts::default();
    let mut places = Vec::new();
    for &index in order {
        if let Ok(outcome) = worker.json(events[index].as_bytes(), EventRef(0)) {
            assert_eq!(outcome.groups().len(), 0, "nobody follows them");
            hits.add(outcome, Some(index));
            if outcome.takes_part() {
                parts.add(outcome, events[index].as_bytes());
                places.push(index);
            }
        }
    }
    let mut follower = Matcher::with_options(set, options);
    for (number, &index) in places.iter().enumerate() {
        hits.add(follower.part(&parts, number, EventRef(index as u64)), None);
    }
    hits.add(follower.finish(), None);
    hits.finish()
}

/// Collects results.
struct Hits<'s, 'a> {
    set: &'s RuleSet<'a>,
    events: u64,
    of_rule: Vec<Vec<(u64, Hit)>>,
}

impl<'s, 'a> Hits<'s, 'a> {
    fn new(set: &'s RuleSet<'a>) -> Self {
        Self { set, events: 0, of_rule: vec![Vec::new(); set.rules.len()] }
    }

    /// `index` is the place of the event.
    fn add(&mut self, outcome: Outcome<'_, '_>, index: Option<usize>) {
        self.events += 1;
        for &rule in outcome.rules() {
            let hit = Hit { events: vec![index], keys: Vec::new(), key_millis: Vec::new() };
            self.of_rule[rule as usize].push((self.events, hit));
        }
        for group in outcome.groups() {
            self.of_rule[group.rule_index as usize].push((group.order(), group_hit(&group)));
        }
        for finding in outcome.findings() {
            self.of_rule[finding.rule_index as usize].push((self.events, finding_hit(&finding)));
        }
    }

    fn finish(self) -> Vec<Vec<Hit>> {
        let finish = |(rule, mut hits): (&Rule<'_>, Vec<(u64, Hit)>)| {
            if rule.kind == RuleKind::Sequence {
                hits.sort_by_key(|(order, _)| *order);
            }
            let hits: Vec<_> = hits.into_iter().map(|(_, hit)| hit).collect();
            rule.pipes.iter().fold(hits, |hits, pipe| piped(hits, *pipe))
        };
        self.set.rules.iter().zip(self.of_rule).map(finish).collect()
    }
}

fn group_hit(group: &kiln::Group<'_, '_>) -> Hit {
    let millis = |value: KeyValue<'_>| match value {
        KeyValue::Date(nanos) => Some(nanos.div_euclid(1_000_000) as i64),
        _ => None,
    };
    Hit {
        events: group.events.iter().map(|event| event.map(|event| event.handle.0 as usize)).collect(),
        keys: group.key.values().map(|value| value.to_string()).collect(),
        key_millis: group.key.values().map(millis).collect(),
    }
}

/// The events that a finding is about, and the values that they share.
fn finding_hit(finding: &Finding<'_, '_>) -> Hit {
    let last = Some(finding.event.handle.0 as usize);
    let (events, key) = match finding.detail {
        Detail::Event | Detail::Indicators(_) => (vec![last], None),
        Detail::NewTerms(key) => (vec![last], Some(key)),
        Detail::Threshold(group) => (vec![Some(group.first.handle.0 as usize), last], Some(group.key)),
    };
    let keys = key.map(|key| key.values().map(|value| value.to_string()).collect());
    Hit { events, keys: keys.unwrap_or_default(), key_millis: Vec::new() }
}

fn piped(mut hits: Vec<Hit>, pipe: Pipe) -> Vec<Hit> {
    match pipe {
        Pipe::Head(count) => hits.truncate(count as usize),
        Pipe::Tail(count) => drop(hits.drain(..hits.len().saturating_sub(count as usize))),
    }
    hits
}

/// The events by time, tiebreaker and place; those without a time keep their place among the first.
fn in_order(events: &[String], tiebreaker: Option<&str>) -> Vec<usize> {
    let paths: Vec<_> = ["@timestamp"].into_iter().chain(tiebreaker).collect();
    let owned = SlotTree::build(&paths).expect("two fields");
    let tree = owned.as_ref();
    let mut event = Event::with_slots(tree.slots());
    let mut key = |text: &String| {
        if read_line(&tree, text.as_bytes(), &mut event).is_err() {
            return (None, Tiebreaker::NONE);
        }
        let view = event.view(text.as_bytes());
        let slot = |path: &str| tree.slot_of(path).expect("it was built in");
        let time = view.values(slot("@timestamp")).filter_map(Timestamp::from_scalar).min();
        let tiebreaker =
            tiebreaker.map_or(Tiebreaker::NONE, |path| Tiebreaker::from_scalar(view.first(slot(path))));
        (time, tiebreaker)
    };
    let keys: Vec<_> = events.iter().map(&mut key).collect();
    let mut order: Vec<_> = (0..events.len()).collect();
    order.sort_by_key(|&index| keys[index]);
    order
}
