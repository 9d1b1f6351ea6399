#!/bin/sh
# A run says what it found, as text or JSON, writes one file, and gives the same digest for any threads and order.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
python=${PYTHON:-/usr/bin/python3}

# Text: a title, a stage, a table, and where it went.
call 0 run pi.yaml
is_empty err
has out '^Darts$'
has out '^darts: pi, 100,000 items in '
has out '^  mean.pi +3\.1[0-9]+ (±|\+/-) 0\.00[0-9]+$'
has out '^digest  [0-9a-f]{64}$'
has out '^file    pi.h5$'
has out '^time    .* on 1 rank x [0-9]+ threads?$'
digest=$(sed -n 's/^digest  //p' out)
[ "$(head -c 4 pi.h5 | tail -c 3)" = HDF ] || fail "pi.h5 is not HDF5"
[ "$(find . -type f | sort | tr '\n' ' ')" = './err ./out ./pi.h5 ./pi.yaml ' ] || fail "other files appeared: $(ls -A)"

# Without UTF-8 it is plain ASCII.
LC_ALL=C timeout 60 "$TESSERA" run pi.yaml --out ascii.h5 >out 2>err
LC_ALL=C grep -q '[^ -~]' out && fail "not ASCII in the C locale: $(cat out)"
has out ' \+/- '

# An existing file is kept unless told otherwise.
cp pi.h5 kept.h5
refuses 64 'pi.h5 exists' run pi.yaml
cmp -s pi.h5 kept.h5 || fail "a refused run changed pi.h5"
call 0 run pi.yaml --force
call 0 run pi.yaml --out other.h5
[ -s other.h5 ] || fail "--out made no file"

# --quiet says nothing at all.
call 0 run pi.yaml --force --quiet
is_empty out
is_empty err

# --json is one object with every number, the same numbers for any number of threads and order of tiles.
cat >check.py <<'END'
import json, math, sys
run = json.load(open("out"), parse_constant=lambda word: sys.exit("not JSON: " + word))
assert sorted(run) == ["checkpoints", "digest", "file", "job", "ranks", "seconds", "seed", "stages", "still_seconds", "threads"], sorted(run)
assert run["job"] == "pi" and run["ranks"] == 1 and run["threads"] == int(sys.argv[2]), run
assert run["digest"] == sys.argv[1], run["digest"]
assert 0 < run["seconds"] < 60
stage = run["stages"]["darts"]
assert stage["items"] == 100000
mean = stage["results"]["mean.pi"]
assert abs(mean["value"] - math.pi) < 5 * mean["error"] and 0.004 < mean["error"] < 0.006, mean
assert mean["unit"] == "1"
END
for threads in 1 2 3; do
    call 0 run pi.yaml --force --quiet --json --threads $threads --oversubscribe --shuffle-tiles $threads
    is_empty err
    $python check.py "$digest" $threads || fail "$called: the JSON"
done
OMP_NUM_THREADS=1 timeout 60 "$TESSERA" run pi.yaml --force --quiet --json >out 2>err
$python check.py "$digest" 1 || fail "OMP_NUM_THREADS=1: the JSON"

# --set changes the job, and so the digest.
call 0 run pi.yaml --force --set darts.items=5000
has out '^darts: pi, 5,000 items in '
[ "$(sed -n 's/^digest  //p' out)" != "$digest" ] || fail "another job has the same digest"

# A sweep is a table; its JSON names the points.
call 0 run pi.yaml --force --set 'darts.source={european: {}}' --set 'sweep={strike: [90, 110]}'
has out '^darts: european, 2 points, 200,000 items'
has out '^  strike +mean.payoff \[currency\]'
has out '^   90  '
call 0 run pi.yaml --force --json --set 'darts.source={european: {}}' --set 'sweep={strike: [90, 110]}'
has out '"mean.payoff\[strike=110\]": \{'

# What cannot be stored is told all the same: one sentence, exit code 74, nothing left behind.
(
    ulimit -f 8
    timeout 60 "$TESSERA" run pi.yaml --out limited.h5 >out 2>err
)
[ $? -eq 74 ] || fail "a file size limit: not 74: $(cat err)"
called="run under a file size limit"
has out '^  mean.pi +3\.1[0-9]+ '
has out '^file    none: it could not be written$'
has err '^tessera: '
[ "$(find . -name '*limited*' | wc -l)" -eq 0 ] || fail "a file size limit leaves something: $(ls -A)"

# A reader that leaves is no failure; a full disk is one.
called='tessera run | true'
{
    timeout 60 "$TESSERA" run pi.yaml --force 2>err
    echo $? >out
} | true
has out '^0$'
is_empty err
timeout 60 "$TESSERA" kernels >/dev/full 2>err
[ $? -eq 74 ] || fail "a full disk behind stdout goes unnoticed"
has err '^tessera: cannot write to standard output: No space left on device$'
timeout 60 "$TESSERA" run pi.yaml --force >/dev/full 2>err
[ $? -eq 74 ] || fail "a full disk behind stdout of run goes unnoticed"
has err '^tessera: cannot write to standard output: No space left on device$'

# Streams that came closed do not end up in the result file.
timeout 60 "$TESSERA" run pi.yaml --out closed.h5 >&- 2>&- <&-
[ $? -eq 74 ] || fail "a closed stdout goes unnoticed"
[ "$(head -c 4 closed.h5 | tail -c 3)" = HDF ] || fail "a message was written into the result file"
exit $bad
