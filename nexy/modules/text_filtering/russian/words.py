"""Russian words for signs, shortened words and the names of letters, and what endings say."""

import re

from nexy.modules.text_filtering.readings import Around, Signs
from nexy.modules.text_filtering.russian import context
from nexy.modules.text_filtering.russian.nouns import Case, Gender

_PER = {
    "month mo": "в месяц",
    "year yr": "в год",
    "week wk": "в неделю",
    "day": "в день",
    "hour hr": "в час",
    "minute min": "в минуту",
    "second sec": "в секунду",
    "night": "за ночь",
    "person user": "на человека",
    "kg": "за килограмм",
    "lb": "за фунт",
    "km": "за километр",
    "mile": "за милю",
    "GB": "за гигабайт",
    "piece": "за штуку",
}

SIGNS = Signs(
    at="собака",
    dot="точка",
    slash="косая черта",
    plus="плюс",
    minus="минус",
    times="умножить на",
    over="разделить на",
    equals="равно",
    code="код",
    code_in="код на",
    table="Таблица:",
    ratio="к",
    score="",
    upon="на",
    fold="раз",
    ands="и",
    number="номер",
    per={written: said for names, said in _PER.items() for written in names.split()},
    days={},
    more={
        "≤": "не больше",
        "≥": "не меньше",
        "≠": "не равно",
        "≈": "примерно",
        "±": "плюс-минус",
        "√": "корень из",
        "∞": "бесконечность",
        "π": "пи",
        "²": "в квадрате",
        "³": "в кубе",
        "→": "затем",
        "<": "меньше",
        ">": "больше",
        "^": "в степени",
        "§": "параграф",
        "~": "примерно",
        "–": "до",
        "-": "до",
    },
)
MONTHS = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]
MONTHS_NOMINATIVE = [
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
]
MONTH_NAMES = {name: number for number, name in enumerate(MONTHS, 1)}
YEAR_FORMS = frozenset(["год", "года", "году", "годом", "годе", "годы", "годов", "годам", "годами", "годах"])

_SCALES = {
    "тыс": "тыс",
    "thousand": "тыс",
    "k": "тыс",
    "миллион": "млн",
    "млн": "млн",
    "M": "млн",
    "m": "млн",
}
_SCALES |= {"миллиард": "млрд", "млрд": "млрд", "bn": "млрд", "B": "млрд", "трлн": "трлн", "триллион": "трлн"}

_ENDINGS: dict[str, tuple[Case, Gender, bool]] = {
    "й": ("n", "m", False),
    "ый": ("n", "m", False),
    "ий": ("n", "m", False),
    "го": ("g", "m", False),
    "ого": ("g", "m", False),
    "му": ("d", "m", False),
    "я": ("n", "f", False),
    "ая": ("n", "f", False),
    "ю": ("a", "f", False),
    "ую": ("a", "f", False),
    "ой": ("g", "f", False),
    "ое": ("n", "n", False),
    "ые": ("n", "m", True),
    "х": ("g", "m", True),
    "ых": ("g", "m", True),
    "ми": ("i", "m", True),
    "ым": ("i", "m", False),
}


_OF_HERS = re.compile(r"(?!(?:после|если|даже|ниже|выше|тоже|также|перед|или)\Z)\w+\w[ыие]\Z")


def ending(suffix: str, around: Around) -> tuple[Case, Gender, bool]:
    """Case, gender and whether it is plural, by an ordinal's written ending."""
    if suffix == "е":
        plural = context.word_after(around).endswith(("ы", "и", "гг"))
        return "n", "m" if plural else "n", plural
    if suffix == "м":
        return ("p" if context.word_before(around) in ("в", "во", "на", "о", "об") else "i"), "m", False
    if suffix == "й" and _OF_HERS.search(context.word_after(around)):
        return "g", "f", False  # "с 3-й платформы"
    return _ENDINGS.get(suffix, ("n", "m", False))


def scale_of(word: str) -> str:
    """The key of a written scale: "миллионов" → "млн"."""
    for begun, key in _SCALES.items():
        if word.startswith(begun):
            return key
    return {"million": "млн", "billion": "млрд", "trillion": "трлн"}.get(word, "тыс")


_TODAY = re.compile(
    r"(?:\A|[.!?:—–-]|\b(?:сегодня|завтра|вчера|это|дата|был[оа]?|будет)"
    r"|(?<!\bв )(?<!\bво )\b(?:понедельник|вторник|среда|четверг|пятница|суббота|воскресенье),?)\s*\Z",
    re.IGNORECASE,
)
_DAY_BEFORE = re.compile(rf"\d\d?(?:,\s\d\d?){{0,3}}\s(?:(?:{'|'.join(MONTHS)})\s)?(?:и|или)\s\Z")


def case_of_day(around: Around) -> Case:
    """The case of a day's number: "сегодня пятое мая", "родился пятого мая", "к пятому мая"."""
    text = _DAY_BEFORE.sub("", around.before, count=1)  # "5 и 6 мая" are in one case
    before = context.word_before(Around(text))
    if before in ("к", "ко"):
        return "d"
    if before in ("на", "за", "по"):
        return "a"
    if before in ("между", "перед"):
        return "i"
    return "n" if _TODAY.search(text) else "g"
