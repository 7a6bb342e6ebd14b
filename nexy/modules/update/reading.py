"""Reads an open file piece by piece, and never lets the loop wait for the disk."""

import os
from dataclasses import dataclass

import trio

from nexy.modules.update.folder import Stamp, stamp_of

PIECE_BYTES = 256 * 1024
"""So much is held for each client who downloads. A piece must not keep the loop for long, and be so long
that what else it costs is little beside its bytes."""

NOWAIT = getattr(os, "RWF_NOWAIT", 0)  # Linux: read only what is in memory


class Changed(Exception):
    """The file is not what it was when it was looked at: what is left of it must not be sent."""


@dataclass(frozen=True, slots=True)
class File:
    """An open file that was found to be right."""

    descriptor: int
    stamp: Stamp | None  # as it was then
    threads: trio.CapacityLimiter

    async def read(self, at: int, most: int) -> bytes:
        """One byte or more from `at`. Raises Changed, and OSError when the disk fails."""
        if stamp_of(self.descriptor) != self.stamp:
            raise Changed
        size = min(most, PIECE_BYTES)
        data = _cached(self.descriptor, size, at) or await trio.to_thread.run_sync(
            os.pread, self.descriptor, size, at, limiter=self.threads
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
