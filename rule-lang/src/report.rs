//! The load report: what became of every file and every rule.
//!
//! In: the rules of a set, those that are not in it, and the findings. Out: one [`Entry`] for each rule, and for each file
//! without one. Nothing is read or decided here.

use std::collections::BTreeMap;

use crate::diagnostic::codes::file::{DUPLICATE_RULE_ID, JSON_SYNTAX, NO_RULE, UNSUPPORTED};
use crate::diagnostic::{Diagnostic, Level};
use crate::overlay::Switches;
use crate::rule::{Maturity, Rule, RuleType};
use crate::source::{FileId, Sources};
use crate::span::Span;

/// What became of the files and rules of a set, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// One for each rule, and one for each file without rules.
    pub entries: Vec<Entry>,
}

/// What became of one rule, or of a file without rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The file.
    pub file: FileId,
    /// Where the rule begins, or what is wrong with it stands.
    pub span: Span,
    /// The rule, as far as it could be read.
    pub rule: Option<RuleName>,
    /// What became of it.
    pub status: Status,
}

/// What people know a rule by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleName {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub rule_type: RuleType,
}

/// What became of a rule. The text says why, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is compiled and finds events.
    Compiled,
    /// It is switched off by its file.
    Disabled(String),
    /// It is switched off by an overlay.
    SwitchedOff(String),
    /// It is of a type, or asks for something, that is not run.
    Unsupported(String),
    /// Another rule has its id.
    Duplicate(String),
    /// It has errors.
    Broken(String),
    /// The file holds no rule, and is not meant to.
    NoRule,
}

impl Status {
    /// One word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Compiled => "compiled",
            Self::Disabled(_) | Self::SwitchedOff(_) => "disabled",
            Self::Unsupported(_) => "unsupported",
            Self::Duplicate(_) => "duplicate",
            Self::Broken(_) => "broken",
            Self::NoRule => "no rule",
        }
    }

    /// Why, if there is more to say.
    pub fn reason(&self) -> &str {
        match self {
            Self::Compiled | Self::NoRule => "",
            Self::Disabled(reason)
            | Self::SwitchedOff(reason)
            | Self::Unsupported(reason)
            | Self::Duplicate(reason)
            | Self::Broken(reason) => reason,
        }
    }
}

impl Report {
    /// How many entries there are of each status, by its word.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for entry in &self.entries {
            *counts.entry(entry.status.word()).or_default() += 1;
        }
        counts
    }

    /// How many rules there are of each type and status.
    pub fn counts_by_type(&self) -> BTreeMap<(RuleType, &'static str), usize> {
        let mut counts = BTreeMap::new();
        for entry in &self.entries {
            if let Some(rule) = &entry.rule {
                *counts.entry((rule.rule_type, entry.status.word())).or_default() += 1;
            }
        }
        counts
    }

    /// A rule of the set turned out not to be compiled after all.
    pub fn refuse(&mut self, rule: &Rule, span: Span, reason: &str) {
        let same = |entry: &&mut Entry| {
            entry.file == rule.file && entry.rule.as_ref().is_some_and(|name| name.id == rule.rule_id.value)
        };
        if let Some(entry) = self.entries.iter_mut().find(same) {
            entry.span = span;
            entry.status = Status::Unsupported(reason.to_owned());
        }
    }
}

/// What a report is made of.
pub(crate) struct Facts<'f> {
    pub(crate) sources: &'f Sources,
    /// How many of the sources are files of rules; they are the first.
    pub(crate) files: usize,
    /// All findings, in order.
    pub(crate) findings: &'f [Diagnostic],
    pub(crate) switches: &'f Switches,
}

/// Makes the report. `all` are the rules that could be read at all; those of `used` are in the set.
pub(crate) fn report(all: &[RulePlace], facts: &Facts<'_>) -> Report {
    let files = facts.sources.iter().take(facts.files);
    Report { entries: files.flat_map(|(file, _)| of_file(file, all, facts)).collect() }
}

fn of_file(file: FileId, all: &[RulePlace], facts: &Facts<'_>) -> Vec<Entry> {
    let mut rules: Vec<&RulePlace> = all.iter().filter(|place| place.file == file).collect();
    rules.sort_by_key(|place| place.span);
    let findings = facts.findings.iter().filter(|finding| finding.primary.file == file);
    if rules.is_empty() {
        let error = findings.clone().find(|finding| finding.level == Level::Error);
        let lost = error.map(lost);
        return vec![lost.unwrap_or(Entry { file, span: Span::at(0), rule: None, status: Status::NoRule })];
    }
    // Lines of an export that cannot be read, or not as a rule, have entries of their own.
    let (lines, findings): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        findings.partition(|finding| [JSON_SYNTAX, NO_RULE].contains(&finding.code));
    let mut entries: Vec<Entry> = lines.into_iter().map(lost).collect();
    for (at, place) in rules.iter().enumerate() {
        // Of a file with many rules, a finding belongs to the rule it stands in.
        let start = if at == 0 { 0 } else { place.span.start };
        let end = rules.get(at + 1).map_or(u32::MAX, |next| next.span.start);
        let own = |finding: &&&Diagnostic| (start..end).contains(&finding.primary.span.start);
        let own: Vec<&Diagnostic> = findings.iter().filter(own).copied().collect();
        entries.push(of_rule(place, &own, facts));
    }
    entries.sort_by_key(|entry| entry.span);
    entries
}

/// What no rule could be made of.
fn lost(finding: &Diagnostic) -> Entry {
    let status = Status::Broken(finding.message.clone());
    Entry { file: finding.primary.file, span: finding.primary.span, rule: None, status }
}

/// A rule, where it stands, and whether it got into the set.
#[derive(Clone, Debug)]
pub(crate) struct RulePlace {
    pub(crate) file: FileId,
    pub(crate) span: Span,
    pub(crate) name: RuleName,
    /// Where the id stands.
    pub(crate) id_span: Span,
    pub(crate) enabled: bool,
    /// Where `enabled` stands.
    pub(crate) enabled_at: Option<Span>,
    pub(crate) deprecated: bool,
    pub(crate) used: bool,
}

impl RulePlace {
    pub(crate) fn new(rule: &Rule) -> Self {
        Self {
            file: rule.file,
            span: rule.span,
            name: RuleName {
                id: rule.rule_id.value.clone(),
                name: rule.name.value.clone(),
                rule_type: rule.rule_type.value,
            },
            id_span: rule.rule_id.span,
            enabled: rule.enabled,
            enabled_at: rule.enabled_at,
            deprecated: rule.metadata.maturity == Some(Maturity::Deprecated),
            used: false,
        }
    }
}

fn of_rule(place: &RulePlace, findings: &[&Diagnostic], facts: &Facts<'_>) -> Entry {
    let (span, status) = if place.used && place.enabled {
        (place.span, Status::Compiled)
    } else if place.used {
        disabled(place, facts)
    } else {
        match left_out(place, findings) {
            // What nobody wants to run need not be something that can be run.
            (_, Status::Unsupported(_)) if !place.enabled => disabled(place, facts),
            other => other,
        }
    };
    Entry { file: place.file, span, rule: Some(place.name.clone()), status }
}

fn disabled(place: &RulePlace, facts: &Facts<'_>) -> (Span, Status) {
    if let Some((file, span)) = facts.switches.get(&place.name.id) {
        let source = facts.sources.get(*file);
        let line = source.location(span.start).line;
        let reason = format!("switched off by the overlay {}:{line}", source.path());
        return (place.span, Status::SwitchedOff(reason));
    }
    if place.deprecated {
        return (place.span, Status::Disabled("`maturity` is `deprecated`".to_owned()));
    }
    (place.enabled_at.unwrap_or(place.span), Status::Disabled("`enabled` is false".to_owned()))
}

fn left_out(place: &RulePlace, findings: &[&Diagnostic]) -> (Span, Status) {
    let duplicate =
        |finding: &&&Diagnostic| finding.code == DUPLICATE_RULE_ID && finding.primary.span == place.id_span;
    if let Some(finding) = findings.iter().find(duplicate) {
        return (finding.primary.span, Status::Duplicate(finding.message.clone()));
    }
    let broken =
        |finding: &&&Diagnostic| finding.level == Level::Error && !UNSUPPORTED.contains(&finding.code);
    if let Some(finding) = findings.iter().find(broken) {
        return (finding.primary.span, Status::Broken(finding.message.clone()));
    }
    let unsupported = |finding: &&&Diagnostic| UNSUPPORTED.contains(&finding.code);
    match findings.iter().find(unsupported) {
        Some(finding) => (finding.primary.span, Status::Unsupported(finding.message.clone())),
        None => (place.span, Status::Broken("the rule could not be read".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use crate::ruleset::{self, Extras, Options};
    use crate::schema;

    fn rule(id: u32, more: &str) -> String {
        format!(
            "[rule]\nname = \"A\"\nrule_id = \"00000000-0000-4000-8000-{id:012}\"\ndescription = \"A\"\nauthor = [\"A\"]\n\
             risk_score = 1\nseverity = \"low\"\n{more}\n"
        )
    }

    /// Status, line and reason of each entry.
    fn report(files: &[(&str, &str)], overlay: &str) -> Vec<(&'static str, u32, String)> {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        let overlays = Vec::from_iter((!overlay.is_empty()).then(|| ("o.yml".to_owned(), overlay.into())));
        let extras = Extras { overlays, ..Extras::default() };
        let set = ruleset::load_with(files, extras, &Options { schema: schema::builtin(), strict: false });
        let entry = |entry: &super::Entry| {
            let line = set.sources.get(entry.file).location(entry.span.start).line;
            (entry.status.word(), line, entry.status.reason().to_owned())
        };
        set.report.entries.iter().map(entry).collect()
    }

    #[test]
    fn every_rule_and_file_has_an_entry() {
        let eql = "type = \"eql\"\nquery = 'any where true'";
        let files = [
            ("a.toml", rule(1, eql)),
            ("b.toml", rule(1, eql)),
            ("c.toml", rule(2, "type = \"eql\"\nquery = 'any where'")),
            ("d.toml", rule(3, &format!("{eql}\nenabled = false"))),
            ("e.toml", rule(4, "type = \"esql\"\nquery = 'from x'")),
            ("f.toml", "[rule\n".to_owned()),
            ("g.toml", rule(5, "type = \"query\"\nlanguage = \"lucene\"\nquery = 'a:b'")),
            (
                "h.ndjson",
                "{\"list_id\":\"l\",\"entries\":[{\"field\":\"a\",\"type\":\"exists\"}]}\n".to_owned(),
            ),
        ];
        let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let found = report(&files, "");
        let found: Vec<_> = found.iter().map(|(status, line, reason)| (*status, *line, &**reason)).collect();
        assert_eq!(
            found,
            [
                ("compiled", 1, ""),
                ("duplicate", 3, "rule id `00000000-0000-4000-8000-000000000001` is already taken"),
                ("broken", 9, found[2].2),
                ("disabled", 10, "`enabled` is false"),
                ("unsupported", 8, "rules of type `esql` are not run; this one is left out"),
                ("broken", 1, found[5].2),
                ("unsupported", 8, "queries in `lucene` are not run; this rule is left out"),
                ("no rule", 1, ""),
            ]
        );
        assert!(!found[2].2.is_empty() && !found[5].2.is_empty());
    }

    #[test]
    fn an_overlay_is_named_by_its_line() {
        let overlay = "rules:\n- rule_id: 00000000-0000-4000-8000-000000000001\n  enabled: false\n";
        // The second cannot be run anyway.
        for body in ["type = \"eql\"\nquery = 'any where true'", "type = \"esql\"\nquery = 'from x'"] {
            assert_eq!(
                report(&[("a.toml", &rule(1, body))], overlay),
                [("disabled", 1, "switched off by the overlay o.yml:3".to_owned())]
            );
        }
    }
}
