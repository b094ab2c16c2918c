//! What rules with state ask for, as indented lines.

use rule_lang::condition::{Key, QueryKind, Suppression, ThreatEntry};

use super::{Tree, field, filter_lines, key};

/// The lines of a kind that is of neither EQL nor plain events.
pub(super) fn lines(tree: &mut Tree, kind: &QueryKind) {
    match kind {
        QueryKind::Threshold(threshold) => {
            let by = by(&threshold.keys);
            let cardinality = threshold.cardinality.as_ref().map(|cardinality| {
                format!(" with {} values of {}", cardinality.value, key(&cardinality.key))
            });
            let cardinality = cardinality.unwrap_or_default();
            let name = format!("{} events{by}{cardinality} within {} ms", threshold.value, threshold.window);
            filter_lines(tree, &name, &threshold.filter);
        }
        QueryKind::NewTerms(terms) => {
            let name = format!("new values{} within {} ms", by(&terms.keys), terms.window);
            filter_lines(tree, &name, &terms.filter);
        }
        QueryKind::ThreatMatch(threat) => {
            filter_lines(tree, "event", &threat.filter);
            filter_lines(tree, "indicator", &threat.indicators);
            for group in &threat.groups {
                tree.under("that share", |tree| group.iter().for_each(|entry| tree.line(&shown(entry))));
            }
        }
        QueryKind::Event(_) | QueryKind::Sequence(_) | QueryKind::Sample(_) => {}
    }
}

/// The line of a suppression.
pub(super) fn suppression(tree: &mut Tree, suppression: &Suppression) {
    tree.line(&format!("one alert{} within {} ms", by(&suppression.keys), suppression.span));
}

fn by(keys: &[Key]) -> String {
    let keys: Vec<_> = keys.iter().map(key).collect();
    if keys.is_empty() { String::new() } else { format!(" of {}", keys.join(", ")) }
}

fn shown(entry: &ThreatEntry) -> String {
    let not = if entry.negate { "not " } else { "" };
    format!("{not}{} and {}", field(&entry.event), field(&entry.indicator))
}
