//! Where text goes: how wide the terminal is, whether it shows colours, and text from outside made safe for it.

use std::borrow::Cow;
use std::env;
use std::fmt;
use std::io::{self, IsTerminal as _};

use anstyle::{AnsiColor, Style};

/// What is known about stdout and stderr.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    /// Columns to fill.
    pub(crate) width: usize,
    /// Whether stdout shows colours.
    pub(crate) color: bool,
    /// Whether stderr shows colours.
    pub(crate) color_stderr: bool,
    /// Whether stdout is a terminal, so that lines should fit it.
    pub(crate) fits: bool,
}

const USUAL_WIDTH: usize = 100;

impl Terminal {
    /// Looks at the streams and the environment: `NO_COLOR`, `TERM`, `COLUMNS`.
    pub(crate) fn detect() -> Self {
        let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let plain = set("NO_COLOR") || env::var_os("TERM").is_some_and(|term| term == "dumb");
        let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse::<usize>().ok());
        Self {
            width: columns.unwrap_or(USUAL_WIDTH).clamp(40, 200),
            color: !plain && io::stdout().is_terminal(),
            color_stderr: !plain && io::stderr().is_terminal(),
            fits: io::stdout().is_terminal(),
        }
    }

    /// The same for what goes to stderr.
    pub(crate) fn stderr(self) -> Self {
        Self { color: self.color_stderr, fits: io::stderr().is_terminal(), ..self }
    }

    /// `text` in `style`, if stdout shows it.
    pub(crate) fn paint<T: fmt::Display>(&self, style: Style, text: T) -> Painted<T> {
        Painted { style: if self.color { style } else { Style::new() }, text }
    }
}

/// A text with a style around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.style.render(), self.text, self.style.render_reset())
    }
}

/// Headings.
pub(crate) const HEADING: Style = Style::new().bold();
/// Names of fields.
pub(crate) const LABEL: Style = Style::new().dimmed();
/// Literal text inside prose.
pub(crate) const CODE: Style = AnsiColor::Cyan.on_default();

/// The colour of a severity.
pub(crate) fn severity_style(severity: kiln::info::Severity) -> Style {
    use kiln::info::Severity::{Critical, High, Low, Medium};
    match severity {
        Low => AnsiColor::Blue.on_default(),
        Medium => AnsiColor::Yellow.on_default(),
        High => AnsiColor::Red.on_default(),
        Critical => AnsiColor::Red.on_default().bold(),
    }
}

/// `text` without control characters, which could steer the terminal of whoever looks at it. Line breaks and tabs
/// stay.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| *c != '\r').map(|c| if steers(c) { '\u{fffd}' } else { c }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_do_not_reach_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\r\n\tc"), "a\u{fffd}[31mb\n\tc");
        assert_eq!(printable("plain"), "plain");
    }
}
