//! The items of sequences and samples, with their keys and options.

use super::super::ast::{FieldRef, Item, Number, Runs, TimeSpan};
use super::super::token::{Keyword, Kind};
use super::{Parse, Parser, Stop};
use crate::diagnostic::codes::eql as codes;

/// Where an item stands; a sample's has no options.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Sequence,
    Sample,
}

/// The units of a time span in milliseconds.
const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

impl Parser<'_> {
    /// One or more items. An error inside one does not keep the others from being read.
    pub(super) fn items(&mut self, place: Place) -> Parse<Vec<Item>> {
        if !self.begins_item() {
            return Err(self.unexpected("an event in brackets, `[process where ..]`"));
        }
        let mut items = Vec::new();
        let mut failed = false;
        while self.begins_item() {
            let first = self.at;
            if let Ok(item) = self.item(place) {
                items.push(item);
            } else {
                failed = true;
                self.skip_item(first);
            }
        }
        if failed { Err(Stop) } else { Ok(items) }
    }

    fn begins_item(&self) -> bool {
        matches!(self.kind(), Kind::LeftBracket | Kind::MissingBracket)
    }

    /// From the token where an item failed to the bracket that begins the next item.
    fn skip_item(&mut self, first: usize) {
        self.at = self.at.max(first + 1).min(self.tokens.len() - 1);
        while !matches!(self.kind(), Kind::End | Kind::Pipe | Kind::Keyword(Keyword::Until)) {
            let category = !matches!(self.token(1).kind, Kind::Number(_));
            if self.begins_item() && category && self.token(2).kind == Kind::Keyword(Keyword::Where) {
                return;
            }
            self.advance();
        }
    }

    pub(super) fn item(&mut self, place: Place) -> Parse<Item> {
        let first = self.at;
        let missing = self.is(&Kind::MissingBracket);
        self.advance();
        let filter = self.event()?;
        if !self.is(&Kind::RightBracket) {
            return Err(self.stray("`and`, `or` or `]`"));
        }
        self.advance();
        let by = if self.is_keyword(Keyword::By) { self.keys()? } else { Vec::new() };
        let mut runs = None;
        if self.is_keyword(Keyword::With) {
            if place == Place::Sample {
                let message = "an item of a sample has no [with]";
                let diagnostic = self.error(codes::MISPLACED_CLAUSE, self.span(), message);
                self.report(diagnostic);
            }
            runs = Some(self.runs()?);
        }
        if self.is_keyword(Keyword::By) {
            let message = "please specify [by] before [with] not after";
            let diagnostic = self.error(codes::MISPLACED_CLAUSE, self.span(), message);
            self.report(diagnostic);
            self.keys()?;
        }
        Ok(Item { missing, filter, by, runs, span: self.span_from(first) })
    }

    /// `by key, ..`
    pub(super) fn keys(&mut self) -> Parse<Vec<FieldRef>> {
        self.advance();
        let mut keys = Vec::new();
        loop {
            keys.push(self.key()?);
            if self.is(&Kind::Comma)
                && matches!(
                    self.token(1).kind,
                    Kind::LeftBracket
                        | Kind::MissingBracket
                        | Kind::End
                        | Kind::Pipe
                        | Kind::Keyword(Keyword::With | Keyword::Until)
                )
            {
                self.trailing_comma("the join keys");
            }
            if !self.eat(&Kind::Comma) {
                return Ok(keys);
            }
        }
    }

    fn key(&mut self) -> Parse<FieldRef> {
        let begins = matches!(self.kind(), Kind::Ident | Kind::Quoted(_) | Kind::Question | Kind::Keyword(_));
        let call = matches!(self.kind(), Kind::TildeIdent)
            || (begins && self.token(1).kind == Kind::LeftParen)
            || matches!(self.kind(), Kind::Number(_) | Kind::Text(_) | Kind::LeftParen);
        if call {
            let message = "a join key is a field, not an expression";
            let diagnostic = self.error(codes::BAD_JOIN_KEY, self.span(), message);
            self.report(diagnostic);
            return Err(Stop);
        }
        self.field()
    }

    /// `with runs=N`
    fn runs(&mut self) -> Parse<Runs> {
        self.advance();
        if self.is_keyword(Keyword::Maxspan) {
            let message = "[maxspan] belongs to the sequence, before its first item";
            let diagnostic = self
                .error(codes::MISPLACED_CLAUSE, self.span(), message)
                .help("write `sequence by .. with maxspan=..`");
            self.report(diagnostic);
            return Err(Stop);
        }
        let option = self.written(0).to_owned();
        if !matches!(self.kind(), Kind::Ident) {
            return Err(self.unexpected("`runs`"));
        }
        if option != "runs" {
            let message = format!("unrecognized option [{option}], expecting [runs]");
            let span = self.span();
            let diagnostic = self.error(codes::UNKNOWN_OPTION, span, message).suggest(span, "runs");
            self.report(diagnostic);
        }
        self.advance();
        self.assign("runs")?;
        let first = self.at;
        let negative = self.eat(&Kind::Minus);
        let count = match *self.kind() {
            Kind::Number(Number::Int(count)) => i64::from(count),
            Kind::Number(Number::Long(count)) => count,
            Kind::Number(_) => {
                let message = format!("a positive runs value is required; found [{}]", self.written(0));
                let diagnostic = self.error(codes::UNKNOWN_OPTION, self.span(), message);
                self.report(diagnostic);
                1
            }
            _ => return Err(self.unexpected("a whole number from 1 to 100")),
        };
        self.advance();
        Ok(Runs { count: if negative { -count } else { count }, span: self.span_from(first) })
    }

    /// `30s`
    pub(super) fn time_span(&mut self) -> Parse<TimeSpan> {
        let first = self.at;
        if self.eat(&Kind::Minus) {
            let message = "a positive maxspan value is required";
            let diagnostic = self.error(codes::BAD_TIME_SPAN, self.span_from(first), message);
            self.report(diagnostic);
        }
        let Kind::Number(number) = *self.kind() else {
            return Err(self.unexpected("a time span such as `30s`"));
        };
        let written = self.written(0).to_owned();
        self.advance();
        let unit = matches!(self.kind(), Kind::Ident).then(|| self.written(0).to_owned());
        if unit.is_some() {
            self.advance();
        }
        let span = self.span_from(first);
        let count = match number {
            Number::Int(count) => Some(u64::from(count.unsigned_abs())),
            Number::Long(count) => Some(count.unsigned_abs()),
            Number::ULong(count) => Some(count),
            Number::Double(_) => None,
        };
        let factor = unit.as_deref().map(|unit| UNITS.iter().find(|(name, _)| *name == unit));
        let message = match (count, factor) {
            (None, _) => format!("decimal time interval [{written}] not supported"),
            (_, None) => {
                format!("no time unit specified, did you mean [s] as in [{written}s]?")
            }
            (_, Some(None)) => {
                let unit = unit.unwrap_or_default();
                format!(
                    "unrecognized time unit [{unit}] in [{written}{unit}], please specify one of [ms, s, m, h, d]"
                )
            }
            (Some(count), Some(Some(&(_, factor)))) => match count.checked_mul(factor) {
                Some(millis) => return Ok(TimeSpan { millis, span }),
                None => format!("time interval [{}] is too long", &self.text[span.range()]),
            },
        };
        let diagnostic = self.error(codes::BAD_TIME_SPAN, span, message);
        self.report(diagnostic);
        Ok(TimeSpan { millis: 1, span })
    }
}
