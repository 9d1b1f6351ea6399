"""A run is killed at random times and places, and gone on with on another shape, until it comes to its end.

restart.py TESSERA KILLER KILLS [SEED]

KILLER is killer.c as a shared object; so many kills are dealt out in all. For each run: its digest and, bit for bit,
everything in its file but /run are those of a run that nothing disturbed; what is on record never becomes less; all
ranks have ended ten seconds after a kill; in the end there is one file, and none beside it.
"""
import concurrent.futures
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

from restart_family import checkpoints, family_of, is_alive, is_watching, newest, send, stored
from restart_jobs import JOBS

DATA = pathlib.Path(__file__).resolve().parents[2] / "jobs" / "data" / "eustockmarkets.csv"
KILLS_EACH = 6  # of one run, before it is left alone
SECONDS = 120  # of a machine that has other things to do
GONE = 10
RANKS = (0, 0, 0, 0, 0, 1, 2, 2, 3, 7)
# What is called for a checkpoint: pwrite, fsync, rename, fsync; in the end the same for the result, then unlink twice.
CALLS = (("pwrite", 6), ("fsync", 12), ("rename", 6), ("after rename", 6), ("unlink", 2), ("after unlink", 2))


class Budget:
    """How many kills are left to be dealt out."""

    def __init__(self, kills):
        self.left, self.dealt, self.lock = kills, 0, threading.Lock()

    def take(self):
        with self.lock:
            self.left -= 1
            return self.left >= 0

    def give_back(self):
        with self.lock:
            self.left += 1

    def count(self):
        with self.lock:
            self.dealt += 1


class Run:
    """One run, from its start to its end, in a folder of its own."""

    def __init__(self, setup, name, seed, folder):
        self.setup, self.name, self.random, self.folder = setup, name, random.Random(seed), folder
        self.out = folder / "out.h5"
        self.log = []
        self.reached = (0, [0, 0, 0, 0, 0])
        (folder / "job.yaml").write_text(setup.texts[name])

    def words(self, preload):
        """The next command, on a shape of its own; and the number of ranks."""
        ranks, threads = self.random.choice(RANKS), self.random.randint(1, 3)
        goes_on = bool(checkpoints(self.folder) or self.out.exists())
        words = [self.setup.tessera]
        if goes_on and self.random.random() < 0.5:
            words += ["resume", "out.h5"]
        else:
            words += ["run", "job.yaml", "--out", "out.h5"] + (["--resume"] if goes_on or self.random.random() < 0.5 else [])
        words += ["--threads", str(threads), "--oversubscribe", "--quiet", "--json"]
        words += ["--checkpoint-every", self.random.choice(("0.05", "0.05", "0.01"))]
        if self.random.random() < 0.3:
            words += ["--shuffle-tiles", str(self.random.getrandbits(40))]
        if ranks:
            given = [word for key, value in preload.items() for word in ("-x", f"{key}={value}")]
            return ["mpirun", "-q", "-n", str(ranks), *given, *words], ranks
        return (["env", *(f"{key}={value}" for key, value in preload.items()), *words] if preload else words), ranks

    def aim(self):
        """What is preloaded so that the process kills itself between two calls, or nothing."""
        if self.random.random() < 0.5:
            return {}
        call, most = self.random.choice(CALLS)
        return {"LD_PRELOAD": self.setup.killer, "TSR_KILL": f"{call} {self.random.randint(1, most)}"}

    def strike(self, process, ranks):
        """Kills a rank, all of them, or mpirun, after a while; all there were."""
        try:
            process.wait(self.random.uniform(0, 1.1 * self.setup.seconds[self.name]) + (0.3 if ranks else 0.02))
            return []
        except subprocess.TimeoutExpired:
            pass
        family = family_of(process.pid)
        one = self.random.choice(("all", "rank", "mpirun")) if ranks else "all"
        if one == "rank" and not all(is_watching(pid) for pid in family[1:]):
            one = "all"  # mpirun waits for ever for one that dies while it begins (Open MPI 4.1.4)
        victims = {"all": family, "mpirun": family[:1], "rank": [self.random.choice(family[1:] or family)]}[one]
        for pid in victims:
            send(pid)
        self.log.append(f"SIGKILL to {one}")
        return family

    def attend(self, process, ranks, preload, strikes):
        """Exit code of a command that may be killed; nobody may be left of it."""
        family = self.strike(process, ranks) if strikes and not preload else []
        family = family or family_of(process.pid)
        try:
            code = process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            code = None
        end = time.monotonic() + GONE
        while any(is_alive(pid) for pid in family) and time.monotonic() < end and code is not None:
            time.sleep(0.005)
        left = [pid for pid in family if is_alive(pid)]
        for pid in left:
            send(pid)
        return "hangs" if code is None else "leaves processes" if left else code

    def note_reached(self):
        """What is on record must not have become less; once the results are there they are right."""
        if self.out.exists():
            return self.compare()
        now = newest(self.folder)
        if now is None:
            return []
        before, self.reached = self.reached, now
        self.log.append(f"on record {now}")
        return [] if now[0] >= before[0] and now[1] >= before[1] else [f"on record {now} after {before}"]

    def command(self, strikes):
        """One command: (whether it came to its end, what is wrong)."""
        preload = self.aim() if strikes else {}
        words, ranks = self.words(preload)
        self.log.append(" ".join(words))
        with (self.folder / "err").open("w") as err:
            process = subprocess.Popen(words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=err, start_new_session=True)
            code = self.attend(process, ranks, preload, strikes)
        said = (self.folder / "err").read_text(errors="replace").strip()
        self.log.append(f"exit code {code} {said}")
        if code == 0:
            return True, [f"it says {said}"] if said else []
        is_killed = strikes and code in (-9, 137)
        return False, ([] if is_killed else [f"exit code {code}"]) + self.note_reached()

    def compare(self):
        """The results with those of a run that nothing disturbed."""
        found, wanted = stored(self.out), self.setup.wanted[self.name]
        differ = sorted(key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key))
        return [f"differs: {differ[:5]}"] if differ else []

    def check(self):
        """After the end."""
        left = sorted(path.name for path in self.folder.iterdir() if path.name not in ("out.h5", "job.yaml", "err"))
        return ([f"left behind: {left}"] if left else []) + self.compare()

    def live(self, budget):
        """All commands until the end; what is wrong."""
        for turn in range(KILLS_EACH + 1):
            strikes = turn < KILLS_EACH and budget.take()
            ended, wrong = self.command(strikes)
            if strikes and ended:
                budget.give_back()
            elif strikes:
                budget.count()
            if ended and not wrong:
                wrong = self.check()
            if ended or wrong:
                return wrong
        return ["it does not end"]


class Setup:
    """The programs, and what runs give that nothing disturbs."""

    def __init__(self, tessera, killer, root):
        self.tessera, self.killer, self.root = tessera, killer, root
        self.texts = {name: text.replace("DATA", str(DATA)) for name, text in JOBS.items()}
        self.wanted, self.seconds = {}, {}
        for name, text in self.texts.items():
            job, out = root / f"{name}.yaml", root / f"{name}.h5"
            job.write_text(text)
            begun = time.monotonic()
            subprocess.run([tessera, "run", job, "--out", out, "--quiet", "--threads", "1", "--checkpoint-every", "never"],
                           check=True, timeout=SECONDS)
            self.seconds[name] = time.monotonic() - begun
            self.wanted[name] = stored(out)


def live(setup, budget, seed, number):
    """The run of a number; what is wrong with it."""
    name = sorted(JOBS)[number % len(JOBS)]
    with tempfile.TemporaryDirectory(dir=setup.root) as folder:
        run = Run(setup, name, f"{seed} {number}", pathlib.Path(folder))
        wrong = run.live(budget)
        if wrong:
            print(f"run {number} of seed {seed} ({name}): {'; '.join(wrong)}", *run.log, sep="\n  ", flush=True)
    return wrong


def main(tessera, killer, kills, seed=None):
    """Exit code of the test."""
    seed = int(seed) if seed is not None else 20261122
    budget = Budget(int(kills))
    runs = failed = 0
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as name, concurrent.futures.ThreadPoolExecutor(3) as pool:
        setup = Setup(tessera, killer, pathlib.Path(name))
        while budget.left > 0 and failed < 10:
            for wrong in pool.map(lambda number: live(setup, budget, seed, number), range(runs, runs + 6)):
                runs += 1
                failed += bool(wrong)
    print(f"{budget.dealt} kills of {runs} runs, {failed} not as expected")
    return 1 if failed else 0


sys.exit(main(*sys.argv[1:]))
