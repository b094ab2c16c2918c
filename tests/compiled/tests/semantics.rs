//! Every row of the semantics tables through compiled code: the same verdicts as the tables say, which the reference
//! evaluator is held against too.

use kiln_compiled_tests::{batch, semantics};
use kiln_test_support::semantics as tables;

/// A rule of the compiled sets: which set, which rule.
fn find(sets: &[&'static kiln::RuleSet<'static>], name: &str) -> (usize, usize) {
    let name = format!("Case {name}");
    let place = sets
        .iter()
        .enumerate()
        .find_map(|(set, rules)| Some((set, rules.rules.iter().position(|rule| rule.info.name == name)?)));
    place.unwrap_or_else(|| panic!("{name} is not compiled"))
}

#[test]
fn conditions() {
    let sets = semantics::sets();
    let (groups, _) = tables::load();
    let (mut rows, mut failures) = (0, Vec::new());
    for group in &groups {
        for (number, row) in group.rows.iter().enumerate() {
            let (set, rule) = find(&sets, &format!("{} #{number}", group.name));
            let mut matcher = kiln::Matcher::new(sets[set]);
            for (event, &expected) in group.events.iter().zip(&row.expected) {
                rows += 1;
                let outcome = matcher.json(event.as_bytes(), kiln::EventRef(0)).expect("events are JSON");
                if outcome.rules().contains(&(rule as u32)) != expected {
                    failures
                        .push(format!("{}: `{}` is not {expected} for {event}", group.name, row.condition));
                }
            }
        }
    }
    assert!(rows > 1000, "only {rows} verdicts");
    assert!(failures.is_empty(), "{} wrong:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn queries() {
    let sets = semantics::sets();
    let (_, cases) = tables::load();
    let mut failures = Vec::new();
    for case in &cases {
        let (set, rule) = find(&sets, &case.name);
        let hits = &batch::run(sets[set], &case.events, None, case.max_samples_per_key)[rule];
        let events: Vec<_> = hits.iter().map(|hit| hit.events.clone()).collect();
        if events != case.hits {
            failures.push(format!(
                "{}: {}\n  expected {:?}\n  got      {events:?}",
                case.name, case.query, case.hits
            ));
        }
        let keys: Vec<_> = hits.iter().map(|hit| hit.keys.clone()).collect();
        if case.keys.as_ref().is_some_and(|expected| *expected != keys) {
            failures.push(format!("{}: expected keys {:?}, got {keys:?}", case.name, case.keys));
        }
    }
    assert!(cases.len() > 50, "only {} queries", cases.len());
    assert!(failures.is_empty(), "{} wrong:\n{}", failures.len(), failures.join("\n"));
}
