"""The Russian Readings."""

import re
from dataclasses import dataclass, field

from nexy.modules.text_filtering.readings import Around, Signs
from nexy.modules.text_filtering.russian import context, words
from nexy.modules.text_filtering.russian.nouns import COINS, HOUR, SCALES, UNITS, YEAR, Case, Gender, Noun
from nexy.modules.text_filtering.russian.numerals import (
    LONGEST_SPELLED,
    cardinal,
    decimal,
    digit_by_digit,
    ordinal,
)

_NOTHING = Around()
_YEARS = re.compile(r"1\d{3}|20\d\d|21\d\d")
_FIRST_YEAR = re.compile(r"\s(?:по|до|и)\s\d{4}\s(?:год|г\.)")  # "с 1941 по 1945 год"
_FIRST_DAY = re.compile(rf"\s(?:по|до)\s\d\d?\s(?:{'|'.join(words.MONTHS)})")  # "с 1 по 5 мая"
_FEW = 5  # "2-х", "4-х" are numbers, "90-х" are years


@dataclass(frozen=True)
class Russian:
    """Meets Readings."""

    signs: Signs = words.SIGNS
    months: dict[str, int] = field(default_factory=lambda: words.MONTH_NAMES)

    def number(self, number: str, around: Around) -> str:
        sign, number = ("минус ", number[1:]) if number.startswith("-") else ("", number)
        whole, _, tail = number.partition(".")
        if len(whole) > LONGEST_SPELLED or (len(whole) > 1 and whole[0] == "0"):
            return sign + digit_by_digit(whole) + (f" точка {digit_by_digit(tail)}" if tail else "")
        if tail:
            return sign + decimal(number, _calm(context.case_of(around)))
        noun = context.word_after(around)
        if context.word_before(around) == "с" and _FIRST_DAY.match(around.after):
            return ordinal(int(whole), "g", "n")
        if _YEARS.fullmatch(whole) and _FIRST_YEAR.match(around.after):
            return sign + ordinal(int(whole), "i" if context.word_before(around) == "между" else "g")
        if _YEARS.fullmatch(whole) and noun in words.YEAR_FORMS:
            return sign + ordinal(int(whole), context.case_of_year(noun, around))
        case = context.case_of(around)
        if not noun and context.word_before(around) in ("в", "на", "по"):
            case = "a"
        return sign + cardinal(int(whole), case, context.gender_of(int(whole), around))

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
        noun = UNITS.get(unit) or Noun("m", (unit,) * 6, (unit,) * 6)
        case = context.case_of(Around(around.before))
        if unit in COINS and not scale and re.fullmatch(r"\d+\.\d\d", number):
            return sign + self._price(number, unit, case)
        if scale:
            counted = SCALES[words.scale_of(scale)]
            return f"{sign}{_counted(number, counted, case)} {noun.many[1] if unit else ''}".rstrip()
        return sign + _counted(number, noun, case)

    def _price(self, number: str, unit: str, case: Case) -> str:
        whole, coins = number.split(".")
        said = _counted(whole, UNITS[unit], case)
        return said if coins == "00" else f"{said} {_counted(str(int(coins)), COINS[unit], case)}"

    def span(self, first: str, last: str, unit: str, around: Around) -> str:
        noun = context.word_after(around)
        if _YEARS.fullmatch(first) and _YEARS.fullmatch(last) and not unit:
            if noun in ("годах", "годы", "годов"):
                case = context.case_of_year(noun, around)
                case = "a" if case == "n" else case
                return f"{ordinal(int(first), case)} {ordinal(int(last), case)}"
            return f"с {ordinal(int(first), 'g')} по {ordinal(int(last), 'a')}"
        end = _counted(last, UNITS[unit], "g") if unit in UNITS else self._genitive(last)
        before = context.word_before(around)
        if before in ("на", "за", "в", "через", "по"):  # "на четыре-шесть человек"
            return f"{self.number(first, _NOTHING)} {self.quantity(last, '', unit, _NOTHING)}".rstrip()
        started = before in ("от", "с", "между")
        return f"{'' if started else 'от '}{self._genitive(first)} до {end}"

    def _genitive(self, number: str) -> str:
        return decimal(number, "g") if "." in number else cardinal(int(number), "g")

    def fraction(self, whole: str, top: int, bottom: int, around: Around) -> str:
        if whole and (top, bottom) == (1, 2):
            return "полтора" if whole == "1" else f"{cardinal(int(whole))} с половиной"
        part = words.fraction(top, bottom)
        return (
            f"{cardinal(int(whole), 'n', 'f')} {'целая' if whole == '1' else 'целых'} {part}"
            if whole
            else part
        )

    def date(self, year: int | None, month: int, day: int | None, around: Around) -> str:
        after = f" {ordinal(year, 'g')} года" if year else ""
        if not day:
            return words.MONTHS_NOMINATIVE[month - 1] + after
        return f"{ordinal(day, words.case_of_day(around), 'n')} {words.MONTHS[month - 1]}{after}"

    def year(self, year: int, suffix: str, around: Around) -> str:
        if suffix.startswith(("г", "год")):
            case = "g" if suffix == "года" else context.oblique_year(around)
            return f"{ordinal(year, case)} {YEAR.one['ngdaip'.index(case)]}"
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
        place = words.roman_place(around)
        return None if place is None else ordinal(number, *place)

    def abbreviation(self, written: str, around: Around) -> str | None:
        return words.abbreviation(written, around)

    def spell(self, word: str) -> str | None:
        return words.spell(word)


def _calm(case: Case) -> Case:
    """The accusative of numbers that count nothing is as the nominative."""
    return "n" if case == "a" else case


def _counted(number: str, noun: Noun, case: Case) -> str:
    """A number with its noun."""
    whole, _, tail = number.partition(".")
    if tail:
        if number == "1.5" and case in "na":
            return f"{'полторы' if noun.gender == 'f' else 'полтора'} {noun.with_number('2', 'n')}"
        return f"{decimal(number, _calm(case))} {noun.with_number(whole, case, decimals=True)}"
    gender: Gender = noun.gender
    return f"{cardinal(int(whole), case, gender)} {noun.with_number(whole, case)}".rstrip()


RUSSIAN = Russian()
