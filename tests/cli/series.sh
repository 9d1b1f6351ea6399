#!/bin/sh
# Maps over a series give the same rows for any tiles, in any order and on any threads; a joined table is an input.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"

cat >series.yaml <<END
name: series
seed: 1
source: {csv: {file: $here/../../jobs/data/eustockmarkets.csv, columns: [DAX, SMI, FTSE]}}
maps:
  - rolling: {of: [DAX, SMI], window: 20, with: [mean, sd, median, min], edge: partial}
  - lag: {of: FTSE, lags: [1, 5], edge: drop}
  - diff: {of: SMI}
  - fill: {value: 0}
  - segment: {of: DAX.mean20, length: 60, detrend: linear}
  - power_spectrum
  - resample: {every: 2, with: [mean, last]}
tallies: [moments]
sink: {hdf5: {file: rows.h5, chunk: 16, replace: yes}}
END
for tile in 1 7 1000; do
    call 0 run series.yaml --quiet --oversubscribe --threads 3 --shuffle-tiles "$tile" --set "tile_items=$tile" --out out.h5 --force
    mv rows.h5 "rows$tile.h5"
done
# Attributes tell the jobs apart; rows are the same.
for tile in 1 7 1000; do h5dump -A 0 -m %.17g "rows$tile.h5" | tail -n +2 >"rows$tile.txt"; done
for tile in 7 1000; do cmp rows1.txt "rows$tile.txt" || fail "tiles of $tile: other rows"; done
[ "$(wc -l <rows1.txt)" -gt 100 ] || fail "no rows to compare: $(head -3 rows1.txt)"
h5ls rows1.h5 | grep -q 'f0007.last *Dataset {30}' || fail "the rows are not 30: $(h5ls rows1.h5 | head -3)"

printf 'day,price,stock\n1,10,SAP\n1,20,BMW\n2,11,SAP\n' >prices.csv
printf 'stock,shares\nBMW,600\nSAP,1200\n' >stocks.csv
cat >join.yaml <<'END'
name: join
seed: 1
source: {csv: {file: prices.csv, columns: [price, stock]}}
maps:
  - join: {table: stocks.csv, on: stock, columns: [shares], unmatched: refuse}
  - derive: ["value = price * shares"]
where: stock == "SAP"
tallies: [moments]
END
call 0 run join.yaml --out join.h5
has out '^ *mean.value +12600 '
h5ls join.h5/inputs/join >inputs 2>&1 || h5ls -r join.h5 | grep -q 'stocks.csv' || fail "the table is no input: $(cat inputs)"
printf 'stock,shares\nBMW,600\nSAP,1300\n' >stocks.csv
call 76 verify join.h5
printf 'stock,shares\nBMW,600\n' >stocks.csv
refuses 66 "map join: the table has no 'SAP', which column 'stock' of item 0 " run join.yaml --out join2.h5
exit $bad
