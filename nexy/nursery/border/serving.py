"""A gRPC server that listens."""

import socket
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

from nexy.nursery.border.connection import Connection
from nexy.nursery.border.services import TrioService

LISTEN_BACKLOG = 1024  # after a restart a rush of clients waits in the kernel instead of being refused


class _Server(Server):
    def __init__(self, handlers: list[Any]) -> None:
        super().__init__(handlers)
        self.connections: set[Connection] = set()

    def _protocol_factory(self) -> H2Protocol:
        plain = super()._protocol_factory()
        connection = Connection(plain.handler, plain.config, plain.h2_config)
        connection.connections = self.connections
        return connection


class GrpcListener:
    """A gRPC server that listens."""

    def __init__(self, server: _Server, health: ServiceStatus) -> None:
        self._server = server
        self._health = health
        sockets: tuple[socket.socket, ...] = server._server.sockets  # type: ignore[union-attr]
        self.host, self.port = sockets[0].getsockname()[:2]

    def __repr__(self) -> str:
        return f"<GrpcListener {self.address} connections={len(self._server.connections)}>"

    @property
    def address(self) -> str:
        """ "host:port", with brackets around an IPv6 host."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def stop_listening(self) -> None:
        """Take no new connection and say NOT_SERVING; what runs, runs on."""
        self._health.set(False)
        self._server._server.close()  # type: ignore[union-attr]

    async def close(self) -> None:  # asyncio
        """Cancel what still runs, wait for it, and close every connection with a GOAWAY."""
        self._server.close()
        for handler in list(self._server._handlers):
            await handler.wait_closed()
        for connection in list(self._server.connections):
            connection.say_goodbye()


@asynccontextmanager
async def serve_grpc(
    services: list[TrioService], *, host: str, port: int, descriptors: bytes
) -> AsyncIterator[GrpcListener]:
    """Serve `services`, with the standard health and reflection services beside them.

    `descriptors` is the serialised FileDescriptorSet of the services, for reflection. Port 0 takes
    any free port. Raises OSError when the port is taken. Leaving the block cancels what runs.
    """
    pool = descriptor_pool.Default()
    for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors).file:
        pool.Add(file)
    health = ServiceStatus()
    health.set(True)
    checks: list[Any] = [OVERALL, *services]
    server = _Server(ServerReflection.extend([*services, Health({name: [health] for name in checks})]))
    await aio_as_trio(server.start)(host, port, backlog=LISTEN_BACKLOG)
    listener = GrpcListener(server, health)
    try:
        yield listener
    finally:
        with trio.CancelScope(shield=True):
            await aio_as_trio(listener.close)()
