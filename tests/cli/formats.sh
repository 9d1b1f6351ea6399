#!/bin/sh
# The same table gives the same digest in every format, however it is stored, on any ranks and threads.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none OMP_WAIT_POLICY=passive

"$PYTHON" - <<'END' || fail "the files could not be made"
import h5py, netCDF4, numpy
names = ["a", "b", "c", "d", "e"]
table = numpy.round(numpy.random.default_rng(1).normal(size=(70001, 5)) * 100, 4).astype("f4")
table[::1000, 2] = numpy.nan
def text(path, delimiter, end, quote, missing):
    cell = lambda value: missing if numpy.isnan(value) else quote + repr(float(value)) + quote
    with open(path, "w", newline="") as file:
        file.write(delimiter.join(quote + name + quote for name in names) + end)
        for row in table: file.write(delimiter.join(map(cell, row)) + end)
text("plain.csv", ",", "\n", "", "NA")
text("quoted.csv", ",", "\r\n", '"', "")
text("table.tsv", "\t", "\n", "", "nan")
numpy.save("c.npy", table)
numpy.save("fortran.npy", numpy.asfortranarray(table))
numpy.save("big-endian.npy", table.astype(">f8"))
fields = numpy.zeros(len(table), dtype=[("t", "S3")] + [(name, "<f4") for name in names])
for i, name in enumerate(names): fields[name] = table[:, i]
numpy.save("fields.npy", fields)
numpy.save("part-1.npy", table[:30001])
numpy.save("part-2.npy", table[30001:])
with h5py.File("table.h5", "w") as file: file.create_dataset("table", data=table, chunks=(999, 2), compression="gzip", shuffle=True)
for path, kind in (("fixed.nc", "NETCDF3_CLASSIC"), ("records.nc", "NETCDF3_64BIT_OFFSET"), ("five.nc", "NETCDF3_64BIT_DATA")):
    with netCDF4.Dataset(path, "w", format=kind) as file:
        file.createDimension("row", len(table) if path == "fixed.nc" else None)
        file.createDimension("column", 5)
        file.createVariable("other", "i2", ("row",))[:] = numpy.zeros(len(table))
        file.createVariable("table", "f4", ("row", "column"), fill_value=-1e9)[:] = numpy.nan_to_num(table, nan=-1e9)
END

# digest_of SOURCE: in $digest
digest_of() {
    printf 'name: table\nseed: 1\nstages:\n  - {name: rows, source: {%s}, nonfinite: {policy: skip, limit: 0.9}, tallies: [moments, covariance]}\n' \
        "$1" >table.yaml
    call 0 run table.yaml --quiet --force --json --out result.h5
    digest=$(grep -oE '"digest": "[0-9a-f]{64}"' out)
}
digest_of 'csv: plain.csv'
reference=$digest
[ -n "$reference" ] || fail "no digest: $reference"
for source in 'csv: quoted.csv' 'csv: table.tsv' 'npy: c.npy' 'npy: fortran.npy' 'npy: big-endian.npy' 'npy: "part-*.npy"' \
    'npy: {file: fields.npy, columns: [a, b, c, d, e]}' 'hdf5: table.h5' 'netcdf: {file: fixed.nc, dataset: table}' \
    'netcdf: {file: records.nc, dataset: table}' 'netcdf: {file: five.nc, dataset: table}'; do
    digest_of "$source"
    # Columns have the names of their file, which are not part of the digest.
    [ "$digest" = "$reference" ] || fail "$source gives $digest, not $reference"
done
# The key of the stage is meant, not the parameter of the source.
call 0 run table.yaml --quiet --force --json --out result.h5 --set items=5000
grep -qE '"items": 5000\b' out || fail "--set items is not that of the stage: $(cat err)"

# on RANKS THREADS SOURCE
on() {
    printf 'name: table\nseed: 1\nstages:\n  - {name: rows, source: {%s}, nonfinite: {policy: skip, limit: 0.9}, tallies: [moments, covariance]}\n' \
        "$3" >table.yaml
    timeout -k 5 60 mpirun -q -n "$1" "$TESSERA" run table.yaml --threads "$2" --oversubscribe --quiet --force --json --out result.h5 \
        >out 2>err || fail "$3 on $1 x $2: $(cat err)"
    grep -q "$reference" out || fail "$3 on $1 x $2: another digest"
}
on 3 2 'csv: quoted.csv'
on 2 1 'npy: fortran.npy'
on 2 3 'netcdf: {file: records.nc, dataset: table}'

# What netCDF says of its numbers: ncgen's files, with records, scale, fill values, coordinates.
if command -v ncgen >ncgen.txt; then
    cat >climate.cdl <<'END'
netcdf climate {
dimensions: time = unlimited ; lat = 2 ; lon = 3 ; letters = 5 ;
variables:
  double time(time) ; time:units = "days since 2000-01-01" ;
  float lat(lat) ; lat:units = "degrees_north" ;
  short t(time, lat, lon) ; t:scale_factor = 0.5 ; t:add_offset = 10. ; t:_FillValue = -99s ; t:units = "degC" ;
  byte flag(time) ;
  float p(lat, lon) ; p:missing_value = -1.f ; p:valid_max = 50.f ;
  char name(letters) ;
data:
  time = 5, 6 ; lat = -10, 10 ; flag = 1, -2 ; name = "hello" ;
  t = 0, 1, 2, 3, 4, -99, 20, 21, 22, 23, 24, _ ; p = 1, 2, -1, 60, 5, _ ;
}
END
    ncgen -k nc4 -o climate4.nc climate.cdl || fail "ncgen nc4"
    digest_of 'hdf5: {file: climate4.nc, dataset: t, items: cells}'
    cells=$digest
    for kind in classic 64-bit-offset cdf5; do
        ncgen -k $kind -o climate.nc climate.cdl || fail "ncgen $kind"
        call 0 inspect climate.nc
        has out '^climate.nc: netCDF \(CDF-[125]\), '
        has out '^  t +2 x 2 x 3 +int16 +degC +along time \(records\), lat, lon$'
        has out '^  p0_1 +degC +10.5 +20.5 +10.5, 20.5$'
        has out '^  p1_2 +degC +- +- +2 +-, -$'
        call 0 inspect climate.nc --table p
        has out '^  c1 +1 +1 +1 +1, -$'
        has out '^  c3 +- +- +2 +-, -$'
        digest_of 'netcdf: {file: climate.nc, dataset: t, items: cells}'
        [ "$digest" = "$cells" ] || fail "cells of $kind give $digest, not $cells"
    done
    head -c 300 climate.nc >cut.nc
    refuses 66 "'cut.nc': it ends within its header" inspect cut.nc
    head -c "$(($(wc -c <climate.nc) - 4))" climate.nc >cut.nc
    refuses 66 "'cut.nc': it was cut short: variable [a-z]+ does not end within it" inspect cut.nc
fi
exit $bad
