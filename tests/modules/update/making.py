"""Keys and releases to test with. The keys are made of numbers that everybody can count to."""

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nexy.modules.update import Artifact, Catalogue, Channel, Delta, Folder, Key, Published, Release, publish

BASE = "https://updates.example"
SEED = bytes(range(32))
NOON = 1795780800  # 27 November 2026, 12:00 UTC, a Friday
ODD_NAME = """Некси & друзья <1.0> "beta" 'x'.dmg"""


def key(seed: bytes = SEED) -> Key:
    return Key(Ed25519PrivateKey.from_private_bytes(seed))


def artifact(file: str = "Nexy-1.dmg", size: int = 1000) -> Artifact:
    signature = base64.b64encode(file.encode(errors="replace").ljust(64, b".")[:64]).decode()
    return Artifact(file, size, "0" * 64, signature)


def release(build: int = 1, **changes: Any) -> Release:
    """Version 1.BUILD, for everybody."""
    plain: dict[str, Any] = {
        "version": f"1.{build}",
        "channel": Channel.STABLE,
        "released_at": NOON + build,
        "artifact": artifact(f"Nexy-{build}.dmg", 1000 + build),
    }
    return Release(build=build, **(plain | changes))


def beta(build: int = 1, **changes: Any) -> Release:
    return release(build, channel=Channel.BETA, **changes)


def delta(from_build: int, file: str = "") -> Delta:
    return Delta(from_build, artifact(file or f"from-{from_build}.delta", 10 + from_build))


def catalogue(*releases: Release) -> Catalogue:
    """Of releases that were added one by one."""
    made = Catalogue()
    for one in releases:
        made = made.with_added(one)
    return made


def write(folder: Folder, made: Catalogue) -> Published:
    """Publish it there."""
    published = publish(made, BASE, key())
    with folder.changing():
        folder.write(published)
    return published
