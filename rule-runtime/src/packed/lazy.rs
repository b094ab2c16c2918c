//! What rules say of themselves, unpacked one by one.
//!
//! In: the packed form of a set that lives as long as the program. Out: the texts of one rule, when they are first asked
//! for. Most rules of a run find nothing, and nobody reads what they say.

use std::sync::OnceLock;

use bumpalo::Bump;

use super::UnpackError;
use super::basic::Pack;
use super::read::Reader;
use crate::info::RuleInfo;

/// Where a rule says what it says of itself.
#[derive(Debug)]
pub(crate) struct LazyInfo {
    /// All texts of the set, and where the next new one starts.
    texts: (&'static str, usize),
    tables: &'static [u8],
    info: OnceLock<&'static RuleInfo<'static>>,
}

impl LazyInfo {
    pub(super) fn new(texts: (&'static str, usize), tables: &'static [u8]) -> Self {
        Self { texts, tables, info: OnceLock::new() }
    }

    /// What the rule says.
    ///
    /// # Panics
    /// If the bytes are no rule: generated code holds what the compiler has packed.
    pub(crate) fn get(&'static self) -> &'static RuleInfo<'static> {
        self.info.get_or_init(|| self.unpack().unwrap_or_else(|error| panic!("{error}")))
    }

    fn unpack(&self) -> Result<&'static RuleInfo<'static>, UnpackError> {
        // Lives as long as the program, as the set does.
        let arena = Box::leak(Box::new(Bump::new()));
        let mut reader = Reader::of_tables(self.texts, self.tables, arena);
        let info = Pack::read(&mut reader)?;
        reader.finish()?;
        Ok(arena.alloc(info))
    }
}
