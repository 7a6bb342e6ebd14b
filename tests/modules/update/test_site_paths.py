"""Paths that are made to leave the folder, sent as they are: none does, and the server goes on."""

from pathlib import Path

import pytest

from tests.modules.update.serving import Served, Workshop

SECRET = b"a secret that lies beside the folder"
UP = (
    b"..",
    b"%2e%2e",
    b".%2e",
    b"%2e.",
    b"%252e%252e",
    b"%25252e%25252e",
    b"%c0%ae%c0%ae",
    b"%e0%80%ae%e0%80%ae",
)
SLASH = (b"/", b"%2f", b"%5c", b"\\", b"%252f", b"%c0%af", b"%ef%bc%8f", b"..;/", b"%00/")
CLIMBS = [b"/downloads/" + up + slash + up + slash + b"secret" for up in UP for slash in SLASH]
ODD = [
    b"/downloads/",
    b"/downloads",
    b"/downloads//",
    b"/downloads/.",
    b"/downloads/..",
    b"/downloads/...",
    b"/downloads/%2e",
    b"/downloads/%2e%2e",
    b"/downloads/.lock",
    b"/downloads/../.lock",
    b"/downloads/../published.json",
    b"/published.json",
    b"/.lock",
    b"/updates/published.json",
    b"/downloads//etc/passwd",
    b"/downloads/%2fetc%2fpasswd",
    b"/downloads///////etc/passwd",
    b"//etc/passwd",
    b"/etc/passwd",
    b"/../../../../etc/passwd",
    b"/%2e%2e/%2e%2e/etc/passwd",
    b"/./downloads/./../secret",
    b"/downloads/Nexy-1.0.dmg/",
    b"/downloads/Nexy-1.0.dmg/..",
    b"/downloads/Nexy-1.0.dmg.",
    b"/downloads/Nexy-1.0.dmg%20",
    b"/downloads/Nexy-1.0.dmg%00",
    b"/downloads/Nexy-1.0.dmg%00.txt",
    b"/downloads/%00Nexy-1.0.dmg",
    b"/downloads/Nexy-1.0.dmg%0a",
    b"/downloads/Nexy-1.0.dmg%0d%0aSet-Cookie:x=y",
    b"/downloads/Nexy-1.0.dmg;x",
    b"/downloads/Nexy-1.0.dmg::$DATA",
    b"/downloads/NEXY-1~1.DMG",
    b"/downloads/nexy-1.0.dmg",
    b"/downloads/C:%5cWindows%5cwin.ini",
    b"/downloads/c:/windows/win.ini",
    b"/downloads/file:%2f%2f%2fetc%2fpasswd",
    b"/downloads/link",
    b"/downloads/unknown.dmg",
    b"/downloads/.incoming-x",
    b"/downloads/*",
    b"/downloads/?",
    b"/downloads/?file=../secret",
    b"/downloads/%",
    b"/downloads/%2",
    b"/downloads/%zz",
    b"/downloads/%u002e%u002e%u2215secret",
    b"/downloads/%ff%fe",
    b"/downloads/%ed%a0%80",
    b"/downloads/%f0%80%80%af",
    b"/downloads/" + b"../" * 1000 + b"etc/passwd",
    b"/downloads/" + b"a" * 10_000,
    b"/downloads/CON",
    b"/downloads/~root/.bashrc",
    b"/downloads/$HOME",
    b"/downloads/..%00/..%00/secret",
    b"/downloads/..%0d/secret",
    b"/downloads/....//....//secret",
    b"/downloads/..../secret",
    b"/notes/../secret",
    b"/notes/%2e%2e%2fsecret",
    b"/notes/1/../../secret",
    b"/notes/1%00",
    b"/api/../secret",
    b"/api/",
    b"/api/%2e%2e/published",
    b"/appcast.xml/../secret",
    b"/appcast.xml%2f..%2fsecret",
    b"/appcast.xml.sig.sig",
    b"http://x/downloads/../../secret",
    b"http://x/etc/passwd",
    b"file:///etc/passwd",
    b"*",
    b"../secret",
    b"secret",
    b"\\..\\secret",
]


@pytest.fixture
def laid(workshop: Workshop) -> Workshop:
    """A release, secrets around it, and in the folder what nobody has released."""
    workshop.add("1.0", b"the release")
    path, downloads = workshop.folder.path, workshop.folder.downloads
    for place in (path.parent, path, downloads):
        (place / "secret").write_bytes(SECRET)
    (downloads / "unknown.dmg").write_bytes(SECRET)
    (downloads / "link").symlink_to(path.parent / "secret")
    return workshop


async def test_no_path_leaves_what_was_released(laid: Workshop, site: Served, tmp_path: Path) -> None:
    assert len({*CLIMBS, *ODD}) > 140
    for target in (*CLIMBS, *ODD):
        answer = await site.raw(target)
        assert answer[:9] == b"HTTP/1.1 ", target
        assert answer[9:12] in (b"400", b"404", b"405"), (target, answer)
        for word in (SECRET, b"root:", b"PRIVATE KEY", b"published.json", bytes(tmp_path), b"Traceback"):
            assert word not in answer, target
        head, _, body = answer.partition(b"\r\n\r\n")
        assert body in (b"", b'{"error":"there is nothing here"}'), target
        assert b"set-cookie" not in head.lower()
        assert b"location" not in head.lower()
    assert (await site.raw(b"/downloads/Nexy-1.0.dmg")).endswith(b"\r\n\r\nthe release")
    assert (await site.raw(b"/downloads/%4eexy%2D1.0.dmg")).endswith(b"\r\n\r\nthe release")


async def test_a_name_that_somebody_wrote_into_the_catalogue_leaves_nothing(
    laid: Workshop, site: Served
) -> None:
    await site.ask("/appcast.xml")
    file = laid.folder.path / "published.json"
    file.write_bytes(file.read_bytes().replace(b'"Nexy-1.0.dmg"', b'"../secret"'))
    assert SECRET not in await site.raw(b"/downloads/..%2fsecret")
    assert (await site.ask("/appcast.xml")).status == 200
    assert site.updates.told()["state"] != "works"


async def test_no_header_breaks_it(laid: Workshop, site: Served) -> None:
    for header in (
        b"X-Nexy-Device: \xff\xfe\x80\r\n",
        b"X-Nexy-Device: " + b"x" * 10_000 + b"\r\n",
        b"Range: bytes=\xff-\r\n",
        b"Range: bytes=0-1\r\nRange: bytes=2-3\r\n",
        b'If-None-Match: """"",,"\r\n',
        b"If-Range: \xff\r\nRange: bytes=1-2\r\n",
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    ):
        for target in (b"/downloads/Nexy-1.0.dmg", b"/appcast.xml", b"/manifest.json?arch=%ff&device=%00"):
            answer = await site.raw(target, header)
            assert answer[9:12] in (b"200", b"206", b"400"), (header, answer)
    assert (await site.ask("/health")).status == 200
