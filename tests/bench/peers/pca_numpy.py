"""The ten largest eigenvalues of the covariance matrix of images, by numpy (dsyrk of pieces, then LAPACK's dsyevd).

pca_numpy.py HDF5 THREADS
"""
import sys

import peer

peer.limit_threads()
import h5py
import numpy

ROWS = 8192


def work():
    with h5py.File(sys.argv[1]) as file:
        images = file["images"]
        total = product = 0
        for at in range(0, len(images), ROWS):
            piece = images[at : at + ROWS].reshape(-1, 784).astype(float)
            total = total + piece.sum(axis=0)
            product = product + piece.T @ piece
        n = len(images)
    values = numpy.linalg.eigh((product - numpy.outer(total, total) / n) / (n - 1))[0]
    return {"first": values[-1], "tenth": values[-10]}


peer.report(f"numpy {numpy.__version__}", work)
