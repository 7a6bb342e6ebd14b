"""What operators and load balancers ask over HTTP: /health, /ready, /status."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import hypercorn.config
import hypercorn.trio
import trio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

GRACEFUL_SECONDS = 1.0  # these answers are small: none needs longer
HANDSHAKE_SECONDS = 10.0  # of TLS


def site(status: Callable[[], dict[str, Any]], reasons: Callable[[], list[str]]) -> Starlette:
    """The pages: `status` says what there is, `reasons` why no answer can be given just now."""

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> Response:
        why_not = reasons()
        return JSONResponse({"ready": not why_not, "reasons": why_not}, 503 if why_not else 200)

    async def show_status(_: Request) -> Response:
        return JSONResponse(status())

    return Starlette(routes=[Route("/health", health), Route("/ready", ready), Route("/status", show_status)])


class _Config(hypercorn.config.Config):
    """Hypercorn's own way to TLS knows less than a context that is ready."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        super().__init__()
        self._tls = tls
        self.ssl_handshake_timeout = HANDSHAKE_SECONDS

    @property
    def ssl_enabled(self) -> bool:
        return self._tls is not None

    def create_ssl_context(self) -> ssl.SSLContext | None:
        return self._tls


@asynccontextmanager
async def serve_http(
    app: ASGIApp, host: str, port: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Serve `app`; yields "host:port". Port 0 takes any free one. Raises OSError when it is taken."""
    config = _Config(tls)
    config.bind = [f"[{host}]:{port}" if ":" in host else f"{host}:{port}"]
    config.graceful_timeout = GRACEFUL_SECONDS
    config.include_server_header = False
    config.accesslog = config.errorlog = None
    leaving = trio.Event()
    async with trio.open_nursery() as nursery:
        serve = partial(hypercorn.trio.serve, app, config, shutdown_trigger=leaving.wait)  # type: ignore[arg-type]
        binds: list[str] = await nursery.start(serve)
        try:
            yield binds[0].partition("://")[2]
        finally:
            leaving.set()
