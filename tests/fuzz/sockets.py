"""WebSockets that begin well and go wrong: in the handshake, in the frames, in the messages."""

import json
from collections.abc import Callable
from random import Random

import betterproto
from wsproto.frame_protocol import FrameProtocol, Opcode

from nexy.modules.grpc_service import streaming
from tests.fuzz.messages import GOOD, spoilt_message
from tests.fuzz.mutations import spoil
from tests.fuzz.streams import HTTP, random_bytes

KINDS = {
    "StreamAudio": "stream",
    "InterruptSession": "interrupt",
    "GenerateWelcomeAudio": "welcome",
    "ReportUsage": "usage",
    "ExportMemory": "export",
    "ForgetMe": "forget",
}
FIELDS = {"stream": 3, "interrupt": 4, "welcome": 5, "usage": 6, "export": 7, "forget": 8}
TYPES: dict[str, type[betterproto.Message]] = {
    "StreamAudio": streaming.StreamRequest,
    "InterruptSession": streaming.InterruptRequest,
    "GenerateWelcomeAudio": streaming.WelcomeRequest,
    "ReportUsage": streaming.UsageRequest,
    "ExportMemory": streaming.ExportMemoryRequest,
    "ForgetMe": streaming.ForgetMeRequest,
}
ODD_JSON = (
    "",
    "null",
    "[]",
    "{",
    '{"turn":"1"}',
    '{"turn":1,"cancel":{}}',
    '{"turn":"1","cancel":[]}',
    "[" * 5_000,
    '{"turn":"\\ud800","cancel":{}}',
    '{"turn":"1","stream":{"prompt":null,"screen_width":1e99}}',
)


def handshake(subprotocol: str) -> bytes:
    return (
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Protocol: " + subprotocol.encode() + b"\r\n\r\n"
    )


def frame(opcode: int, payload: bytes, *, fin: bool = True) -> bytes:
    return bytes(FrameProtocol(client=True, extensions=[])._serialize_frame(Opcode(opcode), payload, fin=fin))


def _field(number: int, data: bytes) -> bytes:
    size = len(data)
    lengths = bytes((size,)) if size < 128 else bytes((size & 127 | 128, size >> 7 & 127 | 128, size >> 14))
    return bytes((number << 3 | 2,)) + lengths + data


def _proto(rng: Random, turn: int) -> bytes:
    method = rng.choice(tuple(KINDS))
    inner = spoilt_message(rng, method)[:16_000]
    return _field(1, str(turn).encode()) + _field(FIELDS[KINDS[method]], inner)


def _json(rng: Random, turn: int) -> bytes:
    if rng.random() < 0.3:
        return rng.choice(ODD_JSON).encode()
    method = rng.choice(tuple(KINDS))
    content = TYPES[method]().parse(GOOD[method](rng)).to_dict()
    message = json.dumps({"turn": str(turn), KINDS[method]: content}).encode()
    return spoil(rng, message) if rng.random() < 0.4 else message


CONTROL: tuple[Callable[[Random], bytes], ...] = (
    lambda rng: frame(9, rng.randbytes(rng.choice((0, 125)))),
    lambda rng: frame(10, rng.randbytes(4)),
    lambda rng: frame(
        8, rng.choice((b"", b"\x03", b"\x03\xe8bye", b"\x03\xed", b"\xff\xff", b"\x03\xe8\xff"))
    ),
    lambda rng: frame(0, b"more", fin=rng.random() < 0.5),
    lambda rng: frame(rng.choice((1, 2)), b"", fin=False) + frame(0, b"") * rng.choice((1, 1_500)),
    lambda rng: bytes((rng.randrange(256), rng.randrange(256))) + rng.randbytes(14),
    lambda rng: b"\x82\xff" + rng.choice((b"\x7f", b"\0", b"\xff")) * 8 + rng.randbytes(20),
)


def socket_stream(rng: Random) -> tuple[bytes, bytes]:
    """For the port of WebSockets: the handshake, and what comes after it."""
    chance = rng.random()
    if chance < 0.1:
        return random_bytes(rng), b""
    if chance < 0.2:
        return spoil(rng, rng.choice(HTTP)), b""
    if chance < 0.3:
        return spoil(rng, handshake("nexy.v1.json")), b""
    text = rng.random() < 0.5
    make, opcode = (_json, 1) if text else (_proto, 2)
    hello = b'{"turn":"0","hello":{"hardware_id":"fuzz"}}' if text else _field(2, _field(1, b"fuzz"))
    sent = [frame(opcode, hello)]
    sent += [
        rng.choice(CONTROL)(rng) if rng.random() < 0.3 else frame(opcode, make(rng, turn))
        for turn in range(rng.randint(1, 5))
    ]
    whole = sent if rng.random() < 0.7 else [spoil(rng, one) for one in sent]
    return handshake("nexy.v1.json" if text else "nexy.v1.proto"), b"".join(whole)
