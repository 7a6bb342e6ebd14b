"""What is served, whole: the releases with the feeds and notes that were made and signed of them.

It is one value, kept in one file, so that a crash leaves either the old one or the new one. Whoever
serves it needs no key.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from nexy.modules.update.appcast import Signed, appcast
from nexy.modules.update.notes import page_of
from nexy.modules.update.releases import ALL, Catalogue, Channel, Release, bucket_of

TRAILER = "<!-- sparkle-signatures:\nedSignature: {signature}\nlength: {size}\n-->\n"
"""How Sparkle 2.9 signs a feed: a comment behind it, over all bytes before it."""


class Signs(Protocol):
    """Whoever has the private key."""

    @property
    def public(self) -> str: ...
    def sign(self, data: bytes, /) -> str:
        """Base64."""
        ...


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as it is sent."""

    channel: Channel
    below: int  # for the clients whose bucket (0 to 99) is below this
    xml: str
    ed25519: str  # of all its bytes, base64; empty when nobody has signed it


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of a release as they are sent."""

    html: str  # a document
    ed25519: str  # of its bytes, base64


@dataclass(frozen=True, slots=True)
class Published:
    """All that is served but the files."""

    base_url: str  # without a slash at its end
    public: str  # of the key that signed it, base64; empty when nothing was ever released
    catalogue: Catalogue = field(default_factory=Catalogue)
    feeds: tuple[Feed, ...] = ()
    notes: dict[int, Notes] = field(default_factory=dict)  # by build

    def feed(self, channel: Channel, client: str) -> Feed:
        """The feed for `client`, which may be any text that stays the same."""
        bucket = self.bucket(channel, client)
        for feed in self.feeds:
            if feed.channel is channel and bucket < feed.below:
                return feed
        return Feed(channel, ALL, appcast((), channel, self.base_url, {}).decode(), "")

    def offered(self, channel: Channel, client: str) -> tuple[Release, ...]:
        """The same for those who ask for manifests."""
        return self.catalogue.offered(channel, self.bucket(channel, client))

    def bucket(self, channel: Channel, client: str) -> int:
        return bucket_of(client, self.catalogue.rolling_build(channel))


def publish(catalogue: Catalogue, base_url: str, key: Signs) -> Published:
    """Make all that is served, and sign it."""
    notes = {}
    for release in catalogue.kept:
        html = page_of(f"Nexy {release.version}", release.notes)
        notes[release.build] = Notes(html, key.sign(html.encode()))
    unsigned = Published(base_url, key.public, catalogue, notes=notes)
    feeds = []
    for channel, below in audiences(catalogue):
        plain = plain_feed(unsigned, channel, below)
        xml = plain.decode() + TRAILER.format(signature=key.sign(plain), size=len(plain))
        feeds.append(Feed(channel, below, xml, key.sign(xml.encode())))
    return replace(unsigned, feeds=tuple(feeds))


def audiences(catalogue: Catalogue) -> Iterator[tuple[Channel, int]]:
    """Who has a feed of their own: clients of a channel whose bucket is below this."""
    for channel in Channel:
        for below in catalogue.buckets(channel):
            yield channel, below


def plain_feed(published: Published, channel: Channel, below: int) -> bytes:
    """The feed of what is published, without its trailer. Its signed notes must be there."""
    signed = {build: Signed(one.ed25519, len(one.html.encode())) for build, one in published.notes.items()}
    offered = published.catalogue.offered(channel, below - 1)
    return appcast(offered, channel, published.base_url, signed)
