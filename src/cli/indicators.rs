//! Indicators for rules of type `threat_match`, from files of their own.
//!
//! In: paths of NDJSON or CSV files. Out: the index that matchers ask, and the text of each indicator for alerts. The
//! first line of a CSV file names the fields of its columns, such as `threat.indicator.ip`.

mod csv;

use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kiln::threat::{Indicators, IndicatorsBuilder};
use kiln::{EventRef, Matcher, Options, RuleSet};

use super::input::{self, Input, Opened};

/// Indicators and their texts.
#[derive(Debug)]
pub(crate) struct Known {
    /// What matchers ask.
    pub(crate) index: Arc<Indicators>,
    /// All texts, one after the other, and where each ends.
    texts: Vec<u8>,
    ends: Vec<usize>,
}

impl Known {
    /// The text of an indicator, a JSON object.
    pub(crate) fn text(&self, indicator: EventRef) -> Option<&[u8]> {
        let at = usize::try_from(indicator.0).ok()?;
        let start = if at == 0 { 0 } else { *self.ends.get(at - 1)? };
        self.texts.get(start..*self.ends.get(at)?)
    }
}

/// Reads indicators for the rules of `set`; `any` takes all of them, whatever the rules' queries for indicators say.
/// `wrong` hears of what cannot be read: the name of the input, the line, and why.
pub(crate) fn read(
    set: &'static RuleSet<'static>,
    paths: &[PathBuf],
    any: bool,
    wrong: &mut dyn FnMut(&str, u64, &str),
) -> Known {
    let mut matcher = Matcher::with_options(set, Options { groups: false, ..Options::default() });
    let builder = matcher.indicators();
    let mut reader = Reader { matcher: &mut matcher, builder, any, texts: Vec::new(), ends: Vec::new() };
    let found = input::find(paths);
    for (name, reason) in &found.problems {
        wrong(name, 0, reason);
    }
    for input in &found.inputs {
        let name = input.name();
        if let Err(error) = reader.input(input, &mut |line, reason| wrong(&name, line, reason)) {
            wrong(&name, 0, &input::reason(&error));
        }
    }
    let Reader { builder, texts, ends, .. } = reader;
    Known { index: Arc::new(builder.finish()), texts, ends }
}

struct Reader<'m> {
    matcher: &'m mut Matcher<'static>,
    builder: IndicatorsBuilder<'static>,
    any: bool,
    texts: Vec<u8>,
    ends: Vec<usize>,
}

impl Reader<'_> {
    fn input(&mut self, input: &Input, wrong: &mut dyn FnMut(u64, &str)) -> io::Result<()> {
        let mut reader: Box<dyn io::Read> = match input::open(input)? {
            Opened::Plain { mut file, .. } => {
                file.rewind()?;
                Box::new(file)
            }
            Opened::Stream { reader, .. } => reader,
        };
        if is_csv(input) {
            let mut text = String::new();
            reader.read_to_string(&mut text)?;
            for (line, object) in csv::objects(&text) {
                self.line(object.as_bytes(), line, wrong);
            }
            return Ok(());
        }
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            if reader.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii();
            if !text.is_empty() {
                self.line(text, number, wrong);
            }
        }
        Ok(())
    }

    /// One indicator. Its text is kept if a rule asks for it.
    fn line(&mut self, text: &[u8], number: u64, wrong: &mut dyn FnMut(u64, &str)) {
        let before = self.builder.count();
        let handle = EventRef(self.ends.len() as u64);
        if let Err(error) = self.matcher.indicator(text, handle, self.any, &mut self.builder) {
            wrong(number, error.kind.reason());
        } else if self.builder.count() > before {
            self.texts.extend_from_slice(text);
            self.ends.push(self.texts.len());
        }
    }
}

/// By its name, compressed or not.
fn is_csv(input: &Input) -> bool {
    let Input::File(path) = input else { return false };
    let is = |path: &Path, wanted: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(wanted));
    let inner = Path::new(path.file_stem().unwrap_or_default());
    let compressed = ["gz", "zst", "zstd"].iter().any(|ending| is(path, ending));
    is(path, "csv") || compressed && is(inner, "csv")
}
