//! Runs [`kiln_fuzz_targets::state`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kiln_fuzz_targets::state(bytes));
