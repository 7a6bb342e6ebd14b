"""Tells the time and the date, without regard to the system's locale."""

from datetime import date, datetime

from nexy.modules.text_processing.providers.offline.language import Language, listed

_WEEKDAYS = {
    "en": listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    "ru": listed("понедельник вторник среда четверг пятница суббота воскресенье"),
}
_MONTHS = {
    "en": listed("January February March April May June July August September October November December"),
    "ru": listed("января февраля марта апреля мая июня июля августа сентября октября ноября декабря"),
}


def say_time(now: datetime, language: Language) -> str:
    """ "2:05 PM" or "14:05"."""
    if language == "ru":
        return f"{now.hour}:{now.minute:02}"
    return f"{now.hour % 12 or 12}:{now.minute:02} {'AM' if now.hour < 12 else 'PM'}"


def say_date(day: date, language: Language) -> str:
    """ "Saturday, 3 October 2026" or "суббота, 3 октября 2026 года"."""
    weekday, month = _WEEKDAYS[language][day.weekday()], _MONTHS[language][day.month - 1]
    return f"{weekday}, {day.day} {month} {day.year}" + (" года" if language == "ru" else "")


def part_of_day(now: datetime) -> str:
    """ "morning", "afternoon", "evening" or "night"."""
    if 5 <= now.hour < 12:
        return "morning"
    if 12 <= now.hour < 18:
        return "afternoon"
    return "evening" if 18 <= now.hour < 23 else "night"
