#!/usr/bin/env bash
# The reader under Miri: its portable path, as Miri has no vector instructions. Some minutes. Once before:
#     rustup toolchain install nightly --component miri,rust-src
set -euo pipefail
cd "$(dirname "$0")/.."

cargo +nightly miri test -p rule-runtime --lib -- reader::
