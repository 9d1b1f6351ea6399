#!/bin/sh
# docs/faults.md has a row for every scenario, and the tests that it names exist.
# shellcheck disable=SC2016 # backquotes are those of the page
set -u
cd "$(dirname "$0")/../.." || exit 1
page=docs/faults.md bad=0

complain() {
    printf '%s: %s\n' "$page" "$1"
    bad=1
}

[ "$(grep -o '^| [0-9]* |' "$page" | tr -d '| ')" = "$(seq 1 49)" ] || complain "the rows are not 1 to 49"
for file in $(grep -oE '`[a-z]+/[a-z_]+\.(sh|py|c)`' "$page" | tr -d '`' | sort -u); do
    [ -e "tests/$file" ] || complain "there is no tests/$file"
done
# shellcheck disable=SC2013 # numbers have no blanks
for row in $(grep -oE 'scenarios.sh` row [0-9]+' "$page" | sed 's/.* //'); do
    grep -q "^row=$row " tests/survival/scenarios.sh || complain "scenarios.sh has no row $row"
done
grep -oE '`survival/recovery\.sh`: [a-z, ]+' "$page" | sed 's/.*: //' | tr -d ' ' | tr , '\n' | sort -u |
    while read -r case; do
        grep -q "^case=$case\$" tests/survival/recovery.sh || printf '%s: recovery.sh has no case %s\n' "$page" "$case"
    done | grep . && bad=1
exit $bad
