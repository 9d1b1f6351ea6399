#!/bin/sh
# The rows of docs/faults.md that no other test shows: what is wrong is told within its bound, by one sentence and one
# exit code, and leaves nothing; what is only unusual gives the right result.
# TESSERA: the program; CROOKED: a library that changes how processors round (crooked.c).
set -u
# shellcheck source=tests/survival/complain.sh
. "$(dirname "$0")/complain.sh"
folder=$(mktemp -d) || exit 1
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder" || exit 1
bound=10
python=${PYTHON:-/usr/bin/python3}
unset OMP_NUM_THREADS

cat >pi.yaml <<'END'
name: pi
seed: 1
stages:
  - {name: darts, source: pi, items: 100000, tile_items: 1024, tallies: [moments]}
END

# run_bounded CODE COMMAND...: within the bound; what it says is in out and err.
run_bounded() {
    wanted=$1 got=0
    shift
    timeout -k 2 $bound "$@" >out 2>err </dev/null || got=$?
    [ "$got" = "$wanted" ] || complain "exit code $got, not $wanted: $*"
}
call() {
    wanted=$1
    shift
    run_bounded "$wanted" "$TESSERA" "$@"
}
ranks() {
    size=$1 wanted=$2
    shift 2
    run_bounded "$wanted" mpirun -q -n "$size" "$@"
}

# told PATTERN WHAT: one sentence, which says so, and nothing that speaks to a terminal.
told() {
    [ "$(grep -c . err)" = 1 ] || complain "not one line: $2"
    grep -qE -e "^tessera: $1" err || complain "no '$1': $2"
    if LC_ALL=C grep -q '[[:cntrl:]]' err; then complain "control characters: $2"; fi
}

# refuses CODE PATTERN WORD...: within five seconds, in one sentence, and without a new file.
refuses() {
    code=$1 pattern=$2 bound=5
    shift 2
    ls -A >before
    call "$code" "$@"
    bound=10
    ls -A >after
    cmp -s before after || complain "other files than before: $*"
    [ ! -s out ] || complain "it prints something: $*"
    told "$pattern" "$*"
}

digest() { sed -n 's/.*"digest": "\(.*\)",/\1/p' out; }
same() { [ "$(digest)" = "$reference" ] || complain "another digest: $1"; }
with() { call 0 run "$@" --json --force --out given.h5; }

touch out err before after
call 0 run pi.yaml --json --out first.h5
reference=$(digest)
[ -n "$reference" ] || complain "no digest"

row=2 # of several wrong values one is named
refuses 64 "--set seed: seed must be" run pi.yaml --set darts.items=-5 --set seed=ten --set darts.tile_items=x
for value in -1 NaN inf ten 1e400; do
    refuses 64 ".*volatility" run pi.yaml --set "darts.source={european: {volatility: $value}}"
done
refuses 64 ".*rho" run pi.yaml --set 'darts.source={heston: {rho: -1.5}}'

row=3 # more than there is, of numbers and of memory
for items in 9223372036854775807 9223372036854775808 18446744073709551617 1e30; do
    refuses 64 ".*items must lie between 1 and 1000000000000000, and" run pi.yaml --set darts.items=$items
done
refuses 64 ".*the sweep has more than 1000000 points" run pi.yaml --set 'darts.source={european: {}}' \
    --set 'sweep={strike: {linspace: [1, 2, 100000]}, spot: {linspace: [1, 2, 100000]}}'
memory='at least 3\.[0-9] GiB of memory for its tallies at 10000 points, and there are 1\.9 GiB'
if [ -z "${SANITIZED:-}" ]; then # a sanitizer takes all addresses there are
    # shellcheck disable=SC3045
    (
        ulimit -v 2000000
        for command in run plan; do
            refuses 64 "stage darts needs $memory" $command pi.yaml --set 'darts.source={european: {}}' \
                --set 'darts.tallies=[top: {count: 10000}]' --set 'sweep={strike: {linspace: [1, 2, 10000]}}'
        done
    )
fi

row=4 # no law has this covariance
cat >port.yaml <<'END'
name: port
seed: 1
source: {portfolio_t: {mean: [0, 0], covariance: [1, 0, 0, 1], weights: [0.5, 0.5], dof: 4}}
items: 1000
tallies: [moments]
END
refuses 64 ".*smallest eigenvalue is -0\.2" run port.yaml --set 'covariance=[1, 1.2, 1.2, 1]'
refuses 64 ".*smallest eigenvalue is 0;" run port.yaml --set 'covariance=[1, 1, 1, 1]'
refuses 64 ".*not symmetric" run port.yaml --set 'covariance=[1, 0.2, 0.3, 1]'

row=5 # job files of all kinds
{ printf '\357\273\277' && cat pi.yaml; } >mark.yaml
sed 's/$/\r/' pi.yaml >returns.yaml
printf '%s' "$(cat pi.yaml)" >cut.yaml
for file in mark returns cut; do
    with $file.yaml
    same $file.yaml
done
: >empty.yaml
printf 'name: \0pi' >binary.yaml
printf 'name: \377\376' >latin.yaml
truncate -s 2G huge.yaml
mkfifo pipe.yaml
refuses 64 'empty.yaml: the job is empty' run empty.yaml
refuses 64 'binary.yaml: not a text file \(byte 7 is zero\)' run binary.yaml
refuses 64 'latin.yaml:1:7: not a plain text in UTF-8' run latin.yaml
refuses 64 'huge.yaml: larger than 1048576 bytes' run huge.yaml
refuses 64 'pipe.yaml: the job is empty' run pipe.yaml
refuses 64 '\.: a folder, not a job file' run .
refuses 64 '/dev/zero: larger than' run /dev/zero
{ sleep 0.2 && cat pi.yaml; } | timeout 10 "$TESSERA" run /dev/stdin --json --force --out given.h5 >out 2>err
same 'a job through a pipe'

row=6 # every rank sees another job, or none: that of rank 0 is run
mkdir rank0 rank1
cp pi.yaml rank0
sed 's/seed: 1/seed: 2/; s/100000/5000/' pi.yaml >rank1/pi.yaml
for other in 'another job' 'no job'; do
    # shellcheck disable=SC2016
    ranks 2 0 sh -c 'cd "rank$OMPI_COMM_WORLD_RANK" && exec "$0" "$@"' "$TESSERA" run pi.yaml --json --force
    same "$other on rank 1"
    [ "$(find . -name pi.h5)" = ./rank0/pi.h5 ] || complain "not one result"
    rm -f rank1/pi.yaml
done

row=8 # few items, or one
refuses 64 '.*items must lie between 1 and' run pi.yaml --set darts.items=0
with pi.yaml --set darts.items=2
few=$(digest)
ranks 3 0 "$TESSERA" run pi.yaml --set darts.items=2 --json --force --out given.h5
[ "$(digest)" = "$few" ] || complain "fewer items than ranks: another digest"
call 0 run pi.yaml --set darts.items=1 --force --out given.h5
grep -qE '^  mean.pi +4 .* \?$' out || complain "the error of one item is not said to be unknown"
with pi.yaml --set darts.items=1
$python - <<'END' || complain "the error of one item in JSON and file"
import json, math, h5py
results = json.load(open("out"))["stages"]["darts"]["results"]
assert results["mean.pi"]["value"] == 4 and results["mean.pi"]["error"] is None, results
assert results["variance.pi"]["value"] is None, results
with h5py.File("given.h5") as file:
    for name in ("darts_mean_error", "darts_variance", "darts_sd"):
        assert math.isnan(file[name][0]) and math.isnan(file[name].attrs["_FillValue"][0]), name  # a missing value
END

row=9 # names that somebody might give to a shell, to a terminal or to an option parser
# shellcheck disable=SC2016
for name in '../../evil' ';touch evil' '$(touch evil)' 'a b' '/evil' '..' '%s%n' ''; do
    refuses 64 "--set name: .*may only hold letters, digits, - and _" run pi.yaml --set "name='$name'"
done
refuses 64 "--set name: .*must not begin with -" run pi.yaml --set name=--evil
line=$(printf 'a\nb\033[31m')
refuses 64 "'a\?b\?\[31m': a name of a file with control characters is refused" run pi.yaml --out "$line"
refuses 64 'a\?b\?\[31m: cannot open the job file' run "$line"
refuses 64 "--set .*darts.it" run pi.yaml --set "$(printf 'darts.it\nms=3')"
# shellcheck disable=SC2016
plain='; touch evil $(touch evil).h5'
call 0 run pi.yaml --out "$plain"
[ -s "$plain" ] || complain "no such file"
[ -z "$(find . -name evil)" ] || complain "a name is not only a name"

row=10 # a data set that is something else
mkfifo pipe.csv
mkdir folder.csv
cat >data.yaml <<'END'
name: data
stages:
  - {name: rows, source: {csv: pipe.csv}, tallies: [moments]}
END
refuses 66 ".*pipe.csv.* is not a file" run data.yaml
sed 's/pipe/folder/' data.yaml >folder.yaml
refuses 66 ".*folder.csv" run folder.yaml

row=13 # values that are not finite: the first one ends the run, or all are left out and counted
{ echo x && seq 1 1007; } >numbers.csv
cat >holes.yaml <<'END'
name: holes
seed: 1
source: {csv: numbers.csv}
maps: [derive: ["root = sqrt(x - 101)"]]
tile_items: 16
tallies: [moments]
END
alone=$reference
refuses 65 ".*column root of item 0 is nan, read from numbers.csv:2; .*: tessera replay holes.yaml .* --item 0" run holes.yaml --threads 1
skip='nonfinite={policy: skip, limit: 0.2}'
with holes.yaml --set "$skip"
reference=$(digest)
grep -A1 '"skipped' out | grep -q '"value": 100' || complain "not a hundred items are left out"
for size in 2 3; do
    ranks $size 0 "$TESSERA" run holes.yaml --set "$skip" --json --force --out given.h5
    same "items left out on $size ranks"
done

row=14 # rows that the ranks cannot share evenly, and fewer of them than ranks
for rows in 1007 2; do
    set -- run holes.yaml --set items=$rows --set tile_items=1 --set nonfinite=keep --json --force --out given.h5
    call 0 "$@"
    reference=$(digest)
    ranks 3 0 "$TESSERA" "$@"
    same "$rows rows on 3 ranks"
done

row=16 # folders that take no file, before work that would take years
refuses 74 'cannot write no/where.h5: .*No such file or directory' run pi.yaml --set darts.items=1e15 --out no/where.h5
refuses 74 '.*Not a directory' run pi.yaml --set darts.items=1e15 --out pi.yaml/x.h5
ranks 2 74 "$TESSERA" run pi.yaml --set darts.items=1e15 --out no/where.h5
told 'cannot write no/where.h5' 'two ranks'
nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'
if [ "$(id -u)" = 0 ] && $nobody test -x "$TESSERA" 2>err; then
    chmod 755 .
    mkdir -m 555 closed
    # shellcheck disable=SC2086
    run_bounded 74 $nobody "$TESSERA" run "$folder/pi.yaml" --set darts.items=1e15 --out closed/x.h5
    told 'cannot write closed/x.h5: .*Permission denied$' 'a folder of somebody else'
else
    echo "SKIPPED: a folder of somebody else (not root, or the program is not readable by others)"
fi

row=23 # a checkpoint is the newest by its number, whatever the clock said when it was written
for turn in 1 2 3; do
    call 75 run pi.yaml --set darts.items=1e12 --out clock.h5 --resume --max-time 1.01 --quiet
    touch -d "200$((9 - turn))-01-01" clock.h5.checkpoint-$((2 - turn % 2))
done
number=$(h5dump -a checkpoint clock.h5.checkpoint-1 | sed -n 's/.*(0): //p')
[ "$number" = 3 ] || complain "the third checkpoint has number $number"
rm -f clock.h5*

reference=$alone
row=35 # without mpirun
call 0 run pi.yaml --force
grep -q ' on 1 rank x ' out || complain "not one rank"

row=37 # threads asked for in vain
for threads in 0 garbage 4294967297; do
    run_bounded 64 env OMP_NUM_THREADS=$threads "$TESSERA" run pi.yaml --force --quiet
    grep -q "^tessera: OMP_NUM_THREADS is '$threads', but must be a whole number from 1 on" err || complain "$threads threads"
done
run_bounded 64 env OMP_NUM_THREADS=1000 "$TESSERA" run pi.yaml --force --quiet
told 'this process may use .* but was given 1000 threads; start it with: ' '1000 threads'
run_bounded 0 taskset -c "$(taskset -pc $$ | sed 's/.*: \([0-9]*\).*/\1/')" "$TESSERA" run pi.yaml --force --json
same 'one CPU'
grep -q '"threads": 1,' out || complain "more threads than CPUs"
with pi.yaml --threads 9 --oversubscribe --quiet
same 'nine threads'

row=42 # somebody else changes how processors round: upward, downward, subnormal numbers to zero
cat >bits.yaml <<'END'
name: bits
seed: 1
source: {asian: {fixings: 4}}
items: 20000
tile_items: 1000
maps: [derive: ["tiny = 1e-310 * average"]]
tallies: [moments]
END
if [ -n "${CROOKED:-}" ]; then
    with bits.yaml
    reference=$(digest)
    for change in start4000 start2000 start8040; do
        run_bounded 0 env LD_PRELOAD="$CROOKED" TSR_CROOKED=$change "$TESSERA" run bits.yaml --json --force
        same "rounding changed: $change"
    done
    for change in mpi6000 mpi8040; do
        ranks 2 0 -x LD_PRELOAD="$CROOKED" -x TSR_CROOKED=$change "$TESSERA" run bits.yaml --json --force
        same "rounding changed: $change"
    done
fi

row=43 # the last items of all, 2^32 apart
call 0 replay pi.yaml --set darts.items=1e15 --item 999999999999999
grep -i uniform out >last
call 0 replay pi.yaml --set darts.items=1e15 --item $((999999999999999 - 4294967296))
grep -i uniform out >earlier
[ -s last ] || complain "no numbers"
cmp -s last earlier && complain "2^32 items apart: the same numbers"

row=45 # who may read results is the user's choice; links are not followed; temporary names cannot be known
for mask in 077 022 000; do
    (umask $mask && run_bounded 0 "$TESSERA" run pi.yaml --quiet --force --out mask.h5)
    [ "$(stat -c %a mask.h5)" = "$(printf '%o' $((0666 & ~0$mask)))" ] || complain "umask $mask: $(stat -c %a mask.h5)"
    rm -f mask.h5
done
mkdir -m 1777 shared
echo precious >precious
ln -s ../precious shared/out.h5
ln -s ../precious shared/new.h5.lock
refuses 64 'shared/out.h5 is a symbolic link' run pi.yaml --force --out shared/out.h5
refuses 74 '.*shared/new.h5.lock is no lock of Tessera' run pi.yaml --out shared/new.h5
[ "$(cat precious)" = precious ] || complain "a link was followed"
if strace -o trace true 2>err; then
    for name in one two; do
        run_bounded 0 strace -f -e trace=open,openat,creat -o trace "$TESSERA" run pi.yaml --quiet --out $name.h5
        grep -o '"[^"]*\.part", [A-Z_|]*' trace >>drafts
    done
    [ "$(grep -c . drafts)" -ge 2 ] || complain "no drafts were seen"
    grep -v 'O_EXCL.*O_NOFOLLOW\|O_NOFOLLOW.*O_EXCL' drafts && complain "a draft is opened otherwise"
    [ -z "$(sed 's/.*h5\.\([0-9a-f]*\)\.part.*/\1/' drafts | sort | uniq -d)" ] || complain "a name twice"
else
    echo "SKIPPED: how temporary files are opened (no strace)"
fi

row=46 # no variable decides what is computed
with pi.yaml
reference=$(digest)
run_bounded 0 env TESSERA_ITEMS=5 TESSERA_SEED=7 TESSERA_OPTIONS=--quiet TMPDIR=/nowhere HOME=/nowhere LC_ALL=de_DE.UTF-8 \
    PATH= "$TESSERA" run pi.yaml --json --force --out given.h5
same 'variables'

row=47 # no variable is written down: not to the screen, the result, a checkpoint, the lock
secret=c0ffee5ecre7
export FOO_TOKEN=$secret AWS_SECRET_ACCESS_KEY=$secret SLURM_JWT=$secret OMPI_MCA_secret=$secret
with pi.yaml
cat out err given.h5 >seen
timeout 10 "$TESSERA" run pi.yaml --set darts.items=1e12 --out going.h5 --checkpoint-every 0.2 >told 2>&1 &
sleep 1
cat going.h5.lock going.h5.checkpoint-1 >>seen 2>err || complain "no lock or no checkpoint to look at"
kill $!
wait $!
cat told going.h5.checkpoint-? >>seen
if grep -aq $secret seen; then complain "a secret is written down"; fi
is_good
