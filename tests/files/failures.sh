#!/bin/sh
# What cannot be written is refused or given up with one sentence and the right exit code, leaves nothing behind and an
# older file as it was, and never hangs: on 0 (no mpirun) or 2 ranks.
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
expect 64 'there exists' 'an existing file' 0 there
expect 64 'folder is a folder' 'a folder' 0 folder force
expect 64 'link is a symbolic link' 'a link' 0 link force
expect 74 'No such file or directory' 'a missing folder' 2 missing/out.h5
expect 74 'Not a directory' 'a file for a folder' 0 a_file/out.h5

# Every single call that can fail does: CALL ERROR WORDS PART. The file before stays, or, once it was replaced, the new
# one is whole.
fail_each() {
    k=0 got=1
    while [ "$got" != 0 ] && [ "$k" -lt 60 ]; do
        k=$((k + 1)) got=0
        cp old.h5 folder/out.h5
        TSR_FAIL=$1:$k:$2 TSR_PART=$4 LD_PRELOAD=$library "$write_file" folder/out.h5 force >output 2>&1 || got=$?
        ls -A folder >after
        [ "$(cat after)" = out.h5 ] || complain "$1 $k fails with $2: something was left behind"
        kept=old.h5
        if [ "$got" = 0 ] || grep -q 'is written, but' output; then kept=plain.h5; fi
        cmp -s folder/out.h5 $kept || complain "$1 $k fails with $2: the file is not $kept"
        [ "$got" = 0 ] && break
        [ "$got" = 74 ] || complain "$1 $k fails with $2: exit code $got, not 74"
        [ "$(grep -c "out.h5.*$3" output)" = 1 ] || complain "$1 $k fails with $2: not once '$3'"
    done
    { [ "$k" -gt "$5" ] && [ "$got" = 0 ]; } || complain "$1 fails with $2: only $k calls seen"
}

start 0 plain.h5 >/dev/null
echo 'an older file' >old.h5
io=5 full=28 interrupted=4 unsupported=95
fail_each reserve $full 'No space left' 0 1
fail_each write $io 'Input/output error' 3000 10
fail_each write $full 'No space left' 20000 1
fail_each sync $io 'Input/output error' 0 2
fail_each read $io 'Input/output error' 5000 10
fail_each read 0 'does not give back what was written' 9000 5
fail_each rename $io 'Input/output error' 0 1

# What only interrupts, and a disk that cannot set space aside, give the same file.
for call in reserve:1:$interrupted write:1:$interrupted write:3:$interrupted sync:1:$interrupted read:2:$interrupted \
    sync:2:$interrupted reserve:1:$unsupported; do
    TSR_FAIL=$call TSR_PART=7000 LD_PRELOAD=$library "$write_file" folder/out.h5 force >output 2>&1 || complain "$call"
    cmp -s folder/out.h5 plain.h5 || complain "$call: another file"
done
rm folder/out.h5

# On several ranks one of them speaks, and all leave.
for call in write:1:$io read:1:0; do
    export TSR_FAIL="$call" LD_PRELOAD="$library"
    expect 74 'folder/out.h5: ' "$call" 2 folder/out.h5
    unset TSR_FAIL LD_PRELOAD
done

# Killed at any moment while it replaces a file: a whole file stands there, the old one or the new one.
cp plain.h5 folder/killed.h5
for delay in 0.005 0.01 0.015 0.02 0.03 0.04 0.06 0.08; do
    timeout -s KILL "$delay" "$write_file" folder/killed.h5 force >/dev/null 2>&1 || true
    cmp plain.h5 folder/killed.h5 || failed=1
done

# A limit on the size of files kills those who meet it.
(ulimit -f 8 && expect 74 'File too large' 'a limit on the size of files' 0 folder/limited.h5 && exit $failed) || failed=1

if [ "${TSR_OWN_MOUNTS:-}" = "" ] || ! mount -t tmpfs -o size=32k tmpfs small 2>/dev/null; then
    echo "SKIPPED: full and read-only disks (no permission to mount)"
    exit $failed
fi
mount -t tmpfs -o ro tmpfs readonly
for ranks in 0 2; do
    expect 74 'Read-only file system' 'a read-only disk' "$ranks" readonly/out.h5
    expect 74 'no room for' 'a full disk' "$ranks" small/out.h5
    export TSR_FAIL=reserve:1:$unsupported LD_PRELOAD="$library"
    expect 74 'no room for' 'a full disk that cannot set space aside' "$ranks" small/out.h5
    unset TSR_FAIL LD_PRELOAD
done
exit $failed
