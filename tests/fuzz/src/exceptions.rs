//! Files of exceptions and overlays.

use bumpalo::Bump;
use rule_compiler::plan::{PlanOptions, plan};
use rule_compiler::ruleset::inputs;
use rule_lang::exception::Clock;
use rule_lang::ruleset::{Extras, Options, load_with};
use rule_lang::schema;

use crate::diagnostics;

/// A rule that names the lists of the seeds.
const RULE: &str = r#"
[rule]
name = "Rule"
rule_id = "00000000-0000-4000-8000-000000000001"
type = "eql"
description = "A rule"
author = ["Kiln"]
severity = "low"
risk_score = 1
query = "any where true"
exceptions_list = [{ list_id = "l" }, { list_id = "export" }, { list_id = "value-lists" }, { list_id = "long" }]
"#;

/// Reads the bytes as lists, as a value list and as an overlay, in every format. Nothing panics; findings point into the
/// files; what is accepted is planned or refused.
///
/// # Panics
/// If one of that does not hold.
pub fn exceptions(bytes: &[u8]) {
    for ending in ["toml", "yml", "json", "ndjson"] {
        let file = |name: &str| (format!("{name}.{ending}"), bytes.to_vec());
        let extras = Extras {
            exceptions: vec![file("lists"), ("hosts.txt".to_owned(), bytes.to_vec())],
            overlays: vec![file("overlay")],
            clock: Clock { now: 0, compiled_in: bytes.len().is_multiple_of(3) },
        };
        let options = Options { schema: schema::builtin(), strict: bytes.len().is_multiple_of(2) };
        let set = load_with([("rule.toml".to_owned(), RULE.into())], extras, &options);
        assert_eq!(set.rules.len(), 1, "the rule is sound whatever belongs to it");
        diagnostics::check(&set.diagnostics, &set.sources);
        let arena = Bump::new();
        let planned = plan(&inputs(&set, &arena), &PlanOptions::default(), &arena);
        assert_eq!(planned.set.rules.len() + planned.refused.len(), 1);
    }
}
