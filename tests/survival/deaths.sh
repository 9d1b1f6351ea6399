#!/bin/sh
# A rank dies or fails while the others wait for it: all end, within ten seconds, with one message and one exit code.
# deaths.sh [all]: all ranks of 2, 3 and 7, one after the other.
# shellcheck source=tests/survival/suffer.sh
. "$(dirname "$0")/suffer.sh"

# deaths RANKS RANK TILES: who has nothing to say is told of by mpirun, which is quiet where somebody speaks.
deaths() {
    (suffer "kill-$1-$2" 15 137 "$1" "$2 $3 kill 1" && once "process rank $2 .*exited on signal 9") &
    (suffer "exit-$1-$2" 15 3 "$1" "$2 $3 exit 1" && once "Exit code: *3") &
    (suffer "crash-$1-$2" 15 139 "$1" "$2 $3 crash 1" -q && once . &&
        once "^tessera: rank $2 .*crashed in tile [0-9]+ of stage darts, point 0: .*SIGSEGV") &
    wait
    (suffer "assert-$1-$2" 15 70 "$1" "$2 $3 assert 1" -q && once . && once "^tessera: internal error") &
    (suffer "mpi-$1-$2" 15 71 "$1" "$2 $3 mpi 1" -q && once "^tessera: MPI failed on rank $2 while working: MPI_ERR_INTERN" &&
        once "^tessera:") &
    (suffer "fail-$1-$2" 15 66 "$1" "$2 $3 fail 1" -q && once . && once "^tessera: rank $2 was told to fail$") &
    wait
}

if [ "${1:-}" = all ]; then
    for ranks in 2 3 7; do
        for rank in $(seq 0 $((ranks - 1))); do deaths "$ranks" "$rank" $((rank * 7 % 20)); done
    done
else
    deaths 3 1 5
fi
finish
