"""What every peer has in common: it does its work once, times that alone (no start, no imports, no compiling), and says
what came out, as one line of JSON: {"wall_s", "cpu_s", "version", "answer": {name: number}}.
"""
import json
import os
import sys
import time

THREADS = int(sys.argv[2])


def limit_threads():
    """Before anything that reads them is imported."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = str(THREADS)


def report(version, work):
    """Calls work(), which returns {name: number}."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    numbers = {name: float(value) for name, value in answer.items()}
    print(json.dumps({"wall_s": wall, "cpu_s": cpu, "version": version, "answer": numbers}))
