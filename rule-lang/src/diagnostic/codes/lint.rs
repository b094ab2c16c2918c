//! Codes of the lints for dead logic (`W06`).
