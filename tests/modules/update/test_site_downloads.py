"""Downloads: whole, in parts, with odd names; and never what is not what was released."""

import json
import os
import re
from collections.abc import Callable
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import quote

import pytest
import trio
from trio.testing import MockClock

from nexy.modules.update import Release
from nexy.modules.update.files import AGAIN_SECONDS, LOOK_SECONDS
from nexy.modules.update.reading import PIECE_BYTES
from tests.modules.update.serving import RELEASED_AT, Answer, Served, Workshop, serving

DATA = os.urandom(3 * PIECE_BYTES + 1234)
FILE = "/downloads/Nexy-1.0.dmg"
UNAVAILABLE = {"error": "the file cannot be downloaded just now"}


@pytest.fixture
def release(workshop: Workshop) -> Release:
    return workshop.add("1.0", DATA)


async def test_the_whole_file(release: Release, site: Served) -> None:
    answer = await site.ask(FILE)
    assert (answer.status, answer.body) == (200, DATA)
    headers = {name: value for name, value in answer.headers.items() if name != "date"}
    assert headers == {
        "content-type": "application/x-apple-diskimage",
        "content-length": str(len(DATA)),
        "content-disposition": "attachment; filename=\"Nexy-1.0.dmg\"; filename*=UTF-8''Nexy-1.0.dmg",
        "accept-ranges": "bytes",
        "etag": f'"{release.artifact.sha256}"',
        "last-modified": "Wed, 26 Nov 2025 23:33:21 GMT",
        "cache-control": "public, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
    }
    assert RELEASED_AT % 60 == 20


@pytest.mark.parametrize("part", [(0, 0), (1, 10), (PIECE_BYTES - 1, PIECE_BYTES), (5, len(DATA) - 1)])
async def test_a_part(part: tuple[int, int], release: Release, site: Served) -> None:
    first, last = part
    answer = await site.ask(FILE, range=f"bytes={first}-{last}")
    assert (answer.status, answer.body) == (206, DATA[first : last + 1])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(DATA)}"
    assert answer.headers["content-length"] == str(last - first + 1)
    assert answer.headers["etag"] == f'"{release.artifact.sha256}"'


async def test_several_parts(release: Release, site: Served) -> None:
    answer = await site.ask(FILE, range=f"bytes=-7,0-9,{PIECE_BYTES}-{2 * PIECE_BYTES + 5}")
    assert (answer.status, answer.headers["content-length"]) == (206, str(len(answer.body)))
    head = BytesParser().parsebytes(f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode())
    assert head.get_content_type() == "multipart/byteranges"
    boundary = b"\r\n--" + (head.get_boundary() or "").encode()
    before, *pieces, end = answer.body.split(boundary)
    assert (before, end) == (b"", b"--\r\n")
    found = []
    for piece in pieces:
        header, _, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        told: Message = BytesParser().parsebytes(header)
        assert told["content-type"] == "application/x-apple-diskimage"
        first, last = map(int, re.findall(r"(\d+)-(\d+)/", told["content-range"])[0])
        assert data == DATA[first : last + 1]
        found.append((first, last))
    size = len(DATA)
    assert found == [(size - 7, size - 1), (0, 9), (PIECE_BYTES, 2 * PIECE_BYTES + 5)]


async def test_bytes_that_are_not_there(release: Release, site: Served) -> None:
    answer = await site.ask(FILE, range=f"bytes={len(DATA)}-")
    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{len(DATA)}")


async def test_a_part_of_another_file_is_not_given(release: Release, site: Served) -> None:
    tag, modified = f'"{release.artifact.sha256}"', "Wed, 26 Nov 2025 23:33:21 GMT"
    for condition, status in ((tag, 206), (modified, 206), ('"older"', 200), (f"W/{tag}", 200)):
        answer = await site.ask(FILE, range="bytes=10-", if_range=condition)
        assert (answer.status, answer.body) == (status, DATA[10:] if status == 206 else DATA)


async def test_ranges_that_make_no_sense_give_the_whole(release: Release, site: Served) -> None:
    for wrong in ("bytes=9-3", "bytes=x", "pages=1-2", "bytes=" + ",".join(["0-"] * 1000)):
        assert (await site.ask(FILE, range=wrong)).body == DATA


async def test_who_has_it_does_not_get_it_again(release: Release, site: Served) -> None:
    answer = await site.ask(FILE, if_none_match=f'W/"{release.artifact.sha256}"', range="bytes=0-9")
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["cache-control"].endswith("immutable")


async def test_head_has_no_ranges(release: Release, site: Served) -> None:
    answer = await site.ask(FILE, "HEAD", range="bytes=0-9")
    assert (answer.status, answer.headers["content-length"]) == (200, str(len(DATA)))


@pytest.mark.parametrize(
    ("name", "plain", "kind"),
    [
        ("Некси 1.0.dmg", "_____ 1.0.dmg", "application/x-apple-diskimage"),
        ("a&b<c>'d\".zip", "a&b<c>'d_.zip", "application/zip"),
        ("50% off;x=y.pkg", "50_ off;x=y.pkg", "application/octet-stream"),
        ("こんにちは.delta", "_____.delta", "application/octet-stream"),
    ],
)
async def test_odd_names(name: str, plain: str, kind: str, workshop: Workshop, site: Served) -> None:
    workshop.add("1.0", b"odd", name, kind="zip")
    answer = await site.ask(f"/downloads/{quote(name)}")
    assert (answer.status, answer.body) == (200, b"odd")
    assert answer.headers["content-type"] == kind
    disposition = answer.headers["content-disposition"]
    assert disposition == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    parsed = Message()
    parsed["content-disposition"] = disposition
    assert parsed.get_filename() in (name, plain)


async def test_what_was_withdrawn_is_gone(workshop: Workshop, release: Release, site: Served) -> None:
    workshop.change(lambda catalogue: catalogue.withdrawn("1.0"))
    answer = await site.ask(FILE)
    assert (answer.status, json.loads(answer.body)) == (410, {"error": "this release was withdrawn"})


async def test_a_new_release_is_there_at_once(workshop: Workshop, release: Release, site: Served) -> None:
    assert (await site.ask("/downloads/Nexy-1.1.dmg")).status == 404
    workshop.add("1.1", b"new", delta=b"patch")
    assert (await site.ask("/downloads/Nexy-1.1.dmg")).body == b"new"
    assert (await site.ask("/downloads/Nexy-1.1.delta")).body == b"patch"


def in_place(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.write(b"\0" * 10)


def replaced(file: Path) -> None:
    file.unlink()
    file.write_bytes(b"other")


def missing(file: Path) -> None:
    file.unlink()


def link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("elsewhere")


def link_to_a_secret(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.parents[2] / "signing.pem")


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def shorter(file: Path) -> None:
    os.truncate(file, 100)


HARM = [in_place, replaced, missing, link, link_to_a_secret, pipe, folder, shorter]


async def refused(site: Served) -> Answer:
    answer = await site.ask(FILE)
    assert (answer.status, json.loads(answer.body)) == (503, UNAVAILABLE)
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    return answer


@pytest.mark.parametrize("harm", HARM)
async def test_a_file_that_is_not_what_was_released(
    harm: Callable[[Path], None],
    workshop: Workshop,
    release: Release,
    site: Served,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert (await site.ask(FILE)).body == DATA
    file = workshop.file(release)
    harm(file)
    for _ in range(3):
        await refused(site)
    assert site.updates.damaged == [release.artifact.file]
    assert site.updates.told()["state"] == "1 damaged"
    assert caplog.text.count("not what was released") == 1
    assert str(file.parent) not in caplog.text
    if file.is_dir():
        file.rmdir()
    elif file.exists() or file.is_symlink():
        file.unlink()
    file.write_bytes(DATA)
    assert (await site.ask(FILE)).body == DATA
    assert site.updates.damaged == []


async def comes(site: Served, damaged: list[str]) -> bool:
    """Whether it is found to be so, soon: threads that hash are not in simulated time."""
    for _ in range(100):
        if site.updates.damaged == damaged:
            return True
        await trio.sleep(LOOK_SECONDS / 10)
    return False


async def test_damage_is_found_before_anybody_asks(
    workshop: Workshop, release: Release, autojump_clock: MockClock
) -> None:
    autojump_clock.autojump_threshold = 0.02
    file = workshop.file(release)
    file.write_bytes(b"damaged")
    async with serving(workshop.folder) as site:
        assert await comes(site, [file.name])
        file.write_bytes(DATA)
        assert await comes(site, [])
        file.unlink()
        assert await comes(site, [file.name])
        workshop.change(lambda catalogue: catalogue.withdrawn("1.0"))
        assert await comes(site, [])


async def test_damage_that_leaves_no_mark_is_found_within_the_hour(
    workshop: Workshop, release: Release, autojump_clock: MockClock
) -> None:
    autojump_clock.autojump_threshold = 0.02
    file = workshop.file(release)
    async with serving(workshop.folder) as site:
        assert (await site.ask(FILE)).status == 200
        before = os.stat(file)
        in_place(file)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        await trio.sleep(2 * LOOK_SECONDS)
        assert site.updates.damaged == []
        autojump_clock.jump(AGAIN_SECONDS)
        assert await comes(site, [file.name])
        await refused(site)


async def test_a_download_ends_where_its_file_changes(
    workshop: Workshop, site: Served, caplog: pytest.LogCaptureFixture
) -> None:
    release = workshop.add("1.0", os.urandom(40 * PIECE_BYTES))
    async with await site.connect() as client:
        await client.send_all(f"GET {FILE} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received = len(await client.receive_some(1000))
        in_place(workshop.file(release))
        with trio.fail_after(5):
            async for data in client:
                received += len(data)
    assert received < release.artifact.size
    assert caplog.text.count("changed meanwhile") == 1


async def test_a_download_goes_on_when_its_file_is_replaced_or_withdrawn(
    workshop: Workshop, site: Served
) -> None:
    data = os.urandom(40 * PIECE_BYTES)
    release = workshop.add("1.0", data)
    async with await site.connect() as client:
        await client.send_all(f"GET {FILE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        received = bytearray(await client.receive_some(1000))
        replaced(workshop.file(release))
        workshop.change(lambda catalogue: catalogue.withdrawn("1.0"))
        assert (await site.ask(FILE)).status == 410
        with trio.fail_after(5):
            async for some in client:
                received += some
    assert bytes(received).partition(b"\r\n\r\n")[2] == data


async def test_those_who_wait_for_the_same_file_have_it_hashed_once(
    workshop: Workshop, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = []
    open_download = workshop.folder.open_download

    async with serving(workshop.folder) as site:

        def counting(name: str) -> int:
            hashed.append(name)
            return open_download(name)

        await site.ask(FILE)
        monkeypatch.setattr(site.updates.shelf._folder, "open_download", counting)
        os.utime(workshop.file(release))
        async with trio.open_nursery() as nursery:
            for _ in range(20):
                nursery.start_soon(site.ask, FILE)
        assert hashed == [release.artifact.file]
        await site.ask(FILE)
        assert hashed == [release.artifact.file]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc")
async def test_no_file_is_left_open(workshop: Workshop, release: Release) -> None:
    before = descriptors()
    async with serving(workshop.folder) as site:
        for _ in range(3):
            await site.ask(FILE)
            await site.ask(FILE, range="bytes=1-2")
            async with await site.connect() as client:  # which goes in the middle
                await client.send_all(f"GET {FILE} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                await client.receive_some(10)
            os.utime(workshop.file(release))
        workshop.change(lambda catalogue: catalogue.withdrawn("1.0"))
        assert (await site.ask(FILE)).status == 410
    assert descriptors() <= before
