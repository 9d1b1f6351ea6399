#!/bin/sh
# Files that are damaged or made to harm are refused in words, and what is read after damage is what was written.
# damage.sh WRITE_FILE READ_DAMAGED
set -eu
write_file=$1 read_damaged=$2
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$write_file" sound.h5 >/dev/null
timeout 60 "$read_damaged" flip sound.h5

mkdir hostile
/usr/bin/python3 "$here/hostile.py" "$folder/sound.h5" "$folder/hostile"
failed=0 memory_kb=${TSR_MEMORY_KB:-2000000}
for file in hostile/*.h5 missing.h5; do
    code=0
    # Less memory than the sizes that some of them claim; ASan needs all there is.
    # shellcheck disable=SC3045
    (ulimit -v "$memory_kb" && timeout 20 "$read_damaged" read "$file") >output 2>&1 || code=$?
    wanted=76
    case $file in
    missing.h5 | */symbolic_link.h5 | */folder.h5 | */pipe.h5) wanted=66 ;;
    esac
    if [ "$code" != 0 ] || [ "$(wc -l <output)" != 1 ] || ! grep -q "^$wanted .*${file##*/}: ..." output; then
        failed=1
        echo "$file: exit code $code"
    fi
    cat output
done
if "$read_damaged" read hostile/sound/big_endian.h5 >output; then failed=1; fi # what is sound is read
grep -q '^0 $' output || failed=1
exit $failed
