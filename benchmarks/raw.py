"""A client with nothing but HTTP/2 in it: many fit into one process, and it can vanish without a goodbye."""

import asyncio
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    ResponseReceived,
    StreamReset,
    TrailersReceived,
)
from h2.settings import SettingCodes, Settings

from benchmarks.stubs import StreamRequest

STREAM_AUDIO = "/streaming.StreamingService/StreamAudio"
WINDOW = 2**31 - 1  # as much as there can be: nothing need be acknowledged for two gigabytes
FIRST_WINDOW = 65_535  # what a connection has before any of it is granted
RESET = struct.pack("ii", 1, 0)  # a linger of no time: closing sends a reset, and throws away the rest
TEXT_BYTES = 1_000  # a message that is longer is sound
LOST = "lost"  # in place of a status, when the connection or the stream went without one
HEADERS = (
    (":method", "POST"),
    (":scheme", "http"),
    (":path", STREAM_AUDIO),
    (":authority", "nexy"),
    ("te", "trailers"),
    ("content-type", "application/grpc"),
)


def _future() -> "asyncio.Future[Any]":
    return asyncio.get_running_loop().create_future()


@dataclass(eq=False)
class Asked:
    """One call of StreamAudio. Times are time.perf_counter() seconds."""

    sent: float
    head: bytes = b""  # the first that came, which has the first text in it
    bytes: int = 0
    sound: "asyncio.Future[float]" = field(default_factory=_future)  # when the first one came
    over: "asyncio.Future[float]" = field(default_factory=_future)  # when its end came
    trailers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """gRPC's, as a number in a string, once it is over."""
        return self.trailers.get("grpc-status", LOST)


class Raw(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        config = H2Configuration(client_side=True, header_encoding="utf-8", validate_inbound_headers=False)
        self._http2 = H2Connection(config)
        self._http2.local_settings = Settings(
            client=True,
            initial_values={SettingCodes.INITIAL_WINDOW_SIZE: WINDOW, SettingCodes.ENABLE_PUSH: 0},
        )
        self._asked: dict[int, Asked] = {}
        self._socket: asyncio.Transport | None = None

    @property
    def open(self) -> bool:
        return self._socket is not None and not self._socket.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._socket = cast("asyncio.Transport", transport)
        self._http2.initiate_connection()
        self._http2.increment_flow_control_window(WINDOW - FIRST_WINDOW)
        self._flush()

    def ask(self, name: str, prompt: str = "go on", **fields: object) -> Asked:
        """Send a request of the device `name`, in the session `name`."""
        message = bytes(StreamRequest(prompt=prompt, hardware_id=name, session_id=name, **fields))  # type: ignore[arg-type]
        stream = self._http2.get_next_available_stream_id()
        self._http2.send_headers(stream, HEADERS)
        self._http2.send_data(stream, b"\0" + len(message).to_bytes(4, "big") + message, end_stream=True)
        asked = self._asked[stream] = Asked(time.perf_counter())
        self._flush()
        return asked

    def leave(self, asked: Asked) -> None:
        """Cancel the call; the connection stays."""
        for stream in [stream for stream, one in self._asked.items() if one is asked]:
            self._http2.reset_stream(stream, error_code=8)  # CANCEL
            self._end(stream, {}, time.perf_counter())
            self._flush()

    def vanish(self) -> None:
        """Be gone, as a device is that lost its network and came back: no GOAWAY, a reset at most."""
        if self._socket is not None and self.open:
            own: socket.socket = self._socket.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self._socket.abort()

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        for event in self._http2.receive_data(data):
            self._take(event, now)
        self._flush()

    def _take(self, event: Event, now: float) -> None:
        match event:
            case DataReceived(stream_id=int(stream), data=bytes(data)) if stream in self._asked:
                asked = self._asked[stream]
                asked.bytes += len(data)
                asked.head = asked.head or data
                if len(data) > TEXT_BYTES and not asked.sound.done():
                    asked.sound.set_result(now)
            case TrailersReceived(stream_id=int(stream)) | ResponseReceived(stream_id=int(stream)):
                trailers = {str(name): str(value) for name, value in event.headers or ()}
                if "grpc-status" in trailers:  # a response without a message has all of it in its headers
                    self._end(stream, trailers, now)
            case StreamReset(stream_id=int(stream)):
                self._end(stream, {}, now)
            case ConnectionTerminated():
                self.connection_lost(None)

    def _end(self, stream: int, trailers: Mapping[str, str], now: float) -> None:
        asked = self._asked.pop(stream, None)
        if asked is not None and not asked.over.done():
            asked.trailers = trailers
            asked.over.set_result(now)

    def connection_lost(self, exc: Exception | None) -> None:
        for stream in list(self._asked):
            self._end(stream, {}, time.perf_counter())

    def _flush(self) -> None:
        if self._socket is not None:
            self._socket.write(self._http2.data_to_send())


async def connect(address: str) -> Raw:
    """A connection of its own to "host:port"."""
    host, _, port = address.rpartition(":")
    _, raw = await asyncio.get_running_loop().create_connection(Raw, host, int(port))
    return raw
