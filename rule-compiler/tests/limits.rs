//! What is too large for a compiled set is refused, and the rest is planned.

use bumpalo::Bump;
use rule_compiler::lower::LowerError;
use rule_compiler::plan::{PlanOptions, RuleInput, plan};
use rule_lang::condition::Query;
use rule_lang::ruleset::{Options, parse_and_check};
use rule_lang::schema;
use rule_lang::source::FileId;
use rule_runtime::info::RuleInfo;

fn query(text: &str) -> Query {
    let options = Options { schema: schema::builtin(), strict: true };
    let (query, diagnostics) = parse_and_check(text, FileId(0), None, &options);
    query.unwrap_or_else(|| panic!("{diagnostics:?}")).1
}

/// As many branches of as many tests, all different.
fn wide(branches: usize, tests: usize) -> String {
    let test = |branch, test| format!("process.args : \"{branch}x{test}*\"");
    let branch = |number| (0..tests).map(|part| test(number, part)).collect::<Vec<_>>().join(" and ");
    let branches: Vec<_> = (0..branches).map(|number| format!("({})", branch(number))).collect();
    format!("process where {}", branches.join(" or "))
}

#[test]
fn a_condition_of_too_many_tests_is_refused_alone() {
    // The category is a test as well.
    let (too_wide, wide) = (query(&wide(300, 219)), query(&wide(30, 219)));
    let input = |query| RuleInput { query, info: RuleInfo::EMPTY };
    let arena = Bump::new();
    let plan = plan(&[input(&wide), input(&too_wide)], &PlanOptions::default(), &arena);
    let refused: Vec<_> = plan.refused.iter().map(|refused| (refused.rule, &refused.error.error)).collect();
    assert_eq!(refused, [(1, &LowerError::TooManyTests)]);
    assert_eq!(plan.set.rules.len(), 1);
}
