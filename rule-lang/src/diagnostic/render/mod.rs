//! Diagnostics as text: for people at a terminal, for tools, and inside `compile_error!`.
//!
//! In: a [`super::Diagnostic`] and the [`crate::source::Sources`] its spans count in. Out: a string; nothing is
//! printed. Text that comes from a file is shown with control characters made visible, so that no rule file can steer
//! the terminal of whoever reads about it.

pub mod compile_error;
pub mod json;
pub mod terminal;

mod excerpt;
mod line;

#[cfg(test)]
mod tests;
