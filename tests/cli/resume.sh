#!/bin/sh
# A finished run can be extended, on other ranks and threads, and is then what a run with all the items would have been.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_rmaps_base_oversubscribe=1

digest_of() { ncdump -h "$1" | sed -n 's/.*:digest = "\(.*\)".*/\1/p'; }

# same FILE FILE: both hold the same bits.
same() {
    [ -n "$(digest_of "$1")" ] || fail "$called: no digest in $1"
    [ "$(digest_of "$1")" = "$(digest_of "$2")" ] || fail "$called: $1 is not $2"
}

# ranks RANKS THREADS ARGUMENT...: tessera on so many ranks.
ranks() {
    count=$1 threads=$2
    shift 2
    called="tessera $* on $count x $threads"
    timeout -k 5 100 mpirun -q -n "$count" "$TESSERA" "$@" --threads "$threads" --oversubscribe >out 2>err </dev/null ||
        fail "$called: $(cat err)"
}

cat >all.yaml <<'JOB'
name: all
seed: 4
stages:
  - {name: returns, source: {normal: {sd: 0.01}}, items: 5000, tile_items: 700, tallies: [moments, covariance]}
  - name: loss
    source: {portfolio_t: {returns: returns, weights: [1], dof: 5}}
    items: 7001
    tile_items: 700
    tallies: [moments, histogram, top, exceedance: {above: 0.05}, function: ['f = exp(loss)']]
  - {name: points, source: european, sampling: sobol, items: 9000, tile_items: 700,
     tallies: [moments, quantile: {exact: true, probabilities: [0.5]}]}
  - {name: chains, source: {ising: {size: 4, rows: 70}}, items: 41, tile_items: 3, tallies: [series: {lags: 9}]}
  - {name: stops, source: european, items: 3000, tile_items: 100, tallies: [moments, histogram],
     until: {relative_error: 0.02, of: mean.payoff}}
sweep: {stops.strike: [90, 110]}
JOB

# Extended on another shape: each stage alone, all at once, and twice.
call 0 run all.yaml --quiet
cp all.h5 first.h5
call 0 run all.yaml --quiet --force --out more.h5 --set loss.items=20000 --set points.items=20001 --set chains.items=60 \
    --set stops.items=1e6
call 0 resume all.h5 --items loss=20000 --items points=20001 --items chains=60 --items stops=1e6
has out '^returns: normal, 5,000 items, from an earlier run$'
has out '^loss: portfolio_t, 20,000 items, 7,001 of them from an earlier run, the others in '
has out '^file    all.h5$'
same all.h5 more.h5
cp first.h5 all.h5
ranks 3 2 resume all.h5 --items loss=20000 --items points=20001 --items chains=60 --items stops=1e6 --quiet
same all.h5 more.h5
ranks 2 1 resume first.h5 --items points=9001 --out step.h5 --quiet
ranks 3 1 resume step.h5 --items points=20001 --items loss=7002 --quiet
call 0 resume step.h5 --items loss=20000 --items chains=60 --items stops=1e6 --quiet --threads 2 --shuffle-tiles 5
same step.h5 more.h5
ncdump -h step.h5 | tr -d '\n' | grep -q 'history = "[^"]*resume[^"]*resume[^"]*resume[^"]*run all.yaml' ||
    fail "the history does not name all commands"

# A stage whose input has changed is computed anew.
call 0 run all.yaml --quiet --force --out more.h5 --set returns.items=5001
call 0 resume first.h5 --items returns=5001 --out other.h5
has out '^loss: portfolio_t, 7,001 items in '
has out '^points: european, 9,000 items, from an earlier run$'
same other.h5 more.h5

# The file says the job that it is the result of.
ncdump -h other.h5 | grep -q ':job = .*items: 5001' || fail "the job in the file still has the old items"

# A single stage needs no name; the most items may stand in until.
cat >stop.yaml <<'JOB'
name: stop
seed: 4
source: european
tile_items: 100
until: {relative_error: 0.02, of: mean.payoff, max_items: 1700}
tallies: [moments]
JOB
call 0 run stop.yaml --quiet
call 0 run stop.yaml --quiet --force --out more.h5 --set until.max_items=1e6
call 0 resume stop.h5 --items 1e6 --json
has out '"precise": true'
same stop.h5 more.h5

# Nothing to do: says so, and the file stays.
cp stop.h5 kept.h5
call 0 resume stop.h5 --items 1e6
has err '^tessera: note: nothing to compute: stop.h5 '
cmp -s stop.h5 kept.h5 || fail "$called changed the file"
call 0 resume stop.h5 --quiet
is_empty err
cmp -s stop.h5 kept.h5 || fail "$called changed the file"

# What cannot be done is refused, and the file stays.
call 0 run pi.yaml --quiet
refuses 64 'stage darts: 100000 items are there already, and 99999 are asked for; ' resume pi.h5 --items 99999
refuses 64 "resume: --items dart=2e5: there is no stage 'dart'; did you mean 'darts'" resume pi.h5 --items dart=2e5
refuses 64 'resume: --items x: the number of items must be a whole number' resume pi.h5 --items x
refuses 64 'resume: --items 1e9: the job has 5 stages; say which one' resume first.h5 --items 1e9
refuses 64 'first.h5 exists' resume pi.h5 --items 2e5 --out first.h5
refuses 76 'there is nothing to go on from: neither none.h5 nor a checkpoint of it' resume none.h5 --items 2
refuses 76 'pi.yaml: HDF5 cannot open it' resume pi.yaml --items 2
cat >levels.yaml <<'JOB'
name: levels
seed: 1
source: gbm_euler
items: 1e5
until: {absolute_error: 0.5, of: mean.difference, sum_over: level}
sweep: {level: [0, 1, 2, 3]}
tallies: [moments]
JOB
call 0 run levels.yaml --quiet
refuses 64 'resume: --items 1e6: stage gbm_euler shares items out over levels' resume levels.h5 --items 1e6
call 0 run pi.yaml --quiet --out swept.h5 --set 'sweep={items: [1000, 2000]}'
refuses 64 'resume: --items 1e6: the items of stage darts are swept' resume swept.h5 --items 1e6

# A damaged file is refused wherever the damage is.
size=$(wc -c <pi.h5)
head -c $((size / 2)) pi.h5 >half.h5
refuses 76 'half.h5: HDF5 cannot open it' resume half.h5 --items 2e5
cat >damage.py <<'PY'
import h5py, sys
with h5py.File(sys.argv[1], "r+") as file:
    words = file["state/darts/moments/words"]
    words[words.shape[0] // 2] += 1
PY
cp pi.h5 damaged.h5
${PYTHON:-/usr/bin/python3} damage.py damaged.h5
refuses 76 'damaged.h5: it is damaged: its state has digest ' resume damaged.h5 --items 2e5

# Whoever is killed on the way leaves the old file.
cp pi.h5 kept.h5
"$TESSERA" resume pi.h5 --items 1e13 --quiet &
sleep 1
kill -9 $!
wait $! 2>err
cmp -s pi.h5 kept.h5 || fail "a killed resume changed the file"
call 0 resume pi.h5 --items 200000 --quiet
call 0 run pi.yaml --quiet --force --out more.h5 --set items=200000
same pi.h5 more.h5

# From the top, as a batch script does it: a drawn seed is no other job, a finished run stays as it is, and nothing that
# it was computed from may have changed.
printf 'name: drawn\nsource: pi\nitems: 3e8\ntallies: [moments]\n' >drawn.yaml
call 75 run drawn.yaml --resume --quiet --max-time 1.2
call 0 run drawn.yaml --resume --quiet
cp drawn.h5 before.h5
call 0 run drawn.yaml --resume
has err '^tessera: note: nothing to compute: drawn.h5 is finished'
cmp -s drawn.h5 before.h5 || fail "run --resume changed a finished file"
refuses 76 "drawn.h5 is of another job: it has 'items: 3e8' where the job of drawn.yaml has 'items: 4e8' now" run \
    drawn.yaml --resume --set items=4e8
refuses 64 '.*only one of them can be' run drawn.yaml --resume --force
printf 'a,b\n1,2\n3,4\n5,7\n' >rows.csv
printf 'name: rows\nsource: {csv: rows.csv}\ntallies: [moments]\n' >rows.yaml
call 0 run rows.yaml --quiet
call 0 run rows.yaml --resume --quiet
printf 'a,b\n1,2\n3,4\n5,8\n' >rows.csv
refuses 76 '.*rows.csv. is not what the earlier run read' run rows.yaml --resume

# What is no run is told apart from what is another one's.
cp before.h5 pi.h5.checkpoint-1
refuses 76 'no checkpoint of pi.h5 is sound: pi.h5.checkpoint-1: it is not a checkpoint as it was written' resume pi.h5
rm pi.h5.checkpoint-1
refuses 64 '--max-time must be longer than 0' run drawn.yaml --out other.h5 --max-time 0
refuses 64 '.*only one of them can be' run drawn.yaml --out other.h5 --mtbf 1h --checkpoint-every 5m
exit $bad
