"""The update server: feeds, manifests, downloads, lists, and a page for people. It reads, and nothing else.

Names and numbers in a path are looked up in what is published: none of them ever becomes a path.
"""

from collections import Counter
from collections.abc import Callable, Hashable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nexy.modules.update.answers import HTML, TEXT, XML, Body, answer, body_of, json_of, refuse
from nexy.modules.update.download import Download
from nexy.modules.update.lists import artifacts, manifests, versions
from nexy.modules.update.manifest import manifest, newest
from nexy.modules.update.page import page
from nexy.modules.update.published import Feed, Published
from nexy.modules.update.reading import File
from nexy.modules.update.releases import ALL, Artifact, Channel
from nexy.monitoring import logger, where

ARCHES = ("", "arm64", "x86_64")
LISTS = {"versions": versions, "manifests": manifests, "artifacts": artifacts}
OTHER = "other"

log = logger("nexy.updates")


class Releases(Protocol):
    """What there is to be had."""

    async def published(self) -> Published:
        """As it is just now."""
        ...

    def open(self, artifact: Artifact) -> AbstractAsyncContextManager[File | None]:
        """The artifact's file; None when it is not to be had just now."""
        ...


class Site:
    """An ASGI application, and what was asked of it."""

    def __init__(self, releases: Releases) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()  # by kind and status
        self.bytes_sent = 0  # of bodies
        self._releases = releases
        self._made_of: Published | None = None
        self._made: dict[Hashable, Body] = {}
        self._feeds: dict[Channel, Feed] = {}  # where everybody is offered the same
        self._is_rolling = False
        self._kinds: dict[str, str] = {}  # of the routes
        self._app: ASGIApp = Starlette(
            routes=list(self._routes()), exception_handlers={404: _nothing, 405: _only_get, Exception: _fail}
        )
        self._app.router.redirect_slashes = False  # it would be to whatever host the client has named

    def _routes(self) -> list[Route]:
        routes = []
        for channel, end in ((Channel.STABLE, ""), (Channel.BETA, "-beta")):
            routes += [
                self._route(f"/appcast{end}.xml", "feed", partial(self._feed, channel)),
                self._route(f"/appcast{end}.xml.sig", "feed", partial(self._signature, channel)),
                self._route(f"/manifest{end}.json", "manifest", partial(self._manifest, channel)),
            ]
        routes += [self._route(f"/api/{name}", "list", partial(self._list, name)) for name in LISTS]
        return [
            *routes,
            self._route("/downloads/{file}", "download", self._download),
            self._route("/notes/{build}", "notes", self._notes),
            self._route("/", "page", self._page),
            self._route("/health", "health", _health),
        ]

    def _route(self, path: str, kind: str, endpoint: Callable[..., Any]) -> Route:
        self._kinds[path] = kind
        return Route(path, endpoint)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Whatever the answer is: nobody is to guess its type, and it is counted."""

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-content-type-options", b"nosniff")]
                route = scope.get("route")
                self.requests[self._kinds[route.path] if route else OTHER, message["status"]] += 1
            if scope["method"] != "HEAD":
                self.bytes_sent += len(message.get("body", b""))
            await send(message)

        await self._app(scope, receive, counted if scope["type"] == "http" else send)

    async def _published(self) -> Published:
        """As it is just now; bodies that were made of something else are forgotten."""
        published = await self._releases.published()
        if published is not self._made_of:
            self._made_of, self._made, self._feeds = published, {}, {}
            self._is_rolling = any(release.rollout < ALL for release in published.catalogue.kept)
        return published

    def _client(self, request: Request) -> str:
        """What tells a client from others, where it matters: what it says of itself, or else where it
        calls from."""
        if not self._is_rolling:
            return ""
        said = request.headers.get("x-nexy-device") or request.query_params.get("device")
        return said or (request.client.host if request.client else "")

    def _feed_for(self, channel: Channel, published: Published, request: Request) -> Feed:
        if self._is_rolling:
            return published.feed(channel, self._client(request))
        if channel not in self._feeds:
            self._feeds[channel] = published.feed(channel, "")
        return self._feeds[channel]

    def _body(self, key: Hashable, make: Callable[[], Body]) -> Body:
        """Made once, as long as the same is published."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    async def _feed(self, channel: Channel, request: Request) -> Response:
        published = await self._published()
        feed = self._feed_for(channel, published, request)
        body = self._body(("feed", channel, feed.below), lambda: body_of(feed.xml, XML))
        return answer(request, body, rolling=self._is_rolling)

    async def _signature(self, channel: Channel, request: Request) -> Response:
        published = await self._published()
        feed = self._feed_for(channel, published, request)
        if not feed.ed25519:
            return refuse(404, "the feed is not signed")
        body = self._body(("sig", channel, feed.below), lambda: body_of(feed.ed25519, TEXT))
        return answer(request, body, rolling=self._is_rolling)

    async def _manifest(self, channel: Channel, request: Request) -> Response:
        published, arch = await self._published(), request.query_params.get("arch", "")
        if arch not in ARCHES:
            return refuse(400, "arch is arm64 or x86_64")
        release = newest(published.offered(channel, self._client(request)), arch)
        if release is None:
            return refuse(404, "nothing has been released")
        key = ("manifest", release.build)
        body = self._body(key, lambda: json_of(manifest(release, published.base_url)))
        return answer(request, body, rolling=self._is_rolling)

    async def _list(self, name: str, request: Request) -> Response:
        published = await self._published()
        body = self._body(("list", name), lambda: json_of({name: LISTS[name](published)}))
        return answer(request, body)

    async def _page(self, request: Request) -> Response:
        published = await self._published()
        return answer(request, self._body("page", lambda: body_of(page(published), HTML)))

    async def _notes(self, request: Request) -> Response:
        published, build = await self._published(), request.path_params["build"]
        notes = {str(number): notes for number, notes in published.notes.items()}.get(build)
        if notes is None:
            return _nothing_here()
        return answer(request, self._body(("notes", build), lambda: body_of(notes.html, HTML)))

    async def _download(self, request: Request) -> ASGIApp:
        published, name = await self._published(), request.path_params["file"]
        for release in published.catalogue.releases:
            for artifact in release.artifacts:
                if artifact.file == name:
                    if release.withdrawn:
                        return refuse(410, "this release was withdrawn")
                    return Download(artifact, release.released_at, self._releases.open(artifact))
        return _nothing_here()


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "alive"}, headers={"cache-control": "no-store"})


def _nothing_here() -> Response:
    return refuse(404, "there is nothing here")


async def _nothing(_: Request, __: Exception) -> Response:
    return _nothing_here()


async def _only_get(_: Request, __: Exception) -> Response:
    response = refuse(405, "only GET and HEAD")
    response.headers["allow"] = "GET, HEAD"
    return response


async def _fail(request: Request, error: Exception) -> Response:
    """A page with a bug: the log has its place, the client only that there is one."""
    route = request.scope.get("route")
    log.error("a page failed", page=route.path if route else OTHER, error=where(error))
    return refuse(500, "internal error")
