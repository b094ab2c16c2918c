//! Clauses that join others: `bool`, `constant_score`, `dis_max`.

use super::super::{Check, negated};
use super::{NO_EFFECT, Reader, entries, list, scalar};
use crate::check::{all, any};
use crate::condition::Condition;
use crate::file::{Entry, Node, NodeKind};
use crate::span::Span;

/// The most ways to choose `minimum_should_match` clauses that are written out.
const MAX_CHOICES: u64 = 70;

impl Reader<'_> {
    pub(super) fn bool(&mut self, body: &[Entry], span: Span) -> Check<Condition> {
        let (mut wanted, mut unwanted, mut alternatives, mut least) =
            (Vec::new(), Vec::new(), Vec::new(), None);
        for entry in body {
            match &*entry.key {
                "must" | "filter" => wanted.extend(self.clauses(&entry.value)?),
                "must_not" => unwanted.extend(self.clauses(&entry.value)?),
                "should" => alternatives = self.clauses(&entry.value)?,
                "minimum_should_match" => least = Some(entry),
                "adjust_pure_negative" if entry.value.kind == NodeKind::Bool(true) => {}
                key if NO_EFFECT.contains(&key) => {}
                "adjust_pure_negative" => return Err(self.not_applied(entry, "bool")),
                key => {
                    let message = format!("`{key}` in `bool` is not known");
                    return Err(self.malformed(entry.key_span, message));
                }
            }
        }
        let alone = wanted.is_empty();
        if !alternatives.is_empty() {
            let least = self.least(least, alternatives.len())?;
            // Where nothing else has to match, one of the alternatives has to.
            let least = if alone { least.unwrap_or(1).max(1) } else { least.unwrap_or(0) };
            wanted.extend(self.some_of(alternatives, least, span)?);
        }
        wanted.extend(unwanted.into_iter().map(negated));
        Ok(all(wanted))
    }

    /// How many of `count` clauses have to match.
    fn least(&mut self, least: Option<&Entry>, count: usize) -> Check<Option<usize>> {
        let Some(entry) = least else { return Ok(None) };
        let asked = scalar(&entry.value).and_then(|text| share(text.trim(), count));
        match asked.and_then(|least| usize::try_from(least).ok()) {
            Some(least) if least <= count => Ok(Some(least)),
            Some(least) => {
                let what = format!("`minimum_should_match` asks for {least} of {count} clauses");
                Err(self.unsupported(entry.value.span, &what))
            }
            None => Err(self.not_applied(entry, "bool")),
        }
    }

    /// At least so many of the conditions.
    fn some_of(&mut self, parts: Vec<Condition>, least: usize, span: Span) -> Check<Option<Condition>> {
        Ok(match least {
            0 => None,
            1 => Some(any(parts)),
            least if least == parts.len() => Some(all(parts)),
            least if choices(parts.len() as u64, least as u64) > MAX_CHOICES => {
                let what = format!("there are too many ways to choose {least} of {} clauses", parts.len());
                return Err(self.unsupported(span, &what));
            }
            least => {
                let mut chosen = Vec::new();
                choose(&parts, least, &mut Vec::new(), &mut chosen);
                Some(any(chosen))
            }
        })
    }

    /// One clause, or a list of them.
    fn clauses(&mut self, value: &Node) -> Check<Vec<Condition>> {
        let Some(clauses) = list(value) else { return Ok(vec![self.clause(value)?]) };
        let clauses: Vec<_> = clauses.iter().map(|clause| self.clause(clause)).collect();
        clauses.into_iter().collect()
    }

    pub(super) fn constant_score(&mut self, clause: &Entry) -> Check<Condition> {
        self.inner(clause, "filter", Self::clause)
    }

    pub(super) fn dis_max(&mut self, clause: &Entry) -> Check<Condition> {
        self.inner(clause, "queries", |reader, value| reader.clauses(value).map(any))
    }

    /// What a clause holds under its one `key` that counts.
    fn inner(
        &mut self,
        clause: &Entry,
        key: &str,
        read: impl FnOnce(&mut Self, &Node) -> Check<Condition>,
    ) -> Check<Condition> {
        let other = |entry: &&Entry| entry.key != key && !NO_EFFECT.contains(&&*entry.key);
        if let Some(entry) = entries(&clause.value).iter().find(other) {
            return Err(self.not_applied(entry, &clause.key));
        }
        match clause.value.get(key) {
            Some(value) => read(self, value),
            None => Err(self.malformed(clause.key_span, format!("`{}` has no `{key}`", clause.key))),
        }
    }
}

/// What Elasticsearch makes of `minimum_should_match`: `2`, `-1`, `75%`, `-25%`.
fn share(text: &str, count: usize) -> Option<i64> {
    let count = i64::try_from(count).ok()?;
    let part: i64 = match text.strip_suffix('%') {
        Some(percent) => count.checked_mul(percent.parse().ok()?)? / 100,
        None => text.parse().ok()?,
    };
    // What begins with a minus may be missing, though rounded down to none (`-10%` of three).
    let minus = text.starts_with('-') && text.contains(|letter: char| ('1'..='9').contains(&letter));
    let least = if minus { count.checked_add(part)? } else { part };
    Some(least.max(0))
}

/// In how many ways one can choose some of so many; more than the bound is all the same.
fn choices(of: u64, some: u64) -> u64 {
    let some = some.min(of - some);
    let mut ways = 1_u64;
    for at in 0..some {
        ways = ways.saturating_mul(of - at) / (at + 1);
        if ways > MAX_CHOICES * MAX_CHOICES {
            return ways;
        }
    }
    ways
}

/// All ways to choose `some` of `parts`, each one condition.
fn choose(parts: &[Condition], some: usize, taken: &mut Vec<Condition>, chosen: &mut Vec<Condition>) {
    if some == 0 {
        chosen.push(all(taken.clone()));
        return;
    }
    for (at, part) in parts.iter().enumerate().take(parts.len() + 1 - some) {
        taken.push(part.clone());
        choose(&parts[at + 1..], some - 1, taken, chosen);
        taken.pop();
    }
}
