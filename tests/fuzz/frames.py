"""HTTP/2 that begins well and goes wrong in its frames."""

from collections.abc import Callable
from random import Random

from hpack import Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    ExtensionFrame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from tests.e2e.wire import headers, message
from tests.fuzz.messages import RPCS, spoilt_message
from tests.fuzz.mutations import spoil
from tests.fuzz.streams import grpc_frames

NUMBERS = (0, 1, 2, 3, 5, 2**8, 2**14, 2**16, 2**24 - 1, 2**31 - 1, 2**32 - 1)
NAMES = (":method", ":path", ":scheme", ":authority", ":status", ":odd", "te", "content-type", "x-bin",
         "grpc-timeout", "grpc-encoding", "content-length", "cookie", "X-Upper", "", "a b", "й")  # fmt: skip
VALUES = ("", "POST", "GET", "/", "/streaming.StreamingService/StreamAudio", "trailers", "application/grpc",
          "1S", "99999999H", "-1", "gzip", "*", "x" * 3_000, "\0", "a\r\nb", "й")  # fmt: skip


def _stream(rng: Random) -> int:
    return rng.choice((0, 1, 1, 1, 2, 3, 5, 7, 2**31 - 1))


def _flags(rng: Random, *possible: str) -> list[str]:
    return [flag for flag in possible if rng.random() < 0.5]


def _block(rng: Random) -> bytes:
    chance = rng.random()
    if chance < 0.3:
        return rng.randbytes(rng.choice((1, 10, 200)))
    fields = headers(rng.choice((*RPCS, "Sing")), rng.choice(("1S", None, "0n")))
    if chance < 0.7:
        for _ in range(rng.randint(1, 3)):
            fields[rng.randrange(len(fields))] = (rng.choice(NAMES), rng.choice(VALUES))
    block = Encoder().encode(fields)
    return spoil(rng, block) if rng.random() < 0.2 else block


def _headers(rng: Random) -> bytes:
    block = _block(rng)
    return HeadersFrame(_stream(rng) or 1, block, flags=_flags(rng, "END_HEADERS", "END_STREAM")).serialize()


def _data(rng: Random) -> bytes:
    size = rng.choice((0, 1, 100, 16_384, 20_000))
    data = rng.choice((bytes(size), message(bytes(size)), rng.randbytes(size)))
    return DataFrame(_stream(rng) or 1, data, flags=_flags(rng, "END_STREAM")).serialize()


def _settings(rng: Random) -> bytes:
    values = {rng.choice((1, 2, 3, 4, 5, 6, 8, 0xF00)): rng.choice(NUMBERS) for _ in range(rng.randint(0, 4))}
    return SettingsFrame(0, settings=values).serialize()


def _anything(rng: Random) -> bytes:
    size = rng.choice((0, 1, 4, 5, 8, 100))
    told = rng.choice((size, size, size + 1, 2**24 - 1))
    head = told.to_bytes(3, "big") + bytes((rng.choice((*range(12), 250)), rng.randrange(256)))
    return head + rng.choice(NUMBERS).to_bytes(4, "big") + rng.randbytes(size)


NEW: tuple[Callable[[Random], bytes], ...] = (
    _headers,
    _headers,
    _data,
    _settings,
    _anything,
    lambda rng: ContinuationFrame(
        _stream(rng) or 1, _block(rng), flags=_flags(rng, "END_HEADERS")
    ).serialize(),
    lambda rng: WindowUpdateFrame(
        _stream(rng), window_increment=rng.choice((1, 65_535, 2**31 - 1))
    ).serialize(),
    lambda rng: RstStreamFrame(_stream(rng) or 1, error_code=rng.randrange(20)).serialize(),
    lambda rng: PriorityFrame(_stream(rng) or 3, depends_on=_stream(rng), stream_weight=7).serialize(),
    lambda rng: PingFrame(0, opaque_data=rng.randbytes(8), flags=_flags(rng, "ACK")).serialize(),
    lambda rng: GoAwayFrame(0, last_stream_id=rng.choice((0, 1, 99)), error_code=0).serialize(),
    lambda rng: ExtensionFrame(0xFA, stream_id=_stream(rng), body=rng.randbytes(9)).serialize(),
)


def frames(rng: Random) -> list[bytes]:
    """A connection's frames; the preface before them is as it should be."""
    method = rng.choice(RPCS)
    preface, *rest = grpc_frames(method, spoilt_message(rng, method))
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(rest) + 1)
        match rng.randrange(6):
            case 0 | 1 | 2:
                rest.insert(at, rng.choice(NEW)(rng))
            case 3 if at < len(rest):
                rest[at] = spoil(rng, rest[at])
            case 4 if at < len(rest):
                rest.insert(rng.randrange(len(rest)), rest.pop(at))
            case 5 if at < len(rest):
                rest.insert(at, rest[at])
    return [preface, *rest]
