"""The English Readings. American: no "and" in numbers, the month first."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from num2words import num2words

from nexy.modules.text_filtering.english import capitals, words
from nexy.modules.text_filtering.readings import NOT_A_YEAR, Around, Signs

_LONGEST_SPELLED = 15  # digits; longer ones are codes
_HALVES = {"am": "a.m.", "pm": "p.m.", "": ""}
_ALWAYS_SPELLED = 3  # letters, or fewer
_VOWELS = re.compile(r"[AEIOUY]")
_ARTICLE = re.compile(r"\b(?:an?|the|per|each|every|another|this|that)\s\Z", re.IGNORECASE)
_NOUN = re.compile(
    r"[\s-](?!(?:of|is|was|are|were|in|for|to|and|or|more|less|a|an|each|per|at|on|from|away|with|by|as|but|if|when"
    r"|you|he|she|it|we|they|I|left|back|available|used|free|total|worth|long|high|wide|tall|deep|old|apart"
    r"|later|ago|before|after|here|there|now|today|only|extra|which|who|between|over|under|during|since|until"
    r"|will|would|can(?!\sof)|could|may|that|than|into|off|up|so|because)\b)[a-z]"
)
_YEAR_BEFORE = re.compile(
    r"\b(?:year (?:was|is)|in|since|until|till|from|to|by|of|before|after|around|about|circa|year"
    r"|spring|summer|autumn|fall|winter"
    r"|early|late|mid|and|between|through|copyright|January|February|March|April|May|June|July|August|September"
    r"|October|November|December),?\s\Z",
    re.IGNORECASE,
)
_CALL = re.compile(r"\b(?:call|dial|ring|phone)\s(?:\d{3}\sor\s)?\Z", re.IGNORECASE)
_CODE = re.compile(
    r"\b(?:PIN|[Cc]ode|[Pp]asscode|[Pp]assword|[Ee]xtension|[Ee]xt\."
    r"|(?:card|account|number) (?:ends|ending) in)"
    r"\s(?:is\s|number\s)?\Z"
)
_SHORTEST_CODE = 3  # digits
_MINOR_VERSION = 2  # digits that are a number: "Python 3.12"
_DAY_BEFORE = re.compile(r"\b(?:on|every|each|by|until|till|next|this|last|from|since)\s\Z", re.IGNORECASE)
_VERSIONED = re.compile(
    r"\b(?:[Vv]ersion|Python|Java|Node|Ubuntu|iOS|macOS|Android|Django|Rust|Go|Ruby|PHP)\s\Z"
)
_ATTRIBUTE = re.compile(r"(?:\b[Tt]h(?:e|is|at)|\bQ[1-4]|\bFY)\s\Z")
_NAMES_YEAR_AFTER = re.compile(r"\s(?:was|is|will|saw|has|had|brought|marked)\b")
_COUNTS_AFTER = re.compile(
    r"\s(?:people|men|women|children|users|years|days|hours|minutes|miles|meters|steps|words|pages|items|files"
    r"|votes|points|copies|times|more|dollars|euros|pounds|calories|employees|students|books|units|members|of)\b"
)


@lru_cache(maxsize=4096)  # a price list has the same numbers many times
def _words(number: int) -> str:
    """ "one thousand two hundred thirty-four"."""
    return str(num2words(number)).replace(",", "").replace(" and ", " ")


@lru_cache(maxsize=512)
def _ordinal(number: int) -> str:
    return str(num2words(number, to="ordinal")).replace(",", "").replace(" and ", " ")


@dataclass(frozen=True)
class English:
    """Meets Readings."""

    signs: Signs = field(default_factory=lambda: words.SIGNS)
    months: dict[str, int] = field(default_factory=lambda: words.MONTH_NAMES)

    def number(self, number: str, around: Around) -> str:
        sign = "minus " if number.startswith("-") else ""
        whole, _, decimals = number.lstrip("-").partition(".")
        called = len(whole) == 3 and not decimals and _CALL.search(around.before)
        coded = len(whole) >= _SHORTEST_CODE and not decimals and _CODE.search(around.before)
        if called or coded or len(whole) > _LONGEST_SPELLED or (len(whole) > 1 and whole[0] == "0"):
            said = self.digits(whole)
        elif not decimals and _looks_like_year(whole, around):
            said = self.year(int(whole), "", around)
        else:
            said = _words(int(whole))
        if len(decimals) == _MINOR_VERSION and decimals[0] != "0" and _VERSIONED.search(around.before):
            return f"{sign}{said} point {_words(int(decimals))}"
        return sign + said + (f" point {self.digits(decimals)}" if decimals else "")

    def digits(self, digits: str) -> str:
        return " ".join(_words(int(digit)) for digit in digits)

    def ordinal(self, number: int, suffix: str, around: Around) -> str:
        return _ordinal(number)

    def quantity(self, number: str, scale: str, unit: str, around: Around) -> str:
        one, many = words.UNITS.get(unit, (unit, unit))
        if unit in words.CENTS and not scale and re.fullmatch(r"-?\d+\.\d\d", number):
            return self._price(number, one, many, unit)
        scale = words.SCALES.get(scale, scale)
        said = self.number(number, NOT_A_YEAR) + (f" {scale}" if scale else "")
        if not unit:
            return said
        single = (number in ("1", "-1") and not scale) or _describes(around)
        return f"{said} {one if single else many}"

    def _price(self, number: str, one: str, many: str, unit: str) -> str:
        whole, cents = number.split(".")
        said = self.number(whole, NOT_A_YEAR)
        price = f"{said} {one if whole in ('1', '-1') else many}"
        if cents == "00":
            return price
        coins = f"{_words(int(cents))} {words.CENTS[unit][0] if cents == '01' else words.CENTS[unit][1]}"
        return coins if whole == "0" else f"{price} {coins}"

    def span(self, first: str, last: str, unit: str, around: Around) -> str:
        years = all(re.fullmatch(r"1[1-9]\d\d|20\d\d", number) for number in (first, last))
        if years and not unit:
            return f"{self.year(int(first), '', around)} to {self.year(int(last), '', around)}"
        end = self.quantity(last, "", unit, NOT_A_YEAR) if unit else self.number(last, NOT_A_YEAR)
        return f"{self.number(first, NOT_A_YEAR)} to {end}"

    def fraction(self, whole: str, top: int, bottom: int, around: Around) -> str:
        if bottom == 2:
            part = "half" if top == 1 else f"{_words(top)} halves"
        elif bottom == 4:
            part = "quarter" if top == 1 else f"{_words(top)} quarters"
        else:
            name = self.ordinal(bottom, "", around)
            part = name if top == 1 else f"{_words(top)} {name}s"
        if (top, bottom, whole) == (1, 2, "") and re.match(
            r"\s(?:the|an?|my|your|his|her|their)\b", around.after
        ):
            return part
        if whole:
            return f"{_words(int(whole))} and {'a ' if top == 1 else ''}{part}"
        if top == 1:
            return f"one {part}"
        return part

    def date(self, year: int | None, month: int, day: int | None, around: Around) -> str:
        said = words.MONTHS[month - 1]
        if day:
            said += f" {self.ordinal(day, '', around)}"
        return f"{said} {self.year(year, '', around)}" if year else said

    def year(self, year: int, suffix: str, around: Around) -> str:
        if suffix == "s":
            return self._decade(year)
        if 2000 <= year < 2010:
            said = _words(year)
        elif 1000 < year < 2100:
            century, rest = divmod(year, 100)
            last = "hundred" if not rest else f"oh {_words(rest)}" if rest < 10 else _words(rest)
            said = f"{_words(century)} {last}"
        else:
            said = _words(year)
        return said

    def _decade(self, year: int) -> str:
        if year < 100:
            return _plural(_words(year))
        if year % 100 == 0:
            return f"{_words(year // 100)} hundreds" if year % 1000 else "two thousands"
        return f"{_words(year // 100)} {_plural(_words(year % 100))}"

    def clock(self, hour: int, minute: int, half: str, around: Around) -> str:
        said = _words(hour)
        if minute:
            said += f" oh {_words(minute)}" if minute < 10 else f" {_words(minute)}"
        elif not half:
            said += " o'clock" if 0 < hour <= 12 else " hundred hours"
        return f"{said} {_HALVES[half]}" if half else said

    def roman(self, number: int, around: Around) -> str | None:
        named = _word_before(around)
        if named in capitals.KINGS:
            return f"the {self.ordinal(number, '', around)}"
        if named.lower() not in capitals.COUNTED or (number == 1 and not named[0].isupper()):
            return None  # "the part I like"
        return _words(number)

    def abbreviation(self, written: str, around: Around) -> str | None:
        if written in words.WEEKDAYS and _DAY_BEFORE.search(around.before):
            return words.WEEKDAYS[written]
        said = words.ABBREVIATIONS.get(written)
        if written.isupper() and "." not in written[:-1]:
            return None  # "EST."
        if said is None and (small := words.ABBREVIATIONS.get(written.lower())):
            said = small.capitalize()
        if said is None:
            return None
        if written in words.BEFORE_NUMBER and not re.match(r"\s?\d", around.after):
            return None
        name_follows = re.match(r"\s[A-ZÀ-Þ]", around.after) is not None
        if written in words.AFTER_NAME and not name_follows and re.search(r"\w\s\Z", around.before):
            return words.AFTER_NAME[written]
        if written in words.BEFORE_NAME and not name_follows:
            return None
        return said

    def spell(self, word: str) -> str | None:
        known = word in capitals.WORDS_OF_CAPITALS or word in capitals.STRESSED
        if known or len(word) > 5 or not word.isascii():
            return None
        if word in capitals.SPELLED or not _VOWELS.search(word) or len(word) <= _ALWAYS_SPELLED:
            return " ".join(word)
        return None


def _word_before(around: Around) -> str:
    """The word that white space parts from what is read; empty where there is none."""
    if not around.before[-1:].isspace():
        return ""
    return around.before.rstrip().rpartition(" ")[2].strip("\"'“«([*_-#>\n")


def _describes(around: Around) -> bool:
    """Whether it stands before a noun like an adjective: "a $20 bill", "a 5 mm screw"."""
    return _ARTICLE.search(around.before) is not None and _NOUN.match(around.after) is not None


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def _looks_like_year(whole: str, around: Around) -> bool:
    before, after = around.before, around.after
    if re.fullmatch(r"10\d[1-9]", whole):
        return before.lower().endswith("in ") and after[:1] in ("", ".", ",", ";", ")", "!", "?")
    if not re.fullmatch(r"1[1-9]\d\d|20\d\d", whole) or _COUNTS_AFTER.match(after):
        return False
    if _YEAR_BEFORE.search(before) or (before.endswith("(") and after.startswith((")", ",", "–", "-"))):
        return True
    if not re.fullmatch(r"19\d\d|20[0-4]\d", whole):
        return False
    if _ATTRIBUTE.search(before):  # "the 1969 landing"
        return re.match(r"\s[A-Za-z]", after) is not None
    return not before.strip(" \n#*->") and _NAMES_YEAR_AFTER.match(after) is not None


ENGLISH = English()
