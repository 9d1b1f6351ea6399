"""The jobs over real data, against exact sums of the data and against figures that numpy finds in them on another way.

real_data.py TESSERA DATASET: the program; flights, fashion, etopo5 or dowjones. Without the data (jobs/data/fetch) the test
is skipped. The anchors are those of jobs/data/README.md.
"""
import csv
import json
import math
import pathlib
import subprocess
import sys
import tempfile
from collections import defaultdict
from fractions import Fraction

import h5py
import numpy

JOBS = pathlib.Path(__file__).resolve().parents[2] / "jobs"
FETCHED = JOBS / "data/fetched"
FILES = {"flights": "flights.csv", "fashion": "fashion-mnist.h5", "etopo5": "etopo5.h5", "dowjones": "dowjones.csv"}
SKIPPED = 77
failures = []


def run(job, *settings, arrays=()):
    """The results of a run: stage -> name -> value; of `arrays`, the values of those datasets of its file follow."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.argv[1], "run", str(JOBS / job), "--json", "--quiet", "--out", f"{folder}/out.h5"]
        for setting in settings:
            command += ["--set", setting]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=280).stdout
        with h5py.File(f"{folder}/out.h5") as file:
            read = [file[name][:] for name in arrays]
    stages = json.loads(output)["stages"]
    values = {
        stage: {name: result["value"] for name, result in found["results"].items()} for stage, found in stages.items()
    }
    return (values, *read) if arrays else values


def check(what, found, expected, within=0):
    """Equal, or relatively within a bound."""
    holds = abs(found - expected) <= within * abs(expected)
    print(("ok    " if holds else "WRONG ") + f"{what}: {found!r}, expected {expected!r}")
    if not holds:
        failures.append(what)


# ---- flights ----


def read_flights():
    """Counts, sums and sums of squares of the delays by airport, in whole numbers."""
    groups = defaultdict(lambda: [0, 0, 0])
    with open(FETCHED / FILES["flights"], newline="", encoding="ascii") as file:
        rows = csv.reader(file)
        next(rows)
        for _, delay, _, origin, _ in rows:
            delay, group = int(delay), groups[origin]
            group[0] += 1
            group[1] += delay
            group[2] += delay * delay
    return groups


def flights():
    stages = run("flights-delay.yaml")
    every, origins = stages["flights"], stages["origins"]
    n = 3000000
    check("flights", every["items.delay"], n)
    check("their mean delay", every["mean.delay"], 20003603 / n, 1e-15)
    variance = (3279422847 * n - 20003603**2) / (n * (n - 1))
    check("its sd", every["sd.delay"], math.sqrt(variance), 1e-15)
    check("their mean distance", every["mean.distance"], 2194861208 / n, 1e-15)
    check("the least delay", every["minimum.delay"], -1116)
    check("the largest", every["maximum.delay"], 1688)
    for p, delay in zip((0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999), (-30, -9, -1, 11, 35, 139, 277)):
        check(f"order statistic below quantile {p}", math.floor(every[f"quantile.delay.{p:g}"]), delay)
    for origin, items, total in ("ORD", 166341, 1542589), ("DFW", 157162, 1210298), ("ATL", 124711, 1100966):
        check(f"flights from {origin}", origins[f"items.delay[origin={origin}]"], items)
        check("their mean delay", origins[f"mean.delay[origin={origin}]"], total / items, 1e-15)
    groups = read_flights()
    check("airports", sum(name.startswith("items.delay[") for name in origins), len(groups))
    worst = 0
    for origin, (count, total, squares) in groups.items():
        sd = math.sqrt((squares * count - total**2) / (count * (count - 1))) if count > 1 else None
        for name, expected in ("items", count), ("mean", total / count), ("sd", sd):
            found = origins[f"{name}.delay[origin={origin}]"]
            if expected is None or found is None:
                check(f"no sd of one flight from {origin}", found is None, expected is None)
            else:
                worst = max(worst, abs(found - expected) / (abs(expected) or 1))
    check("all airports, items, mean and sd: within 1e-14", worst < 1e-14, True)
    check_effect(stages["effect"], groups, n)


def check_effect(found, groups, n):
    """Fisher's F from whole numbers."""
    squares = sum(Fraction(total**2, count) for count, total, _ in groups.values())
    between = squares - Fraction(20003603**2, n)
    within = 3279422847 - squares
    check("F of the airports", found["anova_F"], float(between / (len(groups) - 1) / (within / (n - len(groups)))), 1e-15)
    check("R squared", found["anova_r_squared"], float(between / (between + within)), 1e-15)


# ---- images ----

SUMS_OF_CLASS = [
    *(390573028, 267379383, 451860419, 310552946, 462205658),
    *(164016939, 397982484, 201152788, 424099247, 361291277),
]


def training_images():
    """Pixels [60000, 784] in whole numbers, and labels."""
    with h5py.File(FETCHED / FILES["fashion"]) as file:
        return file["images"][:60000].reshape(60000, -1), file["labels"][:60000]


def check_means(images, labels):
    """The pixels of each class, and of the same images blurred."""
    pixels = [f"images_p{row:02}_{column:02}" for row in range(28) for column in range(28)]
    stages = run("fashion-mean.yaml")
    found, squares, apart, blur = stages["images"], 0, 0, 0
    for label, total in enumerate(SUMS_OF_CLASS):
        mean, variance, blurred = (
            numpy.array([stages[stage][f"{name}.{pixel}[labels={label}]"] for pixel in pixels])
            for stage, name in (("images", "mean"), ("images", "variance"), ("blurred", "mean"))
        )
        check(f"images of class {label}", found[f"items.images_p00_00[labels={label}]"], 6000)
        check("sum of their pixels", 6000 * math.fsum(mean), total, 1e-14)
        squares += math.fsum(5999 * variance + 6000 * mean**2)
        expected = images[labels == label].mean(axis=0)
        apart = max(apart, abs(mean - expected).max())
        blur = max(blur, abs(blurred - gaussian(expected.reshape(28, 28)).ravel()).max())
    check("sum of squares of all pixels", squares, 631470052347, 1e-13)
    check("mean images: within 1e-12 of numpy's", bool(apart < 1e-12), True)
    check("blurred mean images: within 1e-11 of the blurred mean images", bool(blur < 1e-11), True)


def gaussian(image):
    """Sigma 1 up to four of them, reflected at the edges: the matrix product of both directions."""
    weight = numpy.exp(-(numpy.arange(-4, 5) ** 2) / 2)
    blur = numpy.zeros((28, 28))
    for row in range(28):
        for offset, w in zip(range(-4, 5), weight / weight.sum()):
            place = row + offset
            blur[row, -1 - place if place < 0 else 55 - place if place > 27 else place] += w
    return blur @ image @ blur.T


def check_clusters(images):
    """Five rounds of Lloyd's, from the first ten images."""
    x = images.astype(float)
    centroid = x[:10].copy()
    square = (x**2).sum(axis=1)
    for _ in range(5):
        label = ((centroid**2).sum(axis=1) - 2 * x @ centroid.T).argmin(axis=1)
        centroid = numpy.array([x[label == c].mean(axis=0) for c in range(10)])
    distance = (square[:, None] + (centroid**2).sum(axis=1) - 2 * x @ centroid.T).min(axis=1)
    settings = "images.k_means.start=first", "images.k_means.iterations=5"
    found = run("fashion-kmeans.yaml", *settings)["images"]
    check("k-means, rounds", found["k_means_iterations"], 5)
    check("k-means, inertia", found["k_means_inertia"], distance.sum(), 1e-12)


def check_components(images):
    """Eigenvalues of the covariance of the first 6,000 images, whose products are whole numbers."""
    x = images[:6000].astype(float)
    covariance = (x.T @ x - numpy.outer(x.sum(axis=0), x.mean(axis=0))) / (len(x) - 1)
    values = numpy.linalg.eigvalsh(covariance)[::-1]
    found = run("fashion-pca.yaml", "images.items=6000")["images"]
    for component in (1, 2, 10):
        check(f"eigenvalue {component}", found[f"pca_eigenvalue.{component}"], values[component - 1], 1e-11)
    check("all variance", found["pca_variance"], covariance.trace(), 1e-12)


def fashion():
    images, labels = training_images()
    check_means(images, labels)
    check_clusters(images)
    check_components(images)


# ---- relief ----


def etopo5():
    with h5py.File(FETCHED / FILES["etopo5"]) as file:
        relief, latitude = file["relief"][:].astype(float), file["latitude"][:]
    area = numpy.repeat(numpy.cos(numpy.radians(latitude)), relief.shape[1]).reshape(relief.shape)
    names = ["earth_histogram", "earth_quantile", "probability"]
    stages, histogram, curve, probabilities = run("relief.yaml", arrays=names)
    found = stages["earth"]
    check("cells", found["items.relief"], relief.size)
    check("deepest", found["minimum.relief"], -10376)
    check("highest", found["maximum.relief"], 7833)
    check("mean height by area", found["mean.relief"], -2388.33866714523, 1e-14)
    check("share of the sea", found["mean.sea"], 0.713896734742187, 1e-14)
    counts, _ = numpy.histogram(relief, 200, (-11000, 9000), weights=area)
    check("histogram: within 1e-12 of numpy's", bool(numpy.allclose(histogram.ravel(), counts, 1e-12, 1e-9)), True)
    below = [[area[relief < height].sum(), area[relief <= height].sum()] for height in curve.ravel()[1:-1]]
    share = numpy.array(below) / area.sum()
    p = probabilities[1:-1]
    check("hypsometric curve: shares that it divides", bool(((share[:, 0] < p) & (p <= share[:, 1])).all()), True)
    plain = run("relief.yaml", "tallies=[moments]", "maps=[]")["earth"]
    check("sum of all heights", plain["mean.relief"] * relief.size, -17679645880, 1e-15)


# ---- stocks ----


def dowjones():
    with open(FETCHED / FILES["dowjones"], newline="", encoding="ascii") as file:
        names, *rows = csv.reader(file)
    prices = numpy.array([row[1:] for row in rows], float)
    returns = numpy.diff(numpy.log(prices), axis=0)
    found = run("dowjones.yaml")["returns"]
    loss = numpy.sort(-returns.mean(axis=1))[::-1]
    n = len(loss)
    check("returns", found["items.loss"], 2528)
    check("sd of the portfolio", found["sd.loss"], 0.0097066947867322836, 1e-14)
    check("its 99 % VaR", found["VaR.loss.0.99"], 0.024836721336186255, 1e-14)
    tail = 0.01 * n
    shortfall = (loss[: int(tail)].sum() + (tail - int(tail)) * loss[int(tail)]) / tail
    check("its 99 % expected shortfall", found["ES.loss.0.99"], shortfall, 1e-13)
    check("mean of the worst 26", loss[:26].mean(), 0.034971439337148205, 1e-13)
    covariance = numpy.cov(returns, rowvar=False)
    ours = numpy.array([[found[f"covariance.{a}.{b}"] for b in names[1:]] for a in names[1:]])
    check("covariances: all within 1e-17", bool(abs(ours - covariance).max() < 1e-17), True)
    check("largest eigenvalue", numpy.linalg.eigvalsh(ours)[-1], 0.00299331266710629396, 1e-13)


def main():
    dataset = sys.argv[2]
    file = FETCHED / FILES[dataset]
    if not file.exists():
        print(f"skipped: {FILES[dataset]} is not there; jobs/data/fetch {dataset} brings it")
        sys.exit(SKIPPED)
    globals()[dataset]()
    sys.exit(f"{len(failures)} wrong" if failures else 0)


main()
