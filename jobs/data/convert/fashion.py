"""Fashion-MNIST, IDX to HDF5: images [70000, 28, 28] and labels [70000] of bytes, first the 60,000 for training.

fashion.py FOLDER HDF5: the folder with the four .gz files. Refuses what is not the set that is known. Needs h5py.
"""
import gzip
import pathlib
import sys

import h5py
import numpy

CLASSES = "T-shirt,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot"
TRAINING = 60000
SUM, SUM_OF_SQUARES = 3431114169, 631470052347
SUM_OF_CLASS = [
    *(390573028, 267379383, 451860419, 310552946, 462205658),
    *(164016939, 397982484, 201152788, 424099247, 361291277),
]


def read(path):
    """An IDX file of bytes: two zeros, 8 for bytes, the number of dimensions, their lengths, the bytes."""
    data = gzip.decompress(path.read_bytes())
    dimensions = data[3]
    shape = numpy.frombuffer(data, ">i4", dimensions, 4)
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * dimensions).reshape(shape)


def is_known(images, labels):
    pixels = images[:TRAINING].reshape(TRAINING, -1).astype(numpy.int64)
    of_class = [int(pixels[labels[:TRAINING] == c].sum()) for c in range(10)]
    return (pixels.sum(), (pixels**2).sum(), of_class) == (SUM, SUM_OF_SQUARES, SUM_OF_CLASS)


def main(folder, path):
    images, labels = (
        numpy.concatenate([read(pathlib.Path(folder) / f"{part}-{name}-ubyte.gz") for part in ("train", "t10k")])
        for name in ("images-idx3", "labels-idx1")
    )
    if images.shape != (70000, 28, 28) or not is_known(images, labels):
        sys.exit("fashion.py: these are not the 70,000 images that were expected")
    with h5py.File(path, "w") as out:
        out.attrs["classes"] = numpy.bytes_(CLASSES)
        out["images"], out["labels"] = images, labels


main(*sys.argv[1:])
