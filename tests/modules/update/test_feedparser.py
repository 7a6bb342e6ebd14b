"""The feed as a reader of feeds has it that knows nothing of us."""

import calendar

import feedparser
import pytest

from nexy.modules.update import Catalogue, Channel, publish
from tests.modules.update.making import BASE, NOON, ODD_NAME, artifact, beta, catalogue, delta, key, release


def parsed(of: Catalogue, channel: Channel = Channel.STABLE) -> feedparser.FeedParserDict:
    feed = publish(of, BASE, key()).feed(channel, "anybody")
    found = feedparser.parse(feed.xml.encode())
    assert not found.bozo, found.get("bozo_exception")
    return found


def test_its_fields() -> None:
    one = release(
        7,
        version="1.2.3",
        released_at=NOON,
        artifact=artifact(ODD_NAME, 4321),
        critical=True,
        min_os="12.3",
        phase_seconds=3600,
    )
    (entry,) = parsed(catalogue(one)).entries
    assert entry.title == "Nexy 1.2.3"
    assert calendar.timegm(entry.published_parsed) == NOON
    assert entry.link == f"{BASE}/"
    assert not entry.guidislink
    assert entry.sparkle_version == "7"
    assert entry.sparkle_shortversionstring == "1.2.3"
    assert entry.sparkle_minimumsystemversion == "12.3.0"
    assert entry.sparkle_phasedrolloutinterval == "3600"
    assert "sparkle_criticalupdate" in entry
    assert "sparkle_channel" not in entry
    (enclosure,) = entry.enclosures
    assert enclosure.href.startswith(f"{BASE}/downloads/%D0%9D%D0%B5%D0%BA%D1%81%D0%B8%20%26%20")
    assert (enclosure.length, enclosure.type) == ("4321", "application/x-apple-diskimage")


@pytest.mark.parametrize("channel", Channel)
def test_each_channel_has_a_feed_even_when_it_is_empty(channel: Channel) -> None:
    empty = parsed(Catalogue(), channel)
    assert empty.version == "rss20"
    assert empty.encoding == "utf-8"
    assert not empty.entries
    assert empty.feed.title.startswith("Nexy")


def test_the_order_and_the_betas() -> None:
    made = catalogue(release(1), beta(2), release(3, deltas=(delta(1),)))
    assert [entry.sparkle_version for entry in parsed(made).entries] == ["3", "1"]
    entries = parsed(made, Channel.BETA).entries
    assert [entry.get("sparkle_channel") for entry in entries] == [None, "beta", None]
    assert len({entry.id for entry in entries}) == 3
