"""A folder of releases, the site over it on a real socket, and a client of h11 that asks it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h11
import trio

from nexy.config import UpdatesConfig
from nexy.integrations.http_connections import HttpListener, serve_http
from nexy.integrations.updates import Updates, open_updates
from nexy.modules.update import (
    Artifact,
    Catalogue,
    Channel,
    Delta,
    Folder,
    Key,
    Published,
    Release,
    html_of,
    make_key,
    publish,
)

BASE_URL = "https://updates.example.org"
RELEASED_AT = 1_764_200_000  # Unix seconds


class Workshop:
    """Who releases."""

    def __init__(self, path: Path) -> None:
        self.folder = Folder(path / "updates")
        self.key: Key = make_key(path / "signing.pem")
        self._path = path

    def take_in(self, name: str, data: bytes) -> Artifact:
        source = self._path / "source"
        source.write_bytes(data)
        return self.folder.take_in(source, name, self.key)

    def add(
        self, version: str, data: bytes, name: str = "", *, delta: bytes = b"", notes: str = "", **more: Any
    ) -> Release:
        """Release `data` as the next build."""
        channel = more.pop("channel", Channel.STABLE)
        with self.folder.changing():
            catalogue = self.published.catalogue
            artifact = self.take_in(name or f"Nexy-{version}.dmg", data)
            build = catalogue.next_build
            if delta:
                more["deltas"] = (Delta(build - 1, self.take_in(f"Nexy-{version}.delta", delta)),)
            at = RELEASED_AT + build
            release = Release(version, build, channel, at, artifact, notes=html_of(notes), **more)
            self._write(catalogue.with_added(release))
        return release

    def change(self, make: Callable[[Catalogue], Catalogue]) -> None:
        with self.folder.changing():
            self._write(make(self.published.catalogue))

    def _write(self, catalogue: Catalogue) -> None:
        self.folder.write(publish(catalogue, BASE_URL, self.key))

    @property
    def published(self) -> Published:
        return self.folder.read() or Published(BASE_URL, "")

    def file(self, release: Release) -> Path:
        return self.folder.downloads / release.artifact.file


@dataclass
class Answer:
    """What came."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Served:
    """A site that listens."""

    listener: HttpListener
    updates: Updates

    async def connect(self) -> trio.SocketStream:
        host, port = self.listener.address.rsplit(":", 1)
        return await trio.open_tcp_stream(host, int(port))

    async def raw(self, target: bytes, headers: bytes = b"") -> bytes:
        """All that comes of a request, until the server closes."""
        async with await self.connect() as client:
            await client.send_all(
                b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + b"\r\n"
            )
            received = bytearray()
            with trio.fail_after(5):
                async for data in client:
                    received += data
            return bytes(received)

    async def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """A header's name has _ for -."""
        said = {"host": "x"} | {name.replace("_", "-"): value for name, value in headers.items()}
        async with await self.connect() as client:
            line = h11.Connection(h11.CLIENT)
            await client.send_all(
                line.send(h11.Request(method=method, target=path, headers=list(said.items()))) or b""
            )
            await client.send_all(line.send(h11.EndOfMessage()) or b"")
            with trio.fail_after(5):
                return await _answer(client, line)


async def _answer(client: trio.SocketStream, line: h11.Connection) -> Answer:
    answer, body = Answer(), bytearray()
    while True:
        match line.next_event():
            case h11.NEED_DATA:
                line.receive_data(await client.receive_some())
            case h11.Response() as response:
                answer.status = response.status_code
                answer.headers = {name.decode(): value.decode() for name, value in response.headers}
            case h11.Data() as data:
                body += data.data
            case h11.EndOfMessage():
                answer.body = bytes(body)
                return answer


@asynccontextmanager
async def serving(folder: Folder, base_url: str = BASE_URL) -> AsyncIterator[Served]:
    config = UpdatesConfig(update_dir=str(folder.path), update_base_url=base_url)
    async with open_updates(config) as updates:
        assert updates is not None
        async with serve_http(updates.site, "127.0.0.1", 0) as listener:
            yield Served(listener, updates)
