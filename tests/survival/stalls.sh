#!/bin/sh
# A rank that never goes on ends all ranks after a time, and is named; one that is stopped or slow does neither, and
# changes no result.
# shellcheck source=tests/survival/suffer.sh
. "$(dirname "$0")/suffer.sh"

# ranks_in FOLDER: the processes of the ranks that run there.
ranks_in() {
    for process in /proc/[0-9]*; do
        [ "$(cat "$process/comm" 2>/dev/null)" = tessera ] && [ "$(readlink "$process/cwd")" = "$1" ] &&
            printf '%s ' "${process#/proc/}"
    done
}

(STALL=3 suffer stuck 20 71 3 "1 5 stuck 0" -q
once "^tessera: ended after 3 s without progress \(--stall-limit\): "
once "ended after .*: rank 1 \(.*, pid [0-9]+\) works on tile [0-9]+ of stage darts, point 0, thread 0, since [0-9]+ s"
once "ended after .*; ranks? (0, )?2 waits? since [0-9]+ s: adding up the ranks$"
grep -q "^tessera: no progress for 1 s: rank 1 " err || complain "no roll call before the end") &
(suffer stopped 60 0 3 "1 5 stop 5" && same_digest) &
(STALL=6 suffer all-stopped 60 0 2 "-1 8 slow 0.8" && same_digest) &
(STALL=2 suffer slow 60 0 3 "1 0 slow 0.05" && same_digest) &
sleep 2
# shellcheck disable=SC2046
{
    kill -STOP $(ranks_in "$folder/all-stopped")
    sleep 5
    kill -CONT $(ranks_in "$folder/all-stopped")
}
finish
