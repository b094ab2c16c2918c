//! What is wrong with a rule file, as data.
//!
//! In: findings of the loader, the parser and the checks. Out: [`Diagnostic`]s with spans into files; renderers turn
//! them into text. Nothing here prints, and no module builds message text anywhere else.

pub mod codes;
pub mod render;

use std::fmt;

use crate::source::{FileId, TextMap};
use crate::span::Span;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The rule works; something about it deserves a look.
    Warning,
    /// The rule cannot be used.
    Error,
}

/// A stable name of a kind of finding, such as `E0201`. Each is declared once, in [`codes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// One marked place of a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The file the span counts in.
    pub file: FileId,
    /// The bytes that are marked.
    pub span: Span,
    /// What to say at the mark; may be empty.
    pub text: String,
}

/// A change that would repair the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The bytes to replace, in the file of the diagnostic's primary label.
    pub span: Span,
    /// What to put there, as it would stand in the query or value.
    pub replacement: String,
}

/// One finding: a code, a message, the place, and what helps.
///
/// The message is one sentence without a full stop that says what is wrong; the help says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of finding.
    pub code: Code,
    /// Warning or error.
    pub level: Level,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The place of the finding.
    pub primary: Label,
    /// Other places that matter to it, such as the first use of a duplicate id.
    pub secondary: Vec<Label>,
    /// What to do, one sentence each.
    pub help: Vec<String>,
    /// A repair that a tool could apply.
    pub suggestion: Option<Suggestion>,
}

impl Diagnostic {
    /// An error at `span` of `file`.
    pub fn error(code: Code, file: FileId, span: Span, message: impl Into<String>) -> Self {
        Self::new(Level::Error, code, file, span, message.into())
    }

    /// A warning at `span` of `file`.
    pub fn warning(code: Code, file: FileId, span: Span, message: impl Into<String>) -> Self {
        Self::new(Level::Warning, code, file, span, message.into())
    }

    fn new(level: Level, code: Code, file: FileId, span: Span, message: String) -> Self {
        let primary = Label { file, span, text: String::new() };
        Self { code, level, message, primary, secondary: Vec::new(), help: Vec::new(), suggestion: None }
    }

    /// Says something right at the primary mark.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Marks a second place.
    #[must_use]
    pub fn also(mut self, file: FileId, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label { file, span, text: text.into() });
        self
    }

    /// Adds a sentence of help.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Offers a repair.
    #[must_use]
    pub fn suggest(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.suggestion = Some(Suggestion { span, replacement: replacement.into() });
        self
    }

    /// Moves all spans of `file` from a decoded text to the file it was decoded from.
    #[must_use]
    pub fn mapped(mut self, file: FileId, map: &TextMap) -> Self {
        let labels = std::iter::once(&mut self.primary).chain(&mut self.secondary);
        for label in labels.filter(|label| label.file == file) {
            label.span = map.span(label.span);
        }
        if let Some(suggestion) = &mut self.suggestion
            && self.primary.file == file
        {
            suggestion.span = map.span(suggestion.span);
        }
        self
    }
}
