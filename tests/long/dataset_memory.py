"""Datasets that are larger than the memory a rank may have.

dataset_memory.py TESSERA [MIB]: makes 2 GiB (or MIB) of data as CSV, NumPy, HDF5 and classic netCDF, reads each under a
limit of 512 MiB of memory for every rank, alone with two threads and as two ranks, and prints the peak resident memory
of the largest rank. It must stay below the limit, and the digest must not depend on the number of ranks.
"""
import json
import pathlib
import resource
import subprocess
import sys
import tempfile

import h5py
import netCDF4
import numpy

LIMIT = 512 << 20
COLUMNS = 8
MPIRUN = ["mpirun", "-q", "--bind-to", "none", "-n", "2"]


def make(folder, bytes_each):
    """The files by the source that reads them; rows come in pieces of 16 MiB that are all alike."""
    piece = numpy.random.default_rng(1).normal(size=(1 << 18, COLUMNS))
    pieces = bytes_each // piece.nbytes
    rows = pieces * len(piece)
    text = "\n".join(",".join(f"{value:.5f}" for value in row) for row in piece[: 1 << 16]) + "\n"
    with open(folder / "table.csv", "w") as file:
        file.write(",".join(f"x{i}" for i in range(COLUMNS)) + "\n")
        for _ in range(bytes_each // len(text)):
            file.write(text)
    array = numpy.lib.format.open_memmap(folder / "table.npy", "w+", "f8", (rows, COLUMNS))
    with h5py.File(folder / "table.h5", "w") as file:
        table = file.create_dataset("table", (rows, COLUMNS), "f8", chunks=(8192, COLUMNS))
        for i in range(pieces):
            array[i * len(piece) : (i + 1) * len(piece)] = piece
            table[i * len(piece) : (i + 1) * len(piece)] = piece
    array.flush()
    with netCDF4.Dataset(folder / "table.nc", "w", format="NETCDF3_64BIT_OFFSET") as file:
        file.createDimension("row", None)
        file.createDimension("column", COLUMNS)
        table = file.createVariable("table", "f8", ("row", "column"))
        for i in range(pieces):
            table[i * len(piece) : (i + 1) * len(piece)] = piece
    return {"csv": "table.csv", "npy": "table.npy", "hdf5": "table.h5", "netcdf": "table.nc"}


def limit():
    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))


def run(command, folder):
    """The digest, and the peak of the largest process, by the system's count."""
    measure = (
        "import resource, subprocess, sys;"
        "done = subprocess.run(sys.argv[1:], timeout=3600);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr); sys.exit(done.returncode)"
    )
    done = subprocess.run(
        [sys.executable, "-c", measure, *command], cwd=folder, capture_output=True, text=True, preexec_fn=limit
    )
    if done.returncode != 0:
        sys.exit(f"exit code {done.returncode}: {' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)["digest"], int(done.stderr.split()[-1]) << 10


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    bytes_each = int(sys.argv[2] if len(sys.argv) > 2 else 2048) << 20
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for source, file in make(folder, bytes_each).items():
            job = f"name: table\nseed: 1\nsource: {{{source}: {file}}}\ntallies: [moments, covariance, quantile: [0.5]]\n"
            (folder / "job.yaml").write_text(job)
            tessera = [program, "run", "job.yaml", "--quiet", "--json", "--force", "--out", "out.h5"]
            digests = set()
            for ranks, command in ((1, tessera + ["--threads", "2"]), (2, MPIRUN + tessera + ["--threads", "1"])):
                digest, peak = run(command, folder)
                digests.add(digest)
                failures += peak >= LIMIT
                size = (folder / file).stat().st_size
                print(f"{source:7} {size >> 20:6} MiB of data, {ranks} ranks: peak {peak >> 20} MiB", flush=True)
            failures += len(digests) != 1
            (folder / file).unlink()
    sys.exit(failures)


if __name__ == "__main__":
    main()
