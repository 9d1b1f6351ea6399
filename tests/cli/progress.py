"""On a terminal the progress line is redrawn in place and taken away; in a log a short run leaves no trace of it."""
import json
import os
import pty
import re
import subprocess
import sys
import tempfile

JOB = """
name: slow
seed: 1
stages:
  - {name: prices, source: european, items: 400000, tallies: [moments]}
"""


def run_on_terminal(command, columns):
    """Runs the command with stderr on a pseudo-terminal; returns what it wrote there, and its stdout."""
    master, slave = pty.openpty()
    subprocess.run(["stty", "cols", str(columns)], stdin=slave, check=True)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=slave, env={**os.environ, "TERM": "xterm"})
    os.close(slave)
    drawn = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        drawn += piece
    out = process.stdout.read().decode()
    assert process.wait(60) == 0, drawn
    return drawn.decode(), out


def items_of_a_second(command):
    """How many items keep this machine busy for a second or more."""
    items = 400000
    while True:
        trial = command + ["--json", "--quiet", "--set", f"items={items}"]
        done = subprocess.run(trial, stdout=subprocess.PIPE, check=True, timeout=60)
        if json.loads(done.stdout)["seconds"] > 1.2:
            return items
        items *= 3


def main():
    tessera = os.environ["TESSERA"]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("slow.yaml", "w", encoding="utf-8") as job:
            job.write(JOB)
        command = [tessera, "run", "slow.yaml", "--force", "--threads", "1"]
        command += ["--set", f"items={items_of_a_second(command)}"]

        for columns in (60, 140):
            drawn, out = run_on_terminal(command, columns)
            lines = [line for line in re.split(r"\r\x1b\[K", drawn) if line]
            assert lines, "nothing was drawn"
            assert drawn.endswith("\r\x1b[K"), "the line was not taken away: " + repr(drawn[-80:])
            assert "\n" not in drawn, "the line moved: " + repr(drawn)
            for line in lines:
                assert len(line) < columns, line
                assert re.match(r"prices  .*?\d+ %", line), line
                speed = re.search(r" [\d.]+( [kMG])? of [\d.]+( [kMG])?  [\d.]+( [kMG])?/s", line)
                assert speed or columns < 100, line
                estimate = re.search(r"mean.payoff \S+ (±|\+/-) \S+$", line)
                assert estimate or "mean.payoff" not in line, line
            assert any(("█" in line or "#" in line) for line in lines) == (columns >= 100), lines
            shares = [int(re.search(r"(\d+) %", line).group(1)) for line in lines]
            assert shares == sorted(shares) and shares[-1] <= 100, shares
            seconds = float(re.search(r"items in ([\d.]+) s", out).group(1))
            assert len(lines) <= 5 * seconds + 2, f"{len(lines)} lines in {seconds} s"
            assert "mean.payoff" in out and "%" not in out, out

        quiet, _ = run_on_terminal(command + ["--quiet"], 80)
        assert quiet == "", repr(quiet)
        log = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, timeout=60)
        assert log.stderr == b"" or b"left" in log.stderr, log.stderr  # a line only after ten seconds
        assert b"\r" not in log.stderr, log.stderr
    return 0


if __name__ == "__main__":
    sys.exit(main())
