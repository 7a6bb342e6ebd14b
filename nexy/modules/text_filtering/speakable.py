"""Makes a sentence speakable: what a voice says of a text, and how far in the text each word reaches."""

import re

from nexy.modules.text_filtering.english import ENGLISH
from nexy.modules.text_filtering.pronunciations import NO_PRONUNCIATIONS, Pronunciations
from nexy.modules.text_filtering.readings import Around, Readings
from nexy.modules.text_filtering.russian import RUSSIAN
from nexy.modules.text_filtering.saying import SAYINGS, say_word
from nexy.modules.text_filtering.speech import AROUND, Speech, Spoken
from nexy.modules.text_filtering.tables import is_table, say_table
from nexy.modules.text_filtering.tokens import TOKEN

_READINGS: dict[str, Readings] = {"en": ENGLISH, "ru": RUSSIAN}

# A sentence of words and nothing else is said as it is written: most are, and they need not be taken apart.
_SMALL = r"[^\W\d_A-ZА-ЯЁ½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞²³¹\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
_WORD = rf"(?:[A-ZА-ЯЁ]|{_SMALL}){_SMALL}*+(?:['’-]{_SMALL}++)*+"
_PLAIN = re.compile(rf"\s*+((?:{_WORD}[,;:]?\x20)*+({_WORD})([.!?…]?))\s*+")
_SIGNS = ",;:.!?…"
_LONGEST_ABBREVIATION = 8  # letters
_MAYBE_ROMAN = re.compile(r" ([IVX])\b")
_VALUES = {"I": 1, "V": 5, "X": 10}


def speakable(
    text: str,
    language: str = "en",
    *,
    headings: tuple[str, ...] = (),
    pronunciations: Pronunciations = NO_PRONUNCIATIONS,
) -> Spoken:
    """What a voice says of `text`: no markup, and in English and Russian words for numbers and signs.

    In other languages numbers and signs are left to the voice. `headings` are those of a table that
    `text` goes on with: `Spoken.headings` of what came before it.
    """
    short = language.partition("-")[0].lower()
    readings = _READINGS.get(short)
    if not pronunciations and (spoken := _plain(text, readings)):
        return spoken
    return _taken_apart(Speech(text, short, readings, pronunciations), headings)


def _plain(text: str, readings: Readings | None) -> Spoken | None:
    """What is said of a sentence of words and nothing else; None for any other."""
    plain = _PLAIN.fullmatch(text)
    if plain is None or (readings and _maybe_numbered(text) and _numbered(text, readings)):
        return None
    said, last, stop = plain.groups()
    if stop == "." and len(last) < _LONGEST_ABBREVIATION and readings:
        start = plain.start(2)
        if readings.abbreviation(f"{last}.", Around(text[max(0, start - AROUND) : start])):
            return None
    lead, end, marks = plain.start(1), -1, []
    for word in said.split(" "):
        end += len(word) + 1
        marks.append((end - (word[-1] in _SIGNS), end + lead))
    return Spoken(said, tuple(marks))


def _maybe_numbered(text: str) -> bool:
    """Most have none of these, and that is seen in no time."""
    return " I" in text or " V" in text or " X" in text


def _numbered(text: str, readings: Readings) -> bool:
    """Whether one of its letters is a number, or is said otherwise than it is written: "World War I"."""
    for match in _MAYBE_ROMAN.finditer(text):
        letter, (start, end) = match[1], match.span(1)
        around = Around(text[max(0, start - AROUND) : start], text[end : end + AROUND])
        if (readings.roman(_VALUES[letter], around) or readings.spell(letter) or letter) != letter:
            return True
    return False


def _taken_apart(speech: Speech, headings: tuple[str, ...]) -> Spoken:
    end = len(speech.original.rstrip())
    if is_table(speech.original):
        headings = say_table(speech, end, headings, read)
        return speech.spoken(end, headings)
    read(speech, 0, end)
    return speech.spoken(end)


def read(speech: Speech, start: int, end: int) -> None:
    """Say a part of the original."""
    for token in TOKEN.finditer(speech.original, start, end):
        kind = token.lastgroup or ""
        if token[1]:
            speech.gap = True
        if kind == "word":
            say_word(speech, token)
        elif kind == "ideograph":
            speech.say(token[kind], token.end())
        else:
            SAYINGS[kind](speech, token)
