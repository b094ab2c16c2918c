//! Overlays: changes to rules that stand in files of their own, so that upstream files stay as they are.
//!
//! In: files with changes by rule id, applied one after the other. Out: rules with another severity, other tags, switched
//! on or off, or with more exceptions. What a rule looks for is not changed here.
//!
//! ```toml
//! [[rules]]
//! rule_id = "cd9312fe-9b37-4284-bb95-63970de81838"   # or a list of ids
//! enabled = true
//! severity = "high"
//! risk_score = 80
//! add_tags = ["Team: Blue"]
//! remove_tags = ["Use Case: Threat Detection"]
//! exceptions = ["trusted-tools"]                     # exception lists by their `list_id`
//!
//! [[rules.items]]                                    # exceptions of these rules only
//! name = "The proxy of the build machines"
//! entries = [{ field = "host.name", type = "wildcard", value = "build-*" }]
//! ```

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, codes};
use crate::exception::{Item, List, Lists, read_item};
use crate::file::{self, Node, NodeKind};
use crate::rule::read::table::{Findings, Table};
use crate::rule::{ExceptionRef, Namespace, RiskScore, Rule, Severity, Spanned};
use crate::source::{FileId, Sources};
use crate::span::Span;
use crate::suggest::nearest;

/// One change of one or more rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    /// The file it stands in.
    pub file: FileId,
    /// Its header.
    pub span: Span,
    /// The rules, by id.
    pub rule_ids: Vec<Spanned<String>>,
    /// Whether they are run.
    pub enabled: Option<Spanned<bool>>,
    /// Their base risk.
    pub risk_score: Option<RiskScore>,
    /// Their base severity.
    pub severity: Option<Severity>,
    /// Tags they get, behind those they have.
    pub add_tags: Vec<String>,
    /// Tags they lose.
    pub remove_tags: Vec<String>,
    /// Exception lists they get.
    pub exceptions: Vec<Spanned<String>>,
    /// Exceptions of these rules alone.
    pub items: Vec<Item>,
}

/// Where an overlay says whether a rule is run.
pub type Switches = BTreeMap<String, (FileId, Span)>;

/// Reads files (path and bytes), in the order given.
///
/// ```
/// use rule_lang::{overlay, source::Sources};
/// let text = "rules:\n  - rule_id: 00000000-0000-4000-8000-000000000001\n    enabled: false\n";
/// let (overlays, findings) = overlay::read(&mut Sources::new(), [("site.yml".to_owned(), text.into())]);
/// assert!(findings.is_empty());
/// assert_eq!(overlays[0].enabled.as_ref().map(|enabled| enabled.value), Some(false));
/// ```
pub fn read(
    sources: &mut Sources,
    files: impl IntoIterator<Item = (String, Vec<u8>)>,
) -> (Vec<Overlay>, Vec<Diagnostic>) {
    let (mut overlays, mut all) = (Vec::new(), Vec::new());
    for (path, bytes) in files {
        let (id, finding) = file::open(sources, path, bytes);
        if let Some(finding) = finding {
            all.push(finding);
            continue;
        }
        let (documents, findings) = file::parse_all(sources.get(id), id);
        all.extend(findings);
        for document in &documents {
            all.extend(read_document(document, id, &mut overlays));
        }
    }
    (overlays, all)
}

fn read_document(node: &Node, file: FileId, overlays: &mut Vec<Overlay>) -> Vec<Diagnostic> {
    let mut findings = Findings::new(file);
    let NodeKind::Table(entries) = &node.kind else {
        findings.push(no_overlay(&findings));
        return findings.all;
    };
    let mut table = Table::new(entries, Span::at(0), "the file");
    if table.key_span("rules").is_none() {
        findings.push(no_overlay(&findings));
        return findings.all;
    }
    for rule in table.tables("rules", "a change of a rule", &mut findings) {
        let before = findings.errors();
        let overlay = read_overlay(rule, &mut findings);
        if findings.errors() == before {
            overlays.push(overlay);
        }
    }
    table.finish(&mut findings);
    findings.all
}

fn no_overlay(findings: &Findings) -> Diagnostic {
    findings
        .error(codes::exception::NO_OVERLAY, Span::at(0), "the file holds no change of a rule")
        .help("write `[[rules]]` (TOML) or `rules:` (YAML), each with a `rule_id`")
}

fn read_overlay(mut table: Table<'_>, findings: &mut Findings) -> Overlay {
    if table.key_span("rule_id").is_none() {
        table.missing("rule_id", findings);
    }
    let rule_ids = table.text_or_texts("rule_id", findings);
    let enabled_at = table.key_span("enabled");
    let enabled = table.bool("enabled", findings);
    let score = table.integer("risk_score", 0..=100, findings);
    let severity = table.word::<Severity>("severity", findings);
    let overlay = Overlay {
        file: findings.file,
        span: table.span,
        rule_ids,
        enabled: enabled.zip(enabled_at).map(|(value, span)| Spanned { value, span }),
        risk_score: score.and_then(|score| RiskScore::new(score as u8)),
        severity: severity.map(|severity| severity.value),
        add_tags: table.texts("add_tags", findings),
        remove_tags: table.texts("remove_tags", findings),
        exceptions: table.text_or_texts("exceptions", findings),
        items: table
            .tables("items", "an item", findings)
            .into_iter()
            .filter_map(|item| read_item(item, findings))
            .collect(),
    };
    table.ignore(&["comment"]);
    table.finish(findings);
    overlay
}

/// Applies overlays to `rules`, in order; what an overlay says replaces what the one before it said. `others` are rules
/// that are known but not for use. Gives where each rule was switched on or off last, and what is doubtful.
pub fn apply(
    overlays: &[Overlay],
    rules: &mut [Rule],
    others: &[Rule],
    lists: &mut Lists,
    sources: &Sources,
) -> (Switches, Vec<Diagnostic>) {
    let (mut switches, mut findings) = (Switches::new(), Vec::new());
    for overlay in overlays {
        let references = references(overlay, lists, sources, &mut findings);
        for id in &overlay.rule_ids {
            let mut found = others.iter().any(|rule| rule.rule_id.value == id.value);
            for rule in rules.iter_mut().filter(|rule| rule.rule_id.value == id.value) {
                found = true;
                change(rule, overlay, &references);
            }
            if !found {
                findings.push(no_such_rule(overlay, id, rules));
            } else if let Some(enabled) = &overlay.enabled {
                switches.insert(id.value.clone(), (overlay.file, enabled.span));
            }
        }
    }
    (switches, findings)
}

/// The exception lists of an overlay, its own items among them.
fn references(
    overlay: &Overlay,
    lists: &mut Lists,
    sources: &Sources,
    findings: &mut Vec<Diagnostic>,
) -> Vec<ExceptionRef> {
    let reference = |list_id: Spanned<String>| ExceptionRef {
        list_id,
        id: None,
        list_type: "detection".to_owned(),
        namespace: Namespace::Single,
    };
    let mut references = Vec::new();
    for list_id in &overlay.exceptions {
        let found = reference(list_id.clone());
        if lists.find(&found).is_some() {
            references.push(found);
        } else {
            let message = format!("the exception list `{}` is not given; it excepts nothing", list_id.value);
            findings.push(
                Diagnostic::warning(codes::file::EXCEPTIONS, overlay.file, list_id.span, message)
                    .help("events that the list excepts will raise alerts"),
            );
        }
    }
    if !overlay.items.is_empty() {
        let source = sources.get(overlay.file);
        let place = source.location(overlay.span.start);
        let value = format!("{}:{}:{}", source.path(), place.line, place.column);
        let list_id = Spanned { value, span: overlay.span };
        let namespace = Namespace::Single;
        let items = overlay.items.clone();
        lists.lists.push(List {
            file: overlay.file,
            list_id: list_id.clone(),
            namespace,
            items,
            implied: true,
        });
        references.push(reference(list_id));
    }
    references
}

fn change(rule: &mut Rule, overlay: &Overlay, references: &[ExceptionRef]) {
    if let Some(enabled) = &overlay.enabled {
        rule.enabled = enabled.value;
    }
    rule.risk_score = overlay.risk_score.unwrap_or(rule.risk_score);
    rule.severity = overlay.severity.unwrap_or(rule.severity);
    rule.tags.retain(|tag| !overlay.remove_tags.contains(tag));
    for tag in &overlay.add_tags {
        if !rule.tags.contains(tag) {
            rule.tags.push(tag.clone());
        }
    }
    rule.exceptions_list.extend_from_slice(references);
}

fn no_such_rule(overlay: &Overlay, id: &Spanned<String>, rules: &[Rule]) -> Diagnostic {
    let message = format!("no rule has the id `{}`; this change does nothing", id.value);
    let finding = Diagnostic::warning(codes::exception::NO_SUCH_RULE, overlay.file, id.span, message);
    match nearest(id, rules.iter().map(|rule| rule.rule_id.value.as_str())) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding,
    }
}
