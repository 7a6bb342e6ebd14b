"""HTTP/1.1 on Hypercorn's protocol, within limits; what fails in one connection ends that one alone.

Hypercorn's own server opens its connections in one nursery, and an error of its protocol in one of them
(a path that is not ASCII is enough) would end Nexy. It also speaks HTTP/2 to whoever asks, without
a limit on frames; nobody who asks for the pages needs it.
"""

import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias, cast

import h11
import hypercorn.config
import trio
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import AppWrapper, ConnectionState, H11SendableEvent
from hypercorn.utils import wrap_app
from starlette.types import ASGIApp

from nexy.config import ConnectionsConfig
from nexy.errors import leaves
from nexy.monitoring import logger, where
from nexy.nursery.border.doors import Doors

log = logger("nexy.http")

Connected: TypeAlias = trio.SocketStream | trio.SSLStream[trio.SocketStream]

GRACEFUL_SECONDS = 1.0  # these answers are small: none needs longer
HEAD_SECONDS = 10.0  # for TLS; and for a request's first line and headers, all of them; and between requests
STALLED_SECONDS = 30.0  # in which nothing comes and nothing of an answer is taken
HEAD_BYTES = 16 * 1024  # of the first line and the headers
PIECE_BYTES = 64 * 1024  # a slow reader takes one in 30 s at 2 kB/s
KEEP_ALIVE_REQUESTS = 1000  # then the client connects anew
CONNECTIONS = ConnectionsConfig(max_connections=1000, max_connections_per_address=500)
"""Load balancers, Prometheus and people look now and then; half is left when one of them goes wild."""


class Patient:
    """A connection that is given up when nothing moves on it."""

    def __init__(self, stream: Connected) -> None:
        self._stream = stream
        self._moved_at = trio.current_time()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)  # Hypercorn tells TLS by what the stream has

    async def receive_some(self, most: int) -> bytes:
        while True:
            with trio.move_on_at(self._moved_at + STALLED_SECONDS):
                data = bytes(await self._stream.receive_some(most))
                self._moved_at = trio.current_time()
                return data
            if trio.current_time() >= self._moved_at + STALLED_SECONDS:
                return b""  # as if it were gone

    async def send_all(self, data: bytes) -> None:
        for start in range(0, len(data), PIECE_BYTES):
            try:
                with trio.fail_after(STALLED_SECONDS):
                    await self._stream.send_all(data[start : start + PIECE_BYTES])
            except trio.TooSlowError:
                raise trio.BrokenResourceError("the client takes nothing") from None
            except trio.BusyResourceError:  # Hypercorn's reader is closing it in this very moment
                raise trio.BrokenResourceError("the client is gone") from None
            self._moved_at = trio.current_time()


class _Http1(H11Protocol):
    async def _check_protocol(self, event: h11.Request) -> None:
        """Hypercorn would go over to HTTP/2 here."""

    async def _send_h11_event(self, event: H11SendableEvent) -> None:
        try:
            await super()._send_h11_event(event)
        except (
            h11.LocalProtocolError
        ) as error:  # the client has closed, or broken a rule, in this very moment
            log.warning("an HTTP answer could not be sent", error=where(error))


class _Connection(TCPServer):
    async def _read_data(self) -> None:
        made: Any = self.protocol.protocol
        self.protocol = _Http1(  # type: ignore[assignment]
            made.app,
            made.config,
            made.context,
            made.task_group,
            made.connection_state,
            made.ssl,
            made.client,
            made.server,
            made.send,
        )
        await super()._read_data()
        await self.idle_task.stop()  # Hypercorn would keep a connection that its client has closed until then


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
    app: ASGIApp, host: str, port: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[HttpListener]:
    """Serve `app`. Port 0 takes any free one. Raises OSError when it is taken."""
    listeners = await trio.open_tcp_listeners(port, host=host)
    name, port = listeners[0].socket.getsockname()[:2]
    doors = Doors(CONNECTIONS)
    context, wrapped = WorkerContext(None), wrap_app(cast("Any", app), 0, "asgi")
    serve_one = partial(_serve_one, wrapped, _settings(), context, doors, tls)
    async with trio.open_nursery() as connections, trio.open_nursery() as accepting:
        accepting.start_soon(partial(trio.serve_listeners, serve_one, listeners, handler_nursery=connections))
        try:
            yield HttpListener(f"[{name}]:{port}" if ":" in name else f"{name}:{port}", doors)
        finally:
            accepting.cancel_scope.cancel()
            with trio.move_on_after(GRACEFUL_SECONDS, shield=True):
                await context.terminated.set()
            connections.cancel_scope.deadline = trio.current_time() + GRACEFUL_SECONDS


def _settings() -> hypercorn.config.Config:
    config = hypercorn.config.Config()
    config.include_server_header = False
    config.accesslog = config.errorlog = None
    config.keep_alive_timeout = HEAD_SECONDS
    config.ssl_handshake_timeout = HEAD_SECONDS
    config.h11_max_incomplete_size = HEAD_BYTES
    config.keep_alive_max_requests = KEEP_ALIVE_REQUESTS
    return config


async def _serve_one(
    app: AppWrapper,
    config: hypercorn.config.Config,
    context: WorkerContext,
    doors: Doors,
    tls: ssl.SSLContext | None,
    stream: trio.SocketStream,
) -> None:
    try:
        network = doors.enter(str(stream.socket.getpeername()[0]))
    except OSError:
        return  # it was reset before it was let in: nothing is known of it any more
    if network is None:
        return
    line: Connected = stream
    if tls is not None:
        line = trio.SSLStream(stream, tls, server_side=True, https_compatible=True)
    try:
        await _Connection(app, config, context, ConnectionState({}), Patient(line)).run()  # type: ignore[arg-type]
    except Exception as error:  # noqa: BLE001 - whatever it is that Hypercorn stumbled over, the others go on
        log.warning("an HTTP connection failed", error=where(leaves(error)[0]))
    finally:
        doors.leave(network)
