"""Which language is spoken, and how its text is taken apart: pure and linear in the text's length."""

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["en", "ru"]

_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
_SENTENCE_END = re.compile(r"(?<=[.!?…;])\s+|\n+")
_NOT_PLAIN = re.compile(r"[^\w']+")


def listed(text: str) -> list[str]:
    """A list of words, for tables that read better as a text."""
    return text.split()


def language_of(texts: Iterable[str]) -> Language | None:
    """The language of the first text that has letters; None when it is neither of the two."""
    for text in texts:
        cyrillic, latin = len(_CYRILLIC.findall(text)), len(_LATIN.findall(text))
        if cyrillic or latin:
            return "ru" if cyrillic >= latin else "en"
        if _LETTER.search(text):
            return None
    return "en"


def tidy(text: str) -> str:
    """`text` on one line, without control characters, with straight apostrophes."""
    return " ".join(_CONTROL.sub(" ", text).replace("’", "'").split())


def sentences(text: str) -> list[str]:
    """The sentences of what was said, tidied; "3.5" is not cut."""
    return [tidied for part in _SENTENCE_END.split(text) if (tidied := tidy(part))]


def plain(text: str) -> str:
    """`text` for comparing: lower case, "ё" as "е", words with one space between them and nothing else."""
    return _NOT_PLAIN.sub(" ", text.lower().replace("ё", "е")).strip(" '")


def brief(text: str, limit: int) -> str:
    """`text` if it has at most `limit` characters, else so many whole words of it and "…"."""
    if len(text) <= limit:
        return text
    cut = text[:limit]
    return cut.rpartition(" ")[0].rstrip(" ,.;:!?") + "…" if " " in cut else cut[: limit - 1] + "…"


def sentence(text: str) -> str:
    """`text` with a capital first and a full stop last, unless it has an end of its own."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def plural(number: int, one: str, few: str, many: str) -> str:
    """The Russian form of a noun after `number`."""
    if number % 100 in range(11, 15) or number % 10 in (0, 5, 6, 7, 8, 9):
        return many
    return one if number % 10 == 1 else few
