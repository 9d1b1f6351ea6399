"""A filter on every image of a stack by scipy.ndimage; images are dealt to threads in thousands.

filter_scipy.py HDF5 THREADS gaussian|median|sobel: sum and sum of squares of all filtered pixels.
"""
import sys
from concurrent.futures import ThreadPoolExecutor

import peer

peer.limit_threads()
import h5py
import numpy
import scipy
from scipy import ndimage

EDGE = {"mode": "nearest"}
FILTERS = {
    "gaussian": lambda x: ndimage.gaussian_filter(x, (0, 1, 1), truncate=4, **EDGE),
    "median": lambda x: ndimage.median_filter(x, (1, 3, 3), **EDGE),
    "sobel": lambda x: numpy.hypot(ndimage.sobel(x, 1, **EDGE), ndimage.sobel(x, 2, **EDGE)),
}
STACK = 1000


def sums(images):
    filtered = FILTERS[sys.argv[3]](images.astype(float)).ravel()
    return filtered.sum(), filtered @ filtered


def work():
    with h5py.File(sys.argv[1]) as file, ThreadPoolExecutor(peer.THREADS) as pool:
        images = file["images"]
        parts = pool.map(lambda at: sums(images[at : at + STACK]), range(0, len(images), STACK))
        total, squares = numpy.sum(list(parts), axis=0)
        return {"sum": total, "squares": squares}


peer.report(f"scipy {scipy.__version__}", work)
