//! A cursor over one table of a file: typed values out, findings noted, unknown keys told at the end.
//!
//! A value of the wrong type is told once and then counts as absent, so that one mistake gives one finding and the
//! rest of the table is still read.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic, Level, codes};
use crate::file::{Entry, Node, NodeKind};
use crate::rule::{QueryText, Spanned, Word};
use crate::source::FileId;
use crate::span::Span;
use crate::suggest::nearest;

/// The findings of one file.
pub(crate) struct Findings {
    pub(crate) file: FileId,
    pub(crate) all: Vec<Diagnostic>,
}

impl Findings {
    pub(crate) fn new(file: FileId) -> Self {
        Self { file, all: Vec::new() }
    }

    /// An error of this file, to be added to and pushed.
    pub(crate) fn error(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.file, span, message)
    }

    /// A warning of this file, to be added to and pushed.
    pub(crate) fn warning(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(code, self.file, span, message)
    }

    /// `key` has a value of another type than it must have.
    fn wrong_type(&self, node: &Node, key: &str, wanted: &str) -> Diagnostic {
        let message = format!("`{key}` must be {wanted}, not {}", node.kind.describe());
        self.error(codes::file::WRONG_TYPE, node.span, message)
    }

    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.all.push(diagnostic);
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.errors() > 0
    }

    /// How many of the findings are errors.
    pub(crate) fn errors(&self) -> usize {
        self.all.iter().filter(|finding| finding.level == Level::Error).count()
    }
}

/// One table while it is read.
pub(crate) struct Table<'a> {
    entries: &'a [Entry],
    /// Where missing fields are told.
    pub(crate) span: Span,
    /// What the table is called in messages, such as `[rule]`.
    name: &'static str,
    asked: Vec<&'static str>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(entries: &'a [Entry], span: Span, name: &'static str) -> Self {
        Self { entries, span, name, asked: Vec::new() }
    }

    /// The table that `node` is, or a finding that it is none.
    pub(crate) fn of(node: &'a Node, key: &str, name: &'static str, findings: &mut Findings) -> Option<Self> {
        if let NodeKind::Table(entries) = &node.kind {
            Some(Self::new(entries, node.span, name))
        } else {
            findings.push(findings.wrong_type(node, key, "a table"));
            None
        }
    }

    /// The entry of `key`, noting that the key is known. YAML's null counts as absent.
    pub(crate) fn entry(&mut self, key: &'static str) -> Option<&'a Entry> {
        self.asked.push(key);
        let entries: &'a [Entry] = self.entries;
        entries.iter().find(|entry| entry.key == key && entry.value.kind != NodeKind::Null)
    }

    fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Where `key` stands, if it is there.
    pub(crate) fn key_span(&self, key: &str) -> Option<Span> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.key_span)
    }

    /// Notes keys that are known and read by nobody.
    pub(crate) fn ignore(&mut self, keys: &[&'static str]) {
        self.asked.extend(keys);
    }

    /// Tells that `key` is missing.
    pub(crate) fn missing(&self, key: &str, findings: &mut Findings) {
        let message = format!("`{key}` is missing from {}", self.name);
        findings.push(findings.error(codes::file::MISSING_FIELD, self.span, message));
    }

    /// Tells that `key` is missing, unless it is there (with a value that was already told to be wrong).
    fn required<T>(&self, key: &str, value: Option<T>, findings: &mut Findings) -> Option<T> {
        let there = self.entries.iter().any(|entry| entry.key == key && entry.value.kind != NodeKind::Null);
        if !there {
            self.missing(key, findings);
        }
        value
    }

    pub(crate) fn text(&mut self, key: &'static str, findings: &mut Findings) -> Option<Spanned<String>> {
        text(self.node(key)?, key, findings)
    }

    /// A text that must be there and say something.
    pub(crate) fn required_text(&mut self, key: &'static str, findings: &mut Findings) -> Spanned<String> {
        let text = self.text(key, findings);
        let text = self.required(key, text, findings).unwrap_or_default();
        if !text.span.is_empty() && text.trim().is_empty() {
            findings.push(findings.error(codes::file::EMPTY, text.span, format!("`{key}` is empty")));
        }
        text
    }

    /// A text that must be there but may be empty.
    pub(crate) fn required_text_even_empty(&mut self, key: &'static str, findings: &mut Findings) -> String {
        let text = self.plain_text(key, findings);
        self.required(key, text, findings).unwrap_or_default()
    }

    pub(crate) fn plain_text(&mut self, key: &'static str, findings: &mut Findings) -> Option<String> {
        self.text(key, findings).map(|text| text.value)
    }

    /// A text that is a path of a field.
    pub(crate) fn field(&mut self, key: &'static str, findings: &mut Findings) -> Option<Spanned<String>> {
        let path = self.text(key, findings)?;
        if path.trim() != path.value || path.is_empty() {
            let message = format!("`{key}` must be the name of a field, without white space around it");
            findings.push(findings.error(codes::file::MALFORMED, path.span, message));
            return None;
        }
        Some(path)
    }

    pub(crate) fn required_field(&mut self, key: &'static str, findings: &mut Findings) -> Spanned<String> {
        let path = self.field(key, findings);
        self.required(key, path, findings).unwrap_or_default()
    }

    pub(crate) fn query(&mut self, key: &'static str, findings: &mut Findings) -> Option<QueryText> {
        let node = self.node(key)?;
        if let NodeKind::Text { value, map } = &node.kind {
            let (text, map) = (value.clone(), map.clone());
            Some(QueryText { text, file: findings.file, map, span: node.span })
        } else {
            findings.push(findings.wrong_type(node, key, "text"));
            None
        }
    }

    pub(crate) fn bool(&mut self, key: &'static str, findings: &mut Findings) -> Option<bool> {
        let node = self.node(key)?;
        if let NodeKind::Bool(value) = node.kind {
            return Some(value);
        }
        let mut finding = findings.wrong_type(node, key, "true or false");
        if let NodeKind::Text { value, .. } = &node.kind
            && let "true" | "false" = value.to_ascii_lowercase().as_str()
        {
            finding = finding.help("leave out the quotes").suggest(node.span, value.to_ascii_lowercase());
        }
        findings.push(finding);
        None
    }

    /// An integer within `range`.
    pub(crate) fn integer(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u32>,
        findings: &mut Findings,
    ) -> Option<u32> {
        let node = self.node(key)?;
        let NodeKind::Integer(value) = node.kind else {
            let mut finding = findings.wrong_type(node, key, "an integer");
            if let NodeKind::Text { value, .. } = &node.kind
                && value.parse().is_ok_and(|value: u32| range.contains(&value))
            {
                finding = finding.help("leave out the quotes").suggest(node.span, value.clone());
            }
            findings.push(finding);
            return None;
        };
        let fits = u32::try_from(value).ok().filter(|value| range.contains(value));
        if fits.is_none() {
            let (least, most) = (range.start(), range.end());
            let message = if *most == u32::MAX {
                format!("`{key}` must be at least {least}, not {value}")
            } else {
                format!("`{key}` must be from {least} to {most}, not {value}")
            };
            findings.push(findings.error(codes::file::OUT_OF_RANGE, node.span, message));
        }
        fits
    }

    pub(crate) fn required_integer(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u32>,
        findings: &mut Findings,
    ) -> u32 {
        let value = self.integer(key, range, findings);
        self.required(key, value, findings).unwrap_or_default()
    }

    /// A word of a fixed list.
    pub(crate) fn word<T: Word>(&mut self, key: &'static str, findings: &mut Findings) -> Option<Spanned<T>> {
        self.word_of(key, T::WORDS, findings)
    }

    /// A word of a part of the list of its type.
    pub(crate) fn word_of<T: Word>(
        &mut self,
        key: &'static str,
        words: &[(&'static str, T)],
        findings: &mut Findings,
    ) -> Option<Spanned<T>> {
        let text = self.text(key, findings)?;
        if let Some(&(_, value)) = words.iter().find(|(word, _)| *word == text.value) {
            return Some(Spanned { value, span: text.span });
        }
        let finding = findings.error(
            codes::file::UNKNOWN_VALUE,
            text.span,
            format!("unknown {} `{}`", T::WHAT, text.value),
        );
        let known = words.iter().map(|&(word, _)| word);
        findings.push(if let Some(word) = nearest(&text, known.clone()) {
            finding.help(format!("did you mean `{word}`?")).suggest(self.inner_span(key), word)
        } else {
            let list: Vec<String> = known.map(|word| format!("`{word}`")).collect();
            finding.help(format!("known are {}", list.join(", ")))
        });
        None
    }

    pub(crate) fn required_word<T: Word>(
        &mut self,
        key: &'static str,
        findings: &mut Findings,
    ) -> Option<Spanned<T>> {
        let word = self.word(key, findings);
        self.required(key, word, findings)
    }

    /// A text that `parse` makes something of; `form` says what it should have been.
    pub(crate) fn parsed<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
        form: &str,
        findings: &mut Findings,
    ) -> Option<T> {
        let text = self.text(key, findings)?;
        let value = parse(&text);
        if value.is_none() {
            let message = format!("`{key}` cannot be `{}`", text.value);
            findings.push(findings.error(codes::file::MALFORMED, text.span, message).help(form));
        }
        value
    }

    /// A list of texts.
    pub(crate) fn spanned_texts(
        &mut self,
        key: &'static str,
        findings: &mut Findings,
    ) -> Option<Spanned<Vec<Spanned<String>>>> {
        let node = self.node(key)?;
        let NodeKind::List(items) = &node.kind else {
            let finding = findings.wrong_type(node, key, "a list of texts");
            findings.push(match node.kind {
                NodeKind::Text { .. } => finding.help("put it into brackets"),
                _ => finding,
            });
            return None;
        };
        let value = items.iter().filter_map(|item| text(item, key, findings)).collect();
        Some(Spanned { value, span: node.span })
    }

    pub(crate) fn texts(&mut self, key: &'static str, findings: &mut Findings) -> Vec<String> {
        self.spanned_texts(key, findings).map(|texts| plain(texts.value)).unwrap_or_default()
    }

    /// A list of texts, or one text for a list of one.
    pub(crate) fn text_or_texts(
        &mut self,
        key: &'static str,
        findings: &mut Findings,
    ) -> Vec<Spanned<String>> {
        let one = self.node(key).and_then(|node| match node.kind {
            NodeKind::Text { .. } => text(node, key, findings),
            _ => None,
        });
        match one {
            Some(text) => vec![text],
            None => self.spanned_texts(key, findings).map(|texts| texts.value).unwrap_or_default(),
        }
    }

    /// A list of texts that must be there.
    pub(crate) fn required_texts(&mut self, key: &'static str, findings: &mut Findings) -> Vec<String> {
        let texts = self.spanned_texts(key, findings);
        self.required(key, texts, findings).map(|texts| plain(texts.value)).unwrap_or_default()
    }

    /// A table of its own.
    pub(crate) fn table(
        &mut self,
        key: &'static str,
        name: &'static str,
        findings: &mut Findings,
    ) -> Option<Table<'a>> {
        Table::of(self.node(key)?, key, name, findings)
    }

    /// A list of tables; what is not a table is told and left out.
    pub(crate) fn tables(
        &mut self,
        key: &'static str,
        name: &'static str,
        findings: &mut Findings,
    ) -> Vec<Table<'a>> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let NodeKind::List(items) = &node.kind else {
            findings.push(findings.wrong_type(node, key, "a list of tables"));
            return Vec::new();
        };
        items.iter().filter_map(|item| Table::of(item, key, name, findings)).collect()
    }

    /// A value that is kept as it stands.
    pub(crate) fn json(&mut self, key: &'static str) -> Option<Value> {
        self.node(key).map(Node::to_json)
    }

    /// A list whose items are kept as they stand.
    pub(crate) fn nodes(&mut self, key: &'static str, findings: &mut Findings) -> Vec<Node> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let NodeKind::List(items) = &node.kind else {
            findings.push(findings.wrong_type(node, key, "a list"));
            return Vec::new();
        };
        items.clone()
    }

    /// Warns about the keys that nobody asked for.
    pub(crate) fn finish(self, findings: &mut Findings) {
        for entry in self.entries.iter().filter(|entry| !self.asked.contains(&entry.key.as_str())) {
            let message = format!("{} has no field `{}`; it is ignored", self.name, entry.key);
            let warning = findings.warning(codes::file::UNKNOWN_KEY, entry.key_span, message);
            findings.push(match nearest(&entry.key, self.asked.iter().copied()) {
                Some(known) => {
                    warning.help(format!("did you mean `{known}`?")).suggest(entry.key_span, known)
                }
                None => warning,
            });
        }
    }

    /// The text under `key` without its quotes.
    fn inner_span(&self, key: &str) -> Span {
        let entry = self.entries.iter().find(|entry| entry.key == key);
        match entry.map(|entry| (&entry.value.kind, entry.value.span)) {
            Some((NodeKind::Text { value, map }, _)) => map.span(Span::new(0, value.len() as u32)),
            Some((_, span)) => span,
            None => self.span,
        }
    }
}

fn text(node: &Node, key: &str, findings: &mut Findings) -> Option<Spanned<String>> {
    if let NodeKind::Text { value, .. } = &node.kind {
        return Some(Spanned { value: value.clone(), span: node.span });
    }
    let finding = findings.wrong_type(node, key, "text");
    findings.push(match node.kind {
        NodeKind::Integer(_) | NodeKind::Float(_) | NodeKind::Bool(_) | NodeKind::Date(_) => {
            finding.help("put it into quotes")
        }
        _ => finding,
    });
    None
}

fn plain(texts: Vec<Spanned<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}
