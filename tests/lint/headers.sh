#!/bin/sh
# Every header compiles alone and twice, and says what it is in its first line.
set -u
cd "$(dirname "$0")/../.." || exit 1
flags="-std=c17 -D_GNU_SOURCE -I. -fsyntax-only -x c $(pkg-config --cflags hdf5-openmpi)"
check() {
    # shellcheck disable=SC2086
    printf '#include "%s"\n#include "%s"\n' "$1" "$1" | gcc $flags - || printf '%s does not stand alone\n' "$1"
    head -n 1 "$1" | grep -q '^/\* ' || printf '%s: the first line does not say what it is\n' "$1"
}
found=$(find engine kernels io cli -name '*.h' | while read -r header; do check "$header"; done)
[ -z "$found" ] || { printf '%s\n' "$found"; exit 1; }
