#!/usr/bin/env bash
# The reader with AVX-512, AVX2 and without, under AddressSanitizer, then under valgrind (which has no AVX-512 and
# sees the other two). RUSTC_BOOTSTRAP=1 makes a stable compiler take the flags; a nightly one does not need it.
set -euo pipefail
cd "$(dirname "$0")/.."

host="$(rustc -vV | sed -n 's/^host: //p')"
tests=(-p rule-runtime --lib --test reader --test reader_forms)
RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address" \
    cargo test "${tests[@]}" --target "$host" --target-dir target/asan -- reader:: objects keys numbers utf8 open \
    nesting huge byte_order backslashes cut broken noise

command -v valgrind >/dev/null || exit 0
for test in $(cargo test "${tests[@]}" --no-run --message-format=json |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p'); do
    valgrind --quiet --error-exitcode=1 --max-stackframe=4000000 "$test" reader:: keys numbers nesting byte_order cut
done
