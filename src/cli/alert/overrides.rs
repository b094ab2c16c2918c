//! What an event changes about the alert of a rule (rules.md section 9).

use std::borrow::Cow;

use kiln::info::{RuleInfo, Severity};
use serde_json::Value;

use super::source::Source;

/// The highest severity whose mapping holds, or the rule's own.
pub(super) fn severity(rule: &RuleInfo<'_>, event: &Source<'_>) -> Severity {
    let holds = rule.severity_mapping.iter().filter(|mapping| {
        let values = event.values(mapping.field);
        if mapping.field == "event.severity" {
            let wanted = mapping.value.trim().parse::<f64>().map(f64::floor);
            return values.iter().any(|value| value.as_f64().is_some_and(|value| wanted == Ok(value)));
        }
        values.iter().any(|value| text(value).is_some_and(|text| text == mapping.value))
    });
    holds.map(|mapping| mapping.severity).max().unwrap_or(rule.severity)
}

/// The largest value of the first mapping's field if it is a number from 0 to 100, or the rule's own score; as JSON.
pub(super) fn risk_score(rule: &RuleInfo<'_>, event: &Source<'_>) -> String {
    let values =
        rule.risk_score_mapping.first().map(|mapping| event.values(mapping.field)).unwrap_or_default();
    let numbers = values.iter().filter_map(|value| match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    });
    match numbers.reduce(f64::max) {
        Some(score) if (0.0..=100.0).contains(&score) => score.to_string(),
        _ => rule.risk_score.to_string(),
    }
}

/// The text of the override field if it is a single one, or the rule's own name.
pub(super) fn name<'r>(rule: &RuleInfo<'r>, event: &Source<'_>) -> Cow<'r, str> {
    match rule.rule_name_override.and_then(|field| event.single(field)) {
        Some(Value::String(name)) => Cow::Owned(name),
        _ => Cow::Borrowed(rule.name),
    }
}

/// A number or string as text, for comparison: `2`, `2.0` and `"2"` are the same. Other values never match.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(match number.as_f64() {
            Some(float) if number.as_i64().is_none() && number.as_u64().is_none() => float.to_string(),
            _ => number.to_string(),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use kiln::info::{RiskScoreMapping, SeverityMapping};

    use super::*;

    fn mapping(field: &'static str, value: &'static str, severity: Severity) -> SeverityMapping<'static> {
        SeverityMapping { field, operator: "equals", value, severity }
    }

    fn severity_of(mappings: &[SeverityMapping<'_>], event: &str) -> Severity {
        let rule = RuleInfo { severity: Severity::Medium, severity_mapping: mappings, ..RuleInfo::EMPTY };
        severity(&rule, &Source::new(event.as_bytes()))
    }

    #[test]
    fn the_highest_severity_that_holds_wins() {
        let mappings = [mapping("a.b", "x", Severity::High), mapping("a.b", "y", Severity::Low)];
        assert_eq!(severity_of(&mappings, r#"{"a":{"b":["y","x"]}}"#), Severity::High);
        assert_eq!(severity_of(&mappings, r#"{"a.b":"y"}"#), Severity::Low);
        assert_eq!(severity_of(&mappings, r#"{"a.b":"z"}"#), Severity::Medium);
    }

    #[test]
    fn numbers_and_texts_compare_as_text_and_booleans_never() {
        assert_eq!(severity_of(&[mapping("n", "2", Severity::High)], r#"{"n":2.0}"#), Severity::High);
        assert_eq!(severity_of(&[mapping("n", "2", Severity::High)], r#"{"n":"2"}"#), Severity::High);
        assert_eq!(severity_of(&[mapping("n", "true", Severity::High)], r#"{"n":true}"#), Severity::Medium);
    }

    #[test]
    fn event_severity_is_a_number_rounded_down() {
        let mappings = [mapping("event.severity", "73.9", Severity::Critical)];
        assert_eq!(severity_of(&mappings, r#"{"event":{"severity":73}}"#), Severity::Critical);
        assert_eq!(severity_of(&mappings, r#"{"event":{"severity":"73"}}"#), Severity::Medium);
    }

    #[test]
    fn the_risk_score_is_a_number_in_range() {
        let mappings = [RiskScoreMapping { field: "score", operator: "equals", value: "" }];
        let rule = RuleInfo { risk_score: 21, risk_score_mapping: &mappings, ..RuleInfo::EMPTY };
        let score = |event: &str| risk_score(&rule, &Source::new(event.as_bytes()));
        assert_eq!(score(r#"{"score":[40,"73",9]}"#), "73");
        assert_eq!(score(r#"{"score":47.5}"#), "47.5");
        assert_eq!(score(r#"{"score":101}"#), "21");
        assert_eq!(score(r#"{"score":"high"}"#), "21");
        assert_eq!(score("{}"), "21");
    }

    #[test]
    fn the_name_is_a_single_text() {
        let rule = RuleInfo { name: "own", rule_name_override: Some("m.n"), ..RuleInfo::EMPTY };
        assert_eq!(name(&rule, &Source::new(br#"{"m":{"n":"theirs"}}"#)), "theirs");
        assert_eq!(name(&rule, &Source::new(br#"{"m":{"n":["theirs"]}}"#)), "own");
        assert_eq!(name(&rule, &Source::new(br#"{"m":{"n":3}}"#)), "own");
    }
}
