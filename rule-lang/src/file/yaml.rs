//! YAML files.

use super::Node;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileId, SourceFile};
use crate::span::Span;

/// Parses.
pub fn parse(_source: &SourceFile, file: FileId) -> Result<Node, Vec<Diagnostic>> {
    Err(vec![Diagnostic::error(codes::file::YAML_SYNTAX, file, Span::at(0), "not yet")])
}
