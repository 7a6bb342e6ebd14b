"""When the service says what: its word boundaries, found in the sentence that it was given."""

import html
import re
from typing import NamedTuple

from nexy.types import Word

AHEAD_WORDS = 4  # how many words may be without a boundary before the next one is looked for no more
CLOSING = ".,;:!?\"')]}%…-"

_WORD = re.compile(r"\w+")
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_ALIKE = str.maketrans("’‘ʼ“”«»–—\u00a0\u202f", '\'\'\'""""--  ')


class Boundary(NamedTuple):
    """One word as the service names it."""

    text: str
    at: float  # seconds from the start of the sentence's sound
    until: float  # the same


class Words:
    """The words of one sentence, in order. `place` never fails: what cannot be found is left out."""

    def __init__(self, spoken: str) -> None:
        self._spoken = spoken
        self._folded = _fold(spoken)
        self._end = 0  # of the last word that was found
        self._missed = 0  # boundaries since then that were not
        self._sounded = 0.0  # when the last word ends, seconds
        self.until = 0.0  # the latest that the service promised, seconds

    @property
    def all_said(self) -> bool:
        """Nothing that sounds is behind the last word that was found."""
        return not _WORD.search(self._folded, self._end)

    def place(self, boundary: Boundary) -> Word | None:
        """Where in the sentence it is; times never go back, not even when the service's do."""
        self.until = max(self.until, boundary.until)
        found = self._find(_fold(html.unescape(boundary.text)).strip())
        if found is None:
            self._missed += 1
            return None
        at = max(boundary.at, self._sounded)
        start, end = self._with_punctuation(*found)
        self._end, self._missed = end, 0
        self._sounded = max(at, boundary.until)
        return Word(start, end, at, self._sounded)

    def _find(self, text: str) -> tuple[int, int] | None:
        first = _WORD.search(text)
        if first is None:
            return None
        text = text[first.start() :].rstrip(CLOSING)
        start = self._whole(text)
        return None if start is None else (start, start + len(text))

    def _whole(self, text: str) -> int | None:
        """Where `text` is next: as whole words, or else as a part of the very next one."""
        next_word = _WORD.search(self._folded, self._end)
        start = self._folded.find(text, self._end)
        if start < 0 or next_word is None:
            return None
        first, last = start, self._last_start()
        while 0 <= start <= last:
            if not (self._in_word(start - 1) or self._in_word(start + len(text))):
                return start
            start = self._folded.find(text, start + 1)
        near = AHEAD_WORDS * (self._missed + 1) if _SPACELESS.search(text) else 0
        return first if first - next_word.start() <= near else None

    def _in_word(self, index: int) -> bool:
        """A letter or a digit is there, and not the end of the word before."""
        return self._end <= index < len(self._folded) and _WORD.match(self._folded[index]) is not None

    def _last_start(self) -> int:
        """Where the word may begin at the latest, so that one miss does not lose all that follow."""
        ahead = AHEAD_WORDS * (self._missed + 1)
        start = self._end
        for number, match in enumerate(_WORD.finditer(self._folded, self._end)):
            start = match.start()
            if number == ahead:
                break
        return start

    def _with_punctuation(self, start: int, end: int) -> tuple[int, int]:
        """The word with the signs that touch it."""
        while start > self._end and _is_sign(self._spoken[start - 1]):
            start -= 1
        while end < len(self._spoken) and _is_sign(self._spoken[end]):
            end += 1
        return start, end


def _is_sign(character: str) -> bool:
    return not (character.isalnum() or character.isspace() or character == "_")


def _fold(text: str) -> str:
    """`text`, character for character, so that what is alike compares equal."""
    same = text.translate(_ALIKE)
    low = same.lower()
    return low if len(low) == len(same) else "".join(map(_lower, same))


def _lower(character: str) -> str:
    low = character.lower()
    return low if len(low) == 1 else character
