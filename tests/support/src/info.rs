//! What rules say of themselves: unpacked from generated code when it is asked for, as the compiler wrote it.
//!
//! In: a compiled set, and what the compiler makes of the same rule files. Out: a panic where they differ.

use std::collections::BTreeMap;

use rule_runtime::info::RuleInfo;
use rule_runtime::set::RuleSet;

/// Every rule of `set` says what one of `eager` says, down to its last text. Where rule files lie may be told in different
/// ways.
///
/// # Panics
/// If one does not.
pub fn assert_same(set: &RuleSet<'_>, eager: &[RuleInfo<'_>]) {
    let eager: BTreeMap<_, _> = eager.iter().map(|info| (info.rule_id, info)).collect();
    assert_eq!(set.rules.len(), eager.len());
    for rule in set.rules {
        let lazy = *rule.info;
        let own = *eager[lazy.rule_id];
        let name = |path: &str| path.rsplit('/').next().map(str::to_owned);
        assert_eq!(name(lazy.file), name(own.file));
        let texts = [lazy, own].map(|info| format!("{:#?}", RuleInfo { file: "", ..info }));
        assert_eq!(texts[0], texts[1]);
    }
}
