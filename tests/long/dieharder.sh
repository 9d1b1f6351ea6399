#!/bin/sh
# The random words in three layouts through dieharder, about 15 minutes: dieharder.sh STREAM_WORDS
# Doubtful results are repeated with more samples until they pass or fail (-Y 1).
set -u
words=$1
report=$(mktemp) || exit 1
trap 'rm -f "$report"' EXIT

run() {
    layout=$1 test=$2 width=$3
    "$words" "$layout" | dieharder -g 200 -d "$test" -n "$width" -Y 1 | grep -E 'PASSED|WEAK|FAILED' |
        sed "s/^/$layout /" | tee -a "$report"
}

for layout in items blocks draws; do
    for test in 0 1 3 8 10 15 16 100 101 102 202 204 205 206 207 208 209; do run "$layout" "$test" 0; done
    run "$layout" 200 3 # triples of bits
    run "$layout" 201 3 # nearest neighbours in three dimensions
done
passed=$(grep -c PASSED "$report")
failed=$(grep -c FAILED "$report")
echo "$passed statistics passed, $failed failed"
# Every test of every layout must have answered.
tests=$(awk '{print $1, $2}' "$report" | sort -u | wc -l)
[ "$failed" -eq 0 ] && [ "$tests" -ge 57 ]
