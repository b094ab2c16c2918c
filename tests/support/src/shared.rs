//! Where the shared test data is, if it is there, and how to read its files.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The directory of the shared test data: `KILN_SHARED`, or `shared` beside the workspace or its parent. `None` if
/// there is none; tests then say that they skipped.
pub fn directory() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("KILN_SHARED") {
        return Some(given.into());
    }
    ["../shared", "../../shared"].iter().map(|up| workspace().join(up)).find(|path| path.is_dir())
}

/// All files below a directory, in order of their paths.
///
/// # Panics
/// If it cannot be read.
pub fn files(directory: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
        .map(|entry| entry.expect("a readable entry").path())
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect();
    paths.sort();
    paths
}

/// The lines of a file; one whose name ends in `.zst` is decompressed.
pub fn lines(path: &Path) -> io::Result<impl Iterator<Item = io::Result<String>>> {
    let file = File::open(path)?;
    let plain: Box<dyn Read> = if path.extension().is_some_and(|extension| extension == "zst") {
        Box::new(zstd::Decoder::new(file)?)
    } else {
        Box::new(file)
    };
    Ok(BufReader::new(plain).lines())
}
