use super::*;
use crate::check::CheckOptions;
use crate::condition::{Condition, Filter, Query, QueryKind};
use crate::diagnostic::Diagnostic;
use crate::meaning::{Event, date, holds};
use crate::schema::{self, Schema};
use crate::source::Sources;

/// The events of the table of rules.md section 8.
const EVENTS: [&str; 4] = [
    r#"{"u":"root","p":{"n":"a.exe"}}"#,
    r#"{"u":"bob"}"#,
    r#"{"u":["root","bob"],"p":{"n":"b.exe"}}"#,
    r#"{"f":[{"s":"x","t":true},{"s":"y","t":false}]}"#,
];

struct Loaded {
    sources: Sources,
    lists: Lists,
    findings: Vec<Diagnostic>,
}

fn load(files: &[(&str, &str)]) -> Loaded {
    let (mut sources, mut lists) = (Sources::new(), Lists::default());
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
    let findings = read(&mut sources, files, &mut lists);
    Loaded { sources, lists, findings }
}

fn codes(findings: &[Diagnostic]) -> Vec<String> {
    findings.iter().map(|finding| finding.code.to_string()).collect()
}

impl Loaded {
    /// What an event must be for a rule that matches everything and names the list `l`.
    fn rest(&self, schema: &Schema, clock: Clock) -> (Condition, Vec<Diagnostic>) {
        let (lowered, findings) = self.lists.lower(CheckOptions::new(schema), clock, &self.sources);
        let filter = Filter { category: None, condition: Condition::Const(true), span: Span::default() };
        let mut query = Query::new(QueryKind::Event(filter));
        let text = "[rule]\nname = 'A'\nrule_id = '00000000-0000-4000-8000-000000000000'\ntype = 'eql'\nquery = 'any where true'\n\
            description = 'A'\nauthor = ['A']\nrisk_score = 1\nseverity = 'low'\nexceptions_list = [{ list_id = 'l' }]\n";
        let loaded = crate::rule::load(&mut Sources::new(), [("a.toml".to_owned(), text.into())]);
        assert!(lowered.apply(&self.lists, &loaded.rules[0], &mut query).is_empty());
        let QueryKind::Event(filter) = query.kind else { panic!("the query is one for events") };
        (filter.condition, findings)
    }

    /// Which of the events are dropped, by their letters.
    fn dropped(&self, schema: &Schema, events: &[&str]) -> String {
        let (condition, findings) = self.rest(schema, Clock::default());
        assert!(findings.is_empty(), "{findings:?}");
        let dropped = |text: &&str| !holds(&condition, &Event::from_json(text).expect("an event"));
        (b'A'..).zip(events).filter(|(_, text)| dropped(text)).map(|(letter, _)| char::from(letter)).collect()
    }
}

fn items(items: &str) -> Loaded {
    let loaded = load(&[("l.toml", &format!("list_id = 'l'\nitems = [{items}]\n"))]);
    assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
    loaded
}

#[test]
fn the_table_of_the_design() {
    for (list, dropped) in [
        ("{entries=[{field='u',type='match',value='root'}]}", "AC"),
        ("{entries=[{field='u',type='match',value='root'},{field='p.n',type='match',value='a.exe'}]}", "A"),
        (
            "{entries=[{field='u',type='match',value='root'}]},{entries=[{field='p.n',type='match',value='b.exe'}]}",
            "AC",
        ),
        ("{entries=[{field='u',type='match',value='root',operator='excluded'}]}", "BD"),
        ("{entries=[{field='p.n',type='exists',operator='excluded'}]}", "BD"),
        ("{entries=[{field='u',type='match_any',value=['bob','eve']}]}", "BC"),
        ("{entries=[{field='p.n',type='wildcard',value='?.exe'}]}", "AC"),
        (
            "{entries=[{field='f',type='nested',entries=[{field='s',type='match',value='x'},{field='t',type='match',value='true'}]}]}",
            "D",
        ),
        (
            "{entries=[{field='f',type='nested',entries=[{field='s',type='match',value='x'},{field='t',type='match',value='false'}]}]}",
            "",
        ),
    ] {
        assert_eq!(items(list).dropped(&Schema::open(), &EVENTS), dropped, "{list}");
    }
}

#[test]
fn operators_inside_of_a_nested_entry_are_per_object() {
    let list = "{entries=[{field='f',type='nested',entries=[\
        {field='s',type='exists'},{field='s',type='match',value='x',operator='excluded'}]}]}";
    let events = [r#"{"f":[{"s":"x"},{"s":"y"}]}"#, r#"{"f":{"s":"x"}}"#, r#"{"f":{"s":"z"}}"#, "{}"];
    assert_eq!(items(list).dropped(&Schema::open(), &events), "AC");
}

#[test]
fn case_is_ignored_where_the_field_says_so() {
    let events = [r#"{"process":{"name":"CMD.exe"}}"#, r#"{"process":{"name":"cmd.exe"}}"#];
    let entry = |field: &str, kind: &str, value: &str| {
        items(&format!("{{entries=[{{field='{field}',type='{kind}',value='{value}'}}]}}"))
            .dropped(schema::builtin(), &events)
    };
    assert_eq!(entry("process.name", "match", "cmd.exe"), "B");
    assert_eq!(entry("process.name.caseless", "match", "Cmd.exe"), "AB");
    assert_eq!(entry("process.name", "wildcard", "c*"), "B");
    assert_eq!(entry("process.name.caseless", "wildcard", "c*"), "AB");
    assert_eq!(entry("process.name.text", "match", "CMD"), "");
    assert_eq!(entry("process.name.text", "match", "CMD.EXE"), "AB");
}

#[test]
fn systems_are_those_of_the_item() {
    let list = "{os_types=['linux','macos'],entries=[{field='u',type='match',value='x'}]}";
    let events = [
        r#"{"u":"x","host":{"os":{"type":"linux"}}}"#,
        r#"{"u":"x","host":{"os":{"name":"macOS"}}}"#,
        r#"{"u":"x","host":{"os":{"type":"windows"}}}"#,
        r#"{"u":"x"}"#,
        r#"{"u":"y","host":{"os":{"type":"linux"}}}"#,
    ];
    assert_eq!(items(list).dropped(schema::builtin(), &events), "AB");
}

#[test]
fn value_lists_are_files() {
    let list = |ty: &str, id: &str| {
        format!(
            "list_id = 'l'\nitems = [{{entries=[{{field='v',type='list',list={{id='{id}',type='{ty}'}}}}]}}]\n"
        )
    };
    let events = [
        r#"{"v":"a b"}"#,
        r#"{"v":["x","10.0.0.5"]}"#,
        r#"{"v":"10.0.1.1"}"#,
        r#"{"v":"2001:db8::2"}"#,
        "{}",
    ];
    for (ty, id, values, dropped) in [
        ("keyword", "names.txt", "a b\n10.0.1.1\n", "AC"),
        ("keyword", "names", "\n", ""),
        ("ip", "names", "10.0.0.5\n2001:db8:0::2\n", "BD"),
        ("ip_range", "names", "10.0.0.2-10.0.1.0\n2001:db8::/32\n", "BD"),
    ] {
        let loaded = load(&[("l.toml", &list(ty, id)), ("names.txt", values)]);
        assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
        assert_eq!(loaded.dropped(&Schema::open(), &events), dropped, "{ty}: {values}");
    }
    let loaded = load(&[("l.toml", &list("keyword", "other"))]);
    let (condition, findings) = loaded.rest(&Schema::open(), Clock::default());
    assert_eq!((condition, codes(&findings)), (Condition::Const(true), vec!["W0907".to_owned()]));
    assert_eq!(codes(&load(&[("l.toml", &list("date", "other"))]).findings), ["E0205"]);
}

#[test]
fn an_item_ends() {
    let loaded = items("{expire_time=2026-01-01T00:00:00Z,entries=[{field='u',type='exists'}]}");
    let at = |time: &str, compiled_in| {
        let clock = Clock { now: date::parse(time).expect("a time"), compiled_in };
        let (condition, findings) = loaded.rest(&Schema::open(), clock);
        (condition == Condition::Const(true), codes(&findings).concat())
    };
    assert_eq!(at("2025-12-31T23:59:59.999Z", false), (false, String::new()));
    assert_eq!(at("2025-12-31T23:59:59.999Z", true), (false, "W0906".to_owned()));
    assert_eq!(at("2026-01-01T00:00:00Z", false), (true, "W0905".to_owned()));
    assert_eq!(at("2026-01-01T00:00:00Z", true), (true, "W0905".to_owned()));
}

#[test]
fn a_list_has_three_forms() {
    let toml = "[[lists]]\nlist_id = 'l'\n[[lists.items]]\n[[lists.items.entries]]\nfield = 'u'\ntype = 'match'\nvalue = 'root'\n";
    let yaml = "list_id: l\ntype: detection\nitems:\n- entries:\n  - {field: u, type: match, operator: included, value: root}\n";
    let export = concat!(
        r#"{"_version":"WzEs","created_at":"2026-01-01T00:00:00.000Z","created_by":"elastic","description":"d","id":"1","immutable":false,"list_id":"l","name":"L","namespace_type":"single","os_types":[],"tags":[],"tie_breaker_id":"t","type":"detection","updated_at":"2026-01-01T00:00:00.000Z","updated_by":"elastic","version":1}"#,
        "\n",
        r#"{"_version":"WzIs","comments":[],"created_at":"2026-01-01T00:00:00.000Z","created_by":"elastic","description":"d","entries":[{"field":"u","operator":"included","type":"match","value":"root"}],"id":"2","item_id":"i","list_id":"l","name":"I","namespace_type":"single","os_types":[],"tags":[],"tie_breaker_id":"t","type":"simple","updated_at":"2026-01-01T00:00:00.000Z","updated_by":"elastic"}"#,
        "\n",
        r#"{"exported_exception_list_count":1,"exported_exception_list_item_count":1,"missing_exception_list_item_count":0,"missing_exception_list_items":[],"missing_exception_lists":[],"missing_exception_lists_count":0}"#,
        "\n",
    );
    for (path, text) in [("l.toml", toml), ("l.yaml", yaml), ("l.ndjson", export)] {
        let loaded = load(&[(path, text)]);
        assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
        assert_eq!(loaded.dropped(&Schema::open(), &EVENTS), "AC", "{path}");
    }
}

#[test]
fn mistakes_are_told_and_leave_the_item_out() {
    for (item, code) in [
        ("{entries=[]}", "E0204"),
        ("{name='x'}", "E0202"),
        ("{entries=[{field='u',type='is',value='x'}]}", "E0205"),
        ("{entries=[{field='u',type='match'}]}", "E0202"),
        ("{entries=[{field='u',type='match',value=7}]}", "E0203"),
        ("{entries=[{field='u',type='match_any',value=[]}]}", "E0204"),
        ("{entries=[{type='exists'}]}", "E0202"),
        ("{entries=[{field='u',type='exists',operator='not'}]}", "E0205"),
        ("{entries=[{field='u',type='exists'}],expire_time='soon'}", "E0206"),
        ("{entries=[{field='u',type='exists'}],os_types=['beos']}", "E0205"),
        (
            "{entries=[{field='u',type='nested',operator='excluded',entries=[{field='a',type='exists'}]}]}",
            "E0207",
        ),
        ("{entries=[{field='u',type='nested',entries=[]}]}", "E0204"),
        (
            "{entries=[{field='u',type='nested',entries=[{field='a',type='list',list={id='x',type='ip'}}]}]}",
            "E0903",
        ),
        ("{entries=[{field='u',type='exists'}],no_such_key=1}", "W0201"),
    ] {
        let loaded = load(&[("l.toml", &format!("list_id = 'l'\nitems = [{item}]\n"))]);
        assert_eq!(codes(&loaded.findings), [code], "{item}");
        assert_eq!(loaded.lists.lists[0].items.len(), usize::from(code.starts_with('W')), "{item}");
    }
    for (text, code) in [("", "E0901"), ("x = 1\n", "E0901"), ("list_id = ''\n", "E0210")] {
        assert_eq!(codes(&load(&[("l.toml", text)]).findings), [code], "{text}");
    }
    assert_eq!(codes(&load(&[("a.toml", "list_id = 'l'"), ("b.toml", "list_id = 'l'")]).findings), ["E0902"]);
}

#[test]
fn an_export_of_rules_is_read_for_its_lists() {
    let export =
        "{\"rule_id\":\"x\",\"exceptions_list\":[]}\n{\"list_id\":\"l\"}\n{\"exported_rules_count\":1}\n";
    let loaded = load(&[("l.ndjson", export)]);
    assert_eq!((loaded.lists.lists.len(), codes(&loaded.findings)), (1, vec!["W0911".to_owned()]));
}

#[test]
fn doubtful_values_are_told_where_they_stand() {
    let text = "list_id: l\nitems:\n- entries:\n  - {field: process.pid, type: match, value: seven}\n\
        - entries:\n  - {field: process.executable, type: wildcard, value: 'C:\\Windows\\*'}\n";
    let loaded = load(&[("l.yml", text)]);
    let (_, findings) = loaded.rest(schema::builtin(), Clock::default());
    assert_eq!(codes(&findings), ["W0409", "W0909"]);
    assert_eq!(&text[findings[0].primary.span.range()], "seven");
    assert_eq!(&text[findings[1].primary.span.range()], "'C:\\Windows\\*'");
}
