"""A filter on every image of a stack by scipy.ndimage; images are dealt to threads in thousands.

filter_scipy.py HDF5 THREADS gaussian|median|sobel: the mean of each pixel.
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


def slope(images, along, across):
    """ndimage.sobel would smooth over neighbouring images, too."""
    return ndimage.correlate1d(ndimage.correlate1d(images, [-1, 0, 1], along, **EDGE), [1, 2, 1], across, **EDGE)


FILTERS = {
    "gaussian": lambda x: ndimage.gaussian_filter(x, (0, 1, 1), truncate=4, **EDGE),
    "median": lambda x: ndimage.median_filter(x, (1, 3, 3), **EDGE),
    "sobel": lambda x: numpy.hypot(slope(x, 1, 2), slope(x, 2, 1)),
}
STACK = 1000


def sums(images):
    return FILTERS[sys.argv[3]](images.astype(float)).sum(axis=0)


def work():
    with h5py.File(sys.argv[1]) as file, ThreadPoolExecutor(peer.THREADS) as pool:
        images = file["images"]
        parts = pool.map(lambda at: sums(images[at : at + STACK]), range(0, len(images), STACK))
        mean = sum(parts) / len(images)
        return {"corner": mean[1, 1], "middle": mean[14, 14]}


peer.report(f"scipy {scipy.__version__}", work)
