#!/bin/sh
# Sizes that keep the code readable: functions of at most 60 lines, files of 400, headers of 150, lines of 120.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0
folders="engine kernels io cli"
# shellcheck disable=SC2086
long=$(ctags -R --languages=C --kinds-C=f --fields=+ne -o - $folders |
    awk -F'\t' '{l=e=0; for(i=1;i<=NF;i++){if($i~/^line:/)l=substr($i,6); if($i~/^end:/)e=substr($i,5)}
                 if(e-l+1>60) print $2 ": " $1 " has " e-l+1 " lines, at most 60"}')
# shellcheck disable=SC2086
files=$(find $folders -name '*.[ch]' -exec wc -l {} + |
    awk '$2!="total" {m=($2~/h$/)?150:400; if($1>m) print $2 ": " $1 " lines, at most " m}')
# shellcheck disable=SC2086
lines=$(grep -rnE '^.{121,}$' $folders --include='*.[ch]' | cut -d: -f1,2 | sed 's/$/: a line of more than 120 columns/')
for found in "$long" "$files" "$lines"; do
    [ -z "$found" ] && continue
    printf '%s\n' "$found"
    bad=1
done
exit $bad
