#!/bin/sh
# clang-tidy with the checks of .clang-tidy (bugprone, analyzer, MPI) over engine, kernels, io and cli.
# tidy.sh BUILD: a build folder of clang, for its compile_commands.json
set -u
cd "$(dirname "$0")/../.." || exit 1
find engine kernels io cli -name '*.c' -print0 | xargs -0 -n 6 -P 2 clang-tidy-14 --quiet -p "$1" 2>/dev/null
