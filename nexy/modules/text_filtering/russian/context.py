"""Which case and gender the words around a number ask for."""

import re

from nexy.modules.text_filtering.readings import Around
from nexy.modules.text_filtering.russian.nouns import Case, Gender, is_few, is_one


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GENITIVE = _words(
    """
    из изо от ото до около более менее больше меньше свыше без для у после кроме среди вместо против
    порядка ради старше младше выше ниже дольше позже раньше дороже дешевле тяжелее легче длиннее
    короче быстрее помимо относительно вокруг возле сверх накануне позднее ближе дальше
    """
)
_DATIVE = frozenset(["к", "ко", "благодаря", "согласно", "подобно"])
_PREPOSITIONAL = frozenset(["о", "об", "при"])
_ACCUSATIVE = frozenset(["в", "во", "на", "через", "за", "про", "по"])
_AMONG = ("между", "над", "перед")
_ASKS_GENITIVE = re.compile(
    r"(?:\b(?:в\s(?:течение|течении|продолжение|размере|возрасте|количестве|пределах|районе|объёме|радиусе)"
    r"|на\sпротяжении|достиг\w{0,6}|не\s(?:превы|хват|достиг)\w{1,8})\s|\bок\.\s|[√≤≥<>]\s?)\Z",
    re.IGNORECASE,
)
_DID = re.compile(r"\w{2,}л[аи]?")  # "заплатил тысячу": who did it did it to what is counted
_DOES = re.compile(
    r"сто(?:ит|ят|ить)|вес[ия]т|длится|имеет|имеют|(?:составля|занима|вмеща|насчитыва|содерж|плат|получа|трат)\w{1,4}"
    r"|\w{3,}(?:йте|ьте|ите)"
)
_DOES_NOTHING_TO = ("был", "прош", "остал", "приш", "жил", "стал", "исполн", "умер", "понадоб", "выш")
_SEEN_THROUGH = r"(?:примерно|приблизительно|почти|всего|только|лишь|ровно|уже|ещё|максимум|минимум)\s"
_WORD = re.compile(r"[а-яё]+", re.IGNORECASE)
_LAST = re.compile(r"([а-яё]+)[\s«\"(]*(?:\s[−-])?\Z", re.IGNORECASE)
_ADVERBS = re.compile(rf"(?<=[а-яё]\s)(?:{_SEEN_THROUGH}){{1,2}}(?=[−-]?\Z)", re.IGNORECASE)
_COORDINATED = re.compile(r"\b(?<!до\s)\d+(?:\s[а-яё]+){0,3}\s(?:и|или)\s\Z", re.IGNORECASE)
_NOUN = re.compile(r"\s(?:[а-яё]{2,}(?:ых|их|ым|им|ыми|ими|ые|ие)\s){0,2}([а-яё]+)", re.IGNORECASE)
_LENGTHS = frozenset(["mm", "cm", "m", "km", "mi", "ft"])
_MEMORY = frozenset(["KB", "MB", "GB", "TB"])
_UP_TO = re.compile(r"\s(?:до|по|на)\s")
_NO_SUBSTANCE = ("в", "и", "или", "за", "от", "к", "при", "после", "это")
_AWAY = re.compile(r"\s(?:от|к|над|под|перед)\s")
_MEASURED = re.compile(r"(?:ом|ем|ём|ью|ой|ей|ость|к[ауи]|на)\sв\s\Z")  # "объёмом в 2 л"


def word_before(around: Around) -> str:
    """The word that stands directly before, in small letters; empty when something else does.

    A minus between them does not part them, nor does an adverb that asks for nothing: "до примерно 5",
    nor another number in the same case: "из 3 мужчин и 2 женщин".
    """
    found = _LAST.search(_ADVERBS.sub("", _COORDINATED.sub("", around.before)))
    return found[1].lower() if found else ""


def word_after(around: Around) -> str:
    """The word that follows after white space, in small letters; empty when something else does."""
    found = _WORD.match(around.after.lstrip()) if around.after[:1].isspace() else None
    return found[0].lower() if found else ""


def noun_after(around: Around) -> str:
    """The noun that follows, past adjectives in the plural; in small letters."""
    found = _NOUN.match(around.after)
    return found[1].lower() if found else ""


def case_of(around: Around, number: int = 0) -> Case:
    """The case of a number with its noun."""
    before, after, noun = word_before(around), word_after(around), noun_after(around)
    asked = _asked_by(before, around) or _agreed_with(before, noun)
    if asked is None and is_one(number):
        asked = _case_of_one(before, after)
    if asked:
        return asked
    if after.endswith(("ами", "ями", "ьми", "ыми", "ими")):
        return "i"
    if before in _AMONG or (before == "под" and not after):
        return "i"
    if before in ("с", "со"):
        return "g"
    if before in _PREPOSITIONAL or (before in ("в", "во", "на") and noun.endswith(("ах", "ях"))):
        return "p"
    if noun.endswith(("ам", "ям")) and before not in ("в", "на"):
        return "d"
    if is_few(number) and _is_alive(noun):
        return "g"
    return "a" if _is_done_to(before) or after.endswith(("у", "ю")) else "n"


def _asked_by(before: str, around: Around) -> Case | None:
    """The case that a preposition asks for, whatever follows."""
    if before in _GENITIVE or _ASKS_GENITIVE.search(around.before):
        return "g"
    return "d" if before in _DATIVE else None


def _agreed_with(before: str, noun: str) -> Case | None:
    """The case that an adjective before the number is in: "этих двух", "последними тремя"."""
    if before.endswith(("ыми", "ими")):
        return "i"
    if before.endswith(("ых", "их", "ихся", "всех", "тех")) and before not in ("их", "них"):
        return "p" if noun.endswith(("ах", "ях")) else "g"
    return None


def _case_of_one(before: str, after: str) -> Case | None:
    """The case of what there is one of, where its noun stands in the singular."""
    if before in ("с", "со", "под", *_AMONG) and after.endswith(
        ("ом", "ем", "ём", "ой", "ей", "ью", "ым", "им")
    ):
        return "i"
    if before in ("в", "во", "на") and after.endswith(("е", "и")):
        return "p"
    if after.endswith(("а", "я")) and not after.endswith("мя"):
        return "g" if before in _ACCUSATIVE else "n" if _is_done_to(before) else None
    return "d" if before == "по" and after.endswith(("у", "ю", "е", "и")) else None


def _is_alive(noun: str) -> bool:
    """Two to four of what lives are seen in the genitive: "видел двух мальчиков"."""
    return noun == "человек" or (noun.endswith(("ов", "ев", "ей")) and len(noun) > len("ключ"))


def is_asked(before: str, case: Case) -> bool:
    """Whether it is a preposition that asks for a case which is not the nominative."""
    return before in _ACCUSATIVE if case == "a" else case != "n"


def _is_done_to(before: str) -> bool:
    """Whether what is counted stands in the accusative."""
    if before in _ACCUSATIVE:
        return True
    did = _DID.fullmatch(before) and not before.startswith(_DOES_NOTHING_TO)
    return bool(did or _DOES.fullmatch(before))


def case_of_measure(unit: str, around: Around) -> Case:
    """The case of a number with a unit: "в трёх километрах от", "в двухстах миллилитрах воды"."""
    before, after = word_before(around), word_after(around)
    if before in ("в", "во"):
        away = unit in _LENGTHS and _AWAY.match(around.after)
        solved = unit in ("ml", "l") and after and not _MEASURED.search(around.before)
        walk = after in ("ходьбы", "езды", "пути")
        if away or solved or walk or (unit == "%" and after.endswith(("ов", "ев", "ей"))):
            return "p"
    if before == "под":
        return "a"
    if before in ("с", "со") and (unit in _MEMORY or after) and not _UP_TO.search(around.after):
        return "g" if after in _NO_SUBSTANCE else "i"  # "с 16 ГБ памяти", "с 5 % в год"
    return case_of(Around(around.before))


_GENDERS: dict[Case, tuple[tuple[Gender, tuple[str, ...]], ...]] = {
    "n": (("n", ("мя", "ое", "ее", "о", "е")), ("f", ("ая", "яя", "ой", "ей", "а", "я"))),
    "a": (("n", ("мя", "ое", "ее", "о", "е")), ("f", ("ую", "юю", "у", "ю", "а", "я"))),
    "g": (("f", ("ы", "и", "ой", "ей")),),
    "d": (("f", ("е", "и", "ой", "ей")),),
    "i": (("f", ("ой", "ей", "ью")),),
    "p": (("f", ("и", "ой", "ей", "нке", "шке", "жке", "чке", "дке", "тке", "ате")),),
}


def gender_of(number: int, around: Around, case: Case = "n") -> Gender:
    """The gender of what is counted, as far as its ending tells: only one and two have genders."""
    after, last = word_after(around), number % 10
    if 11 <= number % 100 <= 14 or not after:
        return "m"
    if last == 2:
        return "f" if after.endswith(("ы", "и", "ые", "ие")) and after not in ("или", "и") else "m"
    if last == 1:
        return next((gender for gender, endings in _GENDERS[case] if after.endswith(endings)), "m")
    return "m"


def oblique_year(around: Around) -> Case:
    """The case of a year whose word is shortened to "г."."""
    before = word_before(around)
    if before in ("в", "во", "о", "об"):
        return "p"
    if before in _DATIVE:
        return "d"
    if before in ("на", "за", "по", "про", "это", "и", ""):
        return "n"
    return "g"  # after a preposition, a month or another noun: "по итогам 2025 г."


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


def case_of_years(noun: str, around: Around) -> Case:
    """The case of the first of two years, and of the last one with "гг." behind it."""
    match noun:
        case "годами":
            return "i"
        case "годах":
            return "p"
        case "годам":
            return "d"
    before = word_before(around)
    if before in ("между", "перед"):
        return "i"
    return "p" if noun == "гг." and before in ("в", "во", "о", "об") else "g"
