"""Numbers in words, in a case and a gender."""

from num2words import num2words

from nexy.modules.text_filtering.russian.nouns import CASES, Case, Gender, is_few, is_one

LONGEST_SPELLED = 15  # digits; longer ones are codes
_PLACES = {1: "десят", 2: "сот", 3: "тысячн", 4: "десятитысячн", 5: "стотысячн", 6: "миллионн"}
_ENDINGS = {"n": "ых", "g": "ых", "d": "ым", "a": "ых", "i": "ыми", "p": "ых"}
_WHOLE = {"n": "целых", "g": "целых", "d": "целым", "a": "целых", "i": "целыми", "p": "целых"}


def cardinal(number: int, case: Case = "n", gender: Gender = "m") -> str:
    """ "пять", "пяти", "двух", "две"."""
    said = str(num2words(number, lang="ru", case=case, gender=gender, animate=False))
    thousand = said[5:] if said.startswith(("одна тысяч", "одну тысяч")) else said
    return thousand.removeprefix("один ") if said.startswith(("один миллион", "один миллиард")) else thousand


def ordinal(number: int, case: Case = "n", gender: Gender = "m", *, plural: bool = False) -> str:
    """ "пятый", "пятого", "пятые"."""
    said = num2words(number, lang="ru", to="ordinal", case=case, gender=gender, plural=plural, animate=False)
    return str(said)


def digit_by_digit(digits: str) -> str:
    return " ".join(cardinal(int(digit)) for digit in digits)


def decimal(number: str, case: Case = "n") -> str:
    """ "3.5" → "три целых пять десятых"; too long a tail is said digit by digit."""
    whole, _, tail = number.partition(".")
    if len(tail) > max(_PLACES):
        return f"{cardinal(int(whole), case)} точка {digit_by_digit(tail)}"
    return (
        f"{cardinal(int(whole), case, 'f')} {_noun_of_whole(int(whole), case)} "
        f"{cardinal(int(tail), case, 'f')} {_place(int(tail), len(tail), case)}"
    )


def _noun_of_whole(whole: int, case: Case) -> str:
    if is_one(whole):
        return {"n": "целая", "a": "целую"}.get(case, "целой")
    return _WHOLE[case]


def _place(top: int, places: int, case: Case) -> str:
    stem = _PLACES[places]
    if is_one(top):
        return stem + {"n": "ая", "a": "ую"}.get(case, "ой")
    return stem + _ENDINGS[case]


_HALVES: dict[Gender, str] = {"m": "полтора", "n": "полтора", "f": "полторы"}
_PARTS = {
    2: ("половина половины половине половину половиной половине", ""),
    3: ("треть трети трети треть третью трети", "трети третей третям трети третями третях"),
    4: (
        "четверть четверти четверти четверть четвертью четверти",
        "четверти четвертей четвертям четверти четвертями четвертях",
    ),
}


def one_and_a_half(case: Case = "n", gender: Gender = "m") -> str:
    """ "полтора", "полторы", "полутора"."""
    return _HALVES[gender] if case in "na" else "полутора"


def fraction(top: int, bottom: int, case: Case = "n") -> str:
    """ "одна пятая", "три пятых"; halves, thirds and quarters have words of their own."""
    one, many = _PARTS.get(bottom, ("", ""))
    if top == 1 and one:
        return one.split()[CASES.index(case)]
    number = cardinal(top, case, "f")
    if many:
        return f"{number} {_part(top, case, one.split(), many.split())}"
    if is_one(top):
        return f"{number} {ordinal(bottom, case, 'f')}"
    return f"{number} {ordinal(bottom, 'g' if case in 'na' else case, plural=True)}"


def _part(top: int, case: Case, one: list[str], many: list[str]) -> str:
    if is_one(top):
        return one[CASES.index(case)]
    return many[CASES.index("n" if is_few(top) else "g") if case in "na" else CASES.index(case)]


def prefix(number: int) -> str:
    """A number as the first part of a word: "шестнадцати" of "16-этажный"; empty where none is said so."""
    if number >= 1000:
        return "тысяче" if number == 1000 else ""
    hundreds, rest = divmod(number, 100)
    begun = "" if not hundreds else "сто" if hundreds == 1 else _joined(hundreds * 100)
    return begun + (_prefix_of_tens(rest) if rest else "")


def _prefix_of_tens(number: int) -> str:
    if number == 90:
        return "девяносто"
    if is_one(number):
        return (_joined(number - 1) if number > 1 else "") + "одно"
    return _joined(number)


def _joined(number: int) -> str:
    return cardinal(number, "g").replace(" ", "")
