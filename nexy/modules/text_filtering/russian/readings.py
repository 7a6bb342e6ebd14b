"""The Russian Readings."""

import re
from dataclasses import dataclass, field

from nexy.modules.text_filtering.readings import Around, Signs
from nexy.modules.text_filtering.russian import context, words
from nexy.modules.text_filtering.russian.abbreviations import abbreviation
from nexy.modules.text_filtering.russian.letters import spell
from nexy.modules.text_filtering.russian.nouns import (
    CASES,
    COINS,
    HOUR,
    SCALES,
    UNITS,
    YEAR,
    Case,
    Gender,
    Noun,
    is_few,
    is_one,
)
from nexy.modules.text_filtering.russian.numerals import (
    LONGEST_SPELLED,
    cardinal,
    decimal,
    digit_by_digit,
    fraction,
    one_and_a_half,
    ordinal,
    prefix,
)
from nexy.modules.text_filtering.russian.roman import is_a_number, roman_place

_NOTHING = Around()
_YEARS = re.compile(r"1\d{3}|20\d\d|21\d\d")
_FIRST_YEAR = re.compile(r"\s(?:по|до|и|или)\s\d{4}\s(год[а-я]*|гг?\.)")  # "с 1941 по 1945 год"
_MONTH = rf"\s(?:{'|'.join(words.MONTHS)})"
_FIRST_DAY = re.compile(rf"(?:,\s\d\d?){{0,3}}\s(?:по|до|на|и|или)\s\d\d?{_MONTH}")  # "с 1 по 5 мая"
_OF_MONTH = re.compile(_MONTH)
_SECOND_PART = re.compile(r"-[а-яё]{4,}")  # of "16-этажный"
_RUBLES = re.compile(r"(?:руб\.?|р\.?)/")
_SPOON = re.compile(r"\s?(?:ч|ст)\.\s?л\.")
_BEFORE_CHRIST = re.compile(r"\s?(?:до\s)?н\.\s?э")
_NUMBERED: dict[str, Gender] = {
    "главы": "f", "страницы": "f", "статьи": "f", "серии": "f", "части": "f", "недели": "f", "песни": "f",
    "пункты": "m", "разделы": "m", "этажи": "m", "классы": "m", "уроки": "m", "тома": "m", "сезоны": "m",
}  # fmt: skip
_EARLIEST_YEAR = 1000  # with "г." behind it; a smaller number counts grams
# What stands in the singular behind any number: "на 2 этаже" is the second.
_FLOORS = ("этаже", "классе", "курсе", "томе", "подъезде", "квартале")
_PLACES: dict[str, tuple[Case, Gender]] = dict.fromkeys(_FLOORS, ("p", "m"))
_PLACES |= {"место": ("n", "n"), "месте": ("p", "n")}
_FEW = 5  # "2-х", "4-х" are numbers, "90-х" are years


@dataclass(frozen=True)
class Russian:
    """Meets Readings."""

    signs: Signs = words.SIGNS
    months: dict[str, int] = field(default_factory=lambda: words.MONTH_NAMES)

    def number(self, number: str, around: Around) -> str:
        sign, number = ("минус ", number[1:]) if number.startswith("-") else ("", number)
        whole, _, tail = number.partition(".")
        if _is_long(number) or (len(whole) > 1 and whole[0] == "0"):
            return sign + digit_by_digit(whole) + (f" точка {digit_by_digit(tail)}" if tail else "")
        if tail:
            return sign + _decimal(number, context.case_of(around), around)
        if _SECOND_PART.match(around.after) and (begun := prefix(int(whole))):
            return sign + begun
        if said := _part_of_date(int(whole), around) or _place(int(whole), around):
            return sign + said
        case = context.case_of(around, int(whole))
        return sign + cardinal(int(whole), case, context.gender_of(int(whole), around, case))

    def digits(self, digits: str) -> str:
        return digit_by_digit(digits)

    def ordinal(self, number: int, suffix: str, around: Around) -> str:
        if suffix in ("х", "ти", "ми") and (suffix == "ти" or number < _FEW):
            return cardinal(number, "i" if suffix == "ми" else "g")
        case, gender, plural = words.ending(suffix, around)
        return ordinal(number, case, gender, plural=plural)

    def quantity(self, number: str, scale: str, unit: str, around: Around) -> str:
        sign, number = ("минус ", number[1:]) if number.startswith("-") else ("", number)
        if not unit and not scale:
            return sign + self.number(number, around)
        key = _key(unit)
        noun = UNITS.get(key) or Noun("m", (unit,) * 6, (unit,) * 6)
        if _is_long(number):
            words_after = [scale, noun.plural("g")] if scale else [noun.plural("g")]
            return sign + " ".join([self.number(number, _NOTHING), *words_after]).rstrip()
        case = context.case_of_measure(unit, around)
        if (currency := key.partition("/")[0]) in COINS and not scale and re.fullmatch(r"\d+\.\d\d", number):
            return f"{sign}{self._price(number, currency, case)} {noun.tail}".rstrip()
        if scale:
            counted = SCALES[words.scale_of(scale)]
            return f"{sign}{_counted(number, counted, case)} {noun.plural('g') if unit else ''}".rstrip()
        return sign + _counted(number, noun, case)

    def _price(self, number: str, unit: str, case: Case) -> str:
        whole, coins = number.split(".")
        said = _counted(whole, UNITS[unit], case)
        return said if coins == "00" else f"{said} {_counted(str(int(coins)), COINS[unit], case)}"

    def span(self, first: str, last: str, unit: str, around: Around) -> str:
        noun = context.word_after(around)
        if _YEARS.fullmatch(first) and _YEARS.fullmatch(last) and not unit:
            return _years(int(first), int(last), around)
        if _is_long(first) or _is_long(last):
            return f"{self.number(first, _NOTHING)} {self.quantity(last, '', unit, _NOTHING)}"
        if said := _span_of_ordinals(first, last, around):
            return said
        begun = context.word_before(around)
        case = context.case_of(
            Around(around.before, around.after if not unit else ""), int(last.partition(".")[0])
        )
        few = not unit and "." not in last and is_few(int(last)) and noun
        started = begun in ("от", "с", "между")
        if not started and (few or context.is_asked(begun, case)):  # "на четыре-шесть человек"
            return self._about(first, last, unit, around, case)
        end = _counted(last, UNITS[_key(unit)], "g") if _key(unit) in UNITS else _decimal(last, "g", around)
        return f"{'' if started else 'от '}{_decimal(first, 'g', _NOTHING)} до {end}"

    def _about(self, first: str, last: str, unit: str, around: Around, case: Case) -> str:
        """ "два-три", in one case."""
        noun = UNITS.get(_key(unit))
        gender: Gender = noun.gender if noun else context.gender_of(2, around, case)
        end = _counted(last, noun, case) if noun else _decimal(last, case, around)
        return f"{_decimal(first, case, around, gender)}-{end}"

    def fraction(self, whole: str, top: int, bottom: int, around: Around) -> str:
        case = context.case_of(Around(around.before))
        if not whole:
            return fraction(top, bottom, case)
        gender: Gender = "f" if _SPOON.match(around.after) else context.gender_of(2, around)
        if (top, bottom) == (1, 2):
            if whole == "1":
                return one_and_a_half(case, gender)
            return f"{cardinal(int(whole), case, gender)} с половиной"
        wholes = "целая" if is_one(int(whole)) else "целых"
        return f"{cardinal(int(whole), 'n', 'f')} {wholes} {fraction(top, bottom)}"

    def date(self, year: int | None, month: int, day: int | None, around: Around) -> str:
        after = f" {ordinal(year, 'g')} года" if year else ""
        if not day:
            return words.MONTHS_NOMINATIVE[month - 1] + after
        return f"{ordinal(day, words.case_of_day(around), 'n')} {words.MONTHS[month - 1]}{after}"

    def year(self, year: int, suffix: str, around: Around) -> str:
        if suffix == "г." and year < _EARLIEST_YEAR and not _BEFORE_CHRIST.match(around.after):
            return self.quantity(str(year), "", "g", around)
        if suffix == "гг.":
            case = context.case_of_years(suffix, around)
            return f"{ordinal(year, case)} {YEAR.many[CASES.index(case)]}"
        if suffix in ("г.", "г", "года"):
            case = "g" if suffix == "года" else context.oblique_year(around)
            return f"{ordinal(year, case)} {YEAR.one[CASES.index(case)]}"
        case, gender, plural = words.ending(suffix.lstrip("-") or "е", around)
        return ordinal(year, case, gender, plural=plural)

    def clock(self, hour: int, minute: int, half: str, around: Around) -> str:
        case = _calm(context.case_of(Around(around.before)))
        said = cardinal(hour, case)
        if minute:
            ones = "ноль " if minute < 10 and case == "n" else ""
            return f"{said} {ones}{cardinal(minute, case, 'f')}"
        return f"{said} {HOUR.with_number(str(hour), case)}" if case != "n" else f"{said} ноль-ноль"

    def roman(self, number: int, around: Around) -> str | None:
        place = roman_place(around)
        if place is None:
            return cardinal(number) if is_a_number(number) else None
        return ordinal(number, *place)

    def abbreviation(self, written: str, around: Around) -> str | None:
        return abbreviation(written, around)

    def spell(self, word: str) -> str | None:
        return spell(word)


def _calm(case: Case) -> Case:
    """The accusative of numbers that count nothing is as the nominative."""
    return "n" if case == "a" else case


def _place(number: int, around: Around) -> str | None:
    """A floor, a class, a rank; None where something else is counted."""
    place = _PLACES.get(context.word_after(around))
    return ordinal(number, *place) if place and number else None


def _part_of_date(number: int, around: Around) -> str:
    """A day or a year whose month or word is said with another one: "с 1 по 5 мая"; empty when it is none."""
    noun = context.word_after(around)
    if number <= 31 and _FIRST_DAY.match(around.after):
        return ordinal(number, words.case_of_day(around), "n")
    year = _YEARS.fullmatch(str(number))
    if year and (found := _FIRST_YEAR.match(around.after)):
        return ordinal(number, context.case_of_years(found[1], around))
    if noun in words.YEAR_FORMS and (year or not _counts_years(number, noun)):
        return ordinal(number, context.case_of_year(noun, around))
    return ""


def _counts_years(number: int, noun: str) -> bool:
    """Whether the form of "год" is the one that goes with so many: "22 года", not "988 года"."""
    if noun == "год":
        return is_one(number)
    if noun == "года":
        return is_one(number) or is_few(number)
    return noun != "году"


def _years(first: int, last: int, around: Around) -> str:
    noun = context.word_after(around)
    if noun in ("годах", "годы", "годов"):
        case = context.case_of_year(noun, around)
        case = "a" if case == "n" else case
        return f"{ordinal(first, case)} {ordinal(last, case)}"
    return f"с {ordinal(first, 'g')} по {ordinal(last, 'a')}"


def _span_of_ordinals(first: str, last: str, around: Around) -> str:
    """ "5–7 мая", "главы 3–5"; empty when it is another span."""
    begun = context.word_before(around)
    if not (re.fullmatch(r"\d{1,4}", first) and re.fullmatch(r"\d{1,4}", last)):
        return ""
    if _OF_MONTH.match(around.after) and begun != "на":
        return f"с {ordinal(int(first), 'g', 'n')} по {ordinal(int(last), 'a', 'n')}"
    if (gender := _NUMBERED.get(begun)) is None:
        return ""
    return f"с {ordinal(int(first), 'g', gender)} по {ordinal(int(last), 'a', gender)}"


def _is_long(number: str) -> bool:
    """Whether it is a code that is said digit by digit."""
    return len(number.partition(".")[0]) > LONGEST_SPELLED


def _decimal(number: str, case: Case, around: Around, gender: Gender | None = None) -> str:
    """A number that may have decimals, with no unit of ours."""
    if number == "1.5" and (noun := context.noun_after(around)):
        return one_and_a_half(case, gender or ("f" if noun.endswith(("ы", "и")) else "m"))
    if "." in number:
        return decimal(number, case)
    return cardinal(int(number), case, gender or context.gender_of(int(number), around, case))


def _key(unit: str) -> str:
    """The key of a unit that only Russian has: without white space, and its rubles by their sign."""
    return (
        _RUBLES.sub("₽/", "".join(unit.split())).removesuffix(".") if "/" in unit else "".join(unit.split())
    )


def _counted(number: str, noun: Noun, case: Case) -> str:
    """A number with its noun."""
    whole, _, tail = number.partition(".")
    if tail:
        if number == "1.5":
            return f"{one_and_a_half(case, noun.gender)} {noun.with_number('2', case)}"
        return f"{decimal(number, case)} {noun.with_number(whole, case, decimals=True)}"
    gender: Gender = noun.gender
    return f"{cardinal(int(whole), case, gender)} {noun.with_number(whole, case)}".rstrip()


RUSSIAN = Russian()
