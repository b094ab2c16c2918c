//! One line of a file as it is shown: tabs become spaces, control characters become visible, and every byte offset
//! has a column of the screen.

use unicode_width::UnicodeWidthChar;

/// How many columns a tab takes. Fixed: what follows a tab must not jump when the gutter grows.
const TAB: usize = 4;

/// A line ready to be shown.
pub(super) struct Line {
    /// What is shown of each character.
    cells: Vec<Cell>,
    width: usize,
}

struct Cell {
    /// Offset in the line, in bytes.
    offset: usize,
    /// The first column it takes, from 0.
    column: usize,
    shown: char,
}

impl Line {
    /// Lays out `text`, a line without its line break.
    pub(super) fn new(text: &str) -> Self {
        let mut cells = Vec::with_capacity(text.len());
        let mut column = 0;
        for (offset, c) in text.char_indices() {
            let shown = visible(c);
            let width = if c == '\t' { TAB } else { shown.width().unwrap_or(0) };
            cells.push(Cell { offset, column, shown });
            column += width;
        }
        Self { cells, width: column }
    }

    /// How many columns the line takes.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The column of the byte at `offset`; the width of the line for offsets behind its end.
    pub(super) fn column(&self, offset: usize) -> usize {
        let at = self.cells.partition_point(|cell| cell.offset < offset);
        self.cells.get(at).map_or(self.width, |cell| cell.column)
    }

    /// The part of the line within `window`, with `…` where something is cut off.
    pub(super) fn cut(&self, window: Window) -> String {
        let mut out = String::new();
        if window.start > 0 {
            out.push('…');
        }
        for cell in self.cells.iter().filter(|cell| window.holds(cell.column)) {
            if cell.shown == '\t' {
                out.extend(std::iter::repeat_n(' ', TAB));
            } else {
                out.push(cell.shown);
            }
        }
        if window.end < self.width {
            out.push('…');
        }
        out
    }
}

/// A range of columns of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Window {
    /// The `most` columns of a line of `width` that show `from..to` best: all of the line if it fits, else the marked
    /// part with a third of the room in front of it.
    pub(super) fn around(from: usize, to: usize, width: usize, most: usize) -> Self {
        if width <= most {
            return Self { start: 0, end: width.max(to) };
        }
        let room = most.saturating_sub(to - from);
        let start = from.saturating_sub(room / 3).min(width.saturating_sub(most));
        Self { start, end: start + most }
    }

    fn holds(self, column: usize) -> bool {
        self.start <= column && column < self.end
    }

    /// Whether a mark that starts at `column` can be shown; one behind the end of the line can.
    pub(super) fn shows(self, column: usize) -> bool {
        self.start <= column && column <= self.end
    }

    /// Where `column` stands on the screen: `…` takes a column too.
    pub(super) fn place(self, column: usize) -> usize {
        column.clamp(self.start, self.end) - self.start + usize::from(self.start > 0)
    }
}

/// `c`, or a visible stand-in for a character that would do something to a terminal.
fn visible(c: char) -> char {
    match c {
        '\t' => c,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            '\u{fffd}'
        }
        _ => c,
    }
}

/// `text` on one line, with control characters visible.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c == '\t' { ' ' } else { visible(c) }).collect()
}
