"""The k-th call fails: memory, files, threads, MPI; one k after another until the end of a small run is passed.

faults.py TESSERA LIBRARY all|spread [CASE[/CLASS[/RANKS]]...]

LIBRARY is faults.c as a shared object. `all` takes every k (hours), `spread` some primes (seconds). For every
k: the exit code is one that docs/operations.md names for that fault, or 0 with the right digest; one sentence says what
failed, and no other line; nothing hangs or crashes; no temporary file and no lock is left; the file that was there
before is as it was or is replaced by a whole new one; and the next undisturbed command gives the right digest.
RANKS is 0 (without mpirun) or 2.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 30  # of a machine that has other things to do
AT_A_TIME = 8  # runs: one under mpirun that fails waits for most of its time, until mpirun has buried the other ranks

TALLIES = """
tallies:
  - moments: {order: 4}
  - covariance
  - histogram: {bins: 20}
  - histogram_2d: {of: [average, geometric], bins: [4, 4], range: [0, 200, 0, 200]}
  - quantile: {probabilities: [0.1, 0.9], exact: true}
  - var_es: [0.95]
  - exceedance: {above: [100]}
  - top: {count: 5, which: both}
  - function: {expressions: [ratio = average / geometric]}
  - control
"""

JOBS = {
    "pi": """
name: small
title: Darts
seed: 1
stages:
  - {name: darts, source: pi, items: 3000, tile_items: 500, tallies: [moments]}
""",
    "stages": """
name: small
seed: 2
stages:
  - name: returns
    source: {csv: {file: data.csv, columns: [a, b]}}
    tile_items: 8
    maps: [log_return, portfolio_loss: {weights: [0.5, 0.5]}]
    tallies: [moments: {order: 4}, covariance: {of: [a, b]}, quantile: {probabilities: [0.01, 0.25, 0.75, 0.99], of: [a, b]}, var_es: {levels: [0.9], exact: true, of: loss}]
  - name: loss
    source: {portfolio_t: {returns: returns, weights: [0.5, 0.5], dof: fit}}
    items: 2000
    tile_items: 500
    tallies: [moments, quantile: [0.5]]
""",
    "sweep": """
name: small
seed: 3
stages:
  - name: option
    source: {asian: {fixings: 4}}
    maps: [derive: ["root = sqrt(average)"]]
    sampling: {sobol: {replicates: 4}}
    items: 640
    tile_items: 160
""" + TALLIES.replace("\n", "\n    ") + """
  - name: atoms
    source: {vmc_hydrogen: {rows: 64}}
    items: 8
    tile_items: 2
    nonfinite: skip
    tallies: [moments, series: {lags: 8}]
sweep: {option.strike: [90, 100]}
""",
    "learns": """
name: small
seed: 4
stages:
  - name: learned
    source: genz
    sampling: {vegas: {replicates: 2, trainings: 2, training_items: 1024, bins: 10}}
    items: 600
    tile_items: 200
    tallies: [moments]
  - name: levels
    source: gbm_euler
    items: 1e5
    tile_items: 100
    until: {absolute_error: 1, of: mean.difference, sum_over: level}
    tallies: [moments]
  - name: stops
    source: {european: {strike: 120}}
    items: 1e5
    tile_items: 100
    until: {relative_error: 0.2, of: [mean.payoff, VaR.payoff.0.9]}
    tallies: [moments, var_es: [0.9]]
sweep: {levels.level: [0, 1, 2, 3]}
""",
}

JOBS["long"] = """
name: small
seed: 5
stages:
  - {name: darts, source: pi, items: 1e6, tile_items: 1000, tallies: [moments]}
  - name: paths
    source: {asian: {fixings: 12}}
    items: 2e4
    tile_items: 100
    tallies: [moments, quantile: {probabilities: [0.5], exact: true}, top: {count: 10, of: average}]
"""

DATA = "day,a,b\n" + "".join(f"{i},{100 + i * 7 % 13},{50 + i * 5 % 11}\n" for i in range(40))

# name: (job, how a run before is made another one, so that there is an earlier file, or stops half-way; the command)
RECORD = ["run", "job.yaml", "--out", "out.h5", "--resume", "--checkpoint-every", "0.005"]
CASES = {
    "pi": ("pi", ["--set", "items=1000"], ["run", "job.yaml", "--out", "out.h5", "--force"]),
    "stages": ("stages", ["--set", "loss.items=1000"], ["run", "job.yaml", "--out", "out.h5", "--force"]),
    "sweep": ("sweep", ["--set", "option.items=320"], ["run", "job.yaml", "--out", "out.h5", "--force", "--json"]),
    "learns": ("learns", ["--set", "learned.items=400"], ["run", "job.yaml", "--out", "out.h5", "--force"]),
    "extend": ("stages", ["--set", "loss.items=1300"], ["resume", "out.h5", "--items", "loss=2600"]),
    "record": ("long", None, RECORD),
    "go_on": ("long", ["--max-time", "0.03"], RECORD),
    "resume": ("long", ["--max-time", "0.03"], ["resume", "out.h5", "--checkpoint-every", "0.005"]),
}

# class: (exit codes it may have, what the sentence names, the fault as variables)
MEMORY = {0, 71}
INPUT = {0, 64, 66, 74, 76}
OUTPUT = {0, 74}
FILES = r"out\.h5|job\.yaml|data\.csv|standard output"
CLASSES = {
    "memory": (MEMORY, "memory", {}),
    "memory_all": (MEMORY, "memory", {"TSR_FAULT_FOR": "all"}),
    "anymemory": (MEMORY | OUTPUT | INPUT, ".", {}),
    "open": (INPUT, FILES, {"TSR_FAULT_ERRNO": "EACCES"}),
    "open_all": (INPUT, FILES, {"TSR_FAULT_ERRNO": "EMFILE", "TSR_FAULT_FOR": "all"}),
    "read": (INPUT, FILES, {}),
    "read_all": (INPUT, FILES, {"TSR_FAULT_FOR": "all"}),
    "read_interrupted": ({0}, "never", {"TSR_FAULT_ERRNO": "EINTR"}),
    "shortread": ({0}, "never", {"TSR_FAULT_FOR": "all"}),
    "stat": (INPUT, FILES, {}),
    "write": (OUTPUT, FILES, {"TSR_FAULT_ERRNO": "ENOSPC"}),
    "write_all": (OUTPUT, FILES, {"TSR_FAULT_ERRNO": "EDQUOT", "TSR_FAULT_FOR": "all"}),
    "write_interrupted": ({0}, "never", {"TSR_FAULT_ERRNO": "EINTR"}),
    "shortwrite": ({0}, "never", {"TSR_FAULT_FOR": "all"}),
    "fsync": (OUTPUT, FILES, {}),
    "truncate": (OUTPUT, FILES, {}),
    "fallocate": (OUTPUT, FILES, {"TSR_FAULT_ERRNO": "ENOSPC"}),
    "fallocate_unknown": ({0}, "never", {"TSR_FAULT_ERRNO": "EOPNOTSUPP", "TSR_FAULT_FOR": "all"}),
    "rename": (OUTPUT, FILES, {"TSR_FAULT_ERRNO": "EROFS"}),
    "close": (OUTPUT, FILES, {}),
    "lock": (OUTPUT, FILES, {"TSR_FAULT_ERRNO": "ENOLCK"}),
    "thread": (MEMORY, "thread", {"OMP_NUM_THREADS": "2"}),
    "thread_all": (MEMORY, "thread", {"OMP_NUM_THREADS": "2", "TSR_FAULT_FOR": "all"}),
    "mpi": ({71}, "MPI", {}),
}

# (case, class, ranks, how many k of a spread)
SPREAD = [
    ("pi", "memory", 0, 200), ("stages", "memory", 0, 20), ("sweep", "memory", 0, 20), ("learns", "memory", 0, 20),
    ("extend", "memory", 0, 20), ("stages", "memory_all", 0, 10), ("extend", "memory_all", 0, 10),
    ("stages", "open", 0, 20), ("stages", "read", 0, 10), ("extend", "read", 0, 20), ("stages", "stat", 0, 20),
    ("pi", "write", 0, 20), ("extend", "write_all", 0, 20), ("pi", "fsync", 0, 9), ("extend", "fsync", 0, 9),
    ("pi", "truncate", 0, 9), ("pi", "fallocate", 0, 9), ("pi", "fallocate_unknown", 0, 1), ("pi", "rename", 0, 9),
    ("extend", "close", 0, 20), ("extend", "lock", 0, 9), ("pi", "thread", 0, 9), ("pi", "thread_all", 0, 9),
    ("extend", "shortread", 0, 1), ("extend", "shortwrite", 0, 1), ("stages", "read_interrupted", 0, 3),
    ("stages", "write_interrupted", 0, 3), ("record", "memory", 0, 12), ("go_on", "memory", 0, 12),
    ("resume", "memory_all", 0, 10), ("record", "fsync", 0, 9), ("go_on", "write", 0, 9), ("record", "rename", 0, 9),
    ("go_on", "read", 0, 9), ("record", "thread", 0, 4), ("resume", "shortwrite", 0, 1), ("record", "fallocate", 0, 9),
    ("stages", "memory", 2, 3), ("extend", "memory", 2, 2), ("extend", "write", 2, 2), ("stages", "open", 2, 2),
    ("record", "fsync", 2, 2), ("go_on", "memory", 2, 2), ("pi", "mpi", 2, 3), ("pi", "thread", 2, 1),
]  # fmt: skip
ALL = [(case, kind, ranks, None) for ranks in (0, 2) for case in CASES for kind in CLASSES if (kind, ranks) != ("mpi", 0)]


# What ends a process at once, which then cannot tidy up: signals, by a shell or by Python; MPI; what is said where no
# status can be returned. Nor is a lock removed of which nobody can tell whose it is. The next command must cope.
KILLED = (134, 135, 136, 137, 139, -6, -7, -8, -9, -11)
AT_ONCE = "no memory left (for exact arithmetic|for the carry|to start the threads)"


def primes(most):
    """1 and the primes up to a number."""
    return [k for k in range(1, most + 1) if all(k % d for d in range(2, int(k**0.5) + 1))]


def every(calls):
    """All k and the one after them; beyond some thousands, where the same loops come again and again, the primes."""
    return [*range(1, min(calls, 10000) + 1), *(k for k in primes(calls) if k > 10000), calls + 1]


def thin(numbers, count):
    """So many of the numbers, spread evenly over them."""
    step = max(1.0, len(numbers) / count) if count else 1.0
    return [numbers[int(i * step)] for i in range(int((len(numbers) - 0.5) / step) + 1)] if numbers else []


def files_of(folder):
    """Everything in a folder, hidden or not."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Run:
    """The program in a folder of its own, in which everything has been prepared."""

    def __init__(self, tessera, library, case, ranks, start):
        self.tessera, self.library, self.ranks = tessera, library, ranks
        self.command = CASES[case][2]
        self.start = start

    def call(self, folder, command, faults=None, ranks=0):
        """Exit code (None: it hangs), standard output, standard error."""
        words = [self.tessera, *command]
        if faults:
            words = ["env", f"LD_PRELOAD={self.library}", *[f"{key}={value}" for key, value in faults.items()], *words]
        if ranks:
            words = ["mpirun", "-q", "--bind-to", "none", "-n", str(ranks), *words]
        out, err = folder.parent / (folder.name + ".out"), folder.parent / (folder.name + ".err")
        with out.open("w") as stdout, err.open("w") as stderr:
            process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
                                       start_new_session=True)
            try:
                code = process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                code = None
        return code, out.read_text(), err.read_text(errors="replace")

    def prepare(self, folder):
        """The folder as it was before."""
        for old in folder.iterdir():
            old.unlink()
        for name, content in self.start.items():
            (folder / name).write_bytes(content)

    def digest(self, folder):
        """What is in out.h5, by a run that nothing disturbs and that finds nothing to do."""
        code, out, err = self.call(folder, ["resume", "out.h5", "--json", "--quiet"])
        return json.loads(out)["digest"] if code == 0 else f"exit code {code}: {err}"


class Trial(Run):
    """One class of faults in one case on some ranks."""

    def __init__(self, tessera, library, name, start, root):
        self.name = "/".join(str(part) for part in name)
        self.case, self.kind, self.ranks = name
        super().__init__(tessera, library, self.case, self.ranks, start)
        self.root = root
        self.codes, self.names, self.faults = CLASSES[self.kind]
        self.right = None

    def variables(self, k, rank, report):
        """What faults.c is told."""
        kind = self.kind.split("_")[0]
        return {"TSR_FAULT": kind, "TSR_FAULT_AT": k, "TSR_FAULT_REPORT": report, "TSR_FAULT_RANK": rank,
                "OMP_NUM_THREADS": 1, **self.faults}

    def count(self, rank):
        """Calls of the class in a run without a fault, whose digest is the right one."""
        with tempfile.TemporaryDirectory(dir=self.root) as name:
            folder = pathlib.Path(name)
            report = self.root / f"{folder.name}.report"
            self.prepare(folder)
            code, _, err = self.call(folder, self.command, self.variables(0, rank, report), self.ranks)
            self.right = self.digest(folder)
            if code != 0 or len(self.right) != 64:
                sys.exit(f"{self.case} without a fault: exit code {code}: {err}{self.right}")
            return int(re.search(r"calls (\d+)", report.read_text())[1])

    def is_foreign(self, place):
        """Whether another library met the fault (or our code, through one): it may do what it does."""
        return bool(place) and self.kind.split("_")[0] in ("anymemory", "thread") and "/tessera+" not in place \
            and "libtessera" not in place and "libgomp" not in place

    def check_words(self, code, err):
        """One sentence that names the thing, and nothing else."""
        lines = [line for line in err.splitlines() if not re.match(r"tessera: (note|warning): ", line)]
        said = [line for line in lines if line.startswith("tessera: ")]
        wrong = [f"prints: {line}" for line in lines if line not in said and not line.startswith("libgomp: ") and line]
        if len(said) != (code != 0):
            wrong.append(f"{len(said)} sentences")
        if any("(null)" in line or not re.search(self.names, line) for line in said):
            wrong.append("the sentence does not name the thing")
        return wrong

    def check_files(self, folder, code):
        """Nothing is left behind, nothing is torn, and the next command does what it should."""
        now = files_of(folder)
        wrong = [f"left behind: {name}" for name in now if re.search(r"\.part$|\.lock$", name)]
        if now == self.start and code != 0:
            return wrong
        wrong += [f"left behind: {name}" for name in now if ".checkpoint-" in name and code == 0]
        if (code == 0 or now.get("out.h5") != self.start.get("out.h5")) and self.digest(folder) != self.right:
            wrong.append(f"out.h5 is neither the old nor the right one: {self.digest(folder)}")
        code, _, err = self.call(folder, self.command)
        if code != 0 or self.digest(folder) != self.right:
            wrong.append(f"the next run: exit code {code}: {err}{self.digest(folder)}")
        return wrong

    def check(self, k, rank):
        """(whether the fault was reached, the exit code, what is wrong)."""
        with tempfile.TemporaryDirectory(dir=self.root) as name:
            folder = pathlib.Path(name)
            report = self.root / f"{folder.name}.report"
            self.prepare(folder)
            code, out, err = self.call(folder, self.command, self.variables(k, rank, report), self.ranks)
            reached = re.search(r"reached (.*)", report.read_text()) if report.exists() else None
            wrong = [] if code in (self.codes if reached else {0}) else [f"exit code {code}" if code is not None else "hangs"]
            wrong += self.check_words(code, err)
            if code == 74 and not re.search("is written, but its folder|standard output", err):
                same = not (folder / "out.h5").exists() or (folder / "out.h5").read_bytes() == self.start.get("out.h5")
                wrong += [] if same else ["out.h5 is replaced, though writing failed"]
            if self.is_foreign(reached and reached[1]):
                wrong = [] if code is not None else ["hangs"]
            is_killed = code in KILLED or self.kind == "mpi" or re.search(AT_ONCE, err) or self.kind == "stat"
            wrong += [what for what in self.check_files(folder, code) if not (is_killed and what.startswith("left "))]
            if code == 0 and reached is None and self.ranks == 0 and not out:
                wrong.append("no results are printed")
            if wrong:
                wrong.append(f"at {reached[1] if reached else 'no place'}: {err.strip()[-600:]}")
            return reached is not None, code, wrong


def start_of(tessera, library, case, root):
    """The files of a case, with an earlier result whose digest is another one."""
    job, before, _ = CASES[case]
    folder = root / f"start-{case}"
    folder.mkdir()
    (folder / "job.yaml").write_text(JOBS[job])
    (folder / "data.csv").write_text(DATA)
    run = Run(tessera, library, case, 0, {})
    code, err = 0, ""
    if before is not None:
        code, _, err = run.call(folder, ["run", "job.yaml", "--out", "out.h5", "--quiet", "--threads", "1", *before])
    if code not in (0, 75):
        sys.exit(f"{case}: exit code {code}: {err}")
    return files_of(folder)


def tell(trial, rank, is_all, count, runs):
    """All that one rank of a trial meets, told when it is over: (faults, those that were not as expected)."""
    calls = runs.submit(trial.count, rank).result()
    numbers = every(calls) if is_all else thin(primes(calls), count)
    codes, lines = {}, []
    for k, (_, code, wrong) in zip(numbers, runs.map(lambda k: trial.check(k, rank), numbers)):
        codes[code] = codes.get(code, 0) + 1
        if wrong:
            lines.append(f"{trial.name} rank {rank} k={k}: " + "; ".join(wrong))
    ends = ", ".join(f"{n} x {code}" for code, n in sorted(codes.items(), key=str))
    print("\n".join([*lines, f"{trial.name} rank {rank}: {calls} calls, {len(numbers)} tried: {ends}"]), flush=True)
    return len(numbers), len(lines)


def work(tessera, library, trials, is_all, root):
    """Runs all trials, those that wait most first; the number of faults that were not as expected."""
    starts = {case: start_of(tessera, library, case, root) for case in dict.fromkeys(trial[0] for trial in trials)}
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as runs, \
            concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as tellers:
        told = [tellers.submit(tell, Trial(tessera, library, name, starts[name[0]], root), rank, is_all, count, runs)
                for *name, count in sorted(trials, key=lambda trial: -trial[2]) for rank in range(max(1, name[2]))]
        results = [future.result() for future in told]
    failed = sum(wrong for _, wrong in results)
    print(f"{sum(faults for faults, _ in results)} faults, {failed} not as expected")
    return failed


def main(tessera, library, which, *names):
    """Exit code of the test."""
    is_all = which == "all"
    wanted = [name.split("/") for name in names]
    trials = [t for t in (ALL if is_all or names else SPREAD)
              if not names or any([str(part) for part in t[:3]][:len(w)] == w for w in wanted)]
    if names and not is_all:
        trials = [(*trial[:3], 50) for trial in trials]
    with tempfile.TemporaryDirectory() as name:
        return 1 if work(tessera, library, trials, is_all, pathlib.Path(name)) else 0


sys.exit(main(*sys.argv[1:]))
