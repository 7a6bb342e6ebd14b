"""The pages for people: what an HTML parser makes of them."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from nexy.modules.update import Channel
from nexy.modules.update.page import size
from tests.modules.update.serving import Served, Workshop

NAME = "Некси & друзья <1>'.dmg"
VOID = {"meta", "link", "br", "hr", "img"}
FORBIDDEN = {"script", "img", "iframe", "object", "embed", "link", "form", "base", "svg", "video", "audio"}


class Page(HTMLParser):
    """A parsed document."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[int, str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html.decode())
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"{tag} is closed, and not what is open"

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.text += data
        if self._open and re.fullmatch("h[1-6]", self._open[-1]):
            level, text = self.headings[-1]
            self.headings[-1] = level, text + data.strip()

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
async def page(workshop: Workshop, site: Served) -> Page:
    workshop.add("1.0", b"one", notes="# Big news\n\n## And less\n\n*x*")
    workshop.add(
        "1.1", b"x" * 1_234_567, NAME, delta=b"d", notes="<script>alert(1)</script> & [a](javascript:b)"
    )
    workshop.add("1.2-beta", b"b", channel=Channel.BETA, critical=True, rollout=10)
    workshop.add("1.3", b"c")
    workshop.change(lambda catalogue: catalogue.withdrawn("1.3"))
    return Page((await site.ask("/")).body)


async def test_all_releases_are_there_with_what_they_are_to_be_compared_with(
    page: Page, workshop: Workshop
) -> None:
    versions = [text for level, text in page.headings if level == 2]
    assert [one.split()[1][:3] for one in versions] == ["1.2", "1.1", "1.0"]
    for release in workshop.published.catalogue.kept:
        for artifact in release.artifacts:
            assert artifact.sha256 in page.text
            assert artifact.ed25519 in page.text
    assert workshop.key.public in page.text
    assert "1.2 MB (1234567 bytes)" in page.text
    assert "1.3" not in page.text
    assert page.all("time")[0]["datetime"] == "2025-11-26T23:33:23Z"
    assert "offered to 10 % so far" in page.text


async def test_nothing_that_a_release_says_becomes_more_than_text(page: Page) -> None:
    assert NAME in page.text
    assert not FORBIDDEN & {tag for tag, _ in page.elements}
    attributes = {name for _, found in page.elements for name in found}
    assert not [name for name in attributes if name.startswith("on") or name == "style"]
    links = [link["href"] or "" for link in page.all("a")]
    assert not [link for link in links if link.startswith("javascript")]
    assert any("%D0%9D%D0%B5%D0%BA%D1%81%D0%B8%20%26" in link for link in links)


async def test_it_can_be_heard(page: Page) -> None:
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("title")) == len(page.all("main")) == 1
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert ("Big news", 3) in [(text, level) for level, text in page.headings]
    ids = [found["id"] for _, found in page.elements if "id" in found]
    assert len(ids) == len(set(ids))
    assert [one["aria-labelledby"] for one in page.all("article")] == ids
    downloads = [link for link in page.all("a") if "/downloads/" in (link["href"] or "")]
    assert len(downloads) == 4


@pytest.mark.parametrize("path", ["/", "/notes/1"])
async def test_it_asks_nobody_for_anything(path: str, workshop: Workshop, site: Served) -> None:
    workshop.add("1.0", b"one", notes="**News** <b>")
    answer = await site.ask(path)
    style = re.findall("<style>(.*?)</style>", answer.body.decode(), re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert len(style) == 1
    assert "url(" not in style[0]
    assert "@import" not in style[0]
    assert answer.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'sha256-{allowed}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert not FORBIDDEN & {tag for tag, _ in Page(answer.body).elements}


def luminance(colour: str) -> float:
    """Of "#rrggbb", as WCAG 2 reckons it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


async def test_it_can_be_read_in_the_light_and_in_the_dark(site: Served) -> None:
    html = (await site.ask("/")).body.decode()
    themes = [
        dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", theme)) for theme in re.findall(r":root {(.*?)}", html)
    ]
    assert len(themes) == 2
    for theme in themes:
        for name, least in (("text", 7.0), ("dim", 4.5), ("link", 4.5), ("line", 3.0)):
            one, other = sorted((luminance(theme[name]), luminance(theme["page"])))
            assert (other + 0.05) / (one + 0.05) >= least, name


async def test_notes_are_the_very_bytes_that_were_signed(workshop: Workshop, site: Served) -> None:
    workshop.add("1.0", b"one", notes="Новости & <b>")
    notes = workshop.published.notes[1].html
    assert (await site.ask("/notes/1")).body == notes.encode()
    assert "Новости &amp; &lt;b&gt;" in notes


@pytest.mark.parametrize(
    ("given", "said"), [(0, "0 bytes"), (999, "999 bytes"), (12_345_678, "12.3 MB"), (2 * 10**9, "2.0 GB")]
)
def test_sizes(given: int, said: str) -> None:
    assert size(given) == said
