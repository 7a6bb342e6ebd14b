"""The folder of releases: one file that says what is published, and the downloads.

Whoever changes it holds a lock; a file comes under its name only when it is whole and on the disk; and
what is published changes with one rename.
"""

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

    def __repr__(self) -> str:
        return f"<Folder {self.path}>"

    @property
    def downloads(self) -> Path:
        return self.path / DOWNLOADS

    def stamp(self) -> Stamp | None:
        """Changes whenever something else is published."""
        return stamp_of(self.path / PUBLISHED)

    def read(self) -> Published | None:
        """What is published; None when nothing ever was. Raises ReleaseError."""
        try:
            text = (self.path / PUBLISHED).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ReleaseError(f"{PUBLISHED} cannot be read: {error.strerror}") from None
        try:
            published = _format.validate_json(text)
        except ValidationError:
            raise ReleaseError(f"{PUBLISHED} is not what nexy release writes") from None
        for release in published.catalogue.releases:
            check(release)
        return published

    def open_download(self, name: str) -> int:
        """A descriptor of the file. Raises OSError also for what is no plain file in the folder."""
        descriptor = os.open(
            self.downloads / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        )
        if not os.path.isfile(descriptor):
            os.close(descriptor)
            raise FileNotFoundError(name)
        return descriptor

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock: whoever else wants to change something waits. Raises ReleaseError."""
        try:
            self.downloads.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ReleaseError(f"the folder of releases cannot be written: {error.strerror}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
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

        Raises ReleaseError; a file of that name that nobody knows of is what a crash left, and replaced.
        """
        check_name(name)
        incoming = self.downloads / f"{INCOMING}{name}"
        try:
            with source.open("rb") as read, incoming.open("xb") as written:
                if not os.path.isfile(read.fileno()) or not (size := os.fstat(read.fileno()).st_size):
                    raise ReleaseError(f"{source.name} is no file, or an empty one")
                sha256 = _copy(read, written, lambda done: progress(done, size))
                written.flush()
                os.fsync(written.fileno())
            artifact = _artifact(incoming, name, sha256, key)
            incoming.chmod(0o644)
            incoming.rename(self.downloads / name)
            _sync(self.downloads)
        except OSError as error:
            raise ReleaseError(f"{source.name} cannot be taken in: {error.strerror}") from None
        finally:
            incoming.unlink(missing_ok=True)
        if artifact.size != size:
            raise ReleaseError(f"{source.name} has changed while it was copied")
        return artifact

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


def _copy(read: BinaryIO, written: BinaryIO, progress: Callable[[int], None]) -> str:
    """The SHA-256 of what was copied."""
    digest, done = hashlib.sha256(), 0
    while piece := read.read(PIECE_BYTES):
        written.write(piece)
        digest.update(piece)
        done += len(piece)
        progress(done)
    return digest.hexdigest()


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
