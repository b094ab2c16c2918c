//! The page: rows with what must be and what is aimed at, and what stands around them.

use std::fmt::Write as _;

use kiln_bench::data::Data;
use kiln_bench::measure::Spread;

/// What a figure should be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// At least `must`, better `aim`.
    AtLeast { must: f64, aim: f64 },
    /// At most `must`, better `aim`.
    AtMost { must: f64, aim: f64 },
}

impl Target {
    fn must(self) -> String {
        match self {
            Self::AtLeast { must, .. } => format!(">= {must}"),
            Self::AtMost { must, .. } => format!("<= {must}"),
        }
    }

    fn aim(self) -> String {
        match self {
            Self::AtLeast { aim, .. } => format!(">= {aim}"),
            Self::AtMost { aim, .. } => format!("<= {aim}"),
        }
    }

    fn verdict(self, figure: f64) -> &'static str {
        let (must, aim) = match self {
            Self::AtLeast { must, aim } => (figure >= must, figure >= aim),
            Self::AtMost { must, aim } => (figure <= must, figure <= aim),
        };
        match (must, aim) {
            (_, true) => "OK, aim met",
            (true, false) => "OK, short of aim",
            (false, false) => "SHORT",
        }
    }
}

/// What a row tells.
#[derive(Debug)]
enum Figure {
    Measured(Spread, &'static str),
    Missing(String),
}

#[derive(Debug)]
struct Row {
    what: String,
    target: Target,
    figure: Figure,
    beside: String,
}

/// All that will be written.
#[derive(Debug)]
pub(crate) struct Page {
    date: String,
    warnings: Vec<String>,
    machine: Vec<String>,
    data: Vec<String>,
    rows: Vec<Row>,
    commands: Vec<String>,
    sections: Vec<(String, String)>,
}

impl Page {
    pub(crate) fn new(date: String, is_busy: bool, load: &str) -> Self {
        let mut warnings = Vec::new();
        if is_busy {
            warnings.push(format!(
                "The machine was busy (load average {load} before the first figure): times are too long and ratios uncertain."
            ));
        }
        let machine = vec![format!("load average before the first figure: {load}")];
        Self { date, warnings, machine, data: vec![], rows: vec![], commands: vec![], sections: vec![] }
    }

    pub(crate) fn date(&self) -> &str {
        &self.date
    }

    pub(crate) fn warn(&mut self, text: &str) {
        self.warnings.push(text.to_owned());
    }

    pub(crate) fn machine(&mut self, lines: &[String]) {
        self.machine.extend_from_slice(lines);
    }

    pub(crate) fn data(&mut self, data: &Data) {
        self.data.push(format!(
            "| {} | {} | {} | {} | {:.0} |",
            data.name,
            data.events,
            data.distinct,
            data.bytes.len(),
            data.bytes.len() as f64 / data.events.max(1) as f64
        ));
    }

    /// A figure; `beside` is what belongs next to it, such as rules and matches.
    pub(crate) fn row(
        &mut self,
        what: &str,
        target: Target,
        figure: Spread,
        unit: &'static str,
        beside: &str,
    ) {
        self.add(what, target, Figure::Measured(figure, unit), beside);
    }

    /// A figure that cannot be taken here.
    pub(crate) fn missing(&mut self, what: &str, target: Target, reason: &str) {
        self.add(what, target, Figure::Missing(reason.to_owned()), "");
    }

    /// A figure if there is one.
    pub(crate) fn result(
        &mut self,
        what: &str,
        target: Target,
        figure: Result<Spread, String>,
        unit: &'static str,
        beside: &str,
    ) {
        match figure {
            Ok(figure) => self.row(what, target, figure, unit, beside),
            Err(reason) => self.missing(what, target, &reason),
        }
    }

    fn add(&mut self, what: &str, target: Target, figure: Figure, beside: &str) {
        let row = Row { what: what.to_owned(), target, figure, beside: beside.to_owned() };
        println!("{}", line(&row));
        self.rows.push(row);
    }

    /// A command line that took figures.
    pub(crate) fn command(&mut self, text: &str) {
        self.commands.push(text.to_owned());
    }

    /// What else was found, as text that keeps its lines.
    pub(crate) fn section(&mut self, title: &str, text: &str) {
        self.sections.push((title.to_owned(), text.trim_end().to_owned()));
    }

    /// The rows as a Markdown table.
    pub(crate) fn table(&self) -> String {
        let mut text = "| what | must | aim | median (min to max) | verdict | beside it |\n| --- | --- | --- | --- | --- | --- |\n".to_owned();
        for row in &self.rows {
            text.push_str(&line(row));
            text.push('\n');
        }
        text
    }

    /// The page as Markdown.
    pub(crate) fn text(&self) -> String {
        let mut text =
            format!("# Record of {}\n\nTaken by `cargo run --release -p kiln-bench -- record`.\n", self.date);
        for warning in &self.warnings {
            let _ = write!(text, "\n**Warning.** {warning}\n");
        }
        text.push_str("\n## Machine\n\n");
        for line in &self.machine {
            let _ = writeln!(text, "- {line}");
        }
        text.push_str("\n## Figures\n\n");
        text.push_str(&self.table());
        text.push_str("\n## Data\n\nRepeats flatter caches and predictors: mind the distinct events.\n\n");
        text.push_str(
            "| data | events | distinct | bytes | bytes an event |\n| --- | --- | --- | --- | --- |\n",
        );
        for line in &self.data {
            let _ = writeln!(text, "{line}");
        }
        text.push_str("\n## Commands\n\n");
        for line in &self.commands {
            let _ = writeln!(text, "    {line}");
        }
        for (title, body) in &self.sections {
            let _ = write!(text, "\n## {title}\n\n```text\n{body}\n```\n");
        }
        text
    }
}

fn line(row: &Row) -> String {
    let (figure, verdict) = match &row.figure {
        Figure::Measured(spread, unit) => (with_spread(*spread, unit), row.target.verdict(spread.median)),
        Figure::Missing(reason) => (reason.replace('|', "/"), "not measured"),
    };
    format!(
        "| {} | {} | {} | {figure} | {verdict} | {} |",
        row.what,
        row.target.must(),
        row.target.aim(),
        row.beside
    )
}

/// A figure with its spread, to three digits or so.
pub(crate) fn with_spread(spread: Spread, unit: &str) -> String {
    let digits = match spread.median.abs() {
        small if small < 10.0 => 2,
        middle if middle < 100.0 => 1,
        _ => 0,
    };
    let space = if unit.is_empty() { "" } else { " " };
    format!("{:.digits$}{space}{unit} ({:.digits$} to {:.digits$})", spread.median, spread.min, spread.max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_judged_by_its_target() {
        let least = Target::AtLeast { must: 0.6, aim: 0.85 };
        assert_eq!(
            [0.59, 0.6, 0.9].map(|figure| least.verdict(figure)),
            ["SHORT", "OK, short of aim", "OK, aim met"]
        );
        let most = Target::AtMost { must: 200.0, aim: 64.0 };
        assert_eq!(
            [201.0, 200.0, 64.0].map(|figure| most.verdict(figure)),
            ["SHORT", "OK, short of aim", "OK, aim met"]
        );
    }

    #[test]
    fn what_cannot_be_measured_is_a_row() {
        let mut page = Page::new("2026-01-02".to_owned(), true, "3.00");
        let target = Target::AtLeast { must: 0.6, aim: 0.85 };
        page.row("share", target, Spread::of(&[0.5, 0.7, 0.9]), "", "841 rules");
        page.missing("other", target, "no yardstick: apt-get install g++");
        let text = page.text();
        assert!(
            text.contains(
                "| share | >= 0.6 | >= 0.85 | 0.70 (0.50 to 0.90) | OK, short of aim | 841 rules |"
            ),
            "{text}"
        );
        assert!(
            text.contains(
                "| other | >= 0.6 | >= 0.85 | no yardstick: apt-get install g++ | not measured |  |"
            ),
            "{text}"
        );
        assert!(text.contains("**Warning.** The machine was busy (load average 3.00"), "{text}");
    }
}
