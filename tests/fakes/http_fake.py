"""A small HTTP/1.1 server for fakes: one async function answers each request, over a real socket.

It knows when the other side closed: the answering function is cancelled then, and the time is kept.
"""

import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from socket import SO_LINGER, SOL_SOCKET
from typing import TypeAlias

import h11
import trio

MOST_BYTES = 65_536  # read at once


@dataclass(eq=False)
class Request:
    """What was asked, and how it went. Times are trio.current_time() seconds."""

    method: str
    path: str  # as it was sent, query included
    headers: Mapping[str, str] = field(repr=False)  # names in lower case
    body: bytes = field(repr=False)
    came: float
    answered: bool = False  # the answer went out whole
    closed_at: float | None = None  # when the other side closed before the answer was whole
    closed: trio.Event = field(default_factory=trio.Event, repr=False)


class Reply:
    """The way back to whoever asked."""

    def __init__(self, stream: trio.SocketStream, http: h11.Connection) -> None:
        self._stream = stream
        self._http = http

    async def whole(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """An answer in one piece."""
        length = {"content-length": str(len(body))}
        await self._send(
            h11.Response(status_code=status, headers=list({**(headers or {}), **length}.items())),
            h11.Data(data=body),
            h11.EndOfMessage(),
        )

    async def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The head of an answer whose body follows in pieces."""
        await self._send(h11.Response(status_code=status, headers=list(headers.items())))

    async def send(self, data: bytes) -> None:
        await self._send(h11.Data(data=data))

    async def end(self) -> None:
        await self._send(h11.EndOfMessage())

    async def raw(self, data: bytes) -> None:
        """Bytes as they are, past all rules of HTTP."""
        await self._stream.send_all(data)

    async def drop(self, *, reset: bool = False) -> None:
        """Close the connection in the middle: politely, or with a TCP reset."""
        if reset:
            self._stream.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        await self._stream.aclose()

    async def _send(self, *events: h11.Event) -> None:
        await self._stream.send_all(b"".join(self._http.send(event) or b"" for event in events))


Answer: TypeAlias = Callable[[Request, Reply], Awaitable[None]]


@dataclass(eq=False)
class HttpFake:
    """A server that listens."""

    port: int
    requests: list[Request] = field(default_factory=list)  # in the order in which they came
    connections: int = 0  # open ones
    accepted: int = 0  # connections, ever


@asynccontextmanager
async def serve(answer: Answer, port: int = 0) -> AsyncIterator[HttpFake]:
    """Let `answer` answer every request on 127.0.0.1; port 0 takes any free one.

    `answer` is cancelled when the other side closes. Leaving the block drops every connection.
    """
    listeners = await trio.open_tcp_listeners(port, host="127.0.0.1")
    fake = HttpFake(listeners[0].socket.getsockname()[1])
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, partial(_connection, fake, answer), listeners)
        yield fake
        nursery.cancel_scope.cancel()


async def _connection(fake: HttpFake, answer: Answer, stream: trio.SocketStream) -> None:
    http = h11.Connection(h11.SERVER)
    fake.accepted += 1
    fake.connections += 1
    try:
        while request := await _next_request(http, stream):
            fake.requests.append(request)
            await _answer(request, answer, Reply(stream, http), http, stream)
            if http.our_state is not h11.DONE or http.their_state is not h11.DONE:
                return
            request.answered = True
            http.start_next_cycle()
    except (trio.BrokenResourceError, trio.ClosedResourceError, h11.RemoteProtocolError):
        return
    finally:
        fake.connections -= 1
        await trio.aclose_forcefully(stream)


async def _next_request(http: h11.Connection, stream: trio.SocketStream) -> Request | None:
    """The next request, whole; None when the other side has closed."""
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            http.receive_data(await stream.receive_some(MOST_BYTES))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            headers = {name.decode(): value.decode() for name, value in head.headers}
            return Request(
                head.method.decode(), head.target.decode(), headers, bytes(body), trio.current_time()
            )
        else:
            return None


async def _answer(
    request: Request, answer: Answer, reply: Reply, http: h11.Connection, stream: trio.SocketStream
) -> None:
    async with trio.open_nursery() as nursery:

        async def watch() -> None:
            if await _closed(http, stream):
                request.closed_at = trio.current_time()
                request.closed.set()
            nursery.cancel_scope.cancel()

        nursery.start_soon(watch)
        try:
            await answer(request, reply)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            # The watcher sees the same, and is the one who keeps the time.
            await trio.sleep(0.01)
        nursery.cancel_scope.cancel()


async def _closed(http: h11.Connection, stream: trio.SocketStream) -> bool:
    """Wait until the other side closes; False when it was this side."""
    try:
        while data := await stream.receive_some(MOST_BYTES):
            http.receive_data(data)
    except trio.BrokenResourceError:
        return True
    except trio.ClosedResourceError:
        return False
    return True
