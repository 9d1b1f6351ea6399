# shellcheck shell=sh
# For the tests of survival: runs a job in which something happens to a rank. TESSERA: the program; FAULT: the library
# that makes it happen (fault.c). Where the system allows it, a test has its own processes and shared memory, so that
# what is left of them can be seen, and nothing is left in the end.
set -u
if [ -z "${TSR_OWN_WORLD:-}" ] && unshare -m --pid --fork --mount-proc true 2>/dev/null; then
    TSR_OWN_WORLD=1 exec unshare -m --pid --fork --mount-proc --kill-child sh "$0" "$@"
fi
# shellcheck source=tests/survival/complain.sh
. "$(dirname "$0")/complain.sh"
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
export TMPDIR="$folder"
[ -z "${TSR_OWN_WORLD:-}" ] || mount -t tmpfs tmpfs /dev/shm || exit 1

darts 400000

# suffer CASE SECONDS CODE RANKS FAULT ARGUMENT...: in a folder of its own, expects the job to end with the exit code
# before so many seconds, and to leave neither a file nor half a one. What it printed is in out and err.
suffer() {
    case=$1 bound=$2 code=$3 ranks=$4 fault=$5
    shift 5
    mkdir "$case" && cd "$case" || exit 1
    got=0
    timeout -k 5 "$bound" mpirun -n "$ranks" -x LD_PRELOAD="${FAULT:?}" -x TSR_FAULT="$fault" "$@" "${TESSERA:?}" run \
        ../job.yaml --threads 1 --oversubscribe --quiet --json ${STALL:+--stall-limit "$STALL"} >out 2>err || got=$?
    [ "$got" = "$code" ] || complain "exit code $got, not $code"
    [ "$code" = 0 ] || [ -z "$(find . -name '*.h5*' ! -name '*.lock')" ] || complain "it leaves a file"
}

# once PATTERN: one line of the errors matches.
once() { [ "$(grep -cE -e "$1" err)" = 1 ] || complain "not once '$1'"; }

# same_digest: it has the digest of one rank, and complained of nothing.
same_digest() {
    grep -q "\"digest\": \"$digest\"" out || complain "another digest"
    ! grep -q '^tessera:' err || complain "it complained"
}

# finish: after all cases, which may run at the same time; nothing is left of them.
finish() {
    wait
    if [ -z "${TSR_OWN_WORLD:-}" ]; then
        echo "SKIPPED: whether processes or shared memory are left (no permission for namespaces)"
    else
        left=$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' | grep -cE '^([^ ]*/)?(tessera|mpirun|orted)$')
        [ "$left" = 0 ] || { : >bad && echo "$left processes are left"; }
        [ -z "$(ls -A /dev/shm)" ] || { : >bad && echo "left in /dev/shm: $(ls /dev/shm)"; }
    fi
    is_good
    exit $?
}
