"""Reads the made run as its users will: h5py, xarray and netCDF4, and computes its digest with nothing of Tessera.

check_file.py FILE DIGEST
"""
import hashlib
import shutil
import struct
import sys

import h5py
import netCDF4
import numpy as np
import xarray as xr

path, digest = sys.argv[1:]


def words_of(characters):
    """Words from characters [..., length], as docs/file-format.md shows."""
    return characters[...].view(f"S{characters.shape[-1]}")[..., 0].astype("U")


def check_h5py():
    with h5py.File(path) as file:
        price = file["price_mean"]
        assert [dimension[0].name for dimension in price.dims] == ["/strike", "/kind", "/column"]
        assert price.dtype == np.float64 and file["price_count"].dtype == np.int64
        np.testing.assert_array_equal(price[:, 1, 0], [11, 13, 15])
        assert list(words_of(file["kind"])) == ["call", "put"]
        assert file.attrs["seed"][0] == np.uint64(2**64 - 1)
        assert file.attrs["digest"].decode() == digest
        assert file.attrs["job"].decode() == "name: made\nseed: 18446744073709551615\n"
        assert file["parameters/price"].attrs["source.european.strike"] == b"9.5e1"
        assert file["run/phase_time"].shape == (2, 2, 5)


def check_digest():
    """The rule of io/result/digest.h, once more."""
    sha = hashlib.sha256()
    with h5py.File(path) as file:
        for stage in file["state"].values():
            tallies = list(stage.values())
            sha.update(stage.attrs["stage"] + b"\0")
            rows = stage.attrs["points"][0] * stage.attrs["parts"][0]
            sha.update(struct.pack("<qq", rows, len(tallies)))
            for point in range(rows):
                for tally in tallies:
                    begin, end = tally["offsets"][point : point + 2]
                    sha.update(tally.attrs["tally"] + b"\0" + struct.pack("<q", end - begin))
                    sha.update(tally["words"][begin:end].astype("<i8").tobytes())
    assert sha.hexdigest() == digest, sha.hexdigest()


def check_xarray():
    with xr.open_dataset(path) as data:
        price = data.price_mean
        assert price.dims == ("strike", "kind", "column")
        assert float(price.sel(strike=100, kind="put", column="control")) == 23
        assert float(data.price_mean_error.sel(strike=110, kind="call", column="payoff")) == 4.1
        assert np.isnan(data.price_mean_error.sel(column="control")).all()
        assert list(data.price_mean_unit.values) == ["EUR", "1"]
        assert float(data.assets_quantile.sel(assets_column="Öl", probability=0.5)) == 21
        assert data.assets_quantile.attrs["units"] == "percent"
        assert data.price_count.dtype == np.int64 and int(data.price_count.sum()) == 6000
        assert np.isnan(data.assets_count)
        assert "price_counts_bin_value" in data.price_counts.coords
        assert float(data.price_counts[1, 1, 2]) == 303 and np.isnan(data.price_counts[1, 0, 2])
        assert list(data.price_history_items.values) == [250, 500, 1000]
        assert float(data.price_history_mean_payoff.sel(strike=90, kind="put", price_history_items=1000)) == 10
        assert data.attrs["title"] == "A run made by hand: α ≤ 1"
        assert int(data.attrs["seed"]) == 2**64 - 1
    with xr.open_dataset(path, group="run") as run:
        assert int(run.phase_time.sel(stage="price", phase="idle")[1]) == 8
        assert list(run.host.values) == ["node01", "node02"]


def check_append():
    """netCDF can write to a copy: all objects track the order of their members."""
    copy = path + ".copy"
    shutil.copy(path, copy)
    with netCDF4.Dataset(copy, "a") as data:
        data.comment = "read and found good"
        data.createVariable("twice", "f8", ("strike", "kind"))[:] = 2 * data["price_mean"][:, :, 0]
    with xr.open_dataset(copy) as data:
        assert float(data.twice.sel(strike=110, kind="put")) == 30


check_h5py()
check_digest()
check_xarray()
check_append()
