#!/bin/sh
# Writes the made run on 0 (no mpirun), 1, 2, ... ranks and reads it with the tools of its users.
# tools.sh WRITE_FILE RANKS
set -eu
write_file=$1 ranks=$2
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

"$write_file" serial.h5 >digest
if [ "$ranks" = 0 ]; then
    cp serial.h5 made.h5
else
    timeout -k 5 60 mpirun -q -n "$ranks" "$write_file" made.h5 >digest.ranks
    cmp digest digest.ranks
fi
h5diff serial.h5 made.h5
/usr/bin/python3 "$here/check_file.py" made.h5 "$(cat digest)"
h5dump -H made.h5 >/dev/null
# The whole layout as netCDF sees it; what differs from build to build is left out.
ncdump -h made.h5 | sed -E 's/^(.*:(source|job_folder|generator|git_revision|compiler|build_type|libraries) = ).*/\1... ;/' >made.cdl
diff "$here/made.cdl" made.cdl
[ "$(find . -name '*.part')" = "" ]
