//! Sequences, samples and pipes (eql.md sections 11 to 13).

use super::types::Type;
use super::{Check, Checker};
use crate::condition::{Constant, Item, Key, Pipe, Sample, Sequence};
use crate::diagnostic::codes::eql as codes;
use crate::eql::ast::{self, FieldRef, Number};
use crate::eql::print_expr;
use crate::span::Span;
use crate::suggest::nearest;

/// The most items a sequence may have once `runs` is expanded.
const MAX_ITEMS: usize = 256;
const MAX_RUNS: i64 = 100;
/// Pipes of Endgame that Elasticsearch knows by name only.
const UNSUPPORTED_PIPES: [&str; 5] = ["count", "filter", "sort", "unique", "unique_count"];

impl Checker<'_> {
    pub(super) fn sequence(&mut self, sequence: &ast::Sequence) -> Check<Sequence> {
        let shared = self.keys(&sequence.by);
        let items: Vec<_> = sequence.items.iter().map(|item| self.item(item, &shared)).collect();
        let until = sequence.until.as_ref().map(|until| self.item(until, &shared));
        self.check_key_counts(&sequence.by, sequence.items.iter().chain(&sequence.until));
        self.check_maxspan(sequence);
        self.check_missing(sequence);
        let runs: Vec<_> = sequence.items.iter().map(|item| self.runs(item)).collect();
        let count: usize = runs.iter().sum();
        if count < 2 {
            let message = format!("a sequence requires a minimum of 2 queries, found [{count}]");
            self.error(codes::SEQUENCE_LENGTH, sequence.span, message);
        } else if count > MAX_ITEMS {
            let message = format!("sequence cannot contain more than {MAX_ITEMS} queries; found [{count}]");
            self.error(codes::SEQUENCE_LENGTH, sequence.span, message);
        }
        let items = items.into_iter().collect::<Check<Vec<_>>>()?;
        let until = until.transpose()?;
        self.check_key_types(items.iter().chain(&until), sequence.items.iter().chain(&sequence.until));
        if count > MAX_ITEMS {
            return Err(super::Stop);
        }
        let items = items.into_iter().zip(runs);
        let items = items.flat_map(|(item, runs)| std::iter::repeat_n(item, runs)).collect();
        Ok(Sequence { maxspan: sequence.maxspan.map(|maxspan| maxspan.millis), items, until })
    }

    pub(super) fn sample(&mut self, sample: &ast::Sample) -> Check<Sample> {
        let shared = self.keys(&sample.by);
        let items: Vec<_> = sample.items.iter().map(|item| self.item(item, &shared)).collect();
        self.check_key_counts(&sample.by, sample.items.iter());
        for item in sample.items.iter().filter(|item| item.missing) {
            let message = "a missing event cannot be part of a sample";
            self.error(codes::MISSING_EVENT, item.span, message);
        }
        if sample.items.len() < 2 {
            let message = format!("a sample requires a minimum of 2 queries, found [{}]", sample.items.len());
            self.error(codes::BAD_SAMPLE, sample.span, message);
        }
        if sample.by.is_empty() && sample.items.iter().any(|item| item.by.is_empty()) {
            self.error(codes::BAD_SAMPLE, sample.span, "a sample requires at least one join key");
            self.with_help("write `sample by host.id [..] [..]`");
        }
        let items = items.into_iter().collect::<Check<Vec<_>>>()?;
        self.check_key_types(items.iter(), sample.items.iter());
        Ok(Sample { items })
    }

    fn keys(&mut self, keys: &[FieldRef]) -> Vec<Check<Key>> {
        keys.iter().map(|key| self.key(key)).collect()
    }

    fn item(&mut self, item: &ast::Item, shared: &[Check<Key>]) -> Check<Item> {
        let filter = self.filter(&item.filter);
        let own = self.keys(&item.by);
        let mut keys = Vec::with_capacity(shared.len() + own.len());
        for key in shared {
            keys.push(key.as_ref().map_err(|_| super::Stop)?.clone());
        }
        for key in own {
            keys.push(key?);
        }
        Ok(Item { missing: item.missing, filter: filter?, keys })
    }

    fn check_key_counts<'i>(&mut self, shared: &[FieldRef], items: impl Iterator<Item = &'i ast::Item>) {
        let mut expected = None;
        for item in items {
            let count = shared.len() + item.by.len();
            let expected = *expected.get_or_insert(count);
            if count != expected {
                let message = format!(
                    "inconsistent number of join keys specified; expected [{expected}] but found [{count}]"
                );
                let span = match (item.by.first(), item.by.last()) {
                    (Some(first), Some(last)) => first.span.to(last.span),
                    _ => item.span,
                };
                self.error(codes::JOIN_KEY_COUNT, span, message);
            }
        }
    }

    fn check_key_types<'i>(
        &mut self,
        items: impl Iterator<Item = &'i Item>,
        written: impl Iterator<Item = &'i ast::Item>,
    ) {
        let mut first: Option<&[Key]> = None;
        for (item, written) in items.zip(written) {
            let expected = *first.get_or_insert(&item.keys);
            for (key, other) in item.keys.iter().zip(expected) {
                let (ty, expected) = (key_type(key), key_type(other));
                if !compatible(ty, expected) {
                    let message = format!(
                        "sequence key [{}] type [{}] is incompatible with key [{}] type [{}]",
                        key.path,
                        ty.name(),
                        other.path,
                        expected.name()
                    );
                    self.error(codes::JOIN_KEY_TYPE, key_span(written, key), message);
                }
            }
        }
    }

    fn check_maxspan(&mut self, sequence: &ast::Sequence) {
        if let Some(maxspan) = sequence.maxspan
            && maxspan.millis == 0
        {
            let message = "a positive maxspan value is required, found [0]";
            self.error(codes::BAD_MAXSPAN, maxspan.span, message);
        }
    }

    fn check_missing(&mut self, sequence: &ast::Sequence) {
        if let Some(until) = &sequence.until
            && until.missing
        {
            self.error(
                codes::MISSING_EVENT,
                until.span,
                "a missing event cannot end a sequence with [until]",
            );
        }
        let Some(missing) = sequence.items.iter().find(|item| item.missing) else { return };
        if sequence.maxspan.is_none() {
            let message = "a maxspan is required for a sequence with missing events";
            self.error(codes::MISSING_EVENT, missing.span, message);
            self.with_help("write `sequence by .. with maxspan=5m`");
        }
        if sequence.items.iter().all(|item| item.missing) {
            let message = "a sequence requires at least one event that is not missing";
            self.error(codes::MISSING_EVENT, sequence.span, message);
        }
    }

    /// How often an item stands in the sequence; once if what is written cannot be.
    fn runs(&mut self, item: &ast::Item) -> usize {
        let Some(runs) = item.runs else { return 1 };
        let message = match runs.count {
            count @ 1..=MAX_RUNS => return usize::try_from(count).unwrap_or(1),
            count if count < 1 => format!("a positive runs value is required; found [{count}]"),
            count => format!("a query cannot be repeated more than {MAX_RUNS} times; found [{count}]"),
        };
        self.error(codes::BAD_RUNS, runs.span, message);
        1
    }

    pub(super) fn pipe(&mut self, pipe: &ast::Pipe) -> Check<Pipe> {
        let name = pipe.name.as_str();
        let make: fn(u64) -> Pipe = match name {
            "head" => Pipe::Head,
            "tail" => Pipe::Tail,
            _ => return Err(self.unknown_pipe(name, pipe.name_span)),
        };
        let [argument] = pipe.arguments.as_slice() else {
            let count = pipe.arguments.len();
            let message = format!("pipe [{name}] expects exactly one argument but found [{count}]");
            return Err(self.error(codes::BAD_PIPE, pipe.span, message));
        };
        let operand = self.value(argument)?;
        let count = match operand.as_constant() {
            Some(Constant::Number(Number::Int(count))) => u64::try_from(*count).ok(),
            Some(Constant::Number(Number::Long(count))) => u64::try_from(*count).ok(),
            Some(Constant::Number(Number::ULong(count))) => Some(*count),
            _ => None,
        };
        count.map(make).ok_or_else(|| {
            let message =
                format!("pipe [{name}] expects a positive integer but found [{}]", print_expr(argument));
            self.error(codes::BAD_PIPE, argument.span, message)
        })
    }

    fn unknown_pipe(&mut self, name: &str, span: Span) -> super::Stop {
        let message = if UNSUPPORTED_PIPES.contains(&name) {
            format!("pipe [{name}] is not supported")
        } else {
            match nearest(name, ["head", "tail"].into_iter().chain(UNSUPPORTED_PIPES)) {
                Some(near) if UNSUPPORTED_PIPES.contains(&near) => {
                    format!("unrecognized pipe [{name}], and [{near}] is not supported")
                }
                Some(near) => format!("unrecognized pipe [{name}], did you mean [{near}]?"),
                None => format!("unrecognized pipe [{name}]"),
            }
        };
        self.error(codes::BAD_PIPE, span, message);
        self.with_help("the pipes are [head] and [tail]")
    }
}

fn key_type(key: &Key) -> Type {
    key.field.as_ref().map_or(Type::Null, |field| Type::from(field.ty))
}

fn compatible(left: Type, right: Type) -> bool {
    let loose = |ty| matches!(ty, Type::Null | Type::Unknown);
    left == right
        || loose(left)
        || loose(right)
        || (left.is_number() && right.is_number())
        || (left.is_string() && right.is_string())
}

/// Where a key stands behind its item, or the item if it stands behind `sequence by`.
fn key_span(item: &ast::Item, key: &Key) -> Span {
    item.by.iter().find(|written| *written.path == *key.path).map_or(item.span, |written| written.span)
}
