//! The record.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}
pub(crate) fn run(_arguments: &Arguments) -> Result<(), String> {
    Ok(())
}
