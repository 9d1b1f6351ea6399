"""The bytes of a file through pread, 1 MiB at a time: what the page cache gives at most.

read_pread.py FILE THREADS
"""
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import peer

MIB = 1 << 20


def read(part):
    """Every so many-th MiB, into one buffer of this thread."""
    buffer, size = bytearray(MIB), os.fstat(file).st_size
    return sum(os.preadv(file, [buffer], at) for at in range(part * MIB, size, peer.THREADS * MIB))


file = os.open(sys.argv[1], os.O_RDONLY)
with ThreadPoolExecutor(peer.THREADS) as pool:
    peer.report("Linux", lambda: {"bytes": sum(pool.map(read, range(peer.THREADS)))})
