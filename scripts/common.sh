# Shared by the scripts beside it: packages and the release build.
# shellcheck shell=sh
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "$0")")/.." && pwd)
build=${MICROGPT_BUILD_DIR:-$root/build}

build_packages="g++ meson ninja-build pkgconf python3 libtbb-dev libhwy-dev
  libcli11-dev libfmt-dev nlohmann-json3-dev libxxhash-dev libutfcpp-dev"
test_packages="libgtest-dev libbenchmark-dev"
slow_test_packages="strace groff-base zsh fish cmake protobuf-compiler"
package_packages="git build-essential debhelper"

say() { printf '%s\n' "$*" >&2; }

is_installed() {
  dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

installed_any=
# Installs those of the named Debian packages that are missing. Where that cannot
# be done, says which they are; the libraries among them then come from
# subprojects/*.wrap.
ensure_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    ensure_tools "$@"
    return
  fi
  missing=
  for package in "$@"; do
    is_installed "$package" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -eq 0 ]; then
    as_root=
  elif command -v sudo >/dev/null; then
    as_root=sudo
  else
    say "These Debian packages are missing, and neither root nor sudo is at hand:"
    say " $missing"
    ensure_tools "$@"
    return
  fi
  say "Installing:$missing"
  # shellcheck disable=SC2086
  $as_root apt-get update -qq >&2
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $missing >&2
  installed_any=yes
}

ensure_tools() {
  absent=
  for tool in meson ninja python3 pkg-config; do
    command -v "$tool" >/dev/null || absent="$absent $tool"
  done
  command -v c++ >/dev/null || command -v g++ >/dev/null ||
    command -v clang++ >/dev/null || absent="$absent g++ (12 or newer)"
  if [ -n "$absent" ]; then
    say "Please install:$absent"
    say "The libraries ($*) are fetched by Meson where they are missing."
    exit 1
  fi
}

# configure DIR [meson options]: sets up or updates a build folder.
configure() {
  folder=$1
  shift
  if [ -f "$folder/build.ninja" ] && [ -n "$installed_any" ]; then
    # Meson looks for packages once.
    meson setup --reconfigure "$folder" "$root" "$@" >&2
  elif [ -f "$folder/build.ninja" ]; then
    # An unchanged option costs nothing.
    [ $# -eq 0 ] || meson configure "$folder" "$@" >&2
  else
    meson setup "$folder" "$root" "$@" >&2
  fi
}
