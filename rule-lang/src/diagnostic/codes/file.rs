//! Codes of the file loaders (`E01`), of rule fields (`E02`) and of the set of rules (`E05`).
