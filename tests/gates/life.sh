#!/bin/sh
# The life of a run on ranks and threads, under a tool that reports: computed whole; stopped on record by a signal; gone on
# with on another shape, to the same digest; extended; verified; one item replayed; what is refused is refused.
# life.sh PROGRAM [ARGUMENT...]: how tessera is started, be it through a tool. ITEMS: what takes some seconds there.
set -u
cd "$(dirname "$0")/../.." || exit 1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cp tests/gates/life.yaml tests/invariance/*.yaml jobs/market-risk.yaml "$folder"
cp -r jobs/data "$folder"
cd "$folder" || exit 1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMP_WAIT_POLICY=passive

# judge CODE EXPECTED WHAT: a tool gives codes of its own, or says something where the code is that of a rank that is well.
judge() {
    if [ "$1" -ne "$2" ] || grep -qE 'Sanitizer|runtime error:|ERROR SUMMARY: [1-9]' err; then
        printf 'FAILED: %s: exit code %s, expected %s\n' "$3" "$1" "$2"
        head -c 20000 err
        exit 1
    fi
    printf 'ok: %s\n' "$3"
}

# ranks CODE RANKS ARGUMENT...: with two threads each. The program's words are in $command.
ranks() {
    code=$1 count=$2
    shift 2
    got=0
    # shellcheck disable=SC2086
    timeout -k 5 "${BOUND:-300}" mpirun -q -n "$count" $command "$@" --threads 2 --oversubscribe --quiet >out 2>err </dev/null ||
        got=$?
    judge "$got" "$code" "$* on $count x 2"
}

# stop RANKS ARGUMENT...: a signal once there is a checkpoint.
stop() {
    count=$1
    shift
    rm -f stopped.h5*
    # shellcheck disable=SC2086
    mpirun -q -n "$count" $command run "$@" --checkpoint-every 0.05 --out stopped.h5 --threads 2 --oversubscribe --quiet \
        >out 2>err </dev/null &
    pid=$!
    for _ in $(seq 3000); do
        [ ! -e stopped.h5.checkpoint-1 ] || break
        kill -0 "$pid" 2>none || break
        sleep 0.1
    done
    kill -USR1 "$pid" 2>none
    got=0
    wait "$pid" || got=$?
    judge "$got" 75 "$1 stopped on $count x 2"
}

digest_of() { ncdump -h "$1" | sed -n 's/.*:digest = "\(.*\)".*/\1/p'; }
same() {
    [ -n "$(digest_of "$1")" ] && [ "$(digest_of "$1")" = "$(digest_of "$2")" ] && return
    printf 'FAILED: %s and %s differ\n' "$1" "$2"
    exit 1
}

command=$*
items=${ITEMS:-300000}
ranks 0 2 run life.yaml --set "paths.items=$items" --checkpoint-every 0.05 --out whole.h5
stop 2 life.yaml --set "paths.items=$items"
ranks 0 3 resume stopped.h5
same whole.h5 stopped.h5
ranks 0 2 run life.yaml --set "paths.items=$((items + 5000))" --out more.h5
ranks 0 2 resume stopped.h5 --items "paths=$((items + 5000))"
same more.h5 stopped.h5
ranks 0 2 verify stopped.h5 --tiles 20
for job in ${JOBS:-statistics tails bins formulas}; do ranks 0 2 run "$job.yaml"; done
[ -n "${JOBS:-}" ] || ranks 0 2 run market-risk.yaml --set loss.items=1e5
got=0
# shellcheck disable=SC2086
timeout 120 $command replay whole.h5 --stage paths --point 0 --item 7 >out 2>err || got=$?
judge "$got" 0 "replay whole.h5"
printf 'name: bad\nsource: pi\nitems: -5\n' >bad.yaml
ranks 64 2 run bad.yaml
head -c 9000 whole.h5 >half.h5
ranks 76 2 verify half.h5
echo 'nothing found'
