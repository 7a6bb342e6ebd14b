"""A small HTTP/1.1 server on a real loopback socket, which sees the moment when a client closes."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

import h11
import trio

READ_BYTES = 65_536


class Drop(Exception):
    """A handler raises it to close the connection at once, in the middle of whatever it was."""


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
    target: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes = field(repr=False)
    at: float  # trio.current_time() at which all of it was there
    connection: Connection


class Response:
    """What a handler answers with: a head, then pieces of a body."""

    def __init__(self, connection: Connection, wire: h11.Connection) -> None:
        self._connection = connection
        self._wire = wire
        self.begun = False

    async def begin(self, status: int, headers: Mapping[str, str]) -> None:
        self.begun = True
        await self._send(h11.Response(status_code=status, headers=list(headers.items())))

    async def send(self, data: bytes) -> None:
        await self._send(h11.Data(data=data))

    async def end(self) -> None:
        await self._send(h11.EndOfMessage())

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        await self.begin(status, {**headers, "Content-Length": str(len(body))})
        await self.send(body)
        await self.end()

    async def _send(self, event: h11.Event) -> None:
        data = self._wire.send(event)
        try:
            await self._connection.stream.send_all(data or b"")
        except trio.BrokenResourceError:
            await trio.sleep_forever()  # the client is gone: the one who watches it ends this


Handler: TypeAlias = Callable[[Request, Response], Awaitable[None]]


@dataclass(eq=False)
class Listening:
    """A server that listens, and all the connections that it ever had."""

    port: int = 0
    connections: list[Connection] = field(default_factory=list)


async def _serve(listening: Listening, handler: Handler, stream: trio.abc.Stream) -> None:
    connection = Connection(stream)
    listening.connections.append(connection)
    wire = h11.Connection(h11.SERVER)
    try:
        while request := await _read(connection, wire):
            if not await _respond(request, Response(connection, wire), handler, wire):
                return
            if wire.our_state is h11.MUST_CLOSE:
                return
            wire.start_next_cycle()
    except h11.RemoteProtocolError:
        return
    finally:
        connection.closed.set()
        await trio.aclose_forcefully(stream)


async def _read(connection: Connection, wire: h11.Connection) -> Request | None:
    """The next request; None when the client has closed instead."""
    head: h11.Request | None = None
    body = b""
    while True:
        event = wire.next_event()
        match event:
            case h11.Request():
                head = event
            case h11.Data():
                body += bytes(event.data)
            case h11.EndOfMessage():
                assert head is not None
                headers = {name.decode(): value.decode() for name, value in head.headers}
                connection.requests += 1
                method, target = head.method.decode(), head.target.decode()
                return Request(method, target, headers, body, trio.current_time(), connection)
            case h11.ConnectionClosed():
                return None
            case _:
                wire.receive_data(await connection.receive())


async def _respond(request: Request, response: Response, handler: Handler, wire: h11.Connection) -> bool:
    """Whether the whole response went out; while it does, the client is watched."""
    done = False

    async def watch(scope: trio.CancelScope) -> None:
        while data := await request.connection.receive():
            wire.receive_data(data)
        scope.cancel()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch, nursery.cancel_scope)
        try:
            await handler(request, response)
            done = True
        except Drop:
            pass
        nursery.cancel_scope.cancel()
    return done


@asynccontextmanager
async def serve_http(
    handler: Handler, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Listening]:
    """Serve `handler` on loopback while the block runs; port 0 takes any free one."""
    listening = Listening()

    async def serve(stream: trio.SocketStream) -> None:
        secure = tls and trio.SSLStream(stream, tls, server_side=True, https_compatible=True)
        if not secure:
            await _serve(listening, handler, stream)
            return
        try:
            await secure.do_handshake()
        except trio.BrokenResourceError:  # a client that does not trust us
            await trio.aclose_forcefully(stream)
            return
        await _serve(listening, handler, secure)

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, serve, port, host=host, backlog=1024))
        listening.port = listeners[0].socket.getsockname()[1]
        yield listening
        nursery.cancel_scope.cancel()
