"""When the garbage collector looks, and at what: a pause of it is silence for every session at once.

CPython looks at all that is alive whenever that has grown by a quarter. Of a server with a hundred speaking
sessions those are some 300,000 objects, most of them modules that stay for ever, at up to a microsecond
each when they are not in the processor's cache. Here what is loaded at the start is never looked at again,
objects are looked at while they are young, and all others now and then, at a time of our own.
"""

import ctypes
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

import trio

YOUNG = 1_000
"""So many more than before, and the young objects are looked at: some 3,000 of them, as what dies of older
ones is subtracted, in 1 to 5 ms. At 5,000 it took up to 30 ms with 100 sessions."""
NEVER = 1_000_000
OLD_SECONDS = 30.0
"""So often the older ones are looked at. An answer leaves no cycle behind, but what fails does: exceptions
and their frames, of the libraries. With two minutes these had grown to some 30 MB in a server whose models
and voices failed with 5 % of the requests."""
PAUSE_SHARE = 1 / 300
"""And more rarely when such a look takes long, as with 1,900 connections: those who wait for their first
sound must not meet it, in 99 of 100 cases and more."""


@contextmanager
def collecting() -> Iterator[None]:
    """Look at young objects by their count, and never at older ones by it."""
    before = gc.get_threshold()
    gc.set_threshold(YOUNG, NEVER, NEVER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def settle() -> None:
    """What is alive now stays: the collector need not look at it again."""
    gc.collect()
    gc.freeze()


async def collect_old() -> None:
    """Look at the older objects, now and then, and give back to the system what is free."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's
    looks, pause = _looks(), OLD_SECONDS
    while True:
        await trio.sleep(pause)
        if _looks() == looks:
            continue  # nothing was done
        began = time.thread_time()  # not what other programs took meanwhile
        gc.collect()
        looks, pause = _looks(), max(OLD_SECONDS, (time.thread_time() - began) / PAUSE_SHARE)
        if trim is not None:
            trim(0)  # what is free between what is in use stays with the process else: some 50 MB


def _looks() -> int:
    """How often the young ones were looked at."""
    looks: int = gc.get_stats()[0]["collections"]
    return looks
