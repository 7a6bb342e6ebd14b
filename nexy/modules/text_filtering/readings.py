"""What a language does to say what is written in signs: numbers, money, dates, times."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Around:
    """The text on both sides of what is read, as far as grammar may need it."""

    before: str = ""
    after: str = ""


NOT_A_YEAR = Around("", " of")  # what is behind a number makes a count of it


@dataclass(frozen=True, slots=True)
class Signs:
    """The words for signs that are read by themselves."""

    at: str
    dot: str
    slash: str
    plus: str
    minus: str
    times: str
    over: str  # divided by
    equals: str
    code: str  # what is said instead of a block of code
    code_in: str  # and when its language is named, which follows
    table: str  # before a table's headings
    ratio: str  # ":" of "16:9"
    score: str  # "-" between two numbers of which the second is smaller: "won 5-3"
    upon: str  # "/" between two numbers that are no fraction: "120/80"
    fold: str  # "x" of "5x faster"
    ands: str  # "&"
    number: str  # "#5", "№ 5"
    per: dict[str, str]  # "mo" of "$5/mo": "per month"
    days: dict[str, str]  # "Mon" of "Mon–Fri"; empty in a language that does not write them so
    more: dict[str, str]  # "≤", "²" and their like


class Readings(Protocol):
    """How one language says what is written in signs.

    Numbers come as plain digits with "." before the decimals ("1234.5", "-3"), freed of what groups them.
    Each method gives words parted by single spaces. Nothing raises: what cannot be, is said as it is.
    """

    @property
    def signs(self) -> Signs: ...

    @property
    def months(self) -> dict[str, int]:
        """Written names, in small letters, also shortened → 1 to 12."""
        ...

    def number(self, number: str, around: Around) -> str:
        """A bare number; "1234.5"."""
        ...

    def digits(self, digits: str) -> str:
        """A code, digit by digit: "007"."""
        ...

    def ordinal(self, number: int, suffix: str, around: Around) -> str:
        """A number written as an ordinal, with the ending as it was written: "3rd", "3-го"."""
        ...

    def quantity(self, number: str, scale: str, unit: str, around: Around) -> str:
        """A number with a unit or currency ("km", "$"), and perhaps a word such as "million" between them."""
        ...

    def span(self, first: str, last: str, unit: str, around: Around) -> str:
        """A range, "5–10 km"; the unit may be empty."""
        ...

    def fraction(self, whole: str, top: int, bottom: int, around: Around) -> str:
        """ "3/4", "2 1/2"; the whole may be empty."""
        ...

    def date(self, year: int | None, month: int, day: int | None, around: Around) -> str:
        """A day, or a month, in whatever writing."""
        ...

    def year(self, year: int, suffix: str, around: Around) -> str:
        """A year, with what was written behind it: "s" of "1990s", "-х", "г."."""
        ...

    def clock(self, hour: int, minute: int, half: str, around: Around) -> str:
        """A time of day; `half` is "am", "pm" or empty."""
        ...

    def roman(self, number: int, around: Around) -> str | None:
        """A Roman numeral as a number, if it is one there: "Louis XIV", "XX век"."""
        ...

    def abbreviation(self, written: str, around: Around) -> str | None:
        """What "Dr.", "e.g.", "т. е." stand for; None when it is said as it is."""
        ...

    def spell(self, word: str) -> str | None:
        """A word of capitals letter by letter, if it is said so: "FBI" → "F B I"."""
        ...
