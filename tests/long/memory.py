"""The memory of a rank does not grow with the number of items.

memory.py TESSERA [LARGEST]: runs jobs with 1e6, 1e7, ... items (rows, for chains) up to LARGEST (default 1e9), alone and
as two ranks, and prints the peak resident memory of the larger rank. From 1e7 on it may grow by 1 MB or 2 %, and by the
pages that sketches need for values ten times closer to zero: docs/numerics.md, Memory.
"""
import pathlib
import resource
import subprocess
import sys
import tempfile

MPIRUN = ["mpirun", "-q", "--bind-to", "none", "-n", "2"]

# Pages of a binary order of magnitude for ten times the items, with the copies that threads, ranks and messages hold.
NEAR_ZERO_KIB = 4 * 16 * 4

# name: (rows of an item, the most rows, sketches that see values near zero, job)
CASES = {
    "european": (1, 1e9, 2, """
source: european
maps: [derive: ["root = sqrt(payoff + 1)"]]
tallies:
  - moments: {order: 4}
  - covariance
  - histogram: {bins: 1000, range: [0, 500], of: payoff}
  - quantile: [0.01, 0.5, 0.99]
  - var_es: [0.99]
  - exceedance: {above: [50, 100]}
  - top: {count: 1000, which: both}
  - function: {expressions: [ratio = payoff / root]}
"""),
    "weighted": (1, 1e8, 4 * 4, """
source: {shifted_normal: {shift: 2}}
tallies:
  - moments: {weight: weight}
  - histogram: {bins: 1000, range: [-10, 10], of: x, weight: weight}
  - quantile: {probabilities: [0.01, 0.5, 0.99], of: x, weight: weight}
  - var_es: {of: x, levels: [0.99], weight: weight}
"""),
    "sobol": (1, 1e8, 32, """
source: european
sampling: sobol
tallies: [moments, quantile: [0.5, 0.99], function: {expressions: [double = 2 * payoff]}]
"""),
    "chains": (1000, 1e8, 0, """
source: {vmc_hydrogen: {rows: 1000}}
tallies: [moments, series]
"""),
}


def peak_kib(command):
    """Of the largest child of this process; what it prints goes to standard error."""
    done = subprocess.run(command, stdout=sys.stderr, timeout=3600)
    if done.returncode != 0:
        sys.exit(f"exit code {done.returncode}: {' '.join(command)}")
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def measure(tessera, job, items, ranks, folder):
    """Peak memory in KiB: every rank is a child of a process of this program, which does nothing but look."""
    look = [sys.executable, "-B", __file__, "--look", tessera, "run", str(job), "--set", f"items={items}"]
    look += ["--quiet", "--force", "--threads", "1", "--oversubscribe", "--out", f"{folder}/out.h5"]
    command = (MPIRUN if ranks == 2 else []) + look
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=3600).stdout
    return max(int(line) for line in answer.split())


def main(tessera, largest):
    grown = []
    print(f"{'job':10} {'ranks':>5} {'items':>7} {'peak MB':>8} {'since 1e7':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for name, (rows, most, sketches, text) in CASES.items():
            job = pathlib.Path(folder) / f"{name}.yaml"
            job.write_text(f"name: {name}\nseed: 1\nitems: 1\n{text}")
            for ranks in 1, 2:
                settled = None
                for exponent in range(6, 10):
                    if 10**exponent > min(most, largest):
                        continue
                    peak = measure(tessera, job, 10**exponent // rows, ranks, folder)
                    if exponent == 7:
                        settled = peak
                    growth = 0 if settled is None else peak - settled
                    print(f"{name:10} {ranks:5} {10.0**exponent:7.0e} {peak / 1024:8.2f} {growth / 1024:+10.2f}", flush=True)
                    allowed = max(1024, 0.02 * (settled or 0)) + (exponent - 7) * sketches * NEAR_ZERO_KIB
                    if settled is not None and growth > allowed:
                        grown.append(f"{name} on {ranks} ranks, {10.0**exponent:.0e} items")
    print("grows: " + "; ".join(grown) if grown else "nothing grows")
    return 1 if grown else 0


if sys.argv[1] == "--look":
    print(peak_kib(sys.argv[2:]))
else:
    sys.exit(main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 1e9))
