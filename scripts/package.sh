#!/bin/sh
# Makes Debian packages of the last commit, and the source archive that they are
# made of:  scripts/package.sh FOLDER
# The recipe is in scripts/debian. Tests are not run; for that, set
# DEB_BUILD_OPTIONS and DEB_BUILD_PROFILES without "nocheck". Equal commits give equal
# packages, since all dates are that of the commit (SOURCE_DATE_EPOCH).
set -eu
. "$(dirname -- "$(readlink -f -- "$0")")/common.sh"

if [ $# -ne 1 ]; then
  say "usage: scripts/package.sh FOLDER"
  exit 2
fi
if ! git -C "$root" rev-parse HEAD >/dev/null 2>&1; then
  say "package.sh: $root is no git repository; packages are made of a commit"
  exit 3
fi
mkdir -p -- "$1"
target=$(readlink -f -- "$1")

# shellcheck disable=SC2086
ensure_packages $build_packages $package_packages

SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}
DEB_BUILD_OPTIONS=${DEB_BUILD_OPTIONS-nocheck terse}
DEB_BUILD_PROFILES=${DEB_BUILD_PROFILES-nocheck}
export SOURCE_DATE_EPOCH DEB_BUILD_OPTIONS DEB_BUILD_PROFILES

if ! git -C "$root" diff --quiet HEAD; then
  say "package.sh: changes that are not committed are left out"
fi
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
meson setup "$work/configured" "$root" -Dtests=disabled -Dbenchmarks=disabled >&2
meson dist -C "$work/configured" --no-tests --allow-dirty >&2
archive=$(echo "$work"/configured/meson-dist/microgpt-*.tar.xz)
version=$(basename -- "$archive" .tar.xz)
version=${version#microgpt-}
# As src/meson.build has it.
case $version in
  0.*) soversion=${version%.*} ;;
  *) soversion=${version%%.*} ;;
esac
maintainer="${DEBFULLNAME:-microgpt maintainers} <${DEBEMAIL:-maintainers@example.org}>"

cp -- "$archive" "$work/microgpt_$version.orig.tar.xz"
tar -xf "$archive" -C "$work"
source=$work/microgpt-$version
cp -r "$source/scripts/debian" "$source/debian"
(
  cd "$source/debian"
  sed "s/@SOVERSION@/$soversion/; s/@MAINTAINER@/$maintainer/" control.in >control
  rm control.in
  mv libmicrogpt.install "libmicrogpt$soversion.install"
  printf 'microgpt (%s-1) unstable; urgency=medium\n\n  * Version %s; see CHANGELOG.md.\n\n -- %s  %s\n' \
    "$version" "$version" "$maintainer" "$(LC_ALL=C date -Ru -d "@$SOURCE_DATE_EPOCH")" >changelog
)
(cd "$source" && dpkg-buildpackage -us -uc -b >&2)
cp -- "$archive" "$work"/*.deb "$target"
ls "$target"
