"""Numbers in words, in a case and a gender."""

from num2words import num2words

from nexy.modules.text_filtering.russian.nouns import Case, Gender

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


def is_one(number: int) -> bool:
    """Whether what is counted stands in the singular."""
    return number % 10 == 1 and number % 100 != 11


def _noun_of_whole(whole: int, case: Case) -> str:
    if is_one(whole):
        return {"n": "целая", "a": "целую"}.get(case, "целой")
    return _WHOLE[case]


def _place(top: int, places: int, case: Case) -> str:
    stem = _PLACES[places]
    if is_one(top):
        return stem + {"n": "ая", "a": "ую"}.get(case, "ой")
    return stem + _ENDINGS[case]
