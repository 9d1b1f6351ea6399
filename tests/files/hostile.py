"""Makes result files that were never written by Tessera: hostile.py SOUND FOLDER, with one file for each way to harm."""
import os
import shutil
import sys

import h5py
import numpy as np

sound, folder = sys.argv[1:]
WORDS = "state/assets/quantile/words"


def target(name):
    return os.path.join(folder, name + ".h5")


def changed(name):
    """A copy to be changed; h5py drops its seal."""
    shutil.copy(sound, target(name))
    return h5py.File(target(name), "a")


def replaced(name, make, member=WORDS):
    """A copy with another thing at the place of a variable or group."""
    with changed(name) as file:
        old = file[member]
        values = old[...] if isinstance(old, h5py.Dataset) else None
        del file[member]
        make(file, member, values)


def links():
    replaced("soft_link_loop", lambda f, m, v: f.__setitem__(m, h5py.SoftLink("/" + m)))
    replaced("soft_link", lambda f, m, v: f.__setitem__(m, h5py.SoftLink("/state/price/moments/words")))
    replaced("external_link", lambda f, m, v: f.__setitem__(m, h5py.ExternalLink(sound, m)))
    replaced("external_device", lambda f, m, v: f.__setitem__(m, h5py.ExternalLink("/dev/zero", m)))
    replaced("external_stage", lambda f, m, v: f.__setitem__(m, h5py.ExternalLink(sound, m)), "state/assets")
    with changed("group_loop") as file:
        for i in range(50):
            file["state"][f"again_{i}"] = file["state"]
    with changed("many_names") as file:
        for i in range(2000):
            file["state/price"][f"again_{i}"] = file["state/price/moments"]


def sizes():
    big = 2**60
    replaced("huge", lambda f, m, v: f.create_dataset(m, (big,), "<i8"))
    replaced("huge_offsets", lambda f, m, v: f.create_dataset(m, (big,), "<i8"), "state/assets/quantile/offsets")
    replaced("product", lambda f, m, v: f.create_dataset(m, (2**31, 2**31, 4), "<i8"))
    replaced("no_chunks", lambda f, m, v: f.create_dataset(m, (len(v),), "<i8", chunks=(2**20,), maxshape=(None,)))
    for name, value in {"many_points": 2**31 - 2, "all_points": 2**63 - 1, "no_points": 0, "minus": -1}.items():
        with changed(name) as file:
            file["state/assets"].attrs["points"] = np.array([value], "<i8")
    with changed("offsets_descend") as file:
        file["state/assets/quantile/offsets"][0] = 7
    with changed("offsets_far") as file:
        file["state/assets/quantile/offsets"][-1] = 2**61


def types():
    text = h5py.string_dtype()
    replaced("words_vlen", lambda f, m, v: f.create_dataset(m, (len(v),), text))
    replaced("words_lists", lambda f, m, v: f.create_dataset(m, (len(v),), h5py.vlen_dtype(np.int64)))
    replaced("words_reals", lambda f, m, v: f.create_dataset(m, data=v.astype("<f8")))
    replaced("words_short", lambda f, m, v: f.create_dataset(m, data=v.astype("<i4")))
    replaced("words_unsigned", lambda f, m, v: f.create_dataset(m, data=v.astype("<u8")))
    replaced("words_missing", lambda f, m, v: None)
    replaced("words_group", lambda f, m, v: f.create_group(m))
    replaced("words_empty", lambda f, m, v: f.create_dataset(m, data=h5py.Empty("<i8")))
    replaced("state_variable", lambda f, m, v: f.create_dataset(m, data=[1, 2]), "state")
    with changed("digest_vlen") as file:
        file.attrs.create("digest", "0" * 64, dtype=text)
    with changed("digest_number") as file:
        file.attrs["digest"] = 5
    with changed("digest_short") as file:
        file.attrs["digest"] = np.bytes_(b"abc")
    with changed("job_lines") as file:
        file.attrs["job"] = np.array([b"name: a", b"seed: 1"])
    with changed("format_new") as file:
        file.attrs["tessera_format"] = np.array([2], "<i8")
    with changed("words_other") as file:
        file[WORDS][1] += 1


def filters():
    replaced("deflate", lambda f, m, v: f.create_dataset(m, data=v, compression=9))
    replaced("fletcher32", lambda f, m, v: f.create_dataset(m, data=v, fletcher32=True))

    def unknown(file, member, values):
        settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        settings.set_chunk((len(values),))
        settings.set_filter(32000, h5py.h5z.FLAG_OPTIONAL, (1,))
        h5py.h5d.create(file.id, member.encode(), h5py.h5t.STD_I64LE, h5py.h5s.create_simple(values.shape), settings)

    replaced("unknown_filter", unknown)

    def outside(file, member, values):
        settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        settings.set_external(b"/etc/passwd", 0, 8 * len(values))
        h5py.h5d.create(file.id, member.encode(), h5py.h5t.STD_I64LE, h5py.h5s.create_simple(values.shape), settings)

    replaced("data_outside", outside)

    def virtual(file, member, values):
        layout = h5py.VirtualLayout(values.shape, "<i8")
        layout[:] = h5py.VirtualSource(sound, member, values.shape)
        file.create_virtual_dataset(member, layout)

    replaced("data_virtual", virtual)


def bytes_of_others():
    random = np.random.default_rng(1)
    whole = open(sound, "rb").read()
    contents = {
        "nothing": b"",
        "text": b"name: pi\nsource: pi\nitems: 1e6\n",
        "random": random.bytes(100000),
        "signature": whole[:8],
        "signature_random": whole[:8] + random.bytes(100000),
        "superblock": whole[:48],
        "zeros": bytes(100000),
        "twice": whole + whole,
        "longer": whole + b"\0",
        "no_seal_longer": whole[:-134] + b"\0",
        "shorter": whole[:-1],
    }
    for name, content in contents.items():
        with open(target(name), "wb") as file:
            file.write(content)
    with h5py.File(target("other_hdf5"), "w") as file:
        file["x"] = np.arange(10)
    os.mkdir(target("folder"))
    os.mkfifo(target("pipe"))
    os.symlink(sound, target("symbolic_link"))


for make in links, sizes, types, filters, bytes_of_others:
    make()
# What is sound in another byte order is read.
os.mkdir(os.path.join(folder, "sound"))
replaced("sound/big_endian", lambda f, m, v: f.create_dataset(m, data=v.astype(">i8")))
