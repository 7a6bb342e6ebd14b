"""Whole streams of bytes for a port: random ones, and real ones that are spoilt."""

from random import Random

from hpack import Encoder
from hyperframe.frame import DataFrame, HeadersFrame, PingFrame, SettingsFrame, WindowUpdateFrame

from nexy.modules.grpc_service.streaming import StreamRequest
from tests.e2e.wire import headers, message
from tests.fuzz.mutations import spoil

MAGIC = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
ASKED = bytes(StreamRequest(prompt="Hello", hardware_id="fuzz"))

HTTP = (
    b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /status HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\nGET /ready HTTP/1.1\r\nHost: x\r\n\r\n",
    b"HEAD /ready HTTP/1.0\r\n\r\n",
    b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789",
    b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"GET /ready HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    b"GET /%c3%a9/../..//etc/passwd?a=%00 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
)


def grpc_frames(method: str = "StreamAudio", asked: bytes = ASKED) -> list[bytes]:
    """A good client's frames, one by one; the first is the preface."""
    block = Encoder().encode(headers(method, "1S"))
    frames = (
        SettingsFrame(0, settings={4: 1_000_000}),
        WindowUpdateFrame(0, window_increment=1_000_000),
        HeadersFrame(1, block, flags=["END_HEADERS"]),
        DataFrame(1, message(asked), flags=["END_STREAM"]),
        SettingsFrame(0, flags=["ACK"]),
        PingFrame(0, opaque_data=b"12345678"),
    )
    return [MAGIC, *(frame.serialize() for frame in frames)]


def random_bytes(rng: Random) -> bytes:
    head = rng.choice((b"", b"", MAGIC, b"\x16\x03\x01", b"GET "))
    return head + rng.randbytes(rng.choice((0, 1, 8, 9, 100, 1_000, 40_000)))


def grpc_stream(rng: Random) -> bytes:
    """For the gRPC port."""
    good = b"".join(grpc_frames())
    return random_bytes(rng) if rng.random() < 0.3 else spoil(rng, good)


def http_stream(rng: Random) -> bytes:
    """For the HTTP port."""
    chance = rng.random()
    if chance < 0.25:
        return random_bytes(rng)
    if chance < 0.4:
        return spoil(rng, b"".join(grpc_frames()))
    return spoil(rng, rng.choice(HTTP))
