//! Files mapped into memory.
//!
//! In: a file. Out: its bytes, without copying them, and how far they can be trusted: a file may be cut short while it is
//! read, as by `logrotate` with `copytruncate`. Where there is no such mapping [`Mapped::new`] gives nothing, and the file
//! has to be read. Knows nothing of lines.

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod linux;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub(crate) use linux::{Mapped, is_cached};

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
mod none;
#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
pub(crate) use none::{Mapped, is_cached};
