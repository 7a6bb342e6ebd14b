"""Releases of the client: what there is, how it is signed and kept, and what the update server offers."""

from nexy.modules.update.appcast import type_of
from nexy.modules.update.bundle import Bundle, read_bundle
from nexy.modules.update.checking import (
    sign_anew,
    unknown_files,
    wrong_with_artifact,
    wrong_with_feeds,
    wrong_with_notes,
)
from nexy.modules.update.earlier import read_manifest
from nexy.modules.update.files import open_files
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
    check,
    check_name,
    is_older,
    numbers_of,
)
from nexy.modules.update.shelf import Shelf
from nexy.modules.update.signing import Key, is_signed, make_key
from nexy.modules.update.site import Site

__all__ = [
    "ALL",
    "DOWNLOADS",
    "KINDS",
    "Arch",
    "Artifact",
    "Bundle",
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
    "Shelf",
    "Site",
    "Stamp",
    "check",
    "check_name",
    "date",
    "html_of",
    "is_older",
    "is_signed",
    "make_key",
    "manifest",
    "newest",
    "numbers_of",
    "open_files",
    "publish",
    "read_bundle",
    "read_manifest",
    "sha256_of",
    "sign_anew",
    "stamp_of",
    "type_of",
    "unknown_files",
    "wrong_with_artifact",
    "wrong_with_feeds",
    "wrong_with_notes",
]
