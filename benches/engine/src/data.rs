//! The data of the benchmark: real events of the shared corpus, repeated in shuffled blocks up to a size.
//!
//! In: the name of a data set, or a file. Out: NDJSON in memory, and the same bytes as a file for other programs, so
//! that whoever is compared reads the same events. Repeats flatter caches and predictors, so the number of distinct
//! events is told with every figure. Without the corpus there are the events of [`crate::generate`].

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use kiln_test_support::{corpus, shared};

use crate::generate;

/// NDJSON in memory.
#[derive(Debug)]
pub struct Data {
    /// What it is called in tables.
    pub name: String,
    /// The lines.
    pub bytes: Vec<u8>,
    /// How many lines there are.
    pub events: usize,
    /// How many of them differ.
    pub distinct: usize,
}

/// How many lines stay together when blocks are shuffled.
const BLOCK: usize = 64;

/// The data sets of the corpus.
pub const CORPUS: [&str; 4] = ["mixed", "endpoint", "winmix", "winproc"];

/// The data set that needs no corpus. Its figures are no headline: nobody sends such events.
pub const GENERATED: &str = "generated";

/// The names of the data sets that can be made here.
pub fn available() -> Vec<&'static str> {
    if corpus::event_files().is_some() { CORPUS.to_vec() } else { vec![GENERATED] }
}

impl Data {
    /// The data set of this name, of about `size` bytes; none if there is no such name or the corpus is not there.
    pub fn make(name: &str, size: usize) -> Option<Self> {
        let lines = match name {
            "mixed" => all_events()?,
            "endpoint" => all_events()?.into_iter().filter(|line| is_endpoint(line)).collect(),
            "winmix" => windows("telemetry.ndjson.zst")?,
            "winproc" => windows("process-starts.ndjson.zst")?,
            GENERATED => return Some(Self::of(name, generate::lines(1, size))),
            _ => return None,
        };
        (!lines.is_empty()).then(|| repeat(name, &lines, size))
    }

    /// What a file holds, named after it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(path: &Path) -> io::Result<Self> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Ok(Self::of(&name, fs::read(path)?))
    }

    fn of(name: &str, bytes: Vec<u8>) -> Self {
        let mut distinct = HashSet::new();
        let mut events = 0;
        for line in bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            events += 1;
            distinct.insert(line);
        }
        let distinct = distinct.len();
        Self { name: name.to_owned(), bytes, events, distinct }
    }

    /// Writes the very bytes to `NAME.ndjson` in a folder; gives the path.
    ///
    /// # Errors
    /// The folder cannot be made or the file cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<PathBuf> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{}.ndjson", self.name));
        fs::write(&path, &self.bytes)?;
        Ok(path)
    }
}

fn all_events() -> Option<Vec<String>> {
    Some(corpus::event_files()?.iter().flat_map(|path| corpus::events(path)).collect())
}

fn windows(file: &str) -> Option<Vec<String>> {
    let path = shared::directory()?.join("corpus/windows").join(file);
    shared::lines(&path).ok()?.collect::<Result<_, _>>().ok()
}

/// Process, file, registry and library events.
fn is_endpoint(line: &str) -> bool {
    let Ok(event) = rule_lang::meaning::Event::from_json(line) else { return false };
    let wanted = ["process", "file", "registry", "library"];
    event.values("event.category").iter().any(|value| wanted.contains(&value.text()))
}

fn repeat(name: &str, lines: &[String], size: usize) -> Data {
    let blocks: Vec<&[String]> = lines.chunks(BLOCK).collect();
    let mut order: Vec<usize> = (0..blocks.len()).collect();
    let mut random = generate::Random::new(1);
    let mut bytes = Vec::with_capacity(size + (4 << 20));
    let mut events = 0;
    while bytes.len() < size {
        random.shuffle(&mut order);
        for &block in &order {
            for line in blocks[block] {
                bytes.extend_from_slice(line.as_bytes());
                bytes.push(b'\n');
                events += 1;
            }
        }
    }
    Data { name: name.to_owned(), bytes, events, distinct: lines.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lines_come_as_often_and_in_another_order() {
        let lines: Vec<_> = (0..1_000).map(|number| format!("{{\"n\":{number}}}")).collect();
        let data = repeat("x", &lines, 25_000);
        assert_eq!((data.events, data.distinct), (3_000, 1_000));
        let text = String::from_utf8(data.bytes).expect("the lines are text");
        let mut seen: Vec<_> = text.lines().collect();
        assert_ne!(seen[..1_000], seen[1_000..2_000]);
        seen.sort_unstable();
        assert!(seen.chunks(3).all(|same| same[0] == same[2]));
    }

    #[test]
    fn a_file_holds_the_bytes_that_are_measured() {
        let data = Data::make(GENERATED, 50_000).expect("it needs no corpus");
        let folder = std::env::temp_dir().join(format!("kiln-bench-{}", std::process::id()));
        let read = data.write(&folder).and_then(|path| Data::read(&path));
        let _ = fs::remove_dir_all(&folder);
        let read = read.expect("the temporary folder is writable");
        assert_eq!(read.bytes, data.bytes);
        assert_eq!((read.name, read.events, read.distinct), (data.name, data.events, data.distinct));
    }
}
