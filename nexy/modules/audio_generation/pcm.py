"""Sound as bytes: signed 16-bit little-endian samples, one channel."""

import math
import struct
from collections.abc import Iterator
from functools import cache, lru_cache

SAMPLE_BYTES = 2


def cut(pcm: bytes | memoryview, first: int, most: int) -> Iterator[memoryview]:
    """Slices of `pcm`, none copied, none empty: the first of at most `first` bytes, the others of `most`.

    Both limits are rounded down to whole samples.
    """
    view = memoryview(pcm)
    start, end = 0, max(SAMPLE_BYTES, first - first % SAMPLE_BYTES)
    while start < len(view):
        yield view[start:end]
        start, end = end, end + most - most % SAMPLE_BYTES


@lru_cache(16)  # of the same few tones, over and over
def sine(hz: float, seconds: float, rate: int, loudness: float = 0.3) -> bytes:
    """A sine at `loudness` (0 to 1) of the loudest that there is."""
    samples = round(seconds * rate)
    peak = loudness * 32767
    step = 2 * math.pi * hz / rate
    return struct.pack(f"<{samples}h", *(round(peak * math.sin(step * n)) for n in range(samples)))


@cache
def falling_tones(rate: int) -> bytes:
    """Two soft tones, the second one lower: "it did not work", understood in every language. 0.4 s."""
    return b"".join(_faded(sine(hz, 0.2, rate, 0.2)) for hz in (660.0, 440.0))


@cache
def waiting_tones(rate: int) -> bytes:
    """Two very soft tones of one height, unlike the falling ones: "it goes on". 0.3 s."""
    return 2 * _faded(sine(550.0, 0.15, rate, 0.1))


def _faded(pcm: bytes) -> bytes:
    """`pcm` that rises from nothing and falls to nothing, in a sixteenth of its length each: no click."""
    samples = struct.unpack(f"<{len(pcm) // SAMPLE_BYTES}h", pcm)
    edge, last = len(samples) // 16, len(samples) - 1
    return struct.pack(
        f"<{len(samples)}h",
        *(round(s * min(1.0, n / edge, (last - n) / edge)) for n, s in enumerate(samples)),
    )
