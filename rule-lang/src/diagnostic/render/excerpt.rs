//! The lines of a file that labels stand in, with marks below.
//!
//! A label over several lines marks its first and its last line. A label on a line too long for the screen is shown in
//! the part of the line around it; two labels far apart on such a line show the line twice.

use super::line::{Line, Window, plain};
use crate::source::SourceFile;
use crate::span::Span;

/// What to mark, and how.
pub(super) struct Mark<'a> {
    pub(super) span: Span,
    pub(super) text: &'a str,
    pub(super) primary: bool,
}

/// A row of an excerpt. Gutter and colours are for whoever puts rows together.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// A line of the file.
    Source { number: u32, text: String },
    /// Marks below it, in pieces that know whether they belong to the primary label.
    Marks(Vec<Piece>),
    /// Lines left out.
    Gap,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) primary: bool,
}

/// A mark on one line, in columns.
#[derive(Clone)]
struct LineMark {
    line: u32,
    from: usize,
    to: usize,
    text: String,
    primary: bool,
}

/// The line (from 1) of the last byte of `span`.
fn last_line(file: &SourceFile, span: Span) -> u32 {
    let last = if span.is_empty() { span.start } else { span.end - 1 };
    file.location(last).line
}

/// The largest line number an excerpt of `marks` shows.
pub(super) fn largest_number(file: &SourceFile, marks: &[Mark<'_>]) -> u32 {
    marks.iter().map(|mark| last_line(file, mark.span)).max().unwrap_or(1)
}

/// The rows that show `marks`, at most `width` columns of each line.
pub(super) fn rows(file: &SourceFile, marks: &[Mark<'_>], width: usize) -> Vec<Row> {
    let mut line_marks: Vec<LineMark> = marks.iter().flat_map(|mark| split(file, mark)).collect();
    line_marks.sort_by_key(|mark| (mark.line, mark.from, mark.to));
    let mut rows = Vec::new();
    let mut previous: Option<u32> = None;
    while let Some(number) = line_marks.first().map(|mark| mark.line) {
        let count = line_marks.iter().take_while(|mark| mark.line == number).count();
        let on_line: Vec<LineMark> = line_marks.drain(..count).collect();
        match previous {
            Some(before) if number == before + 2 => rows.push(source_row(file, before + 1, width)),
            Some(before) if number > before + 2 => rows.push(Row::Gap),
            _ => {}
        }
        rows_of_line(file, number, on_line, width, &mut rows);
        previous = Some(number);
    }
    rows
}

/// A line without marks.
fn source_row(file: &SourceFile, number: u32, width: usize) -> Row {
    let line = Line::new(line_text(file, number));
    Row::Source { number, text: line.cut(Window::around(0, 0, line.width(), width)) }
}

pub(super) fn line_text(file: &SourceFile, number: u32) -> &str {
    file.line_span(number).map_or("", |span| &file.text()[span.range()])
}

/// One mark as marks on its first and its last line.
fn split(file: &SourceFile, mark: &Mark<'_>) -> Vec<LineMark> {
    let first = file.location(mark.span.start).line;
    let last = last_line(file, mark.span);
    let on = |number: u32, from: Option<u32>, to: Option<u32>, text: &str| {
        let start = file.line_span(number).map_or(0, |span| span.start);
        let source = line_text(file, number);
        let line = Line::new(source);
        let indent = source.len() - source.trim_start().len();
        let from = from.map_or(line.column(indent), |at| line.column(at.saturating_sub(start) as usize));
        let to = to.map_or(line.width(), |at| line.column(at.saturating_sub(start) as usize));
        LineMark { line: number, from, to: to.max(from + 1), text: plain(text), primary: mark.primary }
    };
    if first == last {
        return vec![on(first, Some(mark.span.start), Some(mark.span.end), mark.text)];
    }
    vec![on(first, Some(mark.span.start), None, ""), on(last, None, Some(mark.span.end), mark.text)]
}

fn rows_of_line(file: &SourceFile, number: u32, mut marks: Vec<LineMark>, width: usize, rows: &mut Vec<Row>) {
    let line = Line::new(line_text(file, number));
    while !marks.is_empty() {
        let at = marks.iter().position(|mark| mark.primary).unwrap_or(0);
        let window = Window::around(marks[at].from, marks[at].to, line.width(), width);
        let (shown, hidden): (Vec<_>, Vec<_>) = marks.into_iter().partition(|mark| window.shows(mark.from));
        rows.push(Row::Source { number, text: line.cut(window) });
        let places = shown.into_iter().map(|mark| {
            let from = window.place(mark.from);
            let to = window.place(mark.to).max(from + 1);
            LineMark { from, to, ..mark }
        });
        mark_rows(&places.collect::<Vec<_>>(), rows);
        marks = hidden;
    }
}

/// The row of carets, the text of the rightmost mark behind it, and a row for each other text.
fn mark_rows(marks: &[LineMark], rows: &mut Vec<Row>) {
    let mut carets = Canvas::default();
    for mark in marks.iter().filter(|mark| !mark.primary).chain(marks.iter().filter(|mark| mark.primary)) {
        let caret = if mark.primary { '^' } else { '-' };
        (mark.from..mark.to).for_each(|column| carets.put(column, caret, mark.primary));
    }
    let mut below: Vec<&LineMark> = marks.iter().collect();
    if let Some(rightmost) = below.pop()
        && below.iter().all(|mark| mark.to <= rightmost.from)
    {
        carets.write(rightmost.to + 1, &rightmost.text, rightmost.primary);
    } else {
        below = marks.iter().collect();
    }
    rows.push(Row::Marks(carets.pieces()));
    while let Some(mark) = below.pop() {
        if mark.text.is_empty() {
            continue;
        }
        let mut row = Canvas::default();
        for other in below.iter().filter(|other| !other.text.is_empty() && other.from < mark.from) {
            row.put(other.from, '|', other.primary);
        }
        row.write(mark.from, &mark.text, mark.primary);
        rows.push(Row::Marks(row.pieces()));
    }
}

/// One row of the screen that is written to in any order.
#[derive(Default)]
struct Canvas(Vec<(char, bool)>);

impl Canvas {
    fn put(&mut self, column: usize, c: char, primary: bool) {
        if self.0.len() <= column {
            self.0.resize(column + 1, (' ', false));
        }
        self.0[column] = (c, primary);
    }

    fn write(&mut self, column: usize, text: &str, primary: bool) {
        for (at, c) in text.chars().enumerate() {
            self.put(column + at, c, primary);
        }
    }

    /// The row in runs of one kind; spaces belong to the run before them.
    fn pieces(self) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        for (c, primary) in self.0 {
            match pieces.last_mut() {
                Some(piece) if piece.primary == primary || c == ' ' => piece.text.push(c),
                _ => pieces.push(Piece { text: c.into(), primary }),
            }
        }
        pieces
    }
}
