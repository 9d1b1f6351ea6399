"""A run is asked to stop, again and again, in all ways, and gone on with: on record each time, the same bits in the end.

stops.py TESSERA KILLER
"""
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from restart_family import checkpoints, family_of, is_alive, is_watching, newest, send, stored

SECONDS = 60  # of a machine that has other things to do
JOB = """
name: job
seed: 1
source: {asian: {fixings: 64}}
items: 1200011
tile_items: 5000
tallies: [moments, quantile: [0.5]]
"""
LONG = ["--set", "items=2e7"]  # of runs that never come to their end here
STOPS = [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU, signal.SIGHUP]


class Run:
    """One run in a folder, command after command."""

    def __init__(self, tessera, killer, folder, job=JOB):
        self.tessera, self.killer, self.folder = tessera, killer, folder
        (folder / "job.yaml").write_text(job)
        self.reached = (0, [0, 0, 0, 0, 0])

    def start(self, ranks=0, more=(), preload="", number=9, variables=None):
        """The next command."""
        words = [self.tessera, "run", "job.yaml", "--out", "out.h5", "--resume", "--threads", "2", "--oversubscribe",
                 "--quiet", "--json", *more]
        given = {"LD_PRELOAD": self.killer, "TSR_KILL": preload, "TSR_KILL_SIGNAL": number} if preload else {}
        if ranks:
            words = ["mpirun", "-q", "-n", str(ranks), *(w for k, v in given.items() for w in ("-x", f"{k}={v}")), *words]
        elif given:
            words = ["env", *(f"{key}={value}" for key, value in given.items()), *words]
        with (self.folder / "err").open("w") as err:
            return subprocess.Popen(words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                    stderr=err, env={**os.environ, **(variables or {})}, start_new_session=True)

    def watched(self, process, ranks):
        """The processes, once all ranks can be asked."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and process.poll() is None:
            family = family_of(process.pid)
            if len(family) == 1 + ranks and all(is_watching(pid) for pid in family[min(1, ranks):]):
                return family
            time.sleep(0.005)
        raise AssertionError(f"it never began: exit code {process.poll()}: {self.said()}")

    def said(self):
        return (self.folder / "err").read_text(errors="replace").strip()

    def end(self, process, code, sentence="", family=()):
        """Expects an exit code, a sentence, and nothing left but what can be gone on from."""
        got = process.wait(SECONDS)
        assert got == code, f"exit code {got}, not {code}: {self.said()}"
        lines = [line for line in self.said().splitlines() if line]
        assert len(lines) == bool(sentence) and all(re.search(sentence, line) for line in lines), \
            f"not once '{sentence}': {self.said()}"
        limit = time.monotonic() + 10
        while any(is_alive(pid) for pid in family) and time.monotonic() < limit:
            time.sleep(0.005)
        assert not any(is_alive(pid) for pid in family), "a process is left"
        left = {path.name for path in self.folder.iterdir()} - {"job.yaml", "err", "out.h5"}
        known = {path.name for path in checkpoints(self.folder)}
        assert left == known, f"left behind: {left - known}"
        if code == 0:
            assert not known, f"left behind: {known}"

    def on_record(self):
        """There is a checkpoint, with no less than the one before."""
        now = newest(self.folder)
        assert now is not None and now[0] > self.reached[0] and now[1] >= self.reached[1], f"{now} after {self.reached}"
        self.reached = now


def sentence_of(number, everybody=True):
    """What a run says that was stopped by a signal."""
    name = signal.Signals(number).name if everybody else "(SIG[A-Z0-9]+|a signal to another rank)"
    return f"^tessera: stopped by {name} with [0-9]+ % of stage asian done, which is on record; to go on: tessera resume out.h5$"


def stops_alone(run):
    """Without mpirun: every signal, at once after the start or a while later."""
    for i, number in enumerate(STOPS):
        process = run.start()
        run.watched(process, 0)
        time.sleep(0.03 * (i % 3))
        send(process.pid, number)
        run.end(process, 75, sentence_of(number))
        run.on_record()


def stops_ranks(run):
    """Under mpirun: one rank, all, or mpirun itself, which forwards USR1."""
    for ranks, victim, number in ((2, 1, signal.SIGTERM), (3, "all", signal.SIGINT), (3, 0, signal.SIGUSR1),
                                  (2, "mpirun", signal.SIGUSR1), (2, "mpirun", signal.SIGUSR2)):  # fmt: skip
        process = run.start(ranks, ["--shuffle-tiles", "7"])
        family = run.watched(process, ranks)
        for pid in {"all": family[1:], "mpirun": family[:1]}.get(victim) or [family[1 + victim]]:
            send(pid, number)
        run.end(process, 75, sentence_of(number, victim in ("all", "mpirun")), family)
        run.on_record()


def stops_mpirun(run):
    """TERM to mpirun: CONT at once, which leaves a checkpoint; TERM a second later, which stops."""
    process = run.start(2, LONG)
    family = run.watched(process, 2)
    send(process.pid, signal.SIGTERM)
    end = time.monotonic() + 10
    while newest(run.folder) is None and time.monotonic() < end and any(is_alive(pid) for pid in family):
        time.sleep(0.005)
    code = process.wait(SECONDS)
    assert code == 1, f"exit code {code}: {run.said()}"  # Open MPI's own
    assert re.search(sentence_of(signal.SIGTERM, False), run.said()), run.said()
    while any(is_alive(pid) for pid in family) and time.monotonic() < end:
        time.sleep(0.005)
    assert not any(is_alive(pid) for pid in family), "a process is left"
    run.on_record()


def stops_early(run):
    """By the clock: too little time for anything, little, and plenty."""
    for more in (["--max-time", "0.01"], ["--max-time", "1.4"]):
        run.end(run.start(more=[*more, *LONG]), 75, "^tessera: stopped by --max-time with [0-9]+ % of stage asian done")
        run.on_record()
    slurm = {"SLURM_JOB_ID": "4711", "SLURM_JOB_END_TIME": str(int(time.time()) + 3)}
    run.end(run.start(more=LONG, variables=slurm), 75, "^tessera: stopped by the time limit of the batch job with [0-9]+ % of")
    run.on_record()


def stops_while_writing(run):
    """A request while a checkpoint is written: that one is finished first, then comes the last one."""
    for call, number in (("pwrite 2", signal.SIGTERM), ("fsync 1", signal.SIGUSR1), ("after rename 1", signal.SIGINT)):
        process = run.start(more=["--checkpoint-every", "0.05"], preload=call, number=int(number))
        run.end(process, 75, sentence_of(number))
        before = run.reached[0]
        run.on_record()
        assert run.reached[0] >= before + 2, f"checkpoint {run.reached[0]} after {before}"


def stops_twice(run):
    """Who insists while a checkpoint is written: the end at once, with the one before and no half-written one."""
    process = run.start(more=["--max-time", "1.2"])
    process.wait(SECONDS)
    run.on_record()
    before = run.reached
    process = run.start(more=["--checkpoint-every", "0.05"], preload="fsync 1", number=0)
    run.watched(process, 0)
    end = time.monotonic() + SECONDS
    while not list(run.folder.glob(".out.h5.checkpoint-?.*.part")) and time.monotonic() < end:
        time.sleep(0.002)
    send(process.pid, signal.SIGINT)
    time.sleep(0.4)
    send(process.pid, signal.SIGINT)
    assert process.wait(SECONDS) == -signal.SIGINT, f"exit code {process.returncode}: {run.said()}"
    assert not list(run.folder.glob(".*.part")), "a half-written file is left"
    assert newest(run.folder) == before, f"{newest(run.folder)}, not {before}"


def stops_too_late(run):
    """A request while the results are written: they are finished."""
    small = ["--set", "items=20000", "--checkpoint-every", "never"]
    for call in ("pwrite 2", "fsync 1", "after rename 1"):
        run.end(run.start(more=small, preload=call, number=int(signal.SIGTERM)), 0)
        (run.folder / "out.h5").unlink()


def sleeps(run):
    """Three seconds in which it is stopped (STOP, CONT)."""
    process = run.start()
    run.watched(process, 0)
    send(process.pid, signal.SIGSTOP)
    time.sleep(3)
    send(process.pid, signal.SIGCONT)
    run.end(process, 0)


def attempt(case, tessera, killer, root, wanted):
    """What is wrong with a case; then its run is gone on with to the end."""
    with tempfile.TemporaryDirectory(dir=root) as name:
        run = Run(tessera, killer, pathlib.Path(name))
        try:
            case(run)
            if case not in (stops_too_late, stops_mpirun, stops_early):
                run.end(run.start(2 if case is stops_ranks else 0), 0)
                assert stored(run.folder / "out.h5") == wanted, "other results"
        except (AssertionError, subprocess.TimeoutExpired) as wrong:
            print(f"{case.__name__}: {wrong}", flush=True)
            return 1
        return 0


def main(tessera, killer):
    """Exit code of the test."""
    cases = [sleeps, stops_alone, stops_ranks, stops_mpirun, stops_early, stops_while_writing, stops_twice, stops_too_late]
    with tempfile.TemporaryDirectory() as name, concurrent.futures.ThreadPoolExecutor(3) as pool:
        root = pathlib.Path(name)
        run = Run(tessera, killer, root)
        run.end(run.start(more=["--checkpoint-every", "never"]), 0)
        wanted = stored(root / "out.h5")
        failed = sum(pool.map(lambda case: attempt(case, tessera, killer, root, wanted), cases))
    print(f"{len(cases)} cases, {failed} not as expected")
    return 1 if failed else 0


sys.exit(main(*sys.argv[1:]))
