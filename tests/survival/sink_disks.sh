#!/bin/sh
# Rows that a disk has no room for, on 0 (no mpirun) and 2 ranks: the exit code, one sentence, nothing under the final
# name, and a file that was there as it was; with room the same run goes on. Folders that take no file are refused first.
# sink_disks.sh TESSERA
set -eu
tessera=$1
if [ "${TSR_OWN_MOUNTS:-}" = "" ] && unshare -m true 2>/dev/null; then
    TSR_OWN_MOUNTS=1 exec unshare -m sh "$0" "$@" # mounts end with the test
fi
folder=$(mktemp -d)
trap 'cd /; umount "$folder/disk" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
failed=0
mkdir disk

cat >job.yaml <<'END'
name: rows
seed: 1
items: 100000
tile_items: 1000
source: normal
sink: {hdf5: {file: disk/rows.h5, replace: yes}}
tallies: [moments]
END
sed 's/replace: yes/replace: yes, compression: 1/' job.yaml >packed.yaml

complain() {
    failed=1
    printf '%s\n' "$1"
    cat err
}

# start RANKS LIMITS ARGUMENTS: the program, after the shell has set some limits.
start() {
    ranks=$1 limits=$2
    shift 2
    if [ "$ranks" = 0 ]; then
        timeout -k 5 60 sh -c "$limits"' exec "$@"' sh "$tessera" "$@" >out 2>err
    else
        timeout -k 5 60 mpirun -q -n "$ranks" sh -c "$limits"' exec "$@"' sh "$tessera" "$@" >out 2>err
    fi
}

# expect WORDS WHAT RANKS LIMITS ARGUMENTS: exit code 74, one sentence, and disk/rows.h5 as it was.
expect() {
    words=$1 what="$2, $3 ranks"
    shift 2
    cp disk/rows.h5 kept.h5 2>/dev/null || rm -f kept.h5
    got=0
    start "$@" || got=$?
    [ "$got" = 74 ] || complain "$what: exit code $got, not 74"
    [ "$(grep '^tessera: ' err | grep -vcE '^tessera: (note|warning): ')" = 1 ] || complain "$what: not one sentence"
    grep -q "^tessera: .*$words" err || complain "$what: no '$words'"
    [ -e kept.h5 ] || [ ! -e disk/rows.h5 ] || complain "$what: there is a file"
    [ ! -e kept.h5 ] || cmp kept.h5 disk/rows.h5 || complain "$what: the file that was there has changed"
    [ ! -e disk/rows.h5.lock ] || complain "$what: a lock was left behind"
}

run="run job.yaml --threads 1 --oversubscribe --quiet --out out.h5"
# shellcheck disable=SC2086
start 0 "" $run || complain "an undisturbed run"
mv disk/rows.h5 wanted.h5
# shellcheck disable=SC2086
expect 'no room for .* File too large' 'a limit for files' 0 'ulimit -f 800;' $run --force
rm -f disk/*

if [ "${TSR_OWN_MOUNTS:-}" = "" ] || ! mount -t tmpfs -o size=1m tmpfs disk 2>/dev/null; then
    echo "SKIPPED: full and read-only disks (no permission to mount)"
    exit $failed
fi
for ranks in 0 2; do
    rm -f out.h5
    # shellcheck disable=SC2086
    {
        expect 'rows.h5.part: no room for .* No space left on device' 'a full disk' $ranks '' $run --checkpoint-every 0.01
        mount -o remount,size=4m disk
        start $ranks "" $run --resume || complain "with room, $ranks ranks"
        cmp wanted.h5 disk/rows.h5 || complain "with room, $ranks ranks: other bytes"
        mount -o remount,ro disk
        expect 'no file can be made in folder disk: Read-only' 'a read-only disk' $ranks '' $run --force
        mount -o remount,rw disk
        [ "$(ls -A disk)" = rows.h5 ] || complain "$ranks ranks: left behind: $(ls -A disk)"
        rm disk/rows.h5

        # Room for the rows, but not for what they are compressed to.
        mount -o remount,size=2500k disk
        packed="run packed.yaml --threads 1 --oversubscribe --quiet --out packed.h5 --checkpoint-every 0.01"
        expect 'rows.h5.part.packed: .*No space left on device' 'a disk that fills up' $ranks '' $packed
        [ "$(ls -A disk)" = rows.h5.part ] || complain "$ranks ranks: left behind: $(ls -A disk)"
        mount -o remount,size=8m disk
        start $ranks "" $packed --resume || complain "compressed, with room, $ranks ranks"
        [ "$(ls -A disk)" = rows.h5 ] || complain "$ranks ranks: left behind: $(ls -A disk)"
        rm disk/rows.h5 packed.h5
        mount -o remount,size=1m disk
    }
done
exit $failed
