"""Lloyd's k-means by scikit-learn, from given centres, a given number of rounds.

kmeans_sklearn.py HDF5 THREADS CENTRES ROUNDS: CENTRES is an .npy file [k, columns].
"""
import sys
import warnings

import peer

peer.limit_threads()
import h5py
import numpy
import sklearn
from sklearn.cluster import KMeans

warnings.simplefilter("ignore")  # that it has not converged is what was asked for


def work():
    start = numpy.load(sys.argv[3])
    with h5py.File(sys.argv[1]) as file:
        x = file["images"][:60000].reshape(60000, -1).astype(float)
    found = KMeans(len(start), init=start, n_init=1, max_iter=int(sys.argv[4]), tol=0, algorithm="lloyd").fit(x)
    return {"inertia": found.inertia_, "rounds": found.n_iter_}


peer.report(f"scikit-learn {sklearn.__version__}", work)
