#!/bin/sh
# What the system does not give is told in one sentence: threads, and an MPI that can do without them.
# shellcheck source=tests/survival/suffer.sh
. "$(dirname "$0")/suffer.sh"

for ranks in 1 3; do
    suffer "level-$ranks" 15 71 "$ranks" "0 0 none 0" -q -x TSR_THREAD_LEVEL=0
    once . && once '^tessera: this MPI offers no MPI_THREAD_FUNNELED'
    cd ..
done

# As somebody who may have few processes.
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@" 2>err; }
if ! as_nobody test -x "$TESSERA"; then
    echo "SKIPPED: too few threads (not root, or the program is not readable by others)"
    finish
fi
case=threads got=0
chmod 755 . && mkdir -m 777 threads && cd threads || exit 1
as_nobody prlimit --nproc=40 "$TESSERA" run ../job.yaml --threads 100 --oversubscribe --quiet || got=$?
[ "$got" = 71 ] || complain "exit code $got, not 71"
once . && once '^tessera: 100 threads are needed, but the system allows [0-9]+ \(Resource temporarily unavailable\)'
cd ..
finish
