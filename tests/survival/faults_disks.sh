#!/bin/sh
# Real limits: disks that are full, read-only or without inodes, files that may not grow, few descriptors, little memory;
# on 0 (no mpirun) and 2 ranks. Each ends with its exit code and one sentence; results that were computed are printed; the
# file that was there before stays; nothing else is left.
# faults_disks.sh TESSERA
set -eu
tessera=$1
if [ "${TSR_OWN_MOUNTS:-}" = "" ] && unshare -m true 2>/dev/null; then
    TSR_OWN_MOUNTS=1 exec unshare -m sh "$0" "$@" # mounts end with the test
fi
folder=$(mktemp -d)
trap 'cd /; umount "$folder/disk" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
failed=0

cat >job.yaml <<'END'
name: small
seed: 1
stages:
  - {name: darts, source: pi, items: 100000, tile_items: 1024, tallies: [moments, histogram: {bins: 1000, range: [0, 5]}]}
END

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

# fill_but BYTES: so many stay free on the disk.
fill_but() { head -c $(($(df --output=avail -B1 disk | tail -1) - $1)) /dev/zero >disk/filler; }

# expect CODE WORDS PRINTED WHAT RANKS LIMITS ARGUMENTS: PRINTED is how often the digest is on standard output.
expect() {
    code=$1 words=$2 printed=$3 what="$4, $5 ranks"
    shift 4
    ls -A disk >before
    cp disk/out.h5 kept.h5 2>/dev/null || rm -f kept.h5
    got=0
    start "$@" || got=$?
    ls -A disk >after
    [ "$got" = "$code" ] || complain "$what: exit code $got, not $code"
    [ "$(grep '^tessera: ' err | grep -vcE '^tessera: (note|warning): ')" = 1 ] || complain "$what: not one sentence"
    grep -q "^tessera: .*$words" err || complain "$what: no '$words'"
    [ "$(grep -c '"digest"' out)" = "$printed" ] || complain "$what: the digest is printed $(grep -c '"digest"' out) times"
    cmp -s before after || complain "$what: something was left behind"
    [ ! -e kept.h5 ] || cmp kept.h5 disk/out.h5 || complain "$what: the file that was there has changed"
}

mkdir disk
run="run job.yaml --json --threads 1 --oversubscribe --force --out disk/out.h5"
for ranks in 0 2; do
    # shellcheck disable=SC2086
    {
        start $ranks "" $run --set darts.items=5000 || complain "an undisturbed run, $ranks ranks"
        [ $ranks = 2 ] || expect 74 'File too large' 1 'a limit for files' $ranks 'ulimit -f 2;' $run # MPI needs more
        start $ranks 'ulimit -n 32;' $run || complain "32 descriptors, $ranks ranks"
    }
done

# From hardly enough to load the program to enough: a sentence that names memory, or success.
refused=0
for kilobytes in 36000 40000 44000 48000 52000 56000 60000 64000 68000; do
    got=0
    # shellcheck disable=SC2086
    start 0 "ulimit -v $kilobytes;" $run || got=$?
    case $got in
    0 | 127) ;; # 127: the loader had not enough
    71)
        refused=$((refused + 1))
        grep -q '^tessera: .*no memory' err || complain "$kilobytes KB of memory: no sentence"
        ;;
    *) complain "$kilobytes KB of memory: exit code $got" ;;
    esac
done
[ "$refused" -gt 0 ] || complain "no memory was too little"

# Standard output is full, the file is not.
got=0
# shellcheck disable=SC2086
timeout 60 "$tessera" $run >/dev/full 2>err || got=$?
[ "$got" = 74 ] || complain "a full standard output: exit code $got"
grep -q '^tessera: cannot write to standard output: ' err || complain "a full standard output: no sentence"

if [ "${TSR_OWN_MOUNTS:-}" = "" ] || ! mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null; then
    echo "SKIPPED: full and read-only disks (no permission to mount)"
    exit $failed
fi
for ranks in 0 2; do
    # shellcheck disable=SC2086
    {
        mount -o remount,rw,size=4m,nr_inodes=100 disk
        start $ranks "" $run --set darts.items=5000 || complain "an undisturbed run on a small disk, $ranks ranks"
        fill_but 16384 # for the lock
        expect 74 'No space left on device' 1 'a full disk' $ranks '' $run
        rm disk/filler

        # Room for a checkpoint, but not for the results, which are longer.
        kept="run job.yaml --json --threads 1 --oversubscribe --out disk/kept.h5 --checkpoint-every 0.01"
        start $ranks "" $kept --set darts.items=1e7 || complain "an undisturbed run on record, $ranks ranks"
        digest=$(grep '"digest"' out)
        bytes=$(stat -c %s disk/kept.h5)
        rm disk/kept.h5
        fill_but $((bytes - 8192))
        got=0
        start $ranks "" $kept --set darts.items=1e7 || got=$?
        [ "$got" = 74 ] || complain "room for a checkpoint only, $ranks ranks: exit code $got"
        [ "$(grep '"digest"' out)" = "$digest" ] || complain "room for a checkpoint only, $ranks ranks: no results"
        grep -q '^tessera: cannot write .* tessera resume disk/kept.h5 --out FILE$' err || complain "no advice, $ranks ranks"
        start $ranks "" resume disk/kept.h5 --out elsewhere.h5 --json || complain "going on elsewhere, $ranks ranks"
        [ "$(grep '"digest"' out)" = "$digest" ] || complain "going on elsewhere, $ranks ranks: another digest"
        rm -f disk/filler disk/kept.h5* elsewhere.h5
        mount -o remount,nr_inodes=2 disk
        expect 74 'No space left on device' 0 'a disk without inodes' $ranks '' $run
        mount -o remount,ro disk
        expect 74 'Read-only file system' 0 'a read-only disk' $ranks '' $run
    }
done
exit $failed
