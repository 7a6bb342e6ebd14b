"""How units and numbers are written, in English, Russian and the same in both."""

import re

_KEYS = """
    % percent
    ‰
    $ USD долл.
    € EUR
    £ GBP
    ₽ RUB руб. руб
    ¥
    ₹
    ₴
    ¢
    °C °С ℃
    °F ℉
    °
    mm мм
    cm см
    m м
    km км
    m² m2 м² м2
    km² km2 км²
    m³ м³
    ft ft.
    tbsp tbsp. Tbsp Tbsp.
    tsp tsp.
    gal gal.
    qt qt.
    mpg
    bpm
    rpm
    fps
    psi
    ft² ft2
    mi mi.
    yd
    mph
    km/h kph км/ч
    m/s м/с
    mg мг
    g г
    kg кг
    lb lbs lb. lbs.
    oz oz.
    ml mL мл
    l L л
    ms мс
    s sec secs сек. сек
    min mins мин. мин
    h hrs hr ч. ч
    KB kB КБ
    MB МБ
    GB ГБ
    TB ТБ
    Mbit/s Mbps Мбит/с
    Gbit/s Gbps Гбит/с
    W Вт
    kW кВт
    MW МВт
    kWh кВт·ч кВтч
    V В
    mAh
    Hz Гц
    kHz кГц
    MHz МГц
    GHz ГГц
    dB дБ
    cal кал
    kcal ккал
    hPa
    px
    t т
    people чел.
    pieces шт.
"""
"""A line a unit: the key that every language knows, which is itself a writing, and its other writings."""

_WRITTEN = {written: line.split()[0] for line in _KEYS.strip().splitlines() for written in line.split()}
_WRITTEN |= {
    "° C": "°C",
    "° С": "°C",
    "° F": "°F",
    "кв. м": "m²",
    "sq ft": "ft²",
    "sq. ft.": "ft²",
    "fl oz": "floz",
    "fl. oz.": "floz",
}

CURRENCIES = "$€£₽¥₹₴"
UNIT = "|".join(re.escape(written) for written in sorted(_WRITTEN, key=len, reverse=True))
_WRITTEN |= {"C": "°C", "F": "°F", "in.": "in"}  # only where TOKEN says so
SCALE = (
    r"(?:thousand|million|billion|trillion"
    r"|тысяч[аи]?|миллион(?:а|ов)?|миллиард(?:а|ов)?|триллион(?:а|ов)?|(?:тыс|млн|млрд|трлн)\.?)"
)

_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_DOT_GROUPS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")
_DOT_GROUP = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_COMMA_GROUPS = re.compile(r"\d{1,3}(?:,\d{3})+")


def key_of(written: str) -> str:
    """The key of a written unit."""
    return _WRITTEN.get(_SPACES.sub(" ", written), written)


def plain(written: str, *, comma: bool) -> str:
    """A written number as digits with "." before the decimals; with `comma`, a comma parts decimals.

    What is no number in any writing ("1.2.3") comes back as it is, without white space.
    """
    digits = _SPACES.sub("", written).replace("−", "-")
    if "," in digits and "." in digits:
        last = max(digits.rindex(","), digits.rindex("."))
        whole = digits[:last].replace(",", "").replace(".", "")
        return f"{whole}.{digits[last + 1 :]}"
    if _DOT_GROUPS.fullmatch(digits):
        return digits.replace(".", "")
    if "," not in digits:
        return digits.replace(".", "") if comma and _DOT_GROUP.fullmatch(digits) else digits
    grouped = _COMMA_GROUPS.fullmatch(digits.lstrip("-"))
    if grouped and (not comma or digits.count(",") > 1):
        return digits.replace(",", "")
    return digits.replace(",", ".")


def is_number(digits: str) -> bool:
    """Whether `plain` has made a number."""
    return digits.count(".") < 2 and not digits.endswith(".")
