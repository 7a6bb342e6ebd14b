"""Makes a sentence speakable: what a voice says of a text, and how far in the text each word reaches."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from nexy.modules.text_filtering.numbers import Vocabulary, vocabulary_of
from nexy.modules.text_filtering.tokens import TOKEN

_SITE = re.compile(r"<?(?:\w+://)?(?:[^\s/?#]*@)?(?:www\.)?([^\s/?#:>]+)", re.IGNORECASE)
_SAME_SIGN = {"×": "*", "·": "*", "−": "-", "℃": "°C", "℉": "°F", "°С": "°C"}
_LEADS_AFTER = "([{=+*×÷≈~<>\"'«“„"  # what a number's own minus may touch
_CLOSING = ".,;:!?…"
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said of a text; empty when there is nothing to say."""

    text: str
    marks: tuple[tuple[int, int], ...]
    """For each spoken word, ascending: (the end of its last letter or digit in `text`, where the original
    has got to by then, with the punctuation and the markup that close behind the word)."""


def speakable(text: str, language: str = "en") -> Spoken:
    """What a voice says of `text`: no markup, no emoji, and in English and Russian words for signs.

    Numbers are left to the voice, and so is every sign for which `language` has no words here.
    """
    end = len(text.rstrip())
    speech = _Speech(vocabulary_of(language), text)
    for token in TOKEN.finditer(text, 0, end):
        kind = token.lastgroup or ""
        if token[1]:
            speech.gap = True
        if kind == "word" or kind == "ideograph":
            speech.say(token[kind], token.end())
        else:
            _SAY[kind](speech, token)
    return speech.spoken(end)


class _Speech:
    """What is said so far."""

    def __init__(self, words: Vocabulary | None, original: str) -> None:
        self.words = words
        self.original = original
        self.gap = False  # white space comes before what is said next
        self.counting = False  # a number, or a bracket around one, was said last
        self._parts: list[str] = []
        self._length = 0
        self._marks: list[tuple[int, int]] = []

    def say(self, word: str, end: int) -> None:
        """Say one word, with which the original has got to `end`."""
        self._append(word)
        self._marks.append((self._length, end))
        self.counting = False

    def say_words(self, words: str, end: int) -> None:
        """Say words for one token: only with the last of them is it said."""
        reached = self._marks[-1][1] if self._marks else 0
        *first, last = words.split(" ")
        for word in first:
            self.say(word, reached)
            self.gap = True
        self.say(last, end)

    def sign(self, sign: str, end: int) -> None:
        """Write a sign that a voice reads in its own way; it belongs to the word that it touches."""
        if sign in _CLOSING and not self.original[end : end + 1].strip():
            self.gap = False  # what was left out before it, or its own white space, does not part it
        self.pass_over(end)
        self._append(sign)
        self.counting = self.counting and sign == ")"

    def pass_over(self, end: int) -> None:
        """Say nothing; what touches a word in the original is reached with the word."""
        if self._marks and not self.gap:
            self._marks[-1] = (self._marks[-1][0], end)

    def spoken(self, end: int) -> Spoken:
        """All of it, for an original that ends at `end`."""
        if not self._marks:
            return Spoken("", ())
        self._marks[-1] = (self._marks[-1][0], end)
        return Spoken("".join(self._parts), tuple(self._marks))

    def _append(self, said: str) -> None:
        if self.gap:
            self.gap = False
            if self._marks:
                self._parts.append(" ")
                self._length += 1
            else:  # signs that stand apart before the first word are of no use to a voice
                self._parts.clear()
                self._length = 0
        self._parts.append(said)
        self._length += len(said)


Token = re.Match[str]


def _say_number(speech: _Speech, token: Token) -> None:
    speech.say(token["number"], token.end())
    speech.counting = True


def _say_other(speech: _Speech, token: Token) -> None:
    speech.say(token["other"], token.end())


def _say_money(speech: _Speech, token: Token) -> None:
    if (start := token.start("money")) and speech.original[start - 1].isalnum():
        speech.gap = True  # US$5
    _say_quantity(speech, token, ("price", "price_scale", "currency"))


def _say_amount(speech: _Speech, token: Token) -> None:
    _say_quantity(speech, token, ("count", "count_scale", "unit"))


def _say_quantity(speech: _Speech, token: Token, parts: tuple[str, str, str]) -> None:
    number, scale, unit = token.group(*parts)
    if speech.words:
        unit = _SPACE.sub("", unit)
        words = speech.words.counted(_SPACE.sub("", number), scale or "", _SAME_SIGN.get(unit, unit))
    else:
        words = _SPACE.sub(" ", token[token.lastgroup or 0])
    speech.say_words(words, token.end())
    speech.counting = True


def _say_operator(speech: _Speech, token: Token) -> None:
    """A sign between two numbers, or before one: in words, unless it is a range, a date or markup."""
    sign, start, end = token["operator"], token.start("operator"), token.end()
    before, after = speech.original[start - 1 : start] if start else "", speech.original[end]
    spaced = after.isspace()
    between = speech.counting and before.isspace() == spaced and (spaced or sign != "-")
    leads = sign in "+-−" and not spaced and (not before or before.isspace() or before in _LEADS_AFTER)
    if speech.words and (between or leads):
        speech.gap = speech.gap or between
        speech.say_words(speech.words.operators[_SAME_SIGN.get(sign, sign)], end)
        speech.gap = True
    elif between or sign != "*" or (spaced and before.isspace()):
        speech.sign(sign, end)
    else:
        speech.pass_over(end)  # emphasis


def _say_site(speech: _Speech, token: Token) -> None:
    site = _SITE.match(token[0].lstrip())
    speech.say(site[1] if site else "", token.end())


def _say_email(speech: _Speech, token: Token) -> None:
    address = token["email"].strip("<>")
    if speech.words:
        address = address.replace("@", f" {speech.words.at} ").replace(".", f" {speech.words.dot} ")
    speech.say_words(address, token.end())


def _name_code(speech: _Speech, token: Token) -> None:
    """Code is named, not read."""
    speech.gap = True
    if speech.words:
        speech.say(speech.words.code, token.end())
    speech.gap = True


def _write_sign(speech: _Speech, token: Token) -> None:
    speech.sign(token["sign"], token.end())


def _pass_over(speech: _Speech, token: Token) -> None:
    speech.pass_over(token.end())


def _part(speech: _Speech, token: Token) -> None:
    """Say nothing, and do not run together what stands on its sides."""
    speech.pass_over(token.end())
    speech.gap = True


_SAY: dict[str, Callable[[_Speech, Token], None]] = {
    "fence": _name_code,
    "url": _say_site,
    "page": _say_site,
    "email": _say_email,
    "money": _say_money,
    "amount": _say_amount,
    "number": _say_number,
    "other": _say_other,
    "link": _pass_over,
    "mark": _pass_over,
    "gap": _part,
    "operator": _say_operator,
    "sign": _write_sign,
}
