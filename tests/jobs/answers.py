"""Every job in jobs/ runs as it is written, only smaller, and gives the answers that are known from elsewhere.

answers.py TESSERA: the program. Bounds are 4 standard errors, or the digits to which an anchor is known.
"""
import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile

JOBS = pathlib.Path(__file__).resolve().parents[2] / "jobs"
failures = []


def run(job, *settings):
    """The JSON object of a run, its file thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.argv[1], "run", str(JOBS / job), "--json", "--quiet", "--out", f"{folder}/out.h5"]
        for setting in settings:
            command += ["--set", setting]
        return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=120).stdout)


def check(what, holds, shown):
    print(("ok    " if holds else "WRONG ") + f"{what}: {shown}")
    if not holds:
        failures.append(what)


def near(what, result, expected):
    """An estimate lies within four of its own standard errors of what is expected."""
    z = (result["value"] - expected) / result["error"]
    check(what, abs(z) <= 4, f"{result['value']:.8g}, expected {expected:.8g}, z = {z:+.2f}")


def equal(what, result, expected, digits):
    """A number agrees with an anchor to so many digits."""
    error = abs(result["value"] / expected - 1)
    check(what, error < 10.0**-digits, f"{result['value']:.17g}, expected {expected:.17g}")


def black_scholes_call(spot, strike, rate, volatility, maturity):
    """Black and Scholes 1973, with the normal distribution from the error function."""
    deviation = volatility * math.sqrt(maturity)
    d1 = (math.log(spot / strike) + rate * maturity) / deviation + deviation / 2
    normal = lambda x: math.erfc(-x / math.sqrt(2)) / 2
    return spot * normal(d1) - strike * math.exp(-rate * maturity) * normal(d1 - deviation)


def pi():
    run_of_pi = run("pi.yaml", "items=1e6")
    near("pi", run_of_pi["stages"]["pi"]["results"]["mean.pi"], math.pi)


def european():
    (stage,) = run("european.yaml", "items=1e6")["stages"].values()
    near("european call", stage["results"]["mean.payoff"], 10.450583572186)


def integral():
    """A product of error functions: kernels/integrals/genz_exact.c."""
    (stage,) = run("integral.yaml", "items=1e6")["stages"].values()
    near("six-dimensional gaussian", stage["results"]["mean.value"], 0.3660160927)


def option_surface():
    (stage,) = run("option-surface.yaml", "items=1e5")["stages"].values()
    points = {name: value for name, value in stage["results"].items() if name.startswith("mean.payoff[")}
    check("option surface: number of points", len(points) >= 20, len(points))
    for name, value in points.items():
        axes = dict(word.split("=") for word in name[name.index("[") + 1 : -1].split(","))
        price = black_scholes_call(100, float(axes["strike"]), 0.05, float(axes["volatility"]), 1)
        near(f"option surface {name}", value, price)


def asian():
    """Paths of a year; the price from a deterministic recursion, the other two in closed form."""
    results = run("asian.yaml", "items=1e5")["stages"]["asian"]["results"]
    near("Asian call, arithmetic", results["mean.arithmetic"], 5.781824)
    near("Asian call, geometric", results["mean.geometric"], 5.5655092)
    near("average of the prices", results["mean.average"], 100 * math.exp(-0.05) * sum(math.exp(0.05 * j / 252) for j in range(1, 253)) / 252)
    near("Asian call, controlled", results["controlled_mean.arithmetic"], 5.781824)
    correlation = results["correlation.arithmetic.geometric"]["value"]
    check("the geometric average explains the arithmetic one", correlation > 0.999, correlation)


def heston():
    """The price from a Fourier integral; steps are short enough for their bias to be far below the error."""
    results = run("heston.yaml", "items=1e5")["stages"]["heston"]["results"]
    near("Heston call", results["mean.payoff"], 6.8061133135)
    near("discounted terminal price", results["mean.terminal"], 100)


def ising():
    """Exact values of the finite lattice: Kaufman 1949; transfer matrix."""
    results = run("ising.yaml", "items=32", "rows=5000")["stages"]["ising"]["results"]
    near("Ising energy", results["chain_mean.energy"], -1.49158910744)
    near("Ising |m|", results["chain_mean.abs_m"], 0.77733109279)
    near("Ising heat capacity", results["function.heat_capacity"], 1.14555923989)
    near("Ising susceptibility", results["function.susceptibility"], 18.245464811)
    near("Ising Binder's cumulant", results["function.binder"], 0.6130453849)
    tau, mixed = results["tau.energy"]["value"], results["R_hat.energy"]["value"]
    check("rows of the magnet depend on each other", 2 < tau < 3 and mixed < 1.01, (tau, mixed))


def hydrogen():
    """Closed forms; the exact trial function has no error at all."""
    results = run("hydrogen.yaml", "items=40")["stages"]["vmc_hydrogen"]["results"]
    for a in (0.8, 0.9, 1.1):
        near(f"hydrogen, a = {a}: energy", results[f"chain_mean.energy[a={a}]"], a * a / 2 - a)
        near(f"hydrogen, a = {a}: radius", results[f"chain_mean.r[a={a}]"], 1.5 / a)
    exact = results["chain_mean.energy[a=1]"]
    check("hydrogen, a = 1: exactly -1/2", exact["value"] == -0.5 and exact["error"] == 0, exact)


def market_risk():
    """Anchors of jobs/data/README.md; the loss of ten days has ten times the variance of one, up to exp(r) - 1."""
    stages = run("market-risk.yaml", "loss.items=1e6")["stages"]
    returns, loss = stages["returns"]["results"], stages["loss"]["results"]
    check("returns: items", stages["returns"]["items"] == 1859, stages["returns"]["items"])
    equal("historical VaR 99 %", returns["VaR.loss.0.99"], 0.0222208216862622, 14)
    equal("covariance DAX DAX", returns["covariance.DAX.DAX"], 1.0610723463920602e-04, 14)
    equal("covariance DAX SMI", returns["covariance.DAX.SMI"], 6.6995637614341579e-05, 14)
    equal("sd of the loss", returns["sd.loss"], 0.0083219484940957773, 14)
    ratio = loss["sd.loss"]["value"] / (math.sqrt(10) * returns["sd.loss"]["value"])
    check("ten-day sd over one-day sd", 0.99 < ratio < 1.02, f"sqrt(10) x {ratio:.4f}")
    ordered = [loss[name]["value"] for name in ("VaR.loss.0.95", "ES.loss.0.95", "VaR.loss.0.99", "ES.loss.0.99")]
    check("VaR and ES stand in order", ordered[0] < ordered[1] < ordered[3] and ordered[2] < ordered[3], ordered)
    check("every headline has an error bar", all(loss[n]["error"] > 0 for n in ("mean.loss", "sd.loss", "ES.loss.0.99")), "")


def fitted_law():
    """What was fitted at run time is told on the screen: Student t tails of daily returns of the 1990s."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.argv[1], "run", str(JOBS / "market-risk.yaml"), "--set", "loss.items=1e4", "--out", f"{folder}/o.h5"]
        text = subprocess.run(command, check=True, capture_output=True, timeout=120).stdout.decode()
    told = re.search(r"Student t with (\d+\.\d+) degrees of freedom \(fitted\)", text)
    check("fitted degrees of freedom are told", told and 2.1 < float(told.group(1)) < 20, told and told.group(1))


def images():
    """Of nine normal variates: sd of the sum, sd of the median (H. A. David, Order Statistics, table of variances); a Gaussian in 2-D."""
    stages = run("images.yaml", "sum.items=5e5", "median.items=5e5", "gaussian.items=5e5")["stages"]
    weights = [math.exp(-i * i / 2) for i in range(-2, 3)]
    left = sum(w * w for w in weights) / sum(weights) ** 2
    for stage, expected in ("sum", 3), ("median", math.sqrt(0.1661012)), ("gaussian", left):
        near(f"noise behind a filter: {stage}", stages[stage]["results"]["sd.x.12"], expected)


pi()
european()
integral()
option_surface()
asian()
heston()
ising()
hydrogen()
images()
market_risk()
fitted_law()
sys.exit(len(failures))
