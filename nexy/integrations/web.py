"""What operators and load balancers ask over HTTP: /health, /ready, /status, /metrics; and further pages."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nexy.monitoring import logger, where

log = logger("nexy.http")


def site(
    status: Callable[[], Awaitable[dict[str, Any]]],
    reasons: Callable[[], Awaitable[list[str]]],
    metrics: Callable[[str], Awaitable[tuple[bytes, str]]],
    console: Sequence[Route] = (),
) -> Starlette:
    """The pages: `status` says what there is, `reasons` why no answer can be given just now.

    `metrics` gives all figures in a format that the Accept header names, and that format's name.
    """

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> Response:
        why_not = await reasons()
        return JSONResponse({"ready": not why_not, "reasons": why_not}, 503 if why_not else 200)

    async def show_status(_: Request) -> Response:
        return JSONResponse(await status())

    async def show_metrics(request: Request) -> Response:
        text, kind = await metrics(request.headers.get("accept", ""))
        return Response(text, headers={"content-type": kind})

    pages = {"/health": health, "/ready": ready, "/status": show_status, "/metrics": show_metrics}
    routes = [*console, *(Route(path, page) for path, page in pages.items())]
    return Starlette(routes=routes, exception_handlers={Exception: _fail})


async def _fail(request: Request, error: Exception) -> Response:
    """A page with a bug: the log has its place, the client only that there is one."""
    log.error("a page failed", page=request.scope["route"].path, error=where(error))
    return JSONResponse({"error": "internal error"}, 500)
