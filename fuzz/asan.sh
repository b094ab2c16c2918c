#!/usr/bin/env bash
# The reader with AVX-512, AVX2 and without, under AddressSanitizer. RUSTC_BOOTSTRAP=1 makes a stable compiler take the
# flag; a nightly one does not need it.
set -euo pipefail
cd "$(dirname "$0")/.."

host="$(rustc -vV | sed -n 's/^host: //p')"
# Some tests leak what they make static; leaks are not looked for.
ASAN_OPTIONS=detect_leaks=0 RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address" \
    cargo test -p rule-runtime --lib --test reader --test reader_forms --target "$host" --target-dir target/asan -- \
    reader:: objects keys numbers utf8 open brackets nesting huge byte_order backslashes cut broken noise
