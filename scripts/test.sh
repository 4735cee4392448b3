#!/bin/sh
# Installs what is missing, builds everything and runs the test suite.
#   --slow                 the slow suite too
#   --reference-data DIR   also compare with data/names.txt and reference/ there
#   --werror               warnings are errors
set -eu
. "$(dirname -- "$(readlink -f -- "$0")")/common.sh"

slow=--no-suite=slow
set_reference=
set_werror=
while [ $# -gt 0 ]; do
  case $1 in
    --slow)
      slow=
      test_packages="$test_packages $slow_test_packages"
      ;;
    --werror) set_werror=-Dwerror=true ;;
    --reference-data)
      [ $# -gt 1 ] || { say "--reference-data needs a folder"; exit 2; }
      set_reference=-Dreference_data=$(readlink -f -- "$2")
      shift
      ;;
    *)
      say "unknown argument $1; see the head of scripts/test.sh"
      exit 2
      ;;
  esac
  shift
done

# shellcheck disable=SC2086
ensure_packages $build_packages $test_packages
configure "$build" -Dtests=enabled -Dbenchmarks=enabled \
  ${set_reference:+"$set_reference"} ${set_werror:+"$set_werror"}
ninja -C "$build" >&2
exec meson test -C "$build" --no-rebuild --print-errorlogs ${slow:+"$slow"}
