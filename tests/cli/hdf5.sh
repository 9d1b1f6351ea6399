#!/bin/sh
# The same rows give the same digest, however HDF5 stores them, on any ranks and threads; what is damaged ends the run.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_rmaps_base_oversubscribe=1

rows=100003
"$PYTHON" "$here/hdf5_variants.py" . $rows || exit 1
cat >m.yaml <<'JOB'
name: m
seed: 1
source: {hdf5: {file: contiguous/part-*.h5, dataset: g/m}}
tile_items: 1000
tallies: [moments, covariance, {quantile: [0.05, 0.5]}]
JOB

# digest RANKS THREADS WAY
digest() {
    set -- "$1" --threads "$2" --oversubscribe --quiet --json --force --set "hdf5.file=$3/part-*.h5" --out m.h5
    ranks=$1
    shift
    if [ "$ranks" = 0 ]; then
        timeout -k 5 60 "$TESSERA" run m.yaml "$@"
    else
        timeout -k 5 60 mpirun -q --bind-to none -n "$ranks" "$TESSERA" run m.yaml "$@"
    fi 2>err | sed -n 's/.*"digest": *"\([0-9a-f]*\)".*/\1/p'
}

expected=$(digest 0 1 contiguous)
[ -n "$expected" ] || fail "no digest: $(cat err)"
turn=0
for way in */; do
    way=${way%/}
    turn=$((turn + 1))
    threads=$((turn % 3 + 1)) ranks=$(((turn + turn / 3) % 3 + 1))
    got=$(digest 0 $threads "$way")
    [ "$got" = "$expected" ] || fail "$way on $threads threads: $got, not $expected: $(cat err)"
    [ $((turn % 2)) -eq 0 ] || continue
    got=$(digest $ranks $((4 - threads)) "$way")
    [ "$got" = "$expected" ] || fail "$way on $ranks ranks: $got, not $expected: $(cat err)"
done

# Values that the formulas of hdf5_variants.py give, whatever reads them.
call 0 replay m.yaml --item 77777
has out "c1.* $((77777 * 7919 % 30011 - 15000))"
has out "c2.* $((77777 * 77777 % 251))"

# The inputs are on record, each with its hash; other bytes are noticed.
call 0 run m.yaml --set 'hdf5.file=files/part-*.h5' --quiet --force
ncdump -h m.h5 >header
[ "$(grep -c ':sha256_of = "all bytes"' header)" -eq 5 ] || fail "not 5 inputs: $(cat header)"
has header "sha256 = \"$(sha256sum files/part-2.h5 | cut -c1-64)\""

# A large file is known by a sample of it, the one that docs/datasets.md defines.
cp contiguous/part-0.h5 large.h5
truncate -s 70000001 large.h5 # what stands behind an HDF5 file does not count
call 0 run m.yaml --set hdf5.file=large.h5 --quiet --force
ncdump -h m.h5 >header
has header ':sha256_of = "a sample: the size and 64 pieces of 65536 bytes"'
has header "sha256 = \"$(
    "$PYTHON" - <<'END'
import hashlib
with open("large.h5", "rb") as file:
    size = file.seek(0, 2)
    sha = hashlib.sha256(size.to_bytes(8, "little"))
    for k in range(64):
        file.seek(k * (size - 65536) // 63)
        sha.update(file.read(65536))
print(sha.hexdigest())
END
)\""
call 0 verify m.h5 --tiles 1
has out '^inputs +ok +the same bytes as were read, of 1 file; of 1 over 64 MiB a sample$'
printf x | dd of=large.h5 bs=1 seek=70000000 conv=notrunc 2>dd.err
call 76 verify m.h5 --tiles 1
has out "^inputs +WRONG +.*large.h5' is not what the earlier run read"

# A chunk that is damaged ends the run, with its rows and its file, on any ranks.
cp -r deflated broken
"$PYTHON" - <<'END'
import h5py
with h5py.File("broken/part-0.h5") as file:
    place = file["g/m"].id.get_chunk_info(3)
with open("broken/part-0.h5", "r+b") as file:
    file.seek(place.byte_offset + place.size // 2)
    byte = file.read(1)
    file.seek(-1, 1)
    file.write(bytes([byte[0] ^ 4]))
END
rm -f m.h5
refuses 66 "'broken/part-0.h5', g/m: a chunk of rows 60000 to 79999 is damaged: " \
    run m.yaml --set hdf5.file=broken/part-0.h5 --quiet
[ ! -e m.h5 ] || fail "results of a damaged file"
timeout -k 5 60 mpirun -q -n 2 "$TESSERA" run m.yaml --set hdf5.file=broken/part-0.h5 --quiet --threads 1 \
    --oversubscribe >out 2>err
got=$?
[ "$got" -eq 66 ] || fail "a damaged chunk on two ranks ended with $got: $(cat err)"
has err 'a chunk of rows 60000 to 79999 is damaged'
[ "$(wc -l <err)" -eq 1 ] || fail "more than one line: $(cat err)"
exit $bad
