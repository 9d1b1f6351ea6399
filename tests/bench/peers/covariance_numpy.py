"""Covariance matrix of the columns of an HDF5 dataset by numpy on OpenBLAS.

covariance_numpy.py FILE THREADS DATASET [ROWS]: numpy.cov of all of it in memory, or ROWS at a time: x' x of what is left when
the means of the first rows are taken off, a symmetric product (dsyrk).
"""
import sys

import peer

peer.limit_threads()
import h5py
import numpy

ROWS = int(sys.argv[4]) if len(sys.argv) > 4 else 0


def pieces(x):
    for at in range(0, len(x), ROWS or len(x)):
        piece = x[at : at + ROWS] if ROWS else x[:]
        yield piece.reshape(len(piece), -1).astype(float, copy=False)


def products(x):
    """Sums and sums of products around a value near the means, then around the means."""
    near = None
    for piece in pieces(x):
        if near is None:
            near = piece.mean(axis=0)
            total, product = numpy.zeros(len(near)), numpy.zeros((len(near), len(near)))
        piece = piece - near
        total += piece.sum(axis=0)
        product += piece.T @ piece
    return (product - numpy.outer(total, total) / len(x)) / (len(x) - 1)


def work():
    with h5py.File(sys.argv[1]) as file:
        x = file[sys.argv[3]]
        covariance = products(x) if ROWS else numpy.cov(next(pieces(x)), rowvar=False)
    return {"corner": covariance[0, -1], "middle": covariance[len(covariance) // 2, len(covariance) // 2]}


peer.report(f"numpy {numpy.__version__}", work)
