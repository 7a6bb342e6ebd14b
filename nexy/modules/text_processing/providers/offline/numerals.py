"""Numbers said in words, mixed with figures: "two and a half million", "2 тысячи пятьсот", "сорока двух".

Own tables, because no kept library reads both languages: text2num dropped Russian with its version 3 and
has retired version 2, word2number knows English only.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from nexy.modules.text_processing.providers.offline.number_words import (
    ARTICLES,
    HUNDRED,
    ONE_AND_A_HALF,
    PARTS,
    POINT,
    SCALES,
    SMALL,
    WHOLES,
)

_FIGURES = re.compile(r"[0-9]+(?:\.[0-9]+)?")


class Numeral(NamedTuple):
    """A number found in a list of words."""

    value: Fraction
    end: int  # index of the first word after it
    part: bool = False  # a fraction like "half", which may be taken "of" something


def read_number(words: Sequence[str], start: int, *, joins: bool = True) -> Numeral | None:
    """The longest number that begins at `start`, or None.

    `words` are in lower case, figures like "12" or "2.5"; with `joins` an "and" may stand in the number,
    as in "one hundred and five".
    """
    number = _whole(words, start, joins)
    if number is None:
        return _bare_part(words, start)
    return _decimals(words, number) or _with_part(words, number) or number


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if at < len(words) else ""


class _Sum:
    """A whole number while its words are added up."""

    def __init__(self) -> None:
        self.total = Fraction(0)  # thousands, millions: what is closed
        self.group = Fraction(0)  # what stands before the next scale word
        self.rank = 4  # the next small word must be of a lower rank: hundreds 3, tens 2, ones 1
        self.scale = 10**15  # the next scale word must be lower
        self.after_scale = False  # an "and" may follow

    def add(self, word: str) -> bool:
        """Take one more word; False when it cannot belong to this number."""
        if word in SMALL:
            return self._add_small(SMALL[word])
        if word in HUNDRED:
            return self._add_hundred()
        if word in SCALES:
            return self._add_scale(SCALES[word])
        return bool(_FIGURES.fullmatch(word)) and self._add_figures(Fraction(word))

    def _add_small(self, value: int) -> bool:
        rank = 3 if value >= 100 else 2 if value >= 10 else 1
        if rank >= self.rank or (value == 0 and self.group):
            return False
        self.group += value
        self.rank = 1 if value < 20 else rank
        self.after_scale = False
        return True

    def _add_hundred(self) -> bool:
        if self.group >= 100 or (self.rank == 4 and self.group):
            return False
        self.group = (self.group or Fraction(1)) * 100
        self.rank, self.after_scale = 3, True
        return True

    def _add_scale(self, scale: int) -> bool:
        if scale >= self.scale:
            return False
        self.total += (self.group if self.rank < 4 else Fraction(1)) * scale
        self.group, self.rank, self.scale, self.after_scale = Fraction(0), 4, scale, True
        return True

    def _add_figures(self, value: Fraction) -> bool:
        if self.rank < 4 or value >= self.scale:
            return False
        self.group, self.rank, self.after_scale = value, 1, False
        return True


def _whole(words: Sequence[str], start: int, joins: bool) -> Numeral | None:
    if _word(words, start) in ONE_AND_A_HALF:
        scale = SCALES.get(_word(words, start + 1), 0)
        return Numeral(Fraction(3, 2) * (scale or 1), start + (2 if scale else 1))
    article = _word(words, start) in ARTICLES and _word(words, start + 1) in {*HUNDRED, *SCALES, "dozen"}
    number, at = _Sum(), start + article
    while at < len(words):
        skip = joins and number.after_scale and words[at] == "and" and _word(words, at + 1) in SMALL
        if not number.add(words[at + skip]):
            break
        at += 1 + skip
    return Numeral(number.total + number.group, at) if at > start else None


def _bare_part(words: Sequence[str], start: int) -> Numeral | None:
    at = start + (_word(words, start) in ARTICLES)
    value = PARTS.get(_word(words, at))
    return Numeral(value, at + 1, part=True) if value else None


def _decimals(words: Sequence[str], whole: Numeral) -> Numeral | None:
    """ "three point one four", "три запятая двадцать пять", "три целых и пять десятых"."""
    said = _word(words, whole.end)
    if said in WHOLES:
        return _russian_decimals(words, whole)
    if said not in POINT:
        return None
    digits, at = "", whole.end + 1
    while SMALL.get(_word(words, at), 10) < 10:
        digits += str(SMALL[words[at]])
        at += 1
    if not digits:
        number = _whole(words, at, joins=False)
        if number is None or number.value.denominator > 1:
            return None
        digits, at = str(number.value), number.end
    return Numeral(whole.value + Fraction(int(digits), 10 ** len(digits)), at)


def _russian_decimals(words: Sequence[str], whole: Numeral) -> Numeral | None:
    at = whole.end + 1
    part = _whole(words, at + (_word(words, at) == "и"), joins=False)
    unit = PARTS.get(_word(words, part.end)) if part else None
    if part is None or unit is None:
        return None
    return Numeral(whole.value + part.value * unit, part.end + 1)


def _with_part(words: Sequence[str], number: Numeral) -> Numeral | None:
    """ "three quarters", "two and a half million", "три с половиной тысячи"."""
    at = number.end
    if unit := PARTS.get(_word(words, at)):
        return Numeral(number.value * unit, at + 1, part=True)
    if _word(words, at) not in {"and", "с", "и"}:
        return None
    part = _bare_part(words, at + 1)
    if part is None or part.end - at != (3 if words[at] == "and" else 2):
        return None
    scale = SCALES.get(_word(words, part.end), 0)
    return Numeral((number.value + part.value) * (scale or 1), part.end + bool(scale))
