"""What the app in an archive says of itself."""

import plistlib
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from nexy.errors import ReleaseError

INFO = ".app/Contents/Info.plist"
MOST_BYTES = 2**20  # of an Info.plist; they have some kilobytes
UNREADABLE = (zipfile.BadZipFile, OSError, RuntimeError, ValueError, EOFError, zlib.error, struct.error)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What an app's Info.plist says; empty for what it does not say."""

    version: str  # CFBundleShortVersionString
    build: str  # CFBundleVersion, which need not be a number


def read_bundle(archive: Path) -> Bundle | None:
    """Of the outermost app in a zip; None when there is no app in it. Raises ReleaseError."""
    try:
        with zipfile.ZipFile(archive) as opened:
            infos = [name for name in opened.namelist() if name.endswith(INFO)]
            if not infos:
                return None
            outermost = min(infos, key=lambda name: name.count("/"))  # frameworks have apps too
            with opened.open(outermost) as info:
                text = info.read(MOST_BYTES)
    except UNREADABLE:
        raise ReleaseError(f"{archive.name} is no zip archive that can be read") from None
    said = _parsed(text, archive.name)
    return Bundle(_text(said.get("CFBundleShortVersionString")), _text(said.get("CFBundleVersion")))


def _parsed(text: bytes, archive: str) -> dict[str, Any]:
    try:
        said = plistlib.loads(text)
    except (ValueError, ExpatError, LookupError, TypeError, OverflowError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise ReleaseError(f"the Info.plist of the app in {archive} cannot be read")
    return said


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
