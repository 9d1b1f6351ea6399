"""Bootstrap of the mean or the median of x by numba, replicates shared out to threads.

bootstrap_numba.py FILE THREADS mean|median REPLICATES: compiled before it is timed.
"""
import sys

import peer

peer.limit_threads()
import h5py
import numba
import numpy

REPLICATES = int(sys.argv[4])


@numba.njit(parallel=True, fastmath=True)
def bootstrap_mean(x, replicates):
    out = numpy.empty(replicates)
    for r in numba.prange(replicates):
        total = 0.0
        for _ in range(len(x)):
            total += x[numpy.random.randint(0, len(x))]
        out[r] = total / len(x)
    return out


@numba.njit(parallel=True)
def bootstrap_median(x, replicates):
    out = numpy.empty(replicates)
    for r in numba.prange(replicates):
        sample = numpy.empty(len(x))
        for i in range(len(x)):
            sample[i] = x[numpy.random.randint(0, len(x))]
        out[r] = numpy.median(sample)
    return out


def work():
    with h5py.File(sys.argv[1]) as file:
        x = file["x"][:]
    return {"se": numpy.std(bootstrap(x, REPLICATES), ddof=1)}


bootstrap = {"mean": bootstrap_mean, "median": bootstrap_median}[sys.argv[3]]
bootstrap(numpy.arange(10.0), 4)
peer.report(f"numba {numba.__version__}", work)
