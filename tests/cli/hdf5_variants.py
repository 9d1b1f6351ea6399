"""The same rows of integers, stored in many ways: hdf5_variants.py FOLDER ROWS. One folder for each way; the files of a
folder, in the order of their names, are one dataset `g/m` of three columns."""
import os
import sys

import h5py
import numpy as np

folder, rows = sys.argv[1], int(sys.argv[2])
i = np.arange(rows, dtype=np.int64)
table = np.stack([(i * 7919) % 30011 - 15000, (i * i) % 251, i % 7 - 3], axis=1)


def write(way, part, data, **how):
    os.makedirs(f"{folder}/{way}", exist_ok=True)
    with h5py.File(f"{folder}/{way}/part-{part}.h5", "w", **how.pop("file", {})) as file:
        dtype = how.pop("dtype", "<f8")
        file.create_dataset("g/m", data=data.astype(dtype), **how)


write("contiguous", 0, table)
write("latest", 0, table, file={"libver": "latest"}, chunks=(1024, 3))
write("rows", 0, table, chunks=(1000, 3))
write("columns", 0, table, chunks=(4096, 1))
write("odd", 0, table, chunks=(777, 2), maxshape=(None, None))
write("deflated", 0, table, chunks=(20000, 3), compression="gzip", shuffle=True)
write("checked", 0, table, chunks=(5000, 2), compression="gzip", compression_opts=1, fletcher32=True)
write("big-endian", 0, table, dtype=">f8")
write("integers", 0, table, dtype=">i2", chunks=(65536, 3), shuffle=True)
write("floats", 0, table, dtype="<f4")
write("userblock", 0, table, file={"userblock_size": 4096})
cuts = [0, 1, rows // 3, rows // 3, rows // 2 + 17, rows]
for part in range(len(cuts) - 1):
    ways = [dict(dtype="<i4"), dict(dtype=">f8", chunks=(500, 3), compression="gzip", maxshape=(None, 3)), dict(dtype="<f4")]
    write("files", part, table[cuts[part] : cuts[part + 1]], **ways[part % 3])
os.makedirs(f"{folder}/virtual")
source = h5py.VirtualSource("../rows/part-0.h5", "g/m", shape=table.shape)
layout = h5py.VirtualLayout(shape=table.shape, dtype="<f8")
layout[:] = source
with h5py.File(f"{folder}/virtual/part-0.h5", "w") as file:
    file.create_virtual_dataset("g/m", layout)
