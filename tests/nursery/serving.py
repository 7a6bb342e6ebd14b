"""A small gRPC server across the border, and clients by hand for it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import trio
from grpclib.const import Cardinality, Handler, Status
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from hyperframe.frame import Frame

from nexy.config import ConnectionsConfig
from nexy.modules.grpc_service import descriptors
from nexy.nursery.border import Call, GrpcListener, TrioService, open_asyncio, serve_grpc
from nexy.types import Caller

ECHO, COUNT, STAY = "/test.Test/Echo", "/test.Test/Count", "/test.Test/Stay"
MOST_REQUEST_BYTES = 50_000_000


class _Contract:
    def __mapping__(self) -> dict[str, Handler]:
        async def nobody(_: Any) -> None: ...

        kind = Cardinality.UNARY_STREAM
        return {path: Handler(nobody, kind, None, None) for path in (ECHO, COUNT, STAY)}


@dataclass
class Served:
    """The server, and what its calls saw."""

    listener: GrpcListener
    gone: int = 0  # calls whose client went away, or was given up

    @property
    def address(self) -> tuple[str, int]:
        return self.listener.host, self.listener.port


@asynccontextmanager
async def serve(tls: Any = None, **limits: float) -> AsyncIterator[Served]:
    """Echo answers with its request, Count sends 10 kB pieces without end, Stay says nothing for ever."""

    async def echo(call: Call) -> None:
        try:
            await call.send(call.request())
            await call.finish()
        except Exception as error:  # noqa: BLE001 - the test looks at the status
            await call.finish(Status.RESOURCE_EXHAUSTED, str(error))

    async def count(call: Call) -> None:
        try:
            while True:
                await call.send(bytes(10_000))
        except trio.BrokenResourceError:
            served.gone += 1

    async def stay(_: Call) -> None:
        await trio.sleep_forever()

    rpcs = {"Echo": echo, "Count": count, "Stay": stay}
    service = TrioService(_Contract(), rpcs, MOST_REQUEST_BYTES, lambda _: Caller())
    async with (
        open_asyncio(),
        serve_grpc(
            [service],
            host="127.0.0.1",
            port=0,
            descriptors=descriptors(),
            limits=ConnectionsConfig(**limits),  # type: ignore[arg-type]
            tls=tls,
        ) as listener,
    ):
        served = Served(listener)
        yield served


class Raw:
    """A connection by hand: h2 keeps the books, frames of any kind go out."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.stream = stream
        self.h2 = H2Connection(H2Configuration(header_encoding="utf-8", validate_outbound_headers=False))
        self.events: list[Event] = []
        self.closed = False
        self._begun = False

    async def begin(self) -> "Raw":
        self._begun = True
        self.h2.initiate_connection()
        await self.flush()
        await self.read_until(lambda: self.h2.remote_settings.max_header_list_size)
        return self

    async def flush(self) -> None:
        await self.stream.send_all(self.h2.data_to_send())

    async def send(self, *frames: Frame) -> None:
        """Frames as they are. A server that has closed the connection is no error."""
        try:
            await self.stream.send_all(b"".join(frame.serialize() for frame in frames))
        except trio.BrokenResourceError:
            self.closed = True

    def headers(self, path: str, *more: tuple[str, str]) -> list[tuple[str, str]]:
        fixed = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "x")]
        return [*fixed, ("te", "trailers"), ("content-type", "application/grpc"), *more]

    async def call(self, path: str, request: bytes = b"", *more: tuple[str, str]) -> int:
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, self.headers(path, *more))
        self.h2.send_data(stream, b"\0" + len(request).to_bytes(4, "big") + request, end_stream=True)
        await self.flush()
        return stream

    async def read_until(self, enough: Callable[[], Any], *, acknowledge: bool = True) -> None:
        """Read until it is enough, or the server has closed the connection."""
        with trio.fail_after(5):
            while not enough() and not self.closed:
                try:
                    data = await self.stream.receive_some(65_536)
                except trio.BrokenResourceError:
                    data = b""
                self.closed = not data
                for event in self.h2.receive_data(data) if data else ():
                    self.events.append(event)
                    if isinstance(event, DataReceived) and acknowledge:
                        self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if self._begun and not self.closed and not self.goaway:
                    await self.flush()

    async def until_closed(self) -> None:
        await self.read_until(lambda: False)

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def goaway(self) -> str | None:
        """The code that the server sent it away with."""
        return next((event.error_code.name for event in self.of(ConnectionTerminated)), None)

    def reset(self, stream: int) -> str | None:
        return next((e.error_code.name for e in self.of(StreamReset) if e.stream_id == stream), None)

    def ended(self, stream: int) -> bool:
        return any(
            event.stream_id == stream for kind in (StreamEnded, StreamReset) for event in self.of(kind)
        )

    def status(self, stream: int) -> str | None:
        came = [e for kind in (ResponseReceived, TrailersReceived) for e in self.of(kind)]
        trailers = (dict(event.headers) for event in came if event.stream_id == stream)
        return next((found["grpc-status"] for found in trailers if "grpc-status" in found), None)

    async def echoes(self) -> bool:
        """Whether a call on this connection is answered."""
        stream = await self.call(ECHO, b"hello")
        await self.read_until(lambda: self.ended(stream))
        return self.status(stream) == "0"


@asynccontextmanager
async def raw(served: Served) -> AsyncIterator[Raw]:
    """A connection on which nothing is said yet."""
    async with await trio.open_tcp_stream(*served.address) as stream:
        yield Raw(stream)


@asynccontextmanager
async def client(served: Served) -> AsyncIterator[Raw]:
    """One that has shaken hands."""
    async with raw(served) as connection:
        yield await connection.begin()


async def comes(true: Callable[[], Any], seconds: float = 3.0) -> bool:
    with trio.move_on_after(seconds):
        while not true():  # noqa: ASYNC110 - what it waits for has no event
            await trio.sleep(0.01)
    return bool(true())


def ask(channel: grpc.Channel, request: bytes = b"hello") -> bytes:
    """What the official client hears; it blocks."""
    return b"".join(channel.unary_stream(ECHO)(request, timeout=5))
