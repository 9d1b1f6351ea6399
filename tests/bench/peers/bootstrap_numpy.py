"""Bootstrap of the mean or the median of x by numpy: draw row numbers, take, reduce.

bootstrap_numpy.py FILE 1 mean|median REPLICATES
"""
import sys

import peer

peer.limit_threads()
import h5py
import numpy

STATISTIC, REPLICATES = getattr(numpy, sys.argv[3]), int(sys.argv[4])


def work():
    with h5py.File(sys.argv[1]) as file:
        x = file["x"][:]
    generator = numpy.random.default_rng(1)
    values = [STATISTIC(x[generator.integers(0, len(x), len(x))]) for _ in range(REPLICATES)]
    return {"se": numpy.std(values, ddof=1)}


peer.report(f"numpy {numpy.__version__}", work)
