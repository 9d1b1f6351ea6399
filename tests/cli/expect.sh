# shellcheck shell=sh
# For the tests of the command line: runs tessera in a folder of its own and says what is not as expected.
# TESSERA: the program under test.
# here: the folder of the tests.
# shellcheck disable=SC2034 # the tests read bad and here
set -u
bad=0
here=$(cd "$(dirname "$0")" && pwd)
unset OMP_NUM_THREADS
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

fail() {
    printf 'not as expected: %s\n' "$*"
    bad=1
}

# call CODE ARGUMENT...: runs tessera, whose output is then in the files out and err, and expects this exit code.
call() {
    wanted=$1
    shift
    called="tessera $*"
    timeout 60 "$TESSERA" "$@" >out 2>err </dev/null
    got=$?
    [ "$got" -eq "$wanted" ] || fail "$called ended with $got, not $wanted: $(cat err)"
}

# has FILE PATTERN: a line of the file matches the extended regular expression.
has() { grep -qE -e "$2" "$1" || fail "$called: no '$2' in $1: $(head -c 600 "$1")"; }

# is_empty FILE
is_empty() { [ ! -s "$1" ] || fail "$called: $1 is not empty: $(head -c 600 "$1")"; }

# refuses CODE PATTERN ARGUMENT...: nothing on stdout, one line on stderr that matches the pattern.
refuses() {
    code=$1 pattern=$2
    shift 2
    call "$code" "$@"
    is_empty out
    has err "^tessera: $pattern"
    [ "$(wc -l <err)" -eq 1 ] || fail "$called: more than one line: $(cat err)"
}

# A job of some milliseconds.
cat >pi.yaml <<'END'
name: pi
title: Darts
seed: 1
stages:
  - {name: darts, source: pi, items: 100000, tile_items: 1024, tallies: [moments]}
END
