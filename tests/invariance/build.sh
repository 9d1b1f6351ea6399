#!/bin/sh
# build.sh PRESET: configures and builds build/digests/PRESET, without tests; warnings are errors there.
set -eu
cd "$(dirname "$0")/../.."
cmake --preset "$1" -B "build/digests/$1" -DTESSERA_TESTS=OFF
cmake --build "build/digests/$1" --parallel 2
