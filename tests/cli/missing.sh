#!/bin/sh
# Missing values reach tallies that take them, and no others.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"

printf 'x,y\n1,2\n,3\n4,\n' >rows.csv

# job TALLIES: with a stage that reads these rows.
job() { printf 'name: rows\nseed: 1\nstages:\n  - {name: rows, source: {csv: rows.csv}, tallies: [%s], %s}\n' "$@" >job.yaml; }

job describe 'tile_items: 64'
call 0 run job.yaml
has out 'missing.x  *1'
has out 'mean.y  *2.50'

job 'describe: {of: x}, histogram: {of: y}' 'tile_items: 64'
call 65 run job.yaml --force
has err 'column x of item 1 is nan, read from rows.csv:3;'

job describe 'nonfinite: {policy: skip, limit: 1}'
call 0 run job.yaml --force
has out 'items.x  *1'
has out 'skipped  *2'
exit "$bad"
