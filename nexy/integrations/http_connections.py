"""HTTP/1.1 on Hypercorn's protocol, within limits; what fails in one connection ends that one alone.

Hypercorn's own server opens its connections in one nursery, and an error of its protocol in one of them
(a path that is not ASCII is enough) would end Nexy. It also speaks HTTP/2 to whoever asks, without
a limit on frames; nobody who asks for the pages needs it.
"""

import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any, TypeAlias, cast

import h11
import hypercorn.config
import trio
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.trio.task_group import TaskGroup
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import AppWrapper, ConnectionState, H11SendableEvent, LifespanState
from hypercorn.utils import wrap_app
from starlette.types import ASGIApp

from nexy.config import ConnectionsConfig
from nexy.errors import leaves
from nexy.monitoring import logger, where
from nexy.nursery.border.doors import Doors
from nexy.nursery.listening import open_listeners
from nexy.utils.addresses import spelt

log = logger("nexy.http")

Connected: TypeAlias = trio.SocketStream | trio.SSLStream[trio.SocketStream]

GRACEFUL_SECONDS = 1.0  # most answers are small and none needs longer; a download can be resumed
HEAD_SECONDS = 10.0  # for TLS; and for a request's first line and headers, all of them; and between requests
STALLED_SECONDS = 30.0  # in which nothing comes and nothing of an answer is taken
HEAD_BYTES = 16 * 1024  # of the first line and the headers
PIECE_BYTES = 64 * 1024  # of what is encrypted: a slow reader takes one in 30 s at 2 kB/s
RECEIVED_BYTES = 64 * 1024  # at once
KEEP_ALIVE_REQUESTS = 1000  # then the client connects anew
CONNECTIONS = ConnectionsConfig(max_connections=1000, max_connections_per_address=500)
"""Load balancers, Prometheus and people look now and then; half is left when one of them goes wild."""


class Patient:
    """A connection that is given up when nothing moves on it, or no request comes."""

    def __init__(self, stream: Connected) -> None:
        self._stream = stream
        self._moved_at = trio.current_time()
        self._idle_since: float | None = None  # no request is being answered
        self._receiving = trio.CancelScope()
        self._ending = self._closed = False

    async def is_encrypted(self) -> bool:
        """Whether TLS has been agreed upon, where there is to be any."""
        if isinstance(self._stream, trio.SSLStream):
            try:
                with trio.fail_after(HEAD_SECONDS):
                    await self._stream.do_handshake()
            except (trio.BrokenResourceError, trio.TooSlowError):
                return False
        return True

    async def close(self) -> None:
        """Say that nothing more comes, and go. May be called more than once."""
        if self._closed:
            return
        self._closed = True
        if isinstance(self._stream, trio.SocketStream):
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await self._stream.send_eof()
        await self._stream.aclose()

    def wait_for_request(self) -> None:
        self._idle_since = trio.current_time()
        self._receiving.deadline = self._until()

    def answer_request(self) -> None:
        self._idle_since = None

    def end(self) -> None:
        """No further request is waited for."""
        self._ending = True
        self._receiving.deadline = self._until()

    def _until(self) -> float:
        """When there is no more use in waiting for the client to say something."""
        if self._idle_since is None:
            return self._moved_at + STALLED_SECONDS
        return -inf if self._ending else self._idle_since + HEAD_SECONDS

    async def receive_some(self, most: int) -> bytes:
        """Empty when nothing came in time, as if the client were gone."""
        while True:
            with trio.move_on_at(self._until()) as self._receiving:
                data = bytes(await self._stream.receive_some(most))
                self._moved_at = trio.current_time()
                return data
            if trio.current_time() >= self._until():
                return b""

    async def send_all(self, data: bytes) -> None:
        """Raises BrokenResourceError also when the client takes nothing of it for too long."""
        rest = memoryview(data)
        with trio.CancelScope() as sending:
            while True:
                sending.deadline = trio.current_time() + STALLED_SECONDS
                rest = rest[await self._send_some(rest) :]
                self._moved_at = trio.current_time()
                if not rest:
                    return
        raise trio.BrokenResourceError("the client takes nothing")

    async def _send_some(self, data: memoryview) -> int:
        """How many bytes of it are on their way, one or more."""
        try:
            if isinstance(self._stream, trio.SocketStream):
                return await self._stream.socket.send(data)  # as many as there is room for
            piece = data[:PIECE_BYTES]
            await self._stream.send_all(piece)
        except (OSError, trio.BusyResourceError):  # in the second case, it is being closed in this moment
            raise trio.BrokenResourceError("the client is gone") from None
        return len(piece)


class _Http1(H11Protocol):
    _head = b""  # of an answer: it goes with the first of its body

    async def _check_protocol(self, event: h11.Request) -> None:
        """Hypercorn would go over to HTTP/2 here."""

    async def _send_h11_event(self, event: H11SendableEvent) -> None:
        try:
            data = self._head + (self.connection.send(event) or b"")
        except (
            h11.LocalProtocolError
        ) as error:  # the client has closed, or broken a rule, in this very moment
            if self.connection.their_state != h11.ERROR:
                log.warning("an HTTP answer could not be sent", error=where(error))
            return
        self._head = data if isinstance(event, h11.Response) else b""
        if data and not self._head:
            await self.send(RawData(data=data))


class _Connection:
    """What a client says goes to Hypercorn's protocol; what that says goes to the client."""

    def __init__(self, line: Patient, tasks: TaskGroup, make: Callable[..., _Http1]) -> None:
        self._line = line
        self._sending = trio.Lock()
        self._protocol = make(tasks, ConnectionState(LifespanState()), send=self._obey)
        line.wait_for_request()

    async def serve(self) -> None:
        """Until the client is gone, or the protocol has closed it."""
        try:
            while data := await self._line.receive_some(RECEIVED_BYTES):
                await self._protocol.handle(RawData(data))
            await self._protocol.handle(RawData(b""))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        await self._protocol.handle(Closed())

    async def _obey(self, event: Event) -> None:
        match event:
            case Updated(idle=True):
                self._line.wait_for_request()
            case Updated():
                self._line.answer_request()
            case RawData(data=data):
                await self._send(data)
            case Closed():
                await self._line.close()
                await self._protocol.handle(event)

    async def _send(self, data: bytes) -> None:
        try:
            self._sending.acquire_nowait()
        except trio.WouldBlock:
            await self._sending.acquire()
        try:
            await self._line.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            await self._protocol.handle(Closed())
        finally:
            self._sending.release()


@dataclass(frozen=True)
class HttpListener:
    """An HTTP server that listens."""

    address: str  # "host:port", with brackets around an IPv6 host
    doors: Doors

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self.doors)

    @property
    def turned_away(self) -> Counter[str]:
        """Connections that were not let in, by the reason."""
        return self.doors.turned_away

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])


@asynccontextmanager
async def serve_http(
    app: ASGIApp, host: str, port: int, tls: ssl.SSLContext | None = None, *, shared: bool = False
) -> AsyncIterator[HttpListener]:
    """Serve `app`. Port 0 takes any free one. Raises OSError when it is taken."""
    listeners = await open_listeners(host, port, shared=shared)
    name, port = listeners[0].socket.getsockname()[:2]
    doors = Doors(CONNECTIONS)
    context, wrapped = WorkerContext(None), wrap_app(cast("Any", app), 0, "asgi")
    lines: set[Patient] = set()
    serve_one = partial(_serve_one, wrapped, _settings(), context, doors, tls, lines)
    async with trio.open_nursery() as connections, trio.open_nursery() as accepting:
        accepting.start_soon(partial(trio.serve_listeners, serve_one, listeners, handler_nursery=connections))
        try:
            yield HttpListener(spelt(name, port), doors)
        finally:
            accepting.cancel_scope.cancel()
            with trio.move_on_after(GRACEFUL_SECONDS, shield=True):
                await context.terminated.set()
            connections.cancel_scope.deadline = trio.current_time() + GRACEFUL_SECONDS
            for line in lines:
                line.end()


def _settings() -> hypercorn.config.Config:
    config = hypercorn.config.Config()
    config.include_server_header = False
    config.accesslog = config.errorlog = None
    config.h11_max_incomplete_size = HEAD_BYTES
    config.keep_alive_max_requests = KEEP_ALIVE_REQUESTS
    return config


async def _serve_one(
    app: AppWrapper,
    config: hypercorn.config.Config,
    context: WorkerContext,
    doors: Doors,
    tls: ssl.SSLContext | None,
    lines: set[Patient],
    stream: trio.SocketStream,
) -> None:
    try:
        client, server = (one()[:2] for one in (stream.socket.getpeername, stream.socket.getsockname))
    except OSError:  # it was reset before it was let in: nothing is known of it any more
        return
    network = doors.enter(str(client[0]))
    if network is None:
        return
    line = Patient(stream if tls is None else _encrypted(stream, tls))
    lines.add(line)
    make = partial(_Http1, app, config, context, ssl=tls is not None, client=client, server=server)
    try:
        if await line.is_encrypted():
            async with TaskGroup() as tasks:
                await _Connection(line, tasks, make).serve()
    except Exception as error:  # noqa: BLE001 - whatever it is that Hypercorn stumbled over, the others go on
        log.warning("an HTTP connection failed", error=where(leaves(error)[0]))
    finally:
        lines.discard(line)
        doors.leave(network)


def _encrypted(stream: trio.SocketStream, tls: ssl.SSLContext) -> Connected:
    return trio.SSLStream(stream, tls, server_side=True, https_compatible=True)
