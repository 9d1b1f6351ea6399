"""Mean, sd, least, largest, skewness, kurtosis (and a histogram) of x in an HDF5 file, by h5py and numpy.

describe_numpy.py FILE THREADS CHUNK [BINS]: pieces of CHUNK rows, joined as Chan and Pebay do.
"""
import sys
from concurrent.futures import ThreadPoolExecutor

import peer

peer.limit_threads()
import h5py
import numpy

CHUNK = int(sys.argv[3])
BINS = int(sys.argv[4]) if len(sys.argv) > 4 else 0
RANGE = (0, 200)


def moments(x):
    """n, mean, sums of the 2nd to 4th power of what is left, least, largest, counts."""
    mean = x.mean()
    d = x - mean
    square = d * d
    counts = numpy.histogram(x, BINS, RANGE)[0] if BINS else 0
    return len(x), mean, square.sum(), square @ d, square @ square, x.min(), x.max(), counts


def join(a, b):
    (n, mean, m2, m3, m4, least, largest, counts), (o, other, o2, o3, o4, lower, higher, more) = a, b
    t, d = n + o, other - mean
    fourth = m4 + o4 + d**4 * n * o * (n * n - n * o + o * o) / t**3
    fourth += 6 * d * d * (n * n * o2 + o * o * m2) / t**2 + 4 * d * (n * o3 - o * m3) / t
    third = m3 + o3 + d**3 * n * o * (n - o) / t**2 + 3 * d * (n * o2 - o * m2) / t
    second = m2 + o2 + d * d * n * o / t
    return t, mean + d * o / t, second, third, fourth, min(least, lower), max(largest, higher), counts + more


def describe():
    with h5py.File(sys.argv[1]) as file:
        data = file["x"]
        starts = range(0, len(data), CHUNK)
        with ThreadPoolExecutor(peer.THREADS) as pool:
            parts = pool.map(lambda at: moments(data[at : at + CHUNK]), starts)
            whole = next(parts)
            for part in parts:
                whole = join(whole, part)
    n, mean, m2, m3, m4, least, largest, counts = whole
    answer = {"mean": mean, "sd": (m2 / (n - 1)) ** 0.5, "minimum": least, "maximum": largest}
    answer |= {"skewness": m3 / n / (m2 / n) ** 1.5, "kurtosis": m4 * n / m2**2 - 3}
    if BINS:
        answer["bin"] = counts[BINS // 2]
    return answer


peer.report(f"numpy {numpy.__version__}, h5py {h5py.__version__}", describe)
