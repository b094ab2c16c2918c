//! Bytes of a file to a source text.

use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileId, SourceFile, Sources};
use crate::span::Span;

/// The largest file that is read; spans count bytes in 32 bits, and no rule is written by hand at this size.
const MAX_FILE_SIZE: usize = 16 << 20;
/// The largest file of many values or rules.
const MAX_LIST_SIZE: usize = 1 << 30;

/// Adds a file to `sources`; the finding says why its text cannot be used.
pub fn open(sources: &mut Sources, path: String, bytes: Vec<u8>) -> (FileId, Option<Diagnostic>) {
    let most = match super::extension(&path).as_str() {
        "toml" | "yml" | "yaml" => MAX_FILE_SIZE,
        _ => MAX_LIST_SIZE,
    };
    if bytes.len() > most {
        let message = format!("the file is {} bytes long, which is too much for a rule", bytes.len());
        let id = sources.add(SourceFile::new(path, ""));
        return (id, Some(Diagnostic::error(codes::file::TOO_LARGE, id, Span::at(0), message)));
    }
    match String::from_utf8(bytes) {
        Ok(text) => (sources.add(SourceFile::new(path, text)), None),
        Err(error) => invalid_utf8(sources, path, &error),
    }
}

fn invalid_utf8(
    sources: &mut Sources,
    path: String,
    error: &std::string::FromUtf8Error,
) -> (FileId, Option<Diagnostic>) {
    let at = error.utf8_error().valid_up_to();
    let byte = error.as_bytes()[at];
    // The text up to the bad byte keeps its offsets; what follows is only shown.
    let shown = String::from_utf8_lossy(error.as_bytes()).into_owned();
    let id = sources.add(SourceFile::new(path, shown));
    let message = format!("the file is not UTF-8: byte {at} is 0x{byte:02x}");
    let finding =
        Diagnostic::error(codes::file::INVALID_UTF8, id, Span::new(at as u32, at as u32 + 3), message);
    (id, Some(finding.help("save the file as UTF-8")))
}
