//! Columns of text that fit a terminal.

use std::fmt::Display;
use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::output::{HEADING, Painted, Terminal};

/// One column: its heading and whether it may be cut where the terminal is too narrow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) heading: &'static str,
    pub(crate) cut: bool,
    pub(crate) right: bool,
}

impl Column {
    pub(crate) const fn new(heading: &'static str) -> Self {
        Self { heading, cut: false, right: false }
    }

    /// May be cut.
    pub(crate) const fn cut(self) -> Self {
        Self { cut: true, ..self }
    }

    /// Stands right, for numbers.
    pub(crate) const fn right(self) -> Self {
        Self { right: true, ..self }
    }
}

/// A cell: its text and how to paint it.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    style: anstyle::Style,
}

impl Cell {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: anstyle::Style::new() }
    }

    pub(crate) fn styled(text: impl Into<String>, style: anstyle::Style) -> Self {
        Self { text: text.into(), style }
    }
}

const GAP: usize = 2;
/// A column is never cut to less than this.
const LEAST: usize = 12;

/// Writes `rows` under headings. Cells are cut to the width of a terminal, and whole where the output goes elsewhere.
pub(crate) fn write(
    out: &mut impl Write,
    terminal: &Terminal,
    columns: &[Column],
    rows: &[Vec<Cell>],
) -> io::Result<()> {
    let widths = widths(terminal, columns, rows);
    let headings = columns.iter().map(|column| Cell::styled(column.heading, HEADING)).collect::<Vec<_>>();
    for row in std::iter::once(&headings).chain(rows) {
        write_row(out, terminal, columns, &widths, row)?;
    }
    Ok(())
}

fn widths(terminal: &Terminal, columns: &[Column], rows: &[Vec<Cell>]) -> Vec<usize> {
    let width = |at: usize| rows.iter().map(|row| row[at].text.width()).max().unwrap_or(0);
    let mut widths: Vec<_> =
        columns.iter().enumerate().map(|(at, column)| width(at).max(column.heading.width())).collect();
    if !terminal.fits {
        return widths;
    }
    let mut total = widths.iter().sum::<usize>() + GAP * (columns.len().max(1) - 1);
    while total > terminal.width {
        let widest = (0..columns.len())
            .filter(|&at| columns[at].cut && widths[at] > LEAST)
            .max_by_key(|&at| widths[at]);
        let Some(widest) = widest else { break };
        widths[widest] -= 1;
        total -= 1;
    }
    widths
}

fn write_row(
    out: &mut impl Write,
    terminal: &Terminal,
    columns: &[Column],
    widths: &[usize],
    row: &[Cell],
) -> io::Result<()> {
    for (at, cell) in row.iter().enumerate() {
        let text = fit(&cell.text, widths[at]);
        let room = widths[at] - text.width();
        let painted = terminal.paint(cell.style, text);
        if columns[at].right {
            write!(out, "{:room$}", "")?;
            write_cell(out, &painted)?;
        } else {
            write_cell(out, &painted)?;
            if at + 1 < row.len() {
                write!(out, "{:room$}", "")?;
            }
        }
        if at + 1 < row.len() {
            write!(out, "{:GAP$}", "")?;
        }
    }
    writeln!(out)
}

fn write_cell(out: &mut impl Write, cell: &Painted<impl Display>) -> io::Result<()> {
    write!(out, "{cell}")
}

/// The part of `text` that `width` columns hold; an ellipsis says that it goes on.
pub(crate) fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        cut.push(c);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal(width: usize) -> Terminal {
        Terminal { width, color: false, color_stderr: false, fits: true }
    }

    #[test]
    fn narrow_terminals_cut_the_columns_that_may_be_cut() {
        let columns = [Column::new("id"), Column::new("name").cut(), Column::new("risk").right()];
        let rows = [vec![Cell::new("a1"), Cell::new("a rule with quite a long name"), Cell::new("7")]];
        let mut out = Vec::new();
        write(&mut out, &terminal(30), &columns, &rows).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "id  name                  risk\na1  a rule with quite a…     7\n");
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 6), "日本語");
    }
}
