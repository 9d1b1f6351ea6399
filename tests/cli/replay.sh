#!/bin/sh
# One item computed alone is, bit for bit, what a run saw of it; also where the run failed because of it.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
python=${PYTHON:-/usr/bin/python3}

cat >all.yaml <<'JOB'
name: all
seed: 4
stages:
  - {name: returns, source: {normal: {sd: 0.01}}, items: 5000, tile_items: 700, tallies: [moments, covariance]}
  - {name: loss, source: {portfolio_t: {returns: returns, weights: [1], dof: 5}}, items: 7001, tallies: [moments]}
  - {name: points, source: {asian: {fixings: 7}}, sampling: {sobol: {replicates: 4}}, items: 9000, tallies: [moments]}
  - {name: pairs, source: european, maps: [derive: ['twice = 2 * payoff']], sampling: {antithetic: {replicates: 4}},
     items: 9000, tile_items: 100, tallies: [moments]}
  - {name: chains, source: {vmc_hydrogen: {rows: 2100}}, items: 5, tallies: [moments]}
  - {name: learned, source: genz, sampling: {vegas: {replicates: 4, trainings: 2, training_items: 2048}}, items: 9000,
     tallies: [moments]}
  - {name: one, source: normal, items: 3000, tile_items: 100, tallies: [moments]}
sweep: {pairs.strike: [90, 110], loss.horizon_days: [1, 10], one.mean: [0, 1]}
JOB
call 0 run all.yaml --json
cp out run.json

# Every extreme that the moments have found is the value of its item.
cat >extremes.py <<'PY'
import json, os, subprocess, sys
def replay(*words):
    return json.loads(subprocess.run([os.environ["TESSERA"], "replay", *words, "--json"], capture_output=True, check=True).stdout)
checked = 0
places = {"[horizon_days=10]": 1, "[strike=110]": 1, "[mean=1]": 1}
for stage, found in json.load(open("run.json"))["stages"].items():
    for name, result in found["results"].items():
        kind, _, rest = name.partition(".")
        if kind not in ("maximum", "minimum"):
            continue
        column, bracket, place = rest.partition("[")
        number = found["results"][kind + "_item." + rest]["value"]
        which = ["--item", str(number)]
        if stage == "chains":
            which = ["--item", str(number // 2100), "--row", str(number % 2100)]
        point = places.get(bracket + place, 0)
        item = replay(sys.argv[1], "--stage", stage, "--point", str(point), *which)
        value = item["parts"][-1]["columns"][column]
        assert value == [result["value"]], (stage, name, value, result)
        assert (item["weights"] is not None) == (stage == "learned"), item
        assert item["point"] == point and item["draws"], item
        if bracket:
            assert [f"{key}={text}" for key, text in item["place"].items()] == [place[:-1]], item["place"]
        checked += 1
assert checked > 27, checked
PY
$python extremes.py all.h5 || fail "an extreme of a result file is another one"
$python extremes.py all.yaml || fail "an extreme of a job file is another one"

# As text: the place, parameters, random numbers, columns.
call 0 replay all.h5 --stage pairs --point 1 --item 17
has out '^item 17 of stage pairs, which has 9,000 items$'
has out '^point 1: strike=110$'
has out '^  source  european  strike +110 +currency$'
has out '^  normal  0 +-?[0-9.]+$'
has out '^  map     derive    twice +[0-9.]+'
is_empty err
call 0 replay all.h5 --stage chains --item 4
has out ' of 2,100 rows$'
has out '^  row  .* 0 .* 3 .* 2096 .* 2099$'

# An item that ended a run: its refusal names the command that shows it.
cat >nan.yaml <<'JOB'
name: nan
seed: 2
source: normal
maps: [derive: ['y = log(x + 3)']]
items: 100000
tallies: [moments]
sweep: {mean: [3, 0]}
JOB
call 65 run nan.yaml
command=$(sed -n 's/^tessera: .*: tessera \(replay .*\)$/\1/p' err)
item=$(sed -n 's/.* column y of item \([0-9]*\) is nan;.*/\1/p' err)
# shellcheck disable=SC2086
call 0 $command
has out "^item $item of stage normal, "
has out '^point 1: mean=0$'
has out '^  source  normal  x +-[3-9]\.'
has out '^  map     derive  y +nan$'
# shellcheck disable=SC2086
call 0 $command --json
has out '^ +null$'

# A kernel that refuses the item: what is known of it, and then why.
printf 'price\n1\n2\n-1\n3\n' >prices.csv
printf 'name: p\nsource: {csv: prices.csv}\nmaps: [log_return]\ntallies: [moments]\n' >prices.yaml
call 66 run prices.yaml
call 66 replay prices.yaml --item 1
has out '^  source  csv  '
has err '^tessera: .*-1'
call 0 replay prices.yaml --item 0
has out '^  map     log_return  price +-?0\.69'

# Under mpirun the first process answers for all.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
called="mpirun -n 2 tessera replay"
timeout -k 5 60 mpirun -q -n 2 "$TESSERA" replay all.h5 --stage loss --item 1 --oversubscribe >out 2>err </dev/null || fail "$called: $(cat err)"
[ "$(grep -c '^item 1 ' out)" -eq 1 ] || fail "$called: $(cat out)"

# What is advised can be pasted into a shell, whatever the file is called.
cp prices.yaml "it's a job;.yaml"
refuses 64 'replay: --item is missing' replay "it's a job;.yaml"
eval "call 0 $(sed -n 's/^.*: tessera \(replay .*\)$/\1/p' err)"
has out '^item 0 of stage csv'

# An item that maps make of several rows, of which one looks back: rows 15 to 19, and 14 to 18, of the file.
cat >weeks.yaml <<JOB
name: weeks
seed: 1
source: {csv: {file: $here/../../jobs/data/eustockmarkets.csv, columns: [DAX]}}
maps: [{lag: {of: [DAX], lags: [1]}}, {resample: {every: 5, with: mean}}]
tallies: [moments]
nonfinite: skip
JOB
call 0 replay weeks.yaml --item 3
has out '^  source  csv       DAX            1627.63$'
has out '^  map     resample  DAX.mean       1619.834$'
has out '^  map     resample  DAX.lag1.mean  1623.792$'

# Refusals.
refuses 64 'replay: --item is missing' replay all.h5
refuses 64 'replay: the job has 7 stages; say which one' replay all.h5 --item 1
refuses 64 "replay: there is no stage 'los'; did you mean 'loss'" replay all.h5 --item 1 --stage los
refuses 64 'stage points has 9000 items, numbered from 0, and item 9000 is asked for' replay all.h5 --stage points --item 9000
refuses 64 'stage one has 2 points, numbered from 0, and point 2 is asked for' replay all.h5 --stage one --item 0 --point 2
refuses 64 'an item of stage chains has 2100 rows, numbered from 0, and row 2100' replay all.h5 --stage chains --item 0 --row 2100
refuses 64 'replay: --item -1: it must be a whole number' replay all.h5 --stage one --item -1
refuses 64 'replay: --set goes with a job file' replay all.h5 --stage one --item 1 --set seed=3
refuses 64 'none.yaml: cannot open the job file' replay none.yaml --item 1
exit $bad
