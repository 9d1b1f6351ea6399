"""What the program has to be asked for each reference value: one function for each family of entries.

An entry of values.json becomes cases; a case is one run of one stage, of which one result is compared. Entries, or parts
of them, that nothing can be compared with are left out for a reason that is said.
"""
import math
from typing import NamedTuple

DRAWS = 30_000_000  # random numbers a case may take: a tenth of a second or so


class Case(NamedTuple):
    id: str
    kernel: str
    settings: dict
    items: int
    result: str  # name in the program's output
    expected: float
    tally: object = "moments"
    judge: str = "z"  # or "exact": no error at all; "digits": so many are right; "near": off by no more than a share
    bound: float = 0  # those digits, or that share


    only_long: bool = False  # not among the short tests
    fixed: bool = False  # always so many items: with more of them a bias of time steps would show


class LeftOut(NamedTuple):
    id: str
    reason: str


def items_of(draws):
    """Items that take so many random numbers each."""
    return max(DRAWS // draws, 1000)


def asset_of(p):
    """What all options have in common."""
    return {"spot": p["S0"], "strike": p["K"], "rate": p["r"], "dividend": p["q"]}


def european(entry):
    p = entry["params"]
    settings = asset_of(p) | {"volatility": p["sigma"], "maturity": p["T"], "type": entry["id"].split("_")[1]}
    yield Case(entry["id"], "european", settings, items_of(4), "mean.payoff", entry["expected"])


def asian(entry):
    name, p = entry["id"], entry["params"]
    if "_cont_" in name:
        yield LeftOut(name, "the average is over all times; fixings have a bias of another kind than an error bar")
        return
    settings = asset_of(p) | {"volatility": p["sigma"], "fixings": p["n"]}
    if "length" in p:
        settings |= {"type": "put", "first": p["first"], "maturity": p["first"] + p["length"]}
    else:
        settings |= {"type": "call", "maturity": p["T"]}
    result = "mean.geometric" if "_geo_" in name else "mean.arithmetic"
    yield Case(name, "asian", settings, items_of(p["n"]), result, entry["expected"])


def genz(entry):
    p = entry["params"]
    for family, expected in entry["expected"].items():
        settings = {"family": family, "a": p["a"], "u": p["u"]}
        yield Case(f"{entry['id']}.{family}", "genz", settings, items_of(p["d"]), "mean.value", expected)


def cuba(entry):
    settings = {"integrand": int(entry["id"].split("_")[1])}
    yield Case(entry["id"], "cuba", settings, items_of(3), "mean.value", entry["expected"])


def ball(entry):
    """Uniform darts where enough of them hit."""
    d = entry["params"]["d"]
    for darts in ("uniform", "normal") if d < 10 else ("normal",):
        settings = {"dimensions": d, "darts": darts}
        yield Case(f"{entry['id']}.{darts}", "ball", settings, items_of(d), "mean.volume", entry["expected"])


def nist(entry):
    """The third number of an entry, after mean and sd, is a lag-1 autocorrelation. Its doubles hold so many digits of
    sd; of the mean they hold all."""
    name, p = entry["id"], entry["params"]
    rows = p["data"] if p["rule"] == "all" else p["data"][:1] + p["data"][1:] * 500
    sd_digits = {"nist_NumAcc1": 15, "nist_NumAcc2": 14.8, "nist_NumAcc4": 8.25}[name]
    for result, digits in (("mean", 15), ("sd", sd_digits)):
        expected = entry["expected"][result]
        yield Case(f"{name}.{result}", "csv", {"rows": rows}, 0, f"{result}.x", expected, judge="digits", bound=digits)
    yield LeftOut(f"{name}.r1", "no tally has the autocorrelation of a dataset's rows")


def var_es(entry):
    p = entry["params"]
    if "nu" in p:
        kernel, settings, items = "student", {"dof": p["nu"]}, items_of(10)
    else:
        kernel, settings, items = "normal", {"mean": p["mu"], "sd": p["sd"]}, items_of(4)
    for measure, expected in entry["expected"].items():
        result = f"{measure}.x.{p['alpha']:g}"
        yield Case(f"{entry['id']}.{measure}", kernel, settings, items, result, expected, {"var_es": [p["alpha"]]})


def rare_normal(entry):
    """From a normal that is centred at the threshold: its own column, and the tally that takes weights."""
    z = entry["params"]["z"]
    settings = {"shift": z, "threshold": z}
    exceedance = {"exceedance": {"above": z, "weight": "weight", "normalised": False, "of": ["x"]}}
    for kind, tally, result in (("mean", "moments", "mean.exceeds"), ("weighted", exceedance, f"P_above.x.{z}")):
        yield Case(f"{entry['id']}.{kind}", "shifted_normal", settings, items_of(4), result, entry["expected"], tally)


def heston(entry):
    """As a put, by put-call parity: what a call on a long-dated price with rare large values pays may have no variance, so
    that error bars would not hold. Steps are so many that their bias is far below the error bar."""
    p = entry["params"]
    steps = max(64, int(16 * p["T"]))
    settings = asset_of(p) | {"maturity": p["T"], "steps": steps, "type": "put"}
    settings |= {name: p[name] for name in ("v0", "kappa", "theta", "xi", "rho")}
    put = entry["expected"] - p["S0"] * math.exp(-p["q"] * p["T"]) + p["K"] * math.exp(-p["r"] * p["T"])
    yield Case(f"{entry['id']}.put", "heston", settings, items_of(steps), "mean.payoff", put, fixed=True)


CHAINS = 32


def ising_chains(p, spins_a_case):
    """Settings of chains that together try so many spins, after a tenth more that do not count. Small lattices pay for
    their loops."""
    sweeps = int(spins_a_case / (p["L"] ** 2 + 200) / CHAINS)
    return {"size": p["L"], "temperature": p["T"], "rows": sweeps, "discard": sweeps // 10 + 1000}


def ising(entry):
    """Heat capacity per site: C = N variance(e) / T^2. Large lattices near the critical point forget slowly."""
    p, expected = entry["params"], entry["expected"]
    slow = p["L"] >= 64 and 2.2 < p["T"] < 2.4
    settings = ising_chains(p, 1.5e10 if slow else 6e7)
    if "E" in expected:
        variance = expected["C"] * p["T"] ** 2 / p["L"] ** 2
        compared = {"E": ("mean.energy", expected["E"]), "C": ("variance.energy", variance)}
    else:
        compared = {name: (f"mean.{name}", expected[name]) for name in ("abs_m", "m2", "m4")}
    for name, (result, value) in compared.items():
        case = Case(f"{entry['id']}.{name}", "ising", settings, CHAINS, result, value)
        yield case._replace(only_long=slow, fixed=slow)
    if "lnZ_per_site" in expected:
        yield LeftOut(f"{entry['id']}.lnZ", "the partition function is no mean over its states")
    else:
        yield LeftOut(f"{entry['id']}.U4, .chi", "they are functions of m2 and m4")


def vmc_hydrogen(entry):
    """With a = 1 every local energy is the same. Otherwise the variance has itself an infinite variance."""
    name, a, expected = entry["id"], entry["params"]["a"], entry["expected"]
    walkers = 1000
    settings = {"a": a, "rows": items_of(4 * walkers), "discard": 500}
    judge = "exact" if a == 1 else "z"
    yield Case(f"{name}.E", "vmc_hydrogen", settings, walkers, "mean.energy", expected["E"], judge=judge)
    case = Case(f"{name}.var", "vmc_hydrogen", settings, walkers, "variance.energy", expected["var"])
    yield case._replace(judge="exact" if a == 1 else "near", bound=0.15)


FAMILIES = {
    "bs_": european,
    "asian_": asian,
    "heston_": heston,
    "var_es_": var_es,
    "rare_normal_": rare_normal,
    "ising2d_": ising,
    "vmc_hydrogen_": vmc_hydrogen,
    "genz_": genz,
    "cuba_": cuba,
    "nball_": ball,
    "nist_": nist,
}


def cases_of(entry):
    """Every case of an entry, and what was left out."""
    (family,) = (family for prefix, family in FAMILIES.items() if entry["id"].startswith(prefix))
    yield from family(entry)
