"""Releases of the client: what there is, how it is signed and kept, and what the update server offers."""

from nexy.modules.update.appcast import type_of
from nexy.modules.update.folder import DOWNLOADS, Folder, Progress, Stamp, sha256_of, stamp_of
from nexy.modules.update.manifest import date, manifest, newest
from nexy.modules.update.notes import html_of
from nexy.modules.update.published import Feed, Notes, Published, publish
from nexy.modules.update.releases import (
    ALL,
    KINDS,
    Arch,
    Artifact,
    Catalogue,
    Channel,
    Delta,
    Kind,
    Release,
    check_name,
)
from nexy.modules.update.signing import Key, is_signed, make_key

__all__ = [
    "ALL",
    "DOWNLOADS",
    "KINDS",
    "Arch",
    "Artifact",
    "Catalogue",
    "Channel",
    "Delta",
    "Feed",
    "Folder",
    "Key",
    "Kind",
    "Notes",
    "Progress",
    "Published",
    "Release",
    "Stamp",
    "check_name",
    "date",
    "html_of",
    "is_signed",
    "make_key",
    "manifest",
    "newest",
    "publish",
    "sha256_of",
    "stamp_of",
    "type_of",
]
