"""ETOPO5, netCDF-3 to HDF5 with scales, as netCDF-4 has them: relief [latitude 2161, longitude 4320] in metres, 16 bits.

etopo5.py CDF HDF5. Refuses what is not the relief that is known. Needs h5py.
"""
import pathlib
import sys

import h5py
import numpy

ROWS, COLUMNS = 2161, 4320
SUM, LEAST, LARGEST = -17679645880, -10376, 7833


def read(path):
    """The file ends with its three variables, big-endian: longitudes, latitudes, heights."""
    data = path.read_bytes()
    begin = len(data) - 8 * COLUMNS - 8 * ROWS - 4 * ROWS * COLUMNS
    if data[:4] != b"CDF\1" or begin < 0:
        sys.exit("etopo5.py: this is not the netCDF file that was expected")
    longitude = numpy.frombuffer(data, ">f8", COLUMNS, begin)
    latitude = numpy.frombuffer(data, ">f8", ROWS, begin + 8 * COLUMNS)
    relief = numpy.frombuffer(data, ">f4", ROWS * COLUMNS, begin + 8 * COLUMNS + 8 * ROWS).reshape(ROWS, COLUMNS)
    return latitude, longitude, relief


def main(source, path):
    latitude, longitude, height = read(pathlib.Path(source))
    relief = height.astype("<i2")
    whole = (relief == height).all() and (relief.sum(dtype=int), relief.min(), relief.max()) == (SUM, LEAST, LARGEST)
    if not whole or abs(latitude).max() != 90:
        sys.exit("etopo5.py: this is not the relief that was expected")
    with h5py.File(path, "w") as out:
        out["latitude"], out["longitude"], out["relief"] = latitude.astype("<f8"), longitude.astype("<f8"), relief
        units = {"latitude": "degrees_north", "longitude": "degrees_east", "relief": "m"}
        for name, unit in units.items():
            out[name].attrs["units"] = numpy.bytes_(unit)
        for axis, name in enumerate(("latitude", "longitude")):
            out[name].make_scale(name)
            out["relief"].dims[axis].attach_scale(out[name])


main(*sys.argv[1:])
