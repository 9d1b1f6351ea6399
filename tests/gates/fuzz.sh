#!/bin/sh
# fuzz.sh SECONDS READER...: libFuzzer looks for new inputs for so long, then keeps the few that reach all it has seen, in
# tests/fuzz/corpus/READER. What it finds is left in build/fuzz/found, and becomes a kept input once it is mended.
# shellcheck source=tests/gates/gate.sh
. "$(dirname "$0")/gate.sh"
export LSAN_OPTIONS="suppressions=$PWD/tests/fuzz/leaks.supp:print_suppressions=0"
seconds=$1
shift
for reader in "$@"; do
    make fuzz "fuzz_$reader"
    kept=tests/fuzz/corpus/$reader
    mkdir -p "build/fuzz/corpus/$reader" build/fuzz/found "build/fuzz/least/$reader" "$kept"
    program="build/fuzz/bin/fuzz_$reader -artifact_prefix=build/fuzz/found/ -timeout=20"
    # shellcheck disable=SC2086
    $program -max_total_time="$seconds" -max_len=60000 -print_final_stats=1 "build/fuzz/corpus/$reader" "$kept" || exit 1
    # shellcheck disable=SC2086
    $program -merge=1 "build/fuzz/least/$reader" "$kept" "build/fuzz/corpus/$reader" || exit 1
    # As many as fit, the smallest ones first.
    find "build/fuzz/least/$reader" -type f -printf '%s %p\n' | sort -n |
        awk '{bytes += $1; if (NR <= 50 && bytes <= 100000) print $2}' | xargs -r cp -t "$kept"
done
