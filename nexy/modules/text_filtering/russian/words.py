"""Russian words for signs, shortened words and the names of letters, and what endings say."""

import re

from nexy.modules.text_filtering.readings import Around, Signs
from nexy.modules.text_filtering.russian import context
from nexy.modules.text_filtering.russian.nouns import Case, Gender
from nexy.modules.text_filtering.russian.numerals import cardinal, is_one, ordinal

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
    ands="и",
    number="номер",
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
        "→": "к",
        "<": "меньше",
        ">": "больше",
        "^": "в степени",
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


def ending(suffix: str, around: Around) -> tuple[Case, Gender, bool]:
    """Case, gender and whether it is plural, by an ordinal's written ending."""
    if suffix == "е":
        plural = context.word_after(around).endswith(("ы", "и"))
        return "n", "m" if plural else "n", plural
    if suffix == "м":
        return ("p" if context.word_before(around) in ("в", "во", "на", "о", "об") else "i"), "m", False
    return _ENDINGS.get(suffix, ("n", "m", False))


def scale_of(word: str) -> str:
    """The key of a written scale: "миллионов" → "млн"."""
    for begun, key in _SCALES.items():
        if word.startswith(begun):
            return key
    return {"million": "млн", "billion": "млрд", "trillion": "трлн"}.get(word, "тыс")


_TODAY = re.compile(
    r"(?:\A|[.!?:—–-]|\b(?:сегодня|завтра|вчера|это|дата|был[оа]?|будет|и))\s*\Z", re.IGNORECASE
)


def case_of_day(around: Around) -> Case:
    """The case of a day's number: "сегодня пятое мая", "родился пятого мая", "к пятому мая"."""
    before = context.word_before(around)
    if before in ("к", "ко"):
        return "d"
    if before in ("на", "за", "по"):
        return "a"
    return "n" if _TODAY.search(around.before) else "g"


def fraction(top: int, bottom: int) -> str:
    """ "одна вторая", "три четвёртых"; the half has a word of its own."""
    if (top, bottom) == (1, 2):
        return "половина"
    if (top, bottom) == (1, 3):
        return "треть"
    if (top, bottom) == (1, 4):
        return "четверть"
    if is_one(top):
        return f"{cardinal(top, 'n', 'f')} {ordinal(bottom, 'n', 'f')}"
    return f"{cardinal(top, 'n', 'f')} {ordinal(bottom, 'g', plural=True)}"


_QUEENS = ("Екатерин", "Елизавет", "Анн", "Мари", "Маргарит", "Виктори", "Софи", "Изабелл", "Христин")
_KING_ENDINGS: dict[str, Case] = {
    "а": "g",
    "я": "g",
    "у": "d",
    "ю": "d",
    "ом": "i",
    "ем": "i",
    "ём": "i",
    "е": "p",
}
_QUEEN_ENDINGS: dict[str, Case] = {
    "а": "n", "я": "n", "ы": "g", "и": "g", "е": "d", "у": "a", "ю": "a", "ой": "i", "ей": "i",
}  # fmt: skip
_CENTURY: dict[str, Case] = {"век": "n", "века": "g", "веку": "d", "веком": "i", "веке": "p"}
_NUMBERED = {"глава": "f", "главе": "f", "часть": "f", "книга": "f", "статья": "f", "том": "m", "раздел": "m"}
_NUMBERED |= {"акт": "m", "съезд": "m", "этап": "m", "класс": "m", "тур": "m", "группа": "f", "степень": "f"}
_NAME = re.compile(r"([А-ЯЁ][а-яё]+)\s\Z")


def roman_place(around: Around) -> tuple[Case, Gender] | None:
    """The case and gender of a Roman numeral; None where it is none."""
    after, before = context.word_after(around), context.word_before(around)
    if after in _CENTURY:
        return _CENTURY[after], "m"
    if re.match(r"\sв\.", around.after):
        return ("p" if before in ("в", "во") else "g" if before in ("с", "до", "из") else "n"), "m"
    if before in _NUMBERED:
        return ("p" if before == "главе" else "n"), "f" if _NUMBERED[before] == "f" else "m"
    name = _NAME.search(around.before)
    return _of_ruler(name[1]) if name else None


def _of_ruler(name: str) -> tuple[Case, Gender]:
    queen = name.startswith(_QUEENS)
    endings = _QUEEN_ENDINGS if queen else _KING_ENDINGS
    for size in (2, 1):
        if (case := endings.get(name[-size:])) is not None:
            return case, "f" if queen else "m"
    return "n", "f" if queen else "m"


_ABBREVIATIONS = {
    "т.е.": "то есть",
    "т.д.": "так далее",
    "т.п.": "тому подобное",
    "т.к.": "так как",
    "т.н.": "так называемый",
    "н.э.": "нашей эры",
    "напр.": "например",
    "др.": "другие",
    "пр.": "прочее",
    "см.": "смотри",
    "ср.": "сравни",
    "ул.": "улица",
    "просп.": "проспект",
    "пер.": "переулок",
    "пл.": "площадь",
    "обл.": "область",
    "кв.": "квартира",
    "корп.": "корпус",
    "стр.": "страница",
    "рис.": "рисунок",
    "табл.": "таблица",
    "гл.": "глава",
    "им.": "имени",
    "св.": "святой",
    "проф.": "профессор",
    "акад.": "академик",
    "доц.": "доцент",
    "тел.": "телефон",
    "макс.": "максимум",
    "мин.": "минимум",
    "прим.": "примечание",
    "тыс.": "тысяч",
    "млн.": "миллионов",
    "млрд.": "миллиардов",
    "руб.": "рублей",
    "коп.": "копеек",
    "чел.": "человек",
    "шт.": "штук",
}


def abbreviation(written: str, around: Around) -> str | None:
    """What a shortened word stands for; a city or a year where "г." is written."""
    short = written.replace(" ", "").replace("\u00a0", "").lower()
    if short in ("г.", "гг."):
        if re.search(r"\d\s?\Z", around.before):
            spanned = re.search(r"\d{4}\s?[–—-]\s?\d{4}\s?\Z", around.before)
            return "год" if short == "г." or spanned else "годы"
        before = context.word_before(around)
        return {"в": "городе", "из": "города", "до": "города", "к": "городу"}.get(before, "город")
    if short == "в." and re.search(r"[IVX]\s\Z", around.before):
        return "веке" if re.search(r"\b[Вв]о?\s[IVX]+\s\Z", around.before) else "век"
    if short == "д." and re.match(r"\s?\d", around.after):
        return "дом"
    if short == "п." and re.match(r"\s?\d", around.after):
        return "пункт"
    return _ABBREVIATIONS.get(short)


_LETTERS = dict(
    zip(
        "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ",
        [
            "а",
            "бэ",
            "вэ",
            "гэ",
            "дэ",
            "е",
            "жэ",
            "зэ",
            "и",
            "ка",
            "эль",
            "эм",
            "эн",
            "о",
            "пэ",
            "эр",
            "эс",
            "тэ",
            "у",
            "эф",
            "ха",
            "цэ",
            "че",
            "ша",
            "ща",
            "э",
            "ю",
            "я",
        ],
        strict=True,
    )
)
_LATIN = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        [
            "эй",
            "би",
            "си",
            "ди",
            "и",
            "эф",
            "джи",
            "эйч",
            "ай",
            "джей",
            "кей",
            "эль",
            "эм",
            "эн",
            "о",
            "пи",
            "кью",
            "ар",
            "эс",
            "ти",
            "ю",
            "ви",
            "дабл-ю",
            "экс",
            "вай",
            "зэт",
        ],
        strict=True,
    )
)
_SAID_AS_WORDS = frozenset(
    [
        "НАТО",
        "ООН",
        "НАСА",
        "ЮНЕСКО",
        "МИД",
        "ВУЗ",
        "ЗАГС",
        "ГОСТ",
        "МХАТ",
        "ЖЭК",
        "СПИД",
        "БАМ",
        "НЭП",
        "ТАСС",
        "КОВИД",
        "США",
        "ОПЕК",
    ]
)
_VOWELS = re.compile("[АЕЁИОУЫЭЮЯ]")


def spell(word: str) -> str | None:
    """ "ФБР" → "эф бэ эр"; None for those that are said as words."""
    if word in _SAID_AS_WORDS or not 2 <= len(word) <= 5:
        return None
    if all(letter in _LETTERS for letter in word):
        return None if _VOWELS.search(word) else " ".join(_LETTERS[letter] for letter in word)
    if all(letter in _LATIN for letter in word):
        return " ".join(_LATIN[letter] for letter in word)
    return None
