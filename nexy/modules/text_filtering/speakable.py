"""What a sentence sounds like: the form that a voice says, with a map back to what was written.

The text is read once, token by token; each token gives what is said of it and where it ends in the
text, so that the map is right by construction.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said of a text."""

    text: str
    marks: tuple[tuple[int, int], ...]
    """For each spoken word, ascending: (its end in `text`, where the written text has got to by then)."""


# Words for what is written as signs; other languages get none that are not theirs.
_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "%": "percent", "$": "dollars", "€": "euros", "£": "pounds", "₽": "roubles", "°C": "degrees Celsius",
        "°F": "degrees Fahrenheit", "°": "degrees", "+": "plus", "-": "minus", "−": "minus", "*": "times",
        "×": "times", "÷": "divided by", "/": "divided by", "=": "equals", "@": "at", ".": "dot", "code": "code",
    },
    "ru": {
        "%": "процентов", "$": "долларов", "€": "евро", "£": "фунтов", "₽": "рублей", "°C": "градусов Цельсия",
        "°F": "градусов Фаренгейта", "°": "градусов", "+": "плюс", "-": "минус", "−": "минус",
        "*": "умножить на", "×": "умножить на", "÷": "разделить на", "/": "разделить на", "=": "равно",
        "@": "собака", ".": "точка", "code": "код",
    },
}  # fmt: skip

_NUMBER = r"\d+(?:[.,]\d+)*"
# In this order: what is longer is looked for first. Every part is bounded or eats one class of
# characters, so that no text makes it crawl.
_TOKEN = re.compile(
    r"(?P<fence>```[^`]*(?:```|\Z))"
    r"|!?\[(?P<label>[^\[\]\n]{0,300})\]\((?P<target>[^()\s]{0,2000})\)"
    r"|(?P<url>(?:https?://|www\.)[^\s<>()\"']+)"
    r"|(?P<email>[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+)"
    rf"|(?P<money>[$€£₽])\s?(?P<amount>{_NUMBER})"
    rf"|(?P<number>{_NUMBER})\s?(?P<unit>%|°C|°F|°|[$€£₽])"
    r"|(?P<sign>(?<=[\d)])\s?[-−+*×÷/=]\s?(?=[\d(]))"
    r"|(?P<mark>^[ \t]*(?:\#{1,6}[ \t]|>[ \t]?|[-*+•][ \t]|(?:-{3,}|\*{3,}|_{3,})[ \t]*$))"
    r"|(?P<drop>[*`~#|]+|_{2,}|(?<!\w)_|_(?!\w))"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)"
    r"|(?P<digits>\d+(?:[.,:/-]\d+)*)"
    r"|(?P<space>\s+)"
    r"|(?P<other>.)",
    re.MULTILINE | re.DOTALL,
)
_PLAIN = re.compile(r"[A-Za-zА-Яа-яЁё ,.!?'’;:\"—–()]*\Z")
_RUN = re.compile(r"\S+")
_SPACE = re.compile(r"\s+")


def speakable(text: str, language: str = "en") -> Spoken:
    """`text` as it is said in `language` (ISO 639-1). Empty when there is nothing to say."""
    if _PLAIN.match(text):
        return _whole(text)
    words: list[str] = []
    marks: list[tuple[int, int]] = []
    word, reached, length = "", 0, -1
    for said, end in [*_pieces(text, _WORDS.get(language, {})), (" ", len(text))]:
        head, *tail = _SPACE.sub(" ", said).split(" ")
        if head:
            word, reached = word + head, end
        for part in tail:  # each space ends a word
            if word:
                words.append(word)
                length += len(word) + 1
                marks.append((length, reached))
            word, reached = part, end
    return _if_any(" ".join(words), tuple(marks))


def _whole(text: str) -> Spoken:
    """Prose without a sign that must be read: the same words, one space between them."""
    words = []
    marks = []
    length = -1
    for match in _RUN.finditer(text):
        words.append(match[0])
        length += len(match[0]) + 1
        marks.append((length, match.end()))
    return _if_any(" ".join(words), tuple(marks))


def _if_any(text: str, marks: tuple[tuple[int, int], ...]) -> Spoken:
    if any(map(str.isalnum, text)):
        return Spoken(text, marks)
    return Spoken("", ())


def _pieces(text: str, words: dict[str, str]) -> Iterator[tuple[str, int]]:
    """What is said of each token, and where the token ends in `text`. White space separates words."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        yield _SAY.get(kind, _as_written)(match, words), match.end()


def _as_written(match: re.Match[str], _words: dict[str, str]) -> str:
    return match[0]


def _apart(said: str) -> str:
    return f" {said} "


def _fence(_match: re.Match[str], words: dict[str, str]) -> str:
    return _apart(words.get("code", ""))


def _link(match: re.Match[str], _words: dict[str, str]) -> str:
    return match["label"]


def _url(match: re.Match[str], _words: dict[str, str]) -> str:
    """The site, and the stop that ends the sentence."""
    url = match[0]
    site = re.sub(r"^(?:https?://)?(?:www\.)?", "", url)
    site = re.split(r"[/?#:]", site, maxsplit=1)[0]
    stop = url[len(url.rstrip(".,;:!?")) :]
    return site.rstrip(".,;:!?") + stop


def _email(match: re.Match[str], words: dict[str, str]) -> str:
    if not words:
        return match[0]
    return _apart(match[0].replace("@", f" {words['@']} ").replace(".", f" {words['.']} "))


def _money(match: re.Match[str], words: dict[str, str]) -> str:
    return f"{match['amount']} {words.get(match['money'], match['money'])}"


def _number(match: re.Match[str], words: dict[str, str]) -> str:
    return f"{match['number']} {words.get(match['unit'], match['unit'])}"


def _sign(match: re.Match[str], words: dict[str, str]) -> str:
    sign = match[0].strip()
    if sign in "-/" and sign == match[0]:  # 2020-2024, 21/11: a range or a date, and no sum
        return match[0]
    return _apart(words.get(sign, sign))


def _nothing(_match: re.Match[str], _words: dict[str, str]) -> str:
    return ""


def _other(match: re.Match[str], _words: dict[str, str]) -> str:
    """A sign that is none of the others: punctuation and letters stay, pictures go."""
    return "" if unicodedata.category(match[0]) in ("So", "Sk", "Cf", "Cc", "Co", "Cn", "Cs") else match[0]


_SAY: dict[str, Callable[[re.Match[str], dict[str, str]], str]] = {
    "fence": _fence,
    "target": _link,
    "url": _url,
    "email": _email,
    "amount": _money,
    "unit": _number,
    "sign": _sign,
    "mark": _nothing,
    "drop": _nothing,
    "other": _other,
}
