//! YAML files.
//!
//! `saphyr-parser` gives events with marks; this module builds the tree from them. Of YAML, rule files have maps,
//! lists and scalars of the core schema, in one document. Anchors and aliases are allowed within a limit on the size of
//! the whole; other tags and keys that are not scalars are errors.

mod text;

use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Tag};

use super::{Entry, MAX_DEPTH, Node, NodeKind};
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::source::{FileId, SourceFile};
use crate::span::Span;

/// The most nodes of a file after aliases are written out; a rule has some hundreds.
const MAX_NODES: usize = 100_000;

/// Parses a YAML 1.2 document. The first syntax error ends the file; other findings are collected.
pub fn parse(source: &SourceFile, file: FileId) -> Result<Node, Vec<Diagnostic>> {
    let mut builder = Builder {
        text: source.text(),
        file,
        marks: Marks::new(source.text()),
        frames: Vec::new(),
        anchors: BTreeMap::new(),
        nodes: 0,
        root: None,
        findings: Vec::new(),
    };
    for event in Parser::new_from_str(builder.marks.text()) {
        let step = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => builder.syntax_error(&error),
        };
        if step.is_err() {
            break;
        }
    }
    if builder.findings.is_empty() {
        let nothing = Node { kind: NodeKind::Null, span: Span::at(0) };
        Ok(builder.root.unwrap_or(nothing))
    } else {
        Err(builder.findings)
    }
}

/// From the parser's marks, which count characters, to bytes of the file.
struct Marks<'a> {
    text: &'a str,
    /// Bytes in front of `text`: a byte order mark.
    base: u32,
    /// The offset of each character; empty if all are one byte.
    offsets: Vec<u32>,
}

impl<'a> Marks<'a> {
    fn new(text: &'a str) -> Self {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let offsets = if body.is_ascii() {
            Vec::new()
        } else {
            body.char_indices().map(|(offset, _)| offset as u32).collect()
        };
        Self { text: body, base: (text.len() - body.len()) as u32, offsets }
    }

    fn text(&self) -> &'a str {
        self.text
    }

    fn byte(&self, mark: Marker) -> u32 {
        let end = self.text.len() as u32;
        let offset = match self.offsets.get(mark.index()) {
            Some(&offset) => offset,
            None if self.offsets.is_empty() => (mark.index() as u32).min(end),
            None => end,
        };
        self.base + offset
    }
}

struct Builder<'a> {
    text: &'a str,
    file: FileId,
    marks: Marks<'a>,
    /// The lists and tables that are open.
    frames: Vec<Frame>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    root: Option<Node>,
    findings: Vec<Diagnostic>,
}

struct Frame {
    content: Content,
    span: Span,
    anchor: usize,
}

enum Content {
    List(Vec<Node>),
    Table { entries: Vec<Entry>, key: Option<(String, Span)> },
}

/// The rest of the file cannot be read; why, is among the findings.
struct Stop;

type Step = Result<(), Stop>;

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: saphyr_parser::Span) -> Step {
        let span = Span::new(self.marks.byte(span.start), self.marks.byte(span.end));
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                let message =
                    "a rule file holds one YAML document; put the second rule into a file of its own";
                self.fail(codes::file::YAML_FEATURE, span, message)
            }
            Event::Scalar(value, style, anchor, tag) => {
                self.check_tag(tag.as_deref(), span)?;
                let is_key = matches!(
                    self.frames.last(),
                    Some(Frame { content: Content::Table { key: None, .. }, .. })
                );
                let node = self.scalar(&value, style, tag.as_deref(), span);
                if is_key {
                    self.key(value.into_owned(), node.span);
                    return Ok(());
                }
                self.add(node, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.check_tag(tag.as_deref(), span)?;
                self.open(Content::List(Vec::new()), span, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                self.check_tag(tag.as_deref(), span)?;
                self.open(Content::Table { entries: Vec::new(), key: None }, span, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    /// Notes why the rest of the file cannot be read.
    fn fail(&mut self, code: Code, span: Span, message: impl Into<String>) -> Step {
        self.findings.push(Diagnostic::error(code, self.file, span, message));
        Err(Stop)
    }

    fn syntax_error(&mut self, error: &ScanError) -> Step {
        let at = self.marks.byte(*error.marker());
        let finding = Diagnostic::error(codes::file::YAML_SYNTAX, self.file, Span::at(at), error.info());
        self.findings.push(match help_for(error.info()) {
            Some(help) => finding.help(help),
            None => finding,
        });
        Err(Stop)
    }

    fn check_tag(&mut self, tag: Option<&Tag>, span: Span) -> Step {
        const KNOWN: [&str; 7] = ["str", "int", "float", "bool", "null", "map", "seq"];
        match tag {
            Some(tag) if !tag.is_yaml_core_schema() || !KNOWN.contains(&tag.suffix.as_str()) => {
                let message = format!("rule files do not know the tag `{tag}`");
                self.fail(codes::file::YAML_FEATURE, span, message)
            }
            _ => Ok(()),
        }
    }

    fn scalar(&self, value: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Node {
        let text = self.text;
        let start = if span.is_empty() { span.start } else { text::skip_properties(text, span) };
        let (map, end) = text::align(text, start, value, style);
        let span = Span::new(start, if style == ScalarStyle::Plain { span.end.max(start) } else { end });
        let is_text = style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str");
        let kind = if is_text { None } else { core_schema(value) };
        Node { kind: kind.unwrap_or_else(|| NodeKind::Text { value: value.to_owned(), map }), span }
    }

    fn key(&mut self, key: String, span: Span) {
        if let Some(Frame { content: Content::Table { key: open, .. }, .. }) = self.frames.last_mut() {
            *open = Some((key, span));
        }
    }

    fn open(&mut self, content: Content, span: Span, anchor: usize) -> Step {
        if self.frames.len() >= MAX_DEPTH {
            return self.fail(codes::file::TOO_LARGE, span, "the file nests too deep");
        }
        // A block has no bracket to point at; its key, or for lack of one its first token, stands for it.
        let header = match self.frames.last() {
            Some(Frame { content: Content::Table { key: None, .. }, .. }) => {
                return self.fail(codes::file::YAML_FEATURE, span, "a key must be text");
            }
            Some(Frame { content: Content::Table { key: Some((_, key_span)), .. }, .. })
                if span.is_empty() =>
            {
                *key_span
            }
            _ => span,
        };
        self.frames.push(Frame { content, span: header, anchor });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Step {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let mut span = frame.span;
        if !end.is_empty() {
            span = span.to(end);
        }
        let kind = match frame.content {
            Content::List(items) => NodeKind::List(items),
            Content::Table { entries, .. } => NodeKind::Table(entries),
        };
        if span.is_empty() {
            span = match &kind {
                NodeKind::Table(entries) => entries.first().map_or(span, |entry| entry.key_span),
                NodeKind::List(items) => items.first().map_or(span, |item| item.span),
                _ => span,
            };
        }
        self.add(Node { kind, span }, frame.anchor)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Step {
        let Some(node) = self.anchors.get(&anchor) else {
            return self.fail(codes::file::YAML_FEATURE, span, "an alias cannot stand inside its own anchor");
        };
        let (size, depth) = measure(node);
        if self.nodes + size > MAX_NODES || self.frames.len() + depth > MAX_DEPTH {
            return self.fail(codes::file::TOO_LARGE, span, "aliases make the file too large");
        }
        self.nodes += size;
        let node = node.clone();
        self.add(node, 0)
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, node: Node, anchor: usize) -> Step {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return self.fail(codes::file::TOO_LARGE, node.span, "the file has too many values");
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut frame.content {
            Content::List(items) => items.push(node),
            Content::Table { entries, key } => {
                let Some((key, key_span)) = key.take() else {
                    return self.fail(codes::file::YAML_FEATURE, node.span, "a key must be text");
                };
                if let Some(first) = entries.iter().find(|entry| entry.key == key) {
                    let message = format!("`{key}` is given twice");
                    let finding = Diagnostic::error(codes::file::DUPLICATE_KEY, self.file, key_span, message)
                        .also(self.file, first.key_span, "first given here")
                        .help("keep one of the two");
                    self.findings.push(finding);
                }
                entries.push(Entry { key, key_span, value: node });
            }
        }
        Ok(())
    }
}

/// What most often lies behind an error of the parser.
fn help_for(error: &str) -> Option<&'static str> {
    let causes = [
        ("mapping values are not allowed", "put a text that has `: ` in it into quotes or below a `|`"),
        ("invalid indentation in quoted scalar", "close the text with the quote it starts with"),
        ("tabs disallowed", "indent with spaces"),
    ];
    causes.into_iter().find(|(start, _)| error.starts_with(start)).map(|(_, help)| help)
}

/// How many nodes `node` is, and how deep.
fn measure(node: &Node) -> (usize, usize) {
    let children: Vec<&Node> = match &node.kind {
        NodeKind::List(items) => items.iter().collect(),
        NodeKind::Table(entries) => entries.iter().map(|entry| &entry.value).collect(),
        _ => return (1, 0),
    };
    let measured = children.into_iter().map(measure);
    let (size, depth) =
        measured.fold((1, 0), |(size, deepest), (more, depth)| (size + more, deepest.max(depth)));
    (size, depth + 1)
}

/// What a plain scalar means in YAML's core schema; `None` is text.
fn core_schema(value: &str) -> Option<NodeKind> {
    let kind = match value {
        "" | "~" | "null" | "Null" | "NULL" => NodeKind::Null,
        "true" | "True" | "TRUE" => NodeKind::Bool(true),
        "false" | "False" | "FALSE" => NodeKind::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => NodeKind::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => NodeKind::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => NodeKind::Float(f64::NAN),
        _ => return number(value),
    };
    Some(kind)
}

fn number(value: &str) -> Option<NodeKind> {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = value.strip_prefix(prefix) {
            let digits = digits.bytes().all(|b| b.is_ascii_hexdigit()).then_some(digits)?;
            return i64::from_str_radix(digits, radix).ok().map(NodeKind::Integer);
        }
    }
    let unsigned = value.strip_prefix(['-', '+']).unwrap_or(value);
    let is_number = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.bytes().any(|b| b.is_ascii_digit())
        && unsigned.bytes().all(|b| b.is_ascii_digit() || b".eE+-".contains(&b));
    if !is_number {
        return None;
    }
    if unsigned.bytes().all(|b| b.is_ascii_digit())
        && let Ok(integer) = value.parse()
    {
        return Some(NodeKind::Integer(integer));
    }
    value.parse().ok().map(NodeKind::Float)
}

#[cfg(test)]
mod tests;
