#!/bin/sh
# Downloads the 32,033 names of the makemore repository to names.txt, or to the
# file named as argument, and checks them. Nothing else needs them.
set -eu
url=${MICROGPT_NAMES_URL:-https://raw.githubusercontent.com/karpathy/makemore/master/names.txt}
sha256=0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d
target=${1:-names.txt}

if [ -e "$target" ]; then
  echo "get_names.sh: $target is there already; nothing done" >&2
  exit 0
fi
part=$target.part
trap 'rm -f "$part"' EXIT
if command -v curl >/dev/null; then
  curl -fsSL -o "$part" "$url"
elif command -v wget >/dev/null; then
  wget -q -O "$part" "$url"
else
  echo "get_names.sh: install curl or wget" >&2
  exit 1
fi
if ! echo "$sha256  $part" | sha256sum -c --status; then
  echo "get_names.sh: $url is not the expected file (SHA-256 differs)" >&2
  exit 1
fi
mv "$part" "$target"
echo "get_names.sh: wrote $target" >&2
