"""What a Sparkle 2.9 client makes of a feed, written from its documentation and from how its source reads.

It does what Sparkle's `SPUExtractAppcastContent` and `SUAppcast` are documented and seen to do, in other
words and another language, so that a mistake of ours in writing the feed is not made again in reading it.
"""

import base64
import xml.etree.ElementTree as ET
from dataclasses import dataclass

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

NAMESPACE = "http://www.andymatuschak.org/xml-namespaces/sparkle"
PREFIX, SUFFIX = b"<!-- sparkle-signatures:\n", b"-->"


@dataclass(frozen=True)
class Content:
    """A feed without the comment behind it, and what the comment says."""

    xml: bytes
    signature: str
    length: int


def content_of(feed: bytes) -> Content:
    """The comment is looked for from the end; what is before it is what was signed."""
    at = feed.rindex(PREFIX)
    end = feed.index(SUFFIX, at)
    lines = feed[at + len(PREFIX) : end].decode().splitlines()
    said = dict(line.split(":", 1) for line in lines)
    return Content(feed[:at], said["edSignature"].strip(), int(said["length"]))


def is_trusted(feed: bytes, public: str) -> bool:
    """Whether a client that requires signed feeds takes it."""
    content = content_of(feed)
    return content.length == len(content.xml) and is_signed(public, content.xml, content.signature)


def is_signed(public: str, data: bytes, signature: str) -> bool:
    """By libsodium, which shares no code with what signs."""
    try:
        VerifyKey(base64.b64decode(public)).verify(data, base64.b64decode(signature))
    except BadSignatureError:
        return False
    return True


def items_of(feed: bytes) -> list[ET.Element]:
    """Where Sparkle looks for them: /rss/channel/item."""
    rss = ET.fromstring(feed)
    assert rss.tag == "rss"
    return rss.findall("./channel/item")


def named(name: str) -> str:
    """An element or an attribute of Sparkle's, as ElementTree has it."""
    return f"{{{NAMESPACE}}}{name}"


def said(item: ET.Element, name: str) -> str | None:
    """The text of an element of the item itself, not of one deeper; None when there is no such element."""
    found = item.findall(named(name))
    assert len(found) <= 1, f"{name} is there {len(found)} times"
    return (found[0].text or "") if found else None
