//! The reference evaluator: slow, plain, and the judge of everything faster.
//!
//! In: a checked condition or query, and events as JSON text. Out: whether the condition holds, or the events,
//! sequences and samples that the query finds. It shares no code with compiled matchers and must not learn their
//! tricks: when both disagree, this side is meant to be the one that can be checked against eql.md by eye.
//!
//! ```
//! use rule_lang::condition::{Condition, Filter, Query, QueryKind};
//! use rule_lang::meaning::{Event, RunOptions, run};
//! let filter = Filter { category: None, condition: Condition::Const(true), span: Default::default() };
//! let query = Query::new(QueryKind::Event(filter));
//! let events = [r#"{"@timestamp": 2}"#, r#"{"@timestamp": 1}"#].map(|text| Event::from_json(text).unwrap());
//! let hits = run(&query, &events, &RunOptions::default());
//! assert_eq!(hits[0].events, [Some(1)]);
//! ```

pub mod address;
pub mod date;
pub(crate) mod date_math;
mod datum;
mod event;
mod findings;
mod function;
mod key;
mod leaf;
mod new_terms;
mod number;
mod pattern;
pub mod regex;
mod run;
mod sample;
mod sequence;
mod suppression;
mod threat;
mod threshold;
pub mod version;
pub mod words;

#[cfg(test)]
mod tests;

pub use event::{Event, EventError, MAX_DEPTH, Scalar};
pub use findings::{Counted, Detail, Finding, Suppressed, findings};
pub use key::{KeyNumber, KeyValue};
pub use leaf::holds;
pub use pattern::like;
pub use run::{Hit, RunOptions, groups, run};
