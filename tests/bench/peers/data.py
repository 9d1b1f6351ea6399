"""The files that peers read, made once in a folder: make(folder, name) gives the path. Whole files only: .part, then rename."""
import os
import pathlib

import h5py
import netCDF4
import numpy

ROWS = 1 << 27
BATCH = 1 << 23


def normals(rows, seed, mean=100, sd=15):
    generator = numpy.random.default_rng(seed)
    for at in range(0, rows, BATCH):
        yield at, generator.normal(mean, sd, min(BATCH, rows - at))


def large_h5(path):
    """1 GiB: 2^27 doubles, normal, in one piece."""
    with h5py.File(path, "w") as file:
        x = file.create_dataset("x", (ROWS,), "f8")
        for at, values in normals(ROWS, 1):
            x[at : at + len(values)] = values


def middle():
    return numpy.concatenate([values for _, values in normals(ROWS // 8, 2)])


def middle_h5(path):
    """128 MiB of the same, as three formats."""
    with h5py.File(path, "w") as file:
        file["x"] = middle()


def middle_npy(path):
    with open(path, "wb") as file:
        numpy.save(file, middle())


def middle_nc(path):
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("i", ROWS // 8)
        file.createVariable("x", "f8", ("i",), contiguous=True)[:] = middle()


def gzip_h5(path):
    """2^25 doubles of two decimals, in pieces of 1 MiB, shuffled and deflated."""
    rows = ROWS // 4
    with h5py.File(path, "w") as file:
        x = file.create_dataset("x", (rows,), "f8", chunks=(1 << 17,), compression=1, shuffle=True)
        for at, values in normals(rows, 1):
            x[at : at + len(values)] = values.round(2)


def small_h5(path):
    with h5py.File(path, "w") as file:
        file["x"] = numpy.random.default_rng(3).lognormal(0, 1, 100000)


def wide_h5(path):
    """[1e6, 64] doubles."""
    with h5py.File(path, "w") as file:
        file["x"] = numpy.random.default_rng(4).normal(size=(10**6, 64))


def centres_npy(path):
    """The first ten images of Fashion-MNIST: a start for k-means that needs no luck."""
    images = pathlib.Path(__file__).resolve().parents[3] / "jobs/data/fetched/fashion-mnist.h5"
    with h5py.File(images) as file, open(path, "wb") as out:
        numpy.save(out, file["images"][:10].reshape(10, -1).astype(float))


def make(folder, name):
    path = pathlib.Path(folder) / name
    if not path.exists():
        part = path.with_name(f"part.{name}")
        globals()[name.replace(".", "_")](part)
        os.replace(part, path)
    return path
