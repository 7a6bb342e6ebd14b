"""Tells which language a sentence is in, so that the right voice speaks it.

The script decides first; then, where several languages share it, their alphabets, their most common
words and, for Latin and Cyrillic letters, the statistics of `eldc`. What tells nothing keeps the
language that was spoken before: "OK.", a number, a name, an address, code.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Protocol

from nexy.modules.text_filtering import alphabets, common_words
from nexy.modules.text_filtering.alphabets import Word, words_of

LOOKED_AT = 1000  # characters from the beginning: more would not tell more

# Code, addresses, names of files, and all else in ASCII with signs that no word has.
_NOT_WORDS = re.compile(
    r"```.*?(?:```|\Z)|`[^`]*+`"
    r"|[a-z]{2,10}://[^\s。、，！？）」]*+"
    r"|(?<![!-~])[!-~]*?(?:[\d_@\\={}<>#^|]|::|\w\.\w|www\.|/\w*/)[!-~]*+",
    re.DOTALL | re.ASCII,
)
_SPANISH_SIGN = re.compile(r"[¿¡]\w")
_NEPALI_ENDINGS = ("लाई", "हरू", "नेछ", "छैन", "होस्")

_NO_VOICE = {"yo", "ku"}  # known to eldc, but nobody here speaks them, or not as they are written
_NAMES = {"no": "nb", "tl": "fil"}  # what eldc calls by another name than the voices

Scores = Mapping[str, float]


class _Detector(Protocol):
    def detect_details(self, text: str, /) -> "_Found": ...


class _Found(Protocol):
    scores: Scores


def language_of(text: str, default: str = "en") -> str:
    """ISO 639-1 ("fil" for Filipino): `default`, in which one spoke before, unless `text` tells another.

    The first call loads the statistics; `load_languages` does that beforehand.
    """
    text = text[:LOOKED_AT].replace("’", "'")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    words = list(words_of(_NOT_WORDS.sub(" ", text)))
    script = _foreign_script(words)
    if not script:
        return _in_latin(words, text, default)
    own = [word.text.lower() for word in words if word.script == script]
    language = _in_script(script, own, default)
    plain = [word for word in words if word.script == "latin" and word.text.islower() and len(word.text) > 1]
    if len(plain) > len(words) - sum(word.script == "latin" for word in words):
        return _in_latin(words, text, language)
    return language


def load_languages() -> None:
    """Load the statistics: as long as the disk takes for 23 MB."""
    for words in common_words.LATIN.values():  # they are mapped, and read where they are used
        _scores([*words])


@cache
def _detector() -> _Detector:
    import eldc  # its tables take 23 MB: nothing for a command that speaks to nobody

    eldc.init()
    detector = eldc.instance()
    detector.set_scores(eldc.MAX_SCORES)
    detector.set_languages([code for code in eldc.LANGUAGES if code not in _NO_VOICE])
    loaded: _Detector = detector
    return loaded


def _scores(words: list[str]) -> Scores:
    """How well the words fit into each language, from 0 to 1; none for those that they do not fit into."""
    found = _detector().detect_details(" ".join(words)).scores
    return {_NAMES.get(code, code): score for code, score in found.items()}


def _foreign_script(words: list[Word]) -> str:
    """The script other than Latin in which there is most; "" if there is none.

    Names and terms in Latin letters stand in texts of every script, and do not count.
    """
    # A single Greek letter is a sign: "π", "µ".
    counts = Counter(
        script for script, text in words if script != "latin" and (script, len(text)) != ("greek", 1)
    )
    if "kana" in counts:
        return "kana"  # among more Chinese signs it is still Japanese
    return max(counts, key=counts.__getitem__, default="")


def _in_script(script: str, words: list[str], default: str) -> str:
    match script:
        case "cyrillic":
            return _in_cyrillic(words, default)
        case "arabic":
            return _in_arabic(words, default)
        case "devanagari":
            return _in_devanagari(words, default)
        case "han":
            japanese = default == "ja" and alphabets.CHINESE.isdisjoint(words)
            return "ja" if japanese else "zh"
        case _:
            return alphabets.ONLY[script]


def _in_arabic(words: list[str], default: str) -> str:
    letters = set().union(*words)
    if letters & alphabets.PASHTO:
        return "ps"
    if letters & alphabets.URDU:
        return "ur"
    if letters & alphabets.PERSIAN:
        return default if default in ("ur", "ps") else "fa"
    if letters & alphabets.ARABIC:
        return default if default == "ps" else "ar"
    return default if default in ("fa", "ur", "ps") else "ar"


def _in_devanagari(words: list[str], default: str) -> str:
    hits = _hits(words, common_words.DEVANAGARI)
    for word in words:
        hits["mr"] += "ळ" in word
        hits["ne"] += word.endswith(_NEPALI_ENDINGS)
    most = max(hits.values())
    if hits.get(default) == most:
        return default
    return max(hits, key=hits.__getitem__)


def _in_cyrillic(words: list[str], default: str) -> str:
    letters = frozenset().union(*words)
    fitting = [code for code, alphabet in alphabets.CYRILLIC.items() if letters <= alphabet]
    if len(fitting) == 1:
        return fitting[0]
    return _best_cyrillic(words, fitting or list(alphabets.CYRILLIC), default)


def _best_cyrillic(words: list[str], codes: list[str], default: str) -> str:
    hits = _hits(words, common_words.CYRILLIC)
    known = dict(_scores(words))
    most = max(known.values(), default=0)
    # Two that eldc does not know: it finds Macedonian like its neighbours, and Mongolian like nothing.
    known["mk"] = most - 0.04
    if most < 0.75:
        known["mn"] = 0.7
    scores = {code: known.get(code, 0) + 0.05 * hits[code] for code in codes}
    best = max(scores, key=scores.__getitem__)
    if len(words) == 1 and default not in scores and "ru" in scores and hits["ru"] == hits[best]:
        best = "ru"  # "Да.", "Ок": many languages have it, and most who say it speak this one
    kept = default if default in scores else codes[0]
    enough = 0.03
    if kept == default:
        enough = 0.15 if len(words) == 1 and hits[best] <= hits[default] else 0.05
    return best if scores[best] - scores[kept] >= enough else kept


def _in_latin(words: list[Word], text: str, default: str) -> str:
    if default not in ("es", "gl") and _SPANISH_SIGN.search(text):
        return "es"
    latin = [word.text for word in words if word.script == "latin"]
    called = text.rstrip().endswith(("!", "?"))  # no name in a list
    telling = _telling(latin, shouted=text.isupper())
    if not any(len(word) > 1 for word in telling):
        return default
    if len(telling) == 1 and called and len(latin) in (2, 3):
        telling = [word.lower() for word in latin]  # "Gute Nacht!"
    if len(telling) > 1:
        return _of_several(telling, default)
    return _of_one(telling[0], default, may_be_name=len(latin) > 1 or not (called or latin[0].islower()))


def _telling(words: list[str], *, shouted: bool) -> list[str]:
    """The words that are no names, as far as capitals tell."""
    if shouted and len(words) > 2:
        return [word.lower() for word in words]
    telling = [word for word in words if word.islower()]
    if words and _capitalised(words[0]):
        telling.insert(0, words[0].lower())
    return telling


def _capitalised(word: str) -> bool:
    return word[0].isupper() and (len(word) == 1 or word[1:].islower())


def _of_one(word: str, default: str, *, may_be_name: bool) -> str:
    scores = _scores([word])
    if scores.get(default, 0) > 0.4:
        return default
    best = common_words.ALONE.get(word)
    if best or may_be_name or not scores:
        return best or default
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] >= 0.9 else default


def _of_several(words: list[str], default: str) -> str:
    scores = _scores(words)
    best = max(scores, key=scores.__getitem__, default=default)
    score = scores.get(best, 0)
    hits = _hits(words, common_words.LATIN)
    neighbours = common_words.NEIGHBOURS
    if best in neighbours.get(default, ()):
        return default
    rare = max(hits, key=hits.__getitem__)
    if hits[rare] > 1 and (score < 0.8 or best in neighbours.get(rare, ()) or hits[rare] == len(words)):
        return rare
    if best == "ms":
        return "id"
    few = len(words) < 4
    sure = 0.6 if default in alphabets.NOT_LATIN else 0.78 if few else 0.7
    clear = score - scores.get(default, 0) >= (0.15 if few else 0.05)
    return best if score >= sure and clear else default


def _hits(words: list[str], table: Mapping[str, frozenset[str]]) -> Counter[str]:
    """How many different ones of the words are among the most common ones of each language."""
    return Counter({code: len(common.intersection(words)) for code, common in table.items()})
