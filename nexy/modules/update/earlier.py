"""Manifests of an earlier server: what its updates/manifests/*.json say of a release. Pure."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from nexy.errors import ReleaseError
from nexy.modules.update.notes import html_of
from nexy.modules.update.releases import KINDS, LEAST_OS, Arch, Artifact, Channel, Release, check

ARCHS: dict[str, Arch] = {
    "universal2": "universal2",
    "universal": "universal2",
    "arm64": "arm64",
    "aarch64": "arm64",
    "x86_64": "x86_64",
    "intel": "x86_64",
}
LATEST = 2**33  # Unix seconds; a date behind it is a mistake
TRUE = (True, 1, "true", "yes", "1")


def read_manifest(text: bytes, name: str) -> Release:
    """The release that a manifest in a file of this `name` tells of.

    Its artifact is as declared: size 0, an empty SHA-256 or a date of 0 when the manifest does not say.
    Raises ReleaseError.
    """
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise ReleaseError("it is no JSON") from None
    if not isinstance(said, dict) or not isinstance(artifact := said.get("artifact"), dict):
        raise ReleaseError("it is no manifest: there is no artifact in it")
    file = _file(artifact)
    release = Release(
        version=_version(said),
        build=_build(said),
        channel=_channel(said, name),
        released_at=_date(said),
        artifact=Artifact(file, _size(artifact), str(artifact.get("sha256") or "").strip().lower(), ""),
        kind=KINDS[PurePosixPath(file.lower()).suffix],
        arch=_arch(artifact),
        min_os=str(artifact.get("min_os") or LEAST_OS).strip(),
        critical=said.get("critical") in TRUE,
        auto_install=said.get("auto_install") in TRUE,
        notes=_notes(said),
    )
    check(release)
    return release


def _file(artifact: Mapping[str, Any]) -> str:
    """The name of the download. What would leave the folder keeps its slashes, and is refused for them."""
    url = artifact.get("url") or artifact.get("file")
    try:
        path = unquote(urlsplit(url).path) if isinstance(url, str) else ""
    except ValueError:
        path = ""
    _, downloads, behind = path.partition("/downloads/")
    file = behind if downloads else path.rpartition("/")[2]
    if not file:
        raise ReleaseError("it names no file: artifact.url is missing, or is none")
    if PurePosixPath(file.lower()).suffix not in KINDS:
        raise ReleaseError(f"its file is none of {', '.join(KINDS)}")
    return file


def _version(said: Mapping[str, Any]) -> str:
    version = said.get("version")
    if isinstance(version, bool) or not isinstance(version, str | int | float):
        raise ReleaseError("it has no version")
    return str(version).strip()


def _build(said: Mapping[str, Any]) -> int:
    build = said.get("build")
    if isinstance(build, str) and build.strip().isascii() and build.strip().isdecimal() and len(build) < 20:
        return int(build)
    if isinstance(build, bool) or not isinstance(build, int):
        raise ReleaseError("it has no build that is a whole number")
    return build


def _channel(said: Mapping[str, Any], name: str) -> Channel:
    channel = said.get("channel") or ("beta" if "beta" in name.lower() else "stable")
    if channel not in list(Channel):
        raise ReleaseError("its channel is neither stable nor beta")
    return Channel(channel)


def _date(said: Mapping[str, Any]) -> int:
    """Unix seconds; a date without a time zone is in UTC."""
    try:
        date = datetime.fromisoformat(str(said.get("release_date")).strip())
        seconds = int((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return 0
    return seconds if 0 < seconds < LATEST else 0


def _size(artifact: Mapping[str, Any]) -> int:
    try:
        return int(artifact.get("size") or 0)
    except (TypeError, ValueError, OverflowError):
        raise ReleaseError("its size is no number") from None


def _arch(artifact: Mapping[str, Any]) -> Arch:
    arch = ARCHS.get(str(artifact.get("arch") or "universal2").strip().lower())
    if arch is None:
        raise ReleaseError(f"its arch is none of {', '.join(ARCHS)}")
    return arch


def _notes(said: Mapping[str, Any]) -> str:
    """Notes that are in the manifest itself; what is behind its notes_url is not looked at."""
    notes = said.get("notes") or said.get("release_notes") or ""
    return html_of(notes) if isinstance(notes, str) else ""
