//! Diagnostics for people at a terminal: the message, the place, the lines with marks, and what helps.

use std::fmt::Write as _;

use super::excerpt::{Mark, Row, largest_number, line_text, rows};
use super::line::{Line, Window, plain};
use crate::diagnostic::{Diagnostic, Level, Suggestion};
use crate::source::{FileId, SourceFile, Sources};

/// How to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether to colour with ANSI escapes.
    pub color: bool,
    /// The most columns of a line of the file that are shown; longer lines are cut around the mark.
    pub width: usize,
}

impl Default for Options {
    /// No colour, 120 columns.
    fn default() -> Self {
        Self { color: false, width: 120 }
    }
}

/// Draws `diagnostic`; the text ends with a line break.
///
/// ```
/// use rule_lang::diagnostic::{Code, Diagnostic, render::terminal};
/// use rule_lang::source::{SourceFile, Sources};
/// use rule_lang::span::Span;
///
/// let mut sources = Sources::new();
/// let file = sources.add(SourceFile::new("rules/a.toml", "[rule]\nseverity = \"hgih\"\n"));
/// let diagnostic = Diagnostic::error(Code("E0205"), file, Span::new(18, 24), "unknown severity `hgih`")
///     .help("did you mean `high`?")
///     .suggest(Span::new(19, 23), "high");
/// assert_eq!(
///     terminal::render(&diagnostic, &sources, terminal::Options::default()),
///     r#"error[E0205]: unknown severity `hgih`
///  --> rules/a.toml:2:12
///   |
/// 2 | severity = "hgih"
///   |            ^^^^^^
///   |
///   = help: did you mean `high`?
///   |
/// 2 - severity = "hgih"
/// 2 + severity = "high"
/// "#
/// );
/// ```
pub fn render(diagnostic: &Diagnostic, sources: &Sources, options: Options) -> String {
    let files = files(diagnostic);
    let number = files.iter().map(|&id| largest_number(sources.get(id), &marks(diagnostic, id))).max();
    let gutter = number.unwrap_or(1).to_string().len();
    let mut page = Page { out: String::new(), gutter, options };
    page.title(diagnostic);
    for (at, &id) in files.iter().enumerate() {
        page.file(diagnostic, id, sources.get(id), at == 0);
    }
    if !diagnostic.help.is_empty() {
        page.bar();
    }
    for help in &diagnostic.help {
        page.help(help);
    }
    if let Some(suggestion) = &diagnostic.suggestion {
        page.suggestion(suggestion, sources.get(diagnostic.primary.file));
    }
    page.out
}

/// The files of a diagnostic, that of its primary label first.
pub(super) fn files(diagnostic: &Diagnostic) -> Vec<FileId> {
    let mut files = vec![diagnostic.primary.file];
    for label in &diagnostic.secondary {
        if !files.contains(&label.file) {
            files.push(label.file);
        }
    }
    files
}

pub(super) fn marks(diagnostic: &Diagnostic, file: FileId) -> Vec<Mark<'_>> {
    let primary = std::iter::once((&diagnostic.primary, true));
    let labels = primary.chain(diagnostic.secondary.iter().map(|label| (label, false)));
    labels
        .filter(|(label, _)| label.file == file)
        .map(|(label, primary)| Mark { span: label.span, text: &label.text, primary })
        .collect()
}

/// The colours, as ANSI parameters.
#[derive(Clone, Copy)]
enum Paint {
    Error,
    Warning,
    Frame,
    Strong,
    Removed,
    Added,
}

impl Paint {
    fn parameters(self) -> &'static str {
        match self {
            Self::Error => "1;31",
            Self::Warning => "1;33",
            Self::Frame => "1;34",
            Self::Strong => "1",
            Self::Removed => "31",
            Self::Added => "32",
        }
    }
}

struct Page {
    out: String,
    gutter: usize,
    options: Options,
}

impl Page {
    fn paint(&mut self, paint: Paint, text: &str) {
        if self.options.color {
            // Writing to a string cannot fail.
            let _ = write!(self.out, "\x1b[{}m{text}\x1b[0m", paint.parameters());
        } else {
            self.out.push_str(text);
        }
    }

    fn title(&mut self, diagnostic: &Diagnostic) {
        let (word, paint) = level(diagnostic.level);
        self.paint(paint, &format!("{word}[{}]", diagnostic.code));
        self.paint(Paint::Strong, &format!(": {}", plain(&diagnostic.message)));
        self.out.push('\n');
    }

    fn file(&mut self, diagnostic: &Diagnostic, id: FileId, file: &SourceFile, first: bool) {
        let marks = marks(diagnostic, id);
        let place = file.location(marks.first().map_or(0, |mark| mark.span.start));
        let arrow = format!("{:width$}{} ", "", if first { "-->" } else { ":::" }, width = self.gutter);
        self.paint(Paint::Frame, &arrow);
        let _ = writeln!(self.out, "{}:{}:{}", plain(file.path()), place.line, place.column);
        self.bar();
        for row in rows(file, &marks, self.options.width) {
            self.row(row, diagnostic.level);
        }
    }

    fn row(&mut self, row: Row, severity: Level) {
        match row {
            Row::Source { number, text } => {
                self.paint(Paint::Frame, &format!("{number:>width$} |", width = self.gutter));
                self.text_behind_frame(&text);
            }
            Row::Marks(pieces) => {
                self.paint(Paint::Frame, &format!("{:width$} |", "", width = self.gutter));
                self.out.push(' ');
                for piece in pieces {
                    let paint = if piece.primary { level(severity).1 } else { Paint::Frame };
                    self.paint(paint, &piece.text);
                }
                self.end_line();
            }
            Row::Gap => {
                self.paint(Paint::Frame, "...");
                self.end_line();
            }
        }
    }

    fn text_behind_frame(&mut self, text: &str) {
        if !text.is_empty() {
            self.out.push(' ');
            self.out.push_str(text);
        }
        self.end_line();
    }

    fn end_line(&mut self) {
        if !self.options.color {
            self.out.truncate(self.out.trim_end_matches(' ').len());
        }
        self.out.push('\n');
    }

    /// A frame line with nothing in it.
    fn bar(&mut self) {
        self.paint(Paint::Frame, &format!("{:width$} |", "", width = self.gutter));
        self.out.push('\n');
    }

    fn help(&mut self, help: &str) {
        self.paint(Paint::Frame, &format!("{:width$} =", "", width = self.gutter));
        self.out.push(' ');
        self.paint(Paint::Strong, "help");
        let _ = writeln!(self.out, ": {}", plain(help));
    }

    /// The line before and after; a change of more than one line is only told.
    fn suggestion(&mut self, suggestion: &Suggestion, file: &SourceFile) {
        let number = file.location(suggestion.span.start).line;
        let whole = file.line_span(number).unwrap_or_default();
        let before = line_text(file, number);
        let from = suggestion.span.start.saturating_sub(whole.start) as usize;
        let to = suggestion.span.end.saturating_sub(whole.start) as usize;
        let (Some(head), Some(tail), false) =
            (before.get(..from), before.get(to..), suggestion.replacement.contains('\n'))
        else {
            self.help(&format!("write `{}`", suggestion.replacement));
            return;
        };
        let after = format!("{head}{}{tail}", suggestion.replacement);
        self.bar();
        let (old, new) = (Line::new(before), Line::new(&after));
        let widest = old.width().max(new.width());
        let (start, end) =
            (old.column(from), old.column(to).max(new.column(from + suggestion.replacement.len())));
        let window = Window::around(start, end, widest, self.options.width);
        self.change(number, "-", Paint::Removed, &old.cut(window));
        self.change(number, "+", Paint::Added, &new.cut(window));
    }

    fn change(&mut self, number: u32, sign: &str, paint: Paint, text: &str) {
        self.paint(Paint::Frame, &format!("{number:>width$} ", width = self.gutter));
        self.paint(paint, &format!("{sign} {text}"));
        self.end_line();
    }
}

fn level(level: Level) -> (&'static str, Paint) {
    match level {
        Level::Error => ("error", Paint::Error),
        Level::Warning => ("warning", Paint::Warning),
    }
}
