//! The texts that diagnostics point into.
//!
//! In: the path and the bytes of a file (or a query typed at a prompt). Out: lines and columns for byte offsets, and
//! the way back from a decoded string (a query inside a TOML or YAML string) to the file. Knows nothing of what the
//! text means.

use crate::span::Span;

/// Names one [`SourceFile`] of a [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// One text with a name and an index of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    path: String,
    text: String,
    line_starts: Vec<u32>,
}

/// A place in a file as people count: both numbers start at 1, the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Line number, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl SourceFile {
    /// Indexes `text`; `path` is only ever shown to people.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|&(_, b)| b == b'\n').map(|(i, _)| i as u32 + 1));
        Self { path: path.into(), text, line_starts }
    }

    /// The name the file is shown under.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Number of lines; an empty file has one.
    pub fn line_count(&self) -> u32 {
        self.line_starts.len() as u32
    }

    /// Where the byte `offset` stands. Offsets behind the end give the end of the last line.
    ///
    /// ```
    /// use rule_lang::source::{Location, SourceFile};
    /// let file = SourceFile::new("a.toml", "é = 1\r\nb = 2\n");
    /// assert_eq!(file.location(3), Location { line: 1, column: 3 });
    /// assert_eq!(file.location(8), Location { line: 2, column: 1 });
    /// ```
    pub fn location(&self, offset: u32) -> Location {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_starts.partition_point(|&start| start as usize <= offset) - 1;
        let start = self.line_starts[line] as usize;
        let column = self.text[start..offset].chars().count();
        Location { line: line as u32 + 1, column: column as u32 + 1 }
    }

    /// The bytes of line `number` (from 1) without its line break, or `None` behind the last line.
    pub fn line_span(&self, number: u32) -> Option<Span> {
        let index = number.checked_sub(1)? as usize;
        let start = *self.line_starts.get(index)?;
        let end = self.line_starts.get(index + 1).map_or(self.text.len(), |&next| next as usize - 1);
        let end = if self.text[start as usize..end].ends_with('\r') { end - 1 } else { end };
        Some(Span::new(start, end as u32))
    }
}

/// All files of one run, in the order they were added.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// No files yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file and names it.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.files.push(file);
        FileId(self.files.len() as u32 - 1)
    }

    /// The file `id`.
    ///
    /// # Panics
    /// If `id` was not given out by this `Sources`.
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(i as u32), f))
    }
}

/// Maps offsets of a decoded string back to the file it was decoded from.
///
/// A query inside a TOML `'''` block, behind TOML escapes, or in an indented YAML block differs from the bytes of the
/// file. The map is a sorted list of runs; inside a run both texts advance byte by byte, except that an escape is one
/// piece.
///
/// ```
/// use rule_lang::{source::TextMap, span::Span};
/// // File: `q = "a\tb"`, decoded: `a<tab>b`; the escape takes two bytes of the file.
/// let mut map = TextMap::new();
/// map.run(0, 5);
/// map.escape(1, 6, 2);
/// map.run(2, 8);
/// assert_eq!(map.span(Span::new(0, 2)), Span::new(5, 8));
/// assert_eq!(map.span(Span::new(2, 3)), Span::new(8, 9));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextMap {
    runs: Vec<Run>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    decoded: u32,
    file: u32,
    /// How many bytes of the file the whole run stands for, if it is an escape.
    escape: Option<u32>,
}

impl TextMap {
    /// An empty map; without runs it maps every offset to itself.
    pub fn new() -> Self {
        Self::default()
    }

    /// The map of a text that stands in the file as it is, from byte `start` on.
    pub fn starting_at(start: u32) -> Self {
        Self { runs: vec![Run { decoded: 0, file: start, escape: None }] }
    }

    /// From decoded offset `decoded` on, the text stands at `file` (until the next run). Call in ascending order.
    pub fn run(&mut self, decoded: u32, file: u32) {
        let goes_on = self.runs.last().is_some_and(|last| {
            last.escape.is_none() && file.checked_sub(last.file) == decoded.checked_sub(last.decoded)
        });
        if !goes_on {
            self.push(Run { decoded, file, escape: None });
        }
    }

    /// What stands at `decoded`, up to the next run, is written as the `length` bytes from `file` on.
    pub fn escape(&mut self, decoded: u32, file: u32, length: u32) {
        self.push(Run { decoded, file, escape: Some(length) });
    }

    /// Lets the whole file follow behind a text of `length` bytes, so that one span can stand for a place in the text or
    /// for any other of the file. Gives how far offsets of the file are moved.
    ///
    /// ```
    /// use rule_lang::{source::TextMap, span::Span};
    /// let mut map = TextMap::starting_at(100);
    /// let shift = map.file_behind(20);
    /// assert_eq!(map.span(Span::new(3, 5)), Span::new(103, 105));
    /// assert_eq!(map.span(Span::new(40 + shift, 45 + shift)), Span::new(40, 45));
    /// ```
    pub fn file_behind(&mut self, length: u32) -> u32 {
        if self.runs.is_empty() {
            return 0;
        }
        let shift = Self::shift_behind(length);
        self.push(Run { decoded: shift, file: 0, escape: None });
        shift
    }

    /// How far offsets of a file are moved that follows behind a text of `length` bytes.
    pub(crate) fn shift_behind(length: u32) -> u32 {
        // The end of the text is a place, too.
        length.saturating_add(1)
    }

    fn push(&mut self, run: Run) {
        match self.runs.last_mut() {
            // A run without text: the new one takes its place.
            Some(last) if last.decoded == run.decoded => *last = run,
            last => {
                debug_assert!(
                    last.is_none_or(|last| last.decoded < run.decoded),
                    "runs come in ascending order"
                );
                self.runs.push(run);
            }
        }
    }

    fn run_at(&self, decoded: u32) -> Option<Run> {
        let at = self.runs.partition_point(|run| run.decoded <= decoded);
        at.checked_sub(1).map(|at| self.runs[at])
    }

    /// The file offset of one decoded offset; all of an escape stands at its start.
    pub fn offset(&self, decoded: u32) -> u32 {
        match self.run_at(decoded) {
            Some(Run { file, escape: Some(_), .. }) => file,
            Some(run) => run.file + (decoded - run.decoded),
            None => decoded,
        }
    }

    /// The file span of a decoded span. Its end is mapped through its last byte, so that a span at the end of a line
    /// does not swallow the indentation of the next.
    pub fn span(&self, decoded: Span) -> Span {
        let start = self.offset(decoded.start);
        if decoded.is_empty() {
            return Span::at(start);
        }
        let end = match self.run_at(decoded.end - 1) {
            Some(Run { file, escape: Some(length), .. }) => file + length,
            _ => self.offset(decoded.end - 1) + 1,
        };
        Span::new(start, end.max(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_at_the_edges() {
        let file = SourceFile::new("a", "ab\r\n\n日c");
        let place = |offset| {
            let Location { line, column } = file.location(offset);
            (line, column)
        };
        assert_eq!([0, 2, 3, 4, 5].map(place), [(1, 1), (1, 3), (1, 4), (2, 1), (3, 1)]);
        assert_eq!([6, 8, 9, 99].map(place), [(3, 1), (3, 2), (3, 3), (3, 3)]);
        let lines: Vec<&str> =
            (1..=3).map(|line| &file.text()[file.line_span(line).unwrap().range()]).collect();
        assert_eq!(lines, ["ab", "", "日c"]);
        assert_eq!((file.line_span(0), file.line_span(4)), (None, None));
    }

    #[test]
    fn an_empty_map_changes_nothing() {
        assert_eq!(TextMap::new().span(Span::new(3, 5)), Span::new(3, 5));
    }

    #[test]
    fn a_span_ends_before_the_indentation_of_the_next_line() {
        let mut map = TextMap::starting_at(10);
        map.run(4, 20);
        assert_eq!(map.span(Span::new(0, 4)), Span::new(10, 14));
        assert_eq!(map.span(Span::new(3, 5)), Span::new(13, 21));
        assert_eq!(map.span(Span::at(4)), Span::at(20));
    }

    #[test]
    fn an_escape_is_one_piece() {
        let mut map = TextMap::starting_at(0);
        // Two bytes of a character behind a `\u` escape of six, then text that goes on.
        map.escape(1, 1, 6);
        map.run(3, 7);
        assert_eq!((map.offset(1), map.offset(2), map.offset(3)), (1, 1, 7));
        assert_eq!(map.span(Span::new(1, 3)), Span::new(1, 7));
        assert_eq!(map.span(Span::new(0, 2)), Span::new(0, 7));
    }
}
