#!/bin/sh
# inspect tells what is in files of every format, and the job that it proposes runs.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"

cat >flights.csv <<'END'
date,origin,delay,dist km
2001-01-31,ORD,3,100.5
2001-02-01,ATL,NA,7
2001-02-02,ORD,-1.5,
END
tr ',' '\t' <flights.csv >flights.tsv
tr ',' ';' <flights.csv >"odd 'name.txt"
printf '1 2\n3 4\n5 6\n' >plain.dat
"$PYTHON" - <<'END' || fail "the files could not be made"
import h5py, numpy
table = numpy.arange(12.0).reshape(4, 3)
table[1, 1] = numpy.nan
numpy.save("c.npy", table)
numpy.save("f.npy", numpy.asfortranarray(table))
numpy.save("fields.npy", numpy.zeros(4, dtype=[("price", "<f8"), ("size", ">i4")]))
with h5py.File("many.h5", "w") as file:
    file.create_dataset("group/table", data=table, chunks=(2, 3), compression="gzip").attrs["units"] = "K"
    file.create_dataset("images", data=numpy.zeros((5, 28, 28), dtype="u1"))
    file.create_dataset("words", data=[b"a", b"b"])
END

# shows FILE PATTERN...: what it says of a file; the job that it proposes runs.
shows() {
    file=$1
    shift
    call 0 inspect "$file"
    is_empty err
    for pattern in "$@"; do has out "$pattern"; done
    call 0 inspect "$file" --job
    is_empty err
    cp out job.yaml
    call 0 run job.yaml --quiet --force --out result.h5
}
shows flights.csv '^flights.csv: text with delimiters, [0-9]+ bytes$' \
    '^  rows +4 columns +2 of numbers, 1 of dates, 1 of words +with commas' '^3 rows$' \
    '^  date +date +2001-01-31 +2001-02-02 +2001-01-31, 2001-02-01, 2001-02-02$' '^  origin +2 words +ORD, ATL, ORD$' \
    '^  delay +-1.5 +3 +1 +3, -, -1.5$' 'tessera inspect flights.csv --job$'
shows flights.tsv ' with tabs between$' '^3 rows$'
shows "odd 'name.txt" ' with semicolons between$' '^3 rows$'
shows plain.dat ' 2 columns without names ' ' with blanks between$' '^  c1 +1 +5 +1, 3, 5$'
shows c.npy '^c.npy: NumPy array, ' '^  rows +4 x 3 +<f8 +C order$' '^  c2 +1 +10 +1 +1, -, 7$'
shows f.npy ' Fortran order$' '^  c3 +2 +11 +2, 5, 8$'
shows fields.npy ' 2 fields ' '^  price +0 +0 ' '^  size +0 +0 '
shows many.h5 '^many.h5: HDF5, ' '^  group/table +4 x 3 +float64 +K +chunks of 2 x 3, deflate$' \
    '^  images +5 x 28 x 28 +uint8 +contiguous$' '^  words +2 +text ' '^group/table: 4 rows$' '^  c1 +K +0 +9 +0, 3, 6$'
call 0 inspect many.h5 --table images
has out '^images: 3,920 rows$'
has out '^  i0 +0 +4 '

# Our own files are known.
call 0 run pi.yaml --quiet
call 0 inspect pi.h5
has out '^pi.h5: results of Tessera, '
has out '^  darts +1 +100,000$'
has out '^Check it: tessera verify pi.h5$'
refuses 66 ".*pi.h5' is a result of Tessera" inspect pi.h5 --job

# For programs, and several files at once.
call 0 inspect flights.csv c.npy pi.h5 --json
"$PYTHON" - <<'END' || fail "the JSON is not as expected: $(cat out)"
import json
flights, array, result = map(json.loads, open("out"))
columns = {column["name"]: column for column in flights["columns"]}
assert flights["rows"] == 3 and columns["origin"]["categories"] == ["ATL", "ORD"], flights
assert columns["delay"]["missing"] == 1 and columns["delay"]["first"] == [3, None, -1.5], flights
assert array["tables"][0]["shape"] == "4 x 3" and array["columns"][1]["minimum"] == 1, array
assert result["run"]["checkpoint"] is False and len(result["run"]["digest"]) == 64, result
END
call 0 inspect flights.csv c.npy
has out '^flights.csv: '
has out '^c.npy: '

# What cannot be shown.
head -c 50 c.npy >cut.npy
head -c 600 many.h5 >cut.h5
printf 'a,b\n1,2,3\n4\n' >ragged.csv
printf 'a\0b\n' >bytes.bin
: >empty.csv
refuses 66 ".*none.csv' cannot be opened: " inspect none.csv
refuses 66 "'cut.npy': it ends within its header" inspect cut.npy
refuses 66 "'cut.h5' is a damaged HDF5 file" inspect cut.h5
refuses 66 "'ragged.csv' is no table: " inspect ragged.csv
refuses 66 "'bytes.bin' is of no format that is known here: " inspect bytes.bin
refuses 66 "'empty.csv' is empty" inspect empty.csv
refuses 64 "inspect: 'many.h5' has no table 'image'; did you mean 'images'" inspect many.h5 --table image
refuses 64 "inspect: 'words' of 'many.h5' has no rows of numbers" inspect many.h5 --table words
refuses 64 'inspect: FILE... is missing' inspect
refuses 64 'inspect: --job is for one file' inspect c.npy f.npy --job
exit $bad
