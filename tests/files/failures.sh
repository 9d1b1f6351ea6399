#!/bin/sh
# What cannot be written is refused or given up with one sentence and the right exit code, leaves nothing behind, and
# never hangs: on 0 (no mpirun), 1, 2 or 3 ranks.
# failures.sh WRITE_FILE FAIL_WRITE_LIBRARY
set -eu
write_file=$1 library=$2
if [ "${TSR_OWN_MOUNTS:-}" = "" ] && unshare -m true 2>/dev/null; then
    TSR_OWN_MOUNTS=1 exec unshare -m sh "$0" "$@" # mounts end with the test
fi
folder=$(mktemp -d)
trap 'umount small readonly 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
failed=0

# start RANKS ARGUMENTS: writes the made run.
start() {
    ranks=$1
    shift
    if [ "$ranks" = 0 ]; then
        timeout -k 5 30 "$write_file" "$@"
    else
        timeout -k 5 30 mpirun -q -n "$ranks" "$write_file" "$@"
    fi
}

# expect CODE WORDS WHAT RANKS PATH [force]: the exit code, the sentence, and that the folder is as it was before.
expect() {
    code=$1 words=$2 what=$3
    shift 3
    ls -A . ./*/ 2>/dev/null >before
    got=0
    start "$@" >output 2>&1 || got=$?
    ls -A . ./*/ 2>/dev/null >after
    [ "$got" = "$code" ] || complain "$what, $1 ranks: exit code $got, not $code"
    [ "$(grep -c "$words" output)" = 1 ] || complain "$what, $1 ranks: not once '$words'"
    cmp -s before after || complain "$what, $1 ranks: something was left behind"
}

complain() {
    failed=1
    printf '%s\n' "$1"
    cat output
    diff before after || true
}

touch before after output there a_file
mkdir folder small readonly
ln -s there link
for ranks in 0 2; do
    expect 64 'there exists' 'an existing file' "$ranks" there
    expect 64 'folder is a folder' 'a folder' "$ranks" folder force
    expect 64 'link is a symbolic link' 'a link' "$ranks" link force
    expect 74 'No such file or directory' 'a missing folder' "$ranks" missing/out.h5
    expect 74 'Not a directory' 'a file for a folder' "$ranks" a_file/out.h5
done

# The disk breaks while numbers are written.
for write in 1 2 20; do
    for ranks in 0 1 3; do
        TSR_FAIL_WRITE=$write
        export TSR_FAIL_WRITE LD_PRELOAD="$library"
        expect 74 'out.h5: ' "a disk that breaks at write $write" "$ranks" folder/out.h5
        unset TSR_FAIL_WRITE LD_PRELOAD
    done
done

# Killed at any moment while it replaces a file: a whole file stands there, the old one or the new one.
start 0 folder/old.h5 >/dev/null
cp folder/old.h5 folder/killed.h5
for delay in 0.01 0.02 0.03 0.04 0.05 0.06 0.08 0.10; do
    timeout -s KILL "$delay" "$write_file" folder/killed.h5 force >/dev/null 2>&1 || true
    cmp folder/old.h5 folder/killed.h5 || failed=1
done

if [ "${TSR_OWN_MOUNTS:-}" = "" ] || ! mount -t tmpfs -o size=64k tmpfs small 2>/dev/null; then
    echo "SKIPPED: full and read-only disks (no permission to mount)"
    exit $failed
fi
mount -t tmpfs -o ro tmpfs readonly
for ranks in 0 1 3; do
    expect 74 'Read-only file system' 'a read-only disk' "$ranks" readonly/out.h5
    expect 74 'no room for' 'a full disk' "$ranks" small/out.h5
    export TSR_FAIL_RESERVE=1 LD_PRELOAD="$library"
    expect 74 'no room for' 'a full disk that cannot set space aside' "$ranks" small/out.h5
    unset TSR_FAIL_RESERVE LD_PRELOAD
done

# With room enough, a disk that cannot set space aside gives the same file.
mount -o remount,size=4m small
for ranks in 0 2; do
    start "$ranks" folder/plain.h5 force >/dev/null
    export TSR_FAIL_RESERVE=1 LD_PRELOAD="$library"
    start "$ranks" small/out.h5 force >/dev/null
    unset TSR_FAIL_RESERVE LD_PRELOAD
    cmp folder/plain.h5 small/out.h5 || failed=1
done
exit $failed
