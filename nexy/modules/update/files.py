"""The downloads as they lie on the disk: none is given away whose bytes are not those that were released.

Hashing a file for each client would cost more than sending it. So it is hashed once, and stays open: what
is sent comes from the very file that was hashed. It is hashed again when it has changed, and all of them
are now and then, for what changes and leaves no mark.
"""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import trio

from nexy.modules.update.folder import PIECE_BYTES as HASHED_BYTES
from nexy.modules.update.folder import Folder, Progress, Stamp, sha256_of, stamp_of
from nexy.modules.update.reading import File, Reading
from nexy.modules.update.releases import Artifact
from nexy.monitoring import logger

LOOK_SECONDS = 5.0  # between looks for files that have changed: a stat for each
AGAIN_SECONDS = 3600.0  # between two times that all are hashed though nothing has changed
GENTLE_BYTES_A_SECOND = 64 * 2**20  # then: a twentieth of a core, and little of a disk
PATIENCE_SECONDS = 20.0  # for a client who waits while its file is hashed, the connection being idle

log = logger("nexy.updates")

Artifacts: TypeAlias = Callable[[], Awaitable[Mapping[str, Artifact]]]
"""Tells what may be downloaded, by the names of the files."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found under an artifact's name."""

    artifact: Artifact
    stamp: Stamp | None
    descriptor: int | None  # open while its bytes are right; None when they are not, or there is no file


class Files:
    """The downloads of a folder; opened by `open_files`."""

    def __init__(self, folder: Folder, nursery: trio.Nursery) -> None:
        self._folder = folder
        self._nursery = nursery  # a check goes on when the client who asked for it is gone
        self._checked: dict[str, Checked] = {}
        self._running: dict[str, trio.Event] = {}
        self._hashing = trio.CapacityLimiter(1)
        self._hashing_again = trio.CapacityLimiter(1)  # takes its time, and no other waits for it
        self._reading = Reading()

    def __repr__(self) -> str:
        return f"<Files checked={len(self._checked)} damaged={self.damaged}>"

    @property
    def damaged(self) -> list[str]:
        """Names of those that are not served, because they are not what was released or not there."""
        return sorted(name for name, one in self._checked.items() if one.descriptor is None)

    @asynccontextmanager
    async def open(self, artifact: Artifact) -> AsyncIterator[File | None]:
        """The artifact's file for reading; None when it is not to be had just now."""
        if not self._is_known(artifact):
            with trio.move_on_after(PATIENCE_SECONDS):
                await self._check(artifact)
        checked = self._checked.get(artifact.file)
        if checked is None or checked.descriptor is None or not self._is_known(artifact):
            yield None
            return
        descriptor = os.dup(checked.descriptor)  # this client's own: the other may be closed meanwhile
        try:
            yield File(descriptor, checked.stamp, self._reading)
        finally:
            os.close(descriptor)

    async def watch(self, artifacts: Artifacts) -> None:
        """Check what is new and what has changed, until cancelled; and all again, every hour."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._check_all_again, artifacts)
            while True:
                those = await artifacts()
                for name in self._checked.keys() - those.keys():
                    self._close(self._checked.pop(name))
                for artifact in those.values():
                    if not self._is_known(artifact):
                        await self._check(artifact)
                await trio.sleep(LOOK_SECONDS)

    async def _check_all_again(self, artifacts: Artifacts) -> None:
        while True:
            await trio.sleep(AGAIN_SECONDS)
            for artifact in (await artifacts()).values():
                self._keep(await self._examined(artifact, _gently, self._hashing_again))

    def _is_known(self, artifact: Artifact) -> bool:
        """Whether what lies under its name is what was looked at."""
        checked = self._checked.get(artifact.file)
        return (
            checked is not None
            and checked.artifact == artifact
            and checked.stamp == self._folder.stamp_of_download(artifact.file)
        )

    async def _check(self, artifact: Artifact) -> None:
        """Returns when somebody has looked at it: those who come meanwhile wait for the same look."""
        if artifact.file not in self._running:
            self._running[artifact.file] = trio.Event()
            self._nursery.start_soon(self._check_now, artifact)
        await self._running[artifact.file].wait()

    async def _check_now(self, artifact: Artifact) -> None:
        try:
            self._keep(await self._examined(artifact, _at_once, self._hashing))
        finally:
            self._running.pop(artifact.file).set()

    async def _examined(self, artifact: Artifact, pace: Progress, limiter: trio.CapacityLimiter) -> Checked:
        return await trio.to_thread.run_sync(partial(_examine, self._folder, artifact, pace), limiter=limiter)

    def _keep(self, found: Checked) -> None:
        name, before = found.artifact.file, self._checked.get(found.artifact.file)
        self._checked[name] = found
        was_damaged = before is not None and before.descriptor is None
        if before is not None:
            self._close(before)
        if found.descriptor is None and not was_damaged:
            log.error("a download is not what was released, and not served", file=name)
        elif found.descriptor is not None and was_damaged:
            log.info("a download is what was released again", file=name)

    def close(self) -> None:
        while self._checked:
            self._close(self._checked.popitem()[1])

    def _close(self, checked: Checked) -> None:
        if checked.descriptor is not None:
            os.close(checked.descriptor)


@asynccontextmanager
async def open_files(folder: Folder) -> AsyncIterator[Files]:
    """The downloads of `folder`, nothing of them known yet."""
    async with trio.open_nursery() as nursery:
        files = Files(folder, nursery)
        try:
            yield files
        finally:
            nursery.cancel_scope.cancel()
    files.close()


def _examine(folder: Folder, artifact: Artifact, pace: Progress) -> Checked:
    """In a thread. What cannot be read is not right either."""
    stamp = folder.stamp_of_download(artifact.file)
    try:
        descriptor = folder.open_download(artifact.file)
    except OSError:
        return Checked(artifact, stamp, None)
    right = False
    try:
        stamp = stamp_of(descriptor)
        right = sha256_of(descriptor, pace) == artifact.sha256 and stamp_of(descriptor) == stamp
    except OSError:
        pass
    finally:
        if not right:
            os.close(descriptor)
    return Checked(artifact, stamp, descriptor if right else None)


def _at_once(_done: int, _size: int) -> None:
    trio.from_thread.check_cancelled()  # nobody waits for a gigabyte when the server goes


def _gently(done: int, size: int) -> None:
    _at_once(done, size)
    time.sleep(HASHED_BYTES / GENTLE_BYTES_A_SECOND)
