#!/usr/bin/env bash
# Fuzzes every target for a while, two at a time, and fails if one finds anything:
#
#   CXX=clang++ meson setup build-fuzz -Dfuzzers=true -Doptimization=1 \
#     -Db_sanitize=address,undefined -Db_lundef=false
#   ninja -C build-fuzz fuzzers
#   tests/fuzz/run_fuzzers.sh build-fuzz 60 [TARGET...]
#
# FUZZ_SEED=N repeats the inputs of an earlier run with N, as far as its time goes.
#
# Inputs that a target fails on, and its log, are left in BUILD/fuzz-findings.
set -euo pipefail

if [ $# -lt 2 ]; then
  echo "usage: run_fuzzers.sh BUILD_FOLDER SECONDS [TARGET...]" >&2
  exit 2
fi
fuzzers=$(readlink -f -- "$1")/tests/fuzz
findings=$(readlink -f -- "$1")/fuzz-findings
seconds=$2
shift 2
seeds=$(dirname -- "$(readlink -f -- "$0")")/seeds
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Freed memory is soon used again, or it would count against the limit.
export ASAN_OPTIONS=quarantine_size_mb=8
# A report of undefined behaviour alone would not end the run.
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

# New inputs go into the first folder, which begins as a copy of the seeds.
fuzz() {
  local target=$1
  local log=$findings/$target.log
  cp -r "$seeds/$target" "$scratch/$target"
  # libFuzzer draws a seed for 0.
  if ! "$fuzzers/${target}_fuzzer" "$scratch/$target" -max_total_time="$seconds" \
    -seed="${FUZZ_SEED:-0}" \
    -timeout=10 -rss_limit_mb=512 -malloc_limit_mb=16 -print_final_stats=1 \
    -artifact_prefix="$findings/$target-" >"$log" 2>&1; then
    tail -n 60 "$log"
    echo "$target: a finding, see $findings"
    return 1
  fi
  echo "$target: $(grep "cov: " "$log" | tail -n 1)"
}

rm -rf "$findings"
mkdir -p "$findings"
export -f fuzz
export fuzzers findings seconds seeds scratch
if [ $# -eq 0 ]; then
  for folder in "$seeds"/*/; do
    set -- "$@" "$(basename "$folder")"
  done
fi
# shellcheck disable=SC2016  # the inner shell expands it
printf '%s\n' "$@" | xargs -P 2 -n 1 bash -euc 'fuzz "$1"' _
