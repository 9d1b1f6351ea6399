#!/bin/sh
# A sound file is found sound; whatever is wrong with another one is named. With `shapes`: on any shape.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_rmaps_base_oversubscribe=1
PYTHON=${PYTHON:-/usr/bin/python3}

# ranks CODE RANKS ARGUMENT...: tessera on so many ranks of two threads.
ranks() {
    wanted=$1 count=$2
    shift 2
    called="tessera $* on $count ranks"
    timeout -k 5 100 mpirun -q -n "$count" "$TESSERA" "$@" --threads 2 --oversubscribe >out 2>err </dev/null
    got=$?
    [ "$got" -eq "$wanted" ] || fail "$called ended with $got, not $wanted: $(cat err)"
}

# lacks FILE PATTERN: no line matches.
lacks() { ! grep -qE -e "$2" "$1" || fail "$called: '$2' in $1: $(head -c 600 "$1")"; }

# is_sound FILE: nothing wrong was found in a call.
is_sound() {
    lacks out 'WRONG'
    has out '^nothing wrong found$'
    is_empty err
}

# Every kind of stage: a dataset, one that reads another, designs, one that learns, chains, a sweep that stops early.
seq 1 1000 | awk 'BEGIN {print "x,y"} {print $1 "," ($1 * 37) % 101}' >data.csv
cat >all.yaml <<'JOB'
name: all
seed: 4
stages:
  - {name: rows, source: {csv: data.csv}, tile_items: 64, tallies: [moments, quantile: [0.5]]}
  - {name: returns, source: {normal: {sd: 0.01}}, items: 5000, tile_items: 700, tallies: [moments, covariance]}
  - name: loss
    source: {portfolio_t: {returns: returns, weights: [1], dof: 5}}
    items: 7001
    tile_items: 700
    tallies: [moments, histogram, top, function: ['f = exp(loss)'], quantile: {exact: true, probabilities: [0.5]}]
  - {name: points, source: european, sampling: sobol, items: 9000, tile_items: 700, tallies: [moments]}
  - {name: learnt, source: european, sampling: {vegas: {replicates: 3, trainings: 2, training_items: 2048}},
     items: 9000, tile_items: 700, tallies: [moments]}
  - {name: chains, source: {ising: {size: 4, rows: 70}}, items: 41, tile_items: 3, tallies: [series: {lags: 9}]}
  - {name: gaps, source: {normal: {sd: 1}}, maps: [{derive: ['r = log(x)']}], items: 5000, tile_items: 500,
     nonfinite: {policy: skip, limit: 0.9}, tallies: [moments: {of: r}]}
  - {name: stops, source: european, items: 30000, tile_items: 100, tallies: [moments, histogram],
     until: {relative_error: 0.02, of: mean.payoff}}
sweep: {stops.strike: [90, 110]}
JOB
call 0 run all.yaml --quiet --threads 2 --oversubscribe
[ "$bad" -eq 0 ] || exit 1
call 0 verify all.h5
is_sound
has out '^seal +ok'
has out '^state +ok'
has out '^results +ok'
has out '^inputs +ok'
has out '^tiles +ok +16 of [0-9]+ computed again: the same numbers \(--seed [0-9]+\)$'
call 0 verify all.h5 --tiles all --threads 2 --oversubscribe
is_sound
has out '^tiles +ok +all of them'
ranks 0 2 verify all.h5 --tiles 5 --stage loss --seed 7
is_sound
has out '^tiles +ok +5 of 11 computed again: the same numbers \(--seed 7\)$'
call 0 verify all.h5 --json --seed 7
has out '"sound": true'
has out '"tiles": \[\]'
call 0 verify all.h5 --quiet
is_empty out

# Written on one shape, checked on another; the prints do not tell on which.
cat >prints.py <<'PY'
import h5py, hashlib, sys
with h5py.File(sys.argv[1]) as file:
    for stage in file["integrity"].values():
        for name in ("prints", "offsets", "first"):
            print(stage.name, name, stage.attrs["group_tiles"], hashlib.sha256(stage[name][...].tobytes()).hexdigest())
PY
"$PYTHON" prints.py all.h5 >prints.one
if [ "${1:-}" = shapes ]; then
    ranks 0 3 verify all.h5 --tiles all
    is_sound
    for count in 1 2 3; do
        ranks 0 "$count" run all.yaml --quiet --force --out other.h5 --shuffle-tiles "$count"
        "$PYTHON" prints.py other.h5 >prints.other
        cmp -s prints.one prints.other || fail "$called: other prints: $(diff prints.one prints.other)"
        call 0 verify other.h5 --threads 2 --oversubscribe
        is_sound
    done
    call 0 run all.yaml --quiet --force --out other.h5 --set loss.items=3501 --set chains.items=13 --set points.items=701
    call 0 resume other.h5 --items loss=7001 --items chains=41 --items points=9000 --quiet
    "$PYTHON" prints.py other.h5 >prints.other
    cmp -s prints.one prints.other || fail "$called: other prints: $(diff prints.one prints.other)"

    # A run that was extended and stopped has old states of stages that are to be computed anew.
    call 75 resume all.h5 --items points=9001 --items returns=1e12 --quiet --max-time 5 --threads 1
    call 0 verify all.h5.checkpoint-1 --tiles all
    is_sound
    ranks 0 2 verify all.h5.checkpoint-1
    is_sound
    call 0 verify all.h5.checkpoint-1 --stage chains
    has out '^tiles +ok +all of them'
    refuses 64 'verify: the run was stopped before its stage loss, ' verify all.h5.checkpoint-1 --stage loss
    exit $bad
fi

# change FILE STATEMENT: the file with another number in it, and with a new seal, as if it had been written so.
cat >change.py <<'PY'
import h5py, hashlib, sys
path, statement, seals = sys.argv[1], sys.argv[2], sys.argv[3] == "sealed"
with h5py.File(path, "r+") as file:
    exec(statement)
if seals:
    data = open(path, "rb").read()
    seal = "\ntessera-seal sha256 %s of the first %015d bytes tessera-seal\n" % (hashlib.sha256(data).hexdigest(), len(data))
    open(path, "ab").write(seal.encode())
PY
change() { change_copy all.h5 "$@"; }
change_copy() {
    cp "$1" "$2"
    "$PYTHON" change.py "$2" "$3" "${4:-sealed}" || fail "cannot change $2"
}

# A print.
change bad.h5 'file["integrity/loss/prints"][4] ^= 1 << 40'
call 76 verify bad.h5 --tiles all
has out '^seal +ok'
has out '^tiles +WRONG +stage loss, point 0, tile 4 \(items 2800 to 3499\): other numbers than when it was written, the same'
has out '^tiles +WRONG +1 of [0-9]+ that were computed again differ$'
[ "$(grep -c WRONG out)" -eq 2 ] || fail "$called: $(cat out)"
has err '^tessera: bad.h5 is not what was written, or not what this program computes$'
ranks 76 2 verify bad.h5 --tiles all --json
has out '"first_tile": 4,'
has out '"steady": true'
[ "$(grep -c first_tile out)" -eq 1 ] || fail "$called: $(cat out)"
call 76 verify bad.h5 --stage loss --tiles 11
has out 'stage loss, point 0, tile 4 '
refuses 76 'kernel european gives other numbers than when this was written \(stage points, point 0, tiles 0 to 0\): ' \
    resume "$(change first.h5 'file["integrity/points/prints"][0] ^= 1' && echo first.h5)" --items points=10000

# A result, its error, a word of the state, the seal.
change bad.h5 'file["loss_mean"][0] *= 1.5'
call 76 verify bad.h5
has out '^results +WRONG +variable loss_mean, cell 0, is .*, and the state gives '
has out '^tiles +ok'
change bad.h5 'file["loss_mean_error"][0] = 0'
call 76 verify bad.h5
has out '^results +WRONG +variable loss_mean_error, cell 0, is 0, and the state gives '
change bad.h5 'file["state/loss/moments/words"][3] += 1'
call 76 verify bad.h5
has out '^state +WRONG .*digest '
change bad.h5 'file.attrs["title"] = "another"' unsealed
call 76 verify bad.h5
has out '^seal +WRONG +none: another program has changed the file'
has out '^tiles +ok'
cp all.h5 bad.h5
printf x | dd of=bad.h5 bs=1 seek=5000 conv=notrunc 2>err
call 76 verify bad.h5
has out '^seal +WRONG +broken'

# Inputs that are others now, or gone: what does not need them is checked, and the file is not blamed.
cp data.csv kept.csv
not_checked() {
    has out '^(results|tiles) +ok'
    has out '^results +not checked: of rows: the inputs are not what they were$'
    has out '^tiles +not checked: of rows: the inputs are not what they were$'
    [ "$(grep -c WRONG out)" -eq 1 ] || fail "$called: $(cat out)"
    lacks out '^nothing wrong found$'
    has err '^tessera: all.h5 is as it was written; its inputs are not, so that not all of it could be checked$'
}
sed -i 's/^7,/8,/' data.csv
call 76 verify all.h5
has out "^inputs +WRONG +stage rows: .*data.csv' is not what the earlier run read"
not_checked
printf 'a,b\n1,2\n' >data.csv
call 76 verify all.h5
not_checked
rm data.csv
call 76 verify all.h5
has out "^inputs +WRONG +stage rows: .*data.csv.* cannot be opened"
not_checked
ranks 76 2 verify all.h5 --tiles all
not_checked
call 76 verify all.h5 --stage loss
lacks out '^tiles +not checked'
call 76 verify all.h5 --json
has out '"sound": false'
has out '"right": null'
change bad.h5 'file["loss_mean"][0] *= 1.5'
call 76 verify bad.h5
has out '^results +WRONG +variable loss_mean'
has err '^tessera: bad.h5 is not what was written, '
mv kept.csv data.csv

# A checkpoint has no results; what it has is checked as far as it goes.
cat >stopped.yaml <<'JOB'
name: stopped
seed: 4
stages:
  - {name: rows, source: {csv: data.csv}, tile_items: 64, tallies: [moments]}
  - {name: returns, source: {normal: {sd: 0.01}}, items: 5000, tile_items: 700, tallies: [moments, covariance]}
  - {name: loss, source: {portfolio_t: {returns: returns, weights: [1], dof: 5}}, items: 7001, tallies: [moments]}
  - {name: lasting, source: european, items: 1e12, tallies: [moments],
     until: {relative_error: 1e-7, of: mean.payoff}}
  - {name: later, source: normal, items: 1000, tallies: [moments]}
JOB
saved=stopped.h5.checkpoint-1
for limit in 2 5 15; do # enough, on any machine, to come as far as that
    call 75 run stopped.yaml --quiet --force --max-time $limit --threads 1
    timeout 60 "$TESSERA" verify $saved --stage lasting 2>err | grep -q 'computed again' && break
done
call 0 verify $saved
is_sound
has out '^results +ok +none yet: this is a checkpoint of a run that was stopped$'
has out '^inputs +ok'
has out '^tiles +ok +16 of [0-9]+ computed again: the same numbers'
call 0 verify $saved --stage loss --tiles all
is_sound
change_copy $saved bad.h5 'file["integrity/lasting/prints"][0] ^= 1'
call 0 verify bad.h5 --stage loss --tiles all
call 76 verify bad.h5 --stage lasting --tiles 1000000
has out '^tiles +WRONG +stage lasting, point 0, tile.* 0 '
change_copy $saved bad.h5 'file["state/loss/moments/words"][3] += 1'
call 76 verify bad.h5
has out '^state +WRONG .*digest '
has out '^tiles +not checked: its state cannot be trusted$'
cp $saved bad.h5
printf x | dd of=bad.h5 bs=1 seek=5000 conv=notrunc 2>err
call 76 verify bad.h5
has out '^seal +WRONG +broken'
has out '^tiles +not checked: the file is damaged$'
: >bad.h5
refuses 76 'bad.h5 is no result file or checkpoint of Tessera$' verify bad.h5
refuses 64 'verify: the run was stopped before its stage later, ' verify $saved --stage later
for command in 'verify stopped.h5' 'replay stopped.h5 --item 0'; do
    # shellcheck disable=SC2086 # words
    refuses 66 'there is no stopped.h5 yet: .* tessera resume stopped.h5 .*: tessera verify stopped.h5.checkpoint-1\)$' $command
done

# A node that flips one bit, in one run: the file is whole, and the tile is found.
cat >sums.yaml <<'JOB'
name: sums
seed: 1
stages:
  - {name: rows, source: {csv: data.csv}, tile_items: 64, tallies: [moments]}
JOB
call 0 run sums.yaml --quiet
if [ -n "${BAD_NODE_LIBRARY:-}" ]; then
    called="tessera run sums.yaml on a bad node"
    LD_PRELOAD=$BAD_NODE_LIBRARY BAD_NODE=1 timeout -k 5 60 mpirun -q -n 2 "$TESSERA" run sums.yaml --quiet --out bad.h5 --force \
        --threads 1 --oversubscribe 2>err || fail "$called: $(cat err)"
    [ -s bad_number ] || fail "$called: nothing went wrong"
    tile=$((($(cat bad_number) - 1) / 64))
    call 76 verify bad.h5 --tiles all
    has out '^seal +ok'
    has out '^results +ok'
    has out "^tiles +WRONG +stage rows, point 0, tile $tile \\(items $((tile * 64)) to "
    has out '^state +WRONG +stage rows: folded again, its state is another one$'
    [ "$(grep -c 'point 0' out)" -eq 1 ] || fail "$called: $(cat out)"

    # A machine that computes otherwise each time says so of itself.
    called="tessera verify on a bad node"
    LD_PRELOAD=$BAD_NODE_LIBRARY BAD_NODE=0 timeout 60 "$TESSERA" verify sums.h5 --tiles all --threads 1 >out 2>err
    [ $? -eq 76 ] || fail "$called did not end with 76: $(cat err)"
    has out '^tiles +WRONG .* others each time: this machine is faulty$'
fi

# What is asked for wrongly.
refuses 64 "verify: --tiles none: it must be a whole number from 1 on, or all" verify all.h5 --tiles none
refuses 64 "verify: there is no stage 'los'; did you mean 'loss'" verify all.h5 --stage los
refuses 76 'all.yaml is no result file or checkpoint of Tessera$' verify all.yaml
refuses 66 'cannot read none.h5' verify none.h5
exit $bad
