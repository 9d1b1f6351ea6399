# shellcheck shell=sh disable=SC2154 # who sources it has made the folder
# For tests that tell what is not as expected and go on, also in subshells that work at the same time. Their own folder is
# $folder; $case, or the row of docs/faults.md, is what is being tested, and what it said is in err.

complain() {
    : >"$folder/bad"
    printf '%s: %s\n' "${case:-row $row}" "$1"
    head -c 2000 err
}
# is_good: there was no complaint.
is_good() { [ ! -e "$folder/bad" ]; }

# darts ITEMS: a job.yaml of so many items, and the digest that it has to have.
darts() {
    cat >job.yaml <<END
name: pi
seed: 1
stages:
  - {name: darts, source: pi, items: $1, tile_items: 1000, tallies: [moments]}
END
    digest=$(timeout 60 "${TESSERA:?}" run job.yaml --out one.h5 --quiet --json | sed -n 's/.*"digest": "\(.*\)",/\1/p')
    [ -n "$digest" ] || exit 1
}
