"""The update server: opened over the folder of releases, looked after, and told of."""

import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trio

from nexy.config import UpdatesConfig
from nexy.integrations.http_connections import HttpListener, serve_http
from nexy.modules.update import Channel, Folder, Release, Shelf, Site, open_files

NONE = "none"  # as UPDATE_DIR: no update server


@dataclass(frozen=True)
class Updates:
    """What is on the shelf, and the site that offers it."""

    shelf: Shelf
    site: Site

    @property
    def damaged(self) -> Sequence[str]:
        """Files that are not served, because they are not what was released."""
        return self.shelf.damaged

    @property
    def requests(self) -> Mapping[tuple[str, int], int]:
        """Since the start, by kind and status."""
        return self.site.requests

    @property
    def bytes_sent(self) -> int:
        return self.site.bytes_sent

    def told(self) -> dict[str, Any]:
        """As /status shows it."""
        catalogue, damaged = self.shelf.now.catalogue, self.damaged
        state = self.shelf.trouble or (f"{len(damaged)} damaged" if damaged else "works")
        told: dict[str, Any] = {
            "state": state,
            "releases": len(catalogue.kept),
            "stable": _named(catalogue.offered(Channel.STABLE)),
            "beta": _named(catalogue.offered(Channel.BETA)),
            "damaged_files": list(damaged),
        }
        return told | ({"advice": self.shelf.advice} if self.shelf.advice else {})


def _named(releases: Sequence[Release]) -> dict[str, Any] | None:
    """The newest of them."""
    if not releases:
        return None
    release = releases[0]
    return {"version": release.version, "build": release.build, "rollout": release.rollout}


def folder_of(config: UpdatesConfig) -> Folder | None:
    """None when there is to be no update server."""
    return None if config.update_dir == NONE else Folder(Path(config.update_dir))


@asynccontextmanager
async def open_updates(config: UpdatesConfig) -> AsyncIterator[Updates | None]:
    """Look at the folder, and look after it inside the block. A folder that is not there has no releases."""
    folder = folder_of(config)
    if folder is None:
        yield None
        return
    async with open_files(folder) as files, trio.open_nursery() as nursery:
        shelf = Shelf(folder, files, config.update_base_url)
        await shelf.published()
        nursery.start_soon(shelf.watch)
        yield Updates(shelf, Site(shelf))
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def serve_updates(
    updates: Updates | None, host: str, port: int, tls: ssl.SSLContext | None, *, shared: bool = False
) -> AsyncIterator[HttpListener | None]:
    """Serve them, to everybody. Raises OSError when the port is taken."""
    if updates is None:
        yield None
        return
    async with serve_http(updates.site, host, port, tls, shared=shared) as listener:
        yield listener
