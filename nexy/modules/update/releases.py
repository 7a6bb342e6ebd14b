"""Releases of the client, and what may be done with them. Pure: nothing here touches a file."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, Self, TypeAlias

from nexy.errors import ReleaseError

Kind: TypeAlias = Literal["dmg", "pkg", "zip"]
Arch: TypeAlias = Literal["universal2", "arm64", "x86_64"]

LEAST_OS = "11.0"  # the first macOS for both kinds of Macs
KINDS: dict[str, Kind] = {".dmg": "dmg", ".pkg": "pkg", ".zip": "zip"}  # by the end of the name
ALL = 100  # percent
VERSION = re.compile(r"[0-9]+(\.[0-9]+)*([-+.][0-9A-Za-z]+)*")  # "1.2.3", "1.3.0-beta.1"
NUMBERS = re.compile(r"[0-9]+(\.[0-9]+)*(?![0-9A-Za-z])")  # what a version begins with
SYSTEM = re.compile(r"[0-9]+(\.[0-9]+){0,2}")  # "11.0", as sparkle:minimumSystemVersion wants it
MOST_VERSION_CHARS = 64
MOST_BUILD = 2**63 - 1  # what the updater's Int takes
YEAR_10000 = 253402300800  # Unix seconds; no date can be written of what comes then
MOST_NAME_BYTES = 200  # of a file; file systems take 255, and what is copied has a longer one for a while


class Channel(StrEnum):
    """Who is offered a release: everybody, or those who asked for what is not finished."""

    STABLE = "stable"
    BETA = "beta"  # these are offered the stable ones too


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that is downloaded, as it was when it was added."""

    file: str  # its name in downloads/
    size: int  # bytes
    sha256: str  # hexadecimal
    ed25519: str  # signature of its bytes, base64


@dataclass(frozen=True, slots=True)
class Delta:
    """A patch that makes this release of an older one (Sparkle's BinaryDelta)."""

    from_build: int
    artifact: Artifact


@dataclass(frozen=True, slots=True)
class Release:
    """One version of the client that can be downloaded."""

    version: str  # for people, CFBundleShortVersionString
    build: int  # what updaters compare, CFBundleVersion
    channel: Channel
    released_at: int  # Unix seconds
    artifact: Artifact
    kind: Kind = "dmg"
    arch: Arch = "universal2"
    min_os: str = LEAST_OS
    critical: bool = False
    auto_install: bool = False
    rollout: int = ALL  # percent of the clients that are offered it
    phase_seconds: int | None = None  # Sparkle offers it to a seventh of the clients after each of these
    notes: str = ""  # sanitised HTML, without a document around it
    deltas: tuple[Delta, ...] = ()
    withdrawn: bool = False  # offered to nobody any more; its build is not used again

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """All that can be downloaded of it."""
        return (self.artifact, *(delta.artifact for delta in self.deltas))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All releases, the newest build first. Each change gives a new one, or raises ReleaseError."""

    releases: tuple[Release, ...] = ()

    @classmethod
    def of(cls, releases: Iterable[Release]) -> Self:
        return cls(tuple(sorted(releases, key=lambda one: -one.build)))

    @property
    def next_build(self) -> int:
        """The smallest build that is newer than every other."""
        return max((one.build for one in self.releases), default=0) + 1

    @property
    def kept(self) -> tuple[Release, ...]:
        """Those that are not withdrawn."""
        return tuple(one for one in self.releases if not one.withdrawn)

    @property
    def artifacts(self) -> dict[str, Artifact]:
        """All that may be downloaded, by the names of the files."""
        return {artifact.file: artifact for one in self.kept for artifact in one.artifacts}

    def find(self, version: str) -> Release:
        """The release of this version, or else of this build. Raises ReleaseError.

        A version that was withdrawn and released again is the one that is not withdrawn.
        """
        found = _named(version, (*self.kept, *self.releases))
        if found is None:
            raise ReleaseError(f"there is no release {version}; see: nexy release list")
        return found

    def offered(self, channel: Channel, bucket: int = 0) -> tuple[Release, ...]:
        """What a client of `channel` is offered; of a rollout only if its `bucket` (0 to 99) is in it."""
        channels = {Channel.STABLE, channel}
        return tuple(one for one in self.kept if one.channel in channels and bucket < one.rollout)

    def buckets(self, channel: Channel) -> tuple[int, ...]:
        """Where what is offered changes: a feed for the clients below each of these, the last is 100."""
        return tuple(sorted({one.rollout for one in self.offered(channel)} | {ALL}))

    def rolling_build(self, channel: Channel) -> int:
        """The newest build that not everybody is offered; 0 when there is none."""
        return max((one.build for one in self.offered(channel) if one.rollout < ALL), default=0)

    def with_added(self, new: Release) -> "Catalogue":
        check(new)
        for one in self.releases:
            if one.build == new.build:
                raise ReleaseError(
                    f"build {new.build} is taken by {one.version}; a build is never used twice"
                )
            if one.version == new.version and not one.withdrawn:
                raise ReleaseError(f"{new.version} is released already, as build {one.build}")
        self._check_files(new)
        builds = {one.build for one in self.releases if one.build < new.build}
        for delta in new.deltas:
            if delta.from_build not in builds:
                raise ReleaseError(
                    f"there is no older build {delta.from_build} that another delta could begin with"
                )
            builds.remove(delta.from_build)
        return Catalogue.of((*self.releases, new))

    def _check_files(self, new: Release) -> None:
        taken = {artifact.file for one in self.releases for artifact in one.artifacts}
        for artifact in new.artifacts:
            if artifact.file in taken:
                raise ReleaseError(f"{artifact.file} is the name of two files; give one of them another")
            taken.add(artifact.file)

    def promoted(self, version: str, now: int) -> "Catalogue":
        """A beta becomes stable; how many clients are offered it stays as it was.

        Its date too, unless it has phases: Sparkle counts them from the date, and they would be over.
        `now` is in Unix seconds.
        """
        one = self._of_kept(version)
        if one.channel is Channel.STABLE:
            raise ReleaseError(f"{one.version} is stable already")
        released_at = one.released_at if one.phase_seconds is None else now
        return self._with(replace(one, channel=Channel.STABLE, released_at=released_at))

    def withdrawn(self, version: str) -> "Catalogue":
        return self._with(replace(self._of_kept(version), withdrawn=True))

    def rolled_out(self, version: str, percent: int) -> "Catalogue":
        changed = replace(self._of_kept(version), rollout=percent)
        check(changed)
        return self._with(changed)

    def _of_kept(self, version: str) -> Release:
        one = self.find(version)
        if one.withdrawn:
            raise ReleaseError(f"{one.version} is withdrawn")
        return one

    def _with(self, changed: Release) -> "Catalogue":
        return Catalogue(tuple(changed if one.build == changed.build else one for one in self.releases))


def _named(version: str, releases: Sequence[Release]) -> Release | None:
    """A version comes before a build: "2" can be both."""
    of_version = (one for one in releases if one.version == version)
    of_build = (one for one in releases if str(one.build) == version)
    return next(of_version, next(of_build, None))


def is_older(version: str, than: str) -> bool:
    """Whether a version comes before another one: 1.9 before 1.10, 1.3.0-beta.1 before 1.3.0."""
    return _order(version) < _order(than)


def numbers_of(version: str) -> str:
    """What a version begins with: "1.3.0" of "1.3.0-beta.1". An app's bundle has no more."""
    found = NUMBERS.match(version)
    return found[0] if found else ""


def _order(version: str) -> tuple[tuple[int, ...], bool, list[tuple[bool, int, str]]]:
    """As Semantic Versioning has it; what comes behind a "+" does not count."""
    core = numbers_of(version)
    numbers = [int(one) for one in core.split(".") if one]
    while numbers and numbers[-1] == 0:  # 1.2.0 is 1.2
        numbers.pop()
    before = version.removeprefix(core).partition("+")[0]
    parts = [
        (not one.isdigit(), int(one) if one.isdigit() else 0, one) for one in re.split(r"[-.]", before) if one
    ]
    return tuple(numbers), not parts, parts


def check(release: Release) -> None:
    """Raise ReleaseError for what no client could make sense of, and for names that leave the folder."""
    if len(release.version) > MOST_VERSION_CHARS or not VERSION.fullmatch(release.version):
        raise ReleaseError('a version is numbers with points, as in "1.2.3" or "1.3.0-beta.1"')
    if not 1 <= release.build <= MOST_BUILD:
        raise ReleaseError(f"a build is 1 to {MOST_BUILD}")
    if not 0 <= release.released_at < YEAR_10000:
        raise ReleaseError("the time of a release is in the years 1970 to 9999")
    if not SYSTEM.fullmatch(release.min_os):
        raise ReleaseError('the least version of macOS is numbers with points, as in "11.0"')
    if not 1 <= release.rollout <= ALL:
        raise ReleaseError("a rollout is 1 % to 100 %")
    if release.phase_seconds is not None and release.phase_seconds < 1:
        raise ReleaseError("a phase is a second or more")
    for artifact in release.artifacts:
        check_name(artifact.file)


def check_name(name: str) -> None:
    """Raise ReleaseError for a file name that is no plain name in a folder."""
    if not name or name.startswith(".") or len(name.encode(errors="replace")) > MOST_NAME_BYTES:
        raise ReleaseError(f"a file's name has 1 to {MOST_NAME_BYTES} bytes and does not begin with a point")
    if not name.isprintable() or any(letter in "/\\:" for letter in name):
        raise ReleaseError("a file's name has no slash, no colon and nothing that cannot be printed")


def bucket_of(client: str, build: int) -> int:
    """0 to 99, always the same for a client and a build; another build has other first clients."""
    digest = hashlib.sha256(f"{build}:{client}".encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % ALL
