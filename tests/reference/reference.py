"""Published and recomputed reference values against the program: every entry of values.json whose kernel exists.

reference.py TESSERA [--times N] [--doubt] [--only WORD]

Each case is a run of its own, with its own seed: z = (estimate - expected) / error. Every |z| must be at most 4, and the
mean of z^2 over all cases within [0.5, 1.7]: less would mean that error bars are too wide, more that they are too narrow
or that something is wrong by less than an error bar. --times: so many times the items. --doubt: where |z| is above 3, a
hundred times as many once more, and that z counts. --only: cases with WORD in their name, without the mean of z^2.
"""
import argparse
import hashlib
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import cases

VALUES = pathlib.Path(__file__).with_name("values.json")
WORST, DOUBTFUL, MEAN_SQUARE = 4.0, 3.0, (0.5, 1.7)


def seed_of(case):
    """Cases share no random numbers."""
    return int(hashlib.sha256(case.id.encode()).hexdigest()[:12], 16)


def source_of(case, folder):
    """A dataset becomes a file with one column, x."""
    if case.kernel != "csv":
        return {case.kernel: case.settings}
    data = pathlib.Path(folder, "data.csv")
    data.write_text("\n".join(["x", *case.settings["rows"]]) + "\n")
    return {"csv": {"file": str(data)}}


def run(program, case, times):
    """The result that is compared, as {value, error}."""
    with tempfile.TemporaryDirectory() as folder:
        job = {"name": "reference", "seed": seed_of(case), "source": source_of(case, folder), "tallies": [case.tally]}
        if case.items:
            job["items"] = case.items if case.fixed else case.items * times
        path = pathlib.Path(folder, "job.yaml")
        path.write_text(json.dumps(job))
        command = [program, "run", str(path), "--json", "--quiet", "--out", f"{folder}/out.h5"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=3600)
        if done.returncode != 0:
            sys.exit(f"{case.id}: {job}\n{done.stderr}")
        (stage,) = json.loads(done.stdout)["stages"].values()
        if case.result not in stage["results"]:
            sys.exit(f"{case.id}: no {case.result} among {', '.join(stage['results'])}")
        return stage["results"][case.result]


def digits_of(value, expected):
    """How many digits are right; 16 are all of them."""
    error = abs(value / expected - 1)
    return 16.0 if error < 1e-16 else -math.log10(error)


def judged(case, result):
    """Whether the case holds, its z if it has one, and both in words."""
    value, error = result["value"], result["error"]
    if case.judge == "exact":
        return value == case.expected and not error, None, "exact"
    if case.judge == "digits":
        digits = digits_of(value, case.expected)
        return digits >= case.bound, None, f"{digits:.1f} digits, at least {case.bound:g}"
    if case.judge == "near":
        share = abs(value / case.expected - 1)
        return share <= case.bound, None, f"off by {share:.1%}, at most {case.bound:.0%}"
    if not error:
        return False, None, "no error bar"
    z = (value - case.expected) / error
    return abs(z) <= WORST, z, f"z = {z:+.2f}"


def kernels_of(program):
    """The names of all sources."""
    text = subprocess.run([program, "kernels"], check=True, capture_output=True, text=True).stdout
    sources = text.split("\n\n")[0].splitlines()[1:]
    return {line.split()[0] for line in sources}


def why_not(case, kernels, times):
    """Why a case is not run, if it is not."""
    if isinstance(case, cases.LeftOut):
        return case.reason
    if case.kernel not in kernels:
        return "no kernel yet"
    return "takes long" if case.only_long and times == 1 else None


def compare(program, case, times):
    """One line of the table. Returns whether it holds, and z."""
    result = run(program, case, times)
    holds, z, words = judged(case, result)
    error = result["error"]
    shown = f"{result['value']:<22.14g} {'' if error is None else format(error, '.2g'):<9} {case.expected:<20.14g}"
    print(f"{case.id:<40} {shown} {words}{'' if holds else '   WRONG'}", flush=True)
    return holds, z


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--doubt", action="store_true")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    kernels = kernels_of(options.program)
    wrong, scores, left_out = [], [], []
    print(f"{'case':<40} {'estimate':<22} {'error':<9} {'expected':<20}")
    for entry in json.loads(VALUES.read_text()):
        for case in cases.cases_of(entry):
            if options.only not in case.id:
                continue
            reason = why_not(case, kernels, options.times)
            if reason:
                left_out.append(f"{case.id:<40} left out: {reason}")
                continue
            holds, z = compare(options.program, case, options.times)
            if options.doubt and z is not None and abs(z) > DOUBTFUL:
                holds, z = compare(options.program, case, 100 * options.times)
            if not holds:
                wrong.append(case.id)
            if z is not None:
                scores.append(z)
    print(*left_out, sep="\n")
    if scores:
        mean_square = sum(z * z for z in scores) / len(scores)
        print(f"{len(scores)} z's: largest {max(map(abs, scores)):.2f}, mean of z^2 {mean_square:.2f}")
        if not options.only and not MEAN_SQUARE[0] <= mean_square <= MEAN_SQUARE[1]:
            wrong.append(f"mean of z^2 outside {MEAN_SQUARE}")
    if wrong or not (scores or options.only):
        sys.exit(f"wrong: {', '.join(wrong) or 'nothing was compared'}")


main()
