"""A run that delivers rows is killed, at any moment of its delivery and between any two calls by which files become safe,
and gone on with on another shape: the sink's file has the bytes of a run that nothing disturbed.

sinks.py TESSERA KILLER KILLS [SEED]
"""
import hashlib
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from restart_family import family_of, send

JOB = """
name: job
title: Rows
seed: 7
items: 400000
tile_items: 3000
source: normal
maps: [derive: ['y = x * x', 'k = floor(x)']]
where: x > -1
sink: {hdf5: {file: rows.h5, chunk: 1000, compression: COMPRESSION}}
tallies: [moments]
"""
RANKS = (0, 0, 1, 2, 3)
LIVES = 12
SECONDS = 100


def digest(path):
    """Of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def job_of(number):
    """Every second one has compressed rows."""
    return JOB.replace("COMPRESSION", str(int(number.split()[-1]) % 2))


class Run:
    """One run, from its start to its end, in a folder of its own."""

    def __init__(self, tessera, killer, folder, seed):
        self.tessera, self.killer, self.folder = tessera, killer, folder
        self.random, self.log = random.Random(seed), []
        (folder / "job.yaml").write_text(job_of(seed))

    def words(self, kill):
        """The next command, on a shape of its own."""
        ranks = self.random.choice(RANKS)
        goes_on = any(self.folder.glob("out.h5.checkpoint-*")) and self.random.random() < 0.5
        words = [self.tessera, *(("resume", "out.h5") if goes_on else ("run", "job.yaml", "--out", "out.h5", "--resume")),
                 "--quiet", "--oversubscribe", "--threads", str(self.random.randint(1, 3)), "--checkpoint-every", "0.02"]
        if self.random.random() < 0.3:
            words += ["--shuffle-tiles", str(self.random.getrandbits(40))]
        given = {"LD_PRELOAD": self.killer, "TSR_KILL": kill} if kill else {}
        if not ranks:
            return ["env", *(f"{key}={value}" for key, value in given.items()), *words]
        return ["mpirun", "-q", "-n", str(ranks), *(word for key, value in given.items() for word in ("-x", f"{key}={value}")), *words]

    def life(self, kill, waits):
        """Runs until its end, or until it is killed: by a call, or some time after the delivery has begun."""
        words = self.words(kill)
        self.log.append(" ".join(words))
        with (self.folder / "err").open("w") as err:
            process = subprocess.Popen(words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err)
            end = time.monotonic() + SECONDS
            while waits and process.poll() is None and not (self.folder / "rows.h5.part").exists():
                time.sleep(0.001)
            if waits:
                time.sleep(self.random.uniform(0, 0.4))
                for pid in family_of(process.pid):
                    send(pid)
            code = process.wait(max(end - time.monotonic(), 1))
        self.log.append(f"exit code {code}: {(self.folder / 'err').read_text(errors='replace').strip()}")
        return code

    def live(self, kills):
        """What is wrong with it, or nothing; and how often it was killed."""
        for dealt in range(LIVES):
            kill, waits = "", False
            if dealt < kills:
                waits = self.random.random() < 0.5
                call = self.random.choice(("pwrite", "fsync", "after fsync", "rename", "after rename"))
                kill = "" if waits else f"{call} {self.random.randint(1, 40 if call == 'pwrite' else 12)}"
            code = self.life(kill, waits)
            if code == 0:
                return dealt, ""
            if code not in (-9, 137):
                return dealt, f"exit code {code}"
        return LIVES, "it does not end"


def main(tessera, killer, kills, seed="20261122"):
    """Exit code of the test."""
    dealt = runs = failed = 0
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        wanted = []
        for number in ("0", "1"):
            (root / "job.yaml").write_text(job_of(number))
            subprocess.run([tessera, "run", "job.yaml", "--out", "out.h5", "--quiet", "--threads", "1", "--force"], cwd=root, check=True, timeout=SECONDS)
            wanted.append(digest(root / "rows.h5"))
            (root / "rows.h5").unlink()
        while dealt < int(kills) and failed < 5:
            folder = root / str(runs)
            folder.mkdir()
            run = Run(tessera, killer, folder, f"{seed} {runs}")
            more, wrong = run.live(4)
            left = sorted(path.name for path in folder.iterdir() if path.name not in ("job.yaml", "err", "out.h5", "rows.h5"))
            if not wrong and digest(folder / "rows.h5") != wanted[runs % 2]:
                wrong = "other bytes"
            if not wrong and left:
                wrong = f"left behind: {left}"
            if wrong:
                failed += 1
                print(f"run {runs} of seed {seed}: {wrong}", *run.log, sep="\n  ", flush=True)
            dealt, runs = dealt + more, runs + 1
    print(f"{dealt} kills of {runs} runs, {failed} not as expected")
    return 1 if failed else 0


sys.exit(main(*sys.argv[1:]))
