"""Messages of each RPC that are not what they should be."""

from collections.abc import Callable
from random import Random

from nexy.modules.grpc_service import streaming
from tests.fuzz.mutations import cut, flip, spoil

ODD_TEXTS = (
    "",
    " ",
    "unknown",
    "\0",
    "\u202e",
    "😀" * 50,
    "й" * 300,
    "x" * 9_999,
    "' OR 1=1 --",
    "%s%n",
    "../../x",
)
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def _text(rng: Random) -> str:
    return rng.choice(ODD_TEXTS) if rng.random() < 0.5 else "Hello there, say something"


def _who(rng: Random) -> str:
    return rng.choice(("fuzz", "fuzz", "other", _text(rng)))


def _stream_request(rng: Random) -> bytes:
    return bytes(
        streaming.StreamRequest(
            prompt=_text(rng),
            screenshot=rng.choice(("", "", PNG, _text(rng))),
            screen_width=rng.choice((0, 1, -1, 2**31 - 1)),
            screen_height=rng.choice((0, 1, -1, -(2**31))),
            hardware_id=_who(rng),
            session_id=rng.choice(("", "s", _text(rng))),
        )
    )


GOOD: dict[str, Callable[[Random], bytes]] = {
    "StreamAudio": _stream_request,
    "InterruptSession": lambda rng: bytes(
        streaming.InterruptRequest(hardware_id=_who(rng), played_ms=rng.choice((0, -1, 2**31 - 1)))
    ),
    "GenerateWelcomeAudio": lambda rng: bytes(
        streaming.WelcomeRequest(
            text=_text(rng), voice=_text(rng), language=rng.choice(("", "ru", _text(rng)))
        )
    ),
    "ReportUsage": lambda rng: bytes(
        streaming.UsageRequest(
            hardware_id=_who(rng), input_tokens=rng.choice((0, 5, -1, 2**31 - 1)), model=_text(rng)
        )
    ),
    "ExportMemory": lambda rng: bytes(streaming.ExportMemoryRequest(hardware_id=_who(rng))),
    "ForgetMe": lambda rng: bytes(streaming.ForgetMeRequest(hardware_id=_who(rng))),
}
RPCS = tuple(GOOD)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _wrong_type(rng: Random, data: bytes) -> bytes:
    """A field that is there, as another kind of thing."""
    field, kind = rng.randint(1, 20), rng.randrange(8)
    return data + _varint(field << 3 | kind) + rng.randbytes(rng.choice((0, 1, 4, 8)))


def _long_varint(rng: Random, data: bytes) -> bytes:
    return data + _varint(rng.randint(1, 20) << 3) + b"\xff" * rng.randint(9, 40) + rng.choice((b"", b"\x01"))


def _not_utf8(rng: Random, data: bytes) -> bytes:
    return (
        data
        + _varint(rng.randint(1, 12) << 3 | 2)
        + b"\x04"
        + rng.choice((b"\xff\xfe\xfd\xfc", b"\xed\xa0\x80a"))
    )


def _length_that_lies(rng: Random, data: bytes) -> bytes:
    return data + _varint(rng.randint(1, 12) << 3 | 2) + _varint(rng.choice((2**7, 2**31 - 1, 2**32, 2**63)))


def _deep(rng: Random, data: bytes) -> bytes:
    """Messages in messages, or groups in groups."""
    depth = rng.choice((10, 101, 2_000))
    if rng.random() < 0.5:
        return data + b"\x0b" * depth + b"\x0c" * rng.choice((0, depth))
    inner = b""
    for _ in range(depth):
        inner = b"\x0a" + _varint(len(inner)) + inner
    return inner + data


def _as_it_is(_: Random, data: bytes) -> bytes:
    return data


WAYS: tuple[Callable[[Random, bytes], bytes], ...] = (
    flip, cut, spoil, _wrong_type, _long_varint, _not_utf8, _length_that_lies, _deep, _as_it_is,
)  # fmt: skip


def spoilt_message(rng: Random, method: str) -> bytes:
    data = GOOD[method](rng)
    for _ in range(rng.randint(1, 2)):
        data = rng.choice(WAYS)(rng, data)
    return data
