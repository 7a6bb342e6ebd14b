"""Releases of the client: what the update server offers."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Release:
    """One version of the client that can be downloaded."""

    version: str  # for people, "1.2.3"
    build: int  # what the clients' updater compares
    file: str  # its name in the downloads
    size: int  # bytes
    sha256: str  # hexadecimal
    ed25519: str  # signature of the file, base64


class Releases(Protocol):
    """The releases that are offered."""

    def newest(self, channel: str) -> Release | None:
        """The newest release of "stable" or "beta"; None when there is none."""
        ...


__all__ = ["Release", "Releases"]
