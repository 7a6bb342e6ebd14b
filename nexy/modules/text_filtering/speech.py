"""What is said of a text, as it grows, and how far in the text each word reaches."""

import re
from dataclasses import dataclass

from nexy.modules.text_filtering.pronunciations import NO_PRONUNCIATIONS, Pronunciations
from nexy.modules.text_filtering.readings import Around, Readings

CLOSING = ".,;:!?…"
AROUND = 48  # characters on each side that grammar may look at
_MARKUP = "*_`~"
_WORD = re.compile(r"\w")
ACRONYMS_ALONE = 3  # words: "FBI, CIA, NSA"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said of a text; empty when there is nothing to say."""

    text: str
    marks: tuple[tuple[int, int], ...]
    """For each spoken word, ascending: (the end of its last letter or digit in `text`, where the original
    has got to by then, with the punctuation and the markup that close behind the word)."""
    headings: tuple[str, ...] = ()
    """Of the table within which the text ends: they are said with the rows that follow."""


class Speech:
    """What is said so far."""

    def __init__(
        self,
        original: str,
        language: str,
        readings: Readings | None,
        pronunciations: Pronunciations = NO_PRONUNCIATIONS,
    ) -> None:
        self.original = original
        self.language = language
        self.readings = readings
        self.pronunciations = pronunciations
        self.wordless = not _WORD.search(original)  # there are only signs and pictures in it
        # A long row of capitals is shouting, and a short one may be acronyms.
        self.shouted = original.isupper() and len(original.split()) > ACRONYMS_ALONE
        self.gap = False  # white space comes before what is said next
        self.counting = False  # a number, or a bracket around one, was said last
        self._parts: list[str] = []
        self._length = 0
        self._marks: list[tuple[int, int]] = []

    @property
    def silent(self) -> bool:
        """Nothing is said so far."""
        return not self._marks

    def beside(self) -> "Speech":
        """For saying something of the same original by itself."""
        return Speech(self.original, self.language, self.readings, self.pronunciations)

    def around(self, start: int, end: int) -> Around:
        """The text on both sides, markup aside."""
        before = self.original[max(0, start - AROUND) : start].rstrip(_MARKUP)
        return Around(before, self.original[end : end + AROUND].lstrip(_MARKUP))

    def say(self, word: str, end: int) -> None:
        """Say one word, with which the original has got to `end`."""
        self._append(word)
        self._marks.append((self._length, end))
        self.counting = False

    def say_written(self, word: str, end: int) -> None:
        """Say one word as the user wants it, or else as it is written."""
        self.say_words(self.pronunciations.of(word, self.language) or word, end)

    def say_words(self, words: str, end: int) -> None:
        """Say words for one token: only with the last of them is it said."""
        *first, last = words.split(" ")
        for word in first:
            self.insert(word)
        self.say(last, end)

    def insert(self, word: str) -> None:
        """Say a word that is not written: the original gets no further with it."""
        self.say(word, self._marks[-1][1] if self._marks else 0)
        self.gap = True

    def sign(self, sign: str, end: int) -> None:
        """Write a sign that a voice reads in its own way; it belongs to the word that it touches."""
        if sign in CLOSING and not self.original[end : end + 1].strip():
            self.gap = False  # what was left out before it, or its own white space, does not part it
        self.pass_over(end)
        if sign == "." and self._parts and len(self._parts[-1]) > 1 and self._parts[-1][-1] == ".":
            return  # "p.m." has its full stop
        self._append(sign)
        self.counting = self.counting and sign == ")"

    def pause(self, sign: str) -> None:
        """A comma or a full stop of our own, unless one stands there already."""
        if self._parts and self._parts[-1][-1:] not in CLOSING:
            self._parts.append(sign)
            self._length += len(sign)
        self.gap = True

    def close(self, sign: str) -> None:
        """End a row, which is a sentence of its own: its last pause becomes `sign`."""
        if self._parts and self._parts[-1] == ",":
            self._parts[-1] = sign
        self.gap = True

    def pass_over(self, end: int) -> None:
        """Say nothing; what touches a word in the original is reached with the word."""
        if self._marks and not self.gap:
            self._marks[-1] = (self._marks[-1][0], end)

    def part(self, end: int) -> None:
        """Say nothing, and do not run together what stands on its sides."""
        self.pass_over(end)
        self.gap = True

    def spoken(self, end: int, headings: tuple[str, ...] = ()) -> Spoken:
        """All of it, for an original that ends at `end`."""
        if not self._marks:
            return Spoken("", (), headings)
        self._marks[-1] = (self._marks[-1][0], end)
        return Spoken("".join(self._parts), tuple(self._marks), headings)

    def _append(self, said: str) -> None:
        if self.gap:
            self.gap = False
            if self._marks:
                self._parts.append(" ")
                self._length += 1
            else:  # signs that stand apart before the first word are of no use to a voice
                self._parts.clear()
                self._length = 0
        self._parts.append(said)
        self._length += len(said)
