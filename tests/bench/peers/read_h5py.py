"""The rows of x through h5py, so many at a time, into one array.

read_h5py.py FILE 1 ROWS
"""
import sys

import peer

peer.limit_threads()
import h5py
import numpy

ROWS = int(sys.argv[3])


def work():
    with h5py.File(sys.argv[1]) as file:
        x = file["x"]
        room = numpy.empty(ROWS)
        for at in range(0, len(x), ROWS):
            end = min(at + ROWS, len(x))
            x.read_direct(room, numpy.s_[at:end], numpy.s_[: end - at])
        return {"rows": len(x)}


peer.report(f"h5py {h5py.__version__}, HDF5 {h5py.version.hdf5_version}", work)
