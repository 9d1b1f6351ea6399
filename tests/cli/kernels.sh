#!/bin/sh
# What can be named in a job is listed, and each of it is explained.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"

call 0 kernels
is_empty err
has out '^Sources: '
has out '^Tallies: '
has out '^  csv +rows of tables in CSV files$'
has out '^  moments +[a-z]'
sed -n 's/^  \([a-z_0-9]*\) .*/\1/p' out >names
[ "$(wc -l <names)" -ge 4 ] || fail "kernels lists only: $(cat names)"
while read -r name; do
    call 0 kernels "$name"
    is_empty err
    has out "^(source|map|tally|sampling) $name: [a-zA-Z0-9]"
    has out '^(PARAMETER +DEFAULT +UNIT +MEANING|It has no parameters\.)$'
done <names

for name in pi european; do
    call 0 kernels "$name"
    diff "$here/golden/kernels_$name.txt" out || fail "kernels $name is not as in tests/cli/golden"
done
refuses 64 "kernels: there is no source, map, tally, sampling design or sink called europaen; did you mean 'european'\?" kernels europaen
exit $bad
