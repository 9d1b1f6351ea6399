"""Processes of a test, and what its files hold."""
import os
import pathlib
import signal

import h5py


def stored(path):
    """All that a result file holds, except where and when it was made."""
    content = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and not name.startswith("run/"):
            content[name] = (item.shape, str(item.dtype), item[()].tobytes())

    with h5py.File(path, "r") as file:
        file.visititems(visit)
        content["digest"] = file.attrs["digest"]
    return content


def far(path):
    """How far a checkpoint has come: its number, and what grows from each to the next."""
    with h5py.File(path, "r") as file:
        done = sum(stage.attrs["progress"][0] == 2 for stage in file["progress"].values())
        rows = [0, 0, 0, 0]
        for name, stage in file["progress"].items():
            if stage.attrs["progress"][0] == 1:
                words = stage["done"][()].tolist() if "done" in stage else []
                bits = sum((int(word) & (2**64 - 1)).bit_count() for word in words)
                items = int(file[f"points/{name}/items"][()].sum())
                rows = [stage.attrs["trainings"][0], max(0, stage.attrs["pass"][0]), items, bits]
        return int(file.attrs["checkpoint"][0]), [int(number) for number in (done, *rows)]


def checkpoints(folder):
    """Those of out.h5 in a folder."""
    return sorted(folder.glob("out.h5.checkpoint-?"))


def newest(folder):
    """How far the newest one has come; None: there is none."""
    return max((far(path) for path in checkpoints(folder)), default=None)


def status_of(pid):
    """The fields of /proc/PID/stat behind the name; none if it is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []


def family_of(pid):
    """A process and all that come of it."""
    parents = {}
    for entry in os.listdir("/proc"):
        fields = status_of(entry) if entry.isdigit() else []
        if fields:
            parents.setdefault(int(fields[1]), []).append(int(entry))
    found = [pid]
    for one in found:
        found += sorted(parents.get(one, []))
    return found


def is_alive(pid):
    """Not gone, and no zombie that only waits to be noticed."""
    return status_of(pid)[:1] not in ([], ["Z"], ["X"])


def send(pid, number=signal.SIGKILL):
    """A signal, unless the process is gone already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def is_watching(pid):
    """Whether a process has handlers for signals that ask it to stop."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = [line for line in text.splitlines() if line.startswith("SigCgt")]
    return bool(caught) and int(caught[0].split()[1], 16) >> (signal.SIGUSR2 - 1) & 1 == 1
