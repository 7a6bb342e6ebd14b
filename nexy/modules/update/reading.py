"""Reads an open file piece by piece, and never lets the loop wait for the disk."""

import os
from dataclasses import dataclass
from math import inf

import trio

from nexy.modules.update.folder import Stamp, stamp_of

READERS = 8  # threads; the voices have theirs
PIECE_BYTES = 256 * 1024
"""So much is held for each client who downloads. A piece must not keep the loop for long, and be so long
that what else it costs is little beside its bytes."""

BYTES_A_SECOND = 250_000_000
"""For all downloads together: two gigabits, which most networks do not have. Whoever is near enough to take
more would otherwise have the whole core, and those who are spoken to would hear it."""
BURST_SECONDS = 0.02  # what was not taken for so long may be taken at once

NOWAIT = getattr(os, "RWF_NOWAIT", 0)  # Linux: read only what is in memory


class Changed(Exception):
    """The file is not what it was when it was looked at: what is left of it must not be sent."""


class Reading:
    """What all who read have together: threads that wait for the disk, and how fast they may be."""

    def __init__(self, bytes_a_second: float = BYTES_A_SECOND) -> None:
        self.threads = trio.CapacityLimiter(READERS)
        self._bytes_a_second = bytes_a_second
        self._next_at = -inf

    async def wait(self, size: int) -> None:
        """Until so many bytes more may be read."""
        at = max(self._next_at, trio.current_time() - BURST_SECONDS)
        self._next_at = at + size / self._bytes_a_second
        await trio.sleep_until(at)


@dataclass(frozen=True, slots=True)
class File:
    """An open file that was found to be right."""

    descriptor: int
    stamp: Stamp | None  # as it was then
    reading: Reading

    async def read(self, at: int, most: int) -> bytes:
        """One byte or more from `at`. Raises Changed, and OSError when the disk fails."""
        size = min(most, PIECE_BYTES)
        await self.reading.wait(size)
        if stamp_of(self.descriptor) != self.stamp:
            raise Changed
        data = _cached(self.descriptor, size, at) or await trio.to_thread.run_sync(
            os.pread, self.descriptor, size, at, limiter=self.reading.threads
        )
        if not data:
            raise Changed
        return data


def _cached(descriptor: int, size: int, at: int) -> bytes:
    """What is in memory already: a thread would take longer than the copy. Empty when that is nothing."""
    if not NOWAIT:
        return b""
    buffer = bytearray(size)
    try:
        return bytes(memoryview(buffer)[: os.preadv(descriptor, [buffer], at, NOWAIT)])
    except OSError:  # it is not there, or the file system cannot tell
        return b""
