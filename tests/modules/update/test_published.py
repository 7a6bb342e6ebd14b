"""What is served, whole: each feed with the comment that Sparkle checks and the signature beside it."""

import base64
import string
import xml.etree.ElementTree as ET
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from nexy.modules.update import Catalogue, Channel, Published, Release, html_of, is_signed, publish
from nexy.modules.update.releases import bucket_of
from tests.modules.update import openssl, sparkle
from tests.modules.update.making import BASE, NOON, ODD_NAME, artifact, beta, catalogue, delta, key, release
from tests.modules.update.openssl import needs_openssl
from tests.modules.update.sparkle import content_of, is_trusted, items_of, named, said

HOSTILE = html_of("""<script>&"' -->\n]]><!-- sparkle-signatures:\nedSignature: AAAA\nlength: 1\n-->""")

# several rollouts at once, a withdrawn one, a delta, an odd name, and notes that look like a signature
EVERYTHING = catalogue(
    release(1, rollout=50),
    release(2, artifact=artifact(ODD_NAME), notes=HOSTILE, deltas=(delta(1),)),
    beta(3, rollout=20),
    release(4, rollout=10, notes="<p>Новое</p>"),
    release(5),
).withdrawn("1.5")


def builds(feed: str) -> list[int]:
    return [int(said(item, "version") or 0) for item in items_of(feed.encode())]


def a_client_in(bucket: int, build: int) -> str:
    return next(name for name in map(str, range(10_000)) if bucket_of(name, build) == bucket)


def test_every_feed_is_trusted_by_clients_that_require_signed_ones() -> None:
    """The signing block is found from the end of the feed, its length is the number of bytes before it, and
    its signature is over these (Sparkle's SPUExtractSignedFeed.m and common_cli/Signing.swift, 2.9)."""
    published = publish(EVERYTHING, BASE, key())
    assert len(published.feeds) == 3 + 4
    for feed in published.feeds:
        assert is_trusted(feed.xml.encode(), published.public)
        assert feed.xml.endswith("\n-->\n")
        assert feed.xml.count("<!--") == 1


def test_the_comment_is_what_sparkles_own_tool_writes() -> None:
    """Byte for byte, as common_cli/Signing.swift has it, so that readers that are stricter take it too."""
    feed = publish(EVERYTHING, BASE, key()).feeds[0].xml
    content = content_of(feed.encode())
    lines = (
        "<!-- sparkle-signatures:",
        f"edSignature: {content.signature}",
        f"length: {content.length}",
        "-->\n",
    )
    assert feed == content.xml.decode() + "\n".join(lines)


def test_a_feed_that_was_changed_is_not_trusted() -> None:
    published = publish(EVERYTHING, BASE, key())
    feed = published.feeds[0].xml.encode()
    assert not is_trusted(feed.replace(b"1000", b"1001", 1), published.public)
    assert not is_trusted(b" " + feed, published.public)
    assert not is_trusted(feed, key(bytes(32)).public)


def test_the_signature_beside_a_feed_is_over_all_its_bytes() -> None:
    published = publish(EVERYTHING, BASE, key())
    for feed in published.feeds:
        assert sparkle.is_signed(published.public, feed.xml.encode(), feed.ed25519)


@needs_openssl
def test_openssl_believes_both_signatures(tmp_path: Path) -> None:
    published = publish(EVERYTHING, BASE, key())
    feed = published.feeds[0]
    content = content_of(feed.xml.encode())
    assert openssl.is_signed(tmp_path, published.public, feed.xml.encode(), feed.ed25519)
    assert openssl.is_signed(tmp_path, published.public, content.xml, content.signature)


def test_the_notes_are_signed_as_the_feed_says() -> None:
    published = publish(EVERYTHING, BASE, key())
    assert set(published.notes) == {1, 2, 3, 4}
    for item in items_of(published.feed(Channel.BETA, a_client_in(0, 4)).xml.encode()):
        notes = published.notes[int(said(item, "version") or 0)]
        link = item.find(named("releaseNotesLink"))
        assert link is not None
        assert link.get(named("length")) == str(len(notes.html.encode()))
        assert link.get(named("edSignature")) == notes.ed25519
        assert sparkle.is_signed(published.public, notes.html.encode(), notes.ed25519)


def test_each_bucket_gets_the_feed_of_what_it_is_offered() -> None:
    published = publish(EVERYTHING, BASE, key())
    for channel in Channel:
        build = EVERYTHING.rolling_build(channel)
        for bucket in range(100):
            client = a_client_in(bucket, build)
            offered = published.offered(channel, client)
            assert published.bucket(channel, client) == bucket
            assert offered == EVERYTHING.offered(channel, bucket)
            assert builds(published.feed(channel, client).xml) == [one.build for one in offered]


def test_who_is_offered_what_at_the_edges_of_a_rollout() -> None:
    published = publish(EVERYTHING, BASE, key())

    def offered(channel: Channel, bucket: int) -> list[int]:
        return builds(published.feed(channel, a_client_in(bucket, 4)).xml)

    assert [offered(Channel.STABLE, bucket) for bucket in (9, 10, 49, 50)] == [[4, 2, 1], [2, 1], [2, 1], [2]]
    assert [offered(Channel.BETA, bucket) for bucket in (9, 10, 19, 20)] == [
        [4, 3, 2, 1],
        [3, 2, 1],
        [3, 2, 1],
        [2, 1],
    ]


def test_before_anything_is_released_there_are_two_empty_feeds() -> None:
    published = publish(Catalogue(), BASE, key())
    assert [builds(published.feed(channel, "x").xml) for channel in Channel] == [[], []]
    assert all(is_trusted(feed.xml.encode(), published.public) for feed in published.feeds)


def test_where_nobody_has_signed_anything_there_are_empty_feeds_without_a_signature() -> None:
    feed = Published(BASE, "").feed(Channel.BETA, "x")
    assert builds(feed.xml) == []
    assert feed.ed25519 == ""


def test_the_same_catalogue_gives_the_same_bytes() -> None:
    assert publish(EVERYTHING, BASE, key()) == publish(EVERYTHING, BASE, key())


markdown = st.text(st.characters(exclude_categories=()), max_size=60) | st.text(
    string.printable + "<>&'\"-]![]()", max_size=60
)


@st.composite
def releases(draw: st.DrawFn) -> Release:
    file = draw(st.sampled_from([ODD_NAME, "Nexy.dmg", "Некси.zip"]))
    notes = html_of(draw(markdown))
    return release(draw(st.integers(1, 2**31)), artifact=artifact(file), released_at=NOON, notes=notes)


@settings(deadline=None, max_examples=40)
@given(releases())
def test_whatever_the_notes_all_is_well_formed_signed_and_the_same_again(one: Release) -> None:
    published = publish(catalogue(one), BASE, key())
    assert published == publish(catalogue(one), BASE, key())
    feed = published.feed(Channel.STABLE, "x").xml.encode()
    assert is_trusted(feed, published.public)
    assert ET.fromstring(feed).tag == ET.fromstring(content_of(feed).xml).tag == "rss"
    html = published.notes[one.build].html
    assert is_signed(published.public, html.encode(), published.notes[one.build].ed25519)


def test_what_is_published_has_no_private_key_in_it() -> None:
    seed = bytes(range(32))
    shown = repr(publish(EVERYTHING, BASE, key(seed)))
    assert base64.b64encode(seed).decode() not in shown
    assert seed.hex() not in shown
