#!/bin/sh
# Mean, sd, least, largest, skewness, kurtosis of a field of one dimension by CDO: one operator, and one pass, for each.
# describe_cdo.sh NETCDF THREADS
set -eu
began=$(date +%s.%N)
answer=
for pair in mean:fldmean sd:fldstd1 minimum:fldmin maximum:fldmax skewness:fldskew kurtosis:fldkurt; do
    value=$(cdo -s -P "$2" -outputf,%.17g,1 "-${pair#*:}" "$1" 2>/dev/null)
    answer="$answer\"${pair%:*}\": $value, "
done
ended=$(date +%s.%N)
version=$(cdo --version 2>&1 | awk 'NR == 1 { print "CDO", $5 }')
printf '{"wall_s": %s, "cpu_s": null, "version": "%s", "answer": {%s}}\n' \
    "$(awk "BEGIN { print $ended - $began }")" "$version" "${answer%, }"
