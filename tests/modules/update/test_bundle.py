"""The Info.plist of an app in an archive: text or binary, and whatever else somebody may have put there."""

import plistlib
import zipfile
from pathlib import Path

import pytest

from nexy.errors import ReleaseError
from nexy.modules.update import Bundle, read_bundle

INFO = "Nexy.app/Contents/Info.plist"
SAID = {"CFBundleVersion": "42", "CFBundleShortVersionString": "1.3.0"}


def archive(folder: Path, entries: dict[str, bytes]) -> Path:
    file = folder / "Nexy.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in entries.items():
            opened.writestr(name, data)
    return file


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])
@pytest.mark.parametrize("name", [INFO, f"Nexy 1.3/{INFO}"])
def test_the_outermost_app_is_the_app(tmp_path: Path, form: plistlib.PlistFormat, name: str) -> None:
    inner = plistlib.dumps({"CFBundleVersion": "9", "CFBundleShortVersionString": "9"})
    deeper = name.replace("Info.plist", f"Frameworks/Sparkle.framework/Updater.app/{INFO[9:]}")
    file = archive(tmp_path, {deeper: inner, name: plistlib.dumps(SAID, fmt=form)})
    assert read_bundle(file) == Bundle("1.3.0", "42")


def test_what_is_not_said_is_empty(tmp_path: Path) -> None:
    assert read_bundle(archive(tmp_path, {"readme.txt": b""})) is None
    odd = {"CFBundleVersion": 42, "CFBundleShortVersionString": ["1", "3"]}
    assert read_bundle(archive(tmp_path, {INFO: plistlib.dumps(odd)})) == Bundle("", "42")


def test_an_info_that_cannot_be_read(tmp_path: Path) -> None:
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><plist><dict/></plist>'
    for text in (b"", b"text", b"bplist00" + bytes(40), b"<plist><array/></plist>", b"<plist><dict>", entity):
        with pytest.raises(ReleaseError, match=r"the Info\.plist of the app in Nexy\.zip cannot be read"):
            read_bundle(archive(tmp_path, {INFO: text}))


def test_an_info_of_gigabytes_is_not_read_whole(tmp_path: Path) -> None:
    bomb = plistlib.dumps(SAID).replace(b"<dict>", b"<dict>" + b" " * 3_000_000)
    with pytest.raises(ReleaseError, match="cannot be read"):
        read_bundle(archive(tmp_path, {INFO: bomb}))


def test_an_archive_that_is_none(tmp_path: Path) -> None:
    file = archive(tmp_path, {INFO: plistlib.dumps(SAID)})
    whole = file.read_bytes()
    for data in (whole[:-10], b"PK\x03\x04", whole[:60] + b"\xff" * 20 + whole[80:]):
        file.write_bytes(data)
        with pytest.raises(ReleaseError, match=r"Nexy\.zip is no zip archive"):
            read_bundle(file)
