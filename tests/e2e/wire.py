"""HTTP/2 by hand: for what no well-behaved client sends."""

import socket
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Self

import h2.config
import h2.connection
import h2.events
from hpack import Encoder
from hyperframe.frame import DataFrame, Frame, HeadersFrame, SettingsFrame

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SettingsFrame(0).serialize()


def headers(method: str, timeout: str | None = None) -> list[tuple[str, str]]:
    """A gRPC request's headers."""
    fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", f"/streaming.StreamingService/{method}"),
        (":authority", "localhost"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
    ]
    return fields + ([("grpc-timeout", timeout)] if timeout else [])


def message(data: bytes) -> bytes:
    return b"\0" + len(data).to_bytes(4, "big") + data


def request(stream: int, method: str, content: Any, timeout: str | None = None) -> list[Frame]:
    """The frames of a whole request."""
    head = HeadersFrame(stream, Encoder().encode(headers(method, timeout)), flags=["END_HEADERS"])
    body = DataFrame(stream, message(content.SerializeToString()), flags=["END_STREAM"])
    return [head, body]


class Wire:
    """One connection. `call` and `read` behave; `send` sends any frames."""

    def __init__(self, target: str, **settings: int) -> None:
        host, port = target.split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=5)
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.data: dict[int, bytearray] = defaultdict(bytearray)
        self.trailers: dict[int, dict[str, str]] = {}
        self.ended: set[int] = set()
        self.order: list[int] = []  # the streams of the frames, as they came
        self.settled = 0
        self._streams = -1
        self.h2.initiate_connection()
        if settings:
            codes = h2.settings.SettingCodes
            self.h2.update_settings({codes[name]: value for name, value in settings.items()})
        self.flush()
        if settings:  # they count for both sides once they are acknowledged
            self.read(lambda: self.settled)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def next_stream(self) -> int:
        self._streams += 2
        return self._streams

    def flush(self) -> None:
        self.socket.sendall(self.h2.data_to_send())

    def send(self, *frames: Frame) -> None:
        self.socket.sendall(b"".join(frame.serialize() for frame in frames))

    def call(self, method: str, content: Any, timeout: str | None = None) -> int:
        stream = self.next_stream()
        self.h2.send_headers(stream, headers(method, timeout))
        self.h2.send_data(stream, message(content.SerializeToString()), end_stream=True)
        self.flush()
        return stream

    def read(self, enough: Callable[[], Any], seconds: float = 5.0) -> None:
        """Read and acknowledge until it is enough."""
        end = time.monotonic() + seconds
        while not enough():
            assert time.monotonic() < end, "it does not come"
            received = self.socket.recv(65_536)
            assert received, "the server has closed the connection"
            for event in self.h2.receive_data(received):
                self._take(event)
            self.flush()

    def _take(self, event: h2.events.Event) -> None:
        stream: int = getattr(event, "stream_id", 0)
        match event:
            case h2.events.DataReceived():
                self.order.append(stream)
                self.data[stream] += event.data
                self.h2.acknowledge_received_data(event.flow_controlled_length, stream)
            case h2.events.ResponseReceived() | h2.events.TrailersReceived():
                if isinstance(event, h2.events.TrailersReceived):  # the response may be opened early
                    self.order.append(stream)
                self.trailers[stream] = {str(name): str(value) for name, value in event.headers}
            case h2.events.SettingsAcknowledged() if event.changed_settings:
                self.settled += h2.settings.SettingCodes.INITIAL_WINDOW_SIZE in event.changed_settings
            case h2.events.StreamEnded() | h2.events.StreamReset():
                self.ended.add(stream)

    def messages(self, stream: int) -> list[bytes]:
        """The gRPC messages that came."""
        data, found = bytes(self.data[stream]), []
        while data:
            size = int.from_bytes(data[1:5], "big")
            found.append(data[5 : 5 + size])
            data = data[5 + size :]
        return found
