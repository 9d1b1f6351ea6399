"""Results of groups as others read them: xarray's named axes and the JSON report, compared with numpy.

groups.py TESSERA
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import xarray

DATA = pathlib.Path(__file__).resolve().parents[2] / "jobs" / "data" / "eustockmarkets.csv"
EDGES = (0, 2000, 3000, 9000)
JOB = f"""
name: t
seed: 1
stages:
  - name: prices
    source: {{csv: {{file: {DATA}, columns: [DAX, SMI, FTSE]}}}}
    maps: [derive: ['high = FTSE > 4000']]
    tile_items: 37
    where: FTSE > 2500
    group_by: [{{high: [0, 1]}}, {{SMI: {{edges: {list(EDGES)}}}}}]
    tallies: [moments: {{of: [DAX, FTSE]}}, quantile: {{of: DAX, probabilities: [0.5], exact: true}}]
"""


def main(tessera):
    """Exit code of the test."""
    table = numpy.genfromtxt(DATA, delimiter=",", skip_header=1)[:, [1, 2, 4]]
    table = table[table[:, 2] > 2500]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "job.yaml").write_text(JOB)
        done = subprocess.run([tessera, "run", "job.yaml", "--out", "out.h5", "--json", "--quiet"], cwd=folder, check=True,
                              capture_output=True, text=True, timeout=60)
        text = json.dumps(json.loads(done.stdout))
        assert all(word in text for word in ("high", "SMI", "0..2000", "3000..9000")), text[:2000]
        with xarray.open_dataset(folder / "out.h5") as file:
            mean, count, median = file["prices_mean"], file["prices_items"], file["prices_quantile"]
            assert mean.dims[:2] == ("high", "SMI") and mean.shape == (2, 3, 2), mean
            assert list(file["SMI"].values) == ["0..2000", "2000..3000", "3000..9000"] and list(file["high"].values) == [0, 1]
            for high in (0, 1):
                for k, label in enumerate(file["SMI"].values):
                    rows = table[((table[:, 2] > 4000) == high) & (table[:, 1] >= EDGES[k]) & (table[:, 1] < EDGES[k + 1])]
                    here = {"high": high, "SMI": label}
                    assert (count.sel(here) == len(rows)).all(), (here, count.sel(here).values, len(rows))
                    if len(rows) == 0:
                        assert numpy.isnan(mean.sel(here)).all()
                        continue
                    numpy.testing.assert_allclose(mean.sel(here), rows[:, [0, 2]].mean(axis=0), rtol=1e-14)
                    value = float(median.sel(here).values.ravel()[0])
                    assert abs(value - numpy.median(rows[:, 0])) <= 1e-12 * value, (here, value, numpy.median(rows[:, 0]))
            assert int(file["prices_selected"]) == len(table)
    return 0


sys.exit(main(*sys.argv[1:]))
