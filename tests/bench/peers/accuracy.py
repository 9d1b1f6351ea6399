#!/usr/bin/python3
"""How many digits of a standard deviation are right: Tessera and its peers on NIST's reference datasets.

    tests/bench/peers/accuracy.py [TESSERA [TOOL...]]

Each dataset as it is, and continued to 1,000,001 rows or a few more (NumAcc: the pattern; others: over and over again). The
truth is computed from the decimals in whole numbers and, for the datasets as they are, is what NIST certifies. `float64` are
the digits that are left once the decimals are doubles: more cannot be had. Prints Markdown.
"""
import csv
import decimal
import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile
from collections import Counter
from fractions import Fraction

import bottleneck
import netCDF4
import numpy
import pandas

ROOT = pathlib.Path(__file__).resolve().parents[3]
TESSERA = sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release/bin/tessera"
NODE = ROOT / "build/peers"
ROWS = 1000001
MOST_DIGITS = 15
decimal.getcontext().prec = 50
sys.set_int_max_str_digits(0)

CERTIFIED = {
    "Lew": "277.332168044316", "Lottery": "291.699727470969", "Mavro": "0.000429123454003053",
    "Michelso": "0.0790105478190518", "PiDigits": "2.86733906028871", "NumAcc1": "1", "NumAcc2": "0.1",
    "NumAcc3": "0.1", "NumAcc4": "0.1",
}  # fmt: skip


# ---- the data, as decimals ----


def table(name):
    """The numbers of a table of tests/nist.h."""
    text = (ROOT / "tests/nist.h").read_text()
    return [int(word) for word in re.findall(r"-?\d+", re.search(rf"{name}\[\d+\] = {{(.*?)}};", text, re.S)[1])]


def digits_of_pi(count):
    """Machin's formula in whole numbers."""
    unit = 10 ** (count + 20)

    def arctangent(inverse):
        power = total = unit // inverse
        k = 1
        while power:
            power //= inverse * inverse
            k += 2
            total += power // k if k % 4 == 1 else -(power // k)
        return total

    digits = str(4 * (4 * arctangent(5) - arctangent(239)))[:count]
    return [*digits[:956], "3", *digits[957:]]  # as in NIST's file, where pi has an 8


def pattern(whole, rows):
    return [f"{whole}.2"] + [f"{whole}.{1 + 2 * (i % 2)}" for i in range(rows - 1)]


def over_and_over(values):
    return values * -(-ROWS // len(values))


def datasets():
    """name, values as text, continued ones."""
    plain = {
        "Lew": [str(v) for v in table("nist_lew")],
        "Lottery": [str(v) for v in table("nist_lottery")],
        "Mavro": [f"{v // 100000}.{v % 100000:05}" for v in table("nist_mavro")],
        "Michelso": [f"{v // 100}.{v % 100:02}" for v in table("nist_michelso")],
        "PiDigits": digits_of_pi(5000),
        "NumAcc1": ["10000001", "10000003", "10000002"],
    }
    for name, values in plain.items():
        yield name, values, over_and_over(values)
    for name, whole in ("NumAcc2", 1), ("NumAcc3", 10**6), ("NumAcc4", 10**7):
        yield name, pattern(whole, 1001), pattern(whole, ROWS)


def exact_sd(counted):
    """From {value: how often}, values as fractions."""
    n = sum(counted.values())
    total = sum(v * c for v, c in counted.items())
    variance = (sum(v * v * c for v, c in counted.items()) - total * total / n) / (n - 1)
    return (decimal.Decimal(variance.numerator) / decimal.Decimal(variance.denominator)).sqrt()


def counted(values, convert):
    return {Fraction(convert(text)): count for text, count in Counter(values).items()}


# ---- the tools: each gets the folder with x.csv and x.nc ----


def of(command, folder):
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=300).stdout


def tessera(folder):
    (folder / "x.yaml").write_text("name: x\nsource: {csv: x.csv}\ntallies: [moments]\n")
    output = json.loads(of([TESSERA, "run", "x.yaml", "--json", "--quiet", "--force", "--threads", "1"], folder))
    return output["stages"]["csv"]["results"]["sd.x"]["value"]


def pandas_alone(folder):
    """Where bottleneck is installed, pandas lets it sum; here it does so itself."""
    with pandas.option_context("compute.use_bottleneck", False):
        return pandas.read_csv(folder / "x.csv")["x"].std()


def column(folder):
    return numpy.loadtxt(folder / "x.csv", skiprows=1)


def duckdb(folder):
    script = (
        "const {DuckDBInstance} = require('@duckdb/node-api');"
        "(async () => {const c = await (await DuckDBInstance.create(':memory:')).connect();"
        "const q = \"select stddev_samp(x) as sd from read_csv('x.csv', header = true)\";"
        "console.log((await c.runAndReadAll(q)).getRowObjects()[0].sd)})()"
    )
    return of(["env", f"NODE_PATH={NODE}/node_modules", "node", "-e", script], folder)


def awk(folder):
    sums = "NR > 1 { n++; s += $1; q += $1 * $1 } END { printf \"%.17g\", sqrt((q - s * s / n) / (n - 1)) }"
    return of(["mawk", sums, "x.csv"], folder)


TOOLS = {
    "Tessera": tessera,
    "numpy": lambda folder: column(folder).std(ddof=1),
    "pandas": pandas_alone,
    "bottleneck": lambda folder: bottleneck.nanstd(column(folder), ddof=1),
    "DuckDB": duckdb,
    "CDO fldstd1": lambda folder: of(["cdo", "-s", "-outputf,%.17g,1", "-fldstd1", "field.nc"], folder),
    "CDO timstd1": lambda folder: of(["cdo", "-s", "-outputf,%.17g,1", "-timstd1", "time.nc"], folder),
    "Miller": lambda folder: of(["mlr", "--icsv", "--onidx", "stats1", "-a", "stddev", "-f", "x", "x.csv"], folder),
    "awk": awk,
}
CHOSEN = [tool for name, tool in TOOLS.items() if name in (sys.argv[2:] or TOOLS)]


def versions():
    first = lambda *command: subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]
    cdo = subprocess.run(["cdo", "--version"], capture_output=True, text=True)
    duckdb_version = json.loads((NODE / "node_modules/@duckdb/node-api/package.json").read_text())["version"]
    return ", ".join(
        [f"numpy {numpy.__version__}", f"pandas {pandas.__version__}", f"bottleneck {bottleneck.__version__}"]
        + [f"DuckDB {duckdb_version}", "CDO " + (cdo.stdout + cdo.stderr).split("version ")[1].split()[0]]
        + [first("mlr", "--version"), "mawk (sum of squares less square of sum)"]
    )


def write(folder, values):
    (folder / "x.csv").write_text("x\n" + "\n".join(values) + "\n")
    for name, dimension in ("field", "i"), ("time", "time"):
        with netCDF4.Dataset(folder / f"{name}.nc", "w") as file:
            file.createDimension(dimension, len(values))
            if name == "time":
                time = file.createVariable("time", "f8", ("time",), contiguous=True)
                time.units, time[:] = "days since 2000-01-01", numpy.arange(len(values))
            x = file.createVariable("x", "f8", (dimension,), contiguous=True)
            x[:] = numpy.array(values, float)


# ---- the table ----


def right_digits(value, truth):
    try:
        value = decimal.Decimal(float(value))
    except ValueError:
        return "**nothing**"
    if not value.is_finite():
        return "**nothing**"
    if value == truth:
        return MOST_DIGITS
    digits = -math.log10(abs(float(value / truth - 1)) or 1e-300)
    return max(0, min(MOST_DIGITS, round(digits, 1)))


def shown(digits, attainable):
    """Bold: half a digit, and more, is missing."""
    if isinstance(digits, str):
        return digits
    return f"**{digits:g}**" if digits < attainable - 0.5 else f"{digits:g}"


def row(name, values, folder):
    truth = exact_sd(counted(values, str))
    if len(values) < ROWS and f"{truth:.15g}" != f"{decimal.Decimal(CERTIFIED[name]):.15g}":
        sys.exit(f"{name} is not NIST's: its sd is {truth}, and {CERTIFIED[name]} is certified")
    attainable = right_digits(float(exact_sd(counted(values, float))), truth)
    write(folder, values)
    cells = [shown(right_digits(tool(folder), truth), attainable) for tool in CHOSEN]
    return [name, f"{len(values):,}", f"{attainable:g}", *cells]


def main():
    print(versions(), end="\n\n")
    names = [name for name, tool in TOOLS.items() if tool in CHOSEN]
    print("| " + " | ".join(["", "rows", "float64", *names]) + " |")
    print("|---|" + "---:|" * (len(names) + 2), flush=True)
    every = list(datasets())
    for rows in (1, 2):
        for dataset in every:
            with tempfile.TemporaryDirectory() as folder:
                cells = row(dataset[0], dataset[rows], pathlib.Path(folder))
            print("| " + " | ".join(cells) + " |", flush=True)


main()
