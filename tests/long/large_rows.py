"""More rows than 32 bits can count, and more bytes than a rank may have memory: large_rows.py TESSERA [ROWS].

A chunked HDF5 dataset of ROWS (default 2^31 + 12345) bytes of which only a few chunks were ever written, the same shown
by a virtual dataset, and 2 GiB of doubles in a file with holes, read by a process that may have 512 MiB of memory. Exact
sums are compared; peak memory is printed."""
import json
import pathlib
import resource
import subprocess
import sys
import tempfile

import h5py
import numpy as np

TESSERA = sys.argv[1]
ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else 2**31 + 12345
CHUNK = 1 << 20
LIMIT = 512 << 20


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))


def run(folder, path, threads, limited=False):
    job = folder / "rows.yaml"
    job.write_text(f"name: rows\nseed: 1\nsource: {{hdf5: {{file: {path}, dataset: x}}}}\ntallies: [moments]\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    done = subprocess.run([TESSERA, "run", str(job), "--json", "--quiet", "--force", "--threads", str(threads), "--oversubscribe",
                           "--out", str(folder / "out.h5")], capture_output=True, text=True, preexec_fn=limit if limited else None)
    assert done.returncode == 0, done.stderr
    with h5py.File(folder / "out.h5") as file:
        found = {name: file[f"hdf5_{name}"][()] for name in ("mean", "items", "maximum", "maximum_item")}
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    digest = json.loads(done.stdout)["digest"]
    print(f"{path.name}: {threads} threads, peak memory of all runs so far {max(before, peak) / 1024:.0f} MiB, digest {digest[:12]}", flush=True)
    return digest, {name: value.ravel()[0] for name, value in found.items()}


def sparse(folder):
    """Fill value 3; three rows that differ, one behind 2^31."""
    path = folder / "sparse.h5"
    with h5py.File(path, "w") as file:
        x = file.create_dataset("x", shape=(ROWS,), dtype="u1", chunks=(CHUNK,), fillvalue=3, compression="gzip", compression_opts=1)
        x[5] = 7
        x[ROWS // 2] = 11
        x[ROWS - 2] = 13
    return path, 3 * ROWS + 4 + 8 + 10


def view(folder, source):
    path = folder / "view.h5"
    layout = h5py.VirtualLayout(shape=(ROWS,), dtype="u1")
    layout[:] = h5py.VirtualSource(source.name, "x", shape=(ROWS,))
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("x", layout)
    return path


def holes(folder):
    rows = 2**28
    path = folder / "holes.h5"
    with h5py.File(path, "w") as file:
        create = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        create.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        create.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        space = h5py.h5s.create_simple((rows,))
        h5py.h5d.create(file.id, b"x", h5py.h5t.IEEE_F64LE, space, create)
        file["x"][rows - 1] = 2.5
    return path, rows


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        path, total = sparse(folder)
        first, found = run(folder, path, 1)
        assert found["items"] == ROWS and found["mean"] == np.float64(total / ROWS), found
        assert found["maximum"] == 13 and found["maximum_item"] == ROWS - 2, found
        assert run(folder, path, 3)[0] == first
        assert run(folder, view(folder, path), 2)[0] == first
        path, rows = holes(folder)
        assert path.stat().st_size > rows * 8
        digest, found = run(folder, path, 2, limited=True)
        assert found["items"] == rows and found["mean"] == 2.5 / rows and found["maximum_item"] == rows - 1, found
    print("all as expected")


main()
