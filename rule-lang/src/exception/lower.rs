//! Exception items to conditions, and those into the queries of rules (rules.md section 8).
//!
//! In: [`Lists`] and the fields of the events. Out: for each list the conditions of its items, which a rule's query is
//! and-ed with the opposite of. Most entries say what KQL can say, and have its conditions.

use std::sync::Arc;

use super::pattern::{self, Pattern};
use super::values;
use super::{Entry, EntryTest, Item, Lists, Os, ValueType};
use crate::check::{CheckOptions, all, any};
use crate::condition::{Condition, Filter, Leaf, Query, Test};
use crate::diagnostic::codes::exception as codes;
use crate::diagnostic::codes::file::EXCEPTIONS;
use crate::diagnostic::{Diagnostic, Level};
use crate::kql::Parts;
use crate::kql::ast::{Expr, ExprKind, FieldName, Literal, LiteralKind, Text, Values, ValuesKind};
use crate::meaning::date::Nanos;
use crate::rule::{ExceptionRef, Namespace, Rule, Spanned, Word};
use crate::source::{FileId, Sources};
use crate::span::Span;
use crate::suggest::nearest;

/// The instant that `expire_time` is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Nanoseconds since 1970.
    pub now: Nanos,
    /// Whether the conditions outlive that instant by far, because they are compiled into a program: items that will
    /// end are then told, for nothing ends them but the next build.
    pub compiled_in: bool,
}

impl Clock {
    /// The clock of the machine, or `SOURCE_DATE_EPOCH` where builds are to be reproduced.
    pub fn system(compiled_in: bool) -> Self {
        let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.trim().parse::<i64>().ok());
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = match fixed.filter(|_| compiled_in) {
            Some(seconds) => Nanos::from(seconds) * 1_000_000_000,
            None => since.map_or(0, |since| since.as_nanos().cast_signed()),
        };
        Self { now, compiled_in }
    }
}

/// The conditions of all lists.
#[derive(Clone, Debug, Default)]
pub struct Lowered {
    /// For each list, what it excepts.
    lists: Vec<Condition>,
}

impl Lists {
    /// Makes the conditions of all items; what is doubtful about them is told.
    ///
    /// Of `options`, the category plays no part.
    pub fn lower(
        &self,
        options: CheckOptions<'_>,
        clock: Clock,
        sources: &Sources,
    ) -> (Lowered, Vec<Diagnostic>) {
        let mut lowering = Lowering { lists: self, options, clock, sources, findings: Vec::new() };
        let mut list =
            |items: &[Item]| shared(any(items.iter().filter_map(|item| lowering.item(item)).collect()));
        let lists = self.lists.iter().map(|one| list(&one.items)).collect();
        (Lowered { lists }, lowering.findings)
    }
}

impl Lowered {
    /// Takes the events of the rule's lists out of its query: each filter of it, those of sequences and samples too, is
    /// and-ed with the opposite of all items. Gives a finding for each list that is not there.
    pub fn apply(&self, lists: &Lists, rule: &Rule, query: &mut Query) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        let mut excepted = Vec::new();
        for reference in &rule.exceptions_list {
            let Some(place) = lists.find(reference) else {
                findings.push(missing(rule, reference, lists));
                continue;
            };
            excepted.push(self.lists[place].clone());
        }
        let excepted = any(excepted);
        if excepted != Condition::Const(false) {
            for filter in query.kind.filters_mut() {
                except(filter, &excepted);
            }
        }
        findings
    }
}

/// The most tests of a list that each rule has for itself, so that they take part in how it is found. Longer lists are
/// one test, which is put to the few events that are left.
const FEW: usize = 8;

fn shared(mut condition: Condition) -> Condition {
    if weight(&condition) <= FEW {
        return condition;
    }
    condition.move_leaves(&|_| Span::default());
    Condition::Leaf(Leaf { test: Test::Shared(Arc::new(condition)), span: Span::default() })
}

/// How many tests there are; one with many constants counts for several.
fn weight(condition: &Condition) -> usize {
    match condition {
        Condition::Const(_) => 0,
        Condition::And(parts) | Condition::Or(parts) => parts.iter().map(weight).sum(),
        Condition::Not(inner) => weight(inner),
        Condition::Leaf(leaf) => match &leaf.test {
            Test::In { list, .. } => 1 + list.len() / 16,
            Test::Call(call) => 1 + call.arguments.len() / 16,
            Test::Phrase { phrases, .. } => 1 + phrases.len() / 16,
            _ => 1,
        },
    }
}

fn missing(rule: &Rule, reference: &ExceptionRef, lists: &Lists) -> Diagnostic {
    let list_id = &reference.list_id;
    let kind = match reference.namespace {
        Namespace::Single => "",
        Namespace::Agnostic => " for all spaces",
    };
    let message = format!("the exception list `{}`{kind} is not given; it excepts nothing", list_id.value);
    let finding = Diagnostic::warning(EXCEPTIONS, rule.file, list_id.span, message);
    match nearest(list_id, lists.lists.iter().map(|list| list.list_id.value.as_str())) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("events that the list excepts will raise alerts"),
    }
}

fn except(filter: &mut Filter, excepted: &Condition) {
    let mut excepted = excepted.clone();
    // Spans of a condition count bytes of the query's text, where exceptions have no place of their own.
    excepted.move_leaves(&|_| filter.span);
    let condition = std::mem::replace(&mut filter.condition, Condition::Const(false));
    filter.condition = all(vec![condition, negated(excepted)]);
}

fn negated(condition: Condition) -> Condition {
    match condition {
        Condition::Const(value) => Condition::Const(!value),
        Condition::Not(inner) => *inner,
        condition => Condition::Not(Box::new(condition)),
    }
}

struct Lowering<'a> {
    lists: &'a Lists,
    options: CheckOptions<'a>,
    clock: Clock,
    sources: &'a Sources,
    findings: Vec<Diagnostic>,
}

impl Lowering<'_> {
    /// The condition of an item, unless it has ended or cannot be made.
    fn item(&mut self, item: &Item) -> Option<Condition> {
        if self.has_ended(item) {
            return None;
        }
        let mut parts = self.entries(&item.entries, "", item.file)?;
        if !item.os_types.is_empty() {
            parts.push(self.systems(item)?);
        }
        Some(all(parts))
    }

    fn has_ended(&mut self, item: &Item) -> bool {
        let Some(end) = &item.expire_time else { return false };
        if end.value <= self.clock.now {
            let message = format!("{} has expired; it is ignored", named(item));
            self.findings.push(
                Diagnostic::warning(codes::EXPIRED, item.file, end.span, message)
                    .help("remove the item, or set another `expire_time`"),
            );
            return true;
        }
        if self.clock.compiled_in {
            let message =
                format!("{} is compiled in and ends at the next build after this time", named(item));
            self.findings.push(
                Diagnostic::warning(codes::WILL_EXPIRE, item.file, end.span, message)
                    .help("load the list at start if it has to end by itself"),
            );
        }
        false
    }

    fn parts(&self, scope: &str, file: FileId) -> Parts<'_> {
        Parts::new(scope, self.options, file)
    }

    /// Notes what was found; whether there is an error among it.
    fn note(&mut self, findings: Vec<Diagnostic>) -> bool {
        let failed = findings.iter().any(|finding| finding.level == Level::Error);
        self.findings.extend(findings);
        failed
    }

    /// All entries are looked at before the first that fails gives up the item.
    fn entries(&mut self, entries: &[Entry], scope: &str, file: FileId) -> Option<Vec<Condition>> {
        let parts: Vec<_> = entries.iter().map(|entry| self.entry(entry, scope, file)).collect();
        parts.into_iter().collect()
    }

    fn entry(&mut self, entry: &Entry, scope: &str, file: FileId) -> Option<Condition> {
        let condition = match &entry.test {
            EntryTest::Match(value) => self.any_of(entry, std::slice::from_ref(value), scope, file),
            EntryTest::MatchAny(values) => self.any_of(entry, values, scope, file),
            EntryTest::Exists => {
                let everything = Text::Pattern(vec![String::new(); 2]);
                self.is(entry, vec![literal(everything, entry.span)], scope, file)
            }
            EntryTest::Wildcard(text) => self.wildcard(entry, text, scope, file),
            EntryTest::List { id, ty } => self.in_list(entry, id, *ty, file),
            EntryTest::Nested(entries) => {
                let parts = self.entries(entries, &entry.field, file)?;
                let path = entry.field.value.as_str().into();
                let test = Test::Nested { path, condition: Box::new(all(parts)) };
                Some(Condition::Leaf(Leaf { test, span: entry.span }))
            }
        }?;
        Some(if entry.excluded { negated(condition) } else { condition })
    }

    fn any_of(
        &mut self,
        entry: &Entry,
        values: &[Spanned<String>],
        scope: &str,
        file: FileId,
    ) -> Option<Condition> {
        let quoted = |value: &Spanned<String>| literal(Text::Quoted(value.value.clone()), value.span);
        self.is(entry, values.iter().map(quoted).collect(), scope, file)
    }

    /// `field: (values)`
    fn is(&mut self, entry: &Entry, values: Vec<Values>, scope: &str, file: FileId) -> Option<Condition> {
        let expr = is(&field_name(&entry.field), values, entry.span);
        let mut parts = self.parts(scope, file);
        let condition = parts.condition(&expr);
        let findings = parts.finish();
        condition.filter(|_| !self.note(findings))
    }

    fn wildcard(
        &mut self,
        entry: &Entry,
        text: &Spanned<String>,
        scope: &str,
        file: FileId,
    ) -> Option<Condition> {
        let (pattern, doubtful) = pattern::read(text);
        if let Some(letter) = doubtful {
            let message = format!("`\\{letter}` in a pattern is `{letter}`");
            self.findings.push(
                Diagnostic::warning(codes::ESCAPE, file, text.span, message)
                    .help("a backslash that is meant is written twice in a `wildcard` entry"),
            );
        }
        let mut parts = self.parts(scope, file);
        let name = field_name(&entry.field);
        let condition = match pattern {
            Pattern::Like(pattern) => parts.like(&name, pattern, entry.span),
            Pattern::Regex(pattern) => parts.regex(&name, pattern, entry.span),
        };
        let findings = parts.finish();
        condition.filter(|_| !self.note(findings))
    }

    fn in_list(
        &mut self,
        entry: &Entry,
        id: &Spanned<String>,
        ty: ValueType,
        file: FileId,
    ) -> Option<Condition> {
        let Some(list) = self.lists.values.find(id) else {
            let message = format!("the value list `{}` is not given; the item is left out", id.value);
            self.findings.push(
                Diagnostic::warning(codes::NO_VALUE_LIST, file, id.span, message)
                    .help("a value list is a file of that name, such as `NAME.txt`, with one value a line"),
            );
            return None;
        };
        let (values, findings) = values::values(list, ty, self.sources);
        self.note(findings);
        let name = field_name(&entry.field);
        let mut parts = self.parts("", file);
        let condition = if values.is_empty() {
            Some(Condition::Const(false))
        } else if ty == ValueType::Keyword {
            let quoted = |value: String| literal(Text::Quoted(value), id.span);
            parts.condition(&is(&name, values.into_iter().map(quoted).collect(), entry.span))
        } else {
            parts.in_blocks(&name, values, entry.span)
        };
        let mut findings = parts.finish();
        // All of them have the place of the entry: one says enough.
        findings.truncate(1);
        condition.filter(|_| !self.note(findings))
    }

    /// `host.os.type: os or host.os.name.caseless: os`, for each system of the item.
    fn systems(&mut self, item: &Item) -> Option<Condition> {
        let span = item.os_types.iter().map(|os| os.span).reduce(Span::to).unwrap_or(item.span);
        let values = || {
            let value = |os: &Spanned<Os>| literal(Text::Quoted(os.value.word().to_owned()), os.span);
            item.os_types.iter().map(value).collect()
        };
        let field = |path: &str| FieldName { text: Text::Quoted(path.to_owned()), span };
        let kind = ExprKind::Or(vec![
            is(&field("host.os.type"), values(), span),
            is(&field("host.os.name.caseless"), values(), span),
        ]);
        let mut parts = self.parts("", item.file);
        let condition = parts.condition(&Expr { kind, span });
        let findings = parts.finish();
        condition.filter(|_| !self.note(findings))
    }
}

fn named(item: &Item) -> String {
    if item.name.is_empty() { "this exception".to_owned() } else { format!("the exception `{}`", item.name) }
}

fn field_name(field: &Spanned<String>) -> FieldName {
    FieldName { text: Text::Quoted(field.value.clone()), span: field.span }
}

fn literal(text: Text, span: Span) -> Values {
    Values { kind: ValuesKind::One(Literal { kind: LiteralKind::Text(text), span }), span }
}

/// `field: (a or b)`
fn is(field: &FieldName, mut values: Vec<Values>, span: Span) -> Expr {
    let values =
        if values.len() == 1 { values.remove(0) } else { Values { kind: ValuesKind::Or(values), span } };
    Expr { kind: ExprKind::Is { field: field.clone(), values }, span }
}
