"""The nouns that go with numbers: units, currencies, scales, in all their cases."""

from dataclasses import dataclass, replace
from typing import Literal

Case = Literal[
    "n", "g", "d", "a", "i", "p"
]  # nominative, genitive, dative, accusative, instrumental, prepositional
Gender = Literal["m", "f", "n"]

CASES = "ngdaip"
_ADJECTIVES = {
    "m": ("ый", "ого", "ому", "ый", "ым", "ом"),
    "f": ("ая", "ой", "ой", "ую", "ой", "ой"),
    "many": ("ых", "ых", "ым", "ых", "ыми", "ых"),
}


def is_one(number: int) -> bool:
    """Whether what is counted stands in the singular."""
    return number % 10 == 1 and number % 100 != 11


def is_few(number: int) -> bool:
    """Whether what is counted stands in the genitive singular: two, three and four."""
    return 2 <= number % 10 <= 4 and number // 10 % 10 != 1


@dataclass(frozen=True, slots=True)
class Noun:
    """Forms in the order of CASES."""

    gender: Gender
    one: tuple[str, ...]
    many: tuple[str, ...]  # the accusative is that of things
    tail: str = ""  # what follows and never changes: "Цельсия", "в час"
    adjective: str = ""  # the stem of one that stands before it: "квадратн"

    def with_number(self, whole: str, case: Case, *, decimals: bool = False) -> str:
        """The form behind a number, whose whole part is given in digits."""
        form = self.one[1] if decimals else self._form(int(whole), case)
        return f"{self._adjective(whole, case, decimals=decimals)}{form} {self.tail}".rstrip()

    def _adjective(self, whole: str, case: Case, *, decimals: bool) -> str:
        if not self.adjective:
            return ""
        single = decimals or is_one(int(whole))
        endings = _ADJECTIVES[self.gender if single else "many"]
        if not single and is_few(int(whole)) and self.gender == "f" and case in "na":
            return f"{self.adjective}ые "
        return f"{self.adjective}{endings[1 if decimals else CASES.index(case)]} "

    def _form(self, number: int, case: Case) -> str:
        if is_one(number):
            return self.one[CASES.index(case)]
        if case in "na":
            return self.one[1] if is_few(number) else self.many[1]
        return self.many[CASES.index(case)]

    def plural(self, case: Case) -> str:
        adjective = self.adjective + _ADJECTIVES["many"][CASES.index(case)] + " " if self.adjective else ""
        return f"{adjective}{self.many[CASES.index(case)]} {self.tail}".rstrip()


def masculine(stem: str, *, many: str | None = None, tail: str = "", adjective: str = "") -> Noun:
    """метр, метра, метров; `many` is the genitive plural where it is another one: ватт."""
    one = tuple(stem + ending for ending in ("", "а", "у", "", "ом", "е"))
    genitive = stem + "ов" if many is None else many
    plural = (stem + "ы", genitive, *(stem + end for end in ("ам", "ы", "ами", "ах")))
    return Noun("m", one, plural, tail, adjective)


def feminine(stem: str, many: str, *, soft: bool = False, tail: str = "", adjective: str = "") -> Noun:
    """тонна, тонны, тонн; миля, мили, миль."""
    ends, plural = ("яиеюее", "и ям и ями ях") if soft else ("аыеуое", "ы ам ы ами ах")
    if stem[-1] in "гкхжшч" and not soft:
        ends, plural = "аиеуое", "и ам и ами ах"
    instrumental = stem + ("ей" if soft or stem[-1] in "жшч" else "ой")
    one = (*(stem + end for end in ends[:4]), instrumental, stem + ends[2])
    n, d, a, i, p = plural.split()
    return Noun("f", one, (stem + n, many, stem + d, stem + a, stem + i, stem + p), tail, adjective)


def _fixed(gender: Gender, word: str) -> Noun:
    return Noun(gender, (word,) * 6, (word,) * 6)


RUBLE = Noun(
    "m",
    ("рубль", "рубля", "рублю", "рубль", "рублём", "рубле"),
    ("рубли", "рублей", "рублям", "рубли", "рублями", "рублях"),
)
_DAY = Noun(
    "m", ("день", "дня", "дню", "день", "днём", "дне"), ("дни", "дней", "дням", "дни", "днями", "днях")
)
_YEN = _fixed("f", "иена")

YEAR = Noun(
    "m",
    ("год", "года", "году", "год", "годом", "году"),
    ("годы", "годов", "годам", "годы", "годами", "годах"),
)
HOUR = Noun(
    "m",
    ("час", "часа", "часу", "час", "часом", "часе"),
    ("часы", "часов", "часам", "часы", "часами", "часах"),
)

UNITS: dict[str, Noun] = {
    "%": masculine("процент"),
    "‰": _fixed("n", "промилле"),
    "$": masculine("доллар"),
    "€": _fixed("m", "евро"),
    "£": masculine("фунт"),
    "₽": RUBLE,
    "¥": feminine("иен", "иен"),
    "₹": feminine("рупи", "рупий", soft=True),
    "₴": feminine("гривн", "гривен"),
    "¢": masculine("цент"),
    "°": masculine("градус"),
    "°C": masculine("градус", tail="Цельсия"),
    "°F": masculine("градус", tail="Фаренгейта"),
    "mm": masculine("миллиметр"),
    "cm": masculine("сантиметр"),
    "m": masculine("метр"),
    "km": masculine("километр"),
    "m²": masculine("метр", adjective="квадратн"),
    "km²": masculine("километр", adjective="квадратн"),
    "m³": masculine("метр", tail="в кубе"),
    "ft": masculine("фут"),
    "in": masculine("дюйм"),
    "mi": feminine("мил", "миль", soft=True),
    "yd": masculine("ярд"),
    "mph": feminine("мил", "миль", soft=True, tail="в час"),
    "km/h": masculine("километр", tail="в час"),
    "m/s": masculine("метр", tail="в секунду"),
    "mg": masculine("миллиграмм"),
    "g": masculine("грамм"),
    "kg": masculine("килограмм"),
    "t": feminine("тонн", "тонн"),
    "lb": masculine("фунт"),
    "oz": feminine("унци", "унций", soft=True),
    "ml": masculine("миллилитр"),
    "l": masculine("литр"),
    "s": feminine("секунд", "секунд"),
    "ms": feminine("миллисекунд", "миллисекунд"),
    "min": feminine("минут", "минут"),
    "h": HOUR,
    "B": masculine("байт", many="байт"),
    "KB": masculine("килобайт", many="килобайт"),
    "MB": masculine("мегабайт", many="мегабайт"),
    "GB": masculine("гигабайт", many="гигабайт"),
    "TB": masculine("терабайт", many="терабайт"),
    "Mbit/s": masculine("мегабит", many="мегабит", tail="в секунду"),
    "Gbit/s": masculine("гигабит", many="гигабит", tail="в секунду"),
    "W": masculine("ватт", many="ватт"),
    "kW": masculine("киловатт", many="киловатт"),
    "MW": masculine("мегаватт", many="мегаватт"),
    "kWh": masculine("киловатт-час", many="киловатт-часов"),
    "V": masculine("вольт", many="вольт"),
    "A": masculine("ампер", many="ампер"),
    "mAh": masculine("миллиампер-час", many="миллиампер-часов"),
    "Hz": masculine("герц", many="герц"),
    "kHz": masculine("килогерц", many="килогерц"),
    "MHz": masculine("мегагерц", many="мегагерц"),
    "GHz": masculine("гигагерц", many="гигагерц"),
    "dB": masculine("децибел", many="децибел"),
    "cal": feminine("калори", "калорий", soft=True),
    "kcal": feminine("килокалори", "килокалорий", soft=True),
    "hPa": masculine("гектопаскаль", many="гектопаскалей"),
    "px": masculine("пиксел", many="пикселей"),
    "people": Noun(
        "m",
        ("человек", "человека", "человеку", "человека", "человеком", "человеке"),
        ("люди", "человек", "людям", "людей", "людьми", "людях"),
    ),
    "pieces": feminine("штук", "штук"),
    "км/с": masculine("километр", tail="в секунду"),
    "об/мин": masculine("оборот", tail="в минуту"),
    "уд/мин": masculine("удар", tail="в минуту"),
    "mmHg": masculine("миллиметр", tail="ртутного столба"),
    "га": masculine("гектар"),
    "мес.": masculine("месяц", many="месяцев"),
    "нед.": feminine("недел", "недель", soft=True),
    "сут.": Noun("f", ("сутки",) * 6, ("сутки", "суток", "суткам", "сутки", "сутками", "сутках")),
    "дн.": _DAY,
    "л.с.": feminine("сил", "сил", adjective="лошадин"),
    "ч.л.": feminine("ложк", "ложек", adjective="чайн"),
    "ст.л.": feminine("ложк", "ложек", adjective="столов"),
}
UNITS |= {"мАч": UNITS["mAh"], "мА·ч": UNITS["mAh"], "с": UNITS["s"], "ммрт.ст.": UNITS["mmHg"], "d": _DAY}
_PRICED = {
    "кг": "за килограмм",
    "г": "за грамм",
    "л": "за литр",
    "шт": "за штуку",
    "м²": "за квадратный метр",
    "м2": "за квадратный метр",
    "м³": "за кубический метр",
    "чел": "с человека",
    "мес": "в месяц",
    "нед": "в неделю",
    "день": "в день",
    "сутки": "в сутки",
    "ч": "в час",
    "час": "в час",
    "мин": "в минуту",
}
UNITS |= {f"₽/{per}": replace(RUBLE, tail=tail) for per, tail in _PRICED.items()}
COINS = {
    "$": masculine("цент"),
    "€": masculine("цент"),
    "£": masculine("пенс"),
    "₽": feminine("копейк", "копеек"),
}
SCALES = {
    "тыс": feminine("тысяч", "тысяч"),
    "млн": masculine("миллион"),
    "млрд": masculine("миллиард"),
    "трлн": masculine("триллион"),
}
