"""Which scripts a text is written in, and which languages an alphabet leaves possible."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_RANGES = {
    "latin": r"A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0259\u1e00-\u1eff",
    "cyrillic": r"\u0400-\u052f",
    "greek": r"\u0370-\u03ff\u1f00-\u1fff",
    "hebrew": r"\u0591-\u05f4",
    "arabic": r"\u0620-\u065f\u066e-\u06d3\u06d5-\u06dc\u06ea-\u06ef\u06fa-\u06ff\u0750-\u077f\u200c",
    "devanagari": r"\u0900-\u0963\u0971-\u097f",
    "bengali": r"\u0980-\u09ff",
    "gurmukhi": r"\u0a00-\u0a7f",
    "gujarati": r"\u0a80-\u0aff",
    "oriya": r"\u0b00-\u0b7f",
    "tamil": r"\u0b80-\u0bff",
    "telugu": r"\u0c00-\u0c7f",
    "kannada": r"\u0c80-\u0cff",
    "malayalam": r"\u0d00-\u0d7f",
    "sinhala": r"\u0d80-\u0dff",
    "thai": r"\u0e01-\u0e5b",
    "lao": r"\u0e81-\u0edf",
    "myanmar": r"\u1000-\u109f",
    "georgian": r"\u10a0-\u10ff\u1c90-\u1cbf",
    "ethiopic": r"\u1200-\u135f",
    "khmer": r"\u1780-\u17d3",
    "armenian": r"\u0531-\u0587",
    "hangul": r"\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3",
    "kana": r"\u3041-\u30ff",
    "han": r"\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ebef",
}
_SPACED = ("latin", "cyrillic", "greek", "hebrew", "arabic")

_WORD = re.compile(
    "|".join(
        # What has no white space between its words is counted by the sign.
        f"(?P<{script}>[{signs}]{'' if script in ('kana', 'han') else '+'}"
        + (f"(?:['’ʼʻ‘`-][{signs}]+)*+)" if script in _SPACED else ")")
        for script, signs in _RANGES.items()
    )
)

ONLY = {
    "greek": "el",
    "hebrew": "he",
    "bengali": "bn",
    "gurmukhi": "pa",
    "gujarati": "gu",
    "oriya": "or",
    "tamil": "ta",
    "telugu": "te",
    "kannada": "kn",
    "malayalam": "ml",
    "sinhala": "si",
    "thai": "th",
    "lao": "lo",
    "myanmar": "my",
    "georgian": "ka",
    "ethiopic": "am",
    "khmer": "km",
    "armenian": "hy",
    "hangul": "ko",
    "kana": "ja",
}
"""The language of a script that one language alone, of those with a voice, is written in."""

_APOSTROPHES = "-'’ʼ‘`"
_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_CYRILLIC = {
    "ru": _RUSSIAN,
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюяѝ",
    "sr": "абвгдђежзијклљмнњопрстћуфхцчџш",
    "mk": "абвгдѓежзѕијклљмнњопрстќуфхцчџшѐѝ",
    "be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "mn": _RUSSIAN + "өү",
    "kk": _RUSSIAN + "әғқңөұүһі",
}
CYRILLIC = {language: frozenset(letters + _APOSTROPHES) for language, letters in _CYRILLIC.items()}
"""The alphabets of languages with a voice."""

NOT_LATIN = {*ONLY.values(), *CYRILLIC, "ar", "fa", "ur", "ps", "hi", "mr", "ne", "zh"} - {"sr"}
"""The languages that a text in Latin letters cannot be in."""

# What other languages in Arabic letters do not have; only Persian's are in Urdu and Pashto too.
PASHTO = frozenset("ټډړږښګڼېۍځڅ")
URDU = frozenset("ٹڈڑںےہھ")
PERSIAN = frozenset("پچژگکی")
ARABIC = frozenset("يكةىأإ")

# Signs of Chinese that Japanese does without.
CHINESE = frozenset("你您们們这這那哪吗嗎呢吧啊她很个個么麼没沒说說对對请請谢謝给給让讓还還过過时為为会见")


class Word(NamedTuple):
    """A word, or a sign of a script without white space."""

    script: str
    text: str


def words_of(text: str) -> Iterator[Word]:
    for match in _WORD.finditer(text):
        yield Word(match.lastgroup or "", match[0])
