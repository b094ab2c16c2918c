//! Rule files.

use bumpalo::Bump;
use rule_compiler::plan::{PlanOptions, plan};
use rule_compiler::ruleset::inputs;
use rule_lang::ruleset::{Options, load};
use rule_lang::schema;

use crate::diagnostics;

/// Reads the bytes as TOML, as YAML, as JSON, as an export with a rule a line, and as several files of one set. Nothing panics; findings point into the files; what is
/// accepted is planned or refused.
///
/// # Panics
/// If one of that does not hold.
pub fn rule_file(bytes: &[u8]) {
    let several = [&["a.toml", "b.toml"][..], &["a.toml", "a.yaml"]];
    for paths in [&["a.toml"][..], &["a.yml"], &["a.json"], &["a.ndjson"]].into_iter().chain(several) {
        let files = paths.iter().map(|&path| (path.to_owned(), bytes.to_vec()));
        let set = load(files, &Options { schema: schema::builtin(), strict: bytes.len().is_multiple_of(2) });
        diagnostics::check(&set.diagnostics, &set.sources);
        let arena = Bump::new();
        let inputs = inputs(&set, &arena);
        let planned = plan(&inputs, &PlanOptions::default(), &arena);
        assert_eq!(planned.set.rules.len() + planned.refused.len(), set.rules.len());
    }
}
