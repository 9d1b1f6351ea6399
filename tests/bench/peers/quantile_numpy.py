"""Quantiles (type 7) of x in an HDF5 file by numpy.partition.

quantile_numpy.py FILE 1
"""
import sys

import peer

peer.limit_threads()
import h5py
import numpy

PROBABILITIES = [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999]


def work():
    with h5py.File(sys.argv[1]) as file:
        x = file["x"][:]
    at = [p * (len(x) - 1) for p in PROBABILITIES]
    low = [int(a) for a in at]
    x.partition(sorted({k for l in low for k in (l, l + 1)}))
    return {f"{p:g}": x[l] + (a - l) * (x[l + 1] - x[l]) for p, a, l in zip(PROBABILITIES, at, low)}


peer.report(f"numpy {numpy.__version__}", work)
