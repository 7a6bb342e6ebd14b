"""How fractions, ratios, sizes and powers are said."""

import re

from nexy.modules.text_filtering.figures import Said, Token, comma, figure, unit_of
from nexy.modules.text_filtering.readings import NOT_A_YEAR, Around, Readings
from nexy.modules.text_filtering.speech import Speech
from nexy.modules.text_filtering.units import is_number, key_of, plain

_WRITTEN_PARTS = "½=1/2 ⅓=1/3 ⅔=2/3 ¼=1/4 ¾=3/4 ⅕=1/5 ⅖=2/5 ⅗=3/5 ⅘=4/5 ⅙=1/6 ⅚=5/6 ⅛=1/8 ⅜=3/8 ⅝=5/8 ⅞=7/8"
_PARTS = {part[0]: (int(part[2]), int(part[4])) for part in _WRITTEN_PARTS.split()}
_PART_AND_UNIT = 2  # words; with more of them there is a whole number too
_NO_FRACTIONS = ((24, 7), (9, 11))
_LAST_NAMED_PART, _NAMED_PARTS = 10, (12, 16, 20, 32, 64, 100)  # what fractions are counted in
_OUT_OF = (10, 100)  # what marks are given out of
_FRACTION_AFTER = re.compile(r"\s*(?:[-+=×*/÷−)]|(?:of|miles?|inch|inches|seconds?|cups?)\b)")
_MATHS_BEFORE = tuple("+=×*/÷−(")
_ALGEBRA_BEFORE = ("= ", "+ ", "- ", "− ", "=", "+", "-", "−")
_DIGITS = re.compile(r"\d+")
_LENGTHS = ("mm", "cm", "m", "km", "ft", "ft.", "yd", "mi", "px", "in", "inch", "inches")
_SIZE = re.compile(r"[xX×]")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def _part(readings: Readings, speech: Speech, token: Token) -> Said:
    unit = token["part_unit"]
    start, end = token.start("part"), token.start("part_unit") if unit else token.end()
    said = _bare_part(
        readings, speech.original[start:end].strip(), token["whole"] or "", speech.around(start, end)
    )
    if unit is None:
        return said
    few = "2" if token["whole"] or len(token["part"].split()) > _PART_AND_UNIT else "1"
    return f"{said} {unit_of(few, readings, key_of(unit))}"


def _bare_part(readings: Readings, written: str, whole_digits: str, around: Around) -> str:
    if written[-1] in _PARTS:
        return readings.fraction(whole_digits, *_PARTS[written[-1]], around)
    *whole, rest = written.split()
    top, bottom = (int(number) for number in rest.split("/"))
    if _is_rating(top, bottom, around) and (out_of := readings.signs.more.get("/of")):
        return f"{readings.number(str(top), around)} {out_of} {readings.number(str(bottom), around)}"
    if top >= bottom or not (bottom <= _LAST_NAMED_PART or bottom in _NAMED_PARTS):
        between = "" if top == bottom or (top, bottom) in _NO_FRACTIONS else f" {readings.signs.upon}"
        first, last = (readings.number(str(number), NOT_A_YEAR) for number in (top, bottom))
        return f"{first}{between} {last}"
    return readings.fraction(whole[0] if whole else "", top, bottom, around)


def _is_rating(top: int, bottom: int, around: Around) -> bool:
    """ "8/10", "4/5 stars"; not a fraction of something, or in a sum."""
    if around.after.startswith(" star"):
        return True
    in_sum = around.before.rstrip().endswith(_MATHS_BEFORE) or _FRACTION_AFTER.match(around.after)
    return bottom in _OUT_OF and 1 < top <= bottom and not in_sum


def _rating(readings: Readings, speech: Speech, token: Token) -> Said:
    """ "4.5/5"."""
    mark, most = token["rating"].split("/")
    out_of = readings.signs.more.get("/of", "/")
    return f"{readings.number(mark, NOT_A_YEAR)} {out_of} {readings.number(most, NOT_A_YEAR)}"


def _ratio(readings: Readings, speech: Speech, token: Token) -> Said:
    """A score, the sides of a screen."""
    first, last = token["ratio"].split(":")
    to = readings.signs.ratio
    return f"{readings.number(first, NOT_A_YEAR)} {to} {readings.number(last, Around(f'{to} ', ' of'))}"


def _size(readings: Readings, speech: Speech, token: Token) -> Said:
    """ "30 x 20 x 10 cm"; "6 × 7" and "3 x 4 =" are sums."""
    unit, written = token["size_unit"], token["size"]
    numbers = written[: token.start("size_unit") - token.start("size")] if unit else written
    counts = [plain(number.strip(" -"), comma=comma(speech)) for number in _SIZE.split(numbers)]
    if not all(map(is_number, counts)):
        return None
    sides = [readings.number(count, NOT_A_YEAR) for count in counts]
    sum_ = speech.original[token.end() : token.end() + 2].lstrip().startswith("=")
    by = readings.signs.more.get("x")
    if by is None or sum_ or (unit is None and "×" in written) or (unit and unit not in _LENGTHS):
        by = readings.signs.times
    said = f" {by} ".join(sides)
    if unit is None:
        return said
    if unit.startswith("inch"):
        return f"{said} {unit}"
    *_, last = counts
    return " ".join(
        [
            *said.split(" ")[: -len(sides[-1].split(" "))],
            readings.quantity(last, "", key_of(unit), speech.around(token.start("size"), token.end())),
        ]
    )


def _power(readings: Readings, speech: Speech, token: Token) -> Said:
    """ "10⁸"."""
    base = plain(token["base"], comma=comma(speech))
    if not is_number(base):
        return None
    more, raised = readings.signs.more, token["raised"]
    to_power = more.get(raised) or f"{more['^']} {readings.number(raised.translate(_RAISED), NOT_A_YEAR)}"
    said = f"{readings.number(base, NOT_A_YEAR)} {to_power}"
    unit = token["raised_unit"]
    return f"{said} {unit_of('5', readings, key_of(unit))}" if unit else said


def _inches(readings: Readings, speech: Speech, token: Token) -> Said:
    """A 27" monitor, unless a quotation ends behind the number."""
    written, sign = token["inches"][:-1], token["inches"][-1]
    number, around = plain(written, comma=comma(speech)), speech.around(token.start("inches"), token.end())
    if not is_number(number):
        return None
    if around.before.count(sign) % 2 or speech.language != "en":
        return readings.number(number, around) + sign
    return readings.quantity(number, "", "in", around)


def _feet(readings: Readings, speech: Speech, token: Token) -> Said:
    """A height: 6'2"."""
    feet, inches = _DIGITS.findall(token["feet"])
    return f"{readings.quantity(feet, '', 'ft', Around())} {readings.quantity(inches, '', 'in', Around())}"


def _times(readings: Readings, speech: Speech, token: Token) -> Said:
    """ "5x faster"."""
    count = plain(token["times"][:-1], comma=comma(speech))
    around = speech.around(token.start("times"), token.end())
    if around.before.endswith(_ALGEBRA_BEFORE):
        return f"{readings.number(count, around)} x" if is_number(count) else None
    return f"{readings.number(count, around)} {readings.signs.fold}" if is_number(count) else None


PROPORTIONS = {
    kind: figure(kind, say)
    for kind, say in {
        "part": _part,
        "rating": _rating,
        "ratio": _ratio,
        "size": _size,
        "power": _power,
        "inches": _inches,
        "feet": _feet,
        "times": _times,
    }.items()
}
