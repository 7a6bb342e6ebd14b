"""A gRPC server that listens."""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import trio
from google.protobuf import descriptor_pb2, descriptor_pool
from grpclib.health.check import ServiceStatus
from grpclib.health.service import OVERALL, Health
from grpclib.protocol import H2Protocol
from grpclib.reflection.service import ServerReflection
from grpclib.server import Server
from trio_asyncio import aio_as_trio

from nexy.config import ConnectionsConfig
from nexy.nursery.border.connection import Connection, House
from nexy.nursery.border.doors import Doors
from nexy.nursery.border.entrance import Entrance, bind
from nexy.nursery.border.receiving import SMALL_BYTES, Receiving
from nexy.nursery.border.services import Careful, TrioService
from nexy.utils.addresses import spelt

LOOKS = 4  # at each connection, within the shortest time that it may have
LOOK_SECONDS = 1.0  # between two of them, at most


class _Server(Server):
    """grpclib's, whose connections are ours."""

    def __init__(self, handlers: list[Any], house: House) -> None:
        super().__init__(handlers)
        self._h2_config.header_encoding = "latin-1"  # as HTTP has it: no byte of a header is an error
        self.house = house
        self.connections: set[Connection] = set()

    def make(self, network: str) -> Connection:
        plain: H2Protocol = self._protocol_factory()
        return Connection(plain, self.house, self.connections, network)


class GrpcListener:
    """A gRPC server that listens."""

    def __init__(self, server: _Server, health: ServiceStatus, entrance: Entrance) -> None:
        self._server = server
        self._health = health
        self._entrance = entrance
        self.host, self.port = entrance.sockets[0].getsockname()[:2]
        limits = server.house.limits
        shortest = min(limits.handshake_seconds, limits.connection_idle_seconds, limits.stalled_seconds)
        self._look_seconds = min(LOOK_SECONDS, shortest / LOOKS)
        entrance.open()
        self._look()

    def __repr__(self) -> str:
        return f"<GrpcListener {self.address} connections={len(self._server.connections)}>"

    @property
    def address(self) -> str:
        """ "host:port", with brackets around an IPv6 host."""
        return spelt(self.host, self.port)

    @property
    def connections(self) -> int:
        """How many are open, with those that still shake hands."""
        return len(self._server.house.doors)

    @property
    def turned_away(self) -> Counter[str]:
        """Connections, calls and requests that were not let in or were ended, by the reason."""
        return self._server.house.doors.turned_away

    def _look(self) -> None:
        """Look at every connection and at every request that is not whole; and then again."""
        loop = asyncio.get_running_loop()
        self._next_look = loop.call_later(self._look_seconds, self._look)
        now = trio.current_time()
        for connection in list(self._server.connections):
            connection.look(now)
        for request in list(self._server.house.receiving.requests):
            if not request.look(now):
                break

    def stop_listening(self) -> None:
        """Take no new connection and say NOT_SERVING; what runs, runs on."""
        self._health.set(False)
        self._entrance.close()

    async def close(self) -> None:  # asyncio
        """Cancel what still runs, wait for it, and close every connection with a GOAWAY."""
        self._entrance.close()
        await self._entrance.wait_closed()
        for handler in list(self._server._handlers):
            handler.close()
        for handler in list(self._server._handlers):
            await handler.wait_closed()
        self._next_look.cancel()
        for connection in list(self._server.connections):
            connection.say_goodbye()


@asynccontextmanager
async def serve_grpc(
    services: list[TrioService],
    *,
    host: str,
    port: int,
    descriptors: bytes,
    limits: ConnectionsConfig = ConnectionsConfig(),  # noqa: B008 - it is frozen
    tls: ssl.SSLContext | None = None,
    shared: bool = False,
) -> AsyncIterator[GrpcListener]:
    """Serve `services`, with the standard health and reflection services beside them.

    `descriptors` is the serialised FileDescriptorSet of the services, for reflection. Port 0 takes
    any free port; `shared` ones are listened on by other processes too. Raises OSError when the port is
    taken. Leaving the block cancels what runs.
    """
    pool = descriptor_pool.Default()
    for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors).file:
        pool.Add(file)
    health = ServiceStatus()
    health.set(True)
    checks: list[Any] = [OVERALL, *services]
    served = ServerReflection.extend([*services, Health({name: [health] for name in checks})])
    room = {path: 2 * one.most_request_bytes + SMALL_BYTES for one in services for path in one.__mapping__()}
    turn_away = {
        path: one.turn_away[name]
        for one in services
        for path in one.__mapping__()
        if (name := path.rpartition("/")[2]) in one.turn_away
    }
    house = House(limits, Doors(limits), Receiving(), turn_away, room)
    server = _Server([one if isinstance(one, TrioService) else Careful(one) for one in served], house)
    entrance = Entrance(
        await bind(host, port, shared=shared), house.doors, server.make, tls, limits.handshake_seconds
    )
    listener = await aio_as_trio(_listen)(server, health, entrance)
    try:
        yield listener
    finally:
        with trio.CancelScope(shield=True):
            await aio_as_trio(listener.close)()


async def _listen(server: _Server, health: ServiceStatus, entrance: Entrance) -> GrpcListener:  # asyncio
    return GrpcListener(server, health, entrance)
