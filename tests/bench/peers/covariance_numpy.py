"""Covariance matrix of the columns of an HDF5 dataset by numpy.cov, on OpenBLAS.

covariance_numpy.py FILE THREADS DATASET: all of it in memory.
"""
import sys

import peer

peer.limit_threads()
import h5py
import numpy


def work():
    with h5py.File(sys.argv[1]) as file:
        x = file[sys.argv[3]][:].astype(float)
    x = x.reshape(len(x), -1)
    covariance = numpy.cov(x, rowvar=False)
    return {"trace": covariance.trace(), "corner": covariance[0, -1], "squares": (covariance**2).sum()}


peer.report(f"numpy {numpy.__version__}", work)
