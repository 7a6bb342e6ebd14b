"""The names of letters, for words that are said letter by letter."""

import re

_NAMES = "а бэ вэ гэ дэ е жэ зэ и ка эль эм эн о пэ эр эс тэ у эф ха цэ че ша ща э ю я"
_LETTERS = dict(zip("АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ", _NAMES.split(), strict=True))
_LATIN_NAMES = "эй би си ди и эф джи эйч ай джей кей эль эм эн о пи кью ар эс ти ю ви дабл-ю экс вай зэт"
_LATIN = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _LATIN_NAMES.split(), strict=True))
_WORDS = "НАТО ООН НАСА ЮНЕСКО МИД ВУЗ ЗАГС ГОСТ МХАТ ЖЭК СПИД БАМ НЭП ТАСС КОВИД США ОПЕК"
_SAID_AS_WORDS = frozenset(_WORDS.split())
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
