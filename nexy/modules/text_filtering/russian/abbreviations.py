"""What shortened words stand for, in the case that their place asks for."""

import re

from nexy.modules.text_filtering.readings import Around
from nexy.modules.text_filtering.russian import context
from nexy.modules.text_filtering.russian.nouns import Case
from nexy.modules.text_filtering.russian.numerals import ordinal
from nexy.modules.text_filtering.russian.roman import century_case, roman_place

_UNCHANGED = {
    "т.е.": "то есть",
    "т.д.": "так далее",
    "т.п.": "тому подобное",
    "т.к.": "так как",
    "т.н.": "так называемый",
    "т.ч.": "том числе",
    "т.о.": "таким образом",
    "н.э.": "нашей эры",
    "напр.": "например",
    "др.": "другие",
    "пр.": "прочее",
    "см.": "смотри",
    "ср.": "сравни",
    "ок.": "около",
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
    "экз.": "экземпляров",
    "раб.": "рабочих",
    "шт.": "штук",
}
_CASED = {
    "г.": "город города городу городе",
    "ул.": "улица улицы улице улице",
    "просп.": "проспект проспекта проспекту проспекте",
    "пер.": "переулок переулка переулку переулке",
    "пл.": "площадь площади площади площади",
    "наб.": "набережная набережной набережной набережной",
    "обл.": "область области области области",
    "р.": "река реки реке реке",
    "оз.": "озеро озера озеру озере",
    "пос.": "посёлок посёлка посёлку посёлке",
    "дер.": "деревня деревни деревне деревне",
    "кв.": "квартира квартиры квартире квартире",
    "корп.": "корпус корпуса корпусу корпусе",
    "стр.": "страница страницы странице странице",
    "рис.": "рисунок рисунка рисунку рисунке",
    "табл.": "таблица таблицы таблице таблице",
    "гл.": "глава главы главе главе",
    "разд.": "раздел раздела разделу разделе",
}
_CASED_BEFORE_DIGITS = {
    "д.": "дом дома дому доме",
    "п.": "пункт пункта пункту пункте",
    "с.": "страница страницы странице странице",
    "т.": "том тома тому томе",
    "ст.": "статья статьи статье статье",
}
_FORMS: dict[Case, int] = {"g": 1, "d": 2, "p": 3}
_PER = {
    "шт.": "штуку",
    "мес.": "месяц",
    "нед.": "неделю",
    "сут.": "сутки",
    "сек.": "секунду",
    "мин.": "минуту",
    "ч.": "час",
    "чел.": "человека",
}
_SPOONS = {"ч.л.": "чайн", "ст.л.": "столов"}
_ONE_AND_A_HALF = re.compile(r"\d\s?½\s?\Z|\d\s1/2\s?\Z")
_CENTURIES: dict[Case, str] = {"n": "век", "g": "века", "d": "веку", "i": "веком", "p": "веке"}
_ROMANS_BEFORE = re.compile(r"[IVX]+(?:\s?[–—-]\s?[IVX]+)?\s?\Z")
_SPAN_BEFORE = re.compile(r"\d{4}\s?[–—-]\s?\d{4}\s?\Z")
_IN_DECADE = re.compile(r"\b(?:в|во|о|об)\s\S{2,6}-х\s?\Z", re.IGNORECASE)


_BEFORE_NAMES = {"пр.": "просп."}  # "пр. Мира" is an avenue, "и пр." is the rest


def abbreviation(written: str, around: Around) -> str | None:
    """What a shortened word stands for; None when it is said as it is."""
    short = written.replace(" ", "").replace("\u00a0", "").lower()
    short = _BEFORE_NAMES.get(short, short) if re.match(r"\s[А-ЯЁ]", around.after) else short
    if short in _SPOONS:
        return f"{_SPOONS[short]}{'ые' if _ONE_AND_A_HALF.search(around.before) else 'ой'} ложки"
    if short == "i.":
        return _first(around)
    if len(written) == len("Г.") and written[0].isupper() and not re.match(r"\s?\d", around.after):
        return None  # an initial
    if context.word_before(around) in ("в", "за", "на") and short in _PER:
        return _PER[short]
    if short in ("г.", "гг.") and re.search(r"(?:\d|\d-[ехм]|\d-ми)\s?\Z", around.before):
        return _years(short, around)
    if short in ("в.", "вв."):
        return _centuries(short, around)
    if short in _CASED_BEFORE_DIGITS:
        return _cased(_CASED_BEFORE_DIGITS[short], around) if re.match(r"\s?\d", around.after) else None
    if short == "р." and re.search(r"\d\s?\Z", around.before):
        return "рублей"
    if short in _CASED:
        return _cased(_CASED[short], around)
    return _UNCHANGED.get(short)


def _first(around: Around) -> str | None:
    """A ruler's number that ends the sentence: "при Николае I."."""
    place = None if around.after.strip(" \n\"'”’»)*_") else roman_place(around)
    return ordinal(1, *place) if place else None


def _cased(forms: str, around: Around) -> str:
    n, *oblique = forms.split()
    before = context.word_before(around)
    if before.endswith(("ой", "ей")) and len(before) > len("свой"):
        return oblique[0]  # "в Московской обл."
    case = "p" if before in ("в", "во", "на") else "d" if before == "по" else context.case_of(around)
    return (n, *oblique)[_FORMS.get(case, 0)]


def _years(short: str, around: Around) -> str:
    before = around.before.rstrip()
    if before.endswith("-ми"):
        return "годами"
    if before.endswith("-м"):
        return "годам"
    if before.endswith("-х"):
        return "годах" if _IN_DECADE.search(before) else "годов"
    return "год" if short == "г." or _SPAN_BEFORE.search(before) else "годы"


def _centuries(short: str, around: Around) -> str | None:
    romans = _ROMANS_BEFORE.search(around.before)
    if romans is None:
        return None
    case = century_case(around.before[: romans.start()])
    if short == "в.":
        return _CENTURIES[case]
    return {"n": "века", "p": "веках", "d": "векам", "i": "веками"}.get(case, "веков")
