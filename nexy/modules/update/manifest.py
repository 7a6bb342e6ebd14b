"""What the installed clients' own updater asks for: one JSON object, of the newest release."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from nexy.modules.update.appcast import download_url, notes_url
from nexy.modules.update.releases import Release


def manifest(release: Release, base_url: str) -> dict[str, Any]:
    """`build` is a text that is a number, and `artifact.ed25519` is in base64: so the updater reads them."""
    artifact = release.artifact
    return {
        "version": release.version,
        "build": str(release.build),
        "release_date": date(release.released_at),
        "artifact": {
            "type": release.kind,
            "url": download_url(base_url, artifact.file),
            "size": artifact.size,
            "sha256": artifact.sha256,
            "arch": release.arch,
            "min_os": release.min_os,
            "ed25519": artifact.ed25519,
        },
        "critical": release.critical,
        "auto_install": release.auto_install,
        "notes_url": notes_url(base_url, release.build),
    }


def newest(releases: Sequence[Release], arch: str = "") -> Release | None:
    """The newest of those that run on `arch`; None when there is none.

    Of a client that does not say (empty), nothing is known: it is offered what runs on every Mac, and
    what does not only when there is nothing else.
    """
    runs = [one for one in releases if one.arch in (arch, "universal2")]
    if not runs and not arch:
        runs = list(releases)
    return runs[0] if runs else None


def date(seconds: int) -> str:
    """2026-11-27T12:00:00Z"""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
