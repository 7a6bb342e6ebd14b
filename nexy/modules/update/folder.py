"""The folder of releases: one file that says what is published, and the downloads.

Whoever changes it holds a lock; a file comes under its name only when it is whole and on the disk; and
what is published changes with one rename.
"""

import errno
import fcntl
import hashlib
import mmap
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeAlias

from pydantic import TypeAdapter, ValidationError

from nexy.errors import ReleaseError
from nexy.modules.update.published import Published
from nexy.modules.update.releases import Artifact, check, check_name
from nexy.modules.update.signing import Key

PUBLISHED, LOCK, DOWNLOADS = "published.json", ".lock", "downloads"
INCOMING = ".incoming-"  # a file that is not whole yet
PIECE_BYTES = 2**20

Stamp: TypeAlias = tuple[int, int, int]  # of a file: inode, bytes, when it was written (ns)
Progress: TypeAlias = Callable[[int, int], None]  # is told: bytes done, bytes in all

_format = TypeAdapter(Published)


def stamp_of(file: Path | int) -> Stamp | None:
    """It changes whenever the file does; None when there is none."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def sha256_of(descriptor: int, progress: Progress = lambda done, size: None) -> str:
    """Of an open file from its beginning, hexadecimal. Its position stays where it is."""
    digest, at, size = hashlib.sha256(), 0, os.fstat(descriptor).st_size
    while piece := os.pread(descriptor, PIECE_BYTES, at):
        digest.update(piece)
        at += len(piece)
        progress(at, size)
    return digest.hexdigest()


class Folder:
    """Where releases are kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._published = path / PUBLISHED

    def __repr__(self) -> str:
        return f"<Folder {self.path}>"

    @property
    def downloads(self) -> Path:
        return self.path / DOWNLOADS

    def stamp(self) -> Stamp | None:
        """Changes whenever something else is published."""
        return stamp_of(self._published)

    def read(self) -> Published | None:
        """What is published; None when nothing ever was. Raises ReleaseError."""
        try:
            with os.fdopen(_open_plain(self._published), "rb") as opened:
                text = opened.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ReleaseError(f"{PUBLISHED} cannot be read: {error.strerror}") from None
        try:
            published = _format.validate_json(text)
        except ValidationError:
            raise ReleaseError(f"{PUBLISHED} is not what nexy release writes") from None
        try:
            for release in published.catalogue.releases:
                check(release)
        except ReleaseError as error:
            raise ReleaseError(f"{PUBLISHED} is damaged: {error}") from None
        return published

    def stamp_of_download(self, name: str) -> Stamp | None:
        """Of what lies under that name itself, were it a link; None when there is nothing."""
        try:
            found = os.lstat(self.downloads / name)
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def open_download(self, name: str) -> int:
        """A descriptor of the file. Raises OSError also for what is no plain file in the folder."""
        try:
            check_name(name)
        except ReleaseError:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from None
        return _open_plain(self.downloads / name, os.O_NOFOLLOW)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock: whoever else wants to change something waits. Raises ReleaseError."""
        try:
            self.downloads.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ReleaseError(f"the folder of releases cannot be written: {error.strerror}") from None
        try:
            _wait_for(lock)
            self._sweep()
            yield
        finally:
            os.close(lock)  # which lets go of it too

    def _sweep(self) -> None:
        """Remove what a crash has left half-done."""
        for folder in (self.path, self.downloads):
            for left in folder.glob(f"{INCOMING}*"):
                with suppress(OSError):
                    left.unlink()

    def take_in(
        self, source: Path, name: str, key: Key, progress: Progress = lambda done, size: None
    ) -> Artifact:
        """Copy a file into the downloads, under the lock. What is published does not know it yet.

        Raises ReleaseError, also when a release has a file of that name, which stays as it is. One that
        no release knows of is what a crash left, and replaced.
        """
        check_name(name)
        self._check_free(name)
        incoming = self.downloads / f"{INCOMING}{name}"
        try:
            with os.fdopen(_open_plain(source), "rb") as read, incoming.open("xb") as written:
                sha256 = _copy(read, written, source.name, progress)
                written.flush()
                os.fsync(written.fileno())
            artifact = _artifact(incoming, name, sha256, key)
            incoming.chmod(0o644)
            incoming.rename(self.downloads / name)
            _sync(self.downloads)
        except OSError as error:
            raise ReleaseError(f"{source.name} cannot be taken in: {error.strerror}") from None
        finally:
            _remove(incoming)
        return artifact

    def _check_free(self, name: str) -> None:
        published = self.read()
        releases = published.catalogue.releases if published else ()
        if any(name == artifact.file for one in releases for artifact in one.artifacts):
            raise ReleaseError(f"{name} is the file of a release already; give this one another name")

    def write(self, published: Published) -> None:
        """Publish, under the lock. Raises ReleaseError."""
        incoming = self.path / f"{INCOMING}{PUBLISHED}"
        try:
            with incoming.open("wb") as written:
                written.write(_format.dump_json(published, indent=1))
                written.flush()
                os.fsync(written.fileno())
            incoming.rename(self.path / PUBLISHED)
            _sync(self.path)
        except OSError as error:
            raise ReleaseError(f"{PUBLISHED} cannot be written: {error.strerror}") from None
        finally:
            _remove(incoming)


def _open_plain(file: Path, flags: int = 0) -> int:
    """A descriptor to read from. Raises OSError also for a folder, or a pipe that nobody writes to."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | flags)
    if not os.path.isfile(descriptor):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no plain file")
    return descriptor


def _wait_for(lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:  # not every network's file system has locks
        raise ReleaseError(f"the folder of releases cannot be locked: {error.strerror}") from None


def _copy(read: BinaryIO, written: BinaryIO, name: str, progress: Progress) -> str:
    """The SHA-256 of what was copied. Raises ReleaseError when there is nothing, or it changes meanwhile."""
    before, digest, done = stamp_of(read.fileno()), hashlib.sha256(), 0
    size = os.fstat(read.fileno()).st_size
    if not size:
        raise ReleaseError(f"{name} is empty")
    while done <= size and (piece := read.read(PIECE_BYTES)):  # what grows without an end has one here
        written.write(piece)
        digest.update(piece)
        done += len(piece)
        progress(done, size)
    if done != size or stamp_of(read.fileno()) != before:
        raise ReleaseError(f"{name} has changed while it was copied")
    return digest.hexdigest()


def _remove(incoming: Path) -> None:
    """What is left of it; a failure to do so must not hide the error before it."""
    with suppress(OSError):
        incoming.unlink()


def _artifact(file: Path, name: str, sha256: str, key: Key) -> Artifact:
    """Signed as it is on the disk, without having all of it in memory."""
    with (
        file.open("rb") as opened,
        mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data,
        memoryview(data) as view,
    ):
        return Artifact(name, len(data), sha256, key.sign(view))


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
