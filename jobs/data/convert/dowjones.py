"""The table DowJones30 of R's package fBasics as CSV, without R.

dowjones.py FOLDER CSV: the folder with Rdata.rdx and Rdata.rdb. Refuses what is not the table that is known.

R keeps the data of a package serialised (R Internals, "Serialization Formats"): Rdata.rdx tells where in Rdata.rdb an
object lies; there it is four bytes of length and a zlib stream.
"""
import pathlib
import struct
import sys
import zlib

SYMBOL, PAIRS, CHARACTERS, LOGICALS, INTEGERS, REALS, STRINGS, LIST = 1, 2, 9, 10, 13, 14, 16, 19
NOTHING, REFERENCE = 254, 255


class Reader:
    """One serialised object, big-endian."""

    def __init__(self, data):
        assert data[:2] == b"X\n", "not in R's binary format"
        self.data, self.at, self.symbols = data, 2, []
        (version, _, _) = self.integers(3)
        if version == 3:
            self.take(self.integers(1)[0])  # the encoding of its strings

    def take(self, count):
        self.at += count
        return self.data[self.at - count : self.at]

    def integers(self, count):
        return struct.unpack(f">{count}i", self.take(4 * count))

    def value(self):
        """What stands next: lists with attributes become a dict {"value": ..., attribute: ...}."""
        (flags,) = self.integers(1)
        kind, has_attributes, has_tag = flags & 255, flags & 512, flags & 1024
        if kind == NOTHING:
            return None
        if kind == PAIRS:
            return self.pairs(has_attributes, has_tag)
        if kind == REFERENCE:
            return self.symbols[(flags >> 8) - 1]
        if kind == SYMBOL:
            self.symbols.append(self.value())
            return self.symbols[-1]
        content = self.vector(kind)
        return {"value": content, **self.value()} if has_attributes else content

    def pairs(self, has_attributes, has_tag):
        """A linked list of named values, as a dict."""
        if has_attributes:
            self.value()
        name = self.value() if has_tag else ""
        first = self.value()
        return {name: first, **(self.value() or {})}

    def vector(self, kind):
        (count,) = self.integers(1)
        if kind == CHARACTERS:
            return self.take(count).decode() if count >= 0 else None
        if kind in (LOGICALS, INTEGERS):
            return list(self.integers(count))
        if kind == REALS:
            return list(struct.unpack(f">{count}d", self.take(8 * count)))
        assert kind in (STRINGS, LIST), f"an object of R's type {kind}"
        return [self.value() for _ in range(count)]


def named(object_of_r):
    return dict(zip(object_of_r["names"], object_of_r["value"]))


def frame(folder, name):
    """A data frame: its columns by name."""
    index = named(Reader(zlib.decompress((folder / "Rdata.rdx").read_bytes(), 47)).value())
    offset, length = named(index["variables"])[name]
    record = (folder / "Rdata.rdb").read_bytes()[offset : offset + length]
    return named(Reader(zlib.decompress(record[4:])).value())


def main(folder, path):
    columns = frame(pathlib.Path(folder), "DowJones30")
    day = columns.pop("X.Y..m..d")
    days = [day["levels"][code - 1] for code in day["value"]]
    rows = list(zip(days, *columns.values()))
    known = (len(rows), len(columns), days[0], days[-1]) == (2529, 30, "1990-12-31", "2001-01-02")
    if not known or sorted(days) != days:
        sys.exit("dowjones.py: this is not the table of 2529 days and 30 stocks that was expected")
    with open(path, "w", encoding="ascii", newline="\n") as out:
        out.write(",".join(["date", *columns]) + "\n")
        for row in rows:
            out.write(",".join([row[0], *map(repr, row[1:])]) + "\n")


main(*sys.argv[1:])
