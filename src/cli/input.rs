//! Where events come from: files, folders, stdin; plain, gzip or zstd.
//!
//! In: the paths of the command line. Out: what to read, in a fixed order, and readers that decompress. Knows nothing
//! of events.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek as _, Stdin};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

/// One thing to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// `-`
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// The name people know it by.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// What the arguments name.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    /// What to read, in the order of the arguments; files of a folder by their paths.
    pub(crate) inputs: Vec<Input>,
    /// What cannot be read: a name and the reason.
    pub(crate) problems: Vec<(String, String)>,
}

/// Endings of the files that are read from folders.
const ENDINGS: [&str; 3] = ["ndjson", "jsonl", "json"];
const COMPRESSED: [&str; 3] = ["gz", "zst", "zstd"];

/// Finds the files that `paths` name; no path means stdin.
pub(crate) fn find(paths: &[PathBuf]) -> Inputs {
    let mut found = Inputs::default();
    if paths.is_empty() {
        found.inputs.push(Input::Stdin);
    }
    for path in paths {
        if path.as_os_str() == "-" {
            if !found.inputs.contains(&Input::Stdin) {
                found.inputs.push(Input::Stdin);
            }
            continue;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => found.add_folder(path),
            Ok(_) => found.inputs.push(Input::File(path.clone())),
            Err(error) => found.problem(path, &error),
        }
    }
    found
}

impl Inputs {
    fn problem(&mut self, path: &Path, error: &io::Error) {
        self.problems.push((path.display().to_string(), reason(error)));
    }

    fn add_folder(&mut self, folder: &Path) {
        let before = self.inputs.len();
        let problems = self.problems.len();
        walk(folder, &holds_events, &mut |path| self.inputs.push(Input::File(path)), &mut self.problems);
        if self.inputs.len() == before && self.problems.len() == problems {
            let endings = ENDINGS.map(|ending| format!("*.{ending}")).join(", ");
            self.problems.push((
                folder.display().to_string(),
                format!("the folder holds no events: no file is called {endings} (or with .gz, .zst)"),
            ));
        }
        self.inputs[before..].sort_by(|left, right| path_of(left).cmp(&path_of(right)));
    }
}

fn path_of(input: &Input) -> Option<&Path> {
    match input {
        Input::Stdin => None,
        Input::File(path) => Some(path),
    }
}

/// Folders below one another that are looked into; links may lead in circles.
const DEEPEST: usize = 64;

/// Calls `found` with every file below `folder` that is `wanted`, in no particular order.
pub(crate) fn walk(
    folder: &Path,
    wanted: &dyn Fn(&Path) -> bool,
    found: &mut dyn FnMut(PathBuf),
    problems: &mut Vec<(String, String)>,
) {
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                problems.push((folder.display().to_string(), reason(&error)));
                continue;
            }
        };
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            // A link to a folder is not followed; a link to a file is.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && depth < DEEPEST {
                folders.push((path, depth + 1));
            } else if !is_folder && wanted(&path) && path.is_file() {
                found(path);
            }
        }
    }
}

fn holds_events(path: &Path) -> bool {
    let ending = |path: &Path, of: &[&str]| {
        path.extension().is_some_and(|e| of.iter().any(|ending| e.eq_ignore_ascii_case(ending)))
    };
    if ending(path, &COMPRESSED) {
        return path.file_stem().is_some_and(|stem| ending(Path::new(stem), &ENDINGS));
    }
    ending(path, &ENDINGS)
}

/// What the system says, without its number.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => "unknown error".to_owned(),
    }
}

/// How an input is read.
pub(crate) enum Opened {
    /// A plain file, read in ranges.
    Plain {
        /// The file.
        file: File,
        /// Its length when it was opened.
        len: u64,
    },
    /// Anything else, read from front to back.
    Stream {
        /// Its text.
        reader: Box<dyn Read + Send>,
        /// Whether lines are waited for as they come.
        live: bool,
    },
}

/// Opens an input; how it is compressed is told by its first bytes.
pub(crate) fn open(input: &Input) -> io::Result<Opened> {
    match input {
        Input::Stdin => {
            let reader = BufReader::with_capacity(BUFFER, LockedStdin(io::stdin()));
            Ok(Opened::Stream { reader: decompress(reader)?, live: true })
        }
        Input::File(path) => {
            let mut file = File::open(path)?;
            let metadata = file.metadata()?;
            if metadata.is_dir() {
                return Err(io::Error::other("is a folder"));
            }
            if !metadata.is_file() {
                let reader = BufReader::with_capacity(BUFFER, file);
                return Ok(Opened::Stream { reader: decompress(reader)?, live: true });
            }
            let mut start = Vec::with_capacity(8);
            file.by_ref().take(4).read_to_end(&mut start)?;
            if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
                return Err(io::Error::other("the text is UTF-16; convert it to UTF-8"));
            }
            if compression(&start).is_some() {
                file.rewind()?;
                let reader = BufReader::with_capacity(BUFFER, file);
                return Ok(Opened::Stream { reader: decompress(reader)?, live: false });
            }
            Ok(Opened::Plain { file, len: metadata.len() })
        }
    }
}

const BUFFER: usize = 256 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compression {
    Gzip,
    Zstd,
}

fn compression(start: &[u8]) -> Option<Compression> {
    match start {
        [0x1f, 0x8b, ..] => Some(Compression::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Compression::Zstd),
        _ => None,
    }
}

fn decompress(mut reader: impl BufRead + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    Ok(match compression(reader.fill_buf()?) {
        Some(Compression::Gzip) => Box::new(MultiGzDecoder::new(reader)),
        Some(Compression::Zstd) => Box::new(zstd::stream::Decoder::with_buffer(reader)?),
        None => Box::new(reader),
    })
}

/// Stdin without a lock that is bound to a thread.
struct LockedStdin(Stdin);

impl Read for LockedStdin {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.lock().read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_give_files_of_events() {
        for name in ["a.ndjson", "a.JSON", "a.jsonl.gz", "a.ndjson.zst"] {
            assert!(holds_events(Path::new(name)), "{name}");
        }
        for name in ["a.txt", "a.gz", "a.json.bak", "ndjson", "README.md"] {
            assert!(!holds_events(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn reasons_are_short() {
        assert_eq!(reason(&io::Error::from_raw_os_error(2)), "no such file or directory");
    }
}
