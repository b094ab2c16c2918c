//! Rules with state, a stream of events and indicators from bytes.

use arbitrary::{Result, Unstructured};
use rule_lang::condition::{
    Cardinality, Condition, Field, Filter, Key, NewTerms, Query, QueryKind, Suppression, ThreatEntry,
    ThreatMatch, Threshold, TimeSource,
};
use rule_lang::ruleset::{self, parse_and_check};
use rule_lang::schema::{FieldType, Schema};
use rule_lang::source::FileId;
use rule_lang::span::Span;

use crate::matcher::{generate, schema};

/// What a set is driven with.
#[derive(Debug)]
pub(crate) struct Scenario {
    /// Each with the text that its conditions come from.
    pub(crate) rules: Vec<(String, Query)>,
    /// JSON text, in the order in which they come. Some have no time, some an earlier one than those before.
    pub(crate) events: Vec<String>,
    /// JSON text.
    pub(crate) indicators: Vec<String>,
}

/// Fields that make groups. What has no type in the schema is of none.
const FIELDS: &[&str] = &["k", "k", "s", "t", "n", "b", "ip", "d", "u"];

impl Scenario {
    /// Takes what it needs from the front of the bytes, and leaves none if there are few.
    pub(crate) fn new(most_events: usize, u: &mut Unstructured<'_>) -> Result<Self> {
        let schema = schema();
        let mut rules = Vec::new();
        for _ in 0..u.int_in_range(1..=4)? {
            rules.extend(rule(&schema, u)?);
        }
        let indicators = (0..u.int_in_range(0..=4)?)
            .map(|_| generate::event(Some(1_000), u))
            .collect::<Result<Vec<_>>>()?;
        let mut events = Vec::new();
        let mut now = 1_000_i64;
        while !u.is_empty() && events.len() < most_events {
            let time = match u.int_in_range(0..=15)? {
                0 => None,
                1 => Some(now - u.int_in_range(1..=12)?),
                2 => Some(now + u.int_in_range(10..=90)?),
                _ => Some(now + u.int_in_range(0..=3)?),
            };
            now = now.max(time.unwrap_or(now));
            // As a key, what is beyond all doubles is `Infinity` to the reference evaluator and itself to a matcher.
            events.push(generate::event(time, u)?.replace("1e400", "4e2"));
        }
        Ok(Self { rules, events, indicators })
    }
}

/// `None` for a query that the check refuses.
fn rule(schema: &Schema, u: &mut Unstructured<'_>) -> Result<Option<(String, Query)>> {
    let kind = u.int_in_range(0..=10)?;
    let text = match kind {
        5..=7 => generate::sequence(u)?,
        8 | 9 => generate::sample(u)?,
        _ => generate::events(u)?,
    };
    // A rule has one time, for its state and its suppression.
    let time = time(u)?;
    let options = ruleset::Options { schema, strict: false };
    let Some((_, mut query)) = parse_and_check(&text, FileId(0), None, &options).0 else { return Ok(None) };
    if let QueryKind::Event(filter) = &query.kind {
        query.kind = match kind {
            0 | 1 => QueryKind::Threshold(threshold(filter.clone(), time.clone(), schema, u)?),
            2 => QueryKind::NewTerms(new_terms(filter.clone(), time.clone(), schema, u)?),
            3 => QueryKind::ThreatMatch(Box::new(threat(filter.clone(), time.clone(), schema, u)?)),
            _ => query.kind,
        };
    }
    // Sequences that wait for an event to stay away come in no order that both engines share.
    let waits = matches!(&query.kind, QueryKind::Sequence(sequence) if sequence.items.iter().any(|item| item.missing));
    if !waits && u.ratio(1, 2)? {
        let is_threshold = matches!(query.kind, QueryKind::Threshold(_));
        let optional = u.arbitrary()?;
        let keys = if is_threshold { Vec::new() } else { keys(1, optional, schema, u)? };
        query.suppression = Some(Suppression { time, keys, span: u.int_in_range(1..=40)? });
    }
    Ok(Some((text, query)))
}

fn threshold(
    filter: Filter,
    time: TimeSource,
    schema: &Schema,
    u: &mut Unstructured<'_>,
) -> Result<Threshold> {
    let cardinality = if u.ratio(1, 2)? {
        Some(Cardinality { key: key(false, schema, u)?, value: u.int_in_range(1..=3)? })
    } else {
        None
    };
    Ok(Threshold {
        filter,
        time,
        keys: keys(0, false, schema, u)?,
        value: u.int_in_range(1..=3)?,
        cardinality,
        window: u.int_in_range(1..=50)?,
    })
}

fn new_terms(
    filter: Filter,
    time: TimeSource,
    schema: &Schema,
    u: &mut Unstructured<'_>,
) -> Result<NewTerms> {
    let window = u.int_in_range(1..=30)?;
    Ok(NewTerms { filter, time, keys: keys(1, false, schema, u)?, window })
}

fn threat(
    filter: Filter,
    time: TimeSource,
    schema: &Schema,
    u: &mut Unstructured<'_>,
) -> Result<ThreatMatch> {
    let indicators = Filter { category: None, condition: Condition::Const(true), span: Span::new(0, 0) };
    let mut groups = Vec::new();
    for _ in 0..u.int_in_range(1..=2)? {
        let mut entries = Vec::new();
        for number in 0..u.int_in_range(1..=3)? {
            let (event, indicator) = (field(schema, u)?, field(schema, u)?);
            // Entries that ask for one field find more.
            let indicator = if u.arbitrary()? { event.clone() } else { indicator };
            entries.push(ThreatEntry { event, indicator, negate: number > 0 && u.ratio(1, 3)? });
        }
        let last = entries.len() - 1;
        entries.swap(0, u.int_in_range(0..=last)?);
        groups.push(entries);
    }
    Ok(ThreatMatch { filter, time, indicators, indicator_path: "threat.indicator".into(), groups })
}

fn time(u: &mut Unstructured<'_>) -> Result<TimeSource> {
    const TIMESTAMP: &str = "@timestamp";
    let (field, fallback) = match u.int_in_range(0..=7)? {
        0 => ("d", None),
        1 | 2 => ("d", Some(TIMESTAMP)),
        _ => (TIMESTAMP, None),
    };
    Ok(TimeSource { field: field.into(), fallback: fallback.map(Into::into) })
}

/// Up to three keys.
fn keys(least: usize, optional: bool, schema: &Schema, u: &mut Unstructured<'_>) -> Result<Vec<Key>> {
    (0..u.int_in_range(least..=3)?).map(|_| key(optional, schema, u)).collect()
}

fn key(optional: bool, schema: &Schema, u: &mut Unstructured<'_>) -> Result<Key> {
    let field = field(schema, u)?;
    Ok(Key { path: field.path.clone(), field: Some(field), optional })
}

fn field(schema: &Schema, u: &mut Unstructured<'_>) -> Result<Field> {
    let path = *u.choose(FIELDS)?;
    Ok(Field { path: path.into(), ty: schema.get(path).map_or(FieldType::Unknown, |info| info.ty) })
}
