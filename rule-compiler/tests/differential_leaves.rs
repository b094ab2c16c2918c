//! Lowered predicates against the reference evaluator: the same answer for every test over every event.

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use rule_compiler::lower::{LowerError, regex::RegexError};
use rule_lang::condition::Test;
use rule_runtime::matcher::Scratch;
use support::{both, event};

fn agree(test: &Test, events: &[String]) -> Result<(), TestCaseError> {
    let mut scratch = Scratch::new();
    for event in events {
        match both(test, event, &mut scratch) {
            Ok((meant, compiled)) => prop_assert_eq!(meant, compiled, "{:?} over {}", test, event),
            Err(LowerError::Regex { error: RegexError::TooLarge, .. }) => {}
            Err(error) => prop_assert!(false, "{:?} is refused: {}", test, error),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn fields_against_constants(test in support::field_compare(), events in vec(event(), 1..6)) {
        agree(&test, &events)?;
    }

    #[test]
    fn fields_in_lists(test in support::field_in(), events in vec(event(), 1..6)) {
        agree(&test, &events)?;
    }

    #[test]
    fn patterns(test in support::like(), events in vec(event(), 1..6)) {
        agree(&test, &events)?;
    }

    #[test]
    fn expressions(test in support::expression(), events in vec(event(), 1..6)) {
        agree(&test, &events)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn regular_expressions(test in support::regexes(), events in vec(event(), 1..6)) {
        agree(&test, &events)?;
    }
}
