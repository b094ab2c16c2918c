//! The shipped rules over the events beside them and over the example events: compiled code and the reference
//! evaluator both say what the files say, and the tables of `docs/rules.md` are true.

use std::collections::BTreeSet;

use bumpalo::Bump;
use kiln::{Detail, EventRef, Finding, Matcher, Options, Rule, RuleKind, StateLimits};
use kiln_test_support::info;
use kiln_test_support::shared::workspace;
use kiln_test_support::shipped::{self, Case};
use rule_lang::meaning::{Event, findings, run};
use rule_lang::ruleset::{CheckedRule, RuleSet};

kiln::ruleset! {
    /// What this repository ships.
    pub struct Shipped = "rules/**/*.toml", "rules/**/*.yml";
    strict = true;
}

kiln::ruleset! {
    /// The same with residuals as decision programs.
    struct Programs = "rules/**/*.toml", "rules/**/*.yml";
    residuals = "program";
}

/// A result as places in the input, and its join key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    events: Vec<Option<usize>>,
    keys: Vec<String>,
}

/// The results of each rule of a set, by its id.
fn compiled<'s>(set: &'s kiln::RuleSet<'s>, events: &[String]) -> Vec<(&'s str, Hit)> {
    // As a search, which knows all events before it alerts.
    let options = Options { states: StateLimits::complete(), ..Options::default() };
    let mut matcher = Matcher::with_options(set, options);
    let mut hits = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let outcome = matcher.json(event.as_bytes(), EventRef(place as u64)).expect("events are JSON");
        let single =
            |rule: &'s Rule<'s>| (rule.info.rule_id, Hit { events: vec![Some(place)], keys: vec![] });
        hits.extend(outcome.matches().map(single));
        hits.extend(outcome.groups().map(group));
        hits.extend(outcome.findings().map(|it| finding(&it)));
    }
    let outcome = matcher.finish();
    hits.extend(outcome.groups().map(group));
    hits.extend(outcome.findings().map(|it| finding(&it)));
    hits
}

/// The events that a finding is about, and the values that they share.
fn finding<'s>(finding: &Finding<'_, 's>) -> (&'s str, Hit) {
    let last = Some(finding.event.handle.0 as usize);
    let (events, key) = match finding.detail {
        Detail::Event | Detail::Indicators(_) => (vec![last], None),
        Detail::NewTerms(key) => (vec![last], Some(key)),
        Detail::Threshold(group) => (vec![Some(group.first.handle.0 as usize), last], Some(group.key)),
    };
    let keys = key.map(|key| key.values().map(|value| value.to_string()).collect()).unwrap_or_default();
    (finding.rule.info.rule_id, Hit { events, keys })
}

fn group<'s>(group: kiln::Group<'_, 's>) -> (&'s str, Hit) {
    let events = group.events.iter().map(|event| event.map(|event| event.handle.0 as usize)).collect();
    (group.rule.info.rule_id, Hit { events, keys: group.key.values().map(|key| key.to_string()).collect() })
}

/// The results of one rule.
fn compiled_hits(set: &kiln::RuleSet<'_>, rule: &CheckedRule, events: &[String]) -> Vec<Hit> {
    let hits = compiled(set, events).into_iter().filter(|(id, _)| *id == rule.rule.rule_id.value);
    hits.map(|(_, hit)| hit).collect()
}

fn meaning_hits(rule: &CheckedRule, events: &[String]) -> Vec<Hit> {
    let events: Vec<_> = events.iter().map(|text| Event::from_json(text).expect("events are JSON")).collect();
    if rule.query.suppression.is_some() {
        // Events in the order of the file; single ones only.
        let found = findings(&rule.query, &events, &[]).into_iter();
        return found.map(|finding| Hit { events: vec![Some(finding.event)], keys: Vec::new() }).collect();
    }
    run(&rule.query, &events, &shipped::run_options(&rule.rule))
        .into_iter()
        .map(|hit| Hit { events: hit.events, keys: hit.keys.iter().map(ToString::to_string).collect() })
        .collect()
}

fn problem(case: &Case, rule: &CheckedRule) -> Option<String> {
    let compiled = compiled_hits(Shipped::set(), rule, &case.events);
    let programs = compiled_hits(Programs::set(), rule, &case.events);
    let meaning = meaning_hits(rule, &case.events);
    let expected = usize::from(case.fires);
    let right = compiled.len() == expected && compiled == meaning && compiled == programs;
    (!right).then(|| {
        let Case { file, line, name, .. } = case;
        format!(
            "{file}:{line}: {name}: expected {expected}\n  compiled {compiled:?}\n  programs {programs:?}\n  \
             meaning  {meaning:?}"
        )
    })
}

fn loaded() -> RuleSet {
    let rules = shipped::rules();
    assert!(rules.diagnostics.is_empty(), "{:#?}", rules.diagnostics);
    assert_eq!(rules.rules.len(), Shipped::set().rules.len());
    rules
}

#[test]
fn rules_say_of_themselves_what_their_files_say() {
    let (rules, arena) = (shipped::rules(), Bump::new());
    let inputs = rule_compiler::ruleset::inputs(&rules, &arena);
    let eager: Vec<_> = inputs.iter().map(|input| input.info).collect();
    info::assert_same(Shipped::set(), &eager);
    info::assert_same(Programs::set(), &eager);
}

#[test]
fn every_rule_fires_on_its_events_and_on_no_others() {
    let rules = loaded();
    let cases = |rule| shipped::cases(&rules, rule).into_iter().map(move |case| (case, rule));
    let problems: Vec<_> =
        rules.rules.iter().flat_map(cases).filter_map(|(case, rule)| problem(&case, rule)).collect();
    assert!(problems.is_empty(), "{} wrong:\n{}", problems.len(), problems.join("\n"));
}

/// Rows of the table whose first column is headed by `heading`, cells without their backquotes.
fn table(heading: &str) -> Vec<Vec<String>> {
    let page = std::fs::read_to_string(workspace().join("docs/rules.md")).expect("the page is there");
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect()
    };
    let start = page.lines().position(|line| line.starts_with(heading)).expect("the table is there");
    page.lines().skip(start + 2).take_while(|line| line.starts_with('|')).map(cells).collect()
}

/// `9`, `13, 14` or `24 to 29` as places in the file.
fn places(cell: &str) -> Vec<Option<usize>> {
    let number = |text: &str| text.trim().parse::<usize>().expect("a line number") - 1;
    match cell.split_once(" to ") {
        Some((first, last)) => (number(first)..=number(last)).map(Some).collect(),
        None => cell.split(',').map(|line| Some(number(line))).collect(),
    }
}

#[test]
fn the_example_events_fire_what_the_page_lists() {
    let rules = loaded();
    let rows = table("| file | lines | rule | host |");
    let listed: BTreeSet<_> =
        rows.iter().map(|row| (row[0].clone(), places(&row[1]), row[2].clone())).collect();
    assert_eq!(listed.len(), rows.len());
    let (mut by_compiled, mut by_meaning) = (BTreeSet::new(), BTreeSet::new());
    for (file, lines) in shipped::examples() {
        for (id, hit) in compiled(Shipped::set(), &lines) {
            let rule = Shipped::set().rules.iter().find(|rule| rule.info.rule_id == id).expect("it fired");
            by_compiled.insert((file.clone(), hit.events, rule.info.name.to_owned()));
        }
        for rule in &rules.rules {
            let hits = meaning_hits(rule, &lines).into_iter();
            by_meaning.extend(hits.map(|hit| (file.clone(), hit.events, rule.rule.name.value.clone())));
        }
        for row in rows.iter().filter(|row| row[0] == file) {
            for place in places(&row[1]).into_iter().flatten() {
                assert!(lines[place].contains(&row[3]), "{file}:{} is not of {}", place + 1, row[3]);
            }
        }
    }
    assert_eq!(by_compiled, listed);
    assert_eq!(by_meaning, listed);
}

#[test]
fn the_page_lists_the_shipped_rules() {
    let kind = |kind| match kind {
        RuleKind::Event => "single event",
        RuleKind::Sequence => "sequence",
        RuleKind::Sample => "sample",
        RuleKind::Threshold => "threshold",
        RuleKind::NewTerms => "new terms",
        RuleKind::ThreatMatch => "indicators",
        RuleKind::Off => "off",
    };
    let row = |rule: &Rule<'_>| {
        let file = rule.info.file.strip_prefix("rules/").expect("rules lie in their folder");
        [rule.info.name, file, kind(rule.kind), rule.info.severity.as_str()].map(str::to_owned).to_vec()
    };
    let ids = |rule: &Rule<'_>| -> BTreeSet<String> { techniques(rule).into_iter().collect() };
    let compiled: BTreeSet<_> = Shipped::set().rules.iter().map(|rule| (row(rule), ids(rule))).collect();
    let listed: BTreeSet<_> = table("| rule | file | kind |")
        .into_iter()
        .map(|row| (row[..4].to_vec(), row[4].split(", ").map(str::to_owned).collect()))
        .collect();
    assert_eq!(compiled, listed);
}

/// The most exact ids of the MITRE mapping.
fn techniques(rule: &Rule<'_>) -> Vec<String> {
    let techniques = rule.info.threat.iter().flat_map(|threat| threat.techniques);
    let ids = |technique: &kiln::info::Technique<'_>| -> Vec<String> {
        match technique.subtechniques {
            [] => vec![technique.entry.id.to_owned()],
            subtechniques => subtechniques.iter().map(|entry| entry.id.to_owned()).collect(),
        }
    };
    techniques.flat_map(ids).collect()
}

#[test]
fn the_first_rule_names_itself_its_severity_and_its_mitre_ids() {
    let case = "rules/linux/command_and_control_curl_socks_proxy.match.ndjson";
    let events = std::fs::read_to_string(workspace().join(case)).expect("the events are there");
    let mut matcher = Shipped::matcher();
    let line = events.lines().next().expect("an event");
    let outcome = matcher.json(line.as_bytes(), EventRef(0)).expect("events are JSON");
    let fired: Vec<_> = outcome.matches().map(|rule| rule.info).collect();
    let [info] = fired[..] else { panic!("{} rules fired", fired.len()) };
    assert_eq!(info.name, "Curl SOCKS Proxy Activity from Unusual Parent");
    assert_eq!(info.severity.as_str(), "low");
    assert_eq!((info.risk_score, info.version, info.max_signals), (21, Some(2), 100));
    assert_eq!((info.interval, info.from, info.to), ("5m", "now-9m", "now"));
    assert_eq!((info.author, info.license), (&["Elastic"][..], Some("Elastic License v2")));
    assert_eq!(info.index, ["logs-endpoint.events.*"]);
    assert!(info.references.is_empty());
    let tags = [
        "Domain: Endpoint",
        "OS: Linux",
        "Use Case: Threat Detection",
        "Tactic: Command and Control",
        "Data Source: Elastic Defend",
        "Resources: Investigation Guide",
    ];
    assert_eq!(info.tags, tags);
    let [threat] = info.threat else { panic!("{} tactics", info.threat.len()) };
    assert_eq!((threat.framework, threat.tactic.id), ("MITRE ATT&CK", "TA0011"));
    let techniques: Vec<_> = threat.techniques.iter().map(|technique| technique.entry.id).collect();
    assert_eq!(techniques, ["T1090", "T1572"]);
    assert_eq!(threat.techniques[0].subtechniques[0].id, "T1090.002");
    let setup = info.setup.expect("it needs a setting");
    assert!(
        setup.contains("linux.advanced.capture_env_vars")
            && setup.contains("HTTP_PROXY,HTTPS_PROXY,ALL_PROXY")
    );
    assert!(info.note.is_some_and(|note| note.contains("Investigation steps")));
}
