#!/bin/sh
# Input files: the result file says which bytes were read, and other bytes are never mixed in.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_rmaps_base_oversubscribe=1

seq 1 1000 | awk 'BEGIN {print "x,y"} {print $1 "," ($1 * 37) % 101}' >data.csv
cat >sums.yaml <<'JOB'
name: sums
seed: 1
stages:
  - {name: rows, source: {csv: data.csv}, items: 500, tile_items: 64, tallies: [moments]}
  - {name: darts, source: pi, items: 3000, tile_items: 64, tallies: [moments]}
JOB

# Which bytes, of which file, of which time.
call 0 run sums.yaml --quiet
ncdump -h sums.h5 >header
has header "sha256 = \"$(sha256sum data.csv | cut -c1-64)\""
has header ':sha256_of = "all bytes"'
has header ":bytes = $(wc -c <data.csv)LL"
has header ":path = \".*data.csv\""
has header ":modified_ns = $(stat -c %.Y data.csv | tr -d .)LL"

# The same bytes elsewhere, with another time, are the same input.
cp sums.h5 first.h5
mkdir other
cp data.csv other/data.csv
call 0 resume sums.h5 --items rows=1000 --quiet
touch data.csv
cp first.h5 sums.h5
call 0 resume sums.h5 --items rows=1000 --quiet

# Other bytes are refused, also where the stage that read them has nothing left to do.
sed 's/^7,/8,/' other/data.csv >data.csv
cp first.h5 sums.h5
earlier=$(sha256sum other/data.csv | cut -c1-12)
refuses 76 ".*data.csv' is not what the earlier run read: it had $(wc -c <other/data.csv) bytes with SHA-256 $earlier" \
    resume sums.h5 --items rows=1000
refuses 76 ".*data.csv' is not what the earlier run read" resume sums.h5 --items darts=4000
cmp -s first.h5 sums.h5 || fail "$called changed the file"
cp other/data.csv data.csv
call 0 resume sums.h5 --items darts=4000 --quiet

# A file that changes while the run computes spoils it.
sed 's/items: 3000/until: {of: mean.pi, absolute_error: 1e-9, max_items: 1e12, max_time: 2}/' sums.yaml >late.yaml
# changes COMMAND...: tessera, and a change in the middle.
changes() {
    called="$* run late.yaml"
    timeout -k 5 60 "$@" run late.yaml --quiet --out late.h5 >out 2>err </dev/null &
    sleep 1.5
    seq 1 7 >>data.csv
    wait $!
    got=$?
    [ "$got" -eq 66 ] || fail "$called ended with $got, not 66: $(cat err)"
    has err "data.csv' has changed since it was read: it had $(wc -c <other/data.csv) bytes and has "
    [ "$(wc -l <err)" -eq 1 ] || fail "$called: more than one line: $(cat err)"
    [ ! -e late.h5 ] || fail "$called left results"
    cp other/data.csv data.csv
}
changes "$TESSERA"
changes mpirun -q -n 2 "$TESSERA"
exit $bad
