"""Mean, sd, least, largest, skewness, kurtosis (and a histogram) of x in an HDF5 file, by Dask's threads.

describe_dask.py FILE THREADS CHUNK [BINS]: BINS is -1 for the first four alone, since Dask takes powers by pow().
"""
import sys

import peer

peer.limit_threads()
import dask
import dask.array
import dask.array.stats
import h5py

CHUNK = int(sys.argv[3])
BINS = int(sys.argv[4]) if len(sys.argv) > 4 else 0


def describe():
    with h5py.File(sys.argv[1]) as file:
        x = dask.array.from_array(file["x"], chunks=CHUNK)
        wanted = {"mean": x.mean(), "sd": x.std(ddof=1), "minimum": x.min(), "maximum": x.max()}
        if BINS >= 0:
            wanted |= {"skewness": dask.array.stats.skew(x), "kurtosis": dask.array.stats.kurtosis(x)}
        if BINS > 0:
            wanted["bin"] = dask.array.histogram(x, BINS, (0, 200))[0][BINS // 2]
        return dask.compute(wanted, scheduler="threads", num_workers=peer.THREADS)[0]


peer.report(f"dask {dask.__version__}", describe)
