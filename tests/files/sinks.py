"""Files of the sink hdf5: what is in them, their bytes on every shape, and what other programs and Tessera read of them.

sinks.py TESSERA
"""
import hashlib
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy
import xarray

DATA = pathlib.Path(__file__).resolve().parents[2] / "jobs" / "data" / "eustockmarkets.csv"
SHAPES = ((0, 1), (0, 3), (3, 2))
WORDS = "city,size,day\n" + "".join(
    f"{('Bern', 'Oslo', '', 'Zürich')[i % 4]},{('nan' if i % 7 == 3 else i / 4)},{i % 31}\n" for i in range(5000)
)


class Bench:
    """A folder, a program, and how many things were not as expected."""

    def __init__(self, tessera, folder):
        self.tessera, self.folder, self.failed = tessera, folder, 0

    def check(self, good, what):
        """Says what is not as expected."""
        if not good:
            self.failed += 1
            print("not as expected:", what, flush=True)

    def run(self, job, shape=(0, 1), *extra):
        """Runs a job: exit code, and what it says."""
        ranks, threads = shape
        (self.folder / "job.yaml").write_text(job)
        words = ["mpirun", "-q", "--bind-to", "none", "-n", str(ranks)] if ranks else []
        words += [self.tessera, "run", "job.yaml", "--threads", str(threads), "--oversubscribe", "--out", "out.h5", "--force"]
        words += ["--json", "--quiet", *extra]
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def must(self, job, shape=(0, 1), *extra):
        """The same; it must come to its end. Gives the digest."""
        code, said = self.run(job, shape, *extra)
        self.check(code == 0, f"exit code {code} of {job}: {said}")
        return [line for line in said.splitlines() if '"digest"' in line]


def digest(path):
    """Of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def prices(sink, extra=""):
    """A job that selects rows of a real series."""
    return (
        f"name: t\ntitle: Days of high prices\nseed: 3\ntile_items: 37\nsource: {{csv: {{file: {DATA}, columns: [DAX, SMI, CAC, FTSE]}}}}\n"
        f"where: FTSE > 3000\nsink: {{hdf5: {{file: rows.h5, replace: yes, {sink}}}}}\ntallies: [moments, top]\n{extra}"
    )


def selected():
    """What they select: numbers of the items, and their values."""
    table = numpy.genfromtxt(DATA, delimiter=",", skip_header=1)[:, 1:]
    keep = numpy.flatnonzero(table[:, 3] > 3000)
    return keep, table[keep]


def same_bytes(bench, job, what, shapes=SHAPES):
    """On every shape; the file is left for others to look at."""
    seen = set()
    for number, shape in enumerate(shapes):
        bench.must(job, shape, *(["--shuffle-tiles", "77"] if number else []))
        seen.add(digest(bench.folder / "rows.h5"))
    bench.check(len(seen) == 1, f"{what}: {len(seen)} different files")
    bench.check(sorted(path.name for path in bench.folder.iterdir()) == ["job.yaml", "out.h5", "rows.h5"], f"{what}: left behind")


def columns(bench):
    """One dataset each, with the numbers of the items as their axis."""
    keep, table = selected()
    same_bytes(bench, prices("chunk: 100"), "columns")
    with h5py.File(bench.folder / "rows.h5") as file:
        for c, name in enumerate(("DAX", "SMI", "CAC", "FTSE")):
            bench.check(numpy.array_equal(file[name][:], table[:, c]), f"values of {name}")
        bench.check(numpy.array_equal(file["item"][:], keep) and file["item"].dtype == "<i8", "numbers of items")
        bench.check(file["DAX"].chunks == (100,) and file["DAX"].dims[0][0] == file["item"], "chunks and axis")
        bench.check(file.attrs["seed"] == 3 and file.attrs["title"] == b"Days of high prices", "provenance")
        bench.check(file.attrs["Conventions"] == b"CF-1.10" and b"tessera" in file.attrs["source"], "conventions")
    with xarray.open_dataset(bench.folder / "rows.h5") as file:
        bench.check(dict(file.sizes) == {"item": len(keep)}, f"axes {dict(file.sizes)}")
        bench.check(numpy.array_equal(file["FTSE"].sel(item=keep[5]), table[5, 3]), "a row by the number of its item")
    bench.must(prices("item: no, columns: [CAC]"))
    with xarray.open_dataset(bench.folder / "rows.h5") as file:
        bench.check(list(file.variables) == ["CAC"] and file["CAC"].dims == ("row",), "without numbers of items")


def tables(bench):
    """One dataset for all, also of rows that have a shape, and of other types."""
    keep, table = selected()
    same_bytes(bench, prices("as: table, type: float32, chunk: 64"), "a table", SHAPES[:2])
    with h5py.File(bench.folder / "rows.h5") as file:
        bench.check(file["table"].dtype == "<f4" and numpy.array_equal(file["table"][:], table.astype("f4")), "table")
        bench.check(file["column"].shape == (4, 4), "names of columns")
    with xarray.open_dataset(bench.folder / "rows.h5") as file:
        bench.check(file["table"].dims == ("item", "column"), f"axes {file['table'].dims}")
        bench.check(numpy.array_equal(file["table"].sel(column="CAC"), table[:, 2].astype("f4")), "a column by its name")
    same_bytes(bench, prices("as: table, shape: [2, 2], name: images"), "images", SHAPES[::2])
    with xarray.open_dataset(bench.folder / "rows.h5") as file:
        bench.check(file["images"].dims == ("item", "y", "x"), f"axes {file['images'].dims}")
        bench.check(numpy.array_equal(file["images"], table.reshape(-1, 2, 2)), "images")


def compressed(bench):
    """Chunks that became shorter, and such that cannot."""
    keep, table = selected()
    bench.must(prices("chunk: 200"))
    plain = (bench.folder / "rows.h5").stat().st_size
    same_bytes(bench, prices("chunk: 200, compression: 6"), "compressed")
    bench.check((bench.folder / "rows.h5").stat().st_size < 0.8 * plain, "it is not shorter")
    with h5py.File(bench.folder / "rows.h5") as file:
        bench.check(file["SMI"].compression == "gzip" and file["SMI"].compression_opts == 6 and file["SMI"].shuffle, "filters")
        bench.check(all(numpy.array_equal(file[name][:], table[:, c]) for c, name in enumerate(("DAX", "SMI", "CAC", "FTSE"))),
                    "compressed values")
        bench.check(numpy.array_equal(file["item"][:], keep), "compressed numbers of items")
    noise = (
        "name: t\nseed: 1\nitems: 3000\ntile_items: 100\nsource: normal\n"
        "sink: {hdf5: {file: rows.h5, chunk: 3, replace: yes, REST}}\ntallies: [moments]\n"
    )
    bench.must(noise.replace("REST", "compression: 0"))
    with h5py.File(bench.folder / "rows.h5") as file:
        wanted = file["x"][:]
    same_bytes(bench, noise.replace("REST", "compression: 9"), "noise", SHAPES[::2])
    with h5py.File(bench.folder / "rows.h5") as file:
        masks = {file["x"].id.get_chunk_info(i).filter_mask for i in range(1000)}
        bench.check(numpy.array_equal(file["x"][:], wanted) and 2 in masks, f"noise, chunks of {masks}")
    read = "name: t\nseed: 1\nstages:\n- name: one\n  source: {SOURCE}\n  tile_items: 100\n  tallies: [moments]\n"
    first = bench.must(read.replace("SOURCE", "hdf5: {file: rows.h5, dataset: x}"))
    bench.must(noise.replace("REST", "compression: 0"))
    bench.check(first == bench.must(read.replace("SOURCE", "hdf5: {file: rows.h5, dataset: x}")), "read by the source hdf5")


def numbers(bench):
    """Every type of number, and the first value that does not fit."""
    job = (
        "name: t\nseed: 1\nitems: 3000\ntile_items: 100\nsource: normal\nmaps: [derive: ['y = floor(SCALE * x)']]\n"
        "sink: {hdf5: {file: rows.h5, columns: [y], type: TYPE, replace: yes}}\ntallies: [moments]\n"
    )
    for kind, bits in (("int8", 5), ("int16", 13), ("int32", 29), ("int64", 60), ("float32", 126)):
        for more, code in ((0, 0), (8, 66)):
            text = job.replace("TYPE", kind).replace("SCALE", repr(2.0 ** (bits + more)))
            got, said = bench.run(text)
            bench.check(got == code, f"{kind} of {bits + more} bits: exit code {got}: {said}")
            if code:
                bench.check("column y of item " in said and f"which {kind} cannot hold" in said, said)
                continue
            with h5py.File(bench.folder / "rows.h5") as file:
                bench.check(file["y"].dtype == kind and file["y"].shape == (3000,), f"{kind}: {file['y']}")
    got, said = bench.run(job.replace("TYPE", "uint16").replace("SCALE", "100"))
    bench.check(got == 66 and "is -" in said, f"a negative number: {said}")
    for path in bench.folder.glob("rows.h5*"):
        path.unlink()


def words(bench):
    """Texts, missing values and units come back as they were."""
    (bench.folder / "words.csv").write_text(WORDS)
    head = "name: t\nseed: 1\nstages:\n- name: one\n  tile_items: 100\n  nonfinite: keep\n  tallies: [describe]\n"
    source = "  source: {csv: {file: words.csv, columns: [city, size, day]}}\n"
    first = bench.must(head + source + "  sink: {hdf5: {file: rows.h5, replace: yes, compression: 1, chunk: 700}}\n", (2, 1))
    with h5py.File(bench.folder / "rows.h5") as file:
        bench.check(file["city"].shape == (5000, 7) and [word.tobytes().rstrip(b"\0") for word in file["city"][:4]] ==
                    [b"Bern", b"Oslo", b"", "Zürich".encode()], f"words {file['city'][:4]} of {file['city'].dtype}")
    with xarray.open_dataset(bench.folder / "rows.h5") as file:
        text = [word.decode() if isinstance(word, bytes) else str(word) for word in file["city"].values[:4]]
        bench.check(text == ["Bern", "Oslo", "", "Zürich"], f"words of xarray {text}")
        bench.check(len(file.to_dataframe()) == 5000, "pandas")
    job = head + "  source: {hdf5: {file: rows.h5, dataset: [city, size, day]}}\n  sink: {hdf5: {file: again.h5, item: no}}\n"
    second = bench.must(job)
    bench.check(first == second, f"a sink's file as a source: {second}, not {first}")
    with h5py.File(bench.folder / "rows.h5") as one, h5py.File(bench.folder / "again.h5") as other:
        for name in ("city", "day"):
            bench.check(numpy.array_equal(one[name][:], other[name][:]), f"{name} that was read and kept again")
        bench.check(numpy.array_equal(one["size"][:], other["size"][:], equal_nan=True), "missing numbers")
    for name in ("words.csv", "rows.h5", "again.h5"):
        (bench.folder / name).unlink()


def refusals(bench):
    """What cannot be is refused before anything is computed."""
    for sink, words_ in (
        ("columns: [DAXX]", "no column 'DAXX'; did you mean 'DAX'"),
        ("columns: [DAX, DAX]", "is given twice"),
        ("shape: [2, 2]", "say as: table"),
        ("as: table, shape: [2, 3]", "it has 6 cells, and there are 4 columns"),
        ("as: table, shape: [2.5, 1]", "2.5 is no length"),
        ("as: table, name: item", "cannot be the name of a dataset"),
        ("type: complex", "type"),
    ):
        code, said = bench.run(prices(sink))
        bench.check(code == 64 and words_ in said, f"{sink}: {code} {said}")
    code, said = bench.run(prices("").replace("rows.h5", "missing/rows.h5"))
    bench.check(code == 74 and "no file can be made in folder missing" in said, f"a missing folder: {said}")


def others(bench):
    """A file of others stays; this job's own is known again."""
    job = prices("").replace("replace: yes, ", "")
    place, part = bench.folder / "rows.h5", bench.folder / "rows.h5.part"
    place.write_bytes(b"letters")
    code, said = bench.run(job)
    bench.check(code == 64 and "is there already" in said and place.read_bytes() == b"letters", f"a file of others: {said}")
    place.unlink()
    part.write_bytes(b"letters")
    code, said = bench.run(job)
    bench.check(code == 64 and "left behind by another job" in said and part.exists(), f"a leftover of others: {said}")
    part.unlink()
    bench.must(job)
    before = place.stat()
    bench.must(job, (2, 1))
    bench.check(place.stat().st_ino == before.st_ino, "the same job delivers what is there already")
    code, said = bench.run(job.replace("3000", "3100"))
    bench.check(code == 64 and "is there already" in said, f"another job: {said}")
    bench.must(job.replace("3000", "1e9").replace("moments, top", "moments").replace("rows.h5", "none.h5, compression: 3"))
    with xarray.open_dataset(bench.folder / "none.h5") as file:
        bench.check(dict(file.sizes) == {"item": 0}, f"no rows: {dict(file.sizes)}")


def main(tessera):
    """Exit code of the test."""
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(tessera, pathlib.Path(name))
        for part in (columns, tables, compressed, refusals, numbers, words, others):
            part(bench)
    print(f"{bench.failed} not as expected")
    return 1 if bench.failed else 0


sys.exit(main(*sys.argv[1:]))
