#!/bin/sh
# AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer (gcc): all unit tests, the kept inputs of the fuzz targets,
# and the life of a run on several ranks.
# shellcheck source=tests/gates/gate.sh
. "$(dirname "$0")/gate.sh"
export ASAN_OPTIONS=fast_unwind_on_malloc=0:exitcode=99 UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS="suppressions=$PWD/tests/gates/leaks.supp:print_suppressions=0:exitcode=99"
make asan all
ctest --test-dir build/asan --no-tests=error --output-on-failure --parallel 2 --label-regex unit || exit 1
ctest --test-dir build/asan --no-tests=error --output-on-failure --tests-regex '^fuzz_' || exit 1
exec sh tests/gates/life.sh "$PWD/build/asan/bin/tessera"
