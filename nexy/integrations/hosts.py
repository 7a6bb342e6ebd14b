"""Asked for by a wrong name, Nexy does not answer: any web page could read it else (DNS rebinding).

The owner of a name can let it lead to their page first and to this machine then. A browser takes both for one
site, and says in the header Host by which name it came.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from nexy.config import is_loopback


def known_by_name(app: ASGIApp, listening: str, origins: Iterable[str]) -> ASGIApp:
    """`app`, which on a loopback address answers only to the machine's own names and the hosts of `origins`.

    Where others can reach it, it has names that we cannot know: there tokens and TLS protect it.
    """
    if not is_loopback(listening):
        return app
    names = frozenset(host_of(origin.partition("://")[2]) for origin in origins)

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_ours(Headers(scope=scope).get("host"), names):
            refusal = JSONResponse({"error": "there is no such host here"}, 421)
            await refusal(scope, receive, send)
            return
        await app(scope, receive, send)

    return guarded


def host_of(header: str) -> str:
    """The name in a header Host, without its port; empty when it is none."""
    try:
        return (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_ours(header: str | None, names: frozenset[str]) -> bool:
    """Without the header it is no browser."""
    if header is None:
        return True
    host = host_of(header)
    return is_loopback(host) or host.endswith(".localhost") or host in names
