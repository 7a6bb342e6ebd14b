"""The port that WebSockets come to."""

import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import trio
from wsproto.frame_protocol import CloseReason as Code

from nexy.integrations.gateway.gateway import serve_client
from nexy.integrations.gateway.house import House
from nexy.nursery.border.doors import Doors
from nexy.nursery.listening import open_listeners
from nexy.utils.addresses import spelt

GRACEFUL_SECONDS = 1.0  # for telling the clients that the server goes


@dataclass(frozen=True)
class WebSocketListener:
    """A WebSocket server that listens."""

    address: str  # "host:port", with brackets around an IPv6 host
    house: House
    doors: Doors
    stop_listening: Callable[[], None]
    """Take no new connection; those that are there go on."""

    @property
    def connections(self) -> int:
        """How many are open, with those that still shake hands."""
        return len(self.doors)

    @property
    def turned_away(self) -> Counter[str]:
        """Connections and requests that were not let in or were ended, by the reason."""
        return self.doors.turned_away + self.house.turned_away


@asynccontextmanager
async def serve_websockets(
    house: House, host: str, port: int, tls: ssl.SSLContext | None = None, *, shared: bool = False
) -> AsyncIterator[WebSocketListener]:
    """Serve WebSockets. Port 0 takes any free one. Raises OSError when it is taken."""
    listeners = await open_listeners(host, port, shared=shared)
    name, port = listeners[0].socket.getsockname()[:2]
    doors = Doors(house.limits)
    serve_one = partial(_serve_one, house, doors, tls)
    accepting = trio.CancelScope()

    async def accept() -> None:
        with accepting:
            await trio.serve_listeners(serve_one, listeners, handler_nursery=connections)

    async with trio.open_nursery() as connections:
        connections.start_soon(accept)
        try:
            yield WebSocketListener(spelt(name, port), house, doors, accepting.cancel)
        finally:
            accepting.cancel()
            connections.cancel_scope.deadline = trio.current_time() + GRACEFUL_SECONDS
            with trio.move_on_after(GRACEFUL_SECONDS, shield=True):
                async with trio.open_nursery() as nursery:
                    for connection in list(house.connections):
                        nursery.start_soon(connection.close, Code.GOING_AWAY, "the server is closing")


async def _serve_one(
    house: House, doors: Doors, tls: ssl.SSLContext | None, stream: trio.SocketStream
) -> None:
    try:
        host, port = stream.socket.getpeername()[:2]
    except OSError:
        return  # it went before it was let in
    network = doors.enter(str(host))
    if network is None:
        return
    line: trio.abc.Stream = stream
    if tls is not None:
        line = trio.SSLStream(stream, tls, server_side=True, https_compatible=True)
    try:
        await serve_client(house, line, f"{host}:{port}", network)
    finally:
        doors.leave(network)
