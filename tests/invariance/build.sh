#!/bin/sh
# build.sh PRESET: configures and builds build/PRESET; warnings are errors there.
set -eu
cd "$(dirname "$0")/../.."
cmake --preset "$1" -DTESSERA_TESTS=OFF
cmake --build "build/$1" --parallel 2
