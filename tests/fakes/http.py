"""A small HTTP/1.1 server on a real loopback socket: one async function answers each request.

It sees the moment when a client closes: the answering function is cancelled then, and the time is kept.
"""

import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from socket import SO_LINGER, SOL_SOCKET
from typing import NoReturn, TypeAlias

import h11
import trio

READ_BYTES = 65_536
WAITING_CLIENTS = 1024  # that may connect at once; the system lowers it to what it allows
RESET = struct.pack("ii", 1, 0)  # a linger of no time: closing throws away what is unsent


class _Dropped(Exception):
    """The connection is to be closed at once, in the middle of whatever it was."""

    def __init__(self, *, reset: bool) -> None:
        self.reset = reset


@dataclass(eq=False)
class Connection:
    """One client's connection, and when the client closed it."""

    stream: trio.abc.Stream = field(repr=False)
    requests: int = 0
    closed_at: float | None = None  # trio.current_time() at which the client was seen to have closed it
    closed: trio.Event = field(default_factory=trio.Event, repr=False)  # set when it is over, by whomever

    async def receive(self) -> bytes:
        """Bytes of the client; none when it has closed."""
        try:
            data = bytes(await self.stream.receive_some(READ_BYTES))
        except trio.BrokenResourceError:  # closed with something unread: a reset
            data = b""
        if not data and self.closed_at is None:
            self.closed_at = trio.current_time()
        return data


@dataclass(eq=False)
class Request:
    """One request as it came."""

    method: str
    target: str  # as it was sent, query included
    headers: Mapping[str, str] = field(repr=False)  # names in lower case
    body: bytes = field(repr=False)
    at: float  # trio.current_time() at which all of it was there
    connection: Connection
    answered: bool = False  # the response went out whole


class Response:
    """The way back to whoever asked: a head, then pieces of a body."""

    def __init__(self, connection: Connection, wire: h11.Connection) -> None:
        self._connection = connection
        self._wire = wire
        self.begun = False

    async def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The head of a response whose body follows in pieces."""
        self.begun = True
        await self._send(h11.Response(status_code=status, headers=list(headers.items())))

    async def send(self, data: bytes) -> None:
        await self._send(h11.Data(data=data))

    async def end(self) -> None:
        await self._send(h11.EndOfMessage())

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """A response in one piece."""
        await self.begin(status, {**headers, "Content-Length": str(len(body))})
        await self._send(h11.Data(data=body), h11.EndOfMessage())

    async def drop(self, *, reset: bool = False) -> NoReturn:
        """Close the connection in the middle, politely or with a TCP reset; nothing after it is done."""
        raise _Dropped(reset=reset)

    async def _send(self, *events: h11.Event) -> None:
        data = b"".join(self._wire.send(event) or b"" for event in events)
        try:
            await self._connection.stream.send_all(data)
        except trio.BrokenResourceError:
            await trio.sleep_forever()  # the client is gone: the one who watches it ends this


Handler: TypeAlias = Callable[[Request, Response], Awaitable[None]]


@dataclass(eq=False)
class Listening:
    """A server that listens, and all the connections and requests that it ever had, in their order."""

    port: int = 0
    connections: list[Connection] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    @property
    def open(self) -> int:
        """Connections that are not over."""
        return sum(not connection.closed.is_set() for connection in self.connections)


@asynccontextmanager
async def serve_http(
    handler: Handler, *, port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Listening]:
    """Serve `handler` on 127.0.0.1; port 0 takes any free one. Leaving the block drops every connection."""
    listening = Listening()

    async def serve(socket: trio.SocketStream) -> None:
        stream: trio.abc.Stream = socket
        try:
            if tls:
                stream = trio.SSLStream(socket, tls, server_side=True, https_compatible=True)
                await stream.do_handshake()
            await _serve(listening, handler, stream)
        except _Dropped as dropped:
            if dropped.reset:
                socket.setsockopt(SOL_SOCKET, SO_LINGER, RESET)
        except (trio.BrokenResourceError, h11.RemoteProtocolError):  # one who does not trust us, or babbles
            pass
        finally:
            await trio.aclose_forcefully(socket)

    async with trio.open_nursery() as nursery:
        listen = partial(trio.serve_tcp, serve, port, host="127.0.0.1", backlog=WAITING_CLIENTS)
        listeners = await nursery.start(listen)
        listening.port = listeners[0].socket.getsockname()[1]
        yield listening
        nursery.cancel_scope.cancel()


async def _serve(listening: Listening, handler: Handler, stream: trio.abc.Stream) -> None:
    connection = Connection(stream)
    listening.connections.append(connection)
    wire = h11.Connection(h11.SERVER)
    try:
        while request := await _read(connection, wire):
            listening.requests.append(request)
            await _respond(request, Response(connection, wire), handler, wire)
            request.answered = wire.our_state in (h11.DONE, h11.MUST_CLOSE)
            if wire.our_state is not h11.DONE or wire.their_state is not h11.DONE:
                return
            wire.start_next_cycle()
    finally:
        connection.closed.set()


async def _read(connection: Connection, wire: h11.Connection) -> Request | None:
    """The next request; None when the client has closed instead."""
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = wire.next_event()
        match event:
            case h11.Request():
                head = event
            case h11.Data():
                body += event.data
            case h11.EndOfMessage():
                assert head is not None
                headers = {name.decode(): value.decode() for name, value in head.headers}
                connection.requests += 1
                method, target = head.method.decode(), head.target.decode()
                return Request(method, target, headers, bytes(body), trio.current_time(), connection)
            case h11.ConnectionClosed():
                return None
            case _:
                wire.receive_data(await connection.receive())


async def _respond(request: Request, response: Response, handler: Handler, wire: h11.Connection) -> None:
    """Let `handler` answer; while it does, the client is watched."""

    async def watch(scope: trio.CancelScope) -> None:
        while data := await request.connection.receive():
            wire.receive_data(data)
        scope.cancel()

    dropped: _Dropped | None = None
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch, nursery.cancel_scope)
        try:
            await handler(request, response)
        except _Dropped as error:  # kept, as the nursery would wrap it
            dropped = error
        nursery.cancel_scope.cancel()
    if dropped:
        raise dropped
