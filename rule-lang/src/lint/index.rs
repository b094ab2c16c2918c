//! Index patterns of Elastic Defend that hold one kind of event only.

use crate::diagnostic::{Diagnostic, codes::lint as codes};
use crate::eql::ast::Category;
use crate::source::FileId;

/// The data streams of Elastic Defend and the categories of their events.
const STREAMS: [(&str, &[&str]); 5] = [
    ("logs-endpoint.events.file", &["file"]),
    ("logs-endpoint.events.library", &["library", "driver"]),
    ("logs-endpoint.events.network", &["network"]),
    ("logs-endpoint.events.process", &["process"]),
    ("logs-endpoint.events.registry", &["registry"]),
];

/// Warns if every index pattern is one that cannot hold the category.
pub(super) fn lint(category: &Category, index: &[&str], file: FileId, found: &mut Vec<Diagnostic>) {
    let Category::Named(name, span) = category else { return };
    let lacks = |pattern: &&str| {
        let stream = pattern.trim_end_matches(['*', '-']);
        STREAMS.iter().any(|(known, categories)| *known == stream && !categories.contains(&name.as_str()))
    };
    if index.is_empty() || !index.iter().all(lacks) {
        return;
    }
    let message = format!("no index of the rule holds events of the category [{name}]");
    found.push(
        Diagnostic::warning(codes::INDEX_WITHOUT_CATEGORY, file, *span, message)
            .help(format!("the rule reads [{}]", index.join(", "))),
    );
}
