"""Which language a text is in, told by its letters."""

import re

_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


def language_of(text: str, default: str = "en") -> str:
    """ISO 639-1: "ru" where Cyrillic letters outnumber Latin ones, "en" for other letters, else `default`."""
    if text.isascii():
        return "en" if _LATIN.search(text) else default
    cyrillic = len(_CYRILLIC.findall(text))
    if cyrillic > len(_LATIN.findall(text)):
        return "ru"
    return "en" if _LATIN.search(text) else default
