"""Release notes: Markdown → HTML that can do nothing but be read."""

from html import escape
from unicodedata import category

import nh3
from markdown_it import MarkdownIt

from nexy.errors import ReleaseError

TEXT = ("a", "b", "br", "code", "del", "em", "i", "s", "strong")
BLOCKS = ("blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul")
TABLES = ("table", "tbody", "td", "th", "thead", "tr")
TAGS = {*TEXT, *BLOCKS, *TABLES}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
MOST_CHARS = 100_000
UNREADABLE = {"Cc", "Cs"}  # control letters, and halves of letters; no-break spaces and joiners stay
STYLE = """
:root { color-scheme: light dark; }
body { font: 100%/1.5 system-ui, sans-serif; max-width: 45rem; margin: 1rem auto; padding: 0 1rem; }
code, pre { font-family: ui-monospace, monospace; } pre { overflow-x: auto; }
td, th { border: 1px solid; padding: .2em .5em; } table { border-collapse: collapse; }
"""

_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def html_of(markdown: str) -> str:
    """The notes as HTML without a document around it: no picture, no script, no style, no foreign scheme.

    Raises ReleaseError for more than MOST_CHARS.
    """
    if len(markdown) > MOST_CHARS:
        raise ReleaseError(f"the notes have more than {MOST_CHARS} characters")
    text = "".join(letter for letter in markdown if letter in "\n\t" or category(letter) not in UNREADABLE)
    return nh3.clean(
        _markdown.render(text),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
    )


def page_of(title: str, notes: str) -> str:
    """The document that Sparkle shows beside "Install update"."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<h1>{escape(title)}</h1>\n{notes or '<p>No notes.</p>'}\n</body>\n</html>\n"
    )
