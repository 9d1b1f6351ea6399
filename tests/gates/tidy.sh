#!/bin/sh
# clang-tidy with the checks of .clang-tidy (bugprone, analyzer, MPI) over engine, kernels, io and cli, each file compiled
# as build/tsan has it, which is a build of clang.
set -u
# shellcheck source=tests/gates/gate.sh
. "$(dirname "$0")/gate.sh"
configure tsan
find engine kernels io cli -name '*.c' -print0 | xargs -0 -n 6 -P 2 clang-tidy-14 --quiet -p build/tsan 2>build/tsan/tidy.log
