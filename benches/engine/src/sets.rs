//! The rule sets of the benchmark.
//!
//! In: the rule files of the shared corpus, or those that this repository ships where the corpus is not there. Out: the
//! set as the macro compiled it, or planned in process, which allows other numbers of rules.

use std::collections::BTreeSet;

use bumpalo::Bump;
use kiln_test_support::corpus;
use rule_compiler::plan::{self, PlanOptions, RuleInput};
use rule_compiler::ruleset::inputs;
use rule_lang::condition::{Condition, Constant, Query, Test, Value};
use rule_lang::diagnostic::Level;
use rule_lang::rule::RuleType;
use rule_lang::ruleset::{CheckedRule, RuleSet};
use rule_lang::schema::FieldType;

/// Rule files, and where they are from.
#[derive(Debug)]
pub struct Rules {
    /// The corpus, or what this repository ships.
    pub from: &'static str,
    /// Everything that was read.
    pub set: RuleSet,
}

impl Rules {
    /// The rules of the shared corpus, or the shipped ones.
    pub fn load() -> Self {
        match corpus::rules() {
            Some(set) => Self { from: "the shared corpus", set },
            None => Self { from: "this repository (generated, not a headline)", set: shipped() },
        }
    }

    /// How many rules of its files are not run because a file has an error.
    pub fn rejected(&self) -> usize {
        files_with_errors(&self.set).len()
    }
}

/// The rules that this repository ships.
pub fn shipped() -> RuleSet {
    kiln_test_support::shipped::rules()
}

fn files_with_errors(rules: &RuleSet) -> BTreeSet<u32> {
    let errors = rules.diagnostics.iter().filter(|finding| finding.level == Level::Error);
    errors.map(|error| error.primary.file.0).collect()
}

/// The rules in whose files there is no error, by their number: those that a build accepts.
pub fn accepted(rules: &RuleSet) -> Vec<(usize, &CheckedRule)> {
    let bad = files_with_errors(rules);
    rules.rules.iter().enumerate().filter(|(_, rule)| !bad.contains(&rule.rule.file.0)).collect()
}

/// The set that the macro compiled into this binary: every rule of the corpus that a build accepts. None without the
/// corpus, or in a build without the feature `compiled`.
pub fn compiled() -> Option<kiln::RuleSet<'static>> {
    #[cfg(feature = "compiled")]
    return kiln_compiled_tests::corpus::set().copied();
    #[cfg(not(feature = "compiled"))]
    None
}

/// Which rules are planned in process.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    /// At most so many, evenly spaced over all.
    pub rules: usize,
    /// How many times each, the copies with other texts to look for.
    pub times: usize,
    /// Only those of the type `eql`.
    pub eql: bool,
}

impl Default for Planned {
    fn default() -> Self {
        Self { rules: usize::MAX, times: 1, eql: false }
    }
}

impl Planned {
    /// Plans them with every pass on.
    pub fn plan<'a>(&self, rules: &RuleSet, arena: &'a Bump) -> kiln::RuleSet<'a> {
        let all = inputs(rules, arena);
        let mut accepted = accepted(rules);
        accepted.retain(|(_, rule)| !self.eql || *rule.rule.rule_type == RuleType::Eql);
        let count = accepted.len().min(self.rules);
        let taken: Vec<RuleInput<'_, 'a>> =
            (0..count).map(|index| all[accepted[index * accepted.len() / count].0].clone()).collect();
        let copies: Vec<Vec<Query>> = (1..self.times)
            .map(|copy| taken.iter().map(|input| altered(input.query, copy)).collect())
            .collect();
        let mut inputs = taken.clone();
        for copy in &copies {
            inputs
                .extend(copy.iter().zip(&taken).map(|(query, input)| RuleInput { query, info: input.info }));
        }
        plan::plan(&inputs, &PlanOptions::default(), arena).set
    }
}

/// Plans some of the rules, by their numbers.
pub fn plan_these<'a>(rules: &RuleSet, numbers: &[usize], arena: &'a Bump) -> kiln::RuleSet<'a> {
    let all = inputs(rules, arena);
    let taken: Vec<_> = numbers.iter().map(|&number| all[number].clone()).collect();
    plan::plan(&taken, &PlanOptions::default(), arena).set
}

/// The same query with other texts to look for: those of more than four letters get a letter put in. What is rare in
/// events stays rare, and what every rule asks for (categories, types) stays as it is.
fn altered(query: &Query, copy: usize) -> Query {
    let mut query = query.clone();
    query.kind.filters_mut().into_iter().for_each(|filter| alter(&mut filter.condition, copy));
    query
}

fn alter(condition: &mut Condition, copy: usize) {
    match condition {
        Condition::Const(_) => {}
        Condition::Not(inner) => alter(inner, copy),
        Condition::And(children) | Condition::Or(children) => {
            for child in children {
                alter(child, copy);
            }
        }
        Condition::Leaf(leaf) => alter_leaf(&mut leaf.test, copy),
    }
}

fn alter_leaf(leaf: &mut Test, copy: usize) {
    let keeps = |value: &Value| {
        let Value::Field(field) = value else { return true };
        // Another letter makes no other address or date.
        !matches!(field.ty, FieldType::Keyword | FieldType::Text | FieldType::Unknown)
            || ["event.", "host.", "data_stream."].iter().any(|prefix| field.path.starts_with(prefix))
    };
    match leaf {
        Test::Compare { left, right: Value::Constant(Constant::Text(text)), .. } if !keeps(left) => {
            *text = other(text, copy).into();
        }
        Test::In { value, list, .. } if !keeps(value) => {
            for constant in list {
                if let Constant::Text(text) = constant {
                    *text = other(text, copy).into();
                }
            }
        }
        Test::Like { value, patterns, .. } if !keeps(value) => {
            for pattern in patterns {
                *pattern = other(pattern, copy);
            }
        }
        _ => {}
    }
}

/// The text with a letter put into its longest word.
fn other(text: &str, copy: usize) -> String {
    let letters = text.chars().filter(char::is_ascii_alphanumeric).count();
    if letters <= 4 {
        return text.to_owned();
    }
    let word = text.split(|c: char| !c.is_ascii_alphanumeric()).max_by_key(|word| word.len()).unwrap_or(text);
    let at = word.as_ptr() as usize - text.as_ptr() as usize + word.len() / 2;
    let letter = char::from(b'a' + (copy % 26) as u8);
    format!("{}{letter}{}", &text[..at], &text[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_times_the_rules_have_other_texts() {
        let rules = shipped();
        let (once, ten) = (Bump::new(), Bump::new());
        let once = Planned::default().plan(&rules, &once);
        let ten = Planned { times: 10, ..Planned::default() }.plan(&rules, &ten);
        assert_eq!(ten.rules.len(), 10 * once.rules.len());
        assert!(ten.predicates.len() > 5 * once.predicates.len(), "{}", ten.predicates.len());
    }

    #[test]
    fn a_few_rules_are_spread_over_all() {
        let rules = shipped();
        let arena = Bump::new();
        let few = Planned { rules: 5, ..Planned::default() }.plan(&rules, &arena);
        let files: BTreeSet<_> = few.rules.iter().map(|rule| rule.info.file).collect();
        assert_eq!(files.len(), 5);
        assert!(files.iter().any(|file| file.contains("windows")), "{files:?}");
    }

    #[test]
    fn a_letter_is_put_into_the_longest_word() {
        assert_eq!(other("powershell.exe", 1), "powerbshell.exe");
        assert_eq!(other("*.dll", 1), "*.dll");
    }
}
