"""Tells which language a text is in, by its script."""

import re

_CYRILLIC = re.compile(r"[\u0400-\u052f]+")
_LATIN = re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]+")


def language_of(text: str, default: str = "en") -> str:
    """ISO 639-1: "ru" when most letters are Cyrillic, "en" when they are Latin, else `default`.

    Letters of other scripts do not count: an English voice cannot say them, so they do not call for one.
    """
    cyrillic = sum(map(len, _CYRILLIC.findall(text)))
    latin = sum(map(len, _LATIN.findall(text)))
    if cyrillic > latin:
        return "ru"
    return "en" if latin else default
