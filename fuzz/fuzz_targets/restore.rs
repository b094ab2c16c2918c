//! Runs [`kiln_fuzz_targets::restore`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kiln_fuzz_targets::restore(bytes));
