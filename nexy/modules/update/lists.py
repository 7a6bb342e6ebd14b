"""Lists of what is published, for programs: JSON, the newest release first."""

from typing import Any

from nexy.modules.update.appcast import download_url, notes_url, type_of
from nexy.modules.update.manifest import date, manifest
from nexy.modules.update.published import Published
from nexy.modules.update.releases import Artifact


def versions(published: Published) -> list[dict[str, Any]]:
    return [
        {
            "version": one.version,
            "build": one.build,
            "channel": one.channel.value,
            "release_date": date(one.released_at),
            "critical": one.critical,
            "rollout": one.rollout,  # percent
            "min_os": one.min_os,
            "arch": one.arch,
            "notes_url": notes_url(published.base_url, one.build),
        }
        for one in published.catalogue.kept
    ]


def manifests(published: Published) -> list[dict[str, Any]]:
    return [
        manifest(one, published.base_url) | {"channel": one.channel.value} for one in published.catalogue.kept
    ]


def artifacts(published: Published) -> list[dict[str, Any]]:
    """All files; those that update one build alone say which."""
    found = []
    for release in published.catalogue.kept:
        files: list[tuple[Artifact, dict[str, Any]]] = [(release.artifact, {})]
        files += [(delta.artifact, {"from_build": delta.from_build}) for delta in release.deltas]
        of = {"version": release.version, "build": release.build}
        found += [_file(artifact, published.base_url) | of | more for artifact, more in files]
    return found


def _file(artifact: Artifact, base_url: str) -> dict[str, Any]:
    return {
        "file": artifact.file,
        "url": download_url(base_url, artifact.file),
        "type": type_of(artifact.file),
        "size": artifact.size,
        "sha256": artifact.sha256,
        "ed25519": artifact.ed25519,
    }
