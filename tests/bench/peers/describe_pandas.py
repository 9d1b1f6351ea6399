"""Mean, sd, least, largest, skewness, kurtosis of x in an HDF5 file, by pandas, which holds all of it in memory.

describe_pandas.py FILE 1
"""
import sys

import peer

peer.limit_threads()
import h5py
import pandas


def describe():
    with h5py.File(sys.argv[1]) as file:
        x = pandas.Series(file["x"][:])
    answer = {"mean": x.mean(), "sd": x.std(), "minimum": x.min(), "maximum": x.max()}
    return answer | {"skewness": x.skew(), "kurtosis": x.kurt()}


peer.report(f"pandas {pandas.__version__}", describe)
