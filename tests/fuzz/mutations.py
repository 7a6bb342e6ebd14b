"""Ways to spoil bytes. All chance comes from the generator that is handed in."""

from random import Random

Strings = list[bytes]


def flip(rng: Random, data: bytes) -> bytes:
    """Change some bits."""
    spoilt = bytearray(data or b"\0")
    for _ in range(rng.randint(1, 1 + len(spoilt) // 20)):
        spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
    return bytes(spoilt)


def cut(rng: Random, data: bytes) -> bytes:
    return data[: rng.randint(0, len(data))]


def insert(rng: Random, data: bytes) -> bytes:
    at = rng.randint(0, len(data))
    return data[:at] + rng.randbytes(rng.choice((1, 2, 9, 100, 5_000))) + data[at:]


def repeat(rng: Random, data: bytes) -> bytes:
    start = rng.randint(0, len(data))
    part = data[start : start + rng.randint(1, 100)]
    return data[:start] + part * rng.randint(2, 20) + data[start:]


def leave_out(rng: Random, data: bytes) -> bytes:
    start = rng.randint(0, len(data))
    return data[:start] + data[start + rng.randint(1, 50) :]


def spoil(rng: Random, data: bytes) -> bytes:
    for _ in range(rng.randint(1, 3)):
        data = rng.choice((flip, cut, insert, repeat, leave_out))(rng, data)
    return data


def pieces(rng: Random, data: bytes) -> Strings:
    """As a network may cut it."""
    if rng.random() < 0.6 or not data:
        return [data]
    cuts = sorted(rng.randint(0, len(data)) for _ in range(rng.randint(1, 5)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
