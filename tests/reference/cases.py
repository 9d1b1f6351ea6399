"""What the program has to be asked for each reference value: one function for each family of entries.

An entry of values.json becomes cases; a case is one run of one stage, of which one result is compared. Entries, or parts
of them, that nothing can be compared with are left out for a reason that is said.
"""
from typing import NamedTuple

DRAWS = 40_000_000  # random numbers a case may take: a tenth of a second or so


class Case(NamedTuple):
    id: str
    kernel: str
    settings: dict
    items: int
    result: str  # name in the program's output
    expected: float
    tally: object = "moments"
    judge: str = "z"  # or "exact": no error at all; or "digits": so many must be right
    digits: float = 0


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
        yield Case(f"{name}.{result}", "csv", {"rows": rows}, 0, f"{result}.x", expected, judge="digits", digits=digits)
    yield LeftOut(f"{name}.r1", "no tally has the autocorrelation of a dataset's rows")


FAMILIES = {
    "bs_": european,
    "asian_": asian,
    "genz_": genz,
    "cuba_": cuba,
    "nball_": ball,
    "nist_": nist,
}


def cases_of(entry):
    """Every case of an entry, and what was left out."""
    for prefix, family in FAMILIES.items():
        if entry["id"].startswith(prefix):
            yield from family(entry)
            return
    yield LeftOut(entry["id"], "no kernel yet")
