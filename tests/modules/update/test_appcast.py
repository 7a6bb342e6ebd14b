"""The feed, field by field, by the rules that Sparkle has published.

PUBLISHING is https://sparkle-project.org/documentation/publishing/, DELTAS and PACKAGES are the pages
delta-updates and package-updates beside it; SOURCE are the files of https://github.com/sparkle-project/Sparkle.
"""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.update import Channel, Release
from nexy.modules.update.appcast import Signed, appcast
from tests.modules.update.making import BASE, NOON, ODD_NAME, artifact, beta, catalogue, delta, release
from tests.modules.update.sparkle import NAMESPACE, items_of, named, said


def feed(
    *releases: Release, channel: Channel = Channel.STABLE, notes: dict[int, Signed] | None = None
) -> bytes:
    return appcast(releases, channel, BASE, notes or {})


def item(one: Release, **also: Any) -> ET.Element:
    (found,) = items_of(feed(one, **also))
    return found


def enclosure(one: Release) -> ET.Element:
    (found,) = item(one).findall("enclosure")
    return found


def test_it_is_rss_in_utf_8_and_its_namespace_is_sparkles_to_the_letter() -> None:
    """PUBLISHING, "Extending the appcast": the root with its namespace. SOURCE, SUAppcast.m: the address is
    compared as it stands, with http, and items are those of /rss/channel/item."""
    text = feed(release(2), release(1))
    assert text.startswith(b"<?xml version='1.0' encoding='utf-8'?>\n")
    assert f'xmlns:sparkle="{NAMESPACE}"'.encode() in text
    rss = ET.fromstring(text)
    assert (rss.tag, rss.get("version")) == ("rss", "2.0")
    assert [one.tag for one in rss] == ["channel"]
    assert len(items_of(text)) == 2


def test_rss_wants_a_title_an_address_and_a_description() -> None:
    """https://www.rssboard.org/rss-specification, "Required channel elements"."""
    for channel in Channel:
        head = ET.fromstring(feed(channel=channel)).find("channel")
        assert head is not None
        assert all(head.findtext(name) for name in ("title", "link", "description"))


def test_the_versions_are_elements_of_the_item() -> None:
    """PUBLISHING, "Update your appcast": both as top level items, no longer in the enclosure; "Internal build
    numbers": sparkle:version for machines, sparkle:shortVersionString for people."""
    one = release(1248, version="1.5.1")
    assert said(item(one), "version") == "1248"
    assert said(item(one), "shortVersionString") == "1.5.1"
    assert not {named("version"), named("shortVersionString")} & set(enclosure(one).attrib)


def test_a_stable_release_has_no_channel() -> None:
    """PUBLISHING, "Channels": an item without the element is on the default channel. SOURCE, SUAppcastItem.m:
    an empty name would be an error, and a name has letters, digits, "_", "." and "-" only."""
    assert said(item(release()), "channel") is None
    assert said(item(beta()), "channel") == "beta"


@pytest.mark.parametrize(("system", "three"), [("11", "11.0.0"), ("11.0", "11.0.0"), ("10.15.7", "10.15.7")])
def test_the_least_macos_has_three_parts(system: str, three: str) -> None:
    """PUBLISHING, "Minimum system version requirements": major.minor.patch, as a child of the item."""
    assert said(item(release(min_os=system)), "minimumSystemVersion") == three


def test_those_whose_macos_is_too_old_are_sent_to_our_page() -> None:
    """PUBLISHING, "Minimum system version requirements": to what the item's link says."""
    assert item(release()).findtext("link") == f"{BASE}/"


def test_a_critical_release_says_so_at_the_top_of_the_item() -> None:
    """PUBLISHING, "Critical updates": Sparkle 2 has it as a top-level element, not within sparkle:tags;
    without sparkle:version it is critical for everybody."""
    found = item(release(critical=True)).find(named("criticalUpdate"))
    assert found is not None
    assert not found.attrib
    assert item(release(critical=True)).find(named("tags")) is None
    assert said(item(release()), "criticalUpdate") is None


def test_phases_are_in_seconds_and_count_from_a_date_that_sparkle_reads() -> None:
    """PUBLISHING, "Phased group rollouts": the interval in seconds, and a pubDate `E, dd MMM yyyy HH:mm:ss Z`
    (Unicode's patterns: Z is an offset in numbers)."""
    phased = item(release(phase_seconds=86400, released_at=NOON))
    assert said(phased, "phasedRolloutInterval") == "86400"
    assert phased.findtext("pubDate") == "Fri, 27 Nov 2026 12:00:00 +0000"
    assert said(item(release()), "phasedRolloutInterval") is None


@given(st.integers(0, 253402300799))
def test_a_date_is_that_of_the_release(seconds: int) -> None:
    """RFC 2822, 3.3, which RSS 2.0 asks for."""
    text = item(release(released_at=seconds)).findtext("pubDate") or ""
    assert re.fullmatch(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000", text)
    assert parsedate_to_datetime(text) == datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("arch", "wanted"), [("arm64", "arm64"), ("universal2", None), ("x86_64", None)])
def test_what_runs_on_apple_silicon_only_is_offered_to_no_other(arch: str, wanted: str | None) -> None:
    """SOURCE, SUConstants.m and SUAppcastItem.m of 2.9: an element of the item, whose one word is arm64. An
    Intel build needs none, as Apple's machines run it too."""
    assert said(item(release(arch=arch)), "hardwareRequirements") == wanted


def test_the_notes_are_a_link_that_is_signed() -> None:
    """PUBLISHING, "Update your appcast": the address is the element's text. SOURCE, pull request 2822 and
    SUAppcastItem.m of 2.9: clients that require signed feeds want sparkle:edSignature on it, and read
    sparkle:length."""
    link = item(release(7), notes={7: Signed("c2lnbmVk", 321)}).find(named("releaseNotesLink"))
    assert link is not None
    assert link.text == f"{BASE}/notes/7"
    assert link.attrib == {named("edSignature"): "c2lnbmVk", named("length"): "321"}
    assert said(item(release(7), notes={8: Signed("c2lnbmVk", 321)}), "releaseNotesLink") is None


def test_the_whole_history_has_an_address() -> None:
    """PUBLISHING, "Full release notes"."""
    assert said(item(release()), "fullReleaseNotesLink") == f"{BASE}/"


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("dmg", "application/x-apple-diskimage"),
        ("pkg", "application/octet-stream"),
        ("zip", "application/zip"),
    ],
)
def test_the_enclosure(kind: str, media_type: str) -> None:
    """PUBLISHING, "Update your appcast": url, length and type are RSS's, sparkle:edSignature is Sparkle's.
    PACKAGES and SOURCE, SPUInstallationType.h: sparkle:installationType is "package" for an installer."""
    one = release(kind=kind, artifact=artifact(f"Nexy.{kind}", 1623481))
    assert enclosure(one).attrib == {
        "url": f"{BASE}/downloads/Nexy.{kind}",
        "length": "1623481",
        "type": media_type,
        named("edSignature"): one.artifact.ed25519,
    } | ({named("installationType"): "package"} if kind == "pkg" else {})


def test_deltas_are_enclosures_within_their_own_element() -> None:
    """DELTAS, "Manual generation": each with sparkle:deltaFrom, which is the older one's sparkle:version, and
    with a signature of its own. The enclosure of the item stays the only one of its children."""
    one = release(9, deltas=(delta(7), delta(8)))
    found = item(one).findall(f"{named('deltas')}/enclosure")
    assert [delta_of.attrib for delta_of in found] == [
        {
            "url": f"{BASE}/downloads/from-{older}.delta",
            "length": str(10 + older),
            "type": "application/octet-stream",
            named("edSignature"): delta(older).artifact.ed25519,
            named("deltaFrom"): str(older),
        }
        for older in (7, 8)
    ]
    assert enclosure(one).get(named("deltaFrom")) is None
    assert said(item(release()), "deltas") is None


def test_the_newest_is_first_and_older_ones_stay() -> None:
    made = catalogue(release(1), beta(3), release(2), release(4)).withdrawn("1.2")
    stable = appcast(made.offered(Channel.STABLE), Channel.STABLE, BASE, {})
    assert [said(one, "version") for one in items_of(stable)] == ["4", "1"]
    everything = appcast(made.offered(Channel.BETA), Channel.BETA, BASE, {})
    assert [said(one, "version") for one in items_of(everything)] == ["4", "3", "1"]


def test_an_item_keeps_its_identity_when_others_come() -> None:
    """RSS 2.0: a guid is a text that stays; ours is no address, which isPermaLink has to say."""
    (before,) = items_of(feed(release(1)))
    after = items_of(feed(release(2), release(1)))[1]
    assert ET.tostring(before).strip() == ET.tostring(after).strip()
    guid = before.find("guid")
    assert guid is not None
    assert guid.get("isPermaLink") == "false"
    assert len({one.findtext("guid") for one in items_of(feed(release(2), release(1)))}) == 2


letters = st.characters(exclude_categories=("C", "Z"), exclude_characters="/\\:") | st.just(" ")
names = st.text(letters, min_size=1, max_size=20).filter(lambda name: name[0] != ".")


@given(names)
def test_whatever_a_file_is_called_its_address_is_plain_and_leads_to_it(name: str) -> None:
    """SOURCE, SUAppcastItem.m: an address that NSURL cannot read refuses the item, and with it the feed."""
    url = enclosure(release(artifact=artifact(name))).get("url") or ""
    assert re.fullmatch(r"https://updates\.example/downloads/[A-Za-z0-9%._~-]+", url)
    assert unquote(url.removeprefix(f"{BASE}/downloads/")) == name


def test_the_same_releases_give_the_same_bytes() -> None:
    one = release(2, artifact=artifact(ODD_NAME), deltas=(delta(1),), critical=True)
    notes = {2: Signed("c2lnbmVk", 1), 1: Signed("ZWxzZQ==", 2)}
    again = dict(reversed(notes.items()))
    assert feed(one, release(1), notes=notes) == feed(one, release(1), notes=again)
