"""Mean, sd and number of delays by origin of the flights, by pandas.

groups_pandas.py CSV 1: reading is part of it.
"""
import sys

import peer

peer.limit_threads()
import pandas


def work():
    flights = pandas.read_csv(sys.argv[1], usecols=["delay", "origin"], dtype={"origin": "category"})
    groups = flights.groupby("origin")["delay"].agg(["count", "mean", "std"])
    return {"groups": len(groups), "ORD": groups["mean"]["ORD"], "ORD sd": groups["std"]["ORD"]}


peer.report(f"pandas {pandas.__version__}", work)
