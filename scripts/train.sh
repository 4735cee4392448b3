#!/bin/sh
# Installs what is missing, builds microgpt, trains it and prints samples.
# All arguments are flags of microgpt; without --input it takes input.txt of the
# current folder if there is one, else the built-in names.
set -eu
. "$(dirname -- "$(readlink -f -- "$0")")/common.sh"

# shellcheck disable=SC2086
ensure_packages $build_packages
if [ ! -f "$build/build.ninja" ]; then
  configure "$build"
fi
ninja -C "$build" src/cli/microgpt >&2
exec "$build/src/cli/microgpt" train "$@"
