#!/usr/bin/python3
"""Filters beside scipy.ndimage and beside plain loops in C: ns per pixel of one thread, on data that is in memory.

images.py [--build build/release] [--rounds 5]: bench_images and scipy take turns, filter by filter; medians of the rounds. Both
filter as many doubles as a block of the engine has, 128 images or 32 rows of a picture, again and again: they are in the cache.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
import numpy  # noqa: E402
import scipy  # noqa: E402
from scipy import ndimage  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
KERNEL = numpy.outer([1, 2, 3, 2, 1], [1, 2, 3, 2, 1]) / 81
FILTERS = {
    "gaussian": lambda x: ndimage.gaussian_filter(x, (0, 1, 1)),
    "median": lambda x: ndimage.median_filter(x, (1, 3, 3)),
    "median5": lambda x: ndimage.median_filter(x, (1, 5, 5)),
    "sobel": lambda x: sobel(x),
    "laplace": lambda x: numpy.stack([ndimage.laplace(y) for y in x]),
    "convolve": lambda x: ndimage.convolve(x, KERNEL[None]),
}


def sobel(x):
    """Of a stack: differences and smoothing along the last two axes only."""
    smooth, differ = [1, 2, 1], [-1, 0, 1]
    return numpy.hypot(*(ndimage.correlate1d(ndimage.correlate1d(x, differ, axis), smooth, 3 - axis) for axis in (1, 2)))


def scipy_ns(name, stack):
    best = numpy.inf
    for _ in range(3):
        began = time.perf_counter()
        FILTERS[name](stack)
        best = min(best, (time.perf_counter() - began) / stack.size * 1e9)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=ROOT / "build/release", type=pathlib.Path)
    parser.add_argument("--rounds", default=5, type=int)
    options = parser.parse_args()
    numbers = numpy.random.default_rng(5)
    data = {"images": numbers.normal(size=(128, 28, 28)), "rows": numbers.normal(size=(1, 32, 4320))}
    found = {}
    for _ in range(options.rounds):
        for name in FILTERS:
            command = [options.build / "bin/bench_images", name]
            for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
                _, layout, ours, plain = line.split()
                ns = float(ours), float(plain), scipy_ns(name, data[layout])
                found.setdefault((name, layout), []).append(ns + (ns[1] / ns[0], ns[2] / ns[0]))
    print(f"ns per pixel; scipy {scipy.__version__}; ratios are medians over {options.rounds} rounds")
    print("filter    items     tessera    plain C      scipy  plain / tessera  scipy / tessera")
    for (name, layout), rounds in found.items():
        middle = [statistics.median(column) for column in zip(*rounds)]
        print("{:9} {:7} {:9.2f}  {:9.2f}  {:9.1f}  {:15.1f}  {:15.1f}".format(name, layout, *middle))


main()
