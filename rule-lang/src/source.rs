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
/// file. The map is a sorted list of runs; inside a run both texts advance byte by byte.
///
/// ```
/// use rule_lang::{source::TextMap, span::Span};
/// // File: `q = "a\tb"`, decoded: `a<tab>b`; the escape takes two bytes of the file.
/// let mut map = TextMap::new();
/// map.run(0, 5);
/// map.run(1, 6);
/// map.run(2, 8);
/// assert_eq!(map.span(Span::new(2, 3)), Span::new(8, 9));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextMap {
    runs: Vec<(u32, u32)>,
}

impl TextMap {
    /// An empty map; without runs it maps every offset to itself.
    pub fn new() -> Self {
        Self::default()
    }

    /// The map of a text that stands in the file as it is, from byte `start` on.
    pub fn starting_at(start: u32) -> Self {
        Self { runs: vec![(0, start)] }
    }

    /// From decoded offset `decoded` on, the text stands at `file` (until the next run). Call in ascending order.
    pub fn run(&mut self, decoded: u32, file: u32) {
        if let Some(&(last_decoded, last_file)) = self.runs.last() {
            debug_assert!(last_decoded <= decoded, "runs come in ascending order");
            if file.checked_sub(last_file) == Some(decoded - last_decoded) {
                return;
            }
        }
        self.runs.push((decoded, file));
    }

    /// The file offset of one decoded offset.
    pub fn offset(&self, decoded: u32) -> u32 {
        let at = self.runs.partition_point(|&(start, _)| start <= decoded);
        match at.checked_sub(1).and_then(|i| self.runs.get(i)) {
            Some(&(start, file)) => file + (decoded - start),
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
        Span::new(start, (self.offset(decoded.end - 1) + 1).max(start))
    }
}
