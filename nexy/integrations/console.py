"""The console page: its files, from memory, under a policy that lets them fetch from this server alone."""

import gzip
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import PurePath

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nexy import __version__
from nexy.config import Config

ANY_HOST = ("0.0.0.0", "[::]")  # noqa: S104 - what is written where it listens on all addresses
PREFIX = "/console/"
CONFIG_PATH = f"{PREFIX}config.json"

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

GUARDS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self), display-capture=(self)",
}

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'{}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)

_NAME = re.compile(r"([a-z0-9._-]+)(:\d+)?", re.IGNORECASE)  # of a host; with a port, perhaps


@dataclass(frozen=True)
class Page:
    """One file, as it is and compressed."""

    kind: str  # its media type
    plain: bytes
    packed: bytes
    etag: str

    def answer(self, request: Request) -> Response:
        """With headers by which a browser asks anew each time, and is told when nothing has changed."""
        pack = "gzip" in request.headers.get("accept-encoding", "")
        etag = f'"{self.etag}-gzip"' if pack else f'"{self.etag}"'
        headers = GUARDS | {"etag": etag, "cache-control": "no-cache", "vary": "accept-encoding"}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if pack:
            headers["content-encoding"] = "gzip"
        headers["content-type"] = self.kind
        return Response(self.packed if pack else self.plain, headers=headers)


def pages() -> dict[str, Page]:
    """All files of the console, by the path at which they are served; there is nothing else to be had."""
    return {
        f"{PREFIX}{file.name}": _page(PurePath(file.name).suffix, file.read_bytes())
        for file in (files("nexy") / "console").iterdir()
        if PurePath(file.name).suffix in KINDS
    }


def _page(suffix: str, data: bytes) -> Page:
    digest = hashlib.sha256(data).hexdigest()[:16]
    return Page(KINDS[suffix], data, gzip.compress(data, mtime=0), digest)


def console_routes(config: Config, endpoints: Mapping[str, str]) -> list[Route]:
    """The page at / and what it needs below /console/.

    `endpoints` has "host:port" of "ws" once that listens.
    """
    found = pages()
    index = found.pop(f"{PREFIX}index.html")

    def port() -> int | None:
        _, _, number = endpoints.get("ws", "").rpartition(":")
        return int(number) if number else None

    async def show(page: Page, request: Request) -> Response:
        response = page.answer(request)
        if page is index:
            response.headers["content-security-policy"] = policy(request.headers.get("host", ""), port())
        return response

    async def settings(_: Request) -> Response:
        told = {
            "version": __version__,
            "websocket_port": port(),
            "sample_rate": config.voices.sample_rate,
            "max_image_bytes": config.limits.max_image_bytes,
        }
        return JSONResponse(told, headers=GUARDS | {"cache-control": "no-store"})

    def routes() -> Iterator[Route]:
        yield Route(CONFIG_PATH, settings)
        for path in ("/", PREFIX):
            yield Route(path, partial(show, index))
        for path, page in found.items():
            yield Route(path, partial(show, page))

    return list(routes())


def console_address(config: Config, http: str) -> str:
    """Where people on this machine find the page, of a server whose HTTP is at `http`, "host:port"."""
    host, _, port = http.rpartition(":")
    encrypted = bool(config.security.tls_cert_file)
    return f"http{'s' * encrypted}://{'localhost' if host in ANY_HOST else host}:{port}/"


def policy(host: str, port: int | None) -> str:
    """What the page may do, if it was asked for from `host`: connect to WebSockets there too, at `port`."""
    if port is None:
        return POLICY.format("")
    name = _NAME.fullmatch(host)
    if name is None:  # an IPv6 address: the policy's language has no word for one
        return POLICY.format(" ws: wss:")
    return POLICY.format(f" ws://{name[1]}:{port} wss://{name[1]}:{port}")
