//! The rule sets of the benchmark.

use bumpalo::Bump;
use kiln::RuleSet;
use kiln_test_support::corpus;
use rule_compiler::plan::{self, PlanOptions, RuleInput};
use rule_compiler::ruleset;
use rule_lang::condition::{Condition, Constant, Query, QueryKind, Test};

use crate::Arguments;

/// The set that the macro compiled, or one planned here.
pub(crate) fn choose<'a>(arguments: &Arguments, arena: &'a Bump) -> Option<RuleSet<'a>> {
    if !arguments.plan {
        return kiln_compiled_tests::corpus::set().copied();
    }
    let rules = corpus::rules()?;
    let inputs = ruleset::inputs(&rules, arena);
    let taken = &inputs[..inputs.len().min(arguments.rules)];
    let copies: Vec<Vec<Query>> = (1..arguments.times)
        .map(|copy| taken.iter().map(|input| altered(input.query, copy)).collect())
        .collect();
    let mut all = taken.to_vec();
    for copy in &copies {
        all.extend(copy.iter().zip(taken).map(|(query, input)| RuleInput { query, info: input.info }));
    }
    Some(plan::plan(&all, &PlanOptions::default(), arena).set)
}

/// The same query with other texts to look for: those of more than four letters get a letter put in. What is rare in
/// events stays rare, and what every rule asks for (categories, types) stays as it is.
fn altered(query: &Query, copy: usize) -> Query {
    let mut query = query.clone();
    match &mut query.kind {
        QueryKind::Event(filter) => alter(&mut filter.condition, copy),
        QueryKind::Sequence(sequence) => {
            sequence
                .items
                .iter_mut()
                .chain(&mut sequence.until)
                .for_each(|i| alter(&mut i.filter.condition, copy));
        }
        QueryKind::Sample(sample) => {
            sample.items.iter_mut().for_each(|i| alter(&mut i.filter.condition, copy));
        }
    }
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
    let keeps = |value: &rule_lang::condition::Value| {
        let rule_lang::condition::Value::Field(field) = value else { return true };
        ["event.", "host.", "data_stream."].iter().any(|prefix| field.path.starts_with(prefix))
    };
    match leaf {
        Test::Compare {
            left, right: rule_lang::condition::Value::Constant(Constant::Text(text)), ..
        } if !keeps(left) => {
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
