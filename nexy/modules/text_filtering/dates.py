"""How dates and times of day are said."""

import re

from nexy.modules.text_filtering.figures import Said, Token, figure
from nexy.modules.text_filtering.readings import Around, Readings
from nexy.modules.text_filtering.speech import Speech

_DIGITS = re.compile(r"\d+")
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTH_AND_DAY = 2  # numbers
_LAST_DAY = 31
_DECADE_DIGITS = 2
_DECADE = re.compile(r"(?:['’]|\b(?:the|early|mid|late|his|her|their|my|your|in)[\s-])\Z", re.IGNORECASE)
_HOUR = re.compile(r"(\d\d?)(?::(\d\d))?\s?([apAP]?)")


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
    numbers = [int(number) for number in _DIGITS.findall(token["date"])]
    if len(numbers) == _MONTH_AND_DAY:
        return (
            _said_date(readings, speech, token, (None, numbers[0], numbers[1]))
            if speech.language == "en"
            else None
        )
    one, two, three, *clock = numbers
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
    if year is None and numbers[0] > _LAST_DAY:
        return readings.date(numbers[0], month, None, Around())
    if numbers[0] > _LAST_DAY or numbers[0] < 1:
        return None
    return _said_date(readings, speech, token, (year, month, numbers[0]))


def _days_of_month(readings: Readings, speech: Speech, token: Token) -> Said:
    """ "June 5–9"."""
    name, *numbers = re.split(r"[^\w]+", token["daysof"])
    month = readings.months.get(name.lower())
    first, last, *year = (int(number) for number in numbers)
    if month is None or speech.language != "en" or not 1 <= first < last <= _MONTH_DAYS[month - 1]:
        return None
    around = Around()
    begins = readings.date(None, month, first, around)
    ends = readings.ordinal(last, "th", around)
    said = f"{begins} {readings.signs.ratio} {ends}"
    return f"{said} {readings.year(year[0], '', around)}" if year else said


def _clock(readings: Readings, speech: Speech, token: Token) -> Said:
    written = token["clock"].lower()
    numbers = [int(number) for number in _DIGITS.findall(written)]
    half = "am" if "a" in written else "pm" if "p" in written else ""
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 0
    if hour > 24 or len(numbers) > 2:
        return " ".join(readings.number(str(number), speech.around(0, 0)) for number in numbers)
    return readings.clock(hour, minute, half, speech.around(token.start("clock"), token.end()))


def _hours(readings: Readings, speech: Speech, token: Token) -> Said:
    """From one time of day to another: "9am-5pm", "12:30–1:30 pm"."""
    hours = list(_HOUR.finditer(speech.original, token.start("hours"), token.end()))
    said: list[str] = []
    for hour, minute, half in (match.groups() for match in hours):
        around = Around()
        if speech.language != "en":
            place = hours[len(said)]
            around = speech.around(*place.span())
        if speech.language == "en" and not half and not int(minute or 0):
            said.append(readings.number(hour, around))
        else:
            said.append(readings.clock(int(hour), int(minute or 0), half and f"{half.lower()}m", around))
    return f" {readings.signs.ratio} ".join(said) if speech.language == "en" else "–".join(said)


DATES = {
    kind: figure(kind, say)
    for kind, say in {
        "named": _named_year,
        "date": _date,
        "worded": _worded_date,
        "dayfirst": _worded_date,
        "daysof": _days_of_month,
        "clock": _clock,
        "hours": _hours,
    }.items()
}
