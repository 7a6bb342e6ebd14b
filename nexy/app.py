"""The composition root of a server: what stands behind the gateways, and the ports at which it is served."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import trio
from starlette.types import ASGIApp

from nexy.backstage import Backstage, open_backstage
from nexy.config import Config
from nexy.integrations.console import console_address, console_routes
from nexy.integrations.doorkeeping import OPEN_PATHS, guarded
from nexy.integrations.encryption import open_tls
from nexy.integrations.gateway import House, Origins, WebSocketListener, serve_websockets
from nexy.integrations.gauges import metrics_of
from nexy.integrations.hosts import known_by_name
from nexy.integrations.http_connections import HttpListener, serve_http
from nexy.integrations.overseen import answers, be_overseen
from nexy.integrations.updates import serve_updates
from nexy.integrations.web import site
from nexy.modules.grpc_service import OperatorService, Sizes, StreamingService, descriptors
from nexy.nursery.border import GrpcListener, serve_grpc
from nexy.nursery.control import Control
from nexy.nursery.shutdown import Drained, run_until_told

LAST_WORDS_SECONDS = 2.0  # for telling the clients of answers that the drain did not wait for


@dataclass(frozen=True)
class Server:
    """A server that listens."""

    backstage: Backstage
    grpc: GrpcListener
    http: HttpListener | None  # None: the supervisor of several workers has it
    websockets: WebSocketListener | None  # None: they are off
    updates: HttpListener | None  # the same

    def __str__(self) -> str:
        return " ".join(f"{name}={address}" for name, address in self.addresses.items())

    @property
    def addresses(self) -> dict[str, str]:
        """ "host:port" of each part that listens, by its name."""
        found = {"grpc": self.grpc.address}
        if self.http is not None:
            found["http"] = self.http.address
        if self.websockets is not None:
            found["ws"] = self.websockets.address
        if self.updates is not None:
            found["updates"] = self.updates.address
        return found

    @property
    def console(self) -> str:
        """Where people on this machine find the page to talk to it."""
        return console_address(self.backstage.config, self.addresses["http"])

    async def drain(self) -> None:
        """Take no new work; returns when what runs has ended."""
        self.grpc.stop_listening()
        if self.websockets is not None:
            self.websockets.stop_listening()
        await self.backstage.conversation.sessions.drain()


@asynccontextmanager
async def open_server(config: Config, overseer: Control | None = None) -> AsyncIterator[Server]:
    """Serve until the block is left; what still runs then is told so and stopped.

    With an `overseer`, this is one of several workers: they share the ports, and the overseer speaks for all.
    """
    limits = config.limits
    sizes = Sizes(limits.max_message_bytes, limits.max_image_bytes, limits.max_prompt_chars)
    async with open_backstage(config) as backstage:
        streaming = StreamingService(backstage, sizes)
        operator = OperatorService(backstage.providers, streaming.caller, backstage.forbidden)
        host, status, shared = config.server.grpc_host, backstage.status, overseer is not None

        async with (
            open_tls(config.security) as tls,
            serve_grpc(
                [streaming.service(), operator.service()],
                host=host,
                port=config.server.grpc_port,
                descriptors=descriptors(),
                limits=config.connections,
                tls=tls.grpc,
                shared=shared,
            ) as grpc,
            _open_pages(config, backstage, tls.http, overseer) as http,
            _gateway(
                config,
                streaming,
                config.server.http_port if http is None else http.port,
                tls.http,
                shared=shared,
            ) as websockets,
            serve_updates(
                backstage.updates, host, config.updates.update_port, tls.public, shared=shared
            ) as updates,
        ):
            server = Server(backstage, grpc, http, websockets, updates)
            status.endpoints.update(server.addresses)
            listeners = (grpc, http, websockets, updates)
            status.listeners.extend(part for part in listeners if part is not None)
            try:
                yield server
            finally:
                with trio.move_on_after(LAST_WORDS_SECONDS, shield=True):
                    await backstage.conversation.sessions.stop_all()


@asynccontextmanager
async def _open_pages(
    config: Config, backstage: Backstage, tls: ssl.SSLContext | None, overseer: Control | None
) -> AsyncIterator[HttpListener | None]:
    """The port of the pages; None where an overseer has it, who is told what there is to show."""
    if overseer is None:
        pages, server = _pages(config, backstage), config.server
        async with serve_http(pages, server.grpc_host, server.http_port, tls) as listener:
            yield listener
        return
    async with trio.open_nursery() as nursery:
        nursery.start_soon(be_overseen, overseer, answers(backstage.status, backstage.doorkeeper))
        yield None
        nursery.cancel_scope.cancel()


def _pages(config: Config, backstage: Backstage) -> ASGIApp:
    """All that HTTP shows. The console page is for everybody: it asks for a token by itself."""
    status, server = backstage.status, config.server
    console = console_routes(config, status.endpoints)

    async def whole() -> dict[str, Any]:
        return status.whole()

    async def reasons() -> list[str]:
        return status.reasons()

    async def metrics(accept: str) -> tuple[bytes, str]:
        return metrics_of(status, accept)

    pages = site(whole, reasons, metrics, console)
    for_all = OPEN_PATHS | {route.path for route in console}
    inside = guarded(pages, backstage.doorkeeper, for_all)
    return known_by_name(inside, server.grpc_host, server.websocket_origins)


@asynccontextmanager
async def _gateway(
    config: Config, service: StreamingService, page_port: int, tls: ssl.SSLContext | None, *, shared: bool
) -> AsyncIterator[WebSocketListener | None]:
    """The port of WebSockets, for the very same service; None when it is off."""
    server = config.server
    if server.websocket_port is None:
        yield None
        return
    origins = Origins(frozenset(server.websocket_origins), page_port, tls is not None)
    house = House(service, config.connections, config.limits.max_message_bytes, origins)
    async with serve_websockets(
        house, server.grpc_host, server.websocket_port, tls, shared=shared
    ) as listener:
        yield listener


async def serve(config: Config, say: Callable[[Server], None], overseer: Control | None = None) -> Drained:
    """Serve until a signal comes; `say` is told the server once all its addresses answer."""
    async with open_server(config, overseer) as server:
        drain_seconds = config.server.drain_seconds
        return await run_until_told(server.drain, drain_seconds, lambda: say(server))
