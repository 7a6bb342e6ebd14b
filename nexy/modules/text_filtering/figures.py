"""How what is written in digits is said: numbers, money, dates, times, ranges."""

import re
from collections.abc import Callable
from typing import TypeAlias

from nexy.modules.text_filtering.readings import Around, Readings
from nexy.modules.text_filtering.speech import Speech
from nexy.modules.text_filtering.units import is_number, key_of, plain

Token: TypeAlias = re.Match[str]
Said: TypeAlias = str | None

_WRITTEN_PARTS = "½=1/2 ⅓=1/3 ⅔=2/3 ¼=1/4 ¾=3/4 ⅕=1/5 ⅖=2/5 ⅗=3/5 ⅘=4/5 ⅙=1/6 ⅚=5/6 ⅛=1/8 ⅜=3/8 ⅝=5/8 ⅞=7/8"
_PARTS = {part[0]: (int(part[2]), int(part[4])) for part in _WRITTEN_PARTS.split()}
_CLOSING = " \n\t\"'”’»)*_"
_DECADE_DIGITS = 2
_DECADE = re.compile(r"(?:['’]|\b(?:the|early|mid|late|his|her|their|my|your|in)[\s-])\Z", re.IGNORECASE)
_NO_FRACTIONS = ((24, 7), (9, 11))
_LAST_NAMED_PART, _NAMED_PARTS = 10, (12, 16, 20, 32, 64, 100)  # what fractions are counted in
_DIGITS = re.compile(r"\d+")
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _figure(kind: str, say: Callable[[Readings, Speech, Token], Said]) -> Callable[[Speech, Token], None]:
    """A handler: what `say` finds no words for is left to the voice, as it is written."""

    def handler(speech: Speech, token: Token) -> None:
        said = say(speech.readings, speech, token) if speech.readings else None
        start = token.start(kind)
        if start and speech.original[start - 1].isalnum():
            speech.gap = True  # US$5
        speech.say_words(said or " ".join(token[kind].split()), token.end())
        speech.counting = True
        if (
            said
            and said[-1] != "."
            and token[kind][-1] == "."
            and not speech.original[token.end() :].strip(_CLOSING)
        ):
            speech.sign(".", token.end())  # "5 p.m." has the sentence's full stop too

    return handler


def _comma(speech: Speech) -> bool:
    return speech.language != "en"


def _number(readings: Readings, speech: Speech, token: Token) -> Said:
    number = plain(token["number"], comma=_comma(speech))
    if not is_number(number):
        return _dotted_number(readings, number)
    return readings.number(number, speech.around(token.start("number"), token.end()))


def _dotted_number(readings: Readings, number: str) -> str:
    dot = f" {readings.signs.dot} "
    return dot.join(_part_of_version(readings, part) for part in number.split("."))


def _part_of_version(readings: Readings, part: str) -> str:
    return readings.number(part, Around("", " of")) if part else ""  # never a year


def _dotted(readings: Readings, speech: Speech, token: Token) -> Said:
    """A version, an IP address."""
    written = token["dotted"]
    said = _dotted_number(readings, written.lstrip("v"))
    named = speech.around(token.start("dotted"), token.end()).before.lower().endswith("version ")
    return f"version {said}" if written.startswith("v") and speech.language == "en" and not named else said


def _money(readings: Readings, speech: Speech, token: Token) -> Said:
    price = plain(token["price"], comma=_comma(speech))
    scale = (token["price_scale"] or token["price_letter"] or "").rstrip(".")
    around = speech.around(token.start("money"), token.end())
    return readings.quantity(price, scale, token["currency"], around) if is_number(price) else None


def _prices(readings: Readings, speech: Speech, token: Token) -> Said:
    """ "$5–10"."""
    low, high = (plain(token[name], comma=_comma(speech)) for name in ("low", "high"))
    if not (is_number(low) and is_number(high)):
        return None
    return readings.span(low, high, token["in_all"], speech.around(token.start("prices"), token.end()))


def _big(readings: Readings, speech: Speech, token: Token) -> Said:
    """ "10k likes"."""
    count = plain(token["big_count"], comma=_comma(speech))
    around = speech.around(token.start("big"), token.end())
    return readings.quantity(count, token["big_scale"], "", around) if is_number(count) else None


def _feet(readings: Readings, speech: Speech, token: Token) -> Said:
    """A height: 6'2"."""
    feet, inches = _DIGITS.findall(token["feet"])
    return f"{readings.quantity(feet, '', 'ft', Around())} {readings.quantity(inches, '', 'in', Around())}"


def _times(readings: Readings, speech: Speech, token: Token) -> Said:
    """ "5x faster"."""
    count = plain(token["times"][:-1], comma=_comma(speech))
    around = speech.around(token.start("times"), token.end())
    return f"{readings.number(count, around)} {readings.signs.fold}" if is_number(count) else None


def _amount(readings: Readings, speech: Speech, token: Token) -> Said:
    count = plain(token["count"], comma=_comma(speech))
    scale = (token["count_scale"] or "").rstrip(".")
    around = speech.around(token.start("amount"), token.end())
    return readings.quantity(count, scale, key_of(token["unit"]), around) if is_number(count) else None


def _scaled(readings: Readings, speech: Speech, token: Token) -> Said:
    count = plain(token["scaled_count"], comma=True)
    around = speech.around(token.start("scaled"), token.end())
    return readings.quantity(count, token["scale"].rstrip("."), "", around) if is_number(count) else None


def _span(readings: Readings, speech: Speech, token: Token) -> Said:
    """A range; not a telephone number, a date or a sum, whose parts are said one by one."""
    first, last = (plain(token[name], comma=_comma(speech)) for name in ("first", "last"))
    if not (is_number(first) and is_number(last)):
        return None
    if token["first_unit"] and token["first_unit"] != token["span_unit"]:
        return None
    if "-" in token["span"] and " " in token["span"] and not token["span_unit"]:
        return _difference(readings, speech, token, first, last)
    if float(last) <= float(first) and not token["span_unit"]:
        around = speech.around(token.start("span"), token.end())
        between = readings.signs.minus if around.after.lstrip().startswith("=") else readings.signs.score
        return " ".join(f"{readings.number(first, around)} {between} {readings.number(last, around)}".split())
    unit = key_of(token["span_unit"]) if token["span_unit"] else ""
    return readings.span(first, last, unit, speech.around(token.start("span"), token.end()))


def _difference(readings: Readings, speech: Speech, token: Token, first: str, last: str) -> Said:
    around = speech.around(token.start("span"), token.end())
    return f"{readings.number(first, around)} {readings.signs.minus} {readings.number(last, around)}"


def _part(readings: Readings, speech: Speech, token: Token) -> Said:
    written = token["part"]
    around = speech.around(token.start("part"), token.end())
    if written[-1] in _PARTS:
        return readings.fraction(token["whole"] or "", *_PARTS[written[-1]], around)
    *whole, rest = written.split()
    top, bottom = (int(number) for number in rest.split("/"))
    if top >= bottom or not (bottom <= _LAST_NAMED_PART or bottom in _NAMED_PARTS):
        between = "" if top == bottom or (top, bottom) in _NO_FRACTIONS else f" {readings.signs.upon}"
        plain_number = Around("", " of")
        return (
            f"{readings.number(str(top), plain_number)}{between} {readings.number(str(bottom), plain_number)}"
        )
    return readings.fraction(whole[0] if whole else "", top, bottom, around)


def _ordinal(readings: Readings, speech: Speech, token: Token) -> Said:
    written = token["ordinal"]
    digits = _DIGITS.match(written)
    suffix = written[digits.end() :].lstrip("-") if digits else ""
    around = speech.around(token.start("ordinal"), token.end())
    return readings.ordinal(int(digits[0]), suffix, around) if digits else None


def _named_year(readings: Readings, speech: Speech, token: Token) -> Said:
    written = token["named"]
    digits = _DIGITS.match(written)
    if digits is None:
        return None
    suffix = written[digits.end() :].strip().lstrip("-")
    around = speech.around(token.start("named"), token.end())
    if suffix == "s" and len(digits[0]) == _DECADE_DIGITS and not _DECADE.search(around.before):
        return readings.quantity(digits[0], "", "s", around)  # "wait 30s"
    return readings.year(int(digits[0]), suffix, around)


def _date(readings: Readings, speech: Speech, token: Token) -> Said:
    """ISO, with full stops, or with slashes: there English writes the month first, others the day."""
    one, two, three, *clock = (int(number) for number in _DIGITS.findall(token["date"]))
    if clock:
        date = _said_date(readings, speech, token, (one, two, three))
        return date and f"{date} {readings.clock(clock[0], clock[1], '', Around())}"
    if "-" in token["date"]:
        year, month, day = one, two, three
    elif "/" in token["date"] and speech.language == "en" and one <= 12:
        month, day, year = one, two, three
    else:
        day, month, year = one, two, three
    return _said_date(readings, speech, token, (year, month, day))


def _said_date(readings: Readings, speech: Speech, token: Token, date: tuple[int | None, int, int]) -> Said:
    year, month, day = date
    if not (1 <= month <= 12 and 1 <= day <= _MONTH_DAYS[month - 1]):
        return None
    return readings.date(year, month, day, speech.around(token.start(token.lastgroup or 0), token.end()))


def _worded_date(readings: Readings, speech: Speech, token: Token) -> Said:
    """A date whose month is a word: "Nov 26, 2026", "26 ноября 2026 г."."""
    written = token[token.lastgroup or 0]
    name = re.search(r"[^\W\d_]{3,}", written)
    month = readings.months.get(name[0].lower()) if name else None
    numbers = [int(number) for number in _DIGITS.findall(written)]
    if month is None or not numbers:
        return None
    year = numbers[1] if len(numbers) > 1 else None
    if numbers[0] > 31 or numbers[0] < 1:
        return None
    return _said_date(readings, speech, token, (year, month, numbers[0]))


def _clock(readings: Readings, speech: Speech, token: Token) -> Said:
    written = token["clock"].lower()
    numbers = [int(number) for number in _DIGITS.findall(written)]
    half = "am" if "a" in written else "pm" if "p" in written else ""
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 0
    if hour > 24 or len(numbers) > 2:
        return " ".join(readings.number(str(number), speech.around(0, 0)) for number in numbers)
    return readings.clock(hour, minute, half, speech.around(token.start("clock"), token.end()))


def _ratio(readings: Readings, speech: Speech, token: Token) -> Said:
    """A score, the sides of a screen."""
    first, last = token["ratio"].split(":")
    to = readings.signs.ratio
    return (
        f"{readings.number(first, Around('', ' of'))} {to} {readings.number(last, Around(f'{to} ', ' of'))}"
    )


def _duration(readings: Readings, speech: Speech, token: Token) -> Said:
    hours, minutes = _DIGITS.findall(token["duration"])
    around = speech.around(token.start("duration"), token.end())
    return f"{readings.quantity(hours, '', 'h', around)} {readings.quantity(minutes, '', 'min', around)}"


def _phone(readings: Readings, speech: Speech, token: Token) -> Said:
    groups = ", ".join(readings.digits(group) for group in _DIGITS.findall(token["phone"]))
    return f"{readings.signs.plus} {groups}" if token["phone"].startswith("+") else groups


FIGURES = {
    kind: _figure(kind, say)
    for kind, say in {
        "number": _number,
        "dotted": _dotted,
        "money": _money,
        "prices": _prices,
        "big": _big,
        "feet": _feet,
        "times": _times,
        "amount": _amount,
        "scaled": _scaled,
        "span": _span,
        "part": _part,
        "ordinal": _ordinal,
        "named": _named_year,
        "date": _date,
        "worded": _worded_date,
        "dayfirst": _worded_date,
        "clock": _clock,
        "ratio": _ratio,
        "duration": _duration,
        "phone": _phone,
    }.items()
}
