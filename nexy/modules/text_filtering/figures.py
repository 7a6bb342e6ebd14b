"""How what is written in digits is said: numbers, money, dates, times, ranges."""

import re
from collections.abc import Callable
from typing import TypeAlias

from nexy.modules.text_filtering.readings import NOT_A_YEAR, Readings
from nexy.modules.text_filtering.speech import Speech
from nexy.modules.text_filtering.units import is_number, key_of, plain

Token: TypeAlias = re.Match[str]
Said: TypeAlias = str | None

_CLOSING = " \n\t\"'”’»)*_"
_DIGITS = re.compile(r"\d+")
_YEAR_DIGITS, _DECADE_DIGITS = 4, 2


def figure(kind: str, say: Callable[[Readings, Speech, Token], Said]) -> Callable[[Speech, Token], None]:
    """A handler: what `say` finds no words for is left to the voice, as it is written."""

    def handler(speech: Speech, token: Token) -> None:
        said = say(speech.readings, speech, token) if speech.readings else None
        start = token.start(kind)
        if start and speech.original[start - 1].isalnum():
            speech.gap = True  # US$5
        if said and said[-1] == "." and speech.original.startswith(".", token.end()):
            said = said[:-1]  # which is the sentence's
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


def comma(speech: Speech) -> bool:
    return speech.language != "en"


def _number(readings: Readings, speech: Speech, token: Token) -> Said:
    number = plain(token["number"], comma=comma(speech))
    if not is_number(number):
        return _dotted_number(readings, number)
    return readings.number(number, speech.around(token.start("number"), token.end()))


def _dotted_number(readings: Readings, number: str) -> str:
    dot = f" {readings.signs.dot} "
    return dot.join(_part_of_version(readings, part) for part in number.split("."))


def _part_of_version(readings: Readings, part: str) -> str:
    return readings.number(part, NOT_A_YEAR) if part else ""  # never a year


def _dotted(readings: Readings, speech: Speech, token: Token) -> Said:
    """A version, an IP address."""
    written = token["dotted"]
    written, _, port = written.partition(":")
    said = _dotted_number(readings, written.lstrip("v")) + (port and f", {readings.digits(port)}")
    named = speech.around(token.start("dotted"), token.end()).before.lower().endswith("version ")
    return f"version {said}" if written.startswith("v") and speech.language == "en" and not named else said


def _money(readings: Readings, speech: Speech, token: Token) -> Said:
    price = plain(token["price"], comma=comma(speech))
    scale = (token["price_scale"] or token["price_letter"] or "").rstrip(".")
    around = speech.around(token.start("money"), token.end())
    currency = token["currency"] if speech.language == "en" else token["currency"][-1]  # "CA$"
    return readings.quantity(price, scale, currency, around) if is_number(price) else None


def _prices(readings: Readings, speech: Speech, token: Token) -> Said:
    """ "$5–10"."""
    low, high = (plain(token[name], comma=comma(speech)) for name in ("low", "high"))
    if not (is_number(low) and is_number(high)):
        return None
    return readings.span(low, high, token["in_all"], speech.around(token.start("prices"), token.end()))


def _big(readings: Readings, speech: Speech, token: Token) -> Said:
    """ "10k likes"."""
    count = plain(token["big_count"], comma=comma(speech))
    around = speech.around(token.start("big"), token.end())
    return readings.quantity(count, token["big_scale"], "", around) if is_number(count) else None


def _amount(readings: Readings, speech: Speech, token: Token) -> Said:
    count = plain(token["count"], comma=comma(speech))
    scale = (token["count_scale"] or "").rstrip(".")
    around = speech.around(token.start("amount"), token.end())
    return readings.quantity(count, scale, key_of(token["unit"]), around) if is_number(count) else None


def _scaled(readings: Readings, speech: Speech, token: Token) -> Said:
    count = plain(token["scaled_count"], comma=True)
    around = speech.around(token.start("scaled"), token.end())
    return readings.quantity(count, token["scale"].rstrip("."), "", around) if is_number(count) else None


def _span(readings: Readings, speech: Speech, token: Token) -> Said:
    """A range; not a telephone number, a date or a sum, whose parts are said one by one."""
    first, last = (plain(token[name], comma=comma(speech)) for name in ("first", "last"))
    if not (is_number(first) and is_number(last)):
        return None
    if token["first_unit"] and token["first_unit"] != token["span_unit"]:
        return None
    if "-" in token["span"] and " " in token["span"] and not token["span_unit"]:
        return _difference(readings, speech, token, first, last)
    if float(last) <= float(first) and not token["span_unit"]:
        around = speech.around(token.start("span"), token.end())
        if len(first) == _YEAR_DIGITS and len(last) == _DECADE_DIGITS and first[2:] < last:
            return readings.span(first, first[:2] + last, "", around)  # the season 2025-26
        between = readings.signs.minus if around.after.lstrip().startswith("=") else readings.signs.score
        return " ".join(f"{readings.number(first, around)} {between} {readings.number(last, around)}".split())
    unit = key_of(token["span_unit"]) if token["span_unit"] else ""
    return readings.span(first, last, unit, speech.around(token.start("span"), token.end()))


def _lone(readings: Readings, speech: Speech, token: Token) -> Said:
    """A unit by itself, in brackets or as a heading."""
    if token["lone"] == "#":
        return readings.signs.number
    return unit_of("5", readings, key_of(token["lone"]))


def unit_of(number: str, readings: Readings, unit: str) -> str:
    """The name of a unit as it stands behind a number of one word."""
    return readings.quantity(number, "", unit, NOT_A_YEAR).partition(" ")[2]


def _difference(readings: Readings, speech: Speech, token: Token, first: str, last: str) -> Said:
    around = speech.around(token.start("span"), token.end())
    return f"{readings.number(first, around)} {readings.signs.minus} {readings.number(last, around)}"


def _ordinal(readings: Readings, speech: Speech, token: Token) -> Said:
    written = token["ordinal"]
    digits = _DIGITS.match(written)
    suffix = written[digits.end() :].lstrip("-") if digits else ""
    around = speech.around(token.start("ordinal"), token.end())
    return readings.ordinal(int(digits[0]), suffix, around) if digits else None


def _duration(readings: Readings, speech: Speech, token: Token) -> Said:
    hours, minutes = _DIGITS.findall(token["duration"])
    around = speech.around(token.start("duration"), token.end())
    return f"{readings.quantity(hours, '', 'h', around)} {readings.quantity(minutes, '', 'min', around)}"


def _phone(readings: Readings, speech: Speech, token: Token) -> Said:
    groups = ", ".join(readings.digits(group) for group in _DIGITS.findall(token["phone"]))
    return f"{readings.signs.plus} {groups}" if token["phone"].startswith("+") else groups


FIGURES = {
    kind: figure(kind, say)
    for kind, say in {
        "number": _number,
        "dotted": _dotted,
        "money": _money,
        "prices": _prices,
        "big": _big,
        "amount": _amount,
        "scaled": _scaled,
        "span": _span,
        "ordinal": _ordinal,
        "lone": _lone,
        "duration": _duration,
        "phone": _phone,
    }.items()
}
