//! What rules with state find, as lines of text that read the same for both engines; `tests/states` says how.
//!
//! In: findings and groups of the reference evaluator or of a matcher. Out: a line for each. Knows nothing of rules.

use rule_lang::meaning;
use rule_runtime::engine::{Detail, Finding, Group};
use rule_runtime::suppression::Suppressed;

/// How lines tell times, and how much.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    /// The time that is written as zero, in nanoseconds since 1970.
    pub zero: i128,
    /// Nanoseconds of what is written as one.
    pub unit: i128,
    /// Whether numbers are told, and the events and times that belong to them: all that is not final in what comes out
    /// early.
    pub counts: bool,
}

impl Lines {
    /// What a matcher found.
    pub fn finding(self, finding: &Finding<'_, '_>) -> String {
        let event = finding.event.handle.0.to_string();
        let tail = self.suppressed(finding.suppressed);
        match finding.detail {
            Detail::Event => line(&event, &[], &tail),
            Detail::NewTerms(key) => line(&event, &texts(key.values()), &tail),
            Detail::Threshold(found) => {
                let counted = (found.count, found.cardinality, found.from.nanos().into());
                self.threshold((found.first.handle.0, &event), &texts(found.key.values()), counted, &tail)
            }
            Detail::Indicators(hits) => {
                let hits: Vec<_> = hits.map(|hit| format!("{}/{}", hit.indicator.0, hit.group)).collect();
                line(&event, &hits, &tail)
            }
        }
    }

    /// What the reference evaluator found.
    pub fn meant_finding(self, finding: &meaning::Finding) -> String {
        let event = finding.event.to_string();
        let tail = self.meant_suppressed(finding.suppressed.as_ref());
        match &finding.detail {
            meaning::Detail::Event => line(&event, &[], &tail),
            meaning::Detail::NewTerms(key) => line(&event, &texts(key), &tail),
            meaning::Detail::Threshold(found) => {
                let counted = (found.count, found.cardinality, found.from);
                self.threshold((found.first as u64, &event), &texts(&found.key), counted, &tail)
            }
            meaning::Detail::Indicators(hits) => {
                let hits: Vec<_> =
                    hits.iter().map(|(indicator, group)| format!("{indicator}/{group}")).collect();
                line(&event, &hits, &tail)
            }
        }
    }

    /// A sequence or sample of a matcher.
    pub fn group(self, group: &Group<'_, '_>) -> String {
        let events = texts(group.events.iter().flatten().map(|event| event.handle.0));
        line(&events.join("-"), &texts(group.key.values()), &self.suppressed(group.suppressed))
    }

    /// The same of the reference evaluator.
    pub fn meant_group(self, (hit, suppressed): &(meaning::Hit, Option<meaning::Suppressed>)) -> String {
        let events = texts(hit.events.iter().flatten());
        line(&events.join("-"), &texts(&hit.keys), &self.meant_suppressed(suppressed.as_ref()))
    }

    fn threshold(
        self,
        (first, last): (u64, &str),
        values: &[String],
        (count, cardinality, from): (u64, Option<u64>, i128),
        tail: &str,
    ) -> String {
        let from = self.time(from);
        if !self.counts {
            return line("", values, &format!(" @{from}{tail}"));
        }
        let different = cardinality.map(|different| format!("/{different}")).unwrap_or_default();
        line(&format!("{first}-{last}"), values, &format!(" x{count}{different} @{from}{tail}"))
    }

    fn suppressed(self, suppressed: Option<Suppressed<'_>>) -> String {
        let Some(Suppressed { key, start, end, count }) = suppressed else { return String::new() };
        let fields: Vec<_> = key.fields().map(texts).collect();
        self.alerts(&fields, (start.nanos().into(), end.nanos().into()), count)
    }

    fn meant_suppressed(self, suppressed: Option<&meaning::Suppressed>) -> String {
        let Some(meaning::Suppressed { key, start, end, count }) = suppressed else { return String::new() };
        let fields: Vec<_> = key.iter().map(texts).collect();
        self.alerts(&fields, (*start, *end), *count)
    }

    fn alerts(self, fields: &[Vec<String>], (start, end): (i128, i128), count: u64) -> String {
        let fields: Vec<_> = fields.iter().map(|values| values.join("+")).collect();
        let fields = fields.join(" ");
        if !self.counts {
            return format!(" [{fields}]");
        }
        format!(" [{fields}] {}..{} +{count}", self.time(start), self.time(end))
    }

    fn time(self, nanos: i128) -> i128 {
        (nanos - self.zero) / self.unit
    }
}

fn texts<T: ToString>(values: impl IntoIterator<Item = T>) -> Vec<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}

fn line(head: &str, values: &[String], tail: &str) -> String {
    let space = if values.is_empty() { "" } else { " " };
    format!("{head}:{space}{}{tail}", values.join(" "))
}
