#!/usr/bin/env bash
# Runs fuzz targets: fuzz/run.sh [SECONDS [TARGET...]]. Needs cargo-fuzz and a nightly compiler; with a stable one,
# RUSTC_BOOTSTRAP=1 does. What it finds lies in fuzz/artifacts, what it learnt in fuzz/corpus; neither is committed.
set -euo pipefail
cd "$(dirname "$0")"

seconds="${1:-60}"
targets=("${@:2}")
[ "${#targets[@]}" -gt 0 ] || targets=(reader rule_file exceptions query matcher state restore pattern regex)
toolchain=()
[ -n "${RUSTC_BOOTSTRAP:-}" ] || toolchain=(+nightly)

# The project's own rules, queries and events to start from.
seed() {
    local corpus="corpus/$1"
    [ -d "$corpus" ] && return
    mkdir -p "$corpus"
    case "$1" in
    reader) cat ../examples/events/*.ndjson ../rules/*/*.ndjson | split -l 3 - "$corpus/events-" ;;
    rule_file) cp ../rules/*/*.toml ../rules/*/*.yml "$corpus" ;;
    exceptions) cp ../tests/exceptions/lists/* "$corpus" ;;
    query)
        local file
        for file in ../rules/*/*.toml; do
            sed -n "/^query = '''/,/^'''/p" "$file" | sed "1d;\$d" >"$corpus/$(basename "$file" .toml)"
        done
        ;;
    esac
}

declare -A dictionaries=([reader]=json.dict [rule_file]=rule.dict [exceptions]=rule.dict [query]=eql.dict)
# Some input needs time: a rule file with many mistakes, a regular expression with a large automaton.
for target in "${targets[@]}"; do
    seed "$target"
    dictionary=()
    [ -z "${dictionaries[$target]:-}" ] || dictionary=("-dict=${dictionaries[$target]}")
    cargo "${toolchain[@]}" fuzz run "$target" -- \
        -max_total_time="$seconds" -max_len=8192 -timeout=30 -rss_limit_mb=4096 "${dictionary[@]}"
done
