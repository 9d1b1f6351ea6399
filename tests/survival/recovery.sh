#!/bin/sh
# What a command finds of an earlier run: damaged, of another run, in the way, finished; and runs gone on with many times.
# recovery.sh TESSERA DAMAGE KILLER
set -u
TESSERA=$1 DAMAGE=$2 KILLER=$3
# shellcheck source=tests/survival/complain.sh
. "$(dirname "$0")/complain.sh"
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
unset SLURM_JOB_ID

cat >job.yaml <<'END'
name: job
seed: 1
source: {asian: {fixings: 64}}
items: 4000043
tile_items: 2500
tallies: [moments, histogram: {range: [0, 200], bins: 50}]
END

# call CODE WORD...: a command of Tessera on two threads; what it says is in out and err.
call() {
    wanted=$1 got=0
    shift
    timeout -k 5 120 "$TESSERA" "$@" --threads 2 --oversubscribe --json >out 2>err || got=$?
    [ "$got" = "$wanted" ] || complain "exit code $got, not $wanted: $*"
}
says() { grep -qE -e "$1" err || complain "it does not say '$1'"; }
digest() { sed -n 's/.*"digest": "\(.*\)",/\1/p' out; }
right() { [ "$(digest)" = "$reference" ] || complain "another digest"; }
beside() { find . -maxdepth 1 -name '*out.h5?*'; }
alone() { [ -z "$(beside)" ] || complain "left behind: $(beside)"; }
number() { h5dump -a checkpoint "$1" | sed -n 's/.*(0): //p'; }

stop() { call 75 run job.yaml --out out.h5 --resume --quiet --threads 1 --max-time 1.1; }
newest=out.h5.checkpoint-2 older=out.h5.checkpoint-1
# put_back: the run as it was stopped twice.
put_back() { rm -f out.h5* && cp -p kept/* .; }
spoil() { printf x | dd of="$1" bs=1 seek=3000 conv=notrunc status=none; }

case=reference
call 0 run job.yaml --out all.h5 --quiet
reference=$(digest)

# ---- damage ----

case=damage
stop
stop
[ "$(number $older) $(number $newest)" = "1 2" ] || complain "no order"
mkdir kept && cp out.h5.checkpoint-? kept
"$DAMAGE" out.h5 || complain "damage is not found"
for file in kept/*; do cmp "$file" "${file#kept/}" || complain "not put back"; done

case=newest
spoil $newest
call 0 resume out.h5
says "warning: .*out.h5.checkpoint-.*; going on from checkpoint "
right && alone

case=older
put_back
spoil $older
call 0 resume out.h5
says "warning: .*out.h5.checkpoint-.*; going on from checkpoint "
right && alone

case=empty
put_back
: >$newest
call 0 run job.yaml --out out.h5 --resume
right && alone

case=both
put_back
spoil $newest && spoil $older
for words in "resume out.h5" "run job.yaml --out out.h5 --resume"; do
    # shellcheck disable=SC2086
    call 76 $words
    says "^tessera: no checkpoint of out.h5 is sound: "
done
call 64 run job.yaml --out out.h5
says "has a checkpoint of a run that was stopped"
call 0 run job.yaml --out out.h5 --force
right && alone

# ---- of another run, in the way ----

case=other
put_back
call 76 run job.yaml --out out.h5 --resume --set seed=2
says "out.h5 is of another job: it has 'seed: 1' where the job of job.yaml has 'seed: 2' now; to begin anew: --force"
call 76 run job.yaml --out out.h5 --resume --set items=4000044 --set fixings=65
says "it has 'fixings: 64', 'items: 4000043' where the job of job.yaml has 'fixings: 65', 'items: 4000044' now"
call 64 resume out.h5 --items 4100000
says "was stopped before its end: let it finish without --items first"
cmp kept/out.h5.checkpoint-1 out.h5.checkpoint-1 || complain "a refusal changed a checkpoint"

case=links
mkdir elsewhere && cp -p kept/* elsewhere
rm -f out.h5*
for file in 1 2; do ln -s elsewhere/out.h5.checkpoint-$file out.h5.checkpoint-$file; done
call 76 resume out.h5
says "symbolic link"
rm -f out.h5*
echo precious >victim
for name in out.h5.lock out.h5.checkpoint-1; do
    ln -s victim "$name"
    call "$([ "$name" = out.h5.lock ] && echo 74 || echo 64)" run job.yaml --out out.h5 --set items=5000
    [ "$(cat victim)" = precious ] || complain "a link was followed"
    rm -f out.h5*
done

# ---- two at once, finished, elsewhere, anew ----

case=two
put_back
"$TESSERA" resume out.h5 --quiet --threads 1 &
first=$!
while [ ! -s out.h5.lock ] && kill -0 "$first" 2>/dev/null; do sleep 0.01; done
call 74 run job.yaml --out out.h5 --resume
says "is being worked on by process $first"
wait "$first" || complain "the first one suffered"
call 0 resume out.h5
says "nothing to compute: out.h5 has all the items"
right && alone
call 0 run job.yaml --out out.h5 --resume
says "nothing to compute: out.h5 is finished; it stays as it is"
alone

case=elsewhere
put_back
call 0 resume out.h5 --out other.h5
right
if [ ! -e other.h5 ] || [ -e out.h5 ]; then complain "results are in another place"; fi
cmp kept/out.h5.checkpoint-1 out.h5.checkpoint-1 || complain "what it went on from was touched"
rm -f other.h5

case=anew
put_back
call 64 run job.yaml --out out.h5
call 0 run job.yaml --out out.h5 --force --set seed=2
[ "$(digest)" != "$reference" ] || complain "not a new one"
alone

# ---- extended, and killed meanwhile ----

case=extended
rm -f out.h5*
call 0 run job.yaml --out out.h5 --quiet --set items=100003
cp out.h5 first.h5
set -- --items 4000043
for at in "pwrite 2" "after rename 1" "fsync 2"; do
    got=0
    LD_PRELOAD=$KILLER TSR_KILL=$at "$TESSERA" resume out.h5 "$@" --threads 2 --oversubscribe --quiet \
        --checkpoint-every 0.05 >out 2>err || got=$?
    [ "$got" = 137 ] || complain "exit code $got, not 137, at $at"
    cmp -s out.h5 first.h5 || complain "the file that is extended was touched"
    [ ! -e out.h5.checkpoint-1 ] || set --
done
call 64 resume out.h5 --items 4100000
says "let it finish without --items first"
call 0 resume out.h5
right && alone

# ---- many times ----

case=requeued
rm -f out.h5*
turns=0 got=75
while [ "$got" = 75 ] && [ "$turns" -lt 60 ]; do
    got=0
    timeout -k 5 60 "$TESSERA" run job.yaml --out out.h5 --resume --quiet --json --threads $((turns % 3 + 1)) --oversubscribe \
        --max-time "$([ "$turns" -lt 50 ] && echo 1.01 || echo 1000)" >out 2>err || got=$?
    turns=$((turns + 1))
done
[ "$got" = 0 ] || complain "exit code $got"
right && alone
[ "$turns" -gt 20 ] || complain "only $turns lives"
echo "$turns lives"
is_good
