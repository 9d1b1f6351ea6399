#!/bin/sh
# AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer (gcc): the unit tests but those that count how often bars
# hold the truth, and one with an alarm clock of its own; the kept inputs of the fuzz targets; the life of a run on ranks.
# Tests ask for more memory than there is, and must be told so instead of being ended.
# shellcheck source=tests/gates/gate.sh
. "$(dirname "$0")/gate.sh"
export ASAN_OPTIONS=exitcode=99:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS="suppressions=$PWD/tests/gates/leaks.supp:print_suppressions=0:exitcode=99"
make asan all
ctest --test-dir build/asan --no-tests=error --output-on-failure --parallel 2 --label-regex unit \
    --exclude-regex "_coverage$|^test_hostile_checkpoint$" || exit 1
ctest --test-dir build/asan --no-tests=error --output-on-failure --tests-regex '^fuzz_' || exit 1
# Whose memory it is can be told only from whole stacks where MPI has loaded modules.
ASAN_OPTIONS=$ASAN_OPTIONS:fast_unwind_on_malloc=0 exec sh tests/gates/life.sh "$PWD/build/asan/bin/tessera"
