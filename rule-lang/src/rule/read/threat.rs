//! `threat`: tactics, techniques and sub-techniques, and whether their ids belong together.

use super::table::{Findings, Table};
use crate::diagnostic::codes;
use crate::rule::{Framework, Spanned, Subtechnique, Tactic, Technique, Threat};

pub(super) fn read(table: &mut Table<'_>, findings: &mut Findings) -> Vec<Threat> {
    let threats = table.tables("threat", "a threat", findings);
    threats.into_iter().map(|threat| read_threat(threat, findings)).collect()
}

fn read_threat(mut table: Table<'_>, findings: &mut Findings) -> Threat {
    let framework = table.required_word::<Framework>("framework", findings).map(|framework| framework.value);
    let tactic = table.table("tactic", "the tactic", findings).map(|mut tactic| {
        let id = tactic.required_text("id", findings);
        check_id(&id, framework, Framework::is_tactic_id, "a tactic", "TA0011", findings);
        let name = tactic.required_text("name", findings).value;
        let reference = tactic.plain_text("reference", findings);
        tactic.finish(findings);
        Tactic { id: id.value, name, reference }
    });
    if tactic.is_none() && table.key_span("tactic").is_none() {
        table.missing("tactic", findings);
    }
    let techniques = table.tables("technique", "the technique", findings);
    let techniques = techniques.into_iter().map(|it| read_technique(it, framework, findings)).collect();
    table.finish(findings);
    let tactic = tactic.unwrap_or(Tactic { id: String::new(), name: String::new(), reference: None });
    Threat { framework: framework.unwrap_or(Framework::MitreAttack), tactic, techniques }
}

fn read_technique(mut table: Table<'_>, framework: Option<Framework>, findings: &mut Findings) -> Technique {
    let id = table.required_text("id", findings);
    check_id(&id, framework, Framework::is_technique_id, "a technique", "T1090", findings);
    let name = table.required_text("name", findings).value;
    let reference = table.plain_text("reference", findings);
    let subtechniques = table.tables("subtechnique", "the sub-technique", findings);
    let subtechniques =
        subtechniques.into_iter().map(|it| read_subtechnique(it, &id, framework, findings)).collect();
    table.finish(findings);
    Technique { id: id.value, name, reference, subtechniques }
}

fn read_subtechnique(
    mut table: Table<'_>,
    technique: &Spanned<String>,
    framework: Option<Framework>,
    findings: &mut Findings,
) -> Subtechnique {
    let id = table.required_text("id", findings);
    let is_subtechnique = |framework: Framework, id: &str| framework.split_subtechnique_id(id).is_some();
    check_id(&id, framework, is_subtechnique, "a sub-technique", "T1090.002", findings);
    if let Some((parent, _)) = framework.and_then(|framework| framework.split_subtechnique_id(&id))
        && framework.is_some_and(|framework| framework.is_technique_id(technique))
        && parent != technique.value
    {
        let message =
            format!("sub-technique `{}` does not belong to technique `{}`", id.value, technique.value);
        let finding = findings
            .error(codes::file::MITRE, id.span, message)
            .also(findings.file, technique.span, "it stands under this technique")
            .help(format!("move it under `{parent}`, or correct one of the ids"));
        findings.push(finding);
    }
    let name = table.required_text("name", findings).value;
    let reference = table.plain_text("reference", findings);
    table.finish(findings);
    Subtechnique { id: id.value, name, reference }
}

/// Tells that `id` does not look like the id of `what` does. Without a framework nobody knows what it looks like.
fn check_id(
    id: &Spanned<String>,
    framework: Option<Framework>,
    valid: impl Fn(Framework, &str) -> bool,
    what: &str,
    example: &str,
    findings: &mut Findings,
) {
    let Some(framework) = framework else { return };
    if id.trim().is_empty() || valid(framework, id) {
        return;
    }
    let prefix = framework.id_prefix();
    let message = format!("`{}` is not the id of {what}", id.value);
    let finding = findings.error(codes::file::MITRE, id.span, message);
    findings.push(finding.help(format!("such an id looks like `{prefix}{example}`")));
}
