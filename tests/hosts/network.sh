#!/bin/sh
# Ranks on several hosts: the digest of one; a cable that is pulled for some seconds changes nothing; one that stays
# pulled ends all ranks, told by who waits; a host that is slow is waited for.
# TESSERA: the program; FAULT: the library that makes tiles slow (tests/survival/fault.c).
set -u
# shellcheck source=tests/survival/complain.sh
. "$(dirname "$0")/../survival/complain.sh"
hosts=$(dirname "$(readlink -f "$0")")/hosts.sh
folder=$(mktemp -d) || exit 1
cd "$folder" || exit 1

stop_all() {
    for rack in "$folder"/*/rack; do [ ! -e "$rack" ] || sh "$hosts" stop "$(dirname "$rack")"; done
    rm -rf "$folder"
}
trap stop_all EXIT

darts 200000

# begin CASE HOSTS: a folder and hosts of its own.
begin() {
    case=$1
    sh "$hosts" start "$2" "$folder/$case" && cd "$folder/$case" || exit 77
}

# launch CODE RANKS SLOW ARGUMENT...: the job; SLOW says whose tiles take longer. 45 s is the longest that it
# may last; nonzero: any code but 0, of a job that has ended by itself.
launch() {
    code=$1 ranks=$2 slow=$3 got=0
    shift 3
    timeout -k 1 45 sh "$hosts" run . -n "$ranks" -x LD_PRELOAD="${FAULT:?}" -x TSR_FAULT="$slow" \
        -x TSR_MARK="$PWD/working" "$TESSERA" run ../job.yaml --out out.h5 --threads 1 \
        --oversubscribe --quiet --json "$@" >out 2>err || got=$?
    case $code:$got in
        nonzero:0 | nonzero:124 | nonzero:137) complain "exit code $got" ;;
        nonzero:* | "$got:$got") ;;
        *) complain "exit code $got, not $code" ;;
    esac
}

# cut: the cable of node2, once the ranks are at work.
cut() {
    while [ ! -e working ] && [ -e rack ]; do sleep 0.1; done
    sh "$hosts" cut . node2
}

same_digest() { grep -q "\"digest\": \"$digest\"" out || complain "another digest"; }
silent() { ! grep -q '^tessera:' err || complain "it complained"; }
says() { grep -qE "^tessera: $1" err || complain "no '$1'"; }

# ranks_on HOST: how many ranks are there.
ranks_on() { sh "$hosts" enter . "$1" 'cat /proc/[0-9]*/comm 2>/dev/null | grep -c "^tessera$"'; }

plain() {
    for size in 2 3; do
        begin "plain-$size" "$size"
        launch 0 $((2 * size)) "0 0 none 0"
        same_digest && silent
    done
}

healed() {
    begin healed 3
    (cut && sleep 4 && sh "$hosts" heal . node2) &
    launch 0 3 "-1 0 slow 0.05"
    same_digest && silent
    wait
}

broken() {
    begin broken 3
    cut &
    launch nonzero 3 "-1 0 slow 0.05" --stall-limit 15
    says 'no progress for [0-9]+ s: .*rank'
    for host in node1 node2 node3; do
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            [ "$(ranks_on "$host")" = 0 ] && break
            sleep 1
        done
        [ "$(ranks_on "$host")" = 0 ] || complain "ranks are left on $host"
    done
    [ ! -e out.h5 ] || complain "it leaves a file"
}

# Those of other hosts have nothing to do for longer than the limit, but hear that there is progress.
slow() {
    begin slow 2
    launch 0 4 "3 0 slow 0.4" --stall-limit 4
    same_digest && silent
}

(plain) & first=$!
wait $first || { [ $? = 77 ] && exit 77; exit 1; }
(healed) &
(broken) &
(slow) &
wait
is_good
