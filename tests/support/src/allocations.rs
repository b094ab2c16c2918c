//! Counts allocations, for tests that nothing is allocated.
//!
//! ```ignore
//! #[global_allocator]
//! static COUNTING: Counting = Counting;
//! ```
//! Each thread counts for itself: the thread that waits for a test allocates as well.

#![allow(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counting;

thread_local! {
    // Made at compile time and never dropped, so that using it allocates nothing.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// How many blocks this thread has allocated, or moved to grow, since it began. Always 0 without [`Counting`].
pub fn count() -> usize {
    ALLOCATIONS.with(Cell::get)
}

// SAFETY: every call is handed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the promises of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the promises of `GlobalAlloc::dealloc`.
        unsafe { System.dealloc(block, layout) }
    }
}

/// The same event a century later, so that a second pass does not go back in time. Other ways to write a time than a
/// text of this century stay as they are.
pub fn later(event: &str) -> String {
    let later = event.replace(r#""@timestamp":"20"#, r#""@timestamp":"21"#);
    later.replace(r#""@timestamp": "20"#, r#""@timestamp": "21"#)
}
