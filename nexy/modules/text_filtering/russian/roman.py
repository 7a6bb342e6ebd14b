"""Roman numerals: of rulers, centuries, chapters, quarters."""

import re

from nexy.modules.text_filtering.readings import Around
from nexy.modules.text_filtering.russian import context
from nexy.modules.text_filtering.russian.nouns import Case, Gender

_QUEENS = ("Екатерин", "Елизавет", "Анн", "Мари", "Маргарит", "Виктори", "Софи", "Изабелл", "Христин")
_MASCULINE: dict[str, Case] = {
    "ов": "g", "ах": "p", "ам": "d", "ами": "i", "ого": "g", "ому": "d", "ым": "i", "ый": "n",
    "а": "g", "я": "g", "у": "d", "ю": "d", "ом": "i", "ем": "i", "ём": "i", "е": "p",
}  # fmt: skip
_FEMININE: dict[str, Case] = {
    "ая": "n", "ой": "g", "ей": "g", "ью": "i", "ую": "a",
    "а": "n", "я": "n", "ы": "g", "и": "g", "е": "d", "у": "a", "ю": "a",
}  # fmt: skip
_NEUTER: dict[str, Case] = {
    "ого": "g", "ом": "i", "ем": "i", "и": "p", "а": "g", "я": "g", "у": "d", "ю": "d",
}  # fmt: skip
_ENDINGS = {"m": _MASCULINE, "f": _FEMININE, "n": _NEUTER}
_NUMBERED: dict[str, Gender] = {
    "век": "m", "том": "m", "раздел": "m", "акт": "m", "съезд": "m", "этап": "m", "класс": "m", "тур": "m",
    "квартал": "m", "конгресс": "m", "курс": "m",
    "глав": "f", "част": "f", "книг": "f", "стать": "f", "групп": "f", "степен": "f", "миров": "f",
    "половин": "f", "стади": "f", "верси": "f", "сери": "f", "симфони": "f", "парти": "f", "олимпиад": "f",
    "мест": "n", "полугоди": "n", "тысячелети": "n", "столети": "n", "приложени": "n",
}  # fmt: skip
_STEM = re.compile(rf"({'|'.join(_NUMBERED)})([а-я]{{0,4}})")
_NAME = re.compile(r"([А-ЯЁ][а-яё]+)\s\Z")
_UP_TO = re.compile(r"\s?[–—-]\s?[IVXL]+(?=\s)")
_CENTURY = re.compile(r"\sвв?\.")
_FROM = re.compile(r"[IVXL]+\s?[–—-]\s?\Z")
_LETTERS = (1, 5, 10, 50)  # may be a letter as well


def roman_place(around: Around) -> tuple[Case, Gender] | None:
    """The case and gender of a Roman numeral; None where it is no ordinal."""
    after = _UP_TO.sub("", around.after, count=1)  # "XV–XVI веков"
    before = _FROM.sub("", around.before)
    if _CENTURY.match(after):
        return century_case(before), "m"
    ruler = _NAME.search(before)
    if place := _of_noun(context.word_after(Around(after=after))):
        return place
    if place := _of_noun(context.word_before(Around(before))):
        return place
    return _of_ruler(ruler[1]) if ruler else None


def is_a_number(number: int) -> bool:
    """Whether a numeral that stands alone can hardly be letters."""
    return number not in _LETTERS


def century_case(before: str) -> Case:
    """The case of a century that is shortened to "в.", by what stands before its number."""
    word = context.word_before(Around(before))
    if word in ("в", "во", "на"):
        return "p"
    if word in ("к", "ко", "по"):
        return "d"
    if re.search(r"гг?\.\s\Z", before):
        return "g"
    return "g" if word and word not in ("и", "это") else "n"


def _of_noun(word: str) -> tuple[Case, Gender] | None:
    found = _STEM.fullmatch(word)
    if found is None:
        return None
    stem, ending = found.groups()
    gender = _NUMBERED[stem]
    if gender == "n" and ending == "е":
        return ("n" if stem.endswith("и") else "p"), gender  # "полугодие", "месте"
    return _case(ending, gender), gender


def _case(ending: str, gender: Gender) -> Case:
    endings = _ENDINGS[gender]
    for size in (3, 2, 1):
        if len(ending) >= size and (case := endings.get(ending[-size:])) is not None:
            return case
    return "n"


def _of_ruler(name: str) -> tuple[Case, Gender]:
    gender: Gender = "f" if name.startswith(_QUEENS) else "m"
    return _case(name, gender), gender
