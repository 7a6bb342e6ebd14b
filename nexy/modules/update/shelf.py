"""What is published, as it is just now: a release that is added is seen at once."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

import trio

from nexy.errors import ReleaseError
from nexy.modules.update.files import Files
from nexy.modules.update.folder import Folder, Stamp
from nexy.modules.update.published import Published
from nexy.modules.update.reading import File
from nexy.modules.update.releases import Artifact
from nexy.monitoring import logger

log = logger("nexy.updates")


class Shelf:
    """A folder of releases, and the address that the configuration has for it."""

    def __init__(self, folder: Folder, files: Files, base_url: str) -> None:
        self.trouble = ""  # why what is published cannot be read; what was there before is still offered
        self._folder, self._files, self._base_url = folder, files, base_url
        self._published = Published(base_url, "")
        self._stamp: Stamp | None = None
        self._reading = trio.Lock()

    def __repr__(self) -> str:
        return f"<Shelf {self._folder} releases={len(self.now.catalogue.kept)} trouble={self.trouble!r}>"

    @property
    def now(self) -> Published:
        """As it was when somebody last looked."""
        return self._published

    @property
    def damaged(self) -> list[str]:
        return self._files.damaged

    @property
    def advice(self) -> str:
        """What an operator has to do; empty for nothing."""
        if self._published.base_url != self._base_url:
            return "it was published for another address than UPDATE_BASE_URL; run: nexy release publish"
        return ""

    async def published(self) -> Published:
        """Look: one stat, unless something has changed."""
        if self._folder.stamp() != self._stamp:
            async with self._reading:
                await self._read()
        return self._published

    def open(self, artifact: Artifact) -> AbstractAsyncContextManager[File | None]:
        """The artifact's file; None when it is not to be had just now."""
        return self._files.open(artifact)

    async def watch(self) -> None:
        """Look after the files, until cancelled."""
        await self._files.watch(self._artifacts)

    async def _artifacts(self) -> Mapping[str, Artifact]:
        return (await self.published()).catalogue.artifacts

    async def _read(self) -> None:
        stamp = self._folder.stamp()
        if stamp == self._stamp:  # somebody else has, while this one waited
            return
        try:
            found = await trio.to_thread.run_sync(self._folder.read)
            if found is None:
                raise ReleaseError("what was published is gone")
        except ReleaseError as error:
            self.trouble = str(error)
            log.warning("what is published cannot be read; what was before is offered", why=self.trouble)
        else:
            self.trouble, self._published = "", found
            if self.advice:
                log.warning(self.advice)
        self._stamp = stamp
