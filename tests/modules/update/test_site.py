"""Feeds, manifests and lists, as clients get them over a socket."""

import base64
import json
import xml.etree.ElementTree as ET
from typing import Any

import nacl.signing
import pytest
import trio

from nexy.modules.update import Channel
from tests.modules.update.serving import BASE_URL, Answer, Served, Workshop, serving

SPARKLE = "{http://www.andymatuschak.org/xml-namespaces/sparkle}"
SMALL = ("/appcast.xml", "/appcast-beta.xml", "/manifest.json", "/manifest-beta.json", "/")
LISTS = ("/api/versions", "/api/manifests", "/api/artifacts")


def builds(feed: Answer) -> list[int]:
    assert feed.status == 200
    return [int(one.text or "") for one in ET.fromstring(feed.body).iter(f"{SPARKLE}version")]


def verify(public: str, data: bytes, signature: bytes) -> None:
    """By another library than the one that signed."""
    nacl.signing.VerifyKey(base64.b64decode(public)).verify(data, base64.b64decode(signature))


async def test_each_channel_has_its_releases_and_a_signature_over_all_bytes(
    workshop: Workshop, site: Served
) -> None:
    workshop.add("1.0", b"one")
    workshop.add("1.1-beta", b"two", channel=Channel.BETA)
    for path, found in (("/appcast.xml", [1]), ("/appcast-beta.xml", [2, 1])):
        feed, signature = await site.ask(path), await site.ask(f"{path}.sig")
        assert builds(feed) == found
        assert feed.headers["content-type"] == "application/xml; charset=utf-8"
        assert signature.headers["content-type"] == "text/plain; charset=utf-8"
        verify(workshop.key.public, feed.body, signature.body)


async def test_manifests_are_of_the_newest_that_is_offered(workshop: Workshop, site: Served) -> None:
    workshop.add("1.0", b"one", arch="x86_64")
    workshop.add("1.1", b"two", arch="arm64")
    workshop.add("1.2-beta", b"three", channel=Channel.BETA)

    async def build(path: str) -> str:
        answer = await site.ask(path)
        assert answer.headers["content-type"] == "application/json"
        return str(json.loads(answer.body)["build"])

    assert await build("/manifest.json") == "2"
    assert await build("/manifest.json?arch=x86_64") == "1"
    assert await build("/manifest.json?arch=arm64") == "2"
    assert await build("/manifest-beta.json?arch=x86_64") == "3"
    manifest = json.loads((await site.ask("/manifest.json?arch=arm64")).body)
    assert manifest["artifact"]["url"] == f"{BASE_URL}/downloads/Nexy-1.1.dmg"
    refused = await site.ask("/manifest.json?arch=ppc")
    assert (refused.status, json.loads(refused.body)) == (400, {"error": "arch is arm64 or x86_64"})


async def test_a_server_that_has_nothing_yet(site: Served) -> None:
    for path in ("/appcast.xml", "/appcast-beta.xml"):
        feed = await site.ask(path)
        assert builds(feed) == []
        assert ET.fromstring(feed.body).findtext("channel/title", "").startswith("Nexy")
        assert (await site.ask(f"{path}.sig")).status == 404
    for path in ("/manifest.json", "/manifest-beta.json"):
        answer = await site.ask(path)
        assert (answer.status, json.loads(answer.body)) == (404, {"error": "nothing has been released"})
        assert answer.headers["cache-control"] == "no-store"
    assert [json.loads((await site.ask(path)).body) for path in LISTS] == [
        {"versions": []},
        {"manifests": []},
        {"artifacts": []},
    ]
    assert b"Nothing has been released yet" in (await site.ask("/")).body


async def test_lists_name_every_release_and_every_file(workshop: Workshop, site: Served) -> None:
    workshop.add("1.0", b"one")
    workshop.add("1.1", b"two", delta=b"small", critical=True)
    workshop.add("1.2", b"three")
    workshop.change(lambda catalogue: catalogue.withdrawn("1.2"))
    versions, manifests, artifacts = [json.loads((await site.ask(path)).body) for path in LISTS]
    assert [(one["version"], one["critical"]) for one in versions["versions"]] == [
        ("1.1", True),
        ("1.0", False),
    ]
    assert [one["build"] for one in manifests["manifests"]] == ["2", "1"]
    assert [(one["file"], one["size"], one.get("from_build")) for one in artifacts["artifacts"]] == [
        ("Nexy-1.1.dmg", 3, None),
        ("Nexy-1.1.delta", 5, 1),
        ("Nexy-1.0.dmg", 3, None),
    ]


async def test_what_a_client_has_already_is_not_sent_again(workshop: Workshop, site: Served) -> None:
    workshop.add("1.0", b"one", notes="News")
    for path in (*SMALL, *LISTS, "/appcast.xml.sig", "/notes/1"):
        first = await site.ask(path)
        assert first.headers["cache-control"] == "public, max-age=60"
        again = await site.ask(path, if_none_match=first.headers["etag"])
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    before = (await site.ask("/appcast.xml")).headers["etag"]
    workshop.add("1.1", b"two")
    assert (await site.ask("/appcast.xml", if_none_match=before)).status == 200


async def test_head_says_the_same_without_a_body(workshop: Workshop, site: Served) -> None:
    workshop.add("1.0", b"one", notes="News")
    for path in (*SMALL, *LISTS, "/notes/1", "/health", "/downloads/Nexy-1.0.dmg", "/nothing"):
        whole, head = await site.ask(path), await site.ask(path, "HEAD")
        assert (head.status, head.body) == (whole.status, b"")
        different = {name for name in whole.headers if whole.headers[name] != head.headers.get(name)}
        assert different <= {"date"}
        assert head.headers["content-length"] == str(len(whole.body))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
async def test_nothing_can_be_changed(method: str, workshop: Workshop, site: Served) -> None:
    release = workshop.add("1.0", b"one")
    for path in ("/appcast.xml", "/downloads/Nexy-1.0.dmg", "/"):
        answer = await site.ask(path, method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert workshop.file(release).read_bytes() == b"one"


async def test_nobody_is_to_guess_what_something_is(workshop: Workshop, site: Served) -> None:
    workshop.add("1.0", b"one", notes="News")
    paths = (*SMALL, *LISTS, "/notes/1", "/health", "/downloads/Nexy-1.0.dmg", "/nothing", "/notes/2")
    answers = [await site.ask(path) for path in paths] + [await site.ask("/", "POST")]
    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}


@pytest.mark.parametrize(
    "path", ["/notes/2", "/notes/01", "/notes/" + "9" * 5000, "/notes/x", "/appcast.xml/"]
)
async def test_what_is_not_there(path: str, workshop: Workshop, site: Served) -> None:
    workshop.add("1.0", b"one")
    answer = await site.ask(path)
    assert (answer.status, json.loads(answer.body)) == (404, {"error": "there is nothing here"})


async def test_a_rollout_reaches_some_and_no_cache_mixes_them_up(workshop: Workshop, site: Served) -> None:
    workshop.add("1.0", b"one")
    workshop.add("1.1", b"two", rollout=30)
    got: dict[str, list[int]] = {}
    for number in range(40):
        device = f"device-{number}"
        feed = await site.ask("/appcast.xml", x_nexy_device=device)
        got[device] = builds(feed)
        assert feed.headers["cache-control"] == "private, max-age=60"
        assert feed.headers["vary"] == "X-Nexy-Device"
        signature = await site.ask("/appcast.xml.sig", x_nexy_device=device)
        verify(workshop.key.public, feed.body, signature.body)
        manifest = json.loads((await site.ask(f"/manifest.json?device={device}")).body)
        assert manifest["build"] == str(got[device][0])  # the two ways to say who it is are one
    lucky = [device for device, found in got.items() if found == [2, 1]]
    assert all(found in ([2, 1], [1]) for found in got.values())
    assert 3 < len(lucky) < 25
    workshop.change(lambda catalogue: catalogue.rolled_out("1.1", 60))
    for device in lucky:
        assert builds(await site.ask("/appcast.xml", x_nexy_device=device)) == [2, 1]
    workshop.change(lambda catalogue: catalogue.rolled_out("1.1", 100))
    feed = await site.ask("/appcast.xml", x_nexy_device="anybody")
    assert builds(feed) == [2, 1]
    assert feed.headers["cache-control"] == "public, max-age=60"


async def test_who_says_nothing_is_known_by_the_address(workshop: Workshop, site: Served) -> None:
    workshop.add("1.0", b"one")
    workshop.add("1.1", b"two", rollout=50)
    expected = [one.build for one in workshop.published.offered(Channel.STABLE, "127.0.0.1")]
    for _ in range(3):
        assert builds(await site.ask("/appcast.xml")) == expected
        assert builds(await site.ask("/appcast.xml?device=", x_nexy_device="")) == expected


async def test_a_broken_file_leaves_what_was_there(
    workshop: Workshop, site: Served, caplog: pytest.LogCaptureFixture
) -> None:
    workshop.add("1.0", b"one")
    assert builds(await site.ask("/appcast.xml")) == [1]
    file = workshop.folder.path / "published.json"
    good = file.read_bytes()
    file.write_bytes(good[:-10])
    for _ in range(3):
        assert builds(await site.ask("/appcast.xml")) == [1]
    assert caplog.text.count("cannot be read") == 1
    assert site.updates.told()["state"] == "published.json is not what nexy release writes"
    file.unlink()
    assert builds(await site.ask("/appcast.xml")) == [1]
    assert site.updates.told()["state"] == "what was published is gone"
    file.write_bytes(good)
    workshop.add("1.1", b"two")
    assert builds(await site.ask("/appcast.xml")) == [2, 1]
    told = site.updates.told()
    assert (told["state"], told["releases"], told["damaged_files"]) == ("works", 2, [])
    assert told["stable"] == told["beta"] == {"version": "1.1", "build": 2, "rollout": 100}


async def test_many_who_ask_at_once_have_it_read_once(workshop: Workshop, site: Served) -> None:
    workshop.add("1.0", b"one")
    read, times = workshop.folder.read, 0

    class Counting(type(workshop.folder)):  # type: ignore[misc]
        def read(self) -> Any:
            nonlocal times
            times += 1
            return read()

    site.updates.shelf._folder.__class__ = Counting
    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(site.ask, "/appcast.xml")
    assert times == 1


async def test_another_address_than_the_configured_one_is_told(
    workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    workshop.add("1.0", b"one")
    async with serving(workshop.folder, "https://other.example.org/") as site:
        assert "nexy release publish" in site.updates.told()["advice"]
        assert caplog.text.count("nexy release publish") == 1
    async with serving(workshop.folder, f"{BASE_URL}/") as site:  # the slash is no difference
        assert "advice" not in site.updates.told()


async def test_what_was_asked_for_is_counted(workshop: Workshop, site: Served) -> None:
    workshop.add("1.0", b"four")
    for path in ("/appcast.xml", "/downloads/Nexy-1.0.dmg", "/nothing", "/downloads/nothing"):
        await site.ask(path)
    await site.ask("/", "POST")
    before = site.updates.bytes_sent
    await site.ask("/downloads/Nexy-1.0.dmg", "HEAD")
    assert site.updates.bytes_sent == before
    assert dict(site.updates.requests) == {
        ("feed", 200): 1,
        ("download", 200): 2,
        ("download", 404): 1,
        ("other", 404): 1,
        ("page", 405): 1,
    }
    await site.ask("/downloads/Nexy-1.0.dmg")
    assert site.updates.bytes_sent - before == 4
