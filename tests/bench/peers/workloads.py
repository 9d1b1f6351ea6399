"""Which contenders do which work. The first of each workload is Tessera, and what others are measured by."""
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Contender:
    name: str
    script: str  # beside this file; a job of Tessera ends in .yaml
    file: str  # of jobs/data/fetched, or made by data.py
    arguments: tuple = ()  # after FILE and THREADS; of Tessera: settings. @NAME: a file as above; %NAME: one that was fetched
    threads: tuple = (1, 2)
    answer: dict = field(default_factory=dict)  # of Tessera: its result for each name of an answer


@dataclass(frozen=True)
class Workload:
    title: str
    contenders: list


MOMENTS = {name: f"{name}.x" for name in ("mean", "sd", "minimum", "maximum", "skewness", "kurtosis")}

WORKLOADS = {
    "describe": Workload(
        "Mean, sd, least, largest, skewness, kurtosis of 2^27 doubles (1 GiB, HDF5, in one piece)",
        [
            Contender("Tessera", "describe.yaml", "large.h5", ("file=@large.h5",), answer=MOMENTS),
            Contender("pread, 1 MiB at a time: reading alone", "read_pread.py", "large.h5"),
            Contender("h5py + numpy, 1e7 rows at a time", "describe_numpy.py", "large.h5", (10000000,)),
            Contender("h5py + numpy, 65,536 rows at a time", "describe_numpy.py", "large.h5", (65536,)),
        ],
    ),
    "histogram": Workload(
        "The same with a histogram of 200 bins",
        [
            Contender("Tessera", "describe_bins.yaml", "large.h5", ("file=@large.h5",), answer=MOMENTS),
            Contender("h5py + numpy, 1e7 rows at a time", "describe_numpy.py", "large.h5", (10000000, 200)),
            Contender("h5py + numpy, 65,536 rows at a time", "describe_numpy.py", "large.h5", (65536, 200)),
        ],
    ),
    "describe-more": Workload(
        "The same without a histogram, of 2^24 doubles (128 MiB), by others",
        [
            Contender("Tessera", "describe.yaml", "middle.h5", ("file=@middle.h5",), answer=MOMENTS),
            Contender("h5py + numpy, 65,536 rows at a time", "describe_numpy.py", "middle.h5", (65536,)),
            Contender("Dask, chunks of 1e6", "describe_dask.py", "middle.h5", (1000000,)),
            Contender("Dask, without skewness and kurtosis", "describe_dask.py", "middle.h5", (1000000, -1)),
            Contender("pandas, all in memory", "describe_pandas.py", "middle.h5", threads=(1,)),
            Contender("DuckDB, its own file", "describe_duckdb.mjs", "middle.npy"),
            Contender("CDO, six operators on netCDF-4", "describe_cdo.sh", "middle.nc", threads=(1,)),
        ],
    ),
    "histogram-more": Workload(
        "And with a histogram of 200 bins",
        [
            Contender("Tessera", "describe_bins.yaml", "middle.h5", ("file=@middle.h5",), answer=MOMENTS),
            Contender("Dask, chunks of 1e6", "describe_dask.py", "middle.h5", (1000000, 200)),
            Contender("DuckDB, its own file", "describe_duckdb.mjs", "middle.npy", (200,)),
        ],
    ),
    "read": Workload(
        "Reading 2^27 doubles (1 GiB, HDF5, in one piece), their mean and extremes found",
        [
            Contender("Tessera", "read.yaml", "large.h5", ("file=@large.h5",)),
            Contender("pread, 1 MiB at a time, nothing found", "read_pread.py", "large.h5"),
            Contender("h5py, 1e7 rows at a time, nothing found", "read_h5py.py", "large.h5", (10000000,), (1,)),
        ],
    ),
    "gzip": Workload(
        "Reading 2^25 doubles of two decimals (chunks of 1 MiB, shuffle, deflate 1), their mean and extremes found",
        [
            Contender("Tessera", "read.yaml", "gzip.h5", ("file=@gzip.h5",)),
            Contender("h5py, a chunk at a time, nothing found", "read_h5py.py", "gzip.h5", (131072,), (1,)),
        ],
    ),
    "quantile": Workload(
        "Nine quantiles (type 7, exact) of 2^24 doubles (128 MiB)",
        [
            Contender(
                "Tessera", "quantile.yaml", "middle.h5", ("file=@middle.h5",),
                answer={p: f"quantile.x.{p}" for p in "0.001 0.01 0.05 0.25 0.5 0.75 0.95 0.99 0.999".split()},
            ),
            Contender("numpy.partition", "quantile_numpy.py", "middle.h5", threads=(1,)),
        ],
    ),
    "bootstrap": Workload(
        "Standard error of the mean of 100,000 doubles from 1,000 resampled samples",
        [
            Contender("Tessera", "bootstrap.yaml", "small.h5", ("file=@small.h5",)),
            Contender("numba, prange", "bootstrap_numba.py", "small.h5", ("mean", 1000)),
            Contender("numpy, integers and take", "bootstrap_numpy.py", "small.h5", ("mean", 1000), (1,)),
        ],
    ),
    "groups": Workload(
        "Number, mean and sd of 3,000,000 delays by 229 airports, from CSV",
        [
            Contender(
                "Tessera", "groups.yaml", "flights.csv", ("file=%flights.csv",),
                answer={"ORD": "mean.delay[origin=ORD]", "ORD sd": "sd.delay[origin=ORD]"},
            ),
            Contender("pandas.read_csv, groupby", "groups_pandas.py", "flights.csv", threads=(1,)),
            Contender("DuckDB, read_csv", "groups_duckdb.mjs", "flights.csv"),
        ],
    ),
    "covariance": Workload(
        "Covariance matrix of 1,000,000 x 64 doubles (512 MB)",
        [
            Contender(
                "Tessera", "covariance.yaml", "wide.h5", ("file=@wide.h5",),
                answer={"corner": "covariance.c1.c64", "middle": "covariance.c33.c33"},
            ),
            Contender("numpy.cov, OpenBLAS, all in memory", "covariance_numpy.py", "wide.h5", ("x",)),
            Contender("numpy, dsyrk of 8,192 rows at a time", "covariance_numpy.py", "wide.h5", ("x", 8192)),
        ],
    ),
    **{
        f"filter-{name}": Workload(
            f"{title} on 70,000 images of 28 x 28 (Fashion-MNIST), and the mean of each pixel; reading included",
            [
                Contender(
                    "Tessera", f"filter_{name}.yaml", "fashion-mnist.h5", ("file=%fashion-mnist.h5",),
                    answer={"corner": "mean.p01_01", "middle": "mean.p14_14"},
                ),
                Contender("scipy.ndimage", "filter_scipy.py", "fashion-mnist.h5", (name,)),
            ],
        )
        for name, title in (
            ("gaussian", "Gaussian of sigma 1"),
            ("median", "Median 3 x 3"),
            ("sobel", "Sobel's gradient"),
        )
    },
    "pca": Workload(
        "Ten principal components of the 784 pixels of 70,000 images (Fashion-MNIST), reading and eigenvalues included",
        [
            Contender(
                "Tessera", "pca.yaml", "fashion-mnist.h5", ("file=%fashion-mnist.h5",),
                answer={"first": "pca_eigenvalue.1", "tenth": "pca_eigenvalue.10"},
            ),
            Contender("numpy, OpenBLAS", "pca_numpy.py", "fashion-mnist.h5"),
        ],
    ),
    "k-means": Workload(
        "Ten rounds of k-means, ten clusters of 60,000 images of 784 pixels, from the same start; reading included",
        [
            Contender(
                "Tessera", "k_means.yaml", "fashion-mnist.h5", ("file=%fashion-mnist.h5",),
                answer={"inertia": "k_means_inertia"},
            ),
            Contender(
                "scikit-learn, all in memory", "kmeans_sklearn.py", "fashion-mnist.h5", ("@centres.npy", 10),
            ),
        ],
    ),
    "bootstrap": Workload(
        "Standard error of the mean of 100,000 numbers from 1000 resamples (answers differ by chance, 2 %)",
        [
            Contender(
                "Tessera", "bootstrap.yaml", "small.h5", ("file=@small.h5",), answer={"se": "bootstrap_mean.x se"},
            ),
            Contender("numpy", "bootstrap_numpy.py", "small.h5", ("mean", 1000), (1,)),
            Contender("numba, compiled", "bootstrap_numba.py", "small.h5", ("mean", 1000)),
        ],
    ),
}
