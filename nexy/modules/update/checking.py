"""Whether what is published is what was signed, and signing it anew."""

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from nexy.errors import ReleaseError
from nexy.modules.update.folder import Folder, Progress, sha256_of
from nexy.modules.update.published import TRAILER, Feed, Published, audiences, plain_feed
from nexy.modules.update.releases import ALL, Artifact, Channel
from nexy.modules.update.signing import Key, is_signed

FEEDS = {Channel.STABLE: "appcast.xml", Channel.BETA: "appcast-beta.xml"}


def wrong_with_feeds(published: Published) -> Iterator[tuple[str, str]]:
    """Each feed that there should be, and what is wrong with it: empty when nothing is."""
    feeds = {(feed.channel, feed.below): feed for feed in published.feeds}
    for channel, below in audiences(published.catalogue):
        name = FEEDS[channel] + (f" of the rollout to {below} %" if below < ALL else "")
        feed = feeds.pop((channel, below), None)
        yield name, "it is missing" if feed is None else _wrong_with_feed(published, feed)
    for feed in feeds.values():
        yield FEEDS[feed.channel], f"there is one too many, of a rollout to {feed.below} %"


def _wrong_with_feed(published: Published, feed: Feed) -> str:
    plain, begin, rest = feed.xml.rpartition(TRAILER.partition("{")[0])
    signature, size = rest.partition("\n")[0], len(plain.encode())
    if begin + rest != TRAILER.format(signature=signature, size=size):
        return "it has no signature of Sparkle's at its end, or a broken one"
    if not is_signed(published.public, plain.encode(), signature):
        return "the signature at its end is not of this key, or not of these bytes"
    if not is_signed(published.public, feed.xml.encode(), feed.ed25519):
        return "the signature beside it is not of this key, or not of these bytes"
    if plain.encode() != plain_feed(published, feed.channel, feed.below):
        return "it does not say what the list of releases says; nexy release publish makes it anew"
    return ""


def wrong_with_notes(published: Published) -> Iterator[tuple[str, str]]:
    """The notes of each release that is offered, and what is wrong with them: empty when nothing is."""
    for release in published.catalogue.kept:
        notes = published.notes.get(release.build)
        if notes is None:
            wrong = "they are missing"
        elif not is_signed(published.public, notes.html.encode(), notes.ed25519):
            wrong = "the signature is not of this key, or not of these bytes"
        else:
            wrong = ""
        yield f"notes of {release.version}", wrong


def wrong_with_artifact(
    folder: Folder, artifact: Artifact, public: str, progress: Progress = lambda done, size: None
) -> str:
    """Empty when the file is what was added, and signed with the key of `public`."""
    try:
        with _opened(folder, artifact, progress) as data:
            signed = is_signed(public, data, artifact.ed25519)
    except ReleaseError as error:
        return str(error)
    return "" if signed else "the signature is not of this key"


def sign_anew(
    folder: Folder, artifact: Artifact, key: Key, progress: Progress = lambda done, size: None
) -> Artifact:
    """With another key. Raises ReleaseError when the file is not what was added: that is never signed."""
    try:
        with _opened(folder, artifact, progress) as data:
            return replace(artifact, ed25519=key.sign(data))
    except ReleaseError as error:
        raise ReleaseError(f"{artifact.file}: {error}") from None


@contextmanager
def _opened(folder: Folder, artifact: Artifact, progress: Progress) -> Iterator[memoryview]:
    """Its bytes. Raises ReleaseError when they are not those that were added."""
    try:
        descriptor = folder.open_download(artifact.file)
    except OSError:
        raise ReleaseError("the file is missing, or is no plain file") from None
    try:
        if (size := os.fstat(descriptor).st_size) != artifact.size:
            raise ReleaseError(f"it has {size} bytes, and had {artifact.size}")
        if sha256_of(descriptor, progress) != artifact.sha256:
            raise ReleaseError("its bytes have changed: the SHA-256 is another one")
        with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as data, memoryview(data) as view:
            yield view
    except OSError as error:
        raise ReleaseError(f"it cannot be read: {error.strerror}") from None
    finally:
        os.close(descriptor)


def unknown_files(folder: Folder, published: Published) -> list[str]:
    """What lies among the downloads and belongs to no release. It is offered to nobody."""
    known = {artifact.file for one in published.catalogue.releases for artifact in one.artifacts}
    try:
        names = os.listdir(folder.downloads)
    except OSError:
        return []
    return sorted(name for name in names if name not in known and not name.startswith("."))
