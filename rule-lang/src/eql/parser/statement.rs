//! Statements: events, sequences, samples, and the pipes behind them.

use super::super::ast::{Category, EventFilter, Item, Pipe, Query, Sample, Sequence, Statement, TimeSpan};
use super::super::token::{Keyword, Kind};
use super::item::Place;
use super::{Parse, Parser, Stop};
use crate::diagnostic::codes::eql as codes;
use crate::span::Span;

impl Parser<'_> {
    pub(super) fn query(&mut self) -> Parse<Query> {
        let first = self.at;
        let statement = match self.kind() {
            Kind::End if self.diagnostics.is_empty() => return Err(self.unexpected("a query")),
            Kind::End => return Err(Stop),
            Kind::Keyword(Keyword::Sequence) => Statement::Sequence(self.sequence()?),
            Kind::Keyword(Keyword::Sample) => Statement::Sample(self.sample()?),
            Kind::Keyword(Keyword::Join) => Statement::Join(self.join()?),
            _ => Statement::Event(self.event()?),
        };
        let mut pipes = Vec::new();
        while self.is(&Kind::Pipe) {
            pipes.push(self.pipe()?);
        }
        if !self.is(&Kind::End) {
            return Err(self.stray("`and`, `or`, a pipe or the end of the query"));
        }
        Ok(Query { statement, pipes, span: self.span_from(first) })
    }

    /// `category where condition`
    pub(super) fn event(&mut self) -> Parse<EventFilter> {
        let first = self.at;
        let category = self.category()?;
        if !self.is_keyword(Keyword::Where) {
            let message = format!("expected `where` behind the event category, found {}", self.found());
            let mut diagnostic = self
                .error(codes::UNEXPECTED_TOKEN, self.span(), message)
                .help("a query begins with an event category: `process where ..`, or `any where ..`");
            if self.written(0).eq_ignore_ascii_case("where") {
                diagnostic = diagnostic.suggest(self.span(), "where");
            }
            self.report(diagnostic);
            return Err(Stop);
        }
        self.advance();
        let condition = self.expression()?;
        Ok(EventFilter { category, condition, span: self.span_from(first) })
    }

    fn category(&mut self) -> Parse<Category> {
        let span = self.span();
        let category = match self.kind() {
            Kind::Keyword(Keyword::Any) => Category::Any(span),
            Kind::Ident => Category::Named(self.written(0).to_owned(), span),
            Kind::Text(text) => Category::Named(text.clone(), span),
            Kind::Quoted(name) => {
                let quoted = format!("\"{name}\"");
                let message = "an event category cannot stand in backticks";
                let diagnostic = self
                    .error(codes::BAD_CATEGORY, span, message)
                    .help("put it in double quotes")
                    .suggest(span, quoted);
                self.report(diagnostic);
                Category::Any(span)
            }
            &Kind::Keyword(keyword) if self.token(1).kind == Kind::Keyword(Keyword::Where) => {
                let word = keyword.word();
                let message = format!("the event category [{word}] is a keyword");
                let quoted = format!("\"{word}\"");
                let diagnostic = self
                    .error(codes::KEYWORD_AS_NAME, span, message)
                    .help("put it in double quotes")
                    .suggest(span, quoted);
                self.report(diagnostic);
                Category::Any(span)
            }
            Kind::Number(_) => {
                let message = format!("the event category [{}] is a number", self.written(0));
                let diagnostic =
                    self.error(codes::BAD_CATEGORY, span, message).help("put it in double quotes");
                self.report(diagnostic);
                Category::Any(span)
            }
            _ => return Err(self.unexpected("an event category")),
        };
        self.advance();
        Ok(category)
    }

    fn sequence(&mut self) -> Parse<Sequence> {
        let first = self.at;
        self.advance();
        let by = if self.is_keyword(Keyword::By) { self.keys()? } else { Vec::new() };
        let maxspan = if self.is_keyword(Keyword::With) { Some(self.maxspan()?) } else { None };
        if self.is_keyword(Keyword::By) {
            let message = "please specify sequence [by] before [with] not after";
            let diagnostic = self.error(codes::MISPLACED_CLAUSE, self.span(), message);
            self.report(diagnostic);
            self.keys()?;
        } else if self.is_keyword(Keyword::With) {
            let message = "a sequence has one [with], behind its keys";
            let diagnostic = self.error(codes::MISPLACED_CLAUSE, self.span(), message);
            self.report(diagnostic);
            self.maxspan()?;
        }
        let items = self.items(Place::Sequence)?;
        let until = if self.eat_keyword(Keyword::Until) { Some(self.until()?) } else { None };
        if self.is(&Kind::LeftBracket) || self.is(&Kind::MissingBracket) {
            let message = "an item of a sequence stands before [until]";
            let diagnostic = self.error(codes::MISPLACED_CLAUSE, self.span(), message);
            self.report(diagnostic);
            return Err(Stop);
        }
        Ok(Sequence { by, maxspan, items, until, span: self.span_from(first) })
    }

    fn until(&mut self) -> Parse<Item> {
        if !matches!(self.kind(), Kind::LeftBracket | Kind::MissingBracket) {
            return Err(self.unexpected("an event in brackets behind `until`"));
        }
        self.item(Place::Sequence)
    }

    fn sample(&mut self) -> Parse<Sample> {
        let first = self.at;
        self.advance();
        let by = if self.is_keyword(Keyword::By) { self.keys()? } else { Vec::new() };
        if self.is_keyword(Keyword::With) {
            let message = "a sample has no [with]: its events are in no order";
            let diagnostic = self.error(codes::MISPLACED_CLAUSE, self.span(), message);
            self.report(diagnostic);
            self.maxspan()?;
        }
        let items = self.items(Place::Sample)?;
        if self.is_keyword(Keyword::Until) {
            let message = "a sample has no [until]: its events are in no order";
            let diagnostic = self.error(codes::MISPLACED_CLAUSE, self.span(), message);
            self.report(diagnostic);
            return Err(Stop);
        }
        Ok(Sample { by, items, span: self.span_from(first) })
    }

    /// `join [by keys] item+ [until item]`; only its place is kept.
    fn join(&mut self) -> Parse<Span> {
        let first = self.at;
        self.advance();
        if self.is_keyword(Keyword::By) {
            self.keys()?;
        }
        self.items(Place::Sequence)?;
        if self.eat_keyword(Keyword::Until) {
            self.until()?;
        }
        Ok(self.span_from(first))
    }

    /// `with maxspan=T`
    fn maxspan(&mut self) -> Parse<TimeSpan> {
        self.advance();
        if !self.is_keyword(Keyword::Maxspan) {
            if matches!(self.kind(), Kind::Ident) {
                let message = format!("unrecognized option [{}], expecting [maxspan]", self.written(0));
                let diagnostic = self.error(codes::UNKNOWN_OPTION, self.span(), message);
                self.report(diagnostic);
                return Err(Stop);
            }
            return Err(self.unexpected("`maxspan`"));
        }
        self.advance();
        self.assign("maxspan")?;
        self.time_span()
    }

    /// The `=` between an option and its value; `==` is taken for it.
    pub(super) fn assign(&mut self, option: &str) -> Parse<()> {
        if self.eat(&Kind::Assign) {
            return Ok(());
        }
        if self.written(0) == "==" {
            let span = self.advance();
            let diagnostic = self
                .error(codes::UNEXPECTED_TOKEN, span, format!("use [=] to set [{option}], not [==]"))
                .suggest(span, "=");
            self.report(diagnostic);
            return Ok(());
        }
        Err(self.unexpected(&format!("`=` behind `{option}`")))
    }

    fn pipe(&mut self) -> Parse<Pipe> {
        let first = self.at;
        self.advance();
        if !matches!(self.kind(), Kind::Ident) {
            return Err(self.unexpected("the name of a pipe, [head] or [tail]"));
        }
        let name = self.written(0).to_owned();
        let name_span = self.advance();
        let mut arguments = Vec::new();
        if !matches!(self.kind(), Kind::Pipe | Kind::End) {
            loop {
                arguments.push(self.expression()?);
                if self.is(&Kind::Comma) && matches!(self.token(1).kind, Kind::Pipe | Kind::End) {
                    self.trailing_comma("the arguments");
                }
                if !self.eat(&Kind::Comma) {
                    break;
                }
            }
        }
        Ok(Pipe { name, name_span, arguments, span: self.span_from(first) })
    }
}
