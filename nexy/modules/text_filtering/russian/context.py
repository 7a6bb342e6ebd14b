"""Which case and gender the words around a number ask for."""

import re

from nexy.modules.text_filtering.readings import Around
from nexy.modules.text_filtering.russian.nouns import Case, Gender

_GENITIVE = frozenset(
    [
        "из",
        "изо",
        "от",
        "ото",
        "до",
        "около",
        "более",
        "менее",
        "больше",
        "меньше",
        "свыше",
        "без",
        "для",
        "у",
        "после",
        "кроме",
        "среди",
        "вместо",
        "против",
        "порядка",
        "ради",
    ]
)
_DATIVE = frozenset(["к", "ко", "благодаря", "согласно", "подобно"])
_PREPOSITIONAL = frozenset(["о", "об", "при"])
_DID = re.compile(r"\w{2,}л[аи]?")  # "заплатил тысячу": who did it did it to what is counted
_DOES_NOTHING_TO = (
    "был",
    "стоил",
    "прош",
    "остал",
    "приш",
    "жил",
    "стал",
    "исполн",
    "умер",
    "понадоб",
    "выш",
)
_WORD = re.compile(r"[а-яё]+", re.IGNORECASE)
_LAST = re.compile(r"([а-яё]+)[\s«\"(]*\Z", re.IGNORECASE)


def word_before(around: Around) -> str:
    """The word that stands directly before, in small letters; empty when something else does."""
    found = _LAST.search(around.before)
    return found[1].lower() if found else ""


def word_after(around: Around) -> str:
    """The word that follows after white space, in small letters; empty when something else does."""
    found = _WORD.match(around.after.lstrip()) if around.after[:1].isspace() else None
    return found[0].lower() if found else ""


def case_of(around: Around) -> Case:
    """The case of a number with its noun."""
    before, after = word_before(around), word_after(around)
    if before in _GENITIVE:
        return "g"
    if before in _DATIVE:
        return "d"
    if after.endswith(("ами", "ями", "ьми")):
        return "i"
    if before in ("между", "над", "перед") or (before == "под" and not after):
        return "i"
    if before in ("с", "со"):
        return "g"
    if before in _PREPOSITIONAL or (before in ("в", "во", "на") and after.endswith(("ах", "ях"))):
        return "p"
    if after.endswith(("ам", "ям")) and before not in ("в", "на"):
        return "d"
    done_to = _DID.fullmatch(before) and not before.startswith(_DOES_NOTHING_TO)
    if done_to or before in ("в", "во", "на", "через", "за", "про", "по") or after.endswith(("у", "ю")):
        return "a"
    return "n"


def gender_of(number: int, around: Around) -> Gender:
    """The gender of what is counted, as far as its ending tells: only one and two have genders."""
    after, last = word_after(around), number % 10
    if 11 <= number % 100 <= 14 or not after:
        return "m"
    if last == 2:
        return "f" if after.endswith(("ы", "и", "ые", "ие")) and after not in ("или", "и") else "m"
    if last == 1:
        if after.endswith(("ая", "яя", "ую", "юю", "ой", "ей", "а", "я", "у", "ю")) and not after.endswith(
            "мя"
        ):
            return "f"
        return "n" if after.endswith(("ое", "ее", "о", "е", "мя")) else "m"
    return "m"


def oblique_year(around: Around) -> Case:
    """The case of a year whose word is shortened to "г."."""
    before = word_before(around)
    if before in ("в", "во", "о", "об", "на"):
        return "p"
    if before in _DATIVE:
        return "d"
    if before in _GENITIVE or before in ("с", "со") or before.endswith(("ря", "ля", "та", "ая", "ня")):
        return "g"  # also after a month: "5 мая 1961 г."
    return "n"


def case_of_year(noun: str, around: Around) -> Case:
    """The case of a year whose word is written out."""
    before = word_before(around)
    match noun:
        case "года" | "годов":
            return "g"
        case "годом" | "годами":
            return "i"
        case "году":
            return "d" if before in ("к", "ко", "по") else "p"
        case "годах":
            return "p"
        case "годам":
            return "d"
        case _:
            return "n"
