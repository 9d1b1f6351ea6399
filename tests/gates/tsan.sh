#!/bin/sh
# ThreadSanitizer (clang and its OpenMP runtime, whose barriers Archer explains to it): what threads share, and the life of
# a run in which the team computes while one thread writes checkpoints and another watches.
# shellcheck source=tests/gates/gate.sh
. "$(dirname "$0")/gate.sh"
export TSAN_OPTIONS="ignore_noninstrumented_modules=1 exitcode=99"
export OMP_TOOL_LIBRARIES=/usr/lib/llvm-14/lib/libarcher.so
tests tsan schedule roll run run_lock signals prints restore snapshot
make tsan tessera
# Its shadow needs the addresses where they are without randomisation.
ITEMS=60000 exec sh tests/gates/life.sh setarch -R "$PWD/build/tsan/bin/tessera"
