#!/bin/sh
# What cannot be done is refused before any work, with one sentence and the exit code of its class, and leaves no file.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"

# Commands and options.
refuses 64 "unknown command rum; did you mean 'run'\?" rum pi.yaml
refuses 64 "run: unknown option --quite; did you mean '--quiet'\?" run pi.yaml --quite
refuses 64 'run: unknown option -x' run pi.yaml -x
refuses 64 'run: --out needs a value: --out FILE$' run pi.yaml --out
refuses 64 'run: --quiet takes no value$' run pi.yaml --quiet=yes
refuses 64 'run: --threads 0: N must be a whole number from 1 to' run pi.yaml --threads 0
refuses 64 'run: --threads two: N must be' run pi.yaml --threads two
refuses 64 'run: --shuffle-tiles -1: SEED must be' run pi.yaml --shuffle-tiles=-1
refuses 64 'run: JOB is missing: tessera run JOB$' run
refuses 64 "run: 'b.yaml' is one word too many" run pi.yaml b.yaml
refuses 64 'plan: JOB is missing' plan
refuses 64 'plan: unknown option --json' plan pi.yaml --json
refuses 64 "version: 'x' is one word too many" version x
refuses 64 "unknown command plam; did you mean 'plan'\?" help plam

# Jobs.
for command in run plan; do
    refuses 64 'nothing.yaml: cannot open the job file: No such file' $command nothing.yaml
    refuses 64 '\.: a folder, not a job file' $command .
    refuses 64 ".*itms.*did you mean 'darts.items'" $command pi.yaml --set darts.itms=5
    refuses 64 ".*items" $command pi.yaml --set darts.items=-5
    refuses 64 ".*items" $command pi.yaml --set darts.items=1e30
    refuses 64 ".*items" $command pi.yaml --set darts.items=ten
    refuses 64 ".*did you mean 'pi'" $command pi.yaml --set darts.source=pie
    refuses 64 ".*spot" $command pi.yaml --set darts.source=european --set darts.source.spot=-1
done
printf 'name: pi\n\tbroken: [\n' >broken.yaml
refuses 64 'broken.yaml:2:' run broken.yaml

# Data: the class of a file that a job reads is another one.
cat >data.yaml <<'END'
name: data
stages:
  - {name: rows, source: {csv: gone.csv}, tallies: [moments]}
END
refuses 66 '.*gone.csv' run data.yaml

# Threads.
refuses 64 'this process may use [0-9]+ CPUs? but was given 3000 threads; start it with: .*run pi.yaml --threads [0-9]+ \(or' \
    run pi.yaml --threads 3000
for threads in 0 -1 2.5 1e9 '2,4'; do
    OMP_NUM_THREADS=$threads
    export OMP_NUM_THREADS
    call 64 run pi.yaml
    has err "^tessera: OMP_NUM_THREADS is '$threads', but must be a whole number from 1 on"
done
unset OMP_NUM_THREADS

# Output: judged before work that would take years.
years="--set darts.items=1e15"
# shellcheck disable=SC2086
{
    refuses 74 'cannot write no/where/x.h5' run pi.yaml $years --out no/where/x.h5
    refuses 64 '.*folder' run pi.yaml $years --out .
    touch pi.h5
    refuses 64 'pi.h5 exists; .*--force' run pi.yaml $years
}
is_empty pi.h5
rm pi.h5

# Nothing that a run reads is overwritten, whatever is allowed and however it is called.
printf 'a,b\n1,2\n3,4\n' >table.yaml.csv
cp table.yaml.csv kept.yaml
ln table.yaml.csv other.yaml
printf 'name: t\nseed: 1\nsource: {csv: table.yaml.csv}\ntallies: [moments]\n' >reads.yaml
printf 'name: t\nseed: 1\nsource: {csv: table.yaml.csv}\nsink: {hdf5: {file: other.yaml, replace: yes}}\n' >rows.yaml
refuses 64 "the results would replace 'table.yaml.csv', which is read by stage csv; .*--out" run reads.yaml --force --out table.yaml.csv
refuses 64 "the results would replace 'other.yaml', which is read by stage csv" run reads.yaml --force --out other.yaml
refuses 64 "the results would replace 'reads.yaml', which is the job file" run reads.yaml --force --out reads.yaml
refuses 64 "rows.yaml:4:8: the rows of the sink would replace 'other.yaml', which is read by stage csv" run rows.yaml
refuses 64 "rows.yaml:4:8: the rows of the sink would replace './new.h5', which is where the results go" run rows.yaml --out new.h5 --set csv.hdf5.file=./new.h5
cmp -s table.yaml.csv kept.yaml || fail "a file that was read has changed"
rm table.yaml.csv

left=$(find . -newer pi.yaml -type f ! -name out ! -name err ! -name '*.yaml')
[ -z "$left" ] || fail "files were left: $left"
exit $bad
