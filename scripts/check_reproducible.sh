#!/bin/sh
# Builds the Debian packages twice, in different places, and compares them:
#   scripts/check_reproducible.sh FOLDER
# Leaves the first ones in FOLDER. Takes some minutes.
set -eu
. "$(dirname -- "$(readlink -f -- "$0")")/common.sh"

if [ $# -ne 1 ]; then
  say "usage: scripts/check_reproducible.sh FOLDER"
  exit 2
fi
"$root/scripts/package.sh" "$1"
first=$(readlink -f -- "$1")

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir -p "$work/a-longer-path/to/build/in"
(
  umask 077
  TMPDIR="$work/a-longer-path/to/build/in" TZ=Asia/Kolkata LC_ALL=C.UTF-8 \
    "$root/scripts/package.sh" "$work/second"
)
compared=0
for package in "$first"/*.deb; do
  cmp -- "$package" "$work/second/$(basename -- "$package")" || {
    say "check_reproducible.sh: $(basename -- "$package") is not the same twice"
    exit 1
  }
  compared=$((compared + 1))
done
say "$compared packages, the same twice"
