"""Sparkle 2 feeds: RSS 2.0 with elements of Sparkle's, https://sparkle-project.org/documentation/publishing/"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from nexy.modules.update.releases import Artifact, Channel, Release

SPARKLE = "http://www.andymatuschak.org/xml-namespaces/sparkle"
TITLE = "Nexy"
TYPES = {
    ".dmg": "application/x-apple-diskimage",
    ".pkg": "application/octet-stream",
    ".zip": "application/zip",
}
BINARY = "application/octet-stream"

ET.register_namespace("sparkle", SPARKLE)


@dataclass(frozen=True, slots=True)
class Signed:
    """How a file that is not downloaded as an artifact is signed."""

    ed25519: str  # base64
    size: int  # bytes


def type_of(file: str) -> str:
    """The media type of a download."""
    return next((kind for end, kind in TYPES.items() if file.lower().endswith(end)), BINARY)


def download_url(base_url: str, file: str) -> str:
    return f"{base_url}/downloads/{quote(file, safe='')}"


def notes_url(base_url: str, build: int) -> str:
    return f"{base_url}/notes/{build}"


def appcast(
    releases: Sequence[Release], channel: Channel, base_url: str, notes: Mapping[int, Signed]
) -> bytes:
    """The feed of `releases`, UTF-8, the newest first. `notes` has the signatures of their notes, by build.

    It depends on nothing else: the same releases give the same bytes.
    """
    rss = ET.Element("rss", {"version": "2.0"})
    feed = ET.SubElement(rss, "channel")
    beta = " beta" if channel is Channel.BETA else ""
    _add(feed, "title", TITLE + beta)
    _add(feed, "link", f"{base_url}/")
    _add(feed, "description", f"Releases of {TITLE}{beta and ', with those that are not finished'}")
    _add(feed, "language", "en")
    for release in releases:
        _item(feed, release, base_url, notes.get(release.build))
    ET.indent(rss)
    xml: bytes = ET.tostring(rss, encoding="utf-8", xml_declaration=True)
    return xml + b"\n"


def _item(feed: ET.Element, release: Release, base_url: str, notes: Signed | None) -> None:
    item = ET.SubElement(feed, "item")
    _add(item, "title", f"{TITLE} {release.version}")
    _add(item, "link", f"{base_url}/")  # where Sparkle sends those whose macOS is too old
    _add(item, "guid", f"{TITLE}-{release.build}", isPermaLink="false")
    _add(item, "pubDate", _date(release.released_at))
    _add(item, _sparkle("version"), str(release.build))
    _add(item, _sparkle("shortVersionString"), release.version)
    if release.channel is not Channel.STABLE:  # Sparkle's default channel has no name
        _add(item, _sparkle("channel"), release.channel.value)
    _add(item, _sparkle("minimumSystemVersion"), _three_parts(release.min_os))
    if release.arch == "arm64":  # Sparkle 2.9; for Intel alone it knows no word
        _add(item, _sparkle("hardwareRequirements"), "arm64")
    if release.critical:
        _add(item, _sparkle("criticalUpdate"), "")
    if release.phase_seconds is not None:
        _add(item, _sparkle("phasedRolloutInterval"), str(release.phase_seconds))
    if notes is not None:  # signed too, as clients that require signed feeds require it of notes
        link = _add(item, _sparkle("releaseNotesLink"), notes_url(base_url, release.build))
        link.set(_sparkle("edSignature"), notes.ed25519)
        link.set(_sparkle("length"), str(notes.size))
    _add(item, _sparkle("fullReleaseNotesLink"), f"{base_url}/")
    enclosure = _enclosure(item, release.artifact, base_url)
    if release.kind == "pkg":
        enclosure.set(_sparkle("installationType"), "package")
    if release.deltas:
        deltas = ET.SubElement(item, _sparkle("deltas"))
        for delta in release.deltas:
            one = _enclosure(deltas, delta.artifact, base_url)
            one.set(_sparkle("deltaFrom"), str(delta.from_build))


def _enclosure(parent: ET.Element, artifact: Artifact, base_url: str) -> ET.Element:
    return ET.SubElement(
        parent,
        "enclosure",
        {
            "url": download_url(base_url, artifact.file),
            "length": str(artifact.size),
            "type": type_of(artifact.file),
            _sparkle("edSignature"): artifact.ed25519,
        },
    )


def _add(parent: ET.Element, name: str, text: str, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, name, attributes)
    element.text = text or None
    return element


def _date(seconds: int) -> str:
    """Fri, 27 Nov 2026 12:00:00 +0000, with the offset in numbers, as Sparkle documents it."""
    return format_datetime(datetime.fromtimestamp(seconds, UTC))


def _three_parts(system: str) -> str:
    """ "11" → "11.0.0", as Sparkle asks for."""
    return ".".join([*system.split("."), "0", "0"][:3])


def _sparkle(name: str) -> str:
    return f"{{{SPARKLE}}}{name}"
