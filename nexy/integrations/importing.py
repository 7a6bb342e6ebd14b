"""The releases of an earlier server's updates/ folder, taken over: each as its manifest says, signed anew."""

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from nexy.errors import ReleaseError
from nexy.integrations.releasing import Desk, Tell, check_source
from nexy.modules.update import DOWNLOADS, Artifact, Catalogue, Release, read_manifest, sha256_of

MANIFESTS, PATTERN = "manifests", "manifest*.json"
MOST_BYTES = 2**20  # of a manifest; they have less than one kilobyte


class Outcome(Enum):
    """What became of a manifest."""

    ADDED = "added"
    THERE = "there already"
    PASSED_OVER = "passed over"


@dataclass(frozen=True, slots=True)
class Imported:
    """One manifest."""

    manifest: str  # the name of its file
    outcome: Outcome
    words: str  # which release it is, or why it was passed over


def take_over(desk: Desk, earlier: Path, tell: Tell) -> list[Imported]:
    """Add the releases that are not there yet. `earlier` may be the desk's own folder.

    What cannot be taken over is passed over, and changes nothing. Raises ReleaseError.
    """
    manifests = sorted((earlier / MANIFESTS).glob(PATTERN))
    if not manifests:
        raise ReleaseError(f"the folder has no {MANIFESTS}/{PATTERN}")
    done = []
    with desk.folder.changing():
        before = catalogue = desk.catalogue()
        for file in manifests:
            try:
                release = _read(file)
                if _is_there(catalogue, release):
                    outcome = Outcome.THERE
                else:
                    catalogue, outcome = _added(desk, catalogue, release, earlier, tell), Outcome.ADDED
            except ReleaseError as error:
                done.append(Imported(file.name, Outcome.PASSED_OVER, str(error)))
            else:
                words = f"{release.version} (build {release.build}, {release.channel})"
                done.append(Imported(file.name, outcome, words))
        if catalogue != before:
            desk.publish(catalogue)
    return done


def _read(file: Path) -> Release:
    check_source(file)
    try:
        with file.open("rb") as opened:
            text = opened.read(MOST_BYTES)
    except OSError as error:
        raise ReleaseError(f"it cannot be read: {error.strerror}") from None
    return read_manifest(text, file.name)


def _is_there(catalogue: Catalogue, release: Release) -> bool:
    """Two manifests may tell of the same release: the current one has a copy under its version."""
    return any(_same(one, release) for one in catalogue.releases)


def _same(one: Release, declared: Release) -> bool:
    what = (declared.build, declared.version, declared.artifact.file)
    sha256 = declared.artifact.sha256 or one.artifact.sha256
    return (one.build, one.version, one.artifact.file) == what and one.artifact.sha256 == sha256


def _added(desk: Desk, catalogue: Catalogue, release: Release, earlier: Path, tell: Tell) -> Catalogue:
    catalogue.with_added(release)
    source = _source(earlier / DOWNLOADS, release.artifact.file)
    _check_declared(source, release.artifact)
    released_at = release.released_at or int(source.stat().st_mtime)
    artifact = desk.take_in(source, release.artifact.file, tell)
    return catalogue.with_added(replace(release, artifact=artifact, released_at=released_at))


def _source(downloads: Path, name: str) -> Path:
    """The file itself. A link that leads out of the folder is none of it."""
    source = (downloads / name).resolve()
    if not source.is_relative_to(downloads.resolve()):
        raise ReleaseError(f"{name} is a link that leaves {DOWNLOADS}/")
    if not source.is_file():
        raise ReleaseError(f"{name} is not in {DOWNLOADS}/")
    check_source(source)
    return source


def _check_declared(source: Path, declared: Artifact) -> None:
    """Raise ReleaseError when the file is not what its manifest says."""
    if declared.size and declared.size != (size := source.stat().st_size):
        raise ReleaseError(f"{declared.file} has {size} bytes, and the manifest says {declared.size}")
    if not declared.sha256:
        return
    with source.open("rb") as opened:
        if sha256_of(opened.fileno()) != declared.sha256:
            raise ReleaseError(f"the SHA-256 of {declared.file} is not the one in the manifest")
