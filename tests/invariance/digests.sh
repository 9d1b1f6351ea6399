#!/bin/sh
# The promise "same bits": one job over ranks x threads x order of tiles x build x vector width, one digest.
# digests.sh BUILD [OTHER_BUILD...]: build folders; the first one is run in every shape, the others in a few.
set -u
cd "$(dirname "$0")/../.." || exit 1
first=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Small, but with hundreds of tiles, a ragged last tile, a dataset, a sweep, and passes that refine. The first two run
# in every shape; the rest in a third of those with ranks, so that each number of ranks and of threads has its turn.
always="jobs/market-risk.yaml:loss.items=300001,loss.tile_items=1000 tests/invariance/statistics.yaml:seed=20261122"
often="jobs/option-surface.yaml:items=20011 jobs/pi.yaml:items=1000003 tests/invariance/tails.yaml:items=50007 \
tests/invariance/bins.yaml:seed=11 tests/invariance/filters.yaml:seed=11 tests/invariance/formulas.yaml:seed=11 \
tests/invariance/methods.yaml:seed=11 tests/invariance/series.yaml:seed=11"

# digest PROGRAM RANKS THREADS JOB SETTINGS EXTRA...
digest() {
    program=$1 ranks=$2 threads=$3 job=$4 settings=$5
    shift 5
    set -- run "$job" --quiet --json --oversubscribe --threads "$threads" --out "$folder/out.h5" --force "$@"
    for setting in $(printf '%s' "$settings" | tr ',' ' '); do set -- "$@" --set "$setting"; done
    if [ "$ranks" = 0 ]; then
        timeout -k 5 120 "$program" "$@"
    else
        timeout -k 5 120 mpirun -q --bind-to none -n "$ranks" "$program" "$@"
    fi 2>"$folder/err" | sed -n 's/.*"digest": *"\([0-9a-f]*\)".*/\1/p'
}

# check NAME RANKS THREADS PROGRAM EXTRA...: the jobs in one shape; compares with the first shape seen, which had all.
check() {
    name=$1 ranks=$2 threads=$3 program=$4
    shift 4
    found=
    missing=0
    for entry in $jobs; do
        one=$(digest "$program" "$ranks" "$threads" "${entry%%:*}" "${entry#*:}" "$@")
        [ -n "$one" ] || { printf '%s %sx%s: no digest: ' "$name" "$ranks" "$threads"; cat "$folder/err"; missing=1; }
        found="$found $(printf '%.12s' "$one")"
    done
    printf '%-26s %5s x %-7s %s\n' "$name" "$ranks" "$threads" "$found"
    shapes=$((shapes + 1))
    [ -n "${expected:-}" ] || expected=$found
    case $missing$expected in
    0"$found"*) ;;
    *) differ=$((differ + 1)) ;;
    esac
}

# jobs_of RANKS THREADS TURN: sets jobs.
jobs_of() {
    jobs=$always
    [ $((($1 + $2) % 3)) -ne "$3" ] || jobs="$always $often"
}

shapes=0
differ=0
printf '%-26s %5s x %-7s  digest of each job (0 ranks: without mpirun)\n' build ranks threads
tessera=$first/bin/tessera
jobs="$always $often"
for threads in 1 2 3; do check "${first##*/}" 0 "$threads" "$tessera"; done
for ranks in 1 2 3 4 7; do
    for threads in 1 2 3; do
        jobs_of "$ranks" "$threads" 0
        check "${first##*/}" "$ranks" "$threads" "$tessera"
        jobs_of "$ranks" "$threads" 1
        check "${first##*/}, shuffled" "$ranks" "$threads" "$tessera" --shuffle-tiles $((ranks * 1000003 + threads))
    done
done
jobs="$always $often"
for build in "$@"; do
    check "${build##*/}" 0 1 "$build/bin/tessera"
    check "${build##*/}" 2 2 "$build/bin/tessera"
    check "${build##*/}, shuffled" 3 1 "$build/bin/tessera" --shuffle-tiles 77
done

# The narrow vectors alone: a folder without the wide library, found before the one beside the program.
for build in "$first" "$@"; do
    mkdir -p "$folder/narrow"
    cp "$build/lib/libtessera.so" "$folder/narrow/"
    LD_LIBRARY_PATH="$folder/narrow${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    export LD_LIBRARY_PATH
    check "${build##*/}, 256-bit vectors" 0 2 "$build/bin/tessera"
    unset LD_LIBRARY_PATH
done

printf '%s shapes, %s differ\n' "$shapes" "$differ"
[ "$differ" -eq 0 ] && [ -n "$(printf '%s' "$expected" | tr -d ' ')" ]
